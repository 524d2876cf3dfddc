"""Stepping aside: by rule, by oneself, by challenge, and too late."""

from __future__ import annotations

import pytest

from boai.governance import queries, services
from boai.governance.enums import Ground
from boai.governance.models import Meeting, Poll, Recusal, Review
from boai.governance.rules.subjects import MustRecuse
from boai.governance.tests.factories import AT, MakeActor, member_of, panel, uid
from boai.kernel.errors import BadInput, NotAllowed, StalePage, UnableTo
from boai.people.actor import Actor
from boai.people.models import Branch


def test_relatives_and_verifiers_are_recused_by_rule_and_leave_the_denominator(
    actor_for: MakeActor, county: Branch
) -> None:  # fmt: skip
    cast = panel(actor_for, county, size=9)
    brother, verifier = cast.members[1].user_id, cast.members[2].user_id
    assert brother
    assert verifier
    outsider = actor_for("verifier").user_id
    assert outsider
    review = cast.review(cast.opened(), [MustRecuse(brother, Ground.RELATIVE, "申请人之兄")], [verifier, outsider])
    assert {(r.ground, r.automatic) for r in Recusal.objects.all()} == {("relative", True), ("verifier", True)}
    poll = services.ballot_open(review_id=review.id, actor=cast.chair, at=AT)
    assert (poll.roll_size, poll.recused, poll.signed_in, poll.present) == (9, 2, 9, 7)
    for actor in cast.members[1:3]:
        with pytest.raises(UnableTo):
            services.ballot_cast(review_id=review.id, actor=actor, choice="yes")
    for actor in [cast.members[0], *cast.members[3:6]]:
        services.ballot_cast(review_id=review.id, actor=actor, choice="yes")
    services.ballot_close(review_id=review.id, actor=cast.chair, at=AT)
    assert services.review_declare(review_id=review.id, actor=cast.chair, at=AT).state == "passed"


def test_recused_members_count_for_the_meetings_quorum(actor_for: MakeActor, county: Branch) -> None:
    cast = panel(actor_for, county, size=9)
    meeting = cast.opened(absent=3)  # 6 of 9: just the quorum
    hit = cast.members[1].user_id
    assert hit
    review = cast.review(meeting, [MustRecuse(hit, Ground.APPLICANT)])
    assert services.ballot_open(review_id=review.id, actor=cast.chair, at=AT).present == 5


def test_a_member_steps_aside_before_the_ballot_and_not_after(actor_for: MakeActor, county: Branch) -> None:
    cast = panel(actor_for, county, size=8)
    review = cast.review(cast.opened())
    services.recusal_declare(review_id=review.id, actor=cast.members[3], note="曾合伙经营", at=AT)
    with pytest.raises(StalePage):
        services.recusal_declare(review_id=review.id, actor=cast.members[3], note="再次", at=AT)
    with pytest.raises(NotAllowed):
        services.recusal_declare(review_id=review.id, actor=cast.officer, note="不是委员", at=AT)
    services.ballot_open(review_id=review.id, actor=cast.chair, at=AT)
    with pytest.raises(UnableTo):
        services.recusal_declare(review_id=review.id, actor=cast.members[4], note="晚了", at=AT)
    assert Recusal.objects.count() == 1


def test_a_challenge_waits_for_the_chair(actor_for: MakeActor, county: Branch) -> None:
    cast = panel(actor_for, county, size=8)
    meeting = cast.opened()
    review = cast.review(meeting)
    target = member_of(meeting, cast.members[4])
    challenge = services.recusal_challenge(
        review_id=review.id, member_id=target.id, actor=cast.members[5], note="是申请人的表兄", at=AT
    )
    with pytest.raises(UnableTo):
        services.ballot_open(review_id=review.id, actor=cast.chair, at=AT)
    for actor in (cast.members[4], cast.members[5], cast.officer):
        with pytest.raises(NotAllowed):
            services.recusal_rule(recusal_id=challenge.id, actor=actor, upheld=False, ruling="查无此事", at=AT)
    with pytest.raises(BadInput):
        services.recusal_rule(recusal_id=challenge.id, actor=cast.chair, upheld=False, ruling=" ", at=AT)
    assert Recusal.objects.get().state == "challenged"
    services.recusal_rule(recusal_id=challenge.id, actor=cast.chair, upheld=False, ruling="查无此事", at=AT)
    with pytest.raises(StalePage):
        services.recusal_rule(recusal_id=challenge.id, actor=cast.chair, upheld=True, ruling="改主意", at=AT)
    assert services.ballot_open(review_id=review.id, actor=cast.chair, at=AT).recused == 0


