"""Numbers that name a person: the resident identity number (GB 11643) and its relatives.

* Mainland residents: 6 digits of the division of first registration, 8 of the birth date, 3 of sequence (odd = male),
  one check character.
* Residence permits of people from Hong Kong, Macao and Taiwan (港澳台居民居住证): the same, with 810000, 820000,
  830000.
* Foreigners' permanent residence cards (外国人永久居留身份证): since 2023 18 digits that begin with 9, built and
  checked alike; before, 15 characters (three letters, four digits of the issuing place, YYMMDD, two digits). The check
  digit of the 15-character number could not be confirmed in a primary text, so only its form and date are checked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from operator import mul

from boai.kernel.text.faults import Fault, Unreadable
from boai.kernel.text.folding import squeeze

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ZEROS = 48 * sum(WEIGHTS)  # the digits are summed as the bytes that they are
CHECK_CHARACTERS = "10X98765432"
EARLIEST_BIRTH_YEAR = 1880

# GB/T 2260, first two digits; 71 is reserved, 81–83 are residence permits, 9x permanent residence cards.
_PROVINCES = "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71"
PROVINCES = frozenset(_PROVINCES.split())
PERMIT_AREAS = frozenset(("810000", "820000", "830000"))

_EIGHTEEN = re.compile(r"[0-9]{17}[0-9X]")
_FIFTEEN = re.compile(r"[0-9]{15}")
_OLD_FOREIGN = re.compile(r"[A-Z]{3}[0-9]{12}")
_EXPONENT = re.compile(r"[0-9](\.[0-9]+)?E\+?[0-9]{2}")
_STARS = re.compile(r"[*×xX?#●•]{3,}")
# Letters that look like the check character X, in the only place where a letter may stand.
_LIKE_X = str.maketrans(dict.fromkeys("\u0425\u0445\u03a7\u03c7\u2715\u00d7\u2716", "X"))
_LARGEST_EXACT = 10**15


class IdKind(StrEnum):
    """What sort of number it is."""

    RESIDENT = "resident"
    PERMIT = "permit"
    FOREIGN = "foreign"
    FOREIGN_OLD = "foreign_old"


@dataclass(frozen=True, slots=True)
class PersonNumber:
    """A checked number in its canonical form, with what it says about the person.

    `born` is None and `male` is None for the 15-character foreign number (two-digit year, no sex).
    """

    number: str
    kind: IdKind
    born: date | None
    male: bool | None

    @property
    def tail(self) -> str:
        """The last four characters: what lists may show."""
        return self.number[-4:]


def check_character(first17: str) -> str:
    """The 18th character for 17 digits (ISO 7064 MOD 11-2 as in GB 11643)."""
    if len(first17) != len(WEIGHTS):
        raise ValueError(first17)
    return CHECK_CHARACTERS[(sum(map(mul, first17.encode(), WEIGHTS)) - _ZEROS) % 11]


def read_person_number(value: object, *, on: date) -> PersonNumber:
    """The number in a cell, checked as on the day `on`. Raises Unreadable (MISSING, LENGTH, CHARACTERS, MASKED,
    SCIENTIFIC, OLD_NUMBER, REGION, DATE, FUTURE, CHECK_DIGIT).

    A number that a spreadsheet has rounded (5.20624E+17) is lost: SCIENTIFIC, never a guess.
    """
    if isinstance(value, str) and _EIGHTEEN.fullmatch(value):  # nearly every cell
        return _eighteen(value, on)
    text = _as_text(value)
    if _EIGHTEEN.fullmatch(text):
        return _eighteen(text, on)
    if not text:
        raise Unreadable(Fault.MISSING)
    if _OLD_FOREIGN.fullmatch(text):
        return _old_foreign(text)
    if _EXPONENT.fullmatch(text):
        raise Unreadable(Fault.SCIENTIFIC, text)
    if _STARS.search(text):
        raise Unreadable(Fault.MASKED)
    if _FIFTEEN.fullmatch(text):
        raise Unreadable(Fault.OLD_NUMBER)
    if not re.fullmatch(r"[0-9]*[0-9X]", text):
        raise Unreadable(Fault.CHARACTERS)
    raise Unreadable(Fault.LENGTH, str(len(text)))


def _as_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        raise Unreadable(Fault.CHARACTERS)
    if isinstance(value, int | float):
        if not abs(value) < _LARGEST_EXACT or value != int(value):
            raise Unreadable(Fault.SCIENTIFIC, f"{value:.5E}")
        return str(int(value))
    text = squeeze(str(value)).replace("-", "").strip("'‘’`\"").upper()
    return text[:-1] + text[-1].translate(_LIKE_X) if text else text


def _eighteen(text: str, on: date) -> PersonNumber:
    kind = _kind(text)
    try:
        born = date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        raise Unreadable(Fault.DATE, text[6:14]) from None
    if check_character(text[:17]) != text[17]:
        raise Unreadable(Fault.CHECK_DIGIT)
    if born.year < EARLIEST_BIRTH_YEAR:
        raise Unreadable(Fault.DATE, text[6:14])
    if born > on:
        raise Unreadable(Fault.FUTURE, text[6:14])
    return PersonNumber(text, kind, born, int(text[16]) % 2 == 1)


def _kind(text: str) -> IdKind:
    if text[0] == "9":
        return IdKind.FOREIGN
    if text[:2] in PROVINCES:
        return IdKind.RESIDENT
    if text[:6] in PERMIT_AREAS:
        return IdKind.PERMIT
    raise Unreadable(Fault.REGION, text[:2])


def _old_foreign(text: str) -> PersonNumber:
    month, day = int(text[9:11]), int(text[11:13])
    try:
        date(2000, month, day)  # a leap year: 29 February passes, the century is unknown
    except ValueError:
        raise Unreadable(Fault.DATE, text[7:13]) from None
    return PersonNumber(text, IdKind.FOREIGN_OLD, None, None)
