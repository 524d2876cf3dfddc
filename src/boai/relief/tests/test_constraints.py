"""What the database refuses even when a policy forgets to ask."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import DatabaseError

from boai.kernel.ids import new_id
from boai.kernel.scope import Scope, scoped
from boai.regions.codes import span
from boai.relief.models import Application, Case, Door, Payment, Step, Visit
from boai.relief.tests.factories import OTHER_VILLAGE, County

pytestmark = pytest.mark.django_db

HANDS = ["created_by_id", "accepted_by_id", "verified_by_id", "verified_with_id", "approved_by_id", "prepared_by_id",
         "released_by_id"]  # fmt: skip
TOGETHER = {
    ("created_by_id", "accepted_by_id"),  # one side: who takes the application in
    ("created_by_id", "prepared_by_id"),
    ("accepted_by_id", "prepared_by_id"),
    ("verified_by_id", "prepared_by_id"),
    ("verified_with_id", "prepared_by_id"),
}


def refused(change: Callable[[], object]) -> str:
    """The constraint that refused, or "" when nothing did."""
    try:
        with transaction.atomic():
            change()
            connection.check_constraints()
    except IntegrityError as error:
        return str(getattr(error.__cause__, "diag", None) and error.__cause__.diag.constraint_name)  # type: ignore[union-attr]  # psycopg's error
    return ""


@pytest.mark.parametrize("pair", [(a, b) for i, a in enumerate(HANDS) for b in HANDS[i + 1 :]])
def test_two_hands_of_one_person(tongwei: County, pair: tuple[str, str]) -> None:
    """Creator and acceptor ≠ verifiers ≠ approver ≠ cashier; the whole matrix of pairs."""
    case = tongwei.submit()
    people = {hand: getattr(tongwei, f"officer{n}").user_id for n, hand in enumerate(HANDS, 10)}
    people[pair[1]] = people[pair[0]]
    why = refused(lambda: Case.objects.filter(id=case.id).update(**people))
    assert bool(why) == (pair not in TOGETHER), (pair, why)
    assert not why or why.startswith("relief_case_")


def test_seven_different_people_are_fine(tongwei: County) -> None:
    case = tongwei.submit()
    people = {hand: getattr(tongwei, f"officer{n}").user_id for n, hand in enumerate(HANDS, 10)}
    assert refused(lambda: Case.objects.filter(id=case.id).update(**people)) == ""


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"state": "paying"}, "relief_case_no_grant_without_approval"),
        ({"requested_fen": -1}, "relief_case_amounts_positive"),
        ({"proposed_fen": 0}, "relief_case_amounts_positive"),
        ({"advised_fen": 100, "approved_fen": 200}, "relief_case_override_has_reason"),
        ({"level": "council", "approved_fen": 200}, "relief_case_council_resolution"),
    ],
)
def test_what_a_case_never_is(tongwei: County, changes: dict[str, object], constraint: str) -> None:
    case = tongwei.submit()
    assert refused(lambda: Case.objects.filter(id=case.id).update(**changes)) == constraint


def test_no_money_without_review_and_notice(tongwei: County) -> None:
    case = tongwei.submit()
    granted = {"state": "paying", "approved_fen": 100, "approved_by_id": tongwei.secretary.user_id}
    change = Case.objects.filter(id=case.id).update
    assert refused(lambda: change(**granted)) == "relief_case_no_grant_without_review_and_notice"
    assert refused(lambda: change(**granted, panel_passed=True)) == "relief_case_no_grant_without_review_and_notice"
    assert refused(lambda: change(**granted, panel_passed=True, notice_clear=True)) == ""


def test_the_payee_is_the_person_or_the_guardian(tongwei: County) -> None:
    case = tongwei.submit()
    change = Application.objects.filter(case=case).update
    assert refused(lambda: change(minor=True)) == "relief_application_minor_has_guardian"
    assert refused(lambda: change(payee_kind="guardian")) == "relief_application_payee_guardian"
    assert refused(lambda: change(payee_kind="guardian", guardian_name="魏大", payee_name="旁人"))
    assert refused(lambda: change(payee_kind="guardian", guardian_name="魏大", payee_name="魏大")) == ""


def test_two_visitors(tongwei: County) -> None:
    case = tongwei.verified()
    with pytest.raises(DatabaseError), transaction.atomic():
        Visit.objects.filter(case=case).update(second=None)  # written once: no UPDATE at all
    values = Visit.objects.filter(case=case).values().get() | {"id": new_id(), "version": 99}
    alone = values | {"second_id": values["first_id"]}
    nobody = values | {"second_id": None}
    assert refused(lambda: Visit.objects.create(**alone)) == "relief_visit_two_people"
    assert refused(lambda: Visit.objects.create(**nobody)) == "relief_visit_second_visitor"
    assert refused(lambda: Visit.objects.create(**(nobody | {"second_name": "村主任"}))) == ""


def test_history_is_written_once(tongwei: County) -> None:
    case = tongwei.submit()
    for change in (
        lambda: Step.objects.filter(case=case).update(note="anders"),
        lambda: Step.objects.filter(case=case).delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert Step.objects.get(case=case).note == ""


def test_another_county_sees_nothing(tongwei: County) -> None:
    """Row security on every table of a case, by raw SQL."""
    case = tongwei.verified()
    tables = [
        m._meta.db_table
        for m in case._meta.apps.get_app_config("relief").get_models()
        if m not in (Door,) and any(f.name == "region_code" for f in m._meta.fields)
    ]
    open_tables = {"relief_programme", "relief_fund"}
    with scoped(Scope(*span("430121000000"), "somebody")), connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT count(*) FROM {table}")
            count = cursor.fetchone()[0]
            assert count == 0 or table in open_tables, table


def test_a_village_sees_its_own_cases_only(tongwei: County) -> None:
    tongwei.submit()
    with scoped(Scope(*span(OTHER_VILLAGE), "somebody")):
        assert Case.objects.count() == 0


def test_one_payment_under_way(tongwei: County) -> None:
    case = tongwei.submit()

    def pay(attempt: int, state: str) -> Payment:
        return Payment.objects.create(
            case=case, region_code=case.region_code, branch=case.branch, reference=f"R{attempt}", attempt=attempt,
            state=state, amount_fen=100, payee_kind="beneficiary", payee_name="魏建国", account="1", account_last4="0001",
            created_at=tongwei.at,
        )  # fmt: skip

    pay(1, "queued")
    assert refused(lambda: pay(2, "queued")) == "relief_payment_one_under_way"
    assert refused(lambda: pay(2, "sent")) in ("relief_payment_one_under_way", "relief_payment_sent_in_a_batch")
    assert refused(lambda: pay(2, "failed")) == ""
