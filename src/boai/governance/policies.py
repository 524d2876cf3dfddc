"""May this actor take this step of governance? Pure predicates; the sentence is for the person who asked."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext as _

from boai.governance.enums import ObjectionChannel
from boai.governance.models import Meeting, MeetingMember, Notice, Objection, Review
from boai.kernel.errors import NotAllowed
from boai.kernel.policy import ALLOWED, Verdict, deny
from boai.people.actor import SYSTEM_ROLE, Actor
from boai.people.roles import Duty
from boai.regions.codes import span


def person(actor: Actor) -> UUID:
    """Whoever takes this step must be somebody: neither the public nor the system. Raises NotAllowed."""
    if actor.user_id is None:
        raise NotAllowed(_("This step is taken by staff of the branch."))
    return actor.user_id


def _in_reach(actor: Actor, region_code: str) -> Verdict:
    return ALLOWED if actor.reaches(region_code) else deny(_("This is outside your division."))


def _needs(actor: Actor, region_code: str, *duties: Duty) -> Verdict:
    if not any(actor.has(duty) for duty in duties):
        return deny(_("Your post does not include this step."))
    return _in_reach(actor, region_code)


# --- meetings and ballots --------------------------------------------------------------------------


def may_convene(actor: Actor, region_code: str) -> Verdict:
    """Who organises reviews in a division."""
    return _needs(actor, region_code, Duty.REVIEW_HOLD)


def may_organise(actor: Actor, meeting: Meeting) -> Verdict:
    """Agenda, officers, minutes: who organises reviews, or chair and recorder of this meeting."""
    if actor.user_id in (meeting.chair_id, meeting.recorder_id):
        return _in_reach(actor, meeting.region_code)
    return may_convene(actor, meeting.region_code)


def may_preside(actor: Actor, meeting: Meeting) -> Verdict:
    """Opening, ballots, declaring: the chair, and the recorder who writes for the chair."""
    if actor.user_id is None or actor.user_id not in (meeting.chair_id, meeting.recorder_id):
        return deny(_("Only the chair or the recorder of this meeting may do this."))
    return _in_reach(actor, meeting.region_code)


def may_chair(actor: Actor, meeting: Meeting) -> Verdict:
    """Rulings are the chair's own."""
    if actor.user_id is None or actor.user_id != meeting.chair_id:
        return deny(_("Only the chair of this meeting may rule on this."))
    return _in_reach(actor, meeting.region_code)


def may_sign_in(actor: Actor, member: MeetingMember) -> Verdict:
    """Oneself on one's own phone, or whoever organises the meeting for somebody at the door."""
    if actor.user_id is not None and actor.user_id == member.user_id:
        return ALLOWED
    return may_organise(actor, member.meeting)


def may_key_tally(actor: Actor, review: Review) -> Verdict:
    """The four officers of the meeting, unless one of them had to step aside from this item."""
    if actor.user_id not in review.meeting.officer_ids:
        return deny(_("Only the officers of this meeting count its ballots."))
    if actor.user_id in review.barred_ids:
        return deny(_("You step aside from this item and may not count its ballots."))
    return _in_reach(actor, review.region_code)


def may_settle_dispute(actor: Actor, review: Review) -> Verdict:
    """A supervisor who held no office at the meeting."""
    if actor.user_id in review.meeting.officer_ids:
        return deny(_("You held an office at this meeting, so somebody else has to decide about its count."))
    return _needs(actor, review.region_code, Duty.OBJECTION_HANDLE)


def may_report_conflict(actor: Actor, review: Review) -> Verdict:
    """A conflict found late is reported by chair, recorder or a supervisor."""
    if may_preside(actor, review.meeting):
        return ALLOWED
    return _needs(actor, review.region_code, Duty.OBJECTION_HANDLE)


def may_see_meeting(actor: Actor, meeting: Meeting) -> Verdict:
    """Officers of the meeting, its members, and whoever handles reviews, objections or the log in its division."""
    me = actor.user_id
    if me is not None and (me in meeting.officer_ids or meeting.members.filter(user_id=me).exists()):
        return ALLOWED
    return _needs(actor, meeting.region_code, Duty.REVIEW_HOLD, Duty.OBJECTION_HANDLE, Duty.AUDIT_READ)


# --- notices ---------------------------------------------------------------------------------------


def may_draft(actor: Actor, region_code: str) -> Verdict:
    """Who drafts notices in a division."""
    return _needs(actor, region_code, Duty.NOTICE_DRAFT)


