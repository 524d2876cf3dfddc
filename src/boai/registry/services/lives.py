"""The stories of a household: it divides, two become one, it moves house; a person moves, marries, comes back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from boai.kernel.errors import BadInput, NotFound, StalePage, UnableTo
from boai.kernel.policy import require
from boai.people.actor import Actor
from boai.registry import policies
from boai.registry.enums import EndReason, EventKind, Relation
from boai.registry.models import Household, HouseholdEvent, Resident
from boai.registry.services.happening import Happening, happen
from boai.registry.services.households import village_check
from boai.registry.services.intakes import Division


@transaction.atomic
def household_split(
    *, household_id: UUID, version: int, goes: Mapping[UUID, str], on: date, region_code: str = "", address: str = "",
    note: str = "", actor: Actor, at: datetime,
) -> Household:  # fmt: skip
    """Some members found a household of their own (分户). `goes` names them and what each is to the new head, who is
    "head"; the head of the old household stays. Returns the new household.

    Raises NotFound, NotAllowed, StalePage, BadInput (not exactly one new head; the old head among them).
    """
    household = _household(household_id, actor, version)
    living = _living(household)
    if not goes or any(key not in living for key in goes):
        raise BadInput(_("Choose who founds the new household."))
    if any(living[key].is_head for key in goes):
        raise BadInput(_("The head stays. Name another head first if the head is the one who goes."))
    _relations_check(goes)
    if sum(relation == Relation.HEAD for relation in goes.values()) != 1:
        raise BadInput(_("Exactly one of them is the head of the new household."))
    place = region_code or household.region_code
    _place_check(place, actor)
    fresh = Household.objects.create(region_code=place, address=address or household.address, placed_on=on,
                                     created_at=at, changed_at=at)  # fmt: skip
    happen(
        Happening(EventKind.SPLIT, on, fresh, other=household, made_household=fresh, note=note,
                  people=[(living[key], _in(fresh, relation)) for key, relation in goes.items()]),
        actor=actor, at=at,
    )  # fmt: skip
    return fresh


@transaction.atomic
def households_join(
    *, household_id: UUID, version: int, other_id: UUID, relations: Mapping[UUID, str], on: date, note: str = "",
    actor: Actor, at: datetime,
) -> Household:  # fmt: skip
    """All members of the other household come into this one (并户), each with its relation to this head; the other is
    closed. Raises NotFound, NotAllowed, StalePage, BadInput (a member without a relation, or the household itself)."""
    if household_id == other_id:
        raise BadInput(_("A household can't be joined with itself."))
    first, second = sorted((household_id, other_id))
    rows = {key: _household(key, actor, version if key == household_id else None) for key in (first, second)}
    household, other = rows[household_id], rows[other_id]
    coming = _living(other)
    if set(relations) != set(coming):
        raise BadInput(_("Say of everybody what they are to the head."))
    _relations_check(relations)
    if Relation.HEAD in relations.values():
        raise BadInput(_("The household has a head already. Use “Change the head” instead."))
    happen(
        Happening(EventKind.MERGE, on, household, other=other, note=note, places=[(other, {"ended_on": on})],
                  people=[(coming[key], _in(household, relation)) for key, relation in relations.items()]),
        actor=actor, at=at,
    )  # fmt: skip
    return household


@transaction.atomic
def household_move(
    *, household_id: UUID, version: int, region_code: str, address: str, on: date, note: str = "", actor: Actor,
    at: datetime,
) -> Household:  # fmt: skip
    """The whole household moves to another village or address on a day. Raises UnableTo when it lives there already."""
    household = _household(household_id, actor, version)
    _place_check(region_code, actor)
    if (household.region_code, household.address) == (region_code, address):
        raise UnableTo(_("The household already lives there."))
    if household.placed_on is not None and on < household.placed_on:
        raise BadInput(fields={"on": [_("The household has lived at its present place only since %(day)s.")
                                      % {"day": household.placed_on.isoformat()}]})  # fmt: skip
    new = {"region_code": region_code, "address": address, "placed_on": on}
    happen(Happening(EventKind.PLACE, on, household, places=[(household, new)], note=note), actor=actor, at=at)
    return household


@transaction.atomic
def resident_move(
    *, resident_id: UUID, version: int, to_id: UUID, relation: str, kind: str = EventKind.MOVE, on: date,
    note: str = "", actor: Actor, at: datetime,
) -> HouseholdEvent:  # fmt: skip
    """A member who is not the head moves or marries into another household of the register.

    Raises NotFound, NotAllowed, StalePage, BadInput, UnableTo (the head; somebody who left; the same household).
    """
    _kind_check(kind)
    resident, source, target = _person_and_homes(resident_id, to_id, version, actor)
    if resident.ended_on is not None:
        raise UnableTo(_("This person has left the household."))
    if resident.is_head:
        raise UnableTo(_("Name another head first; then this person can leave the household."))
    if source.id == target.id:
        raise UnableTo(_("This person already lives in that household."))
    _member_check(relation)
    return happen(
        Happening(EventKind(kind), on, target, other=source, who=resident, note=note,
                  people=[(resident, _in(target, relation))]),
        actor=actor, at=at,
    )  # fmt: skip


@transaction.atomic
def resident_return(
    *, resident_id: UUID, version: int, to_id: UUID, relation: str, on: date, note: str = "", actor: Actor,
    at: datetime,
) -> HouseholdEvent:  # fmt: skip
    """A person who had moved or married away comes back, into the old household or another one.

    Raises NotFound, NotAllowed, StalePage, BadInput, UnableTo (has not left, has died or was an error or a double; is
    registered again meanwhile; the household is closed).
    """
    resident, source, target = _person_and_homes(resident_id, to_id, version, actor)
    if resident.end_reason not in (EndReason.MOVED, EndReason.MARRIED):
        raise UnableTo(_("Only who has moved or married away can come back."))
    _member_check(relation)
    return happen(
        Happening(EventKind.RETURN, on, target, other=source if source.id != target.id else None, who=resident,
                  note=note, people=[(resident, _in(target, relation))]),
        actor=actor, at=at,
    )  # fmt: skip


# --- the steps that the stories share ---


def _in(household: Household, relation: str) -> dict[str, object]:
    return {"household_id": household.id, "region_code": household.region_code, "relation": relation,
            "ended_on": None, "end_reason": ""}  # fmt: skip


def _household(household_id: UUID, actor: Actor, version: int | None) -> Household:
    household = Household.objects.select_for_update().filter(id=household_id).first()
    if household is None:
        raise NotFound
    require(policies.may_write, actor, household)
    if version is not None and household.version != version:
        raise StalePage(_("Somebody has changed this meanwhile. Reload the page, look at the change, and save again."))
    if household.ended_on is not None:
        raise UnableTo(_("This household has been closed."))
    return household


def _living(household: Household) -> dict[UUID, Resident]:
    rows = Resident.objects.select_for_update().filter(household=household, ended_on__isnull=True)
    return {one.id: one for one in rows.order_by("id")}


def _person_and_homes(
    resident_id: UUID, to_id: UUID, version: int, actor: Actor
) -> tuple[Resident, Household, Household]:
    """The person and both households under lock, households first and by key, as everywhere."""
    home = Resident.objects.filter(id=resident_id).values_list("household_id", flat=True).first()
    if home is None:
        raise NotFound
    rows = {h.id: h for h in Household.objects.select_for_update().filter(id__in={home, to_id}).order_by("id")}
    resident = Resident.objects.select_for_update().get(id=resident_id)
    if to_id not in rows or resident.household_id not in rows:
        raise NotFound
    source, target = rows[resident.household_id], rows[to_id]
    for row in (resident, source, target):
        require(policies.may_write, actor, row)
    if resident.version != version:
        raise StalePage(_("Somebody has changed this meanwhile. Reload the page, look at the change, and save again."))
    if target.ended_on is not None:
        raise UnableTo(_("This household has been closed."))
    return resident, source, target


def _place_check(region_code: str, actor: Actor) -> None:
    village_check(region_code)
    require(policies.may_write, actor, Division(region_code))


def _kind_check(kind: str) -> None:
    if kind not in (EventKind.MOVE, EventKind.MARRIAGE):
        raise BadInput(fields={"kind": [_("Choose what happened from the list.")]})


def _relations_check(relations: Mapping[UUID, str]) -> None:
    if not set(relations.values()) <= set(Relation.values):
        raise BadInput(_("Choose a relation from the list."))


def _member_check(relation: str) -> None:
    if relation == Relation.HEAD or relation not in Relation.values:
        raise BadInput(fields={"relation": [_("Choose a relation from the list.")]})
