"""What a household received, from any programme, in money and goods."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import QuerySet

from boai.kernel.crypto import blinds, ring
from boai.registry.enums import EventKind
from boai.registry.help import Help, Stay, Whose, help_of
from boai.registry.models import HouseholdEvent, Membership, Resident
from boai.registry.models.people import NUMBER

YEAR = timedelta(days=365)


@dataclass(frozen=True)
class Received:
    """What was given, newest first; the money of the last twelve months and in all (fen), and what is on its way."""

    rows: list[Help]
    year_fen: int
    total_fen: int
    coming_fen: int


def whose(*, household_id: UUID) -> Whose:
    """A household with the people who live in it now, where they lived before, and the households that were joined
    with it. Three queries."""
    joined = HouseholdEvent.objects.filter(
        household_id=household_id, kind=EventKind.MERGE, undone_at=None, other__isnull=False
    )
    homes = {household_id, *(key for key in joined.values_list("other_id", flat=True) if key is not None)}
    return Whose(frozenset(homes)) | _people(Resident.objects.filter(household_id=household_id, ended_on=None))


def whose_person(*, resident_id: UUID) -> Whose:
    """One person, wherever they live now and lived before. Two queries."""
    return _people(Resident.objects.filter(id=resident_id))


def _people(people: QuerySet[Resident]) -> Whose:
    known = list(people.only("id", "number", "number_blind"))
    ids = frozenset(one.id for one in known)
    past = Membership.objects.filter(resident_id__in=ids).values_list("household_id", "during")
    return Whose(
        blinds=frozenset(mark for one in known if one.number_blind is not None for mark in _marks(one)),
        residents=ids,
        stays=frozenset(Stay(home, during.lower, during.upper) for home, during in past),
    )


def _marks(one: Resident) -> list[bytes]:
    """The fingerprints of a person's number: one, and those of older keys while keys are being changed."""
    return blinds(one.number, NUMBER) if len(ring()) > 1 else [bytes(one.number_blind or b"")]


def household_received(*, household_id: UUID, on: date) -> Received:
    """Everything that a household and the people who live in it received. The scope decides what can be seen."""
    rows = help_of(whose(household_id=household_id))
    given = [one for one in rows if one.done]
    return Received(
        rows=rows,
        year_fen=sum(one.fen or 0 for one in given if one.on > on - YEAR),
        total_fen=sum(one.fen or 0 for one in given),
        coming_fen=sum(one.fen or 0 for one in rows if not one.done),
    )
