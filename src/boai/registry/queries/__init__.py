"""What the register looks like, within the connection's scope."""

from boai.registry.queries.bulk import bulk_changes, bulk_get, villages_held
from boai.registry.queries.fixing import VillageCount, fixes_of, villages_found
from boai.registry.queries.help import household_received, whose
from boai.registry.queries.history import household_history, household_on, register_on
from boai.registry.queries.households import (
    CategoryView,
    HouseholdView,
    MemberView,
    category_get,
    household_get,
    household_list,
    household_page,
    household_snapshot,
    relatives_of,
    resident_by_number,
    resident_get,
    sensitive_facts,
)
from boai.registry.queries.intakes import (
    RuleCount,
    findings_page,
    findings_plain,
    intake_get,
    intake_list,
    intakes_stale,
    intakes_without_workbook,
    places_plain,
    rules_found,
)
from boai.registry.queries.mapping import ColumnView, columns_view
from boai.registry.queries.pairs import (
    merge_get,
    merges_lately,
    pair_after,
    pair_get,
    pair_rows,
    pairs_beside,
    pairs_open,
    pairs_plain,
    sides,
)
from boai.registry.queries.patching import patch_fields, patch_page
from boai.registry.queries.rechecks import recheck_get, recheck_page, rechecks_count, rechecks_open
from boai.registry.queries.template import template_places

__all__ = [
    "CategoryView",
    "ColumnView",
    "HouseholdView",
    "MemberView",
    "RuleCount",
    "VillageCount",
    "bulk_changes",
    "bulk_get",
    "category_get",
    "columns_view",
    "findings_page",
    "findings_plain",
    "fixes_of",
    "household_get",
    "household_history",
    "household_list",
    "household_on",
    "household_page",
    "household_received",
    "household_snapshot",
    "intake_get",
    "intake_list",
    "intakes_stale",
    "intakes_without_workbook",
    "merge_get",
    "merges_lately",
    "pair_after",
    "pair_get",
    "pair_rows",
    "pairs_beside",
    "pairs_open",
    "pairs_plain",
    "patch_fields",
    "patch_page",
    "places_plain",
    "recheck_get",
    "recheck_page",
    "rechecks_count",
    "rechecks_open",
    "register_on",
    "relatives_of",
    "resident_by_number",
    "resident_get",
    "rules_found",
    "sensitive_facts",
    "sides",
    "template_places",
    "villages_found",
    "villages_held",
    "whose",
]
