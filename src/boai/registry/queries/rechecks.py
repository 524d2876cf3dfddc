"""The list of categories to look at again, by village."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet

from boai.kernel.errors import NotFound
from boai.people.actor import Actor
from boai.regions.codes import span
from boai.regions.queries import full_names
from boai.registry.enums import Category, RecheckCause, Sensitivity, sensitivity_of
from boai.registry.models import Recheck

PAGE = 50
MOST_COUNTED = 1000


@dataclass(frozen=True)
class RecheckRow:
    """A line of the list. A sealed category has no label here."""

    id: UUID
    name: str
    household_id: UUID
    place: str
    label: str
    detail: str
    valid_from: date
    valid_to: date | None
    checked_on: date | None
    source: str
    cause: str
    due_on: date
    late: bool


@dataclass(frozen=True)
class RecheckPage:
    """A page of the list and the key of the next one ("" at the end)."""

    rows: list[RecheckRow]
    after: str


def rechecks_open(*, actor: Actor, region: str = "", kind: str = "") -> QuerySet[Recheck]:
    """What waits in the actor's division."""
    waiting = Recheck.objects.filter(
        answered_at__isnull=True, region_code__range=(actor.scope.lo, actor.scope.hi)
    ).select_related("entry__resident")
    if region:
        waiting = waiting.filter(region_code__range=span(region))
    if kind in Category.values and sensitivity_of(kind) == Sensitivity.OPEN:
        waiting = waiting.filter(entry__kind=kind)
    return waiting


def rechecks_count(*, actor: Actor) -> int:
    """How many wait; counting stops at MOST_COUNTED."""
    reach = (actor.scope.lo, actor.scope.hi)
    waiting = Recheck.objects.filter(answered_at__isnull=True, region_code__range=reach)
    return waiting.values("id")[:MOST_COUNTED].count()


def recheck_get(*, recheck_id: UUID, actor: Actor) -> Recheck:
    """One, answered or not. Raises NotFound, also outside the actor's division."""
    reach = (actor.scope.lo, actor.scope.hi)
    found = Recheck.objects.select_related("entry__resident").filter(id=recheck_id, region_code__range=reach).first()
    if found is None:
        raise NotFound
    return found


def recheck_page(
    *, actor: Actor, on: date, region: str = "", kind: str = "", key: str = "", size: int = PAGE
) -> RecheckPage:  # fmt: skip
    """A page of what waits, by village and day. Three queries, however many rows."""
    waiting = rechecks_open(actor=actor, region=region, kind=kind)
    code, day, last = _anchor(key)
    if last is not None and day is not None:
        waiting = waiting.filter(
            Q(region_code__gt=code) | Q(region_code=code, due_on__gt=day) | Q(region_code=code, due_on=day, id__gt=last)
        )
    found = list(waiting.order_by("region_code", "due_on", "id")[: size + 1])
    more, found = len(found) > size, found[:size]
    places = full_names({one.region_code for one in found}, below=actor.region_code or "000000000000")
    end = found[-1] if more else None
    return RecheckPage(
        [_row(one, places, on) for one in found],
        f"{end.region_code}:{end.due_on.isoformat()}:{end.id}" if end else "",
    )


def _anchor(key: str) -> tuple[str, date | None, UUID | None]:
    try:
        code, day, last = key.split(":")
        return code[:12], date.fromisoformat(day), UUID(last)
    except ValueError:
        return "", None, None


def _row(one: Recheck, places: dict[str, str], on: date) -> RecheckRow:
    entry = one.entry
    return RecheckRow(
        id=one.id,
        name=entry.resident.name,
        household_id=entry.resident.household_id,
        place=places.get(one.region_code, one.region_code),
        label="" if entry.sealed else str(Category(entry.kind).label),
        detail=entry.detail,
        valid_from=entry.valid_from,
        valid_to=entry.valid_to,
        checked_on=entry.checked_on,
        source=entry.source,
        cause=str(RecheckCause(one.cause).label),
        due_on=one.due_on,
        late=one.due_on < on,
    )
