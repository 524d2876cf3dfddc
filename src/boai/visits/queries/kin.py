"""Who is related to which household, as far as the register and people's own words tell."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from boai.kernel.crypto import blinds
from boai.people.models import User
from boai.registry.enums import EventKind
from boai.registry.models import HouseholdEvent, Resident
from boai.registry.models.people import PHONE
from boai.visits.models import Tie


@dataclass(frozen=True)
class Kin:
    """A visitor and a household that do not go together, and whether the visitor has said so."""

    user_id: UUID
    household_id: UUID
    declared: bool


def kin_of(*, user_ids: Collection[UUID], household_ids: Collection[UUID]) -> list[Kin]:
    """Every pair that is known: declared, or somebody of the household bears the visitor's name or work phone.

    What was declared about a household counts for the one that it was joined with, or into which one of its people was
    made one with somebody there. Four queries, however many.
    """
    found = _declared(user_ids, household_ids)
    users = list(User.objects.filter(id__in=user_ids))
    marks = {user.id: {bytes(b) for b in blinds(user.phone, PHONE)} if user.phone else set[bytes]() for user in users}
    same = Q(name__in=[user.name for user in users]) | Q(phone_blind__in=[b for own in marks.values() for b in own])
    people = Resident.objects.filter(same, household_id__in=household_ids, ended_on__isnull=True)
    for household_id, name, phone in people.values_list("household_id", "name", "phone_blind"):
        mark = bytes(phone) if phone is not None else b""
        found += [Kin(u.id, household_id, declared=False) for u in users if u.name == name or mark in marks[u.id]]
    return found


def _declared(user_ids: Collection[UUID], household_ids: Collection[UUID]) -> list[Kin]:
    merges = HouseholdEvent.objects.filter(
        household_id__in=household_ids, kind__in=(EventKind.MERGE, EventKind.ONE), undone_at=None, other__isnull=False
    )
    joined = {other: into for other, into in merges.values_list("other_id", "household_id") if other is not None}
    ties = Tie.objects.filter(user_id__in=user_ids, household_id__in={*household_ids, *joined})
    return [
        Kin(user_id, joined.get(household_id, household_id), declared=True)
        for user_id, household_id in ties.values_list("user_id", "household_id")
    ]
