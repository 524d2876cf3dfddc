"""What follows when two residents become one: their cases, visits and looks with the household, and the open pairs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db.models import Q

from boai.registry.enums import PairState
from boai.registry.models import CategoryEntry, DuplicatePair, Household, Resident
from boai.registry.services.references import (
    household_references,
    move,
    pair_references,
    reference_of,
    references,
)

LISTS = (CategoryEntry._meta.db_table, "resident_id")
_SWAPPED, _CLOSED, _ANSWERED = "swapped", "closed", "answered"  # in `Merge.moved`, besides the names of tables
Moved = list[list[Any]]


def pairs_lock(*people: UUID) -> None:
    """Every pair that names one of these people, by key and before any household: a merge moves them, and whoever
    decides about one of them holds it already when they ask for the households."""
    pairs = DuplicatePair.objects.select_for_update().filter(Q(left_id__in=people) | Q(right_id__in=people))
    list(pairs.order_by("id").values_list("id", flat=True))


def people_follow(kept: Resident, gone: Resident, *, left: Iterable[UUID], back: Iterable[UUID]) -> Moved:
    """Every reference to a person goes over to the one who stays: [[table, column, keys]]. `left`: categories of the
    one who goes that stay there; `back`: categories of the one who stays that go over to the other."""
    moved: Moved = []
    for reference in references():
        only: list[UUID] | None = None
        if (reference.table, reference.column) == LISTS:
            going = CategoryEntry.objects.filter(resident_id=gone.id).exclude(id__in=list(left))
            only = list(going.values_list("id", flat=True))
        keys = move(reference, old=gone.id, new=kept.id, place=kept.region_code, only=only)
        if keys:
            moved.append([reference.table, reference.column, keys])
    if back := list(back):
        keys = move(reference_of(*LISTS), old=kept.id, new=gone.id, place=gone.region_code, only=back)
        moved.append([_SWAPPED, "", keys])
    return moved


def households_follow(homes: Mapping[str, str], *, closed: bool, moved: Moved) -> Moved:
    """What points at the household of the one who went points at the other's: everything when that household was
    closed by it, else only what belongs to the person (`moved` says what that is)."""
    old, new = UUID(homes["gone"]), UUID(homes["kept"])
    if old == new:
        return []
    persons = {table: keys for table, _column, keys in moved if table not in (_SWAPPED, _CLOSED)}
    followed: Moved = []
    for reference in household_references():
        if closed or reference.table in persons:
            keys = move(reference, old=old, new=new, only=None if closed else persons[reference.table])
            if keys:
                followed.append([reference.table, reference.column, keys])
    return followed


def pairs_follow(kept: Resident, gone: Resident) -> Moved:
    """Whoever may be the one who went may now be the one who stays, and who is known not to be them is neither.

    A pair that would stand twice then stays where it is: as long as one of its people is gone, nobody is asked.
    """
    pairs = DuplicatePair.objects.filter(Q(left_id=kept.id) | Q(right_id=kept.id))
    beside = {other for pair in pairs.values_list("left_id", "right_id") for other in pair}
    of_gone = DuplicatePair.objects.filter(Q(left_id=gone.id) | Q(right_id=gone.id))
    free = of_gone.exclude(Q(left_id__in=beside - {gone.id}) | Q(right_id__in=beside - {gone.id}))
    free = free.exclude(Q(left_id=kept.id) | Q(right_id=kept.id))
    keys = list(free.values_list("id", flat=True))
    every = [(one, move(one, old=gone.id, new=kept.id, only=keys)) for one in pair_references()]
    moved: Moved = [[one.table, one.column, rows] for one, rows in every if rows]
    return moved + _known_to_be_two(kept, gone)


def _known_to_be_two(kept: Resident, gone: Resident) -> Moved:
    """Who is known not to be the one who went is not asked about as the one who stays."""
    said = DuplicatePair.objects.filter(Q(left_id=gone.id) | Q(right_id=gone.id), state=PairState.DIFFERENT)
    strangers = {pair.right_id if pair.left_id == gone.id else pair.left_id: pair for pair in said}
    open_ones = DuplicatePair.objects.filter(
        Q(left_id=kept.id, right_id__in=strangers) | Q(right_id=kept.id, left_id__in=strangers), decided_at=None
    )
    answered: Moved = []
    for pair in open_ones:
        word = strangers[pair.right_id if pair.left_id == kept.id else pair.left_id]
        answered.append([_ANSWERED, str(pair.state), [pair.id]])
        pair.state, pair.decided_by_id, pair.decided_at = PairState.DIFFERENT, word.decided_by_id, word.decided_at
        pair.save(update_fields=["state", "decided_by", "decided_at"])
    return answered


def closed_by(household: Household) -> list[Any]:
    """How a merge notes the household that it closed."""
    return [_CLOSED, str(household.id), []]


def closed_in(moved: Moved) -> list[UUID]:
    """The household that a merge closed, if it closed one."""
    return [UUID(column) for table, column, _keys in moved if table == _CLOSED]


def follow_back(moved: Moved, homes: Mapping[str, str], *, kept: Resident, gone: Resident) -> None:
    """Every moved reference back to where it was."""
    of_homes = {(one.table, one.column) for one in household_references()}
    for table, column, keys in moved:
        if table == _ANSWERED:
            pairs = DuplicatePair.objects.filter(id__in=keys)
            pairs.update(state=column, decided_by=None, decided_at=None)
        elif table == _SWAPPED:
            move(reference_of(*LISTS), old=gone.id, new=kept.id, place=kept.region_code, only=keys)
        elif (table, column) in of_homes:
            move(reference_of(table, column), old=UUID(homes["kept"]), new=UUID(homes["gone"]), only=keys)
        elif table != _CLOSED:
            move(reference_of(table, column), old=kept.id, new=gone.id, place=gone.region_code, only=keys)
