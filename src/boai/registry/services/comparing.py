"""Comparing the people of a file with each other and with the register: who may stand twice.

The facts go from PostgreSQL into a DuckDB in this process's memory, without ever lying readable on a disk; the pairs
come back. Names and dates are compared as they are; identity numbers, telephones and accounts by their blind index.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import UUID

from django.db import connection, transaction
from psycopg.types.json import Jsonb

from boai.kernel.clock import local_date
from boai.regions.codes import span
from boai.registry.enums import LearningStep, PairState
from boai.registry.linkage.marks import in_order, person_mark
from boai.registry.linkage.words import names_agree
from boai.registry.models import Intake, LinkageModel, Merge
from boai.registry.queries.learning import model_held
from boai.registry.services.row_words import words_follow
from boai.registry.services.staging import copy_in
from boai.rulebook.queries import rule

if TYPE_CHECKING:
    import duckdb

    from boai.registry.linkage.engine import Linkage, Pair
    from boai.registry.linkage.model import Weights

_AGAIN = """UPDATE registry_duplicatepair SET weight = %s, parts = %s::jsonb, state = %s, torn = %s, model_id = %s
WHERE id = %s AND decided_at IS NULL"""
MEMORY = "3GB"
Learnt: TypeAlias = "tuple[Weights, int]"

_FACTS = "key VARCHAR, name VARCHAR, pinyin VARCHAR, born DATE, sex VARCHAR, number VARCHAR, phone VARCHAR, " \
         "account VARCHAR, household VARCHAR, relation VARCHAR, village VARCHAR, fresh BOOLEAN"  # fmt: skip

# A household is known by the office's number within its village, so that one in a file and one in the register agree.
_STAGED = """
SELECT s.id, s.name, s.pinyin, CASE WHEN s.born_precision = 'day' THEN s.born_on END, s.sex,
       encode(s.number_blind, 'hex'), encode(s.phone_blind, 'hex'), encode(s.account_blind, 'hex'),
       CASE WHEN h.office_number <> '' THEN coalesce(p.code, '') || '/' || h.office_number ELSE h.id::text END,
       s.relation, nullif(p.code, ''), true
FROM registry_stagedrow s JOIN registry_stagedhousehold h ON h.id = s.household_id
LEFT JOIN registry_stagedplace p ON p.intake_id = s.intake_id AND p.number = s.place
WHERE s.intake_id = %s
"""
_REGISTERED = """
SELECT r.id, r.name, r.pinyin, CASE WHEN r.born_precision = 'day' THEN r.born_on END, r.sex,
       encode(r.number_blind, 'hex'), encode(r.phone_blind, 'hex'), encode(r.account_blind, 'hex'),
       CASE WHEN h.office_number <> '' THEN h.region_code || '/' || h.office_number ELSE h.id::text END,
       r.relation, r.region_code, %s
FROM registry_resident r JOIN registry_household h ON h.id = r.household_id
WHERE r.region_code BETWEEN %s AND %s AND (r.ended_on IS NULL OR %s AND r.end_reason = 'merged')
"""
_PAIRS = (
    "registry_duplicatepair",
    "region_code text, intake_id uuid, model_id uuid, left_id uuid, right_id uuid, weight float8, parts jsonb, "
    "state text, torn bool",
)


@dataclass(frozen=True)
class Thresholds:
    """From the rulebook: bits from which two rows are one person, and from which a person is asked."""

    same: float
    ask: float
    broken_percent: int


def thresholds(*, region_code: str, at: datetime) -> Thresholds:
    """What holds for a division today."""
    value = rule("register.duplicates", region_code=region_code, on=local_date(at)).value
    return Thresholds(value["same_weight"], value["ask_weight"], value["broken_percent"])


def pairs_find(*, region_code: str, intake: Intake | None, at: datetime) -> int:
    """Compare a file's people with each other and with the register, or the register with itself; keep the pairs.

    Pairs that were found before and are still open are judged anew; decided ones stay. The number of new pairs.
    """
    bars = thresholds(region_code=region_code, at=at)
    with _people(region_code, intake) as found:
        linkage, model = _linkage(found, region_code, intake, at)
        keys = _Keys(found)
        return _keep(_judged(linkage.pairs(least=bars.ask), keys, bars), region_code, intake, model)


@contextmanager
def _people(region_code: str, intake: Intake | None, *, merged: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB in memory with the tables `facts` and `people`; nothing of it touches a disk or the network. `merged`:
    also those who were found to stand twice and went, who teach what doubles look like."""
    import duckdb  # here, as in all of this module: web processes import the services and never compare anybody

    from boai.registry.linkage.engine import people_from

    database = duckdb.connect(
        config={"memory_limit": MEMORY, "threads": os.cpu_count() or 2, "temp_directory": "",
                "autoinstall_known_extensions": False, "autoload_known_extensions": False,
                "enable_external_access": True}
    )  # fmt: skip
    try:
        handle = os.memfd_create("people")
        try:
            lo, hi = span(region_code)
            if intake is not None:
                _copy_out(handle, _STAGED, [intake.id])
            _copy_out(handle, _REGISTERED, [intake is None, lo, hi, merged])
            columns = dict(column.split() for column in _FACTS.split(", "))
            database.execute(
                "CREATE TABLE facts AS SELECT row_number() OVER () AS id, * "  # noqa: S608 - our own names
                f"FROM read_csv('/proc/self/fd/{handle}', header = false, columns = {columns})"
            )
        finally:
            os.close(handle)
        people_from(database, "facts")
        yield database
    finally:
        database.close()


def _copy_out(handle: int, query: str, values: list[Any]) -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT csv)", values) as copy:
        for piece in copy:
            os.write(handle, piece)


