"""The county of the tests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from boai.people.actor import Actor
from boai.people.models import Branch
from boai.relief.tests.factories import County


@pytest.fixture
def tongwei(county: Branch, actor_for: Callable[..., Actor], at: datetime) -> County:
    """通渭县 with everybody who acts on a case."""
    return County(county, actor_for, at)
