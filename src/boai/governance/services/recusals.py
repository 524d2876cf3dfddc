"""Stepping aside: declared, challenged and ruled upon, or found too late (governance §3.7)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from boai.audit.services import record
from boai.governance import policies, queries
from boai.governance.enums import REVIEW_TRANSITIONS, Channel, Ground, RecusalState, ReviewState
from boai.governance.models import MeetingMember, Recusal, Review, RollEntry
from boai.governance.queries.meetings import member_of, poll_of
from boai.governance.rules import majority
from boai.governance.services.reviews import reason_needed
from boai.kernel.errors import NotAllowed, NotFound, StalePage, UnableTo
from boai.kernel.policy import require
from boai.kernel.transition import transition
from boai.people.actor import Actor


def _review_for_recusal(review_id: UUID, actor: Actor) -> Review:
    review = queries.review_get(review_id=review_id, actor=actor, lock=True)
    review.state = transition(REVIEW_TRANSITIONS, review.state, "recuse")
    return review


def _add(review: Review, member: MeetingMember, *, actor: Actor, ground: str, state: str, note: str, at: datetime,
         late: bool = False) -> Recusal:  # fmt: skip
    if Recusal.objects.filter(review=review, member=member).exclude(state=RecusalState.REJECTED).exists():
        raise StalePage(_("%(name)s has already stepped aside, or a challenge is waiting.") % {"name": member.name})
    return Recusal.objects.create(
        review=review, member=member, region_code=review.region_code, ground=ground, state=state, note=note[:200],
        by_id=actor.user_id, at=at, late=late,
    )  # fmt: skip


@transaction.atomic
def recusal_declare(
    *, review_id: UUID, actor: Actor, note: str, ground: str = Ground.DECLARED, at: datetime
) -> Recusal:
    """A member steps aside from an item before its ballot opens."""
    review = _review_for_recusal(review_id, actor)
    member = member_of(review.meeting, actor)
    if member is None:
        raise NotAllowed(_("You are not a member of this panel."))
    recusal = _add(review, member, actor=actor, ground=ground, state=RecusalState.STANDS, note=note.strip(), at=at)
    record("governance.recusal.declared", review, actor=actor, at=at, member=str(member.id), ground=ground)
    return recusal


@transaction.atomic
def recusal_challenge(*, review_id: UUID, member_id: UUID, actor: Actor, note: str, at: datetime) -> Recusal:
    """Another member or officer says that a member should step aside; the chair rules before the ballot opens.

    The recorder enters a challenge, or a declaration, for members who have no account.
    """
    review = _review_for_recusal(review_id, actor)
    if member_of(review.meeting, actor) is None:
        require(policies.may_organise, actor, review.meeting)
    member = MeetingMember.objects.filter(meeting=review.meeting, id=member_id).first()
    if member is None:
        raise NotFound
    recusal = _add(review, member, actor=actor, ground=Ground.CHALLENGED, state=RecusalState.CHALLENGED,
                   note=reason_needed(note), at=at)  # fmt: skip
    record("governance.recusal.challenged", review, actor=actor, at=at, member=str(member.id), note=recusal.note)
    return recusal


@transaction.atomic
def recusal_rule(*, recusal_id: UUID, actor: Actor, upheld: bool, ruling: str, at: datetime) -> Recusal:
    """The chair rules on a challenge, with a reason. A challenge against the chair is ruled upon by the recorder."""
    recusal = Recusal.objects.filter(id=recusal_id).select_related("member").first()
    if recusal is None:
        raise NotFound
    review = _review_for_recusal(recusal.review_id, actor)
    recusal.refresh_from_db()
    if recusal.state != RecusalState.CHALLENGED:
        raise StalePage(_("This challenge has already been ruled upon."))
    if recusal.member.user_id is not None and recusal.member.user_id == actor.user_id:
        raise NotAllowed(_("Nobody rules on a challenge against themselves."))
    about_chair = recusal.member.user_id is not None and recusal.member.user_id == review.meeting.chair_id
    require(policies.may_preside if about_chair else policies.may_chair, actor, review.meeting)
    recusal.state = RecusalState.STANDS if upheld else RecusalState.REJECTED
    recusal.ruled_by_id, recusal.ruled_at, recusal.ruling = actor.user_id, at, reason_needed(ruling)[:200]
    recusal.save(update_fields=["state", "ruled_by", "ruled_at", "ruling"])
    record("governance.recusal.ruled", review, actor=actor, at=at, member=str(recusal.member_id), upheld=upheld,
           ruling=recusal.ruling)  # fmt: skip
    return recusal


@transaction.atomic
def recusal_late(
    *, review_id: UUID, member_id: UUID, actor: Actor, ground: str, note: str, at: datetime
) -> Review:  # fmt: skip
    """A conflict is found after the count. The outcome stands only if it survives turning every conflicted ballot.

    Otherwise: a counted item is marked, and `review_declare` then declares it void; one that was already declared
    becomes void here (`review.state`), so call this from a journey. Open a new review with `previous_id`.
    """
    review = queries.review_get(review_id=review_id, actor=actor, lock=True)
    require(policies.may_report_conflict, actor, review)
    poll = poll_of(review, lock=True)
    transition(REVIEW_TRANSITIONS, review.state, "conflict")
    voted = RollEntry.objects.filter(poll=poll, member_id=member_id).exists()
    member = MeetingMember.objects.filter(meeting=review.meeting, id=member_id).first()
    if poll is None or poll.count is None or member is None:
        raise NotFound
    if not voted:
        raise UnableTo(_("%(name)s was not on the roll of this ballot.") % {"name": member.name})
    _add(
        review,
        member,
        actor=actor,
        ground=ground,
        state=RecusalState.STANDS,
        note=reason_needed(note),
        at=at,
        late=True,
    )
    stands = majority.survives(poll.review_rules, poll.attendance, poll.count, conflicted=_conflicted(review, poll.id))
    if not stands:
        poll.void = True
        poll.void_reason = _("A conflict of interest was found after the count, and the result hangs on that ballot.")
        poll.save(update_fields=["void", "void_reason"])
        if review.state != ReviewState.COUNTED:
            review.state = transition(REVIEW_TRANSITIONS, review.state, "void")
            review.reason = poll.void_reason
            review.save(update_fields=["state", "reason"])
    record("governance.recusal.late", review, actor=actor, at=at, member=str(member.id), ground=ground, stands=stands)
    return review


def _conflicted(review: Review, poll_id: UUID) -> int:
    """How many conflicted members may have a ballot in the count; on paper nobody can tell, so they all may."""
    late = Recusal.objects.filter(review=review, late=True).values("member_id")
    roll = RollEntry.objects.filter(poll_id=poll_id, member_id__in=late)
    return sum(entry.voted or entry.channel == Channel.PAPER for entry in roll)
