"""The findings workbook: the file back as it came, bad cells red, a column that says what is wrong, and a mark by which
each row is known when the workbook comes back (see `returning`)."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import PurePath
from typing import Any, BinaryIO, NamedTuple, cast
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from boai.files.enums import SHEETS
from boai.files.models import StoredFile
from boai.files.services import file_store
from boai.kernel.crypto import derived_key, ring
from boai.kernel.sheets import Cell, Marked, Sheet, Workbook
from boai.people.actor import Actor
from boai.registry.enums import SETTLED
from boai.registry.intake.overlay import overlay
from boai.registry.intake.rowmarks import HEADING, RowMarks
from boai.registry.intake.sniff import BadFile
from boai.registry.intake.stream import Row, SheetStart, reading
from boai.registry.models import Finding, Intake, IntakeFile
from boai.registry.queries.fixing import fixes_of
from boai.registry.queries.sheets import Whereabouts
from boai.registry.services.checking import path_fd, plain_file
from boai.registry.services.committing import layouts_of
from boai.registry.services.intakes import intake_for_update, job_lock, job_unlock

_WIDTH = 14
_LONGEST_SHEET = 31


class _Bad(NamedTuple):
    """What is wrong in one row."""

    sheet: int
    row: int
    columns: frozenset[int]
    sentences: str


def intake_workbook_make(*, intake_id: UUID, actor: Actor, at: datetime) -> StoredFile | None:
    """Write the findings workbook and keep it with the intake. None when there is nothing to write or it is written.

    A new check of the file forgets the old workbook.
    """
    intake = Intake.objects.get(id=intake_id)
    if intake.state not in SETTLED or intake.workbook_id or not intake.counts.get("rules"):
        return None
    if not job_lock(intake_id=intake_id):
        return None
    try:
        with tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR) as target:
            _write(intake, cast(BinaryIO, target))
            target.seek(0)
            return _keep(intake, cast(BinaryIO, target), actor, at)
    except BadFile:
        return None  # it could be read an hour ago; the page keeps offering the findings themselves
    finally:
        job_unlock(intake_id=intake_id)


@transaction.atomic
def _keep(intake: Intake, content: BinaryIO, actor: Actor, at: datetime) -> StoredFile | None:
    current = intake_for_update(intake_id=intake.id)
    if current.state not in SETTLED or current.checked_at != intake.checked_at:
        return None
    stored = file_store(
        upload=content, purpose="registry.findings", region_code=intake.region_code, actor=actor, at=at, allow=SHEETS,
        name=_("%(name)s (findings).xlsx") % {"name": PurePath(intake.file_name).stem},
    )  # fmt: skip
    current.workbook = stored
    current.save(update_fields=["workbook"])
    return stored


def _write(intake: Intake, target: BinaryIO) -> None:
    files = list(intake.files.order_by("position"))
    with Workbook(target) as book:
        writing = _Writing(intake, book)
        for one in files:
            writing.file(one, several=len(files) > 1)


class _Writing:
    """The files one after the other, with what is wrong beside each row."""

    def __init__(self, intake: Intake, book: Workbook) -> None:
        self.book = book
        self.tables = {layout["sheet"]: layout for layout in intake.layout}
        self.found, self.fixes = _Findings(intake), fixes_of(intake_id=intake.id)
        self.layouts = {layout.sheet: layout for layout in layouts_of(intake=intake)}
        self.marks = RowMarks(intake.id, mark_keys())

    def file(self, one: IntakeFile, *, several: bool) -> None:
        """Every sheet of a file."""
        base = one.first_sheet or 0
        with (
            plain_file(one.stored_id, sha256=one.sha256) as path,
            reading(path, pass_fds=(path_fd(path),)) as events,
        ):
            sheet: Sheet | None = None
            index = 0
            for event in events:
                if isinstance(event, SheetStart):
                    index = base + event.index
                    sheet = self._begin(index, _with_file(one.name, event.name) if several else event.name)
                    continue
                assert sheet is not None
                for offset, row in enumerate(event.rows):
                    sheet.row(self._row(index, event.first + offset, row))

    def _begin(self, index: int, name: str) -> Sheet:
        sheet = self.book.sheet(name)
        if table := self.tables.get(index):
            sheet.widths([_WIDTH] * len(table["headings"]) + [60, 24])
        return sheet

    def _row(self, index: int, number: int, row: Row) -> list[Cell | Marked]:
        if (index, number) in self.fixes and index in self.layouts:
            overlay(row, self.fixes[index, number], self.layouts[index])
        table, bad = self.tables.get(index), self.found.of(index, number)
        if table is None or number < table["header_row"] or not any(cell != "" for cell in row):
            return list(row)
        mark = self.marks.write(index, number, row, len(table["headings"]))
        if number == table["header_row"]:
            mark = f"{HEADING} {mark}"
        return _row(row, number, table, bad, mark)


def _with_file(file: str, sheet: str) -> str:
    """Both names within the 31 characters that a sheet's name can have."""
    stem = PurePath(file).stem
    return f"{stem[: max(_LONGEST_SHEET - 1 - len(sheet), _LONGEST_SHEET // 2)]}·{sheet}"


def _row(row: Row, number: int, table: dict[str, Any], bad: _Bad | None, mark: str) -> list[Cell | Marked]:
    """The row, behind it what is wrong, and behind that by what it is known when it comes back."""
    width = len(table["headings"])
    cells: list[Cell | Marked] = list(row[:width])
    cells.extend([""] * (width - len(cells)))
    if number == table["header_row"]:
        return [*cells, Marked("错误"), mark]
    if bad is None:
        return [*cells, "", mark]
    for column in bad.columns:
        if column < len(cells):
            cells[column] = Marked(cast(Cell, cells[column]))
    return [*cells, bad.sentences, mark]


def mark_keys() -> list[bytes]:
    """The keys of the marks beside the rows, the present one first."""
    return [derived_key("registry.rowmark", master=master) for master in ring()]


class _Findings:
    """The findings in the order of the rows, walked along beside the file in constant memory."""

    def __init__(self, intake: Intake) -> None:
        self._headings = {layout["sheet"]: layout["headings"] for layout in intake.layout}
        self._where = Whereabouts(intake)
        rows = (
            Finding.objects.filter(intake_id=intake.id)
            .order_by("sheet", "row", "column", "id")
            .values_list("sheet", "row", "column", "rule", "params")
            .iterator(chunk_size=5_000)
        )
        self._rows = self._grouped(rows)
        self._next = next(self._rows, None)

    def of(self, sheet: int, row: int) -> _Bad | None:
        """What is wrong in this row; rows have to be asked for in order."""
        while self._next and (self._next.sheet, self._next.row) < (sheet, row):
            self._next = next(self._rows, None)
        if self._next and (self._next.sheet, self._next.row) == (sheet, row):
            return self._next
        return None

    def _grouped(self, rows: Iterator[tuple[Any, ...]]) -> Iterator[_Bad]:
        for (sheet, row), group in itertools.groupby(rows, key=lambda found: (found[0], found[1])):
            listed = list(group)
            headings = self._headings.get(sheet, [])
            said = [
                f"{_heading(headings, column)}{self._where.sentence(rule, params)}"
                for _s, _r, column, rule, params in listed
            ]
            columns = frozenset(column for _s, _r, column, _rule, _p in listed if column is not None)
            yield _Bad(sheet, row, columns, "\n".join(said))


def _heading(headings: list[str], column: int | None) -> str:
    return f"【{headings[column].strip()}】" if column is not None and column < len(headings) else ""
