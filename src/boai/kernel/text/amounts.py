"""Amounts of money as clerks write them, in fen."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

from boai.kernel.text.faults import Fault, Unreadable
from boai.kernel.text.folding import squeeze

_AMOUNT = re.compile(
    r"(?:约|大约|人民币)?[¥¥$]?(-?)[¥¥]?((?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d*)?|\.\d+)"
    r"(万元|千元|百元|万|千|百|元|块)?(整)?(?:[/每]?年)?"
)
_PER_MONTH = re.compile(r"[/每]月$|月薪|月均|[/每]天$|[/每]日$")
_RANGE = re.compile(r"\d[-~—至到]+\d")
_UNITS = {"万": 10_000, "千": 1_000, "百": 100}
LARGEST_YUAN = 10**12


def read_amount(value: object, *, unit: int = 1) -> int:
    """The amount in a cell, in fen, rounded half up; negative amounts come back negative. `unit` is the yuan of one.

    1.2万, 12,000元, ¥300, 约3000 are read; raises Unreadable: MISSING, NOT_AN_AMOUNT, PER_MONTH, RANGE, TOO_LONG.
    Meant for facts that people report (income, costs). Payments go through `kernel.money`, which never rounds.
    """
    if isinstance(value, bool):
        raise Unreadable(Fault.NOT_AN_AMOUNT)
    if isinstance(value, int | float):
        return _fen(Decimal(str(value)), unit)
    text = squeeze(str(value)) if value is not None else ""
    if not text:
        raise Unreadable(Fault.MISSING)
    if match := _AMOUNT.fullmatch(text):
        number = Decimal(match[1] + (match[2].replace(",", "").rstrip(".") or "0"))
        named = match[3]
        return _fen(number, _UNITS.get(named[0], 1) if named else unit)
    if _PER_MONTH.search(text):
        raise Unreadable(Fault.PER_MONTH, text)
    if _RANGE.search(text):
        raise Unreadable(Fault.RANGE, text)
    raise Unreadable(Fault.NOT_AN_AMOUNT, text)


def unit_of(header: str) -> int:
    """How many yuan one stands for under this header: 10,000 for 年收入(万元), else 1."""
    return 10_000 if re.search(r"万元|单位:?万", squeeze(header)) else 1


def _fen(number: Decimal, unit: int) -> int:
    if not number.is_finite():
        raise Unreadable(Fault.NOT_AN_AMOUNT, str(number))
    if abs(number) * unit > LARGEST_YUAN:
        raise Unreadable(Fault.TOO_LONG, str(number))
    return int((number * unit * 100).quantize(Decimal(1), ROUND_HALF_UP))
