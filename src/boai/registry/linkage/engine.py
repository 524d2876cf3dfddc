"""One run of the comparison in a DuckDB of its own: a table of people in, pairs with their weights out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NamedTuple

import duckdb
import pyarrow
from splink import DuckDBAPI, Linker
from splink.blocking_rule_library import CustomRule
from splink.internals.exceptions import EMTrainingException

from boai.kernel.text.names import COMPOUND_SURNAMES
from boai.registry.linkage.likeness import SOUND_FOLDS, look_alikes, solar_of_lunar
from boai.registry.linkage.model import FEW, REGISTER, Scheme, Weights

ENOUGH_PAIRS = 100
"""With fewer pairs of one number a file teaches nothing: the base weights hold."""
_SMALLEST, _PAIRS_FOR_U = 1e-7, 1_000_000
_LEAST_M, _MOST = 0.002, 0.9999  # nothing is impossible: no single disagreement outweighs everything else
_ROUNDS = (25, 12, 6, 3, 1)
_CHUNK = 10_000


class Pair(NamedTuple):
    """Two rows (`left` < `right`), their weight in bits, and what each comparison said: (comparison, level, bits)."""

    left: int
    right: int
    weight: float
    parts: tuple[tuple[str, str, float], ...]


@dataclass
class Linkage:
    """A table `people` (columns as in model.COLUMNS) in `connection`, and the weights in force."""

    connection: duckdb.DuckDBPyConnection
    weights: Weights | None = None
    scheme: Scheme = REGISTER

    def people(self) -> int:
        """How many rows."""
        return int(self.connection.execute("SELECT count(*) FROM people").fetchall()[0][0])

    def teaches(self, known: int = 0) -> bool:
        """Are there enough people, and enough of them twice by their number, to learn from? `known` are pairs of whom
        somebody has said that they are one."""
        sure = self.connection.execute(
            """SELECT coalesce(sum(n * (n - 1) / 2), 0)
               FROM (SELECT count(*) n FROM people WHERE number IS NOT NULL GROUP BY number HAVING n BETWEEN 2 AND 9)"""
        ).fetchall()[0][0]
        return self.people() >= FEW and sure + known >= ENOUGH_PAIRS

    def train(self) -> None:
        """Learn the weights from this table; what it does not show keeps its base weight.

        A level that no true pair shows loses its weight with every round, in the end below what a float holds, and
        Splink gives up: then fewer rounds must do. What they leave of it is lifted to a floor anyway.
        """
        linker = self._linker()
        linker.training.estimate_u_using_random_sampling(max_pairs=_PAIRS_FOR_U, seed=1)
        self.weights = self._learnt(linker.misc.save_model_to_json())
        for rounds in _ROUNDS:
            try:
                self.weights = self._taught(rounds)
            except ValueError:
                continue
            return

    def _taught(self, rounds: int) -> Weights:
        """A teacher without a single pair (in a register a number stands once) teaches nothing."""
        linker = self._linker(rounds)
        for teacher in self.scheme.teachers:
            with suppress(EMTrainingException):
                linker.training.estimate_parameters_using_expectation_maximisation(CustomRule(teacher))
        return self._learnt(linker.misc.save_model_to_json())

    def pairs(self, *, least: float) -> Iterator[Pair]:
        """Every pair of at least this weight, the heaviest first."""
        found = self._linker().inference.predict(threshold_match_weight=least)
        reading = Reading(self.scheme, frequencies=self.people() >= FEW)
        rows = self.connection.execute(reading.query(found.physical_name))
        while chunk := rows.fetchmany(_CHUNK):
            yield from map(reading.pair, chunk)

    def _linker(self, rounds: int = _ROUNDS[0]) -> Linker:
        api = DuckDBAPI(self.connection)
        settings = self.scheme.settings(self.weights, rows=self.people(), rounds=rounds)
        return Linker(api.register("people"), settings, log_level=None)

    def _learnt(self, model: Any) -> Weights:
        """The m and u of a trained model; what the data did not show keeps its base value."""
        learnt: Weights = {}
        for spec, comparison in zip(model["comparisons"], self.scheme.comparisons, strict=True):
            shown = [one for one in spec["comparison_levels"] if not one.get("is_null_level")]
            learnt[comparison.key] = {}
            for one, level in zip(shown, comparison.levels, strict=True):
                m = max(float(one.get("m_probability") or level.m), min(_LEAST_M, level.m))
                u = max(float(one.get("u_probability") or level.u), _SMALLEST)
                learnt[comparison.key][level.key] = (min(m, _MOST), min(u, _MOST))
        return learnt


class Reading:
    """From Splink's table of predictions to pairs, on whatever engine the table lies."""

    def __init__(self, scheme: Scheme, *, frequencies: bool) -> None:
        self.names = [c.key for c in scheme.comparisons]
        self.keys = scheme.level_keys()
        frequent = [c.key for c in scheme.comparisons if any(level.frequent for level in c.levels)]
        self.frequent = frequent if frequencies else []

    def query(self, table: str) -> str:
        """SQL for the pairs of a table of predictions, the heaviest first."""
        columns = [column for name in self.names for column in (f"gamma_{name}", f"mw_{name}")]
        columns += [f"mw_tf_adj_{name}" for name in self.frequent]
        return (
            f"SELECT least(id_l, id_r), greatest(id_l, id_r), match_weight, {', '.join(columns)} "  # noqa: S608 - ours
            f"FROM {table} ORDER BY match_weight DESC, 1, 2"
        )

    def pair(self, row: Sequence[Any]) -> Pair:
        """The pair of a row of `query`."""
        left, right, weight, *values = row
        extra = dict(zip(self.frequent, values[2 * len(self.names) :], strict=True))
        return Pair(left, right, weight, tuple(self._parts(values, extra)))

    def _parts(self, values: list[Any], extra: dict[str, float]) -> Iterator[tuple[str, str, float]]:
        for place, name in enumerate(self.names):
            gamma, weight = values[2 * place], values[2 * place + 1]
            if gamma >= 0:
                yield name, self.keys[name][gamma], round(weight + (extra.get(name) or 0), 2)


