"""Arithmetic on 12-digit division codes (统计用区划代码, 2-2-2-3-3). Pure: knows no database.

A code is a path: province, city, county, township, village. A level that is not reached is all zeros, so a subtree is
a range of codes. Three cities (东莞, 中山, 儋州) have no county level: their townships' parent is the city, which
falls out of the zeros by itself.
"""

from __future__ import annotations

import re

COUNTRY = "000000000000"
"""The whole country: the parent of every province. Not a division itself."""

PROVINCE, CITY, COUNTY, TOWNSHIP, VILLAGE = 1, 2, 3, 4, 5

_ENDS = (0, 2, 4, 6, 9, 12)
_CODE = re.compile(r"\d{12}\Z", re.ASCII)


def is_code(text: str) -> bool:
    """Whether `text` has the form of a code (12 ASCII digits); it says nothing about existence."""
    return _CODE.match(text) is not None


def pad(text: str) -> str:
    """The 12-digit form of an official code of any level: '62' → '620000000000', '621121' → '621121000000'.

    Raises ValueError for anything but 2, 4, 6, 9 or 12 ASCII digits.
    """
    if len(text) not in _ENDS[1:] or not text.isascii() or not text.isdigit():
        raise ValueError(f"not a division code: {text!r}")
    return text.ljust(12, "0")


def level(code: str) -> int:
    """0 country, 1 province, 2 city, 3 county, 4 township, 5 village: the deepest part that is not all zeros."""
    if not is_code(code):
        raise ValueError(f"not a 12-digit division code: {code!r}")
    return next((depth for depth in range(5, 0, -1) if code[_ENDS[depth - 1] : _ENDS[depth]].strip("0")), 0)


def ancestor(code: str, depth: int) -> str:
    """The code's prefix down to level `depth`, padded: ancestor('621121100200', 3) == '621121000000'."""
    return code[: _ENDS[depth]].ljust(12, "0")


def parent(code: str) -> str:
    """The code one step up; a province's parent is COUNTRY. Raises ValueError for the country itself."""
    depth = level(code)
    if depth == 0:
        raise ValueError("the country has no parent")
    return ancestor(code, depth - 1)


def path(code: str) -> tuple[str, ...]:
    """The codes from the province down to `code` itself, each once (empty for the country)."""
    return tuple(dict.fromkeys(c for depth in range(1, level(code) + 1) if (c := ancestor(code, depth)) != COUNTRY))


def span(code: str) -> tuple[str, str]:
    """The inclusive range of all codes in the subtree of `code`, itself first: (lo, hi) for SQL BETWEEN."""
    return code, code[: _ENDS[level(code)]].ljust(12, "9")


def within(code: str, lo: str, hi: str) -> bool:
    """Whether `code` lies in the inclusive range (lo, hi)."""
    return lo <= code <= hi


def contains(outer: str, inner: str) -> bool:
    """Whether `inner` is `outer` or lies below it."""
    lo, hi = span(outer)
    return lo <= inner <= hi
