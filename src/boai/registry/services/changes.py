"""What differs in a findings workbook from what was sent: its rows by their marks, then the files beside them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from boai.files.models import StoredFile
from boai.registry.intake.columns import SHARED, Field
from boai.registry.intake.layout import Layout
from boai.registry.intake.overlay import overlay
from boai.registry.intake.rowmarks import HEADING, Mark, RowMarks, Stranger, Tampered, canonical
from boai.registry.intake.sniff import BadFile
from boai.registry.intake.stream import Row, SheetStart, reading
from boai.registry.intake.wordlists import DITTO
from boai.registry.models import Intake
from boai.registry.queries.fixing import fixes_of
from boai.registry.services.checking import path_fd, plain_file
from boai.registry.services.committing import layouts_of
from boai.registry.services.workbook import mark_keys

MOST_PROBLEMS = 200  # named one by one; all of them are counted
_LONGEST = 500  # characters of a corrected cell, as on the page
# Cells that can be read anew without the rows around them.
_PLAIN = frozenset(
    (Field.NAME, Field.NUMBER, Field.BIRTH, Field.SEX, Field.PHONE, Field.ACCOUNT, Field.BANK, Field.INCOME, Field.NOTE)
)


class Changed(NamedTuple):
    """A cell that the village has changed."""

    sheet: int
    row: int
    column: int
    before: str
    after: str
    conflict: bool


@dataclass
class Comparison:
    """The changed cells; how many rows were looked at and passed over; what could not be taken, and why.

    Problems are [rule, sheet as the workbook names it, row]: the rules have their sentences in `queries.returned`.
    """

    cells: list[Changed] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    problems: list[list[Any]] = field(default_factory=list)
    plain: bool = True


class _Edited(NamedTuple):
    mark: Mark
    cells: Row
    columns: list[int]
    sheet: str
    row: int


def changes_found(*, intake: Intake, stored: StoredFile) -> Comparison:
    """Compare a workbook with what was sent and with what the cells say today. Raises BadFile."""
    marks, found = RowMarks(intake.id, mark_keys()), Comparison()
    layouts = {layout.sheet: layout for layout in layouts_of(intake=intake)}
    edited = _edited(stored, marks, layouts, found)
    for now, below, layout in _as_they_are(intake, set(edited), layouts):
        one = edited[now.key]
        _compare(one, now.cells, below, layout, marks, found)
    found.counts |= {
        "changed": len({(one.sheet, one.row) for one in found.cells if not one.conflict}),
        "cells": sum(not one.conflict for one in found.cells),
        "conflicts": sum(one.conflict for one in found.cells),
    }
    return found


def _edited(
    stored: StoredFile, marks: RowMarks, layouts: dict[int, Layout], found: Comparison
) -> dict[tuple[int, int], _Edited]:
    """The rows of the workbook that are not as they were written, by sheet and row of the import."""
    looking, out = _Looking(marks, layouts, found), dict[tuple[int, int], _Edited]()
    twice: set[tuple[int, int]] = set()
    with plain_file(stored.id, sha256=stored.sha256) as path, reading(path, pass_fds=(path_fd(path),)) as events:
        for event in events:
            if isinstance(event, SheetStart):
                looking.begin(event.name)
                continue
            for offset, cells in enumerate(event.rows):
                one = looking.at(event.first + offset, cells)
                if one is None:
                    continue
                key = (one.mark.sheet, one.mark.row)
                if key in looking.seen:
                    twice.add(key)
                    looking.problem("twice", one.row)
                looking.seen.add(key)
                if one.columns:
                    out[key] = one
    if not looking.marked:
        raise BadFile("other_import" if looking.strangers else "no_marks")
    found.counts["rows"] = len(looking.seen)
    return {key: one for key, one in out.items() if key not in twice}


class _Looking:
    """Walks along the rows of the workbook."""

    def __init__(self, marks: RowMarks, layouts: dict[int, Layout], found: Comparison) -> None:
        self.marks, self.layouts, self.found = marks, layouts, found
        self.seen: set[tuple[int, int]] = set()
        self.marked = self.strangers = False
        self.begin("")

    def begin(self, name: str) -> None:
        """A sheet begins; nothing is read of it before the heading with its mark."""
        self.name, self.column, self.sheet = name, -1, -1

    def problem(self, rule: str, row: int) -> None:
        """A row that is not taken."""
        self.found.counts[rule] = self.found.counts.get(rule, 0) + 1
        if len(self.found.problems) < MOST_PROBLEMS:
            self.found.problems.append([rule, self.name, row])

    def at(self, number: int, cells: Row) -> _Edited | None:
        """A row with a mark, and the columns that were changed in it."""
        if self.column < 0:
            self._heading(number, cells)
            return None
        text = cells[self.column] if self.column < len(cells) else ""
        if text == "":
            if any(cell != "" for cell in cells[: self.column]):
                self.problem("added", number)
            return None
        try:
            mark = self.marks.read(text)
        except (Stranger, Tampered) as error:
            self.problem("stranger" if isinstance(error, Stranger) else "tampered", number)
            return None
        if mark.sheet != self.sheet:
            self.problem("tampered", number)
            return None
        return _Edited(mark, cells, self.marks.changed(mark, cells), self.name, number)

    def _heading(self, number: int, cells: Row) -> None:
        """The heading's mark says which table this is, and that its columns stand as they stood."""
        place = next((p for p, cell in enumerate(cells) if isinstance(cell, str) and cell.startswith(HEADING)), -1)
        if place < 0:
            return
        try:
            mark = self.marks.read(str(cells[place]).removeprefix(HEADING))
        except (Stranger, Tampered) as error:
            self.strangers = self.strangers or isinstance(error, Stranger)
            self.problem("stranger" if isinstance(error, Stranger) else "tampered", number)
            return
        self.marked = True
        table = self.layouts.get(mark.sheet)
        if table is None or place != len(table.headings) + 1 or self.marks.changed(mark, cells):
            self.problem("columns", number)
            return
        self.column, self.sheet = place, mark.sheet


