"""The need score (精准救助): integer arithmetic, one explained line per factor. It advises; a person decides.

Every factor is found as a whole number from 0 to 10 and multiplied by its weight from the rulebook. The score is the
sum as a share of the greatest possible sum, 0 to 100, rounded down. See docs/algorithms/case.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import gettext as _

from boai.kernel.money import format_fen
from boai.relief.enums import Dwelling, Severity

FULL = 10
FACTORS = ("income_gap", "care", "own_cost", "disability", "dwelling", "severity", "prior_help")
DISABILITY = {0: 0, 1: 10, 2: 8, 3: 5, 4: 3}
DWELLING: dict[str, int] = {Dwelling.SAFE: 0, Dwelling.POOR: 4, Dwelling.UNSAFE: 8, Dwelling.LOST: 10}
SEVERITY: dict[str, int] = {Severity.SLIGHT: 2, Severity.MARKED: 5, Severity.SEVERE: 8, Severity.EXTREME: 10}


@dataclass(frozen=True)
class Facts:
    """What the visitors found. Money in fen; income is the household's per head and month."""

    members: int
    dependants: int
    income_fen: int
    cost_total_fen: int
    cost_own_fen: int
    disability_grade: int
    dwelling: str
    severity: str
    prior_help_fen: int


@dataclass(frozen=True)
class Weights:
    """A version of the weights. `prior_help` is negative; `income_line_fen` is the 低保 line, per head and month."""

    factors: Mapping[str, int]
    income_line_fen: int
    prior_help_full_fen: int

    @classmethod
    def read(cls, value: Mapping[str, Any]) -> Weights:
        """From the rulebook's JSON. Raises KeyError or ValueError when it is not a table of weights."""
        factors = {name: int(value["weights"][name]) for name in FACTORS}
        if not any(w > 0 for w in factors.values()):
            raise ValueError("no factor counts")
        return cls(factors, int(value["income_line_fen"]), int(value["prior_help_full_fen"]))


@dataclass(frozen=True)
class Line:
    """One factor: what was found, its value 0–10, its weight, and value × weight."""

    factor: str
    found: str
    value: int
    weight: int
    points: int


@dataclass(frozen=True)
class Score:
    """The sum of the lines, and what it comes to out of 100."""

    total: int
    possible: int
    score: int
    lines: tuple[Line, ...]

    def as_json(self) -> list[dict[str, Any]]:
        """The lines as they are kept with the case."""
        return [asdict(line) for line in self.lines]


def _share(part: int, whole: int) -> int:
    """`part` of `whole` in tenths, rounded down, between 0 and 10; nothing of nothing is 0."""
    return 0 if whole <= 0 else max(0, min(FULL, part * FULL // whole))


def _values(facts: Facts, weights: Weights) -> dict[str, tuple[int, str]]:
    """Each factor's value and, in words, what it was read from."""
    gap = weights.income_line_fen * 2 - facts.income_fen
    return {
        "income_gap": (
            _share(gap, weights.income_line_fen * 2),
            _("Income {income} per head and month; the line is {line}, counted up to twice the line.").format(
                income=format_fen(facts.income_fen), line=format_fen(weights.income_line_fen)
            ),
        ),
        "care": (
            _share(facts.dependants, facts.members),
            _("{dependants} of {members} members need care or are at school.").format(
                dependants=facts.dependants, members=facts.members
            ),
        ),
        "own_cost": (
            _share(facts.cost_own_fen, facts.cost_total_fen),
            _("The household bears {own} of {total}.").format(
                own=format_fen(facts.cost_own_fen), total=format_fen(facts.cost_total_fen)
            ),
        ),
        "disability": (
            DISABILITY[facts.disability_grade],
            _("Highest disability grade: {grade}.").format(grade=facts.disability_grade)
            if facts.disability_grade
            else _("No disability certificate."),
        ),
        "dwelling": (DWELLING[facts.dwelling], str(Dwelling(facts.dwelling).label)),
        "severity": (SEVERITY[facts.severity], str(Severity(facts.severity).label)),
        "prior_help": (
            _share(facts.prior_help_fen, weights.prior_help_full_fen),
            _("Help received in the last twelve months: {help}.").format(help=format_fen(facts.prior_help_fen)),
        ),
    }


def score(facts: Facts, weights: Weights) -> Score:
    """Add the lines up. The result never falls below 0."""
    values = _values(facts, weights)
    lines = tuple(
        Line(name, values[name][1], values[name][0], weights.factors[name], values[name][0] * weights.factors[name])
        for name in FACTORS
    )
    possible = sum(w for w in weights.factors.values() if w > 0) * FULL
    total = max(0, sum(line.points for line in lines))
    return Score(total, possible, total * 100 // possible, lines)


def advised_amount(*, score: int, least_fen: int, most_fen: int, step_fen: int = 10_000) -> int:
    """The amount a score advises within a band: the band's foot plus the score's share of it, down to whole steps."""
    raw = least_fen + (most_fen - least_fen) * score // 100
    return max(least_fen, raw // step_fen * step_fen)


def factor_label(name: str) -> str:
    """A factor's name for people."""
    return {
        "income_gap": _("Income below the line"),
        "care": _("Members to care for"),
        "own_cost": _("Costs borne by the household"),
        "disability": _("Disability"),
        "dwelling": _("House"),
        "severity": _("Severity of the event"),
        "prior_help": _("Help already received"),
    }[name]
