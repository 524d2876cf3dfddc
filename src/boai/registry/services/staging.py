"""From people as read to the staging tables: seal, fingerprint, COPY."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection
from psycopg.types.json import Jsonb

from boai.kernel.crypto import blind, seal
from boai.kernel.ids import new_id
from boai.kernel.text.pinyin import name_syllables
from boai.registry.enums import Category, Sensitivity, sensitivity_of
from boai.registry.intake.columns import Field
from boai.registry.intake.households import Group
from boai.registry.intake.layout import Layout
from boai.registry.intake.people import Found, Person, Place
from boai.registry.intake.rules import severity_of
from boai.registry.models.intake import VALUE
from boai.registry.models.people import ACCOUNT, FACT, KIND, NOTE, NUMBER, PHONE, household_code

# Table, and its columns with their PostgreSQL types, in the order in which rows are built below.
ROWS = (
    "registry_stagedrow",
    "id uuid, intake_id uuid, region_code text, household_id uuid, sheet int2, row int4, place int4, place_own bool, "
    "name text, pinyin text, initials text, relation text, sex text, born_on date, born_precision text, "
    "number_kind text, number bytea, number_blind bytea, number_tail text, phone bytea, phone_blind bytea, "
    "phone_tail text, account bytea, account_blind bytea, account_tail text, bank text, address text, "
    "income_fen int8, note bytea",
)
_HOUSEHOLDS = (
    "registry_stagedhousehold",
    "id uuid, intake_id uuid, region_code text, code text, office_number text, sheet int2, row int4, enters bool",
)
_CATEGORIES = (
    "registry_stagedcategory",
    "id uuid, intake_id uuid, region_code text, resident_id uuid, kind text, kind_blind bytea, fact bytea, detail text",
)
_FINDINGS = (
    "registry_finding",
    "intake_id uuid, region_code text, sheet int2, row int4, column int2, field text, rule text, severity text, "
    "value bytea, params jsonb",
)


def sealed(text: str, purpose: str) -> bytes:
    """Sealed text as the database holds it; nothing for nothing."""
    return seal(text, purpose) if text else b""


def fingerprint(text: str, purpose: str) -> bytes | None:
    """The blind index of a canonical value; None for nothing."""
    return blind(text, purpose) if text else None


def category_parts(kind: Category | str, detail: str) -> tuple[str, bytes | None, bytes, str]:
    """(kind, blind index of the kind, sealed fact, detail): open kinds in the clear, sensitive ones sealed whole."""
    if sensitivity_of(kind) == Sensitivity.OPEN:
        return str(kind), None, b"", detail
    fact = json.dumps({"kind": str(kind), "detail": detail}, ensure_ascii=False)
    return "", blind(str(kind), KIND), seal(fact, FACT), ""


@dataclass
class Batch:
    """Rows that go into the staging tables together."""

    intake_id: UUID
    region_code: str
    people: list[tuple[Any, ...]] = field(default_factory=list)
    households: list[tuple[Any, ...]] = field(default_factory=list)
    categories: list[tuple[Any, ...]] = field(default_factory=list)
    findings: list[tuple[Any, ...]] = field(default_factory=list)

    def add(self, person: Person, group: Group, layout: Layout, *, place: int, own: bool, new: bool) -> None:
        """Take a person, their household if it is new, and what is wrong with the row."""
        resident_id, number, born = new_id(), person.number, person.born
        syllables = name_syllables(person.name) if person.name else []
        digits = number.number if number else ""
        self.people.append(
            (
                resident_id, self.intake_id, self.region_code, group.id, layout.sheet, person.row, place, own,
                person.name, "".join(syllables), "".join(s[0] for s in syllables), person.relation, person.sex,
                born.first_day if born else None, born.precision if born else "",
                number.kind.value if number else "", sealed(digits, NUMBER), fingerprint(digits, NUMBER), digits[-4:],
                sealed(person.phone, PHONE), fingerprint(person.phone, PHONE), person.phone[-4:],
                sealed(person.account, ACCOUNT), fingerprint(person.account, ACCOUNT), person.account[-4:],
                person.bank, person.address, person.income_fen, sealed(person.note, NOTE),
            )
        )  # fmt: skip
        if new:
            code = household_code()
            self.households.append(
                (group.id, self.intake_id, self.region_code, code, group.number, layout.sheet, person.row, False)
            )
        for kind, detail in person.categories:
            parts = category_parts(kind, detail[:60])
            self.categories.append((new_id(), self.intake_id, self.region_code, resident_id, *parts))
        for fault in person.faults:
            self.findings.append(self._finding(fault, person.row, layout))

    def _finding(self, fault: Found, row: int, layout: Layout) -> tuple[Any, ...]:
        return (
            self.intake_id, self.region_code, layout.sheet, row, layout.columns.get(Field(fault.field)),
            fault.field.value, fault.rule, severity_of(fault.rule).value, sealed(fault.value, VALUE),
            Jsonb(fault.params or {}),
        )  # fmt: skip

    def write(self) -> None:
        """COPY everything, in the caller's transaction."""
        copy_in(table=_HOUSEHOLDS, rows=self.households)
        copy_in(table=ROWS, rows=self.people)
        copy_in(table=_CATEGORIES, rows=self.categories)
        copy_in(table=_FINDINGS, rows=self.findings)


def copy_in(*, table: tuple[str, str], rows: Sequence[tuple[Any, ...]]) -> None:
    """COPY rows into a table in binary; `table` is its name and its columns with types.

    PostgreSQL refuses COPY into tables with row security, so the rows go through a temporary table of this session;
    the INSERT … SELECT from there is held against the policy like any other.
    """
    if not rows:
        return
    name, columns = table
    pairs = [column.split() for column in columns.split(", ")]
    listed = ", ".join(f'"{column}"' for column, _ in pairs)
    typed = ", ".join(f'"{column}" {kind}' for column, kind in pairs)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE IF NOT EXISTS incoming_{name} ({typed})")
        with cursor.copy(f"COPY incoming_{name} ({listed}) FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types([kind for _, kind in pairs])
            for row in rows:
                copy.write_row(row)
        cursor.execute(f"INSERT INTO {name} ({listed}) SELECT {listed} FROM incoming_{name}")  # noqa: S608 - constants
        cursor.execute(f"TRUNCATE incoming_{name}")


class Places:
    """Numbers for the places of a file: each way of writing one gets a number the first time it is seen."""

    def __init__(self) -> None:
        self.numbers: dict[Place, int] = {}

    def number(self, place: Place) -> int:
        """The number of a place."""
        return self.numbers.setdefault(place, len(self.numbers))

    def listed(self) -> list[tuple[int, Place]]:
        """Every place with its number."""
        return [(number, place) for place, number in self.numbers.items()]
