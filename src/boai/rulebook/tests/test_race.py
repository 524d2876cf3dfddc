"""Two people at one rule."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from boai.people.actor import Actor
from boai.rulebook.models import RuleVersion
from boai.rulebook.tests.test_rules import COUNTY, days, put


def test_two_people_who_set_one_rule_at_once_leave_one_value(
    own_database: str,
    actor_for: Callable[..., Actor],
    at: datetime,
    race: Callable[[list[Callable[[], Any]]], list[Any]],
) -> None:
    actor = actor_for("admin")
    results = race([lambda v=v: put(actor, at, value=v) for v in (7, 8, 9)])  # type: ignore[misc]  # a default argument
    assert all(isinstance(r, RuleVersion) for r in results), results
    standing = RuleVersion.objects.filter(region_code=COUNTY, withdrawn_at=None)
    assert standing.count() == 1
    assert days() == standing.get().value
