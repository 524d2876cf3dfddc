"""The secret ballot: roll and ballots without a link (governance §3.5)."""

from __future__ import annotations

import uuid
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from boai.audit.services import record
from boai.governance import policies, queries
from boai.governance.enums import REVIEW_TRANSITIONS, Channel, Choice, ReviewState
from boai.governance.models import Ballot, MeetingMember, Poll, Review, RollEntry
from boai.governance.queries.meetings import attendance_of, poll_of, recused_ids
from boai.governance.rules import majority
from boai.governance.rules.majority import Count
from boai.governance.services.hashing import hash_of_lines
from boai.kernel.errors import BadInput, StalePage, UnableTo
from boai.kernel.policy import require
from boai.kernel.transition import transition
from boai.people.actor import Actor


@transaction.atomic
def ballot_open(*, review_id: UUID, actor: Actor, at: datetime) -> Poll:
    """Open the secret ballot: freeze roll, rules and attendance. Raises UnableTo with everything that is missing."""
    review = queries.review_get(review_id=review_id, actor=actor, lock=True)
    meeting = queries.meeting_get(meeting_id=review.meeting_id, actor=actor, lock=True)
    review.meeting = meeting
    require(policies.may_preside, actor, meeting)
    review.state = transition(REVIEW_TRANSITIONS, review.state, "open_ballot")
    members = list(meeting.members.all())
    missing = queries.ballot_missing(review, members)
    if missing:
        raise UnableTo(" ".join(missing))
    recused = recused_ids(review)
    voters = [m for m in members if m.is_present and m.id not in recused]
    attendance = attendance_of(members, recused)
    online = sum(m.channel == Channel.ONLINE for m in voters)
    poll = Poll.objects.create(
        review=review, region_code=review.region_code, round=review.round, rules=meeting.rules,
        roll_size=attendance.roll, recused=attendance.recused, signed_in=attendance.signed_in,
        present=attendance.present, online_voters=online, paper_voters=len(voters) - online,
        roll_hash=_roll_hash(voters), opened_by_id=actor.user_id, opened_at=at,
    )  # fmt: skip
    RollEntry.objects.bulk_create(
        RollEntry(poll=poll, member=m, region_code=review.region_code, channel=m.channel) for m in voters
    )
    review.save(update_fields=["state"])
    record("governance.review.roll_frozen", review, actor=actor, at=at, round=poll.round, voters=len(voters),
           entitled=attendance.entitled, roll_hash=poll.roll_hash, rules=poll.rules)  # fmt: skip
    return poll


def _roll_hash(voters: list[MeetingMember]) -> str:
    return hash_of_lines(f"{m.id} {m.channel}" for m in voters)


@transaction.atomic
def ballot_cast(*, review_id: UUID, actor: Actor, choice: str) -> None:
    """Drop the actor's ballot into the box and tick them off the roll: both or neither, in one transaction.

    The one service that takes no time and leaves no mark in the log, on purpose: either could join a person to a
    ballot. The box lets nobody look in. Raises UnableTo when the actor is not on the online roll or the ballot is not
    open, StalePage when the actor has voted, BadInput for an unknown choice.
    """
    review = queries.review_get(review_id=review_id, actor=actor)
    transition(REVIEW_TRANSITIONS, review.state, "cast")
    if choice not in Choice.values:
        raise BadInput(fields={"choice": [_("Choose one of the answers.")]})
    entry = queries.my_ballot(review=review, actor=actor)
    if entry is None or entry.channel != Channel.ONLINE:
        raise UnableTo(_("You are not on the roll of this ballot, or you vote on paper."))
    # The box first: its trigger waits for the poll, as the close does. The other way round the two could deadlock.
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO governance_ballotbox (id, poll_id, content) VALUES (%s, %s, %s)",
                [uuid.uuid4(), entry.poll_id, choice],
            )
    except IntegrityError:
        raise UnableTo(_("The ballot has just been closed.")) from None
    if not RollEntry.objects.filter(id=entry.id, voted=False).update(voted=True):
        raise StalePage(_("Your ballot is already in the box. Nobody, not even you, can change it."))


