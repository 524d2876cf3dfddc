"""The cast of the open door: a county with a programme, and a browser that nobody has signed in with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client

from boai.people.actor import Actor
from boai.people.models import Branch
from boai.relief.models import Programme
from boai.relief.tests.factories import County

MakeActor = Callable[..., Actor]


@pytest.fixture
def public(county: Branch) -> Client:
    """A stranger's browser at the county's pages."""
    return Client(HTTP_ACCEPT_LANGUAGE="zh-CN")


@pytest.fixture
def tongwei(office: Branch, actor_for: MakeActor, at: datetime) -> County:
    """通渭县 with everybody who acts on a case."""
    return County(office, actor_for, at)


@pytest.fixture
def programme(tongwei: County) -> Programme:
    """A programme that takes applications."""
    return tongwei.programme(name="困难救助")


@pytest.fixture
def office(county: Branch) -> Branch:
    """The county's branch with everything that its office page shows."""
    Branch.objects.filter(id=county.id).update(
        phone="0932-5551234", address="通渭县平襄镇东街1号", open_hours="工作日 8:30–12:00,14:30–18:00"
    )
    county.refresh_from_db()
    return county
