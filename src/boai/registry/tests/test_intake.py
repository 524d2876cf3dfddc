"""A register file from upload to findings."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime

import pytest

from boai.people.actor import Actor
from boai.registry.enums import IntakeState
from boai.registry.models import StagedHousehold, StagedPlace, StagedRow
from boai.registry.tests.factories import checked, found, shown, villages
from boai.registry.tests.register_files import FAULTS, HARMLESS, KEYS, Line, household, table, xlsx

pytestmark = pytest.mark.django_db
Make = Callable[..., Actor]


def register(rng: random.Random, households: int) -> list[list[Line]]:
    places = [(t, v) for t, v, _ in villages(8)]
    return [
        household(rng, i, rng.choice(places), key=f"621121{i:08d}", size=rng.randrange(1, 5)) for i in range(households)
    ]


def test_a_clean_register_has_no_findings(actor_for: Make, at: datetime) -> None:
    rng = random.Random(1)
    lines = [line for group in register(rng, 40) for line in group]
    intake = checked(xlsx(table(lines)), actor=actor_for("officer"), at=at)
    assert (intake.state, shown(intake)) == (IntakeState.CHECKED, [])
    assert intake.counts["people"] == len(lines) == intake.counts["entering_people"]
    assert intake.counts["households"] == 40 == intake.counts["entering_households"]
    assert StagedHousehold.objects.filter(intake=intake, enters=True).count() == 40
    assert set(StagedPlace.objects.filter(intake=intake).values_list("code", flat=True)) <= {
        c for _, _, c in villages(8)
    }
    assert not StagedRow.objects.filter(intake=intake, name="").exists()


@pytest.mark.parametrize("seed", [2, 3, 4])
def test_every_fault_is_found_and_nothing_else(seed: int, actor_for: Make, at: datetime) -> None:
    rng = random.Random(seed)
    lines: list[Line] = []
    for spoiling in [*FAULTS, *HARMLESS] * 2:
        group = household(
            rng, len(lines), rng.choice([(t, v) for t, v, _ in villages(8)]), key=f"6211210{len(lines):06d}", size=3
        )
        line = group[0] if spoiling.key in ("phone", "income", "account") or not spoiling.key else group[1]
        spoiling.spoil(line, rng)
        if spoiling.key:
            line.faults[spoiling.key] = spoiling.rule
        lines += group
    intake = checked(xlsx(table(lines)), actor=actor_for("officer"), at=at)
    truth = {(row, key): rule for row, line in enumerate(lines, 2) for key, rule in line.faults.items()}
    said = {(row, field): rule for row, field, rule in found(intake)}
    assert {place: rule for place, rule in truth.items() if place not in said} == {}
    assert {place: rule for place, rule in said.items() if place not in truth} == {}
    assert {p: (truth[p], said[p]) for p in truth if truth[p] and truth[p] != said[p]} == {}
    assert set(KEYS) >= {key for _, key in truth}
