"""Meetings and reviews: where they stand, what is missing, and the one door to a result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count as CountOf
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from boai.governance.enums import Channel, MeetingState, RecusalState, ReviewState
from boai.governance.models import Meeting, MeetingMember, Poll, Recusal, Review, RollEntry
from boai.governance.models.meetings import LIVE
from boai.governance.rules import majority
from boai.governance.rules.majority import Attendance, Count
from boai.kernel.errors import NotFound
from boai.people.actor import Actor
from boai.people.roles import Duty

_NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class ReviewResult:
    """The one door to the result of a ballot: exists only after it was closed and counted."""

    state: ReviewState
    round: int
    attendance: Attendance
    count: Count
    base: int
    passes: bool


def meeting_get(*, meeting_id: UUID, actor: Actor, lock: bool = False) -> Meeting:
    """A meeting within the actor's reach. Raises NotFound."""
    meetings = Meeting.objects.filter(id=meeting_id, region_code__range=(actor.scope.lo, actor.scope.hi))
    found = (meetings.select_for_update(of=("self",)) if lock else meetings).select_related("branch").first()
    if found is None:
        raise NotFound
    return found


def review_get(*, review_id: UUID, actor: Actor, lock: bool = False) -> Review:
    """A review within the actor's reach, with its meeting. Raises NotFound."""
    reviews = Review.objects.filter(id=review_id, region_code__range=(actor.scope.lo, actor.scope.hi))
    found = (reviews.select_for_update(of=("self",)) if lock else reviews).select_related("meeting__branch").first()
    if found is None:
        raise NotFound
    return found


def reviews_of(*, subject_kind: str, subject_id: UUID) -> list[Review]:
    """Every review of a subject, newest first, with its meeting."""
    found = Review.objects.filter(subject_kind=subject_kind, subject_id=subject_id)
    return list(found.select_related("meeting").order_by("-id"))


def poll_of(review: Review, *, lock: bool = False) -> Poll | None:
    """The ballot of the present round; None before it was opened."""
    polls = Poll.objects.filter(review=review, round=review.round)
    return (polls.select_for_update() if lock else polls).first()


def review_result(*, review_id: UUID) -> ReviewResult | None:
    """The result; None for everybody until the ballot is closed and counted."""
    poll = (
        Poll.objects.select_related("review")
        .filter(review_id=review_id, counted_at__isnull=False)
        .order_by("-round")
        .first()
    )
    if poll is None or poll.count is None or poll.void or poll.round != poll.review.round:
        return None
    rules = poll.review_rules
    return ReviewResult(
        state=ReviewState(poll.review.state),
        round=poll.round,
        attendance=poll.attendance,
        count=poll.count,
        base=majority.majority_base(rules, poll.attendance, poll.count),
        passes=majority.passes(rules, poll.attendance, poll.count),
    )


def voter_ids(*, review_id: UUID) -> set[UUID]:
    """User ids of everybody who was on the roll of a ballot on this review."""
    entries = RollEntry.objects.filter(poll__review_id=review_id, member__user__isnull=False)
    return {i for i in entries.values_list("member__user_id", flat=True) if i is not None}


# --- attendance and what is missing ----------------------------------------------------------------


def recused_ids(review: Review) -> set[UUID]:
    """Members who left this item; a challenge that was not ruled upon does not count yet."""
    stands = Recusal.objects.filter(review=review, state=RecusalState.STANDS, late=False)
    return set(stands.values_list("member_id", flat=True))


def attendance_of(members: Sequence[MeetingMember], recused: set[UUID]) -> Attendance:
    """N, R, Q and P as they are now."""
    present = [m for m in members if m.is_present]
    return Attendance(
        roll=len(members),
        recused=sum(m.id in recused for m in members),
        signed_in=len(present),
        present=sum(m.id not in recused for m in present),
    )


def meeting_missing(meeting: Meeting, members: Sequence[MeetingMember]) -> list[str]:
    """Why the meeting cannot open yet, one sentence each; empty when it can."""
    rules, missing = meeting.review_rules, []
    signed_in = sum(m.is_present for m in members)
    if len(members) < rules.min_members:
        missing.append(
            _("The roll has %(n)s members; at least %(min)s are needed.")
            % {"n": len(members), "min": rules.min_members}
        )
    if not majority.meeting_quorum(rules, signed_in=signed_in, roll=len(members)):
        missing.append(
            _("%(q)s of %(n)s members have signed in; the quorum is %(part)s/%(whole)s.")
            % {"q": signed_in, "n": len(members), "part": rules.quorum[0], "whole": rules.quorum[1]}
        )
    if meeting.chair_id is None or meeting.recorder_id is None:
        missing.append(_("Chair and recorder must be appointed."))
    if any(m.channel == Channel.PAPER for m in members):
        missing += _paper_missing(meeting)
    return missing


