"""Spreadsheets that we write: streamed row by row, and no cell can start a formula.

XLSX strings go through `write_string` with the quote prefix where they begin like a formula, so that they stay text
even when somebody edits the cell. CSV has no types: a text that begins like a formula gets an apostrophe before it.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import IO, Any, TypeAlias

import xlsxwriter

from boai.kernel.clock import SHANGHAI

Cell: TypeAlias = str | int | float | Decimal | bool | date | datetime | None

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV_TYPE = "text/csv; charset=utf-8"
# What spreadsheet programmes take for the beginning of a formula, full-width forms included (some input methods).
_FORMULA = re.compile("[\t\r\n]|[\\s\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]*[=+\\-@\uff1d\uff0b\uff0d\uff20]")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # by XML 1.0
_LONGEST_CELL = 32_767  # Excel's limit
_LONGEST_SHEET_NAME = 31
_RESERVED_SHEET_NAME = "history"  # Excel's own, in any case
_EXACT_DIGITS = 15  # beyond this Excel rounds: such numbers are written as text

_LOOKS: dict[str, dict[str, Any]] = {
    "text": {"quote_prefix": True},
    "date": {"num_format": "yyyy-mm-dd"},
    "moment": {"num_format": "yyyy-mm-dd hh:mm:ss"},
}


@dataclass(frozen=True)
class Column:
    """A column of a sheet: its heading and its width in characters."""

    title: str
    width: float = 14


@dataclass(frozen=True)
class Marked:
    """A cell that is to stand out: a finding."""

    value: Cell


def starts_formula(text: str) -> bool:
    """Would a spreadsheet programme read this text as a formula (also behind spaces and invisible signs)?"""
    return _FORMULA.match(text) is not None


class Workbook:
    """An XLSX file written in constant memory: rows top to bottom, one sheet after the other.

    with Workbook(path) as book:
        sheet = book.sheet("名册", [Column("姓名"), Column("金额", 10)])
        sheet.row(["张三", 1200])
    """

    def __init__(self, target: Path | IO[bytes]) -> None:
        options = {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "nan_inf_to_errors": False,
            "remove_timezone": True,
        }
        self._book = xlsxwriter.Workbook(target if not isinstance(target, Path) else str(target), options)
        self._names: set[str] = set()
        self._formats: dict[tuple[str, bool], Any] = {}
        self.heading = self._book.add_format({"bold": True, "bg_color": "#EFE9E1", "bottom": 1, "text_wrap": True})

    def __enter__(self) -> Workbook:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._book.close()

    def sheet(self, name: str, columns: Sequence[Column] = ()) -> Sheet:
        """Begin a sheet; with columns the first row is the heading, frozen. A name that is taken gets a number."""
        free = sheet_name(name, taken=self._names)
        self._names.add(free.casefold())
        return Sheet(self, self._book.add_worksheet(free), columns)

    def style(self, kind: str, marked: bool) -> Any:
        """The format for a kind of cell ("", "text", "date", "moment"), red when marked."""
        key = (kind, marked)
        if key not in self._formats:
            look = _LOOKS.get(kind, {})
            red = {"bg_color": "#F8C9C4", "font_color": "#8A1C12"} if marked else {}
            self._formats[key] = self._book.add_format(look | red) if look or red else None
        return self._formats[key]


class Sheet:
    """One sheet of a workbook; rows only go down."""

    def __init__(self, book: Workbook, sheet: Any, columns: Sequence[Column]) -> None:
        self._book = book
        self._sheet = sheet
        self._next = 0
        for place, column in enumerate(columns):
            sheet.set_column(place, place, column.width)
        if columns:
            sheet.freeze_panes(1, 0)
            for place, column in enumerate(columns):
                sheet.write_string(0, place, column.title, book.heading)
            self._next = 1

    def widths(self, widths: Iterable[float]) -> None:
        """Set the column widths, in characters, before the first row."""
        for place, width in enumerate(widths):
            self._sheet.set_column(place, place, width)

    def row(self, cells: Iterable[Cell | Marked]) -> int:
        """Write the next row; its number as Excel shows it."""
        for place, cell in enumerate(cells):
            if isinstance(cell, Marked):
                self._write(place, cell.value, True)
            else:
                self._write(place, cell, False)
        self._next += 1
        return self._next

    def skip(self, rows: int = 1) -> None:
        """Leave rows empty."""
        self._next += rows

    def _write(self, place: int, value: Cell, marked: bool) -> None:
        style = self._book.style
        if value is None or value == "":
            if marked:
                self._sheet.write_blank(self._next, place, None, style("", True))
        elif isinstance(value, bool):
            self._sheet.write_boolean(self._next, place, value, style("", marked))
        elif isinstance(value, datetime):
            local = value.astimezone(SHANGHAI).replace(tzinfo=None) if value.tzinfo else value
            self._dated(place, local, "moment", marked)
        elif isinstance(value, date):
            self._dated(place, value, "date", marked)
        elif isinstance(value, int | float | Decimal) and _is_plain_number(value):
            self._sheet.write_number(self._next, place, value, style("", marked))
        else:
            text = storable(str(value))
            kind = "text" if starts_formula(text) else ""
            self._sheet.write_string(self._next, place, text, style(kind, marked))

    def _dated(self, place: int, value: date, kind: str, marked: bool) -> None:
        if value.year < 1900:  # before Excel's calendar
            self._sheet.write_string(self._next, place, value.isoformat(), self._book.style("", marked))
        else:
            self._sheet.write_datetime(self._next, place, value, self._book.style(kind, marked))


def _is_plain_number(value: float | Decimal) -> bool:
    """Can Excel hold it exactly enough? Identity and account numbers can't be numbers there."""
    return Decimal(str(value)).is_finite() and abs(value) < 10**_EXACT_DIGITS


