"""What governance leaves in the log, in a sentence each."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from boai.audit.types import register

SENTENCES = {
    "governance.meeting.convened": _("Meeting convened: %(title)s, %(members)s members"),
    "governance.meeting.officers_set": _("Officers of the meeting appointed"),
    "governance.meeting.signed_in": _("%(name)s signed in"),
    "governance.meeting.signed_out": _("%(name)s left"),
    "governance.meeting.opened": _("Meeting opened, %(signed_in)s of %(roll)s present"),
    "governance.meeting.adjourned": _("Meeting adjourned: %(reason)s"),
    "governance.meeting.cancelled": _("Meeting cancelled: %(reason)s"),
    "governance.meeting.closed": _("Meeting closed, %(items)s items"),
    "governance.meeting.signed": _("Signed minutes kept: %(pages)s pages, signed by %(signers)s"),
    "governance.review.opened": _("Put on the agenda of meeting %(meeting)s"),
    "governance.review.roll_frozen": _("Ballot opened, roll of %(voters)s voters frozen"),
    "governance.review.passed": _("Passed: agree %(yes)s, disagree %(no)s, abstain %(abstain)s of %(base)s"),
    "governance.review.not_passed": _("Not passed: agree %(yes)s, disagree %(no)s, abstain %(abstain)s of %(base)s"),
    "governance.review.adjourned": _("Review adjourned: %(reason)s"),
    "governance.review.escalated": _("Review passed on to the next body: %(reason)s"),
    "governance.review.voided": _("Review void: %(reason)s"),
    "governance.recusal.declared": _("A member stepped aside"),
    "governance.recusal.challenged": _("A member was challenged: %(note)s"),
    "governance.recusal.ruled": _("The chair ruled on a challenge: %(ruling)s"),
    "governance.recusal.late": _("A conflict of interest was found after the count"),
    "governance.ballot.closed": _("Ballot closed and shuffled, %(ballots)s ballots"),
    "governance.ballot.counted": _("Ballots counted: agree %(yes)s, disagree %(no)s, abstain %(abstain)s"),
    "governance.ballot.repeated": _("Second ballot moved by %(moved_by)s: %(reason)s"),
    "governance.tally.keyed": _("Paper tally keyed, count %(count)s"),
    "governance.tally.recount_ordered": _("Narrow result: recount by hand"),
    "governance.tally.settled": _("Supervisor decided about the count: %(reason)s"),
    "governance.notice.drafted": _("Notice %(notice)s drafted"),
    "governance.notice.edited": _("Notice %(notice)s changed"),
    "governance.notice.submitted": _("Notice %(notice)s rendered and scanned, sent for approval"),
    "governance.notice.returned": _("Notice %(notice)s returned: %(reason)s"),
    "governance.notice.approved": _("Notice %(notice)s approved as rendered"),
    "governance.notice.discarded": _("Notice %(notice)s discarded"),
    "governance.notice.published": _("Notice %(notice)s published, %(first_day)s to %(last_day)s"),
    "governance.notice.extended": _("Notice %(notice)s extended to %(last_day)s: %(reason)s"),
    "governance.notice.photo_added": _("Photo of the board added to notice %(notice)s"),
    "governance.notice.cleared": _("Notice %(notice)s ran out without an open objection to %(subject)s"),
    "governance.notice.entry_dropped": _("%(subject)s taken off the draft of notice %(notice)s"),
    "governance.notice.entry_retracted": _("%(subject)s taken off notice %(notice)s: %(reason)s"),
    "governance.notice.correction_drafted": _("Correction of notice %(corrects)s drafted: %(correction)s"),
    "governance.notice.superseded": _("Notice %(notice)s replaced by %(replaced_by)s: %(correction)s"),
    "governance.notice.retracted": _("Notice %(notice)s taken down: %(reason)s"),
    "governance.notice.withdrawn": _("Notice %(notice)s ended and taken down"),
    "governance.objection.filed": _("Objection received against notice %(notice)s"),
    "governance.objection.acknowledged": _("Objection %(receipt)s acknowledged"),
    "governance.objection.assigned": _("Objection %(receipt)s assigned"),
    "governance.objection.decided": _("Objection %(receipt)s decided: %(outcome)s"),
    "governance.objection.appealed": _("Objection %(receipt)s appealed"),
    "governance.objection.appeal_decided": _("Appeal %(receipt)s decided: %(outcome)s"),
    "governance.objection.identity_read": _("Name of the objector read, objection %(receipt)s"),
}

# A head of the log is signed at once: what hangs on a wall or closes a ballot is held to it.
AT_ONCE = ("governance.notice.published", "governance.ballot.closed", "governance.meeting.closed")


def tell() -> None:
    """Register the sentences with the log."""
    register(SENTENCES, checkpoint_at_once=AT_ONCE)
