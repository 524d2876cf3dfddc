"""Visits for tests, made through the services."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction

from boai.kernel.crypto import blind
from boai.people.actor import Actor
from boai.registry.enums import Relation
from boai.registry.models import Household, Resident
from boai.registry.models.people import PHONE
from boai.visits.enums import Outcome, Purpose
from boai.visits.models import Visit
from boai.visits.services import Plan, Record, visits_plan

VILLAGE = "621121102207"
OTHER_VILLAGE = "621121104200"
DAY = date(2026, 11, 25)


def home(
    at: datetime, *, name: str = "魏建国", address: str = "二组18号", village: str = VILLAGE, phone: str = ""
) -> Household:
    """A household of one."""
    with transaction.atomic():
        made = Household.objects.create(region_code=village, address=address, created_at=at, changed_at=at)
        Resident.objects.create(
            household=made, region_code=village, name=name, relation=Relation.HEAD, phone=phone,
            phone_blind=blind(phone, PHONE) if phone else None,
            phone_tail=phone[-4:], created_at=at, changed_at=at,
        )  # fmt: skip
    return made


def key_of(actor: Actor) -> UUID:
    """The actor's user id."""
    assert actor.user_id is not None
    return actor.user_id


@dataclass(frozen=True)
class Team:
    """Who plans and who goes."""

    planner: Actor
    one: Actor
    two: Actor


def team(make: Any) -> Team:
    """An officer and two verifiers of the county."""
    return Team(make("officer", name="常晓梅"), make("verifier", name="牛建军"), make("verifier", name="景兰芳"))


def plan(people: Team, **changes: Any) -> Plan:
    """A visit of both, tomorrow."""
    values: dict[str, Any] = {
        "purpose": Purpose.REGULAR, "day": DAY, "first_id": people.one.user_id, "second_id": people.two.user_id,
    }  # fmt: skip
    return Plan(**(values | changes))


def planned(people: Team, at: datetime, household: Household | None = None, **changes: Any) -> Visit:
    """A planned visit."""
    household = household or home(at)
    return visits_plan(household_ids=[household.id], plan=plan(people, **changes), actor=people.planner, at=at)[0]


def said(visit: Visit, at: datetime, *, client_id: UUID | None = None, **changes: Any) -> Record:
    """What somebody recorded about a visit."""
    values: dict[str, Any] = {
        "client_id": client_id or uuid4(), "based_on": visit.version, "made_at": at, "outcome": Outcome.MET,
        "first_there": True, "second_there": True, "notes": "老人精神好，屋顶漏雨。", "house": "worn",
        "needs": ("repair",), "entry": "right",
    }  # fmt: skip
    return Record(**(values | changes))
