"""异议: when an objection or its appeal is decided, the cases that it concerns go back, or go on."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from boai.governance import queries as governance_queries
from boai.governance import services as governance
from boai.governance.enums import ObjectionOutcome
from boai.governance.models import Objection
from boai.journeys.services.subjects import KIND
from boai.people.actor import Actor
from boai.relief.enums import Action
from boai.relief.models import Case
from boai.relief.services.outcomes import case_objected, cases_lock

LEADS_TO = {
    ObjectionOutcome.RE_VERIFY: Action.RECHECK,
    ObjectionOutcome.RE_BALLOT: Action.REREVIEW,
    ObjectionOutcome.VOID: Action.VOID,
}


def _concerned(objection_id: UUID, actor: Actor) -> list[Case]:
    governance_queries.objection_get(objection_id=objection_id, actor=actor)
    subjects = governance_queries.objection_subjects(objection_id=objection_id)
    return cases_lock({s.id for s in subjects if s.kind == KIND})


def _follow(cases: list[Case], outcome: str, reasons: str, *, actor: Actor, at: datetime) -> None:
    if outcome == ObjectionOutcome.DISMISSED:
        return
    for case in cases:
        case_objected(case, action=LEADS_TO[ObjectionOutcome(outcome)], note=reasons, actor=actor, at=at)


@transaction.atomic
def objection_decide(*, objection_id: UUID, outcome: str, reasons: str, actor: Actor, at: datetime) -> Objection:
    """Decide an objection; upheld, its cases go back to verification or review, or can only be refused."""
    cases = _concerned(objection_id, actor)
    objection = governance.objection_decide(
        objection_id=objection_id, actor=actor, outcome=outcome, reasons=reasons, at=at
    )  # fmt: skip
    _follow(cases, objection.outcome, objection.reasons, actor=actor, at=at)
    return objection


@transaction.atomic
def appeal_decide(*, objection_id: UUID, outcome: str, reasons: str, actor: Actor, at: datetime) -> Objection:
    """Decide an appeal; as `objection_decide`, and money that has gone is to be reclaimed."""
    cases = _concerned(objection_id, actor)
    objection = governance.appeal_decide(
        objection_id=objection_id, actor=actor, outcome=outcome, reasons=reasons, at=at
    )  # fmt: skip
    _follow(cases, objection.appeal_outcome, objection.appeal_reasons, actor=actor, at=at)
    return objection
