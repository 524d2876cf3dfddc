"""Verbs that change the register, one file per story."""

from boai.registry.services.bulk import (
    bulk_undo,
    category_change,
    category_dry_run,
    village_change,
    village_dry_run,
)
from boai.registry.services.bulk_close import close_change, close_dry_run
from boai.registry.services.bulk_give import give_change, give_dry_run
from boai.registry.services.checking import intake_check
from boai.registry.services.committing import (
    intake_commit,
    intake_commit_run,
    intake_undo,
    intake_undo_run,
)
from boai.registry.services.consents import consent_record, consent_withdraw
from boai.registry.services.emergencies import emergency_end, emergency_open, household_tag, intake_tag
from boai.registry.services.erasing import person_erase
from boai.registry.services.exports import export_ask, export_decide, export_fetch, export_forget, export_write
from boai.registry.services.fixing import finding_fix, intake_recheck
from boai.registry.services.happening import event_undo
from boai.registry.services.households import (
    category_add,
    category_end,
    head_change,
    household_change,
    household_create,
    household_end,
    resident_add,
    resident_change,
    resident_leave,
)
from boai.registry.services.intakes import intake_again, intake_cancel
from boai.registry.services.learning import learning_ask, learning_run, weights_hold
from boai.registry.services.lives import (
    household_move,
    household_split,
    households_join,
    resident_move,
    resident_return,
)
from boai.registry.services.looks import flag_answer, look_check, look_note, looks_tell, watched_add, watched_end
from boai.registry.services.mapping import columns_decide
from boai.registry.services.merging import merge_undo, residents_merge
from boai.registry.services.originals import findings_open, original_open, workbook_open
from boai.registry.services.pairs import (
    intake_recount,
    pair_differ,
    pair_same,
    register_compare,
    register_compare_run,
)
from boai.registry.services.receiving import FileTaken, Sent, files_upload, intake_upload
from boai.registry.services.rechecks import recheck_answer, rechecks_collect, rechecks_confirm
from boai.registry.services.relatives import relative_declare, relative_end
from boai.registry.services.requests import (
    copy_make,
    correction_make,
    home_correction_make,
    request_decide,
    request_finish,
    request_receive,
)
from boai.registry.services.retention import proposal_decide, retention_run
from boai.registry.services.returning import (
    returned_apply,
    returned_compare,
    returned_compare_again,
    returned_discard,
    workbook_return,
)
from boai.registry.services.sensitive import sensitive_open
from boai.registry.services.workbook import intake_workbook_make

__all__ = [
    "FileTaken",
    "Sent",
    "bulk_undo",
    "category_add",
    "category_change",
    "category_dry_run",
    "category_end",
    "close_change",
    "close_dry_run",
    "columns_decide",
    "consent_record",
    "consent_withdraw",
    "copy_make",
    "correction_make",
    "emergency_end",
    "emergency_open",
    "event_undo",
    "export_ask",
    "export_decide",
    "export_fetch",
    "export_forget",
    "export_write",
    "files_upload",
    "finding_fix",
    "findings_open",
    "flag_answer",
    "give_change",
    "give_dry_run",
    "head_change",
    "home_correction_make",
    "household_change",
    "household_create",
    "household_end",
    "household_move",
    "household_split",
    "household_tag",
    "households_join",
    "intake_again",
    "intake_cancel",
    "intake_check",
    "intake_commit",
    "intake_commit_run",
    "intake_recheck",
    "intake_recount",
    "intake_tag",
    "intake_undo",
    "intake_undo_run",
    "intake_upload",
    "intake_workbook_make",
    "learning_ask",
    "learning_run",
    "look_check",
    "look_note",
    "looks_tell",
    "merge_undo",
    "original_open",
    "pair_differ",
    "pair_same",
    "person_erase",
    "proposal_decide",
    "recheck_answer",
    "rechecks_collect",
    "rechecks_confirm",
    "register_compare",
    "register_compare_run",
    "relative_declare",
    "relative_end",
    "request_decide",
    "request_finish",
    "request_receive",
    "resident_add",
    "resident_change",
    "resident_leave",
    "resident_move",
    "resident_return",
    "residents_merge",
    "retention_run",
    "returned_apply",
    "returned_compare",
    "returned_compare_again",
    "returned_discard",
    "sensitive_open",
    "village_change",
    "village_dry_run",
    "watched_add",
    "watched_end",
    "weights_hold",
    "workbook_open",
    "workbook_return",
]
