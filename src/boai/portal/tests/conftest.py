"""The cast of the open door: a county whose cases go all the way, a stranger's browser, and a clock of one's own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import pytest
from django.test import Client

from boai.journeys.tests.county import FullCounty
from boai.people.actor import Actor
from boai.people.models import Branch
from boai.portal.views import apply, follow, home, notices, objection, verify
from boai.relief.models import Programme

MakeActor = Callable[..., Actor]


@dataclass
class Clock:
    """The time at the front door; tests turn it."""

    at: datetime

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture(autouse=True)
def clock(at: datetime, monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Every page reads this clock."""
    made = Clock(at)
    for module in (apply, follow, home, notices, objection, verify):
        monkeypatch.setattr(module, "now", made)
    return made


@pytest.fixture
def public(office: Branch) -> Client:
    """A stranger's browser at the county's pages."""
    return Client(HTTP_ACCEPT_LANGUAGE="zh-CN")


@pytest.fixture
def office(county: Branch) -> Branch:
    """The county's branch with everything that its office page shows."""
    Branch.objects.filter(id=county.id).update(
        phone="0932-5551234", address="通渭县平襄镇东街1号", open_hours="工作日 8:30–12:00,14:30–18:00"
    )
    county.refresh_from_db()
    return county


@pytest.fixture
def tongwei(office: Branch, actor_for: MakeActor, at: datetime) -> FullCounty:
    """通渭县 with everybody who acts on a case."""
    return FullCounty(office, actor_for, at)


@pytest.fixture
def programme(tongwei: FullCounty) -> Programme:
    """A programme that takes applications."""
    return tongwei.programme(name="困难救助")
