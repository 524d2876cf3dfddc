"""From the agenda to the declared outcome."""

from __future__ import annotations

import pytest

from boai.audit.models import AuditEntry
from boai.governance import queries, services
from boai.governance.enums import Ground
from boai.governance.models import Ballot, Poll, Review, RollEntry
from boai.governance.rules.subjects import MustRecuse
from boai.governance.tests.factories import AT, MakeActor, member_of, panel, subject
from boai.kernel.errors import BadInput, NotAllowed, StalePage, UnableTo
from boai.people.models import Branch


@pytest.mark.parametrize(
    ("choices", "state"),
    [
        ("yyyyyyy", "passed"),
        ("yyyynnn", "passed"),
        ("yyynnnn", "not_passed"),
        ("yyyaaab", "not_passed"),  # three of seven: abstentions and blanks count as present
        ("yyy----", "not_passed"),
        ("yyyy---", "passed"),
        ("-------", "not_passed"),
    ],
)
def test_the_outcome_is_rule_r1(actor_for: MakeActor, county: Branch, choices: str, state: str) -> None:
    cast = panel(actor_for, county)
    review = cast.decided(choices)
    assert review.state == state
    result = queries.review_result(review_id=review.id)
    assert result is not None
    assert result.count.returned == 7 - choices.count("-")
    assert result.passes == (state == "passed")


def test_exactly_half_of_those_present_is_not_passed(actor_for: MakeActor, county: Branch) -> None:
    cast = panel(actor_for, county, size=8)
    assert cast.decided("yyyynnnn").state == "not_passed"


def test_half_of_the_roll_leaves_in_mid_meeting(actor_for: MakeActor, county: Branch) -> None:
    """The next item has no quorum and is adjourned, never rejected; the first keeps its result."""
    cast = panel(actor_for, county, size=9)
    meeting = cast.opened()
    first, second = cast.review(meeting), cast.review(meeting)
    cast.vote(first, "yyyyyyyyy")
    for actor in cast.members[4:]:
        services.member_sign_out(meeting_id=meeting.id, member_id=member_of(meeting, actor).id, actor=actor, at=AT)
    with pytest.raises(UnableTo, match="4"):
        services.ballot_open(review_id=second.id, actor=cast.chair, at=AT)
    assert Review.objects.get(id=second.id).state == "presented"
    assert not Poll.objects.filter(review=second).exists()
    declared = services.review_declare(review_id=second.id, actor=cast.chair, at=AT)
    assert declared.state == "adjourned"
    assert services.review_declare(review_id=first.id, actor=cast.chair, at=AT).state == "passed"


def test_members_who_leave_during_a_ballot_still_count_as_present(actor_for: MakeActor, county: Branch) -> None:
    cast = panel(actor_for, county)
    meeting = cast.opened()
    review = cast.review(meeting)
    services.ballot_open(review_id=review.id, actor=cast.chair, at=AT)
    for actor in cast.members[:3]:
        services.ballot_cast(review_id=review.id, actor=actor, choice="yes")
    for actor in cast.members[3:]:
        services.member_sign_out(meeting_id=meeting.id, member_id=member_of(meeting, actor).id, actor=actor, at=AT)
    services.ballot_close(review_id=review.id, actor=cast.chair, at=AT)
    assert services.review_declare(review_id=review.id, actor=cast.chair, at=AT).state == "not_passed"


def test_the_roll_takes_nobody_after_the_opening(actor_for: MakeActor, county: Branch) -> None:
    cast = panel(actor_for, county, size=8)
    meeting = cast.opened(absent=1)
    review = cast.review(meeting)
    services.ballot_open(review_id=review.id, actor=cast.chair, at=AT)
    late = cast.members[-1]
    services.member_sign_in(meeting_id=meeting.id, member_id=member_of(meeting, late).id, actor=late, at=AT)
    with pytest.raises(UnableTo):
        services.ballot_cast(review_id=review.id, actor=late, choice="yes")
    assert RollEntry.objects.filter(voted=True).count() == 0


def test_one_ballot_each_and_only_known_answers(actor_for: MakeActor, county: Branch) -> None:
    cast = panel(actor_for, county)
    review = cast.review(cast.opened())
    services.ballot_open(review_id=review.id, actor=cast.chair, at=AT)
    with pytest.raises(BadInput):
        services.ballot_cast(review_id=review.id, actor=cast.members[1], choice="both")
    services.ballot_cast(review_id=review.id, actor=cast.members[1], choice="no")
    with pytest.raises(StalePage):
        services.ballot_cast(review_id=review.id, actor=cast.members[1], choice="yes")
    for outsider in (cast.officer, cast.teller, actor_for("reviewer")):
        with pytest.raises(UnableTo):
            services.ballot_cast(review_id=review.id, actor=outsider, choice="yes")
    services.ballot_close(review_id=review.id, actor=cast.chair, at=AT)
    result = queries.review_result(review_id=review.id)
    assert result is not None
    assert (result.count.no, result.count.returned) == (1, 1)


def test_nobody_knows_anything_before_the_close(actor_for: MakeActor, county: Branch) -> None:
    cast = panel(actor_for, county)
    review = cast.review(cast.opened())
    poll = services.ballot_open(review_id=review.id, actor=cast.chair, at=AT)
    for actor in cast.members:
        services.ballot_cast(review_id=review.id, actor=actor, choice="yes")
        assert queries.review_result(review_id=review.id) is None
    assert not Ballot.objects.exists()
    assert Poll.objects.get().count is None
    assert queries.turnout(poll) == (7, 7)
    facts = [str(e.contents()) for e in AuditEntry.objects.filter(type__startswith="governance.")]
    assert not any("'yes'" in f for f in facts)


