"""Use-cases that join peers: each is one transaction over governance and relief.

Locks are taken in one order everywhere: cases (by key), then meeting or notice, then what belongs to them.
"""

from boai.journeys.services.notices import (
    Listing,
    notice_draft,
    notice_extend,
    notice_publish,
    notice_retract,
    notices_follow,
    notices_plan,
)
from boai.journeys.services.objections import appeal_decide, objection_decide
from boai.journeys.services.reviews import (
    Agenda,
    agenda_add,
    agenda_choice,
    agenda_plan,
    conflict_report,
    review_declare,
)

__all__ = [
    "Agenda",
    "Listing",
    "agenda_add",
    "agenda_choice",
    "agenda_plan",
    "appeal_decide",
    "conflict_report",
    "notice_draft",
    "notice_extend",
    "notice_publish",
    "notice_retract",
    "notices_follow",
    "notices_plan",
    "objection_decide",
    "review_declare",
]
