"""A merge of two people in the histories of their households. It is taken back by taking it apart."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from boai.people.actor import Actor
from boai.registry.enums import EventKind
from boai.registry.models import Household, HouseholdEvent, Merge, Resident


def merge_tell(
    *, merge: Merge, kept: Resident, gone: Resident, relation: str, closed: Household | None, on: date, at: datetime
) -> None:
    """Both households say that two people were made one; one that was closed by it says that as well.

    `changes` names the merge beside what changed, so nobody takes the event back by itself.
    """
    stood = {"household_id": str(gone.household_id), "region_code": gone.region_code, "relation": relation,
             "since": gone.since.isoformat() if gone.since else None, "ended_on": None, "end_reason": ""}  # fmt: skip
    now = {"ended_on": on.isoformat(), "end_reason": str(gone.end_reason), "merge": str(merge.id)}
    person = {"id": str(gone.id), "before": stood, "after": stood | now}
    away = gone.household_id if gone.household_id != kept.household_id else None
    home = Household.objects.get(id=kept.household_id)
    _write(merge, home, EventKind.ONE, on, at, people=[person], other_id=away)
    if closed is not None:
        placed = closed.placed_on.isoformat() if closed.placed_on else None
        place = {"region_code": closed.region_code, "address": closed.address, "placed_on": placed, "ended_on": None}
        shut = place | {"ended_on": on.isoformat(), "merge": str(merge.id)}
        _write(merge, closed, EventKind.CLOSED, on, at, places=[{"id": str(closed.id), "before": place, "after": shut}])


def merge_taken_apart(*, merge: Merge, actor: Actor, at: datetime) -> None:
    """The events of a merge are taken back with it."""
    events = HouseholdEvent.objects.filter(changes__merge=str(merge.id), undone_at__isnull=True)
    events.update(undone_by_id=actor.user_id, undone_at=at)


def _write(
    merge: Merge, home: Household, kind: EventKind, on: date, at: datetime, *,
    people: list[dict[str, Any]] | None = None, places: list[dict[str, Any]] | None = None,
    other_id: UUID | None = None,
) -> None:  # fmt: skip
    HouseholdEvent.objects.create(
        region_code=home.region_code, household=home, other_id=other_id, kind=kind, day=on,
        made_by_id=merge.merged_by_id, made_at=at,
        changes={"people": people or [], "places": places or [], "made": [], "made_household": None,
                 "merge": str(merge.id)},
    )  # fmt: skip