@transaction.atomic
def ballot_close(*, review_id: UUID, actor: Actor, seal_number: str = "", at: datetime) -> Review:
    """Close the ballot, shuffle the box into the open, count. With paper ballots two tallies have to agree first.

    `seal_number` is the number on the seal of the paper ballots, needed when there are any.
    """
    review = queries.review_get(review_id=review_id, actor=actor, lock=True)
    require(policies.may_preside, actor, review.meeting)
    poll = poll_of(review, lock=True)
    paper = poll is not None and poll.paper_voters > 0
    review.state = transition(REVIEW_TRANSITIONS, review.state, "close_paper" if paper else "close_online")
    assert poll is not None, "a ballot that is open has a poll"
    if paper and not seal_number.strip():
        raise BadInput(fields={"seal_number": [_("Write down the number of the seal on the paper ballots.")]})
    with connection.cursor() as cursor:
        cursor.execute("SELECT governance_ballots_close(%s)", [poll.id])
    ballots = list(Ballot.objects.filter(poll_id=poll.id).values_list("id", "content"))
    poll.closed_at, poll.closed_by_id, poll.seal_number = at, actor.user_id, seal_number.strip()[:40]
    poll.ballots_hash = hash_of_lines(f"{id_} {content}" for id_, content in ballots)
    poll.save(update_fields=["closed_at", "closed_by", "seal_number", "ballots_hash"])
    review.save(update_fields=["state"])
    record("governance.ballot.closed", review, actor=actor, at=at, round=poll.round, ballots=len(ballots),
           ballots_hash=poll.ballots_hash, seal=poll.seal_number)  # fmt: skip
    if not paper:
        count_set(review, poll, online_count(poll), actor=actor, at=at)
    return review


def online_count(poll: Poll) -> Count:
    """The ballots that came through the box, after the close."""
    chosen = list(Ballot.objects.filter(poll_id=poll.id).values_list("content", flat=True))
    return Count(
        yes=chosen.count(Choice.YES), no=chosen.count(Choice.NO), abstain=chosen.count(Choice.ABSTAIN),
        blank=chosen.count(Choice.BLANK),
    )  # fmt: skip


def count_set(review: Review, poll: Poll, count: Count, *, actor: Actor, at: datetime) -> None:
    """Write the totals of a poll down: from here on they are visible."""
    poll.yes, poll.no, poll.abstain, poll.blank, poll.invalid = (
        count.yes, count.no, count.abstain, count.blank, count.invalid,
    )  # fmt: skip
    poll.counted_at = at
    poll.save(update_fields=["yes", "no", "abstain", "blank", "invalid", "counted_at"])
    record("governance.ballot.counted", review, actor=actor, at=at, round=poll.round, yes=count.yes, no=count.no,
           abstain=count.abstain, blank=count.blank, invalid=count.invalid, present=poll.present)  # fmt: skip


@transaction.atomic
def ballot_repeat(*, review_id: UUID, actor: Actor, moved_by: str, reason: str, at: datetime) -> Review:
    """The one re-ballot of rule R1, moved and recorded before the outcome is declared: back to discussion, round 2.

    Only for an item that did not pass; the first result stays in the minutes.
    """
    review = queries.review_get(review_id=review_id, actor=actor, lock=True)
    require(policies.may_preside, actor, review.meeting)
    poll = poll_of(review)
    review.state = transition(REVIEW_TRANSITIONS, review.state, "repeat")
    if review.round > 1:
        raise UnableTo(_("There has already been a second ballot; a third is not allowed."))
    if poll is None or poll.count is None or majority.passes(poll.review_rules, poll.attendance, poll.count):
        raise UnableTo(_("Only an item that did not pass can be voted on again."))
    if not moved_by.strip() or not reason.strip():
        raise BadInput(fields={"moved_by": [_("Write down who moved the second ballot, and why.")]})
    review.round = 2
    review.save(update_fields=["state", "round"])
    record("governance.ballot.repeated", review, actor=actor, at=at, moved_by=moved_by.strip()[:40],
           reason=reason.strip()[:500])  # fmt: skip
    return review


def ballots_destroy(review: Review, *, actor: Actor, at: datetime) -> None:
    """A ballot is broken off: empty the box unread. For `review_declare`, in its transaction."""
    poll = poll_of(review, lock=True)
    assert poll is not None, "a ballot that is open has a poll"
    assert review.state == ReviewState.ADJOURNED, "only an adjourned item loses its ballots"
    with connection.cursor() as cursor:
        cursor.execute("SELECT governance_ballots_destroy(%s)", [poll.id])
    poll.closed_at, poll.closed_by_id, poll.void = at, actor.user_id, True
    poll.save(update_fields=["closed_at", "closed_by", "void"])
