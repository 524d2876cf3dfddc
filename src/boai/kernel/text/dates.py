"""Dates as offices write them: 1956.3.4, 1956年3月4日, 19560304, 1956-03-04, Excel day numbers, and half dates."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from boai.kernel.text.faults import Fault, Unreadable
from boai.kernel.text.folding import squeeze

EARLIEST_YEAR = 1850
LATEST_YEAR = 2100
# Day 0 of Excel's 1900 calendar as it counts from 1 March 1900 on (it believes in 29 February 1900).
_EXCEL_EPOCH = date(1899, 12, 30)
_LARGEST_SERIAL = 73_415  # 2100-12-31

_FULL = re.compile(r"(\d{4})[年.\-/、。,](\d{1,2})[月.\-/、。,](\d{1,2})[日号]?")
_MONTH = re.compile(r"(\d{4})[年.\-/、](\d{1,2})月?")
_YEAR = re.compile(r"(\d{4})年")
_EIGHT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_SIX = re.compile(r"(\d{4})(\d{2})")
_SHORT = re.compile(r"\d{2}[年.\-/、]\d{1,2}([月.\-/、]\d{1,2}[日号]?|月)?")
_CLOCK = re.compile(r"(?<=\d)T?\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?Z?$")
_LUNAR = re.compile(r"农历|阴历|正月|腊月|冬月|初[一二三四五六七八九十]")
_HAN_DIGITS = str.maketrans("〇○零一二三四五六七八九", "000123456789")
_HAN_DATE = re.compile(
    r"([〇○零一二三四五六七八九]{4})年([一二三四五六七八九十]{1,3})月(?:([一二三四五六七八九十廿]{1,3})[日号])?"
)


@dataclass(frozen=True, slots=True)
class LooseDate:
    """A date of which only the year, or the year and month, may be known."""

    year: int
    month: int | None = None
    day: int | None = None

    @property
    def precision(self) -> str:
        """How much is known: "day", "month" or "year"."""
        return "day" if self.day else "month" if self.month else "year"

    @property
    def first_day(self) -> date:
        """The date itself, or the first day of what is known."""
        return date(self.year, self.month or 1, self.day or 1)

    def agrees_with(self, other: date) -> bool:
        """Does nothing that is known here contradict `other`?"""
        return (
            self.year == other.year
            and self.month in (None, other.month)
            and (self.day is None or self.day == other.day)
        )


def read_date(value: object, *, on: date) -> LooseDate:
    """The date in a cell, not after `on`. Raises Unreadable.

    MISSING, NOT_A_DATE (13th month, words, day first), TWO_DIGIT_YEAR, LUNAR (a lunar date can't be converted without
    knowing whether the month was a leap month), FUTURE.
    """
    found = _read(value)
    if found.first_day > on:
        raise Unreadable(Fault.FUTURE, found.first_day.isoformat())
    return found


def _read(value: object) -> LooseDate:
    if isinstance(value, datetime | date):
        return _made(value.year, value.month, value.day)
    if isinstance(value, bool):
        raise Unreadable(Fault.NOT_A_DATE)
    if isinstance(value, int | float):
        return _from_number(float(value)) if abs(value) < 10**9 else _no(str(value))
    text = squeeze(str(value)) if value is not None else ""
    if not text:
        raise Unreadable(Fault.MISSING)
    return _from_text(_CLOCK.sub("", text))


def _from_text(text: str) -> LooseDate:
    if match := _FULL.fullmatch(text) or _EIGHT.fullmatch(text):
        return _made(int(match[1]), int(match[2]), int(match[3]))
    if match := _MONTH.fullmatch(text):
        return _made(int(match[1]), int(match[2]))
    if re.fullmatch(r"\d{6}", text):
        return _six_digits(text)
    if re.fullmatch(r"\d{4,5}", text):
        return _from_number(float(text))
    if match := _YEAR.fullmatch(text):
        return _made(int(match[1]))
    if match := _HAN_DATE.fullmatch(text):
        day = _han_number(match[3]) if match[3] else None
        return _made(int(match[1].translate(_HAN_DIGITS)), _han_number(match[2]), day)
    if _LUNAR.search(text):
        raise Unreadable(Fault.LUNAR, text)
    if _SHORT.fullmatch(text):
        raise Unreadable(Fault.TWO_DIGIT_YEAR, text)
    raise Unreadable(Fault.NOT_A_DATE, text)


def _from_number(number: float) -> LooseDate:
    """A number in a date column: 19560304, 195603, 1956, 1956.3 (year and month) or Excel's day number."""
    whole = int(number)
    if number != whole:
        return _year_dot_month(number)
    if EARLIEST_YEAR <= whole <= LATEST_YEAR:
        return _made(whole)
    if LATEST_YEAR < whole <= _LARGEST_SERIAL:
        found = _EXCEL_EPOCH + timedelta(days=whole)
        return _made(found.year, found.month, found.day)
    if 0 < whole < 10**8:
        return _from_text(str(whole)) if whole >= 10**5 else _no(str(whole))
    return _no(str(number))


def _year_dot_month(number: float) -> LooseDate:
    if LATEST_YEAR < number < _LARGEST_SERIAL:  # a day number with a time of day
        return _from_number(float(int(number)))
    year, month = f"{number:.2f}".split(".")
    if not EARLIEST_YEAR <= int(year) <= LATEST_YEAR or abs(number - float(f"{number:.2f}")) > 1e-9:
        return _no(str(number))
    if month == "10":  # 1956.1 and 1956.10 are one number: January or October, we can't know
        return _made(int(year))
    return _made(int(year), int(month.rstrip("0") or "0") if month.endswith("0") else int(month))


def _six_digits(text: str) -> LooseDate:
    """YYYYMM, unless it can also be read as YYMMDD: then nobody knows."""
    try:
        date(2000 + int(text[:2]), int(text[2:4]), int(text[4:]))
    except ValueError:
        return _made(int(text[:4]), int(text[4:]))
    raise Unreadable(Fault.TWO_DIGIT_YEAR, text)


def _made(year: int, month: int | None = None, day: int | None = None) -> LooseDate:
    if not EARLIEST_YEAR <= year <= LATEST_YEAR:
        return _no(str(year))
    try:
        date(year, 1 if month is None else month, 1 if day is None else day)
    except ValueError:
        return _no(f"{year}-{month}-{day}")
    return LooseDate(year, month, day)


def _han_number(text: str) -> int:
    """一 … 三十一 and 廿三 as a number."""
    if "十" not in text and "廿" not in text:
        return int(text.translate(_HAN_DIGITS)) if len(text) == 1 else 0
    tens, __, ones = text.replace("廿", "二十").partition("十")
    return int(tens.translate(_HAN_DIGITS) or "1") * 10 + int(ones.translate(_HAN_DIGITS) or "0")


def _no(detail: str) -> LooseDate:
    raise Unreadable(Fault.NOT_A_DATE, detail)
