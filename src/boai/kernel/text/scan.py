"""Find in free text what must never be published: identity numbers, mobile numbers, bank cards.

Deny by default: digits written in groups, full-width, circled or as Chinese numerals count as digits, and separators
inside a number do not hide it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from boai.kernel.text.contact import is_mobile, luhn_ok
from boai.kernel.text.faults import Unreadable
from boai.kernel.text.identity import read_person_number

_HAN_DIGITS = dict(zip("〇零一二三四五六七八九○幺壹贰叁肆伍陆柒捌玖", "00123456789" + "01" + "123456789", strict=True))
# Latin, full-width, Cyrillic, Greek, crosses: people read them all as X.
_LETTER_X = frozenset("xX\uff38\uff58\u0425\u0445\u03a7\u03c7\u2715\u00d7\u2716")
_GAP = frozenset(
    " _-.,·•‧、/|()[]:~\u3000\u00a0\u2010\u2011\u2012\u2013\u2014\u2015"
    "\uff0c\uff0d\uff0e\uff0f\uff08\uff09\uff1a\uff5c\uff3f\uff5e"
)
_WIDEST_GAP = 3
_OLD_FOREIGN = re.compile(r"(?<![A-Za-z])[A-Za-z]{3}[0-9]{12}(?![0-9])")
_FAR_FUTURE = date(2200, 1, 1)


class SecretKind(StrEnum):
    """What was found."""

    IDENTITY = "identity"
    MOBILE = "mobile"
    CARD = "card"


@dataclass(frozen=True, slots=True)
class Secret:
    """A find: `text[start:end]` is what stands in the text, `digits` what it means."""

    kind: SecretKind
    start: int
    end: int
    digits: str


@dataclass(frozen=True, slots=True)
class _Digit:
    value: str
    place: int
    joined: bool  # no separator stands between this digit and the one before


def find_secrets(text: str) -> list[Secret]:
    """Every identity number with a valid check digit, mobile number and Luhn card of 16–19 digits, in text order."""
    found: list[Secret] = []
    for run in _runs(text):
        found.extend(_in_run(run))
    for match in _OLD_FOREIGN.finditer(text):
        try:
            number = read_person_number(match[0], on=_FAR_FUTURE)
        except Unreadable:
            continue
        found.append(Secret(SecretKind.IDENTITY, match.start(), match.end(), number.number))
    return sorted(found, key=lambda secret: (secret.start, secret.end))


def _runs(text: str) -> Iterator[list[_Digit]]:
    """Stretches of digits with at most a short separator between them."""
    run: list[_Digit] = []
    gap = 0
    for place, character in enumerate(text):
        value = _digit(character)
        if value is None and run and character in _LETTER_X and gap == 0 and len(run) >= 17:
            value = "X"
        if value is not None:
            run.append(_Digit(value, place, joined=bool(run) and gap == 0))
            gap = 0
        elif unicodedata.category(character) == "Cf":
            continue  # invisible: hides nothing
        elif run and character in _GAP and gap < _WIDEST_GAP:
            gap += 1
        elif run:
            yield run
            run, gap = [], 0
    if run:
        yield run


def _digit(character: str) -> str | None:
    if "0" <= character <= "9":
        return character
    if character in _HAN_DIGITS:
        return _HAN_DIGITS[character]
    if character.isascii():
        return None
    value = unicodedata.digit(character, None)
    return str(value) if value is not None else None


def _in_run(run: list[_Digit]) -> Iterator[Secret]:
    """Identity numbers first, anywhere in the run; then what is left, cut at its separators."""
    values = "".join(d.value for d in run)
    taken: list[tuple[int, int]] = []
    place = 0
    while place + 18 <= len(values):
        if _is_identity(values[place : place + 18]):
            taken.append((place, place + 18))
            yield _secret(SecretKind.IDENTITY, run, place, place + 18)
            place += 18
        else:
            place += 1
    for lo, hi in _rest(taken, len(values)):
        yield from _cards_and_mobiles(run, values, lo, hi)


def _rest(taken: list[tuple[int, int]], length: int) -> Iterator[tuple[int, int]]:
    at = 0
    for lo, hi in taken:
        if at < lo:
            yield at, lo
        at = hi
    if at < length:
        yield at, length


def _cards_and_mobiles(run: list[_Digit], values: str, lo: int, hi: int) -> Iterator[Secret]:
    """Numbers that fill whole groups: from one separator to another. Longest first, none twice.

    An X that ended no identity number is a separator like any other: a card with a cross behind it is still a card.
    """
    parted = [not run[i].joined or "X" in values[i - 1 : i + 1] for i in range(lo + 1, hi)]
    starts = [lo, *(i for i, cut in enumerate(parted, lo + 1) if cut)]
    ends = {hi, *starts}
    at = lo
    for start in starts:
        if start < at:
            continue
        for end in range(start + 19, start + 10, -1):
            kind = _kind(values[start:end]) if end in ends else None
            if kind:
                yield _secret(kind, run, start, end)
                at = end
                break


def _kind(digits: str) -> SecretKind | None:
    if not digits.isdigit():
        return None
    if is_mobile(digits) or (len(digits) == 13 and digits.startswith("86") and is_mobile(digits[2:])):
        return SecretKind.MOBILE
    if 16 <= len(digits) <= 19 and len(set(digits)) > 1 and luhn_ok(digits):
        return SecretKind.CARD
    return None


def _is_identity(text: str) -> bool:
    if not text[:17].isdigit():
        return False
    try:
        read_person_number(text, on=_FAR_FUTURE)
    except Unreadable:
        return False
    return True


def _secret(kind: SecretKind, run: list[_Digit], start: int, end: int) -> Secret:
    digits = "".join(d.value for d in run[start:end])
    return Secret(kind, run[start].place, run[end - 1].place + 1, digits)
