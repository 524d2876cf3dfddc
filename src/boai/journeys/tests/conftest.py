"""The county of the journeys."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from boai.journeys.tests.county import FullCounty
from boai.people.actor import Actor
from boai.people.models import Branch


@pytest.fixture
def tongwei(county: Branch, actor_for: Callable[..., Actor], at: datetime) -> FullCounty:
    """通渭县 with everybody who acts on a case."""
    return FullCounty(county, actor_for, at)
