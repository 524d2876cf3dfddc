"""A sensible order of doors: by village, then by what the address says, group 2 before group 10. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar
from uuid import UUID

_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_PIECES = re.compile(r"\d+|[零〇一二两三四五六七八九十百]+|[^\d零〇一二两三四五六七八九十百]+")


class Placed(Protocol):
    """A stop of a route."""

    @property
    def id(self) -> UUID: ...
    @property
    def region_code(self) -> str: ...
    @property
    def address(self) -> str: ...


T = TypeVar("T", bound=Placed)


def chinese_number(text: str) -> int:
    """二十三 → 23, 十 → 10, 一百零五 → 105, 二〇三 → 203."""
    if not set(text) & set("十百"):
        return int("".join(str(_DIGITS[c]) for c in text))
    total = digit = 0
    for sign in text:
        if sign in "十百":
            total += max(digit, 1) * (100 if sign == "百" else 10)
            digit = 0
        else:
            digit = _DIGITS[sign]
    return total + digit


def address_key(address: str) -> tuple[tuple[int, int, str], ...]:
    """A key by which addresses sort as people count: 二组3号 before 二组18号 before 十组1号."""
    pieces = []
    for piece in _PIECES.findall(address.translate(str.maketrans("０１２３４５６７８９", "0123456789"))):
        if piece.isdigit():
            pieces.append((0, int(piece), ""))
        elif piece[0] in _DIGITS or piece[0] in "十百":
            pieces.append((0, chinese_number(piece), ""))
        else:
            pieces.append((1, 0, piece))
    return tuple(pieces)


def in_order(stops: Iterable[T], *, chosen: Sequence[UUID] = ()) -> list[T]:
    """The stops as the person has put them; those that the person has not placed follow by place."""
    by_place = sorted(stops, key=lambda stop: (stop.region_code, address_key(stop.address), str(stop.id)))
    wanted = {key: n for n, key in enumerate(chosen)}
    return sorted(by_place, key=lambda stop: wanted.get(stop.id, len(wanted)))


def moved(order: Sequence[UUID], one: UUID, *, up: bool) -> list[UUID]:
    """The order with one stop a place earlier or later; unchanged at the ends and for a stranger."""
    found = list(order)
    if one not in found:
        return found
    here = found.index(one)
    there = here - 1 if up else here + 1
    if 0 <= there < len(found):
        found[here], found[there] = found[there], found[here]
    return found
