"""The process that opens a register file: it may be hostile, so it has little memory, little time and no secrets.

    python -m boai.registry.intake.reader PATH [SHEET ROW]

Writes one JSON value per line to standard output:
    {"sheet": index, "name": …, "visible": …, "merged": [[row, column, last row, last column], …], "height": rows,
     "width": columns}
    {"row": number of the first row as Excel shows it, "rows": [[cell, …], …]}
    {"end": number of sheets}  or  {"error": code}
With SHEET and ROW it goes on behind that row: earlier sheets are left out, the sheet itself is announced.
Cells are strings, numbers, booleans, {"d": date} or {"t": moment}; empty cells are "" and trailing ones are left out.
"""

from __future__ import annotations

import csv
import itertools
import json
import os
import re
import resource
import sys
from collections.abc import Iterable, Iterator
from typing import Any

from python_calamine import (
    CalamineError,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from boai.registry.intake import limits
from boai.registry.intake.sniff import BadFile, encoding_of, kind_of
from boai.registry.intake.wire import plain_cell

_DELIMITERS = ",\t;|"
# ="620…": how some systems keep Excel from rounding a number in a CSV file.
_KEPT_TEXT = re.compile(r'="([^"]*)"')


def main() -> None:
    """Read the file named on the command line under the limits, and print it."""
    resource.setrlimit(resource.RLIMIT_AS, (limits.MEMORY, limits.MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.SECONDS, limits.SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    path = sys.argv[1]
    sheet, row = (int(sys.argv[2]), int(sys.argv[3])) if len(sys.argv) > 2 else (0, 0)
    try:
        kind = kind_of(path)
        count = _read_csv(path, sheet, row) if kind == "csv" else _read_book(path, sheet, row)
        _say({"end": count})
    except BadFile as error:
        _say({"error": error.code})
    except MemoryError:
        _say({"error": "memory"})


def _read_book(path: str, first: int, done: int) -> int:
    try:
        with CalamineWorkbook.from_path(path) as book:
            for index, meta in enumerate(book.sheets_metadata):
                if meta.typ != SheetTypeEnum.WorkSheet or index < first:
                    continue
                visible = meta.visible == SheetVisibleEnum.Visible
                _read_sheet(book, index, meta.name, visible, done if index == first else 0)
            return len(book.sheets_metadata)
    except PasswordError:
        raise BadFile("password") from None
    except (CalamineError, OSError, ValueError):
        raise BadFile("damaged") from None


def _read_sheet(book: CalamineWorkbook, index: int, name: str, visible: bool, done: int) -> None:
    sheet = book.get_sheet_by_index(index)
    merged = [[a, b, c, d] for (a, b), (c, d) in sheet.merged_cell_ranges or []]
    _say({"sheet": index, "name": name, "visible": visible, "merged": merged, "height": sheet.total_height,
          "width": sheet.end[1] + 1 if sheet.end else 0})  # fmt: skip
    if sheet.start is None:
        return
    left = [""] * sheet.start[1]
    rows = (left + row if left else row for row in sheet.iter_rows())
    _say_rows(rows, done)


def _read_csv(path: str, first: int, done: int) -> int:
    encoding = encoding_of(path)
    if first:
        return 1
    csv.field_size_limit(limits.MIB)
    with open(path, encoding=encoding, newline="") as file:
        delimiter = _delimiter(list(itertools.islice(file, 20)))
        file.seek(0)
        _say({"sheet": 0, "name": "CSV", "visible": True, "merged": [], "height": 0, "width": 0})
        try:
            rows = ([_uncovered(cell) for cell in row] for row in csv.reader(file, delimiter=delimiter))
            _say_rows(rows, done)
        except csv.Error:
            raise BadFile("damaged") from None
    return 1


def _delimiter(lines: list[str]) -> str:
    """The separator that the most lines hold equally often."""

    def evenness(sign: str) -> tuple[int, int]:
        counts = [line.count(sign) for line in lines if line.strip()]
        commonest = max(set(counts), key=counts.count) if counts else 0
        return (counts.count(commonest) if commonest else 0, commonest)

    return max(_DELIMITERS, key=evenness)


def _uncovered(cell: str) -> str:
    match = _KEPT_TEXT.fullmatch(cell)
    return match[1] if match else cell


def _say_rows(rows: Iterable[list[Any]], done: int) -> None:
    number = done + 1
    for chunk in _chunks(itertools.islice(rows, done, None)):
        _say({"row": number, "rows": [_trimmed(row) for row in chunk]})
        number += len(chunk)
        if number > limits.MOST_ROWS + 1:
            raise BadFile("too_long")


def _chunks(rows: Iterable[list[Any]]) -> Iterator[list[list[Any]]]:
    iterator = iter(rows)
    while chunk := list(itertools.islice(iterator, limits.ROWS_PER_LINE)):
        yield chunk


def _trimmed(row: list[Any]) -> list[Any]:
    del row[limits.MOST_COLUMNS :]
    while row and row[-1] == "":
        row.pop()
    for place, cell in enumerate(row):
        if isinstance(cell, str) and len(cell) > limits.LONGEST_CELL:
            row[place] = cell[: limits.LONGEST_CELL]
    return row


def _say(value: object) -> None:
    text = json.dumps(value, ensure_ascii=False, default=plain_cell, separators=(",", ":"))
    sys.stdout.buffer.write(text.encode("utf-8", "surrogatepass") + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    try:
        main()
    except BrokenPipeError:  # whoever asked has cancelled
        os._exit(0)
