"""How something happens to a household: who belongs where from which day on, the event that says so, and its undoing.

The stories (`lives`, `households`) say what shall hold; here it is written, the dates are held against each other, and
the event keeps what was before, so that it can be undone as long as nothing else has been built on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from boai.audit.services import record
from boai.kernel.clock import local_date
from boai.kernel.errors import BadInput, NotFound, UnableTo
from boai.kernel.policy import require
from boai.people.actor import Actor
from boai.registry import policies
from boai.registry.enums import BirthPrecision, EndReason, EventKind, Relation
from boai.registry.models import Household, HouseholdEvent, Membership, PastPlace, Resident

_STANDING = ("household_id", "region_code", "relation", "since", "ended_on", "end_reason")
_OWN = tuple(name for name in _STANDING if name != "region_code")  # where a person stands follows the household
_PLACE = ("region_code", "address", "placed_on", "ended_on")


@dataclass
class Happening:
    """What shall hold from `day` on. Rows are locked by the caller; `people` and `places` name their new values.

    Not `dated`: a correction of what was written, as if it had always been so; `day` is the day on which it was made.
    """

    kind: EventKind
    day: date
    household: Household
    other: Household | None = None
    who: Resident | None = None
    people: list[tuple[Resident, Mapping[str, Any]]] = field(default_factory=list)
    places: list[tuple[Household, Mapping[str, Any]]] = field(default_factory=list)
    made_people: Sequence[Resident] = ()
    made_household: Household | None = None
    note: str = ""
    dated: bool = True


def happen(what: Happening, *, actor: Actor, at: datetime) -> HouseholdEvent:
    """Write it. Raises BadInput when the day lies in the future or before something already recorded, and UnableTo
    when the database knows that it can't have been so (two heads on a day, a person in two households)."""
    try:
        with transaction.atomic():
            return _happen(what, actor, at)
    except IntegrityError as error:
        raise refusal(error) from None


def _happen(what: Happening, actor: Actor, at: datetime) -> HouseholdEvent:
    day_check(what.day, [one for one, _new in what.people] if what.dated else [], at=at)
    people = [_stand(person, _from(new, what.day) if what.dated else new) for person, new in what.people]
    for person, _new in sorted(what.people, key=lambda pair: _is_new_head(pair[0])):  # a household never has two heads
        _touch(person, at, _STANDING)
    places = [_settle(home, new) for home, new in what.places]
    for home, _new in what.places:
        _touch(home, at, _PLACE)
    for home in _others(what):
        _touch(home, at, ())
    event = HouseholdEvent.objects.create(
        region_code=what.household.region_code, household=what.household, other=what.other, resident=what.who,
        kind=what.kind, day=what.day, note=what.note, made_by_id=actor.user_id, made_at=at,
        changes={"people": people, "places": places, "made": [str(one.id) for one in what.made_people],
                 "made_household": str(what.made_household.id) if what.made_household else None},
    )  # fmt: skip
    record("registry.event.recorded", what.household, actor=actor, at=at, event=str(event.id), kind=str(what.kind),
           what=str(what.kind.label), day=what.day.isoformat(), people=len(people) + len(what.made_people))  # fmt: skip
    _settled()
    return event


def refusal(error: IntegrityError) -> Exception:
    """What the database refused, as a sentence; the error itself when it is none that people can bring about."""
    found = next((sentence for name, sentence in _REFUSED.items() if name in str(error)), None)
    return UnableTo(str(found)) if found else error


_HEADS = gettext_lazy(
    "The household would have had two heads, or none, on some day. Look at its history and give the right day."
)
_HOMES = gettext_lazy(
    "The person would have belonged to two households on some day. Look at the history and give the right day."
)
_REFUSED = {
    "registry_person_once": gettext_lazy("This person is registered in another household meanwhile."),
    "registry_one_head": gettext_lazy("The household has a head already. Use “Change the head” instead."),
    "has no head": gettext_lazy("The household would be left without a head."),
    "had two heads or none": _HEADS,
    "registry_one_past_head": _HEADS,
    "belonged to two households": _HOMES,
    "registry_one_household_a_day": _HOMES,
    "registry_one_place_a_day": gettext_lazy(
        "The household would have lived in two places on some day. Look at its history and give the right day."
    ),
}
"""Constraints by name, triggers by their message: what the database says, and what people are told."""


