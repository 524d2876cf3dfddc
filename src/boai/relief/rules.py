"""What the rulebook says of relief, read for one place and one day; what was read is remembered with the decision.

Keys: docs/algorithms/case.md. Amounts are in fen.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from boai.kernel.workdays import working_day_after
from boai.relief.enums import ENDED, ApplicantKind, Level, PaperKind, State
from boai.relief.score import Weights
from boai.rulebook.queries import Rule, rule, rules


class Rules:
    """The rulebook for one place and day. `versions` holds the id of each version that was consulted, by key."""

    def __init__(self, *, region_code: str, on: date) -> None:
        self.region_code, self.on = region_code, on
        self.versions: dict[str, str] = {}
        self._found: dict[str, Rule] = {}

    def __call__(self, key: str) -> Any:
        """The value of a key. Raises NotFound when the rulebook has none for this place and day."""
        if key not in self._found:
            self._found[key] = rule(key, region_code=self.region_code, on=self.on)
        self.versions[key] = str(self._found[key].version_id)
        return self._found[key].value

    def prepare(self, *keys: str) -> Rules:
        """Fetch several keys in one query; they count as consulted when they are asked for."""
        self._found.update(rules(keys, region_code=self.region_code, on=self.on))
        return self


@dataclass(frozen=True)
class Band:
    """An amount band: for costs borne by the household over `over_fen` and up to `up_to_fen`, so much."""

    over_fen: int
    up_to_fen: int | None
    least_fen: int
    most_fen: int


@dataclass(frozen=True)
class Who:
    """Who may apply: ages in full years (None: any), household categories (empty: any)."""

    least_age: int | None
    most_age: int | None
    categories: tuple[str, ...]
    causes: tuple[str, ...]


def papers_needed(rules: Rules, *, kind: str, applicant_kind: str, minor: bool) -> list[str]:
    """The papers that a programme of this kind asks for, in the rulebook's order."""
    wanted = list(rules(f"relief.papers.{kind}"))
    if minor or applicant_kind == ApplicantKind.GUARDIAN:
        wanted.append(PaperKind.GUARDIAN)
    if applicant_kind == ApplicantKind.PROXY:
        wanted.append(PaperKind.PROXY)
    return [paper for paper in dict.fromkeys(wanted) if paper in PaperKind.values]


def who_may_apply(rules: Rules, *, kind: str) -> Who:
    """Conditions of age, category and cause."""
    value = rules(f"relief.who.{kind}")
    return Who(
        value.get("least_age"),
        value.get("most_age"),
        tuple(value.get("categories", ())),
        tuple(value.get("causes", ())),
    )


def bands(rules: Rules, *, kind: str) -> list[Band]:
    """The programme's amount bands, lowest costs first."""
    rows = [
        Band(int(row["over_fen"]), row["up_to_fen"], int(row["least_fen"]), int(row["most_fen"]))
        for row in rules(f"relief.bands.{kind}")
    ]
    return sorted(rows, key=lambda band: band.over_fen)


def band_for(rules: Rules, *, kind: str, cost_own_fen: int) -> Band | None:
    """The band that the household's own costs fall into; None when they are below the lowest."""
    return next(
        (
            band
            for band in reversed(bands(rules, kind=kind))
            if cost_own_fen > band.over_fen or (band.over_fen == 0 and cost_own_fen == 0)
            if band.up_to_fen is None or cost_own_fen <= band.up_to_fen
        ),
        None,
    )


def level_for(rules: Rules, *, amount_fen: int) -> str:
    """Who approves an amount: the first step of the ladder that reaches it."""
    steps = sorted(rules("relief.approval_ladder"), key=lambda s: (s["up_to_fen"] is None, s["up_to_fen"]))
    return next(
        (str(step["level"]) for step in steps if step["up_to_fen"] is None or amount_fen <= step["up_to_fen"]),
        Level.COUNCIL,
    )


def due(rules: Rules, *, state: str, start: date) -> date | None:
    """By when a case should have left a state that it entered on `start`; None for states in which nobody acts.

    Working days of the office, by the calendar of public holidays; the return visit is counted in calendar days.
    """
    if state == State.VISITING:
        return return_visit_due(rules, start=start)
    if state in ENDED or state == State.PUBLISHING:
        return None
    return working_day_after(start, int(rules("relief.step_days")[state]))


def return_visit_due(rules: Rules, *, start: date) -> date:
    """By when somebody asks how the help has worked: calendar days after the money has come."""
    return start + timedelta(days=int(rules("relief.return_visit_days")))


def once_per_cause(rules: Rules) -> bool:
    """May the same cause be helped with only once?"""
    return bool(rules("relief.once_per_cause"))


def cooling_days(rules: Rules) -> int:
    """Days between two grants to one household, across programmes; 0 = none."""
    return int(rules("relief.cooling_days"))


@dataclass(frozen=True)
class Emergency:
    """The emergency track: at most so much, papers within so many working days."""

    most_fen: int
    papers_days: int


def emergency(rules: Rules) -> Emergency:
    """What the emergency track allows."""
    value = rules("relief.emergency")
    return Emergency(int(value["most_fen"]), int(value["papers_days"]))


def weights(rules: Rules) -> Weights:
    """The weights of the need score."""
    return Weights.read(rules("relief.score"))
