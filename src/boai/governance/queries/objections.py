"""Objections on the officer's side."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Q

from boai.governance.enums import BLOCKING, ObjectionState
from boai.governance.models import Objection
from boai.kernel.errors import NotFound
from boai.people.actor import Actor


def objection_get(*, objection_id: UUID, actor: Actor, lock: bool = False) -> Objection:
    """An objection within the actor's reach, with notice and entry. Raises NotFound."""
    found = Objection.objects.filter(id=objection_id, region_code__range=(actor.scope.lo, actor.scope.hi))
    if lock:
        found = found.select_for_update(of=("self",))
    objection = found.select_related("notice__branch", "entry", "handler", "appeal_handler").first()
    if objection is None:
        raise NotFound
    return objection


def objections_page(
    *, actor: Actor, at: datetime, which: str = "open", after: UUID | None = None, size: int = 30
) -> tuple[list[Objection], UUID | None]:
    """Objections within the actor's reach, newest first; `which` is "open", "late", "mine" or "all". One query."""
    rows = Objection.objects.filter(region_code__range=(actor.scope.lo, actor.scope.hi))
    if which == "open":
        rows = rows.filter(state__in=BLOCKING)
    elif which == "late":
        rows = rows.filter(late_filter(at))
    elif which == "mine":
        rows = rows.filter(Q(handler_id=actor.user_id) | Q(appeal_handler_id=actor.user_id), state__in=BLOCKING)
    if after:
        rows = rows.filter(id__lt=after)
    found = list(
        rows.select_related("notice", "entry", "handler").defer("text", "appeal_text").order_by("-id")[: size + 1]
    )
    return found[:size], found[size - 1].id if len(found) > size else None


def late_filter(at: datetime) -> Q:
    """Not acknowledged or not decided in time."""
    return (
        Q(state=ObjectionState.FILED, acknowledge_by__lte=at)
        | Q(state__in=[ObjectionState.FILED, ObjectionState.ACKNOWLEDGED, ObjectionState.ASSIGNED], decide_by__lte=at)
        | Q(state=ObjectionState.APPEALED, appeal_decide_by__lte=at)
    )