def _settled() -> None:
    """Ask the constraints that wait for the end of the transaction here, where a refusal can still be said."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


def _others(what: Happening) -> list[Household]:
    """Households whose page is another one now without their own row: who saves an old page shall be told.

    One person's coming or going changes nothing that the household's own forms hold.
    """
    done = {home.id for home, _new in what.places} | ({what.made_household.id} if what.made_household else set())
    both = [what.household, *([what.other] if what.other else [])]
    return [home for home in both if home.id not in done] if len(what.people) > 1 or what.made_household else []


def day_check(day: date, people: Iterable[Resident], *, at: datetime) -> None:
    """An event is not in the future, and not before what is already recorded of the same people."""
    if day > local_date(at):
        raise BadInput(fields={"on": [_("This day lies in the future.")]})
    for one in people:
        if one.born_on is not None and one.born_precision == BirthPrecision.DAY and day < one.born_on:
            raise BadInput(fields={"on": [unborn(one.name, one.born_on)]})
        known = max((d for d in (one.since, one.ended_on) if d is not None), default=None)
        if known is not None and day < known:
            text = _("Something is already recorded of %(name)s on %(day)s. Take that back first, or give a later day.")
            raise BadInput(fields={"on": [text % {"name": one.name, "day": known.isoformat()}]})


def unborn(name: str, born: date) -> str:
    """Why a day can't be."""
    return _("%(name)s was born on %(born)s: nothing can have happened to them before.") % {
        "name": name, "born": born.isoformat(),
    }  # fmt: skip


def _from(new: Mapping[str, Any], day: date) -> dict[str, Any]:
    """Who stands somewhere new does so since the day; who ends has only an end."""
    return dict(new) if new.get("ended_on") else {**new, "since": day}


def _is_new_head(row: Resident) -> bool:
    return row.relation == Relation.HEAD and row.ended_on is None


def _stand(row: Resident, new: Mapping[str, Any]) -> dict[str, Any]:
    """Set where a person stands; what was and what is, for the event."""
    before = _standing(row)
    for name, value in new.items():
        setattr(row, name, value)
    return {"id": str(row.id), "before": before, "after": _standing(row)}


def _standing(row: Resident) -> dict[str, Any]:
    return {name: _plain(getattr(row, name)) for name in _STANDING}


def _settle(row: Household, new: Mapping[str, Any]) -> dict[str, Any]:
    before = {name: _plain(getattr(row, name)) for name in _PLACE}
    for name, value in new.items():
        setattr(row, name, value)
    return {"id": str(row.id), "before": before, "after": {name: _plain(getattr(row, name)) for name in _PLACE}}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else str(value) if isinstance(value, UUID) else value


def _touch(row: Household | Resident, at: datetime, fields: Iterable[str]) -> None:
    row.version, row.changed_at = row.version + 1, at
    row.save(update_fields=["version", "changed_at", *fields])


# --- taking it back ---


@transaction.atomic
def event_undo(*, household_id: UUID, event_id: UUID, actor: Actor, at: datetime) -> HouseholdEvent:
    """Take an event of a household back: everybody belongs where they belonged before, and no past is left of it.

    Only the newest: what came after it was written by somebody who knew of it. That the household moved since, alone or
    with its village, does not count: people stand where it stands. Raises NotFound (also for an event of
    another household), NotAllowed, UnableTo (taken back before; something later builds on it).
    """
    mine = HouseholdEvent.objects.filter(Q(household_id=household_id) | Q(other_id=household_id))
    event = mine.select_for_update().filter(id=event_id).first()
    if event is None:
        raise NotFound
    homes = {h.id: h for h in Household.objects.select_for_update().filter(id__in=_homes(event)).order_by("id")}
    ids = [one["id"] for one in event.changes["people"]] + event.changes["made"]
    people = {str(r.id): r for r in Resident.objects.select_for_update().filter(id__in=ids).order_by("id")}
    rows: list[policies.Placed] = [event, *homes.values(), *people.values()]
    for one in rows:
        require(policies.may_write, actor, one)
    if event.undone_at is not None:
        raise UnableTo(_("This event has already been taken back."))
    later = mine.filter(undone_at=None, made_at__gt=event.made_at)
    if event.kind != EventKind.PLACE:
        later = later.exclude(kind=EventKind.PLACE)
    if later.exists() or len(people) != len(ids) or _is_overtaken(event, people, homes):
        raise UnableTo(_("Something later builds on this event. Take that back first."))
    try:
        with transaction.atomic():
            _take_back(event, people, homes, at)
    except IntegrityError as error:
        raise refusal(error) from None
    event.undone_by_id, event.undone_at = actor.user_id, at
    event.save(update_fields=["undone_by", "undone_at"])
    record("registry.event.undone", event, actor=actor, at=at, household=str(event.household_id),
           what=str(EventKind(event.kind).label), day=event.day.isoformat())  # fmt: skip
    return event


