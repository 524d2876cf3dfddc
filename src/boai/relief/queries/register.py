"""What a case needs from the register: who belongs to a household, its categories, its frozen picture."""

from __future__ import annotations

import json
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from boai.kernel.clock import age_on
from boai.registry.enums import Category, Sensitivity, sensitivity_of
from boai.registry.models import CategoryEntry, Household, Resident
from boai.registry.models.people import in_force
from boai.registry.purposes import Purpose
from boai.registry.queries.consents import allowed_among

ADULT, OLD = 18, 60
NEVER_NAMED = frozenset({Sensitivity.MENTAL, Sensitivity.JUSTICE})


def members_of(household_id: UUID, *, on: date) -> list[Resident]:
    """The people of a household on a day, the head first."""
    living = Resident.objects.filter(household_id=household_id).filter(Q(ended_on=None) | Q(ended_on__gt=on))
    return sorted(living, key=lambda r: (not r.is_head, r.born_on or date.max, r.id))


def _entries(residents: list[Resident], *, on: date) -> QuerySet[CategoryEntry]:
    return CategoryEntry.objects.filter(in_force(on), resident__in=residents).order_by("resident_id", "kind", "id")


def _kind(entry: CategoryEntry) -> tuple[str, str]:
    """Kind and detail of an entry, also of a sealed one."""
    if not entry.sealed:
        return entry.kind, entry.detail
    fact = json.loads(entry.fact) if entry.fact else {}
    return str(fact.get("kind", "")), str(fact.get("detail", ""))


def categories_of(household_id: UUID | None, *, on: date) -> set[str]:
    """Every category that anybody of the household holds on a day, sealed ones included unless the person has said no
    to their use; for checks, not for pages."""
    if household_id is None:
        return set()
    people = members_of(household_id, on=on)
    may = _usable(people, on=on)
    return {_kind(entry)[0] for entry in _entries(people, on=on) if not entry.sealed or entry.resident_id in may}


def _usable(people: list[Resident], *, on: date) -> set[UUID]:
    """Those whose sensitive facts may be used: the others have said no in the register."""
    if not people:
        return set()
    return allowed_among(
        resident_ids=[one.id for one in people], purpose=Purpose.SENSITIVE, region_code=people[0].region_code, on=on
    )


def household_facts(household_id: UUID, *, on: date) -> tuple[dict[str, Any], dict[str, Any]]:
    """A household on a day as (facts without anybody's name, personal and sensitive part), both ready for JSON.

    `facts["shielded"]` says that somebody holds a category that is never published, not who and not which: it protects
    also those who have said no to their sensitive facts being used, whose facts are not in the picture otherwise.
    """
    household = Household.objects.get(id=household_id)
    people = members_of(household_id, on=on)
    may = _usable(people, on=on)
    held: dict[UUID, list[tuple[str, str]]] = {}
    shielded = False
    for entry in _entries(people, on=on):
        kind, detail = _kind(entry)
        shielded = shielded or sensitivity_of(kind) in NEVER_NAMED
        if not entry.sealed or entry.resident_id in may:
            held.setdefault(entry.resident_id, []).append((kind, detail))
    kinds = sorted({kind for pairs in held.values() for kind, _detail in pairs})
    ages = [age_on(p.born_on, on) for p in people if p.born_on]
    facts = {
        "household": household.code,
        "region_code": household.region_code,
        "on": on.isoformat(),
        "members": len(people),
        "minors": sum(age < ADULT for age in ages),
        "elders": sum(age >= OLD for age in ages),
        "income_fen": household.income_fen,
        "categories": [k for k in kinds if sensitivity_of(k) == Sensitivity.OPEN],
        "shielded": shielded,
    }
    personal = {
        "address": household.address,
        "residents": [
            {
                "id": str(p.id),
                "name": p.name,
                "relation": p.relation,
                "sex": p.sex,
                "born_on": p.born_on.isoformat() if p.born_on else "",
                "number_tail": p.number_tail,
                "phone_tail": p.phone_tail,
                "categories": [{"kind": kind, "detail": detail} for kind, detail in held.get(p.id, [])],
            }
            for p in people
        ],
    }
    return facts, personal


def category_names(kinds: list[str]) -> list[str]:
    """Names of categories for people."""
    return [str(Category(kind).label) for kind in kinds if kind in Category.values]
