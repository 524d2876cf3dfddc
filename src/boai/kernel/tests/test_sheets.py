"""What we write into spreadsheets can't run there."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boai.kernel.sheets import Cell, Column, Marked, Workbook, csv_cell, csv_chunks, sheet_name, starts_formula

EVIL = ["=1+1", "=HYPERLINK(\"http://x\")", "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\uff1d1+1", "\u200b=1", "\ufeff+1", "\u202e\u3000=1", "{=1}", "http://x.example", "mailto:a@b.c"]  # fmt: skip


def written(rows: list[list[Cell | Marked]]) -> io.BytesIO:
    target = io.BytesIO()
    with Workbook(target) as book:
        sheet = book.sheet("名册", [Column("甲"), Column("乙")])
        for row in rows:
            sheet.row(row)
    target.seek(0)
    return target


def test_no_string_becomes_a_formula_or_a_link() -> None:
    target = written([[text, Marked(text)] for text in EVIL])
    with zipfile.ZipFile(target) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in xml
    assert "hyperlink" not in xml
    sheet = openpyxl.load_workbook(target)["名册"]
    for number, text in enumerate(EVIL, 2):
        for column in (1, 2):
            cell = sheet.cell(number, column)
            assert (cell.data_type, cell.value.strip("\r\n\t _x0D")) == ("s", text.strip("\r\n\t _x0D"))
            assert cell.quotePrefix == starts_formula(text)


@settings(deadline=None)  # a busy machine takes its time; how long it takes is no matter here
@given(st.lists(st.text(), min_size=1, max_size=5))
def test_any_text_at_all_makes_a_readable_workbook_without_formulas(texts: list[str]) -> None:
    target = written([[text] for text in texts])
    sheet = openpyxl.load_workbook(target).worksheets[0]
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)


@given(st.text())
def test_no_csv_cell_starts_a_formula(text: str) -> None:
    assert not starts_formula(csv_cell(text))


def test_kinds_of_cells_survive() -> None:
    at = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
    rows: list[list[Cell | Marked]] = [
        [1, 2.5],
        [Decimal("3.25"), True],
        [date(1956, 3, 4), at],
        [621121195603041234, date(1856, 3, 4)],
        [None, float("nan")],
    ]
    sheet = openpyxl.load_workbook(written(rows)).worksheets[0]
    values = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    assert values[0] == [1, 2.5]
    assert values[1] == [3.25, True]
    assert values[2] == [datetime(1956, 3, 4), datetime(2026, 11, 24, 10, 0)]
    assert values[3] == ["621121195603041234", "1856-03-04"]
    assert values[4] == [None, "nan"]


def test_marked_cells_are_red_and_blank_ones_too() -> None:
    sheet = openpyxl.load_workbook(written([[Marked("坏"), Marked(None)]])).worksheets[0]
    assert {sheet.cell(2, c).fill.fgColor.rgb for c in (1, 2)} == {"FFF8C9C4"}


def test_a_path_works_like_a_stream(tmp_path: Path) -> None:
    with Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.sheet("[坏]:名*字/很长很长很长很长很长很长很长很长很长很长很长很长")
        sheet.widths([10, 20])
        sheet.skip(2)
        assert sheet.row(["x"]) == 3
    assert openpyxl.load_workbook(tmp_path / "a.xlsx").worksheets[0].cell(3, 1).value == "x"
    assert sheet_name("'''") == "Sheet"


LONG = "通渭县平襄镇二〇二六年困难群众帮扶花名册第一次汇总之补充登记表格"


@pytest.mark.parametrize(
    ("names", "written_as"),
    [
        (["名册", "名册", "名册"], ["名册", "名册(2)", "名册(3)"]),
        (["Sheet1", "SHEET1", "sheet1(2)"], ["Sheet1", "SHEET1(2)", "sheet1(2)(2)"]),
        (["a/b", "a?b", "a:b"], ["a_b", "a_b(2)", "a_b(3)"]),
        ([LONG, LONG], [LONG[:31], LONG[:28] + "(2)"]),
        (["𠮷" * 20, "𠮷" * 20], ["𠮷" * 15, "𠮷" * 14 + "(2)"]),
        (["", "''", "History"], ["Sheet", "Sheet(2)", "History(2)"]),
    ],
)
def test_equal_names_of_sheets_get_a_number(names: list[str], written_as: list[str]) -> None:
    target = io.BytesIO()
    with Workbook(target) as book:
        for name in names:
            book.sheet(name)
    target.seek(0)
    assert openpyxl.load_workbook(target).sheetnames == written_as


@given(st.lists(st.text(st.sampled_from("aA'[:?ß\u0130𠮷名\x00"), max_size=40), min_size=1, max_size=12))
def test_any_names_of_sheets_at_all_make_a_workbook(names: list[str]) -> None:
    target = io.BytesIO()
    with Workbook(target) as book:
        for name in names:
            book.sheet(name)
    target.seek(0)
    found = openpyxl.load_workbook(target).sheetnames
    assert len(found) == len(names)
    assert all(0 < len(name.encode("utf-16-le")) // 2 <= 31 for name in found)


def test_csv_is_streamed_with_a_byte_order_mark() -> None:
    chunks = list(csv_chunks(([i, "=1", None, date(2026, 1, 2), True] for i in range(1200)), rows_per_chunk=500))
    assert len(chunks) == 3
    assert chunks[0].startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(b"".join(chunks).decode("utf-8-sig"))))
    assert len(rows) == 1200
    assert rows[7] == ["7", "'=1", "", "2026-01-02", "1"]
    assert csv_cell(datetime(2026, 11, 24, 2, 0, tzinfo=UTC)) == "2026-11-24 10:00:00"
    assert csv_cell(-5) == "-5"
