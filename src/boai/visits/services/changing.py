"""Changing a plan, calling a visit off, declaring to be related."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from boai.audit.services import record
from boai.kernel.clock import local_date
from boai.kernel.errors import BadInput, StalePage, UnableTo
from boai.kernel.policy import require
from boai.kernel.transition import transition
from boai.people.actor import Actor
from boai.registry.models import Household
from boai.visits import policies
from boai.visits.enums import TRANSITIONS, Action, State
from boai.visits.models import Tie, Visit
from boai.visits.queries.visits import visit_get
from boai.visits.services.planning import SHORTEST_REASON, Plan, visitors_check

_FIELDS = ("purpose", "day", "first_id", "second_id", "alone_reason", "ask", "with_phone")


@transaction.atomic
def visit_change(*, visit_id: UUID, version: int, plan: Plan, actor: Actor, at: datetime) -> Visit:
    """Another day, other visitors, another question. Who has it on a phone will report into a conflict, not lose it.

    Raises NotFound, NotAllowed, StalePage, BadInput, UnableTo (no longer planned; already planned for that day).
    """
    visit = visit_get(visit_id=visit_id, actor=actor, lock=True)
    require(policies.may_plan, actor, visit)
    _fresh(visit, version)
    visit.state = transition(TRANSITIONS, visit.state, Action.CHANGE)
    homes = list(Household.objects.filter(id=visit.household_id))
    visitors_check(plan, homes=homes, actor=actor, on=min(local_date(at), visit.day))
    there = Visit.objects.filter(
        household_id=visit.household_id, day=plan.day, purpose=plan.purpose, state=State.PLANNED
    )
    if there.exclude(id=visit.id).exists():
        raise UnableTo(_("The household already has this visit on that day."))
    changed = []
    for field in _FIELDS:
        value = getattr(plan, field)
        value = value.strip() if isinstance(value, str) else value
        value = "" if field == "alone_reason" and plan.second_id else value
        if getattr(visit, field) != value:
            setattr(visit, field, value)
            changed.append(field.removesuffix("_id"))
    if not changed:
        return visit
    visit.version, visit.changed_at = visit.version + 1, at
    visit.save()
    record("visits.visit.changed", visit, actor=actor, at=at, fields="、".join(changed), version=visit.version)
    return visit


@transaction.atomic
def visit_cancel(*, visit_id: UUID, version: int, reason: str, actor: Actor, at: datetime) -> Visit:
    """Call a visit off, with a reason. Raises NotFound, NotAllowed, StalePage, BadInput, UnableTo."""
    visit = visit_get(visit_id=visit_id, actor=actor, lock=True)
    require(policies.may_plan, actor, visit)
    _fresh(visit, version)
    if len(reason.strip()) < SHORTEST_REASON:
        raise BadInput(fields={"reason": [_("Say why the visit is called off.")]})
    return _cancel(visit, reason=reason.strip(), actor=actor, at=at)


@transaction.atomic
def tie_declare(*, visit_id: UUID, actor: Actor, at: datetime) -> Visit:
    """A visitor declares to be related to the household: the visit is called off, and nobody plans them there again.

    Raises NotFound, NotAllowed, UnableTo (no longer planned).
    """
    visit = visit_get(visit_id=visit_id, actor=actor, lock=True)
    require(policies.may_declare, actor, visit)
    tie_keep(visit, actor=actor, at=at)
    return _cancel(visit, reason=_("A visitor is related to the household; others have to go."), actor=actor, at=at)


def tie_keep(visit: Visit, *, actor: Actor, at: datetime) -> None:
    """Remember that the actor is related to the household of a visit. Runs in the caller's transaction."""
    tie, new = Tie.objects.get_or_create(
        household_id=visit.household_id, user_id=actor.user_id,
        defaults={"region_code": visit.region_code, "declared_at": at},
    )  # fmt: skip
    if new:
        record("visits.tie.declared", tie, actor=actor, at=at, visit=str(visit.id))


def _cancel(visit: Visit, *, reason: str, actor: Actor, at: datetime) -> Visit:
    visit.state = transition(TRANSITIONS, visit.state, Action.CANCEL)
    visit.reason, visit.changed_at, visit.version = reason, at, visit.version + 1
    visit.save(update_fields=["state", "reason", "changed_at", "version"])
    record("visits.visit.cancelled", visit, actor=actor, at=at, reason=reason, version=visit.version)
    return visit


def _fresh(visit: Visit, version: int) -> None:
    if version != visit.version:
        raise StalePage(_("This visit has changed since you opened the page. See how it stands now."))
