"""Verbs that change the register, one file per story."""

from boai.registry.services.bulk import (
    bulk_undo,
    category_change,
    category_dry_run,
    village_change,
    village_dry_run,
)
from boai.registry.services.checking import intake_check
from boai.registry.services.committing import (
    intake_commit,
    intake_commit_run,
    intake_undo,
    intake_undo_run,
)
from boai.registry.services.exports import export_ask, export_decide, export_fetch, export_write, exports_forget
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
from boai.registry.services.intakes import intake_again, intake_cancel, intake_upload
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
from boai.registry.services.pairs import (
    intake_recount,
    pair_differ,
    pair_same,
    register_compare,
    register_compare_run,
)
from boai.registry.services.rechecks import recheck_answer, rechecks_collect, rechecks_confirm
from boai.registry.services.requests import copy_make, person_erase, request_decide, request_finish, request_receive
from boai.registry.services.sensitive import sensitive_open
from boai.registry.services.workbook import intake_workbook_make

__all__ = [
    "bulk_undo",
    "category_add",
    "category_change",
    "category_dry_run",
    "category_end",
    "columns_decide",
    "copy_make",
    "event_undo",
    "export_ask",
    "export_decide",
    "export_fetch",
    "export_write",
    "exports_forget",
    "finding_fix",
    "flag_answer",
    "head_change",
    "household_change",
    "household_create",
    "household_end",
    "household_move",
    "household_split",
    "households_join",
    "intake_again",
    "intake_cancel",
    "intake_check",
    "intake_commit",
    "intake_commit_run",
    "intake_recheck",
    "intake_recount",
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
    "pair_differ",
    "pair_same",
    "person_erase",
    "recheck_answer",
    "rechecks_collect",
    "rechecks_confirm",
    "register_compare",
    "register_compare_run",
    "request_decide",
    "request_finish",
    "request_receive",
    "resident_add",
    "resident_change",
    "resident_leave",
    "resident_move",
    "resident_return",
    "residents_merge",
    "sensitive_open",
    "village_change",
    "village_dry_run",
    "watched_add",
    "watched_end",
    "weights_hold",
]
