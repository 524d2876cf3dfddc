"""The parameter table of docs: every line of it is a rule with its default and how sure we are of it."""

from __future__ import annotations

from typing import Any

import pytest

from boai.rulebook.keys import KEYS

YUAN = 100
TABLE: list[tuple[str, Any, str]] = [
    ("notice.days", 5, "A"),
    ("notice.mode", "working", "A"),
    ("notice.livelihood_days", 7, "A"),
    ("panel.quorum", [2, 3], "A"),
    ("panel.threshold", "half", "A"),
    ("panel.base", "present", "A"),
    ("loan.most", 20_000 * YUAN, "A"),
    ("loan.months", 12, "A"),
    ("loan.fee_permille", 0, "A"),
    ("loan.extension", {"times": 1, "months": 6}, "A"),
    ("loan.par_days", {"early": 1, "usual": 30, "grave": 90}, "L"),
    ("relief.approval_ladder", [
        {"level": "lead", "up_to_fen": 2_000 * YUAN}, {"level": "executive", "up_to_fen": 30_000 * YUAN},
        {"level": "council", "up_to_fen": None},
    ], "A"),
    ("relief.once_per_cause", True, "S"),
    ("angel.leukaemia", {"most_age": 18, "before_fen": 30_000 * YUAN, "after_fen": 50_000 * YUAN,
                         "later_fen": 20_000 * YUAN}, "S"),
    ("angel.heart_limits", {"most_age": 14, "lifetime_fen": 30_000 * YUAN}, "S"),
    ("campaign.disclosure", {"during_months": 3, "after_months": 3, "disaster_days": 5}, "S"),
    ("annual.report", {"month": 5, "day": 31}, "S"),
    ("plan.filing", {"before_days": 10, "emergency_days": 10}, "S"),
    ("volunteer.registered_hours", 20, "S"),
    ("volunteer.stars", {"star_1": 100, "star_2": 300, "star_3": 600, "star_4": 1000, "star_5": 1500}, "S"),
    ("blood.interval_months", 6, "S"),
    ("blood.award", {"bronze": 20, "silver": 30, "gold": 40}, "S"),
    ("certificate.months", 36, "L"),
    ("aed.check_days", 30, "A"),
    ("stock.count_months", 3, "A"),
    ("privacy.assessment_years", 3, "S"),
    ("village.disclosure", {"general_months": 3, "money_months": 1}, "S"),
]  # fmt: skip


@pytest.mark.parametrize(("key", "value", "confidence"), TABLE, ids=[row[0] for row in TABLE])
def test_a_line_of_the_table(key: str, value: Any, confidence: str) -> None:
    default = KEYS[key].default
    assert (default.value, default.confidence) == (value, confidence)


@pytest.mark.parametrize(
    ("own_costs", "grant"),
    [(5_001, 5_000), (10_000, 5_000), (10_001, 10_000), (15_000, 10_000), (15_001, 15_000), (20_000, 15_000),
     (20_001, 20_000), (30_000, 20_000), (30_001, 30_000), (900_000, 30_000)],
)  # fmt: skip
def test_the_bands_of_congenital_heart_disease(own_costs: int, grant: int) -> None:
    fitting = [
        band["grant_fen"]
        for band in KEYS["angel.heart"].default.value
        if band["over_fen"] < own_costs * YUAN and (band["up_to_fen"] is None or own_costs * YUAN <= band["up_to_fen"])
    ]
    assert fitting == [grant * YUAN]