def _homes(event: HouseholdEvent) -> set[UUID]:
    named = {event.household_id, event.other_id, *(UUID(one["id"]) for one in event.changes["places"])}
    named |= {UUID(one[side]["household_id"]) for one in event.changes["people"] for side in ("before", "after")}
    return {one for one in named if one is not None}


def _is_overtaken(event: HouseholdEvent, people: Mapping[str, Resident], homes: Mapping[UUID, Household]) -> bool:
    """Has anything that the event set been changed since?

    A village or an address that was corrected since builds on nothing: a person's follows the household, and of a move
    only its day counts.
    """
    for one in event.changes["people"]:
        if any(_plain(getattr(people[one["id"]], name)) != one["after"][name] for name in _OWN):
            return True
    for one in event.changes["places"]:
        row, set_by_it = homes[UUID(one["id"])], _changed(one)
        asked = set_by_it - {"region_code", "address"} or set_by_it
        if any(_plain(getattr(row, name)) != one["after"][name] for name in asked):
            return True
    made = event.changes["made_household"]
    if made and Resident.objects.filter(household_id=made, ended_on=None).exclude(id__in=list(people)).exists():
        return True
    return any(not _as_entered(people[key], event) for key in event.changes["made"])


def _changed(one: Mapping[str, Any]) -> set[str]:
    """The names of what an event set of a household."""
    return {name for name in _PLACE if one["before"][name] != one["after"][name]}


def _as_entered(person: Resident, event: HouseholdEvent) -> bool:
    """Does somebody whom the event entered stand as entered: still there, not since another day, not the head?"""
    stays = person.ended_on is None and person.household_id == event.household_id
    return stays and person.since in (None, event.day) and not person.is_head


def _take_back(
    event: HouseholdEvent, people: Mapping[str, Resident], homes: Mapping[UUID, Household], at: datetime
) -> None:
    """The past that the event made goes first, then everybody stands where they stood; heads last."""
    for one in event.changes["places"]:
        row, set_by_it = homes[UUID(one["id"])], _changed(one)
        if "placed_on" in set_by_it:  # a correction left no past place; what ended on its day ended by another move
            PastPlace.objects.filter(household=row, during__endswith=event.day).delete()
        for name in set_by_it:
            setattr(row, name, _day(name, one["before"][name]))
        _touch(row, at, _PLACE)
    made = event.changes["made_household"]
    if made:
        row = homes[UUID(made)]
        row.ended_on = event.day
        _touch(row, at, ("ended_on",))
    for key in event.changes["made"]:
        people[key].ended_on, people[key].end_reason = event.day, EndReason.MISTAKE
        _touch(people[key], at, _STANDING)
    for one in event.changes["people"]:
        kept = people[one["id"]]
        before, after = one["before"], one["after"]
        if before["since"] != after["since"]:
            until = min(day for day in (after["since"], before["ended_on"]) if day)
            Membership.objects.filter(resident=kept, household_id=before["household_id"],
                                      during__endswith=date.fromisoformat(until)).delete()  # fmt: skip
        for name, value in before.items():
            setattr(kept, name, _day(name, value) if name != "household_id" else UUID(value))
        home = homes[kept.household_id]
        if kept.ended_on is None and home.ended_on is not None:
            raise UnableTo(_("The household from which this person came has been closed meanwhile."))
        kept.region_code = home.region_code
    back = [people[one["id"]] for one in event.changes["people"]]
    for kept in sorted(back, key=_is_new_head):
        _touch(kept, at, _STANDING)
    _settled()


def _day(name: str, value: Any) -> Any:
    return date.fromisoformat(value) if name.endswith(("_on", "since")) and value else value