class _Now(NamedTuple):
    key: tuple[int, int]
    cells: Row


def _as_they_are(
    intake: Intake, wanted: set[tuple[int, int]], layouts: dict[int, Layout]
) -> Iterator[tuple[_Now, Row, Layout]]:
    """What the wanted rows say today, with the row below each: the files under their corrections."""
    fixes, sheets = fixes_of(intake_id=intake.id), {sheet for sheet, _row in wanted}
    files = list(intake.files.order_by("position"))
    for place, one in enumerate(files):
        first = one.first_sheet or 0
        beyond = files[place + 1].first_sheet if place + 1 < len(files) else None
        if not any(first <= sheet and (beyond is None or sheet < beyond) for sheet in sheets):
            continue
        with (
            plain_file(one.stored_id, sha256=one.sha256) as path,
            reading(path, pass_fds=(path_fd(path),)) as events,
        ):
            sheet, held = first, None
            for event in events:
                if isinstance(event, SheetStart):
                    if held:
                        yield held, [], layouts[held.key[0]]
                    sheet, held = first + event.index, None
                    continue
                for offset, row in enumerate(event.rows):
                    key = (sheet, event.first + offset)
                    if key in fixes and sheet in layouts:
                        overlay(row, fixes[key], layouts[sheet])
                    if held:
                        yield held, row, layouts[held.key[0]]
                    held = _Now(key, row) if key in wanted else None
            if held:
                yield held, [], layouts[held.key[0]]


def _compare(one: _Edited, now: Row, below: Row, layout: Layout, marks: RowMarks, found: Comparison) -> None:
    fields = {place: name for name, place in layout.columns.items()}
    for column in one.columns:
        after, before = canonical(_at(one.cells, column)), canonical(_at(now, column))
        if after == before:
            continue
        if column not in fields and column not in layout.flags:
            found.counts["unread"] = found.counts.get("unread", 0) + 1
            continue
        if len(after) > _LONGEST:
            found.counts["too_long"] = found.counts.get("too_long", 0) + 1
            found.problems.append(["too_long", one.sheet, one.row])
            continue
        conflict = not marks.same(one.mark, column, _at(now, column))
        found.cells.append(Changed(one.mark.sheet, one.mark.row, column, before, after, conflict))
        found.plain = found.plain and _is_plain(fields.get(column), layout, _at(below, column), after)


def _is_plain(name: Field | None, layout: Layout, below: Any, after: str) -> bool:
    """Does nothing around this cell depend on it, nor it on them?"""
    if name is Field.RELATION:
        return Field.HOUSEHOLD in layout.columns
    shared = name in SHARED and (below in DITTO or after in DITTO)
    return name in _PLAIN and not shared


def _at(row: Row, column: int) -> Any:
    return row[column] if column < len(row) else ""