def storable(text: str) -> str:
    """Text that an XLSX cell can hold: at most 32,767 characters, without what XML 1.0 forbids."""
    return _FORBIDDEN.sub("", text)[:_LONGEST_CELL]


def sheet_name(name: str, *, taken: Container[str] = ()) -> str:
    """A name that Excel accepts: at most 31 characters of UTF-16, none of []:*?/\\, no apostrophe at the ends.

    `taken` are the names (casefolded: Excel does not tell "a" from "A") that stand in the workbook already.
    """
    plain = storable(name).translate(dict.fromkeys(map(ord, "[]:*?/\\\t\r\n"), "_"))
    free, number = _short(plain, _LONGEST_SHEET_NAME) or "Sheet", 1
    while free.casefold() in taken or free.casefold() == _RESERVED_SHEET_NAME:
        number += 1
        mark = f"({number})"
        free = (_short(plain, _LONGEST_SHEET_NAME - len(mark)) or "Sheet") + mark
    return free


def _short(name: str, length: int) -> str:
    """The beginning of a name, `length` units of UTF-16 at most (Excel counts so: a rare ideograph is two)."""
    return name.encode("utf-16-le")[: 2 * length].decode("utf-16-le", "ignore").strip("'")


def csv_cell(value: Cell) -> str:
    """One CSV value as text that no spreadsheet programme runs; numbers stay numbers."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, int | float | Decimal):
        return str(value)
    if isinstance(value, datetime):
        local = value.astimezone(SHANGHAI) if value.tzinfo else value
        return local.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.isoformat()
    text = value.replace("\x00", "")
    return f"'{text}" if starts_formula(text) else text


def csv_chunks(rows: Iterable[Sequence[Cell]], *, rows_per_chunk: int = 500) -> Iterator[bytes]:
    """CSV as UTF-8 with a byte order mark (Excel needs it), in chunks for a streamed response."""
    buffer = io.StringIO()
    buffer.write("\ufeff")
    writer = csv.writer(buffer, lineterminator="\r\n")
    for number, row in enumerate(rows, 1):
        writer.writerow([csv_cell(cell) for cell in row])
        if number % rows_per_chunk == 0:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()
