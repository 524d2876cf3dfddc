"""申请与受理."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from boai.kernel.clock import local_date
from boai.kernel.errors import BadInput, NotAllowed, NotFound, UnableTo
from boai.kernel.scope import Scope, scoped
from boai.people.actor import Actor
from boai.regions.codes import span
from boai.relief import queries
from boai.relief.enums import Channel, State, Track
from boai.relief.errors import AlreadyDone, MovedOn
from boai.relief.models import Application, Case, Door, Paper, Step
from boai.relief.queries.checks import case_checks
from boai.relief.services import acceptance, applicant, application
from boai.relief.tests.factories import (
    ALL_PAPERS,
    NUMBER,
    VILLAGE,
    County,
    applied,
    fake_number,
    make_household,
    rules_of,
)

pytestmark = pytest.mark.django_db


def accept(tongwei: County, case: Case, **changes: object) -> Case:
    values: dict[str, Any] = {"received": (), "exception": "情况属实", "actor": tongwei.officer2, "at": tongwei.at}
    return acceptance.case_accept(case_id=case.id, **(values | changes))


def test_an_application_is_taken_in(tongwei: County) -> None:
    case = tongwei.submit()
    case.refresh_from_db()
    assert case.state == State.APPLIED
    assert len(case.code) == 8
    assert Step.objects.get(case=case).action == "submit"
    assert set(Paper.objects.filter(case=case, required=True).values_list("kind", flat=True)) == {
        "form", "id_card", "household_book", "income", "account",
    }  # fmt: skip
    assert case.due_on == date(2026, 12, 1), "five working days after 24 November"


def test_the_person_is_sealed(tongwei: County) -> None:
    from django.db import connection

    case = tongwei.submit()
    assert case.application.phone == "13800138001"
    with connection.cursor() as cursor:
        cursor.execute("SELECT row(a.*)::text FROM relief_application a WHERE case_id = %s", [case.id])
        stored = cursor.fetchone()[0]
    for secret in ("13800138001", "110105194912310021", "6228480402564890018", "家中缺少劳力"):
        assert secret not in stored
        assert secret.encode().hex() not in stored


def test_the_door_tells_the_village_and_nothing_else(tongwei: County) -> None:
    case = tongwei.submit()
    assert queries.case_door(case.code) == VILLAGE
    assert queries.case_door(f" {case.code[:4].lower()}-{case.code[4:]} ") == VILLAGE
    assert queries.case_door("CDFGHJKM") is None
    assert [f.name for f in Door._meta.fields] == ["blind", "region_code"]


def test_following_needs_code_and_phone(tongwei: County) -> None:
    case = tongwei.submit()
    with scoped(Scope(*span(VILLAGE))):
        assert queries.case_follow(code=case.code, phone_tail="8001").state == State.APPLIED
        for code, tail in ((case.code, "0000"), ("CDFGHJKM", "8001"), (case.code, ""), (case.code, "13800138001")):
            with pytest.raises(NotFound):
                queries.case_follow(code=code, phone_tail=tail)


def test_the_public_may_apply(tongwei: County) -> None:
    programme = tongwei.programme()
    with scoped(Scope(*span(VILLAGE))):
        case = application.case_submit(
            data=applied(programme), channel=Channel.PORTAL, actor=Actor.public(), at=tongwei.at
        )
    assert (case.created_by_id, case.application.channel) == (None, Channel.PORTAL)


def test_somebody_in_the_register_is_found_by_number(tongwei: County) -> None:
    home = make_household(at=tongwei.at)
    programme = tongwei.programme()
    case = application.case_submit(
        data=applied(programme), channel=Channel.DESK, actor=tongwei.cadre, at=tongwei.at, papers=ALL_PAPERS
    )
    assert case.household_id == home.id


def test_it_is_accepted(tongwei: County) -> None:
    case = tongwei.accepted()
    assert case.state == State.VERIFYING
    assert case.accepted_by_id == tongwei.officer2.user_id
    assert case.once_key
    assert case.rules["relief.step_days"], "the decision keeps which version of the rule it used"


@pytest.mark.parametrize(
    "changes",
    [
        {"consent_keep": False},
        {"consent_sensitive": False},
        {"born_on": date(2015, 3, 1)},
        {"applicant_kind": "guardian"},
        {"payee_kind": "guardian"},
        {"cost_total_fen": 100, "cost_insurance_fen": 101},
        {"region_code": "430121001001"},
    ],
)
def test_what_is_not_taken_in(tongwei: County, changes: dict[str, Any]) -> None:
    tongwei.programme()
    home = make_household(at=tongwei.at)
    before = (Case.objects.count(), Application.objects.count(), Door.objects.count())
    with pytest.raises(BadInput):
        tongwei.submit(household=home, **changes)
    assert (Case.objects.count(), Application.objects.count(), Door.objects.count()) == before


def test_missing_papers_bar_acceptance(tongwei: County) -> None:
    case = tongwei.submit()
    Paper.objects.filter(case=case, kind="income").update(received_at=None)
    with pytest.raises(UnableTo, match=r"收入证明|Proof of income"):
        accept(tongwei, case)
    case.refresh_from_db()
    assert (case.state, case.version) == (State.APPLIED, 1)
    assert accept(tongwei, case, received=["income"]).state == State.VERIFYING


@pytest.mark.parametrize("who", ["cashier", "verifier", "secretary", "reviewer", "auditor", "cadre"])
def test_who_may_not_accept(tongwei: County, who: str) -> None:
    case = tongwei.submit()
    with pytest.raises(NotAllowed):
        accept(tongwei, case, actor=getattr(tongwei, who))
    case.refresh_from_db()
    assert (case.state, case.version, case.accepted_by_id) == (State.APPLIED, 1, None)


def test_once_per_cause(tongwei: County) -> None:
    home = make_household(at=tongwei.at)
    accept(tongwei, tongwei.submit(household=home))
    again = tongwei.submit(household=home)
    with pytest.raises(UnableTo):
        accept(tongwei, again)
    again.refresh_from_db()
    assert (again.state, again.once_key) == (State.APPLIED, None)
    other = tongwei.submit(household=home, cause="accident")
    assert accept(tongwei, other).state == State.VERIFYING, "another cause is another matter"


def test_once_per_cause_frees_when_withdrawn(tongwei: County) -> None:
    home = make_household(at=tongwei.at)
    first = accept(tongwei, tongwei.submit(household=home))
    acceptance.case_withdraw(case_id=first.id, note="已通过亲友解决", actor=tongwei.officer, at=tongwei.at)
    assert accept(tongwei, tongwei.submit(household=home)).state == State.VERIFYING


def test_doubts_need_a_written_reason(tongwei: County) -> None:
    """An illness programme is for illness and accident; school costs are a doubt, not a bar."""
    case = tongwei.submit(kind="illness", cause="study")
    checks = {c.code: c for c in case_checks(case, rules=rules_of(case, tongwei.at), on=local_date(tongwei.at))}
    assert (checks["cause"].ok, checks["cause"].blocking) == (False, False)
    with pytest.raises(BadInput) as caught:
        accept(tongwei, case, exception=" ")
    assert "exception" in caught.value.fields
    assert accept(tongwei, case, exception="因病致学费困难").state == State.VERIFYING
    assert Step.objects.get(case=case, action="accept").facts["doubts"] == ["cause"]


def test_what_is_missing_is_said_once(tongwei: County) -> None:
    case = tongwei.submit()
    arguments: dict[str, Any] = {"case_id": case.id, "actor": tongwei.officer, "at": tongwei.at, "note": "请补材料"}
    with pytest.raises(BadInput):
        acceptance.case_return(missing=[], **arguments)
    acceptance.case_return(missing=["income", "account"], **arguments)
    assert set(Paper.objects.filter(case=case, asked_at__isnull=False).values_list("kind", flat=True)) == {
        "income",
        "account",
    }
    acceptance.case_supply(case_id=case.id, received=["income"], note="", actor=tongwei.cadre, at=tongwei.at)
    with pytest.raises(BadInput) as caught:
        acceptance.case_return(missing=["diagnosis"], **arguments)
    assert "why_not_before" in caught.value.fields, "another paper the second time needs an explanation"
    acceptance.case_return(missing=["account"], **arguments)
    case.refresh_from_db()
    assert case.state == State.RETURNED


def test_the_applicant_supplies_and_withdraws(tongwei: County) -> None:
    case = tongwei.submit()
    acceptance.case_return(case_id=case.id, missing=["income"], note="缺收入证明", actor=tongwei.officer, at=tongwei.at)
    with scoped(Scope(*span(VILLAGE))):
        with pytest.raises(NotFound):
            applicant.applicant_withdraw(
                code=case.code, phone_tail="9999", proof=NUMBER, note="不办了", actor=Actor.public(), at=tongwei.at
            )
        with pytest.raises(BadInput):
            applicant.applicant_withdraw(
                code=case.code,
                phone_tail="8001",
                proof="13800138001",
                note="不办了",
                actor=Actor.public(),
                at=tongwei.at,
            )
        case.refresh_from_db()
        assert case.state == State.RETURNED
        applicant.applicant_withdraw(
            code=case.code, phone_tail="8001", proof=NUMBER, note="不办了", actor=Actor.public(), at=tongwei.at
        )
    case.refresh_from_db()
    assert case.state == State.WITHDRAWN


def test_a_return_lapses_only_after_its_day(tongwei: County) -> None:
    case = tongwei.submit()
    acceptance.case_return(case_id=case.id, missing=["income"], note="缺收入证明", actor=tongwei.officer, at=tongwei.at)
    with pytest.raises(UnableTo):
        acceptance.case_lapse(case_id=case.id, note="逾期", actor=tongwei.officer, at=tongwei.at)
    later = tongwei.at + timedelta(days=40)
    assert (
        acceptance.case_lapse(case_id=case.id, note="逾期未补", actor=tongwei.officer, at=later).state
        == State.WITHDRAWN
    )


def test_declining_needs_a_reason(tongwei: County) -> None:
    case = tongwei.submit()
    with pytest.raises(BadInput):
        acceptance.case_decline(case_id=case.id, note=" ", actor=tongwei.officer, at=tongwei.at)
    case.refresh_from_db()
    assert case.state == State.APPLIED
    assert (
        acceptance.case_decline(case_id=case.id, note="不属受理范围", actor=tongwei.officer, at=tongwei.at).state
        == State.REFUSED
    )


def test_a_second_click_and_a_stale_page(tongwei: County) -> None:
    case = tongwei.submit()
    accept(tongwei, case, version=1)
    with pytest.raises(AlreadyDone):
        accept(tongwei, case, version=1)
    with pytest.raises(MovedOn):
        accept(tongwei, case, version=1, actor=tongwei.officer)
    assert Step.objects.filter(case=case, action="accept").count() == 1


def test_reopening_starts_a_new_round(tongwei: County) -> None:
    case = tongwei.accepted()
    acceptance.case_withdraw(case_id=case.id, note="暂不需要", actor=tongwei.officer, at=tongwei.at)
    case = acceptance.case_reopen(case_id=case.id, note="病情复发", actor=tongwei.deputy, at=tongwei.at)
    assert (case.state, case.round, case.accepted_by_id, case.once_key) == (State.APPLIED, 2, None, None)
    assert accept(tongwei, case, actor=tongwei.officer).round == 2


def test_an_emergency_goes_ahead_of_its_papers(tongwei: County) -> None:
    programme = tongwei.programme("temporary")
    data = applied(programme, id_number=fake_number(), born_on=date(1960, 1, 1), cause="disaster")
    case = application.case_submit(data=data, channel=Channel.FOUND, actor=tongwei.cadre, at=tongwei.at)
    case = accept(tongwei, case, urgent_reason="房屋被烧毁,今晚无处可住", exception="")
    assert (case.state, case.track) == (State.URGENT, Track.EMERGENCY)


def test_cooling_across_programmes(tongwei: County) -> None:
    home = make_household(at=tongwei.at)
    first = tongwei.submit(household=home)
    Case.objects.filter(id=first.id).update(
        state="paying", approved_fen=100_000, approved_by=tongwei.secretary.user_id, panel_passed=True, notice_clear=True,
        decided_at=tongwei.at - timedelta(days=30),
    )  # fmt: skip
    second = tongwei.submit(kind="illness", household=home, cause="illness")
    checks = {c.code: c for c in case_checks(second, rules=rules_of(second, tongwei.at), on=local_date(tongwei.at))}
    assert not checks["cooling"].ok
    assert first.code in checks["cooling"].sentence
    Case.objects.filter(id=first.id).update(decided_at=tongwei.at - timedelta(days=91))
    checks = {c.code: c for c in case_checks(second, rules=rules_of(second, tongwei.at), on=local_date(tongwei.at))}
    assert checks["cooling"].ok
