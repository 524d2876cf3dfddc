"""The one exception of all readers: a code that says what is wrong with a piece of text."""

from __future__ import annotations

from enum import StrEnum


class Fault(StrEnum):
    """Why a value can't be taken. The same word means the same thing for every reader."""

    MISSING = "missing"
    LENGTH = "length"
    TOO_LONG = "too_long"
    TOO_SHORT = "too_short"
    CHARACTERS = "characters"
    CONTROL = "control"
    DAMAGED = "damaged"
    MASKED = "masked"
    SCIENTIFIC = "scientific"
    CHECK_DIGIT = "check_digit"
    REGION = "region"
    DATE = "date"
    FUTURE = "future"
    OLD_NUMBER = "old_number"
    NOT_A_DATE = "not_a_date"
    TWO_DIGIT_YEAR = "two_digit_year"
    LUNAR = "lunar"
    NOT_AN_AMOUNT = "not_an_amount"
    PER_MONTH = "per_month"
    RANGE = "range"


class Unreadable(ValueError):
    """A value that can't be taken, and why."""

    def __init__(self, fault: Fault, detail: str = "") -> None:
        super().__init__(f"{fault}: {detail}" if detail else str(fault))
        self.fault = fault
        self.detail = detail
