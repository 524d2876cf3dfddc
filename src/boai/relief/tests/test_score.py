"""The need score: integers, bounds, monotone where it must be; amounts and words."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boai.relief.enums import Dwelling, Severity
from boai.relief.rmb import capital
from boai.relief.score import FACTORS, Facts, Weights, advised_amount, score

WEIGHTS = Weights(
    {"income_gap": 3, "care": 2, "own_cost": 3, "disability": 2, "dwelling": 1, "severity": 3, "prior_help": -2},
    60_000,
    500_000,
)
FACTS = Facts(4, 2, 40_000, 2_000_000, 1_000_000, 2, Dwelling.POOR, Severity.SEVERE, 0)

money = st.integers(0, 10**9)
facts = st.builds(
    Facts,
    members=st.integers(1, 20),
    dependants=st.integers(0, 20),
    income_fen=money,
    cost_total_fen=money,
    cost_own_fen=money,
    disability_grade=st.integers(0, 4),
    dwelling=st.sampled_from(Dwelling.values),
    severity=st.sampled_from(Severity.values),
    prior_help_fen=money,
)


def test_worked_by_hand() -> None:
    """Income 400 of 2×600: gap 800/1200 → 6; care 2/4 → 5; own cost 1/2 → 5; grade 2 → 8; poor → 4; severe → 8."""
    found = score(FACTS, WEIGHTS)
    assert [line.value for line in found.lines] == [6, 5, 5, 8, 4, 8, 0]
    assert [line.points for line in found.lines] == [18, 10, 15, 16, 4, 24, 0]
    assert (found.total, found.possible, found.score) == (87, 140, 62)


@given(facts)
def test_within_bounds_and_whole(some: Facts) -> None:
    found = score(some, WEIGHTS)
    assert 0 <= found.score <= 100
    assert all(isinstance(x, int) for line in found.lines for x in (line.value, line.weight, line.points))
    assert tuple(line.factor for line in found.lines) == FACTORS
    assert found.total == max(0, sum(line.points for line in found.lines))


@given(facts, money)
def test_more_income_never_raises_it(some: Facts, more: int) -> None:
    assert score(replace(some, income_fen=some.income_fen + more), WEIGHTS).score <= score(some, WEIGHTS).score


@given(facts, money)
def test_more_help_before_never_raises_it(some: Facts, more: int) -> None:
    assert score(replace(some, prior_help_fen=some.prior_help_fen + more), WEIGHTS).score <= score(some, WEIGHTS).score


@given(st.integers(0, 100), st.integers(0, 10**7), st.integers(0, 10**7))
def test_the_advised_amount_lies_in_its_band(points: int, least: int, more: int) -> None:
    amount = advised_amount(score=points, least_fen=least, most_fen=least + more)
    assert least <= amount <= least + more


def test_weights_that_count_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="counts"):
        Weights.read({"weights": dict.fromkeys(FACTORS, 0), "income_line_fen": 1, "prior_help_full_fen": 1})


@pytest.mark.parametrize(
    ("fen", "words"),
    [
        (0, "零元整"),
        (1, "壹分"),
        (10, "壹角整"),
        (105, "壹元零伍分"),
        (110, "壹元壹角整"),
        (100_000, "壹仟元整"),
        (1_234_500, "壹万贰仟叁佰肆拾伍元整"),
        (10_000_00, "壹万元整"),
        (10_010_00, "壹万零壹拾元整"),
        (100_500_00, "壹拾万零伍佰元整"),
        (100_000_000_00, "壹亿元整"),
        (100_000_005_06, "壹亿零伍元零陆分"),
        (2_000_300_00, "贰佰万零叁佰元整"),
        (168_032, "壹仟陆佰捌拾元叁角贰分"),
        (10_700_053, "壹拾万零柒仟元伍角叁分"),
    ],
)
def test_capital_characters(fen: int, words: str) -> None:
    assert capital(fen) == words
