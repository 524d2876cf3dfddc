"""Two at the same moment: never both, never neither."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import transaction

from boai.governance import queries, services
from boai.governance.models import Ballot, NoticeEntry, Objection, Poll, Review
from boai.governance.tests.factories import AT, MakeActor, desk, panel
from boai.kernel.errors import StalePage, UnableTo
from boai.people.actor import Actor
from boai.people.models import Branch

Race = Callable[[list[Callable[[], Any]]], list[Any]]
ENDS = datetime(2026, 12, 1, 16, 0, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("own_database")


@pytest.mark.parametrize("attempt", range(8))
def test_an_approval_and_an_objection_never_both_win(
    actor_for: MakeActor, county: Branch, race: Race, attempt: int
) -> None:
    """The objection comes in the last second, the approval in the first one after: whoever has the lock first wins."""
    office = desk(actor_for, county)
    notice = office.published()
    case = NoticeEntry.objects.get().subject_id

    def approve() -> Any:
        with transaction.atomic():
            return services.notice_lock_clear(notice_id=notice.id, subject_id=case, actor=office.approver, at=ENDS)

    def object_() -> Any:
        return services.objection_file(
            notice_id=notice.id, subject_id=case, channel="web", text="这户有两套房", actor=Actor.public(),
            at=ENDS - timedelta(seconds=1),
        )  # fmt: skip

    approved, objected = race([approve, object_] if attempt % 2 else [object_, approve])[:: 1 if attempt % 2 else -1]
    assert isinstance(approved, UnableTo) != isinstance(objected, UnableTo), (approved, objected)
    cleared = NoticeEntry.objects.get().state == "cleared"
    assert cleared != Objection.objects.exists()


def test_a_double_click_casts_one_ballot(actor_for: MakeActor, county: Branch, race: Race) -> None:
    cast = panel(actor_for, county)
    review = cast.review(cast.opened())
    services.ballot_open(review_id=review.id, actor=cast.chair, at=AT)
    click = partial(services.ballot_cast, review_id=review.id, actor=cast.members[0], choice="yes")
    results = race([click] * 6)
    assert Counter(type(r) for r in results) == {type(None): 1, StalePage: 5}
    services.ballot_close(review_id=review.id, actor=cast.chair, at=AT)
    assert Ballot.objects.count() == 1


def test_ballots_racing_the_close_are_in_or_refused(actor_for: MakeActor, county: Branch, race: Race) -> None:
    cast = panel(actor_for, county, size=9)
    review = cast.review(cast.opened())
    services.ballot_open(review_id=review.id, actor=cast.chair, at=AT)
    for actor in cast.members[:3]:
        services.ballot_cast(review_id=review.id, actor=actor, choice="no")

    def vote(actor: Actor) -> Callable[[], Any]:
        return lambda: services.ballot_cast(review_id=review.id, actor=actor, choice="yes")

    def close() -> Any:
        return services.ballot_close(review_id=review.id, actor=cast.chair, at=AT)

    results = race([*map(vote, cast.members[3:]), close])
    went_in = sum(r is None for r in results[:-1])
    assert isinstance(results[-1], Review)
    assert all(r is None or isinstance(r, UnableTo) for r in results[:-1]), results
    count = queries.review_result(review_id=review.id)
    assert count is not None
    assert (count.count.no, count.count.yes) == (3, went_in)
    assert Poll.objects.get().roll.filter(voted=True).count() == 3 + went_in


def test_two_people_close_once_and_declare_once(actor_for: MakeActor, county: Branch, race: Race) -> None:
    cast = panel(actor_for, county)
    review = cast.review(cast.opened())
    services.ballot_open(review_id=review.id, actor=cast.chair, at=AT)
    for actor in cast.members:
        services.ballot_cast(review_id=review.id, actor=actor, choice="yes")
    closes = race(
        [partial(services.ballot_close, review_id=review.id, actor=a, at=AT) for a in (cast.chair, cast.officer)]
    )
    assert sum(isinstance(r, UnableTo) for r in closes) == 1
    declared = race(
        [partial(services.review_declare, review_id=review.id, actor=a, at=AT) for a in (cast.chair, cast.officer)]
    )
    assert sum(isinstance(r, UnableTo) for r in declared) == 1
    assert Ballot.objects.count() == 7


def test_the_same_reading_keyed_at_once_counts_once(actor_for: MakeActor, county: Branch, race: Race) -> None:
    cast = panel(actor_for, county, paper=4)
    review = cast.vote(cast.review(cast.opened()), "yyy----")
    figures: dict[str, Any] = {"issued": 4, "returned": 4, "spoiled": 0, "not_returned": 0, "yes": 4, "no": 0, "abstain": 0, "blank": 0,
               "invalid": 0}  # fmt: skip
    results = race(
        [
            partial(services.tally_key, review_id=review.id, actor=a, at=AT, **figures)
            for a in (cast.teller, cast.scrutineer)
        ]
    )
    assert all(isinstance(r, Review) for r in results), results
    assert Review.objects.get().state == "counted"
    assert Poll.objects.get().yes == 7


def test_two_jobs_take_a_notice_down_once(actor_for: MakeActor, county: Branch, race: Race) -> None:
    desk(actor_for, county).published()
    late = AT + timedelta(days=60)
    assert sum(race([lambda: services.notice_withdraw_due(at=late)] * 2)) == 1
