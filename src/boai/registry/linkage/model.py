"""What of two people is compared, by which levels, and with which weights before anything was learnt.

A comparison is a list of levels from the strongest to the weakest; of each pair one level holds. `m` is how often a
level holds for two rows about one person, `u` for rows about two people; the weight is log2(m/u). The base weights come
from invented registers with the faults that offices make; a branch's own data replace what they show often enough
(`engine.Linkage.train`). SQL is kept to what DuckDB and Spark both understand.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import splink.comparison_level_library as levels
from splink import SettingsCreator
from splink.comparison_library import CustomComparison

Weights = dict[str, dict[str, tuple[float, float]]]
"""{comparison: {level: (m, u)}}"""

FEW = 5_000
"""Below so many rows, how often a name occurs says nothing about how common it is."""

COLUMNS = (
    "id", "name", "letters", "given", "sounds", "shape", "born", "lunar", "sex", "number", "phone", "account",
    "household", "relation", "village", "township", "county", "fresh",
)  # fmt: skip
"""Columns of a table of people. `id` an integer, `born` and `lunar` dates, `fresh` a boolean, all others text or NULL.

`letters` the characters of the name in a fixed order, `given` the name without its surname, `sounds` the folded
reading, `shape` the name with look-alikes made one, `lunar` the day meant if `born` is a lunar date; `number`, `phone`
and `account` are blind indexes: they can only be equal. Pairs of two rows that are not `fresh` are not looked at.
"""


@dataclass(frozen=True)
class Level:
    """One level: its key, when it holds for `_l` and `_r` (None: whatever is left), and its base m and u."""

    key: str
    sql: str | None
    m: float
    u: float
    frequent: str = ""
    """A column whose frequent values count for less (张伟 is many people)."""


@dataclass(frozen=True)
class Comparison:
    """One comparison; nothing is said about a pair for which `unknown` holds."""

    key: str
    unknown: str
    levels: tuple[Level, ...]


def _missing(column: str) -> str:
    return f"{column}_l IS NULL OR {column}_r IS NULL"


def _same(column: str) -> str:
    return f"{column}_l = {column}_r"


def _parts(*parts: str) -> str:
    return " AND ".join(f"{part}(born_l) = {part}(born_r)" for part in parts)


_LONG = "length(name_l) >= 3 AND length(name_r) >= 3"

COMPARISONS = (
    Comparison(
        "number", _missing("number"), (Level("same", _same("number"), 0.995, 3e-7), Level("other", None, 0.005, 1.0))
    ),
    Comparison(
        "name",
        _missing("name"),
        (
            Level("same", _same("name"), 0.90, 1e-5, frequent="name"),
            Level("order", _same("letters"), 0.004, 1e-6),
            Level("sound", _same("sounds"), 0.06, 1.5e-5),
            Level("shape", _same("shape"), 0.008, 1e-5),
            Level("surname", f"{_same('given')} AND length(given_l) >= 2", 0.004, 1e-4),
            Level("one", f"{_LONG} AND levenshtein(name_l, name_r) <= 1", 0.016, 1e-4),
            Level("other", None, 0.008, 1.0),
        ),
    ),
    Comparison(
        "born",
        _missing("born"),
        (
            Level("same", _same("born"), 0.93, 4e-5),
            Level(
                "swapped",
                "year(born_l) = year(born_r) AND month(born_l) = day(born_r) AND day(born_l) = month(born_r)",
                0.006,
                1e-5,
            ),
            Level("lunar", "lunar_l = born_r OR lunar_r = born_l", 0.012, 8e-5),
            Level("day", _parts("year", "month"), 0.012, 1e-3),
            Level("year", _parts("month", "day"), 0.012, 2.7e-3),
            Level("month", _parts("year", "day"), 0.010, 4e-4),
            Level("sameyear", _parts("year"), 0.008, 1.2e-2),
            Level("other", None, 0.010, 0.98),
        ),
    ),
    Comparison(
        "sex", _missing("sex"), (Level("same", _same("sex"), 0.992, 0.5), Level("other", None, 0.008, 0.5))
    ),
    Comparison(
        "phone",
        _missing("phone"),
        (
            Level("elsewhere", f"{_same('phone')} AND household_l <> household_r", 0.27, 2e-6),
            Level("home", _same("phone"), 0.68, 3e-5),
            Level("other", None, 0.05, 1.0),
        ),
    ),
    Comparison(
        "account", _missing("account"), (Level("same", _same("account"), 0.98, 1e-6), Level("other", None, 0.02, 1.0))
    ),
    Comparison(
        "place",
        "village_l IS NULL AND household_l <> household_r OR village_r IS NULL AND household_l <> household_r",
        (
            Level("household", _same("household"), 0.75, 4.5e-5),
            Level("village", _same("village"), 0.02, 8e-4),
            Level("township", _same("township"), 0.03, 1.5e-2),
            Level("county", _same("county"), 0.08, 0.28),
            Level("other", None, 0.12, 0.70),
        ),
    ),
    Comparison(
        "relation",
        f"household_l <> household_r OR {_missing('relation')}",
        (Level("same", _same("relation"), 0.97, 0.15), Level("other", None, 0.03, 0.85)),
    ),
)  # fmt: skip

# Pairs worth a look: they agree on one of these. Every way for a row to go wrong leaves at least one of them whole.
_BLOCKS = (
    "number", "account", "name born", "sounds born", "letters born", "household born", "household sounds",
    "household shape", "name phone", "name village", "given born sex",
)  # fmt: skip
_LUNAR = "l.name = r.name AND l.lunar = r.born"


@dataclass(frozen=True)
class Scheme:
    """What is compared, which pairs are worth a look (SQL over `l` and `r`), and what teaches the weights.

    `teachers` are conditions under which two rows are surely of one person; each teaches the comparisons that it does
    not use.
    """

    comparisons: tuple[Comparison, ...]
    blocks: tuple[str, ...]
    teachers: tuple[str, ...]
    pairs_a_row: float = 0.03
    """How many true pairs to expect for each row: what two rows are before anything is compared."""
    least_rows: int = 50_000
    """A small file is judged as part of a register of so many: its few rows prove nothing by being few."""

    def settings(self, learnt: Weights | None = None, *, rows: int, rounds: int = 25) -> SettingsCreator:
        """Splink's settings for a table of so many rows, with the base weights or with weights learnt from data.

        `rounds`: at most so many of expectation and maximisation while learning.
        """
        return SettingsCreator(
            link_type="dedupe_only",
            unique_id_column_name="id",
            comparisons=[
                _comparison(c, (learnt or {}).get(c.key, {}), frequencies=rows >= FEW) for c in self.comparisons
            ],
            blocking_rules_to_generate_predictions=[
                {"blocking_rule": f"{block} AND (l.fresh OR r.fresh)"} for block in self.blocks
            ],
            max_iterations=rounds,
            probability_two_random_records_match=min(2 * self.pairs_a_row / max(rows, self.least_rows), 0.5),
            retain_matching_columns=True,
            retain_intermediate_calculation_columns=True,
        )

    def level_keys(self) -> dict[str, list[str]]:
        """The levels of each comparison in Splink's numbering: the last has value 0, the first the highest."""
        return {c.key: [level.key for level in reversed(c.levels)] for c in self.comparisons}


def equal(columns: str) -> str:
    """SQL: `l` and `r` agree on every one of some columns."""
    return " AND ".join(f"l.{column} = r.{column}" for column in columns.split())


def _comparison(
    comparison: Comparison, learnt: dict[str, tuple[float, float]], *, frequencies: bool
) -> CustomComparison:
    made: list[Any] = [levels.CustomLevel(comparison.unknown, "unknown").configure(is_null_level=True)]
    for level in comparison.levels:
        m, u = learnt.get(level.key, (level.m, level.u))
        one = levels.ElseLevel() if level.sql is None else levels.CustomLevel(level.sql, level.key)
        extra: dict[str, Any] = {"tf_adjustment_column": level.frequent} if level.frequent and frequencies else {}
        made.append(one.configure(m_probability=m, u_probability=u, label_for_charts=level.key, **extra))
    return CustomComparison(output_column_name=comparison.key, comparison_levels=made)


REGISTER = Scheme(
    COMPARISONS, (*(equal(columns) for columns in _BLOCKS), _LUNAR), (equal("number"), equal("name born"))
)
"""The people of a register."""