def test_the_rules_are_frozen_with_the_ballot(actor_for: MakeActor, county: Branch) -> None:
    cast = panel(actor_for, county)
    review = cast.vote(cast.review(cast.opened()), "yyyynnn")
    before = queries.review_result(review_id=review.id)
    review.meeting.rules = {**review.meeting.rules, "threshold": "two_thirds"}
    review.meeting.save(update_fields=["rules"])
    assert queries.review_result(review_id=review.id) == before
    assert services.review_declare(review_id=review.id, actor=cast.chair, at=AT).state == "passed"


def test_the_marks_of_a_ballot_hold_hashes_and_no_names(actor_for: MakeActor, county: Branch) -> None:
    cast = panel(actor_for, county)
    review = cast.decided()
    poll = Poll.objects.get()
    frozen = AuditEntry.objects.get(type="governance.review.roll_frozen").contents()["facts"]
    closed = AuditEntry.objects.get(type="governance.ballot.closed").contents()["facts"]
    assert frozen["roll_hash"] == poll.roll_hash
    assert closed["ballots_hash"] == poll.ballots_hash
    assert closed["ballots"] == 7
    assert AuditEntry.objects.filter(type="governance.review.passed", obj__endswith=str(review.id)).exists()
    assert not AuditEntry.objects.filter(type__contains="cast").exists()


def test_one_second_ballot_and_never_a_third(actor_for: MakeActor, county: Branch) -> None:
    cast = panel(actor_for, county, size=8)
    review = cast.vote(cast.review(cast.opened()), "yyyynnnn")
    services.ballot_repeat(review_id=review.id, actor=cast.chair, moved_by="委员03", reason="材料已补齐", at=AT)
    assert queries.review_result(review_id=review.id) is None, "the result of the first round is no longer the result"
    review = cast.vote(Review.objects.get(id=review.id), "yyyynnnn")
    with pytest.raises(UnableTo):
        services.ballot_repeat(review_id=review.id, actor=cast.chair, moved_by="委员03", reason="再来", at=AT)
    assert services.review_declare(review_id=review.id, actor=cast.chair, at=AT).state == "not_passed"
    assert Poll.objects.filter(review=review).count() == 2, "the first ballot stays in the minutes"


def test_an_item_that_passed_is_not_voted_on_again(actor_for: MakeActor, county: Branch) -> None:
    cast = panel(actor_for, county)
    review = cast.vote(cast.review(cast.opened()), "yyyyyyy")
    with pytest.raises(UnableTo):
        services.ballot_repeat(review_id=review.id, actor=cast.chair, moved_by="委员03", reason="不满意", at=AT)
    assert Review.objects.get(id=review.id).round == 1


def test_a_ballot_broken_off_is_adjourned_and_its_ballots_are_destroyed(actor_for: MakeActor, county: Branch) -> None:
    cast = panel(actor_for, county)
    review = cast.review(cast.opened())
    services.ballot_open(review_id=review.id, actor=cast.chair, at=AT)
    services.ballot_cast(review_id=review.id, actor=cast.members[0], choice="no")
    with pytest.raises(UnableTo):
        services.review_declare(review_id=review.id, actor=cast.chair, at=AT)
    declared = services.review_declare(review_id=review.id, actor=cast.chair, reason="停电,无法继续", at=AT)
    assert declared.state == "adjourned"
    assert not Ballot.objects.exists()
    assert queries.review_result(review_id=review.id) is None
    assert Poll.objects.get().void


def test_too_few_entitled_goes_to_the_next_body(actor_for: MakeActor, county: Branch) -> None:
    cast = panel(actor_for, county)
    hits = [MustRecuse(a.user_id, Ground.RELATIVE, "堂兄弟") for a in cast.members[1:4] if a.user_id]
    review = cast.review(cast.opened(), hits)
    with pytest.raises(UnableTo, match="4"):
        services.ballot_open(review_id=review.id, actor=cast.chair, at=AT)
    assert services.review_declare(review_id=review.id, actor=cast.chair, at=AT).state == "escalated"


def test_only_chair_and_recorder_run_the_ballot(actor_for: MakeActor, county: Branch) -> None:
    cast = panel(actor_for, county)
    review = cast.review(cast.opened())
    for actor in (cast.members[1], cast.teller, actor_for("secretary")):
        with pytest.raises(NotAllowed):
            services.ballot_open(review_id=review.id, actor=actor, at=AT)
    services.ballot_open(review_id=review.id, actor=cast.officer, at=AT)
    for actor in (cast.members[1], cast.teller, actor_for("secretary")):
        with pytest.raises(NotAllowed):
            services.ballot_close(review_id=review.id, actor=actor, at=AT)
    assert Review.objects.get().state == "ballot_open"


def test_a_subject_is_under_review_once(actor_for: MakeActor, county: Branch) -> None:
    cast = panel(actor_for, county)
    meeting, case = cast.opened(), subject()
    first = cast.review(meeting, what=case)
    with pytest.raises(UnableTo):
        cast.review(meeting, what=case)
    cast.vote(first, "nnnnnnn")
    services.review_declare(review_id=first.id, actor=cast.chair, at=AT)
    again = services.review_open(actor=cast.officer, meeting_id=meeting.id, subject=case, facts=[], recusals=[],
                                 verifier_ids=[], previous_id=first.id, at=AT)  # fmt: skip
    assert [r.id for r in queries.reviews_of(subject_kind=case.kind, subject_id=case.id)] == [again.id, first.id]
    assert Review.objects.get(id=first.id).state == "not_passed"


def test_a_panel_reviews_only_its_own_division(actor_for: MakeActor, county: Branch) -> None:
    cast = panel(actor_for, county)
    with pytest.raises(UnableTo):
        cast.review(cast.opened(), what=subject("430121001001"))
    assert not Review.objects.exists()
