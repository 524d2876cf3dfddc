"""Requests of people about their own data, and everything the register holds of one person."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from boai.kernel.clock import SHANGHAI
from boai.kernel.errors import NotFound
from boai.people.actor import Actor
from boai.regions.queries import full_names
from boai.registry.enums import REQUEST_OPEN, Category
from boai.registry.models import CategoryEntry, DataRequest, Resident
from boai.registry.queries.consents import consents_copy
from boai.registry.queries.looks import looks_of_person

FORMAT = "boai-person-v1"
MOST = 200

Part = Callable[[UUID], list[dict[str, Any]]]
_parts: dict[str, Part] = {}


def copy_part_register(name: str, part: Part) -> None:
    """What another app holds of a person, for the copy that the person takes along. Call it from AppConfig.ready."""
    _parts[name] = part


def requests_in_reach(*, actor: Actor) -> QuerySet[DataRequest]:
    """Requests of the actor's division, with the person."""
    reach = (actor.scope.lo, actor.scope.hi)
    return DataRequest.objects.filter(region_code__range=reach).select_related("resident", "received_by", "decided_by")


def requests_open(*, actor: Actor) -> QuerySet[DataRequest]:
    """What waits, the most urgent first."""
    return requests_in_reach(actor=actor).filter(state__in=REQUEST_OPEN).order_by("due_on", "id")[:MOST]


def requests_closed(*, actor: Actor) -> QuerySet[DataRequest]:
    """What was answered, the newest first."""
    return requests_in_reach(actor=actor).exclude(state__in=REQUEST_OPEN).order_by("-id")[:MOST]


def request_get(*, request_id: UUID, actor: Actor) -> DataRequest:
    """One request. Raises NotFound, also outside the actor's division."""
    found = requests_in_reach(actor=actor).filter(id=request_id).first()
    if found is None:
        raise NotFound
    return found


def person_copy(*, resident: Resident, branch: str, at: datetime) -> dict[str, Any]:
    """Everything that is held of a person, unsealed, as plain JSON with names that explain themselves."""
    household = resident.household
    place = full_names([household.region_code]).get(household.region_code, household.region_code)
    entries = CategoryEntry.objects.filter(resident=resident).order_by("valid_from", "id")
    return {
        "format": FORMAT,
        "made_at": at.astimezone(SHANGHAI).isoformat(timespec="seconds"),
        "made_by": branch,
        "person": {
            "name": resident.name,
            "sex": resident.sex,
            "born_on": _day(resident.born_on),
            "identity_document": resident.number_kind,
            "identity_number": resident.number,
            "telephone": resident.phone,
            "bank": resident.bank,
            "bank_account": resident.account,
            "relation_to_head": resident.relation,
            "note": resident.note,
            "entered_at": resident.created_at.astimezone(SHANGHAI).isoformat(timespec="seconds"),
            "left_on": _day(resident.ended_on),
        },
        "household": {
            "code": household.code,
            "division_code": household.region_code,
            "place": place,
            "address": household.address,
            "yearly_income_fen": household.income_fen,
        },
        "categories": [_entry(one) for one in entries],
        "source": {"file": resident.intake.file_name if resident.intake else ""},
        "consents": consents_copy(resident_id=resident.id),
        "who_looked": [
            {
                "at": one.at.astimezone(SHANGHAI).isoformat(timespec="seconds"),
                "who": one.who,
                "post": one.role,
                "in": one.where,
                "reason": one.reason,
            }
            for one in looks_of_person(resident=resident)
        ],
        **{name: part(resident.id) for name, part in _parts.items()},
    }


def _entry(entry: CategoryEntry) -> dict[str, Any]:
    fact = json.loads(entry.fact) if entry.sealed else {"kind": entry.kind, "detail": entry.detail}
    return {
        "category": fact["kind"],
        "name": str(Category(fact["kind"]).label),
        "detail": fact["detail"],
        "from": _day(entry.valid_from),
        "to": _day(entry.valid_to),
        "established_by": entry.source,
        "evidence": entry.evidence,
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
