"""Reading what banks send back: a workbook or CSV with one line per payment, under whatever headings. No database."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from pathlib import Path

from boai.kernel.ids import CODE_ALPHABET
from boai.kernel.money import parse_yuan
from boai.kernel.text.contact import read_account
from boai.kernel.text.faults import Unreadable
from boai.kernel.text.folding import clean, squeeze
from boai.registry.intake.stream import Rows, SheetStart, Value, reading


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


HEADINGS: dict[str, tuple[str, ...]] = {
    "reference": _words("付款参考号 参考号 业务参考号 客户流水号 商户流水号 客户参考号 附言 交易附言 摘要 用途 备注"),
    "name": _words("收款人姓名 收款人名称 收款人户名 收款户名 收款人 对方户名 户名 姓名 客户姓名"),
    "account": _words("收款账号 收款人账号 收款账户 收款卡号 收款帐号 对方账号 账号 帐号 卡号 账户"),
    "amount": _words("实际金额 成功金额 实付金额 交易金额 金额 发生额 付款金额 借方发生额 支出金额 支出"),
    "result": _words("处理结果 交易结果 处理状态 交易状态 状态 结果 是否成功 成功标志"),
    "reason": _words("失败原因 错误原因 原因 返回信息 处理信息 错误信息 失败信息 说明"),
    "date": _words("交易日期 处理日期 入账日期 记账日期 付款日期 日期 交易时间 处理时间"),
}
"""What banks call each column, the surest word first. Widened by use: see docs/algorithms/case.md."""

_FAILED = re.compile(
    r"失败|未成功|不成功|退回|退票|退汇|拒绝|不符|不存在|销户|冻结|挂失|错误|异常|^N$|^F$|^否$|^FAIL", re.IGNORECASE
)
_PAID = re.compile(r"成功|已入账|已处理|完成|已付|^S$|^Y$|^是$|^0+$|SUCCESS|^OK$", re.IGNORECASE)
_TOKEN = re.compile(rf"(?<![A-Z0-9])[{CODE_ALPHABET}]{{10}}(?![A-Z0-9])")
_HEADING_ROWS = 30


class Said(StrEnum):
    """What the bank said of a line."""

    PAID = "paid"
    FAILED = "failed"
    UNCLEAR = "unclear"


@dataclass(frozen=True)
class Line:
    """One line of the bank's answer. `tokens` are words in it that have the form of a payment reference."""

    row: int
    tokens: tuple[str, ...]
    name: str
    account: str
    amount_fen: int | None
    said: Said
    words: str
    on: date | None


class NoTable(Exception):
    """No row of the file looks like the headings of a list of payments."""


def statement_read(path: Path) -> list[Line]:
    """The lines of a file, from the first sheet that has headings. Raises NoTable, or the register reader's BadFile."""
    with reading(path) as events:
        for rows in _sheets(events):
            found = _table(rows)
            if found is not None:
                return found
    raise NoTable


def _sheets(events: Iterable[object]) -> Iterator[list[tuple[int, list[Value]]]]:
    rows: list[tuple[int, list[Value]]] = []
    for event in events:
        if isinstance(event, SheetStart):
            if rows:
                yield rows
            rows = []
        elif isinstance(event, Rows):
            rows.extend(enumerate(event.rows, event.first))
    yield rows


def _table(rows: list[tuple[int, list[Value]]]) -> list[Line] | None:
    for place, (_number, cells) in enumerate(rows[:_HEADING_ROWS]):
        columns = _columns(cells)
        if "amount" in columns and ({"reference", "account"} & columns.keys()):
            lines = (_line(number, row, columns) for number, row in rows[place + 1 :])
            return [line for line in lines if line is not None]
    return None


def _columns(cells: Sequence[Value]) -> dict[str, int]:
    """Which column holds what: the surest heading wins, whatever stands in brackets behind it."""
    names = [re.sub(r"[((].*?[))]|[::*\s]", "", squeeze(str(cell))) for cell in cells]
    found: dict[str, int] = {}
    for field, words in HEADINGS.items():
        for word in words:
            if word in names and names.index(word) not in found.values():
                found[field] = names.index(word)
                break
    return found


def _line(number: int, cells: Sequence[Value], columns: dict[str, int]) -> Line | None:
    def at(field: str) -> Value:
        place = columns.get(field)
        return cells[place] if place is not None and place < len(cells) else ""

    account = _account(at("account"))
    texts = [clean(str(cell)).upper() for cell in cells if isinstance(cell, str)]
    tokens = tuple(dict.fromkeys(token for text in texts for token in _TOKEN.findall(text)))
    amount = _amount(at("amount"))
    if not tokens and (not account or amount is None):
        return None  # a blank row, a subtotal, a remark
    words = "、".join(w for w in (clean(str(at("result"))), clean(str(at("reason")))) if w)[:200]
    said = _said(clean(str(at("result"))), clean(str(at("reason"))), told="result" in columns)
    return Line(number, tokens, clean(str(at("name")))[:60], account, amount, said, words, _day(at("date")))


def _account(value: Value) -> str:
    """The account number; "" for one that a spreadsheet has rounded or somebody has masked: worse than none."""
    try:
        return read_account(value)
    except Unreadable:
        return ""


def _amount(value: Value) -> int | None:
    """Fen, exactly; None when it is no amount. The sign of a debit does not matter."""
    if isinstance(value, bool) or value == "":
        return None
    if isinstance(value, int | float):
        try:
            fen = Decimal(str(value)) * 100
            return abs(int(fen)) if fen == fen.to_integral_value() else abs(int(fen.quantize(Decimal(1))))
        except InvalidOperation:
            return None
    try:
        return abs(parse_yuan(squeeze(str(value)).lstrip("-+")))
    except ValueError:
        return None


def _said(result: str, reason: str, *, told: bool) -> Said:
    """Failure words weigh more than success words: 未成功 holds 成功. Without a result column a line means paid."""
    if _FAILED.search(result):
        return Said.FAILED
    if _PAID.search(result):
        return Said.PAID
    if _FAILED.search(reason):
        return Said.FAILED
    return Said.UNCLEAR if told else Said.PAID


def _day(value: Value) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    match = re.match(r"(20\d\d)\D?(\d{1,2})\D?(\d{1,2})", squeeze(str(value)))
    if not match:
        return None
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None
