"""What a file of corrections changes: before and after, person by person."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from boai.kernel.money import format_fen
from boai.kernel.text.masks import tail
from boai.registry.enums import Category, IntakeState, Relation, Sex
from boai.registry.intake.columns import Field
from boai.registry.intake.meanings import LABELS
from boai.registry.models import Household, Intake, PatchRow, Resident, StagedCategory, StagedRow

PAGE = 50
_SHOWN = 60


@dataclass(frozen=True)
class Change:
    """One value: what it is called, what stood there, what shall stand there. Long numbers by their last digits."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class PatchView:
    """One person of a file of corrections."""

    sheet: int
    row: int
    name: str
    household_id: UUID
    changes: list[Change]


@dataclass(frozen=True)
class PatchPage:
    """A page of people and the keys of its neighbours ("" at the ends)."""

    rows: list[PatchView]
    before: str
    after: str


def patch_fields(*, intake: Intake) -> list[tuple[str, int]]:
    """Which values change and of how many people, the most frequent first. From the counts: no query."""
    found = [(str(LABELS[Field(name)]), count) for name, count in intake.counts.get("fields", {}).items()]
    return sorted(found, key=lambda one: -one[1])


def patch_page(*, intake: Intake, key: str = "", size: int = PAGE) -> PatchPage:
    """The people that a file changes, in the order of its rows. `key` is "SHEET.ROW", the last one seen."""
    rows = PatchRow.objects.filter(intake_id=intake.id, applies=True)
    sheet, _dot, row = key.partition(".")
    if sheet.isdigit() and row.isdigit() and len(row) < 8:
        same_sheet, later = rows.filter(sheet=int(sheet), row__gt=int(row)), rows.filter(sheet__gt=int(sheet))
        rows = same_sheet | later
    found = list(rows.order_by("sheet", "row")[: size + 1])
    more, found = len(found) > size, found[:size]
    after = f"{found[-1].sheet}.{found[-1].row}" if more else ""
    return PatchPage(_views(intake, found), "", after)


def _views(intake: Intake, rows: list[PatchRow]) -> list[PatchView]:
    """Three questions for a page of people, whatever its length."""
    staged = StagedRow.objects.in_bulk([one.id for one in rows])
    people = Resident.objects.in_bulk([one.resident_id for one in rows if one.resident_id])
    homes = Household.objects.in_bulk([one.household_id for one in rows if one.household_id])
    wanted = [one.id for one in rows if Field.CATEGORIES in one.fields]
    categories: dict[UUID, list[str]] = {}
    for entry in StagedCategory.objects.filter(intake_id=intake.id, resident_id__in=wanted) if wanted else ():
        categories.setdefault(entry.resident_id, []).append(_category(entry))
    views = []
    for one in rows:
        person, home, new = people.get(one.resident_id), homes.get(one.household_id), staged[one.id]
        if person is None or home is None:
            continue
        old = _Old(one, person, home, committed=intake.state == IntakeState.COMMITTED)
        changes = [_change(field, old, new, categories.get(one.id, ())) for field in one.fields]
        views.append(PatchView(one.sheet, one.row, old.get("name"), home.id, changes))
    return views


class _Old:
    """What stood there before: kept with the row once the file is applied, else what the register says."""

    def __init__(self, row: PatchRow, person: Resident, home: Household, *, committed: bool) -> None:
        self._kept: dict[str, Any] = ((row.before or {}) | (row.home_before or {})) if committed else {}
        self._now = {"address": home.address, "income_fen": home.income_fen} | {
            name: getattr(person, name)
            for name in ("name", "sex", "relation", "born_on", "number_tail", "phone_tail", "account_tail", "bank")
        }
        self.has_note = bool(person.note) if not committed else len(str(self._kept.get("note", ""))) > len("\\x")

    def get(self, name: str) -> Any:
        """A column's former value."""
        return self._kept.get(name, self._now.get(name))


def _change(field: str, old: _Old, new: StagedRow, categories: Iterable[str]) -> Change:
    label = str(LABELS[Field(field)])
    if field == Field.NOTE:
        return Change(label, "…" if old.has_note else "", new.note[:_SHOWN])
    if field == Field.CATEGORIES:
        return Change(label, "", "、".join(f"+{kind}" for kind in categories))
    column, show = _COLUMNS[Field(field)]
    return Change(label, show(old.get(column)), show(getattr(new, column)))


def _tail(digits: Any) -> str:
    return tail(str(digits) * 2) if digits else ""


def _yuan(fen: Any) -> str:
    return format_fen(fen) if fen is not None else ""


def _text(value: Any) -> str:
    return str(value or "")[:_SHOWN]


_COLUMNS: dict[Field, tuple[str, Callable[[Any], str]]] = {
    Field.NAME: ("name", _text),
    Field.NUMBER: ("number_tail", _tail),
    Field.SEX: ("sex", lambda value: str(Sex(value or "").label)),
    Field.BIRTH: ("born_on", _text),
    Field.RELATION: ("relation", lambda value: str(Relation(value).label)),
    Field.PHONE: ("phone_tail", _tail),
    Field.ACCOUNT: ("account_tail", _tail),
    Field.BANK: ("bank", _text),
    Field.ADDRESS: ("address", _text),
    Field.INCOME: ("income_fen", _yuan),
}


def _category(entry: StagedCategory) -> str:
    """The category in words; of a sensitive one only that there is one."""
    if not entry.kind:
        return _("a sensitive category")
    return f"{Category(entry.kind).label}{entry.detail and f'({entry.detail})'}"