def test_a_challenge_of_the_chair_is_ruled_upon_by_the_recorder(actor_for: MakeActor, county: Branch) -> None:
    cast = panel(actor_for, county, size=8)
    meeting = cast.opened()
    review = cast.review(meeting)
    chair = member_of(meeting, cast.chair)
    challenge = services.recusal_challenge(
        review_id=review.id, member_id=chair.id, actor=cast.members[5], note="借过钱给申请人", at=AT
    )
    with pytest.raises(NotAllowed):
        services.recusal_rule(recusal_id=challenge.id, actor=cast.chair, upheld=False, ruling="没有", at=AT)
    services.recusal_rule(recusal_id=challenge.id, actor=cast.officer, upheld=True, ruling="属实", at=AT)
    with pytest.raises(UnableTo):  # the chair may not hold the office on this item
        services.ballot_open(review_id=review.id, actor=cast.officer, at=AT)
    new_chair, recorder = cast.members[1].user_id, cast.officer.user_id
    assert new_chair
    assert recorder
    services.meeting_officers_set(
        meeting_id=meeting.id, actor=cast.officer, chair_id=new_chair, recorder_id=recorder, witnesses=[],
        teller_id=cast.teller.user_id, scrutineer_id=cast.scrutineer.user_id, at=AT,
    )  # fmt: skip
    assert services.ballot_open(review_id=review.id, actor=cast.members[1], at=AT).recused == 1


def test_officers_are_not_changed_during_a_ballot(actor_for: MakeActor, county: Branch) -> None:
    cast = panel(actor_for, county)
    meeting = cast.opened()
    services.ballot_open(review_id=cast.review(meeting).id, actor=cast.chair, at=AT)
    with pytest.raises(UnableTo):
        services.meeting_officers_set(
            meeting_id=meeting.id, actor=cast.officer, chair_id=uid(cast.members[1]), recorder_id=uid(cast.officer),
            teller_id=None, scrutineer_id=None, witnesses=[], at=AT,
        )  # fmt: skip
    assert Meeting.objects.get().chair_id == cast.chair.user_id


def late(actor_for: MakeActor, county: Branch, choices: str, *, declare: bool) -> Review:
    """A brother-in-law is found after the count."""
    cast = panel(actor_for, county)
    meeting = cast.opened()
    review = cast.vote(cast.review(meeting), choices)
    if declare:
        services.review_declare(review_id=review.id, actor=cast.chair, at=AT)
    return services.recusal_late(
        review_id=review.id, member_id=member_of(meeting, cast.members[2]).id, actor=cast.officer,
        ground=Ground.RELATIVE, note="申请人的妹夫", at=AT,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("choices", "before", "after"),
    [
        ("yyyyynn", "passed", "passed"),  # 5 of 7 stands even if one yes was the brother-in-law's
        ("yyyynnn", "passed", "void"),  # 4 of 7 hangs on him
        ("yyynnnn", "not_passed", "void"),
        ("yynnnnn", "not_passed", "not_passed"),
    ],
)
def test_a_conflict_found_late_voids_only_what_hangs_on_it(
    actor_for: MakeActor, county: Branch, choices: str, before: str, after: str
) -> None:
    review = late(actor_for, county, choices, declare=True)
    assert review.state == after
    assert (queries.review_result(review_id=review.id) is None) == (after == "void")
    assert Recusal.objects.get().late


def test_found_before_the_declaration_it_is_declared_void(actor_for: MakeActor, county: Branch) -> None:
    review = late(actor_for, county, "yyyynnn", declare=False)
    assert review.state == "counted"
    assert Poll.objects.get().void
    chair = review.meeting.chair
    assert chair
    actor = Actor(chair.id, chair.name, "reviewer", county.region_code)
    assert services.review_declare(review_id=review.id, actor=actor, at=AT).state == "void"


def test_somebody_who_was_not_on_the_roll_is_no_late_conflict(actor_for: MakeActor, county: Branch) -> None:
    cast = panel(actor_for, county, size=8)
    meeting = cast.opened(absent=1)
    review = cast.vote(cast.review(meeting), "yyyyyyy")
    with pytest.raises(UnableTo):
        services.recusal_late(review_id=review.id, member_id=member_of(meeting, cast.members[-1]).id, actor=cast.officer,
                              ground=Ground.RELATIVE, note="妹夫", at=AT)  # fmt: skip
    assert not Recusal.objects.exists()
