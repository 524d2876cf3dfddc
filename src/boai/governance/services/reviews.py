"""An item on the agenda, from its presentation to the declared outcome."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from boai.audit.services import record
from boai.governance import policies, queries
from boai.governance.enums import MEETING_TRANSITIONS, REVIEW_TRANSITIONS, Ground, MeetingState, ReviewState
from boai.governance.models import Meeting, Recusal, Review
from boai.governance.models.meetings import LIVE
from boai.governance.queries.meetings import attendance_of, poll_of, recused_ids
from boai.governance.rules import majority
from boai.governance.rules.subjects import Fact, MustRecuse, Subject
from boai.governance.services.ballots import ballots_destroy
from boai.governance.services.meetings import place_within
from boai.kernel.errors import BadInput, NotFound, UnableTo
from boai.kernel.policy import require
from boai.kernel.transition import transition
from boai.people.actor import Actor


@transaction.atomic
def review_open(
    *, actor: Actor, meeting_id: UUID, subject: Subject, facts: Sequence[Fact], recusals: Sequence[MustRecuse],
    verifier_ids: Collection[UUID], previous_id: UUID | None = None, at: datetime,
) -> Review:  # fmt: skip
    """Put a subject on the agenda of a convened or open meeting, with the facts that the panel will see.

    `recusals` are automatic hits, `verifier_ids` who did the home verification (barred too): members of the panel among
    them are recused from the item, nobody of them may hold an office on it. One live review per subject. Raises
    NotAllowed, UnableTo.
    """
    meeting = queries.meeting_get(meeting_id=meeting_id, actor=actor, lock=True)
    require(policies.may_organise, actor, meeting)
    meeting.state = transition(MEETING_TRANSITIONS, meeting.state, "agenda")
    if not place_within(meeting, subject.region_code):
        raise UnableTo(_("This panel works for another division."))
    same = Review.objects.filter(subject_kind=subject.kind, subject_id=subject.id)
    if same.filter(state__in=LIVE).exists():
        raise UnableTo(_("This subject is already under review."))
    if previous_id is not None and not same.filter(id=previous_id).exists():
        raise NotFound
    last = meeting.reviews.aggregate(last=Max("number"))["last"]
    review = Review.objects.create(
        meeting=meeting, region_code=subject.region_code, subject_kind=subject.kind, subject_id=subject.id,
        subject_code=subject.code, subject_title=subject.title, facts=[asdict(f) for f in facts],
        number=(last or 0) + 1, barred_ids=sorted({r.user_id for r in recusals} | set(verifier_ids)),
        previous_id=previous_id, opened_by_id=actor.user_id, opened_at=at,
    )  # fmt: skip
    hits = _recuse(review, meeting, recusals, verifier_ids, at=at)
    record("governance.review.opened", review, actor=actor, at=at, subject=subject.code, meeting=meeting.code,
           recused=hits, facts=review.facts)  # fmt: skip
    return review


def _recuse(
    review: Review, meeting: Meeting, recusals: Sequence[MustRecuse], verifier_ids: Collection[UUID], *, at: datetime
) -> int:
    """Recuse the members that the rules hit; a relation weighs before the verification. The number of hits."""
    grounds = {u: MustRecuse(u, Ground.VERIFIER) for u in verifier_ids} | {r.user_id: r for r in recusals}
    members = meeting.members.filter(user_id__in=grounds)
    rows = [
        Recusal(review=review, member=m, region_code=review.region_code, ground=grounds[m.user_id].ground,
                note=grounds[m.user_id].note[:200], automatic=True, at=at)
        for m in members
        if m.user_id is not None
    ]  # fmt: skip
    Recusal.objects.bulk_create(rows)
    return len(rows)


@transaction.atomic
def review_declare(*, review_id: UUID, actor: Actor, reason: str = "", at: datetime) -> Review:
    """The chair (or the recorder for the chair) declares the outcome; `review.state` tells which.

    counted → passed or not_passed by rule R1, or void when a late conflict spoiled the ballot; disputed → void once a
    supervisor has voided the count; presented → escalated when fewer than `min_reviewers` remain entitled, adjourned
    when the quorum is missing or a `reason` is given; ballot_open → adjourned with a `reason`, the ballots are
    destroyed uncounted. Raises UnableTo otherwise. Call it from a journey, inside its transaction.
    """
    review = queries.review_get(review_id=review_id, actor=actor, lock=True)
    require(policies.may_preside, actor, review.meeting)
    action, why = _outcome(review, reason.strip())
    before = review.state
    review.state = transition(REVIEW_TRANSITIONS, before, action)
    if before == ReviewState.BALLOT_OPEN:
        ballots_destroy(review, actor=actor, at=at)
    review.declared_by_id, review.declared_at, review.reason = actor.user_id, at, why[:500]
    review.save(update_fields=["state", "declared_by", "declared_at", "reason"])
    mark = _MARKS[ReviewState(review.state)]
    record(f"governance.review.{mark}", review, actor=actor, at=at, subject=review.subject_code,
           reason=review.reason, **_figures(review))  # fmt: skip
    return review


_MARKS = {
    ReviewState.PASSED: "passed",
    ReviewState.NOT_PASSED: "not_passed",
    ReviewState.ADJOURNED: "adjourned",
    ReviewState.ESCALATED: "escalated",
    ReviewState.VOID: "voided",
}


def _outcome(review: Review, reason: str) -> tuple[str, str]:
    """The action that the rules allow now, and the reason to keep."""
    poll = poll_of(review)
    if poll is not None and poll.void and review.state in (ReviewState.COUNTED, ReviewState.DISPUTED):
        return "void", poll.void_reason
    if review.state == ReviewState.COUNTED and poll is not None and poll.count is not None:
        return ("pass" if majority.passes(poll.review_rules, poll.attendance, poll.count) else "fail"), reason
    if review.state == ReviewState.DISPUTED:
        raise UnableTo(_("The count does not add up; a supervisor has to decide first."))
    if review.state == ReviewState.BALLOT_OPEN and not reason:
        raise UnableTo(_("The ballot is open. Close it, or give a reason to adjourn; the ballots are then destroyed."))
    if review.state != ReviewState.PRESENTED:
        return "adjourn", reason
    return _outcome_without_ballot(review, reason)


def _outcome_without_ballot(review: Review, reason: str) -> tuple[str, str]:
    members = list(review.meeting.members.all())
    rules, attendance = review.meeting.review_rules, attendance_of(members, recused_ids(review))
    if majority.too_few_entitled(rules, attendance):
        return "escalate", reason or _("Only %(e)s members may decide this item; it has to go to the next body.") % {
            "e": attendance.entitled
        }
    if reason:
        return "adjourn", reason
    quorate = majority.meeting_quorum(rules, signed_in=attendance.signed_in, roll=attendance.roll)
    if review.meeting.state != MeetingState.OPEN:
        raise UnableTo(_("The meeting has not been opened. Give a reason to adjourn the item."))
    if quorate and majority.item_quorum(rules, attendance):
        raise UnableTo(_("The quorum is there: open the ballot, or give a reason to adjourn."))
    return "adjourn", _("No quorum: %(p)s of %(e)s entitled members are present.") % {
        "p": attendance.present,
        "e": attendance.entitled,
    }


def _figures(review: Review) -> dict[str, int]:
    result = queries.review_result(review_id=review.id)
    if result is None:
        return {}
    return {
        "yes": result.count.yes, "no": result.count.no, "abstain": result.count.abstain, "blank": result.count.blank,
        "invalid": result.count.invalid, "present": result.attendance.present, "entitled": result.attendance.entitled,
        "base": result.base,
    }  # fmt: skip


def reason_needed(text: str) -> str:
    """A reason that somebody wrote. Raises BadInput when there is none."""
    if not text.strip():
        raise BadInput(fields={"reason": [_("Give the reason.")]})
    return text.strip()
