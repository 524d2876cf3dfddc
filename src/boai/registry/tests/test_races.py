"""Two people change the same households at the same moment: one waits for the other, nobody is left in between."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

import pytest

from boai.kernel.errors import BoaiError
from boai.people.actor import Actor
from boai.registry import services
from boai.registry.enums import PairState
from boai.registry.models import DuplicatePair, Household, Merge, Resident
from boai.registry.services.households import HouseholdFacts, PersonFacts
from boai.registry.tests.factories import villages
from boai.registry.tests.test_merging import ONE, OTHER

Race = Callable[[list[Callable[[], Any]]], list[Any]]
TURNS = 8


@pytest.fixture
def officer(own_database: str, actor_for: Callable[..., Actor]) -> Actor:
    return actor_for("officer")


def _enter(facts: PersonFacts, officer: Actor, at: datetime) -> Resident:
    home = services.household_create(
        facts=HouseholdFacts(region_code=villages(2)[0][2]), head=facts, actor=officer, at=at
    )
    return home.residents.get()


def test_a_merge_beside_a_move_and_a_joining(officer: Actor, race: Race, at: datetime) -> None:
    """Whichever comes first, each ends with what it did or with a sentence; the database breaks no deadlock."""
    for _turn in range(TURNS):
        kept, gone = _enter(ONE, officer, at), _enter(OTHER, officer, at)
        child = services.resident_add(household_id=kept.household_id, facts=replace(OTHER, relation="child"),
                                      actor=officer, at=at)  # fmt: skip
        home = Household.objects.get(id=kept.household_id)
        results = race([
            partial(services.residents_merge, kept_id=gone.id, gone_id=child.id, actor=officer, at=at),
            partial(services.households_join, household_id=home.id, version=home.version, other_id=gone.household_id,
                    relations={gone.id: "other"}, on=at.date(), actor=officer, at=at),
        ])  # fmt: skip
        assert all(isinstance(one, BoaiError) for one in results if isinstance(one, BaseException)), results
        for one in Resident.objects.filter(ended_on=None):
            assert one.household.ended_on is None
        assert Merge.objects.filter(undone_at=None).count() <= _turn + 1


def test_a_decision_beside_a_merge_that_moves_the_pair(officer: Actor, race: Race, at: datetime) -> None:
    for _turn in range(TURNS):
        one, other, third = (_enter(facts, officer, at) for facts in (ONE, OTHER, replace(ONE, name="张强")))
        rows = {"region_code": one.region_code, "weight": 8.0, "state": PairState.ASKED}
        first = DuplicatePair.objects.create(left_id=one.id, right_id=other.id, **rows)
        second = DuplicatePair.objects.create(left_id=other.id, right_id=third.id, **rows)
        results = race([
            partial(services.pair_same, pair_id=first.id, keep="left", actor=officer, at=at),
            partial(services.pair_same, pair_id=second.id, keep="right", actor=officer, at=at),
        ])  # fmt: skip
        assert all(isinstance(one, BoaiError) for one in results if isinstance(one, BaseException)), results
        assert Merge.objects.filter(gone=other).count() == 1


def test_two_merges_crosswise(officer: Actor, race: Race, at: datetime) -> None:
    for _turn in range(TURNS):
        one, other = _enter(ONE, officer, at), _enter(OTHER, officer, at)
        results = race([
            partial(services.residents_merge, kept_id=one.id, gone_id=other.id, actor=officer, at=at),
            partial(services.residents_merge, kept_id=other.id, gone_id=one.id, actor=officer, at=at),
        ])  # fmt: skip
        refused = [result for result in results if isinstance(result, BaseException)]
        assert len(refused) == 1
        assert isinstance(refused[0], BoaiError), refused
        assert Resident.objects.filter(id__in=[one.id, other.id], ended_on=None).count() == 1
