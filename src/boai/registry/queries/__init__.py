"""What the register looks like, within the connection's scope."""

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
    findings_page,
    findings_plain,
    intake_get,
    intake_list,
    intakes_stale,
    places_plain,
    rules_found,
)

__all__ = [
    "CategoryView",
    "HouseholdView",
    "MemberView",
    "category_get",
    "findings_page",
    "findings_plain",
    "household_get",
    "household_list",
    "household_page",
    "household_snapshot",
    "intake_get",
    "intake_list",
    "intakes_stale",
    "places_plain",
    "relatives_of",
    "resident_by_number",
    "resident_get",
    "rules_found",
    "sensitive_facts",
]
