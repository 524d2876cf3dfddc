"""Paper ballots: two people, sums that must add up, a recount, and a supervisor for what does not."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from boai.audit.models import AuditEntry
from boai.governance import queries, services
from boai.governance.models import Poll, Review, TallySheet
from boai.governance.tests.factories import AT, MakeActor, Panel, panel
from boai.kernel.errors import BadInput, NotAllowed, StalePage, UnableTo
from boai.people.actor import Actor
from boai.people.models import Branch

GOOD = {"issued": 4, "returned": 4, "spoiled": 0, "not_returned": 0, "yes": 3, "no": 1, "abstain": 0, "blank": 0,
        "invalid": 0}  # fmt: skip


def closed(actor_for: MakeActor, county: Branch, **rules: Any) -> tuple[Panel, Review]:
    """Three voted yes on their phones, four voted on paper; the ballot is closed and the box sealed."""
    cast = panel(actor_for, county, paper=4, **rules)
    return cast, cast.vote(cast.review(cast.opened()), "yyy----")


def key(review: Review, actor: Actor, **figures: Any) -> Review:
    """Key a sheet: good figures but for those named."""
    return services.tally_key(review_id=review.id, actor=actor, at=AT, **(GOOD | figures))


def test_two_equal_sheets_make_the_count_with_the_online_ballots(actor_for: MakeActor, county: Branch) -> None:
    cast, review = closed(actor_for, county)
    assert review.state == "ballot_closed"
    assert queries.review_result(review_id=review.id) is None, (
        "the phones' ballots are not told before the paper is counted"
    )
    assert key(review, cast.teller).state == "ballot_closed"
    assert key(review, cast.scrutineer).state == "counted"
    result = queries.review_result(review_id=review.id)
    assert result is not None
    assert (result.count.yes, result.count.no) == (6, 1)
    assert Poll.objects.get().seal_number == "封-01"


def test_one_person_does_not_key_twice(actor_for: MakeActor, county: Branch) -> None:
    cast, review = closed(actor_for, county)
    key(review, cast.teller)
    with pytest.raises(StalePage):
        key(review, cast.teller)
    sheet = TallySheet.objects.get()
    with pytest.raises(IntegrityError, match="two_persons"), transaction.atomic():
        TallySheet.objects.create(poll=sheet.poll, region_code=sheet.region_code, count_number=1, keyed_by=sheet.keyed_by,
                                  keyed_at=AT, **GOOD)  # fmt: skip
    assert Review.objects.get().state == "ballot_closed"


def test_unequal_sheets_need_a_third_person(actor_for: MakeActor, county: Branch) -> None:
    cast, review = closed(actor_for, county)
    key(review, cast.teller)
    assert key(review, cast.scrutineer, yes=2, no=2).state == "ballot_closed"
    assert key(review, cast.officer).state == "counted"
    result = queries.review_result(review_id=review.id)
    assert result is not None
    assert result.count.yes == 6


def test_four_different_readings_are_a_dispute(actor_for: MakeActor, county: Branch) -> None:
    cast, review = closed(actor_for, county)
    for n, actor in enumerate((cast.teller, cast.scrutineer, cast.officer, cast.chair)):
        review = key(review, actor, yes=4 - n, no=n)
    assert review.state == "disputed"
    with pytest.raises(UnableTo):
        services.review_declare(review_id=review.id, actor=cast.chair, at=AT)


@pytest.mark.parametrize(
    "wrong",
    [
        {"issued": 5},
        {"returned": 3},
        {"yes": 4},
        {"invalid": 1},
        {"issued": 5, "returned": 5, "yes": 4},  # more ballots than voters on paper
        {"issued": 3, "returned": 3, "yes": 2},  # one voter is missing altogether
        {"no": -1, "yes": 5},
    ],
)
def test_figures_that_do_not_add_up_are_refused(actor_for: MakeActor, county: Branch, wrong: dict[str, int]) -> None:
    cast, review = closed(actor_for, county)
    with pytest.raises(BadInput):
        key(review, cast.teller, **wrong)
    assert not TallySheet.objects.exists()
    assert Review.objects.get().state == "ballot_closed"


def test_spoiled_ballots_are_replaced_and_unreturned_ones_counted(actor_for: MakeActor, county: Branch) -> None:
    cast, review = closed(actor_for, county)
    figures = {"issued": 5, "spoiled": 1, "returned": 3, "not_returned": 1, "yes": 2, "no": 0, "abstain": 1}
    key(review, cast.teller, **figures)
    assert key(review, cast.scrutineer, **figures).state == "counted"


def test_the_database_refuses_a_sheet_that_does_not_add_up(actor_for: MakeActor, county: Branch) -> None:
    cast, review = closed(actor_for, county)
    for wrong in ({"issued": 9}, {"returned": 3, "issued": 3}):
        with pytest.raises(IntegrityError, match="adds_up"), transaction.atomic():
            TallySheet.objects.create(
                poll=Poll.objects.get(), region_code=review.region_code, count_number=1, keyed_by_id=cast.teller.user_id,
                keyed_at=AT, **(GOOD | wrong),
            )  # type: ignore[misc]  # fmt: skip  # a person
    key(review, cast.teller)
    for sql in ("UPDATE governance_tallysheet SET yes = 4, no = 0", "DELETE FROM governance_tallysheet"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)


def test_a_discrepancy_blocks_until_a_supervisor_decides(actor_for: MakeActor, county: Branch) -> None:
    cast, review = closed(actor_for, county)
    supervisor = actor_for("supervisor")
    review = key(review, cast.teller, returned=3, discrepancy="箱内少一张票")
    assert review.state == "disputed"
    with pytest.raises(UnableTo):
        key(review, cast.scrutineer)
    with pytest.raises(UnableTo):
        services.review_declare(review_id=review.id, actor=cast.chair, at=AT)
    for actor in (cast.chair, cast.officer, actor_for("cashier")):
        with pytest.raises(NotAllowed):
            services.tally_dispute_settle(review_id=review.id, actor=actor, recount=True, reason="重新清点", at=AT)
    assert Review.objects.get().state == "disputed"
    services.tally_dispute_settle(review_id=review.id, actor=supervisor, recount=True, reason="重新清点", at=AT)
    key(review, cast.teller)
    assert key(review, cast.scrutineer).state == "counted"
    assert TallySheet.objects.count() == 3, "the first reading stays visible"


def test_a_voided_ballot_is_declared_void(actor_for: MakeActor, county: Branch) -> None:
    cast, review = closed(actor_for, county)
    key(review, cast.teller, returned=3, discrepancy="箱内少一张票")
    services.tally_dispute_settle(
        review_id=review.id, actor=actor_for("supervisor"), recount=False, reason="无法查明", at=AT
    )
    declared = services.review_declare(review_id=review.id, actor=cast.chair, at=AT)
    assert (declared.state, declared.reason) == ("void", "无法查明")
    assert queries.review_result(review_id=review.id) is None


def test_a_narrow_result_is_counted_again_by_hand(actor_for: MakeActor, county: Branch) -> None:
    cast, review = closed(actor_for, county, recount_ballots=2, recount_percent=2)
    narrow = {"yes": 1, "no": 3}  # 4 of 7
    key(review, cast.teller, **narrow)
    assert key(review, cast.scrutineer, **narrow).state == "ballot_closed"
    assert queries.review_result(review_id=review.id) is None
    assert AuditEntry.objects.filter(type="governance.tally.recount_ordered").count() == 1
    key(review, cast.scrutineer, yes=0, no=4)
    assert key(review, cast.officer, yes=0, no=4).state == "counted"
    assert services.review_declare(review_id=review.id, actor=cast.chair, at=AT).state == "not_passed"
    assert TallySheet.objects.filter(count_number=1).count() == 2


def test_only_officers_who_did_not_step_aside_count(actor_for: MakeActor, county: Branch) -> None:
    cast, review = closed(actor_for, county)
    with pytest.raises(NotAllowed):
        key(review, actor_for("accountant"))
    with pytest.raises(NotAllowed):
        key(review, cast.members[3])
    assert cast.teller.user_id
    Review.objects.filter(id=review.id).update(barred_ids=[cast.teller.user_id])
    with pytest.raises(NotAllowed):
        key(review, cast.teller)
    assert not TallySheet.objects.exists()


def test_paper_ballots_need_their_seal(actor_for: MakeActor, county: Branch) -> None:
    cast = panel(actor_for, county, paper=4)
    review = cast.review(cast.opened())
    services.ballot_open(review_id=review.id, actor=cast.chair, at=AT)
    with pytest.raises(BadInput):
        services.ballot_close(review_id=review.id, actor=cast.chair, at=AT)
    with pytest.raises(UnableTo):
        services.ballot_cast(review_id=review.id, actor=cast.members[-1], choice="yes")
    assert Review.objects.get().state == "ballot_open"
