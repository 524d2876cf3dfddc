"""The way of a visitor through a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Count, Q

from boai.people.actor import Actor
from boai.people.queries import names
from boai.registry.enums import Relation
from boai.registry.models import Resident
from boai.visits.enums import Purpose, State
from boai.visits.models import RouteOrder, Visit
from boai.visits.queries.visits import homes_of
from boai.visits.routes import in_order


@dataclass(frozen=True)
class Stop:
    """One door of a day. `phone` only where the plan says that it goes along, and only when asked for."""

    id: UUID
    version: int
    household_id: UUID
    region_code: str
    head: str
    place: str
    address: str
    purpose: str
    ask: str
    first: str
    second: str
    with_phone: bool
    state: str
    phone: str = ""


@dataclass(frozen=True)
class Route:
    """The doors of a day, in order."""

    day: date
    stops: list[Stop]

    @property
    def open_stops(self) -> list[Stop]:
        """Those that are still to be visited."""
        return [stop for stop in self.stops if stop.state == State.PLANNED]


def route_of(*, user_id: UUID, day: date, actor: Actor, phones: bool = False) -> Route:
    """Somebody's visits of a day, in the order they chose, else by place. Called-off ones are left out.

    Six queries, one more with `phones`.
    """
    mine = Q(first_id=user_id) | Q(second_id=user_id)
    reach = Visit.objects.filter(mine, region_code__range=(actor.scope.lo, actor.scope.hi), day=day)
    visits = list(reach.exclude(state=State.CANCELLED))
    homes = homes_of((visit.household_id for visit in visits), below=actor.region_code)
    people = names({key for visit in visits for key in (visit.first_id, visit.second_id) if key is not None})
    numbers = _phones([v.household_id for v in visits if v.with_phone]) if phones else {}
    stops = [
        Stop(
            id=visit.id,
            version=visit.version,
            household_id=visit.household_id,
            region_code=homes[visit.household_id].region_code,
            head=homes[visit.household_id].head,
            place=homes[visit.household_id].place,
            address=homes[visit.household_id].address,
            purpose=str(Purpose(visit.purpose).label),
            ask=visit.ask,
            first=people.get(visit.first_id, ""),
            second=people.get(visit.second_id, "") if visit.second_id else "",
            with_phone=visit.with_phone,
            state=visit.state,
            phone=numbers.get(visit.household_id, "") if visit.with_phone else "",
        )
        for visit in visits
        if visit.household_id in homes  # one that has moved out of the division is not ours to find
    ]
    chosen = RouteOrder.objects.filter(user_id=user_id, day=day, region_code=actor.region_code).first()
    return Route(day, in_order(stops, chosen=chosen.visits if chosen else ()))


def _phones(household_ids: list[UUID]) -> dict[UUID, str]:
    heads = Resident.objects.filter(household_id__in=household_ids, relation=Relation.HEAD, ended_on__isnull=True)
    return {household_id: phone or "" for household_id, phone in heads.values_list("household_id", "phone")}


def days_of(*, actor: Actor, on: date, keep_days: int) -> list[dict[str, object]]:
    """The days around today on which the actor has open visits, with how many. One query."""
    mine = Q(first_id=actor.user_id) | Q(second_id=actor.user_id)
    around = (on - timedelta(days=keep_days), on + timedelta(days=keep_days))
    reach = Visit.objects.filter(
        mine, region_code__range=(actor.scope.lo, actor.scope.hi), state=State.PLANNED, day__range=around
    )
    counted = reach.values("day").annotate(n=Count("id")).order_by("day")
    return [{"day": row["day"].isoformat(), "visits": row["n"]} for row in counted]
