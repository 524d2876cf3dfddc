"""Visits as lists, and the households that can be visited."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from boai.kernel.errors import NotFound
from boai.people.actor import Actor
from boai.people.queries import names
from boai.people.roles import Duty
from boai.regions.codes import COUNTRY, span
from boai.regions.queries import full_names
from boai.registry.enums import Relation
from boai.registry.models import Household, Resident
from boai.visits.enums import AGAIN, Purpose, Standing, State
from boai.visits.models import Report, Taking, Visit
from boai.visits.policies import Trip
from boai.visits.routes import address_key

PAGE = 30
MOST_HOMES = 300
FILTERS = ("coming", "late", "again", "conflict", "done", "all")


@dataclass(frozen=True)
class VisitRow:
    """A line of a list. `late` are the days since the planned one, 0 when it is not late."""

    id: UUID
    day: date
    head: str
    place: str
    address: str
    purpose: str
    who: tuple[str, ...]
    state: str
    state_name: str
    late: int
    conflict: bool


@dataclass(frozen=True)
class VisitList:
    """A page of visits and the key of the next one ("" at the end)."""

    rows: list[VisitRow]
    after: str


def visits_in_reach(*, actor: Actor) -> QuerySet[Visit]:
    """The visits of the actor's division; for somebody who only makes visits, their own."""
    reach = Visit.objects.filter(region_code__range=(actor.scope.lo, actor.scope.hi))
    if actor.has(Duty.VISIT_PLAN) or actor.has(Duty.AUDIT_READ):
        return reach
    return reach.filter(Q(first_id=actor.user_id) | Q(second_id=actor.user_id))


def visit_list(*, actor: Actor, chosen: str, on: date, after: str = "", mine: bool = False) -> VisitList:
    """Visits by day. `chosen` is one of FILTERS, `after` the key that the page before gave. Six queries."""
    rows = _filtered(visits_in_reach(actor=actor), chosen, on)
    if mine:
        rows = rows.filter(Q(first_id=actor.user_id) | Q(second_id=actor.user_id))
    backwards = chosen in ("done", "again", "all")
    day, _at, key = after.partition("/")
    if key and _is_day(day) and _is_uuid(key):
        beyond = "lt" if backwards else "gt"
        rows = rows.filter(Q(**{f"day__{beyond}": day}) | Q(day=day, **{f"id__{beyond}": key}))
    order = ("-day", "-id") if backwards else ("day", "id")
    found = list(rows.order_by(*order)[: PAGE + 1])
    more, found = len(found) > PAGE, found[:PAGE]
    return VisitList(
        visit_rows(found, on=on, below=actor.region_code), f"{found[-1].day}/{found[-1].id}" if more else ""
    )


def visit_rows(found: Sequence[Visit], *, on: date, below: str = COUNTRY) -> list[VisitRow]:
    """The lines for some visits. Five queries."""
    homes = homes_of((visit.household_id for visit in found), below=below)
    people = names({key for visit in found for key in (visit.first_id, visit.second_id) if key is not None})
    contradicted = set(
        Report.objects.filter(visit__in=found, standing=Standing.CONFLICT).values_list("visit_id", flat=True)
    )
    return [
        VisitRow(
            id=visit.id,
            day=visit.day,
            head=homes[visit.household_id].head if visit.household_id in homes else "",
            place=homes[visit.household_id].place if visit.household_id in homes else "",
            address=homes[visit.household_id].address if visit.household_id in homes else "",
            purpose=str(Purpose(visit.purpose).label),
            who=tuple(people.get(key, "") for key in (visit.first_id, visit.second_id) if key is not None),
            state=visit.state,
            state_name=str(State(visit.state).label),
            late=max((on - visit.day).days, 0) if visit.state == State.PLANNED else 0,
            conflict=visit.id in contradicted,
        )
        for visit in found
    ]


@dataclass(frozen=True)
class Home:
    """A household as a visitor has to find it."""

    id: UUID
    region_code: str
    code: str
    head: str
    place: str
    address: str


def homes_of(household_ids: Iterable[UUID], *, below: str = COUNTRY) -> dict[UUID, Home]:
    """Households by id with their heads; places without the division `below` and what is above. Three queries."""
    rows = list(Household.objects.filter(id__in=set(household_ids)))
    heads = dict(
        Resident.objects.filter(
            household_id__in=[row.id for row in rows], relation=Relation.HEAD, ended_on__isnull=True
        ).values_list("household_id", "name")
    )
    places = full_names({row.region_code for row in rows}, below=below or COUNTRY)
    return {
        row.id: Home(
            row.id, row.region_code, row.code, heads.get(row.id, row.code), places.get(row.region_code, ""), row.address
        )
        for row in rows
    }


def village_homes(*, region_code: str, actor: Actor, on: date) -> list[tuple[Home, date | None]]:
    """The households of a village in the order of their doors, each with the day of its last or next visit."""
    lo, hi = span(region_code)
    reach = Household.objects.filter(region_code__range=(max(lo, actor.scope.lo), min(hi, actor.scope.hi)))
    ids = list(reach.filter(ended_on__isnull=True).order_by("id").values_list("id", flat=True)[:MOST_HOMES])
    latest: dict[UUID, date] = {}
    counted = Visit.objects.filter(household_id__in=ids, state__in=[State.PLANNED, State.DONE]).order_by("day")
    for household_id, day in counted.values_list("household_id", "day"):
        latest[household_id] = day
    homes = sorted(homes_of(ids).values(), key=lambda home: (home.region_code, address_key(home.address), home.head))
    return [(home, latest.get(home.id)) for home in homes]


def visit_get(*, visit_id: UUID, actor: Actor, lock: bool = False) -> Visit:
    """One visit, if asked for under a row lock. Raises NotFound, also outside the actor's division."""
    rows = Visit.objects.filter(region_code__range=(actor.scope.lo, actor.scope.hi), id=visit_id)
    found = (rows.select_for_update(of=("self",)) if lock else rows).first()
    if found is None:
        raise NotFound
    return found


def trip_get(*, visit_id: UUID, actor: Actor, lock: bool = False) -> Trip:
    """A visit with those who took it along. Raises NotFound."""
    visit = visit_get(visit_id=visit_id, actor=actor, lock=lock)
    return Trip(visit, frozenset(Taking.objects.filter(visit=visit).values_list("user_id", flat=True)))


def conflicts_open(*, actor: Actor) -> int:
    """How many visits wait for somebody who settles them."""
    return visits_in_reach(actor=actor).filter(_conflict()).count()


def _conflict() -> Exists:
    return Exists(Report.objects.filter(visit_id=OuterRef("id"), standing=Standing.CONFLICT))


def _filtered(rows: QuerySet[Visit], chosen: str, on: date) -> QuerySet[Visit]:
    if chosen == "late":
        return rows.filter(state=State.PLANNED, day__lt=on)
    if chosen == "again":
        again = Visit.objects.filter(again_of=OuterRef("id"))
        return rows.filter(~Exists(again), state__in=AGAIN)
    if chosen == "conflict":
        return rows.filter(_conflict())
    if chosen == "done":
        return rows.filter(state=State.DONE)
    if chosen == "all":
        return rows
    return rows.filter(state=State.PLANNED)


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
