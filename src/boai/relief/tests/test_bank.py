"""Reading what banks send back."""

from __future__ import annotations

from pathlib import Path

import pytest

from boai.kernel.sheets import Column, Workbook
from boai.registry.intake.sniff import BadFile
from boai.relief.bank import NoTable, Said, statement_read


def _csv(path: Path, text: str, encoding: str = "gb18030") -> Path:
    path.write_text(text, encoding=encoding)
    return path


def test_a_csv_as_banks_export_it(tmp_path: Path) -> None:
    path = _csv(
        tmp_path / "a.csv",
        "中国农业银行批量代付回盘\n批次号:88231,,,,\n"
        "序号,收款账号,收款人户名,金额(元),处理结果,失败原因,附言\n"
        '1,"\t6228480402564890018",魏建国,"1,000.00",交易成功,,CDFGHJKMNP 困难救助\n'
        "2,6228480402564890026,张小三,500,交易失败,账户已销户,WXYWXYWXY2\n"
        "合计,,,1500.00,,,\n",
    )
    first, second = statement_read(path)
    assert (first.row, first.tokens, first.account, first.amount_fen, first.said) == (
        4, ("CDFGHJKMNP",), "6228480402564890018", 100_000, Said.PAID,
    )  # fmt: skip
    assert (second.said, second.words, second.tokens) == (Said.FAILED, "交易失败、账户已销户", ("WXYWXYWXY2",))


def test_a_workbook_with_other_words(tmp_path: Path) -> None:
    path = tmp_path / "回盘.xlsx"
    with Workbook(path) as book:
        sheet = book.sheet(
            "明细", [Column(c) for c in ("交易日期", "对方户名", "对方账号", "借方发生额", "交易状态", "摘要")]
        )
        sheet.row(["20261201", "魏建国", "6228480402564890018", 1000.0, "未成功", "CDFGHJKMNP"])
        sheet.row(["20261201", "魏建国", "6228480402564890018", 1000.1, "处理中", "CDFGHJKMNP"])
    failed, unclear = statement_read(path)
    assert failed.said == Said.FAILED, "未成功 holds 成功 and is a failure"
    assert unclear.said == Said.UNCLEAR
    assert unclear.amount_fen == 100_010
    assert str(failed.on) == "2026-12-01"


def test_a_list_without_results_means_paid(tmp_path: Path) -> None:
    path = _csv(tmp_path / "b.csv", "账号,金额\n6228480402564890018,-20.50\n", "utf-8")
    (line,) = statement_read(path)
    assert (line.said, line.amount_fen) == (Said.PAID, 2050)


def test_an_account_that_excel_rounded_is_worse_than_none(tmp_path: Path) -> None:
    path = tmp_path / "c.xlsx"
    with Workbook(path) as book:
        sheet = book.sheet("明细", [Column("账号"), Column("金额"), Column("附言")])
        sheet.row([6.22848040256489e18, 10, "CDFGHJKMNP"])
    (line,) = statement_read(path)
    assert line.account == ""


@pytest.mark.parametrize("text", ["", "姓名,电话\n张三,138\n"])
def test_no_list_of_payments(tmp_path: Path, text: str) -> None:
    with pytest.raises((NoTable, BadFile)):
        statement_read(_csv(tmp_path / "d.csv", text))


def test_a_picture_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "e.xlsx"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 100)
    with pytest.raises(BadFile):
        statement_read(path)