_COMPOUND = ", ".join(f"'{surname}'" for surname in sorted(COMPOUND_SURNAMES))
_GIVEN = f"CASE WHEN length(s.name) > 2 AND substr(s.name, 1, 2) IN ({_COMPOUND}) THEN 3 ELSE 2 END"
"""Where the given name begins: as kernel.text.names.surname_of says, without a call for each of a million rows."""
_CALENDAR = pyarrow.schema([("born", pyarrow.date32()), ("lunar", pyarrow.date32())])


def people_from(connection: duckdb.DuckDBPyConnection, source: str) -> None:
    """Make the table `people` from a relation with the plain facts: id, name, pinyin, born (NULL unless exact to the
    day), sex, number, phone, account, household, relation, village (12 digits or NULL), fresh."""
    old, new = look_alikes()
    sounds = "pinyin"
    for this, that in SOUND_FOLDS:
        sounds = f"replace({sounds}, '{this}', '{that}')"
    days = connection.execute(f"SELECT DISTINCT born FROM {source} WHERE born IS NOT NULL").fetchall()  # noqa: S608 - ours
    lunar = {day: solar for (day,) in days if (solar := solar_of_lunar(day)) is not None}
    calendar = pyarrow.table({"born": list(lunar), "lunar": list(lunar.values())}, schema=_CALENDAR)
    connection.register("calendar", calendar)
    connection.execute(
        f"""CREATE OR REPLACE TABLE people AS
            SELECT s.id, nullif(s.name, '') AS name,
                   list_aggregate(list_sort(string_split(s.name, '')), 'string_agg', '') AS letters,
                   nullif(substr(s.name, {_GIVEN}), '') AS given, nullif({sounds}, '') AS sounds,
                   nullif(translate(s.name, '{old}', '{new}'), '') AS shape, s.born, c.lunar, nullif(s.sex, '') AS sex,
                   s.number, s.phone, s.account, s.household, nullif(s.relation, '') AS relation, s.village,
                   substr(s.village, 1, 9) AS township, substr(s.village, 1, 6) AS county, s.fresh
            FROM {source} s LEFT JOIN calendar c ON c.born = s.born"""  # noqa: S608 - our own names
    )