def _paper_missing(meeting: Meeting) -> list[str]:
    missing = []
    if meeting.teller_id is None or meeting.scrutineer_id is None:
        missing.append(_("Some members vote on paper: a teller and a scrutineer must be appointed."))
    if len(meeting.witnesses) < 2:
        missing.append(_("Some members vote on paper: two resident witnesses are needed."))
    return missing


def ballot_missing(review: Review, members: Sequence[MeetingMember]) -> list[str]:
    """Why the ballot on this item cannot open yet, one sentence each; empty when it can."""
    rules, missing = review.meeting.review_rules, []
    attendance = attendance_of(members, recused_ids(review))
    if review.meeting.state != MeetingState.OPEN:
        missing.append(_("The meeting is not in session."))
    if not majority.meeting_quorum(rules, signed_in=attendance.signed_in, roll=attendance.roll):
        missing.append(
            _("The meeting has lost its quorum: %(q)s of %(n)s members are present.")
            % {"q": attendance.signed_in, "n": attendance.roll}
        )
    if majority.too_few_entitled(rules, attendance):
        missing.append(
            _("Only %(e)s members may decide this item; it has to go to the next body.") % {"e": attendance.entitled}
        )
    elif not majority.item_quorum(rules, attendance):
        missing.append(
            _("%(p)s members may vote here now; more than half of %(e)s and at least %(min)s are needed.")
            % {"p": attendance.present, "e": attendance.entitled, "min": rules.min_reviewers}
        )
    if Recusal.objects.filter(review=review, state=RecusalState.CHALLENGED).exists():
        missing.append(_("The chair has to rule on a challenge first."))
    if review.meeting.officer_ids & _stepped_aside(review, members):
        missing.append(_("An officer of the meeting has to step aside from this item; appoint somebody else."))
    return missing


def _stepped_aside(review: Review, members: Sequence[MeetingMember]) -> set[UUID]:
    recused = recused_ids(review)
    return set(review.barred_ids) | {m.user_id for m in members if m.id in recused and m.user_id}


# --- pages -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MeetingRow:
    """A line of the list of meetings."""

    id: UUID
    code: str
    title: str
    place: str
    starts_at: datetime
    state: str
    state_label: str
    items: int
    waiting: int
    mine: bool


def meetings_page(
    *, actor: Actor, state: str = "", after: UUID | None = None, size: int = 30
) -> tuple[list[MeetingRow], UUID | None]:  # fmt: skip
    """Meetings the actor may see, newest first; the key of the next page, or None. One query."""
    meetings: QuerySet[Meeting] = Meeting.objects.filter(region_code__range=(actor.scope.lo, actor.scope.hi))
    me = actor.user_id or _NOBODY
    sits = MeetingMember.objects.filter(meeting=OuterRef("pk"), user_id=me)
    if not any(actor.has(d) for d in (Duty.REVIEW_HOLD, Duty.OBJECTION_HANDLE, Duty.AUDIT_READ)):
        meetings = meetings.filter(
            Q(Exists(sits)) | Q(chair_id=me) | Q(recorder_id=me) | Q(teller_id=me) | Q(scrutineer_id=me)
        )
    if state:
        meetings = meetings.filter(state=state)
    if after:
        meetings = meetings.filter(id__lt=after)
    rows = meetings.annotate(
        items=CountOf("reviews"), waiting=CountOf("reviews", filter=Q(reviews__state__in=LIVE)), mine=Exists(sits)
    ).order_by("-id")[: size + 1]
    found = [
        MeetingRow(
            m.id, m.code, m.title, m.place, m.starts_at, m.state, m.get_state_display(), m.items, m.waiting, m.mine
        )
        for m in rows
    ]
    return found[:size], found[size - 1].id if len(found) > size else None


def my_ballot(*, review: Review, actor: Actor) -> RollEntry | None:
    """The actor's own line on the roll of the present ballot; None when they do not vote on it."""
    mine = RollEntry.objects.filter(poll__review=review, poll__round=review.round)
    return mine.filter(member__user_id=actor.user_id or _NOBODY).first()


def member_of(meeting: Meeting, actor: Actor) -> MeetingMember | None:
    """The actor's own line on the roll of the meeting; None for somebody who is no member."""
    return MeetingMember.objects.filter(meeting=meeting, user_id=actor.user_id or _NOBODY).first()


def turnout(poll: Poll) -> tuple[int, int]:
    """How many online voters have voted, of how many. Says nothing of what they chose."""
    roll = RollEntry.objects.filter(poll=poll, channel=Channel.ONLINE)
    return roll.filter(voted=True).count(), roll.count()