def _linkage(
    database: duckdb.DuckDBPyConnection, region_code: str, intake: Intake | None, at: datetime
) -> tuple[Linkage, LinkageModel | None]:
    """The weights of the division that are in force. Where there are none yet and the people teach something, they are
    learnt here: from a file for that file alone, until it has entered the register."""
    from boai.registry.linkage.engine import Linkage

    model = model_held(region_code=region_code)
    if model is not None:
        return Linkage(database, _weights(model.weights)), model
    linkage = Linkage(database)
    if linkage.teaches():
        linkage.train()
        model = LinkageModel.objects.create(
            region_code=region_code, weights=linkage.weights, people=linkage.people(), learnt_at=at, intake=intake,
            held_at=None if intake else at,
        )  # fmt: skip
    return linkage, model


def _weights(stored: dict[str, dict[str, list[float]]]) -> Weights:
    return {c: {level: (mu[0], mu[1]) for level, mu in levels.items()} for c, levels in stored.items()}


class _Keys:
    """From the numbers of rows in DuckDB back to people, and what was said about them before."""

    def __init__(self, database: duckdb.DuckDBPyConnection) -> None:
        self.database = database

    def facts(self, ids: Iterable[int]) -> dict[int, tuple[Any, ...]]:
        """{row: (key, name, born, sex, number, village, household)} of the rows asked for."""
        self.database.register("wanted", _ids(ids))
        rows = self.database.execute(
            "SELECT id, key, name, born, sex, number, village, household FROM facts JOIN wanted USING (id)"
        ).fetchall()
        return {row[0]: row[1:] for row in rows}


def _ids(ids: Iterable[int]) -> Any:
    import pyarrow

    return pyarrow.table({"id": pyarrow.array(sorted(set(ids)), pyarrow.int64())})


@dataclass(frozen=True)
class _Judged:
    pair: Pair
    left: UUID
    right: UUID
    marks: tuple[bytes, bytes]
    torn: bool
    state: str


def _judged(pairs: Iterator[Pair], keys: _Keys, bars: Thresholds) -> list[_Judged]:
    """Both thresholds, and who is who."""
    found = list(pairs)
    facts = keys.facts(row for pair in found for row in (pair.left, pair.right))
    judged = []
    for pair in found:
        left, right = facts[pair.left], facts[pair.right]
        judged.append(
            _Judged(
                pair,
                UUID(left[0]),
                UUID(right[0]),
                in_order(_mark(left), _mark(right)),
                left[6] != right[6],
                PairState.SAME if pair.weight >= bars.same and names_agree(pair.parts) else PairState.ASKED,
            )
        )
    return judged


def _mark(facts: tuple[Any, ...]) -> bytes:
    _key, name, born, sex, number, _village, household = facts
    return person_mark(
        name=name or "", born=born.isoformat() if born else "", sex=sex or "",
        number=bytes.fromhex(number) if number else None, household=_office(household),
    )  # fmt: skip


def _office(household: str) -> str:
    """The office's number of a household; our own ids change from file to file and identify nothing."""
    return household.partition("/")[2]


@transaction.atomic
def _keep(judged: list[_Judged], region_code: str, intake: Intake | None, model: LinkageModel | None) -> int:
    """Write the pairs that are not known to be two people and not decided already; judge anew those that are open."""
    known = _known([one.marks for one in judged])
    before = _before([one.left for one in judged])
    rows, by = [], model.id if model is not None else None
    again: dict[int, tuple[float, str, str, bool, UUID | None]] = {}
    for one in judged:
        pair, parts = before.get(frozenset((one.left, one.right))), [list(part) for part in one.pair.parts]
        if pair is not None:
            again[pair] = (one.pair.weight, json.dumps(parts), str(one.state), one.torn, by)
        elif one.marks not in known:
            rows.append(
                (
                    region_code, intake.id if intake else None, by, one.left, one.right,
                    one.pair.weight, Jsonb(parts), str(one.state), one.torn,
                )
            )  # fmt: skip
    copy_in(table=_PAIRS, rows=rows)
    with connection.cursor() as cursor:
        # in the order of their keys, as everybody locks them
        cursor.executemany(_AGAIN, [(*values, key) for key, values in sorted(again.items())])
    if intake is not None:
        words_follow(intake=intake)
    return len(rows)


def _known(marks: list[tuple[bytes, bytes]]) -> set[tuple[bytes, bytes]]:
    if not marks:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT low, high FROM registry_distinctpair WHERE low = ANY(%s)", [[low for low, _high in marks]]
        )
        return {(bytes(low), bytes(high)) for low, high in cursor.fetchall()}


def _before(left: list[UUID]) -> dict[frozenset[UUID], int]:
    """Pairs of these people that stand already: {the two: the pair}."""
    if not left:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT id, left_id, right_id FROM registry_duplicatepair
               WHERE left_id = ANY(%(keys)s) OR right_id = ANY(%(keys)s)""",
            {"keys": left},
        )
        return {frozenset(both): key for key, *both in cursor.fetchall()}


def weights_learn(*, region_code: str, tell: Callable[[LearningStep], None]) -> Learnt | None:
    """New weights from the register of a division and the number of its people; None where it does not show enough.

    A number stands once among the living of a county: what doubles look like is learnt from those who were merged.
    """
    from boai.registry.linkage.engine import Linkage

    tell(LearningStep.READING)
    merges = Merge.objects.filter(region_code__range=span(region_code), undone_at__isnull=True).count()
    with _people(region_code, None, merged=True) as found:
        linkage = Linkage(found)
        if not linkage.teaches(merges):
            return None
        tell(LearningStep.LEARNING)
        linkage.train()
        assert linkage.weights is not None, "trained"
        return linkage.weights, linkage.people()