def may_change_draft(actor: Actor, notice: Notice) -> Verdict:
    """The drafter, or a colleague who drafts too."""
    return may_draft(actor, notice.region_code)


def may_approve_notice(actor: Actor, notice: Notice) -> Verdict:
    """A second person: neither who drafted it nor the colleague who changed the draft and submitted it."""
    if actor.user_id in (notice.drafted_by_id, notice.submitted_by_id):
        return deny(_("You drafted this notice, so a second person has to approve it."))
    return _needs(actor, notice.region_code, Duty.NOTICE_PUBLISH)


def may_publish_notice(actor: Actor, notice: Notice) -> Verdict:
    """Whoever may approve notices; the clock may publish what was approved."""
    if actor.role == SYSTEM_ROLE:
        return ALLOWED
    return _needs(actor, notice.region_code, Duty.NOTICE_PUBLISH)


def may_end_notice(actor: Actor, notice: Notice) -> Verdict:
    """Extending or taking down before time."""
    return _needs(actor, notice.region_code, Duty.NOTICE_PUBLISH)


def may_retract_entry(actor: Actor, notice: Notice) -> Verdict:
    """The app above has decided that its subject leaves; here only a foreign division is refused.

    An applicant who withdraws on the website comes as the public: the caller has checked their code.
    """
    if actor.user_id is None:
        return ALLOWED
    return _in_reach(actor, notice.region_code)


def may_add_photo(actor: Actor, notice: Notice) -> Verdict:
    """Who stands before the board: the cadre, or an officer."""
    return _needs(actor, notice.region_code, Duty.NOTICE_DRAFT, Duty.NOTICE_PUBLISH, Duty.CASE_CREATE)


def may_see_notice(actor: Actor, notice: Notice) -> Verdict:
    """Drafts and board versions hold full names."""
    return _needs(actor, notice.region_code, Duty.NOTICE_DRAFT, Duty.NOTICE_PUBLISH, Duty.OBJECTION_HANDLE,
                  Duty.CASE_READ)  # fmt: skip


# --- objections ------------------------------------------------------------------------------------


def may_file(actor: Actor, what: tuple[Notice, ObjectionChannel]) -> Verdict:
    """Anybody on the website; telephone and paper are entered by an officer of the division."""
    notice, channel = what
    if channel == ObjectionChannel.WEB:
        return ALLOWED
    return _needs(actor, notice.region_code, Duty.OBJECTION_HANDLE, Duty.NOTICE_DRAFT, Duty.CASE_ACCEPT)


def may_handle(actor: Actor, objection: Objection) -> Verdict:
    """Acknowledging and assigning."""
    return _needs(actor, objection.region_code, Duty.OBJECTION_HANDLE)


def may_read_objection(actor: Actor, objection: Objection) -> Verdict:
    """What was said is read by those who handle objections and by whoever entered it; not by the drafter's desk."""
    if actor.user_id is not None and actor.user_id == objection.entered_by_id:
        return _in_reach(actor, objection.region_code)
    return _needs(actor, objection.region_code, Duty.OBJECTION_HANDLE)


def had_a_hand(user_id: UUID | None, involved: frozenset[UUID]) -> Verdict:
    """Nobody handles an objection to their own work, vote or family."""
    if user_id in involved:
        return deny(_("This person had a hand in the matter (draft, approval, visit, vote, family); choose another."))
    return ALLOWED


def may_decide(actor: Actor, objection: Objection) -> Verdict:
    """The handler alone."""
    if actor.user_id is None or actor.user_id != objection.handler_id:
        return deny(_("Only the person who handles this objection may decide it."))
    return may_handle(actor, objection)


def may_decide_appeal(actor: Actor, objection: Objection) -> Verdict:
    """An officer of a branch above the one that published."""
    if not actor.has(Duty.OBJECTION_HANDLE):
        return deny(_("Your post does not include this step."))
    lo, hi = span(objection.notice.branch.region_code)
    if lo <= actor.region_code <= hi or not actor.reaches(objection.notice.branch.region_code):
        return deny(_("An appeal is decided by the branch above the one that published the notice."))
    return ALLOWED


def may_know_objector(actor: Actor, objection: Objection) -> Verdict:
    """Handler, appeal handler, and supervisors: those who handle objections and read the log."""
    if actor.user_id is not None and actor.user_id in (objection.handler_id, objection.appeal_handler_id):
        return _in_reach(actor, objection.region_code)
    if actor.has(Duty.OBJECTION_HANDLE) and actor.has(Duty.AUDIT_READ):
        return _in_reach(actor, objection.region_code)
    return deny(_("Who objected is known only to the handler and the supervisor."))
