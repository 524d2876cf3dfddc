"""Telephone numbers and bank accounts."""

from __future__ import annotations

import re
from dataclasses import dataclass

from boai.kernel.text.faults import Fault, Unreadable
from boai.kernel.text.folding import fold, squeeze

_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_LANDLINE = re.compile(r"(?:010|02[0-9])[0-9]{8}|0[3-9][0-9]{2}[0-9]{7,8}")
_LOCAL = re.compile(r"[2-8][0-9]{6,7}")
_SERVICE = re.compile(r"(?:400|800)[0-9]{7}|95[0-9]{3,4}|1[012][0-9]|12[0-9]{3}")
_COUNTRY = re.compile(r"^(?:\+86|0086|86(?=1[3-9][0-9]{9}$))")
_SEVERAL = re.compile(r"[、,;/|或\n]+|(?<=[0-9]{7}) +(?=[0-9]{7})")
_EXTENSION = re.compile(r"(?:转|-|ext\.?|x)[0-9]{1,6}$", re.IGNORECASE)
_EXPONENT = re.compile(r"[0-9](\.[0-9]+)?E\+?[0-9]{2}", re.IGNORECASE)
_LARGEST_EXACT = 10**15
ACCOUNT_LENGTHS = range(8, 33)


@dataclass(frozen=True, slots=True)
class Phones:
    """The first readable number of a cell, digits only, and the further ones."""

    first: str
    others: tuple[str, ...] = ()


def is_mobile(digits: str) -> bool:
    """Eleven digits that begin with 13–19."""
    return bool(_MOBILE.fullmatch(digits))


def read_phone(value: object) -> str:
    """One telephone number as digits. Raises Unreadable (MISSING, LENGTH, CHARACTERS, SCIENTIFIC, MASKED)."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        if not abs(value) < _LARGEST_EXACT or value != int(value):
            raise Unreadable(Fault.SCIENTIFIC, f"{value:.5E}")
        text = str(int(value))
    else:
        text = squeeze(str(value)) if value is not None else ""
    text = text.strip("'‘’`\"")
    if not text:
        raise Unreadable(Fault.MISSING)
    if _EXPONENT.fullmatch(text):
        raise Unreadable(Fault.SCIENTIFIC, text)
    if "*" in text:
        raise Unreadable(Fault.MASKED)
    return _digits(text)


def read_phones(value: object) -> Phones:
    """A cell with one telephone number or several (13800138000、0932-5551234)."""
    if not isinstance(value, str):
        return Phones(read_phone(value))
    if _MOBILE.fullmatch(value):
        return Phones(value)
    parts = [part for part in _SEVERAL.split(fold(value)) if part.strip()]
    if not parts:
        raise Unreadable(Fault.MISSING)
    first, *others = (read_phone(part) for part in parts)
    return Phones(first, tuple(others))


def _digits(text: str) -> str:
    for candidate in (text, _EXTENSION.sub("", text)):
        bare = _COUNTRY.sub("", re.sub(r"[-()\.·—]", "", candidate))
        if re.fullmatch(r"01[3-9][0-9]{9}", bare):  # a long-distance 0 before a mobile number
            bare = bare[1:]
        if any(form.fullmatch(bare) for form in (_MOBILE, _LANDLINE, _LOCAL, _SERVICE)):
            return bare
    if re.search(r"[^0-9+\-()\.·—]", text):
        raise Unreadable(Fault.CHARACTERS)
    raise Unreadable(Fault.LENGTH, str(sum(c.isdigit() for c in text)))


def luhn_ok(digits: str) -> bool:
    """Does the last digit fit (ISO/IEC 7812, as on bank cards)? Passbooks (一折通) often follow no such rule."""
    total = 0
    for place, character in enumerate(reversed(digits)):
        number = int(character)
        if place % 2:
            number = number * 2 - 9 if number > 4 else number * 2
        total += number
    return bool(digits) and total % 10 == 0


def read_account(value: object) -> str:
    """A bank account or card number as digits. Raises Unreadable (MISSING, LENGTH, CHARACTERS, SCIENTIFIC, MASKED).

    No check digit is demanded: many passbook numbers have none.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        if not abs(value) < _LARGEST_EXACT or value != int(value):
            raise Unreadable(Fault.SCIENTIFIC, f"{value:.5E}")
        text = str(int(value))
    else:
        text = squeeze(str(value)) if value is not None else ""
    text = re.sub(r"[-\s]", "", text).strip("'‘’`\"")
    if not text:
        raise Unreadable(Fault.MISSING)
    if _EXPONENT.fullmatch(text):
        raise Unreadable(Fault.SCIENTIFIC, text)
    if "*" in text:
        raise Unreadable(Fault.MASKED)
    if not (text.isascii() and text.isdigit()):
        raise Unreadable(Fault.CHARACTERS)
    if len(text) not in ACCOUNT_LENGTHS:
        raise Unreadable(Fault.LENGTH, str(len(text)))
    return text
