"""What governance does for the apps above. Import from here: `from boai.governance import services as governance`.

Every service runs in the caller's transaction when there is one. Some steps move cases upstairs too. For those the
officer pages of governance post to these URL names when they exist, with these fields, and fall back to a view of
their own only for the three that a job can catch up with:

    journeys:review_declare    (review_id)     reason
    journeys:conflict_report   (review_id)     member, ground, note
    journeys:objection_decide  (objection_id)  outcome, reasons
    journeys:appeal_decide     (objection_id)  outcome, reasons
    journeys:notice_publish    (notice_id)                     else governance:notice_publish
    journeys:notice_extend     (notice_id)     extra, reason   else governance:notice_extend
    journeys:notice_retract    (notice_id)     reason          else governance:notice_retract
    journeys:agenda_add        (meeting_id)    GET: a page to choose cases; linked from the meeting

Go back to `governance:review` (review_id), `governance:notice` (notice_id), `governance:objection` (objection_id).
Lock cases first, then meeting or notice: `notice_lock_clear` is called by an approval that holds its case.
"""

from boai.governance.services.attendance import member_sign_in, member_sign_out
from boai.governance.services.ballots import ballot_cast, ballot_close, ballot_open, ballot_repeat
from boai.governance.services.meetings import (
    meeting_adjourn,
    meeting_cancel,
    meeting_close,
    meeting_convene,
    meeting_officers_set,
    meeting_open,
    meeting_sign,
)
from boai.governance.services.notices import (
    notice_approve,
    notice_correct,
    notice_discard,
    notice_draft,
    notice_edit,
    notice_preview,
    notice_return,
    notice_submit,
)
from boai.governance.services.objections import (
    appeal_decide,
    objection_acknowledge,
    objection_appeal,
    objection_assign,
    objection_decide,
    objection_file,
    objector_reveal,
)
from boai.governance.services.printing import meeting_minutes, notice_print
from boai.governance.services.publishing import (
    board_photo_add,
    entry_retract,
    notice_extend,
    notice_lock_clear,
    notice_publish,
    notice_retract,
    notice_withdraw_due,
)
from boai.governance.services.recusals import recusal_challenge, recusal_declare, recusal_late, recusal_rule
from boai.governance.services.reviews import review_declare, review_open
from boai.governance.services.tallies import tally_dispute_settle, tally_key

__all__ = [
    "appeal_decide",
    "ballot_cast",
    "ballot_close",
    "ballot_open",
    "ballot_repeat",
    "board_photo_add",
    "entry_retract",
    "meeting_adjourn",
    "meeting_cancel",
    "meeting_close",
    "meeting_convene",
    "meeting_minutes",
    "meeting_officers_set",
    "meeting_open",
    "meeting_sign",
    "member_sign_in",
    "member_sign_out",
    "notice_approve",
    "notice_correct",
    "notice_discard",
    "notice_draft",
    "notice_edit",
    "notice_extend",
    "notice_lock_clear",
    "notice_preview",
    "notice_print",
    "notice_publish",
    "notice_retract",
    "notice_return",
    "notice_submit",
    "notice_withdraw_due",
    "objection_acknowledge",
    "objection_appeal",
    "objection_assign",
    "objection_decide",
    "objection_file",
    "objector_reveal",
    "recusal_challenge",
    "recusal_declare",
    "recusal_late",
    "recusal_rule",
    "review_declare",
    "review_open",
    "tally_dispute_settle",
    "tally_key",
]
