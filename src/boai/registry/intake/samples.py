"""What the columns of a sheet look like: headings and a few values under each, for whoever says what they mean."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from boai.kernel.text.folding import squeeze, visible
from boai.registry.intake.layout import LONGEST_HEADING, Layout
from boai.registry.intake.people import shown
from boai.registry.intake.stream import Row

VALUES = 3
_LONGEST = 24
_DIGITS = re.compile(r"\d{8,}")


@dataclass(frozen=True)
class Sample:
    """One sheet. `found` is False where no table was found and the heading row is only the likeliest one."""

    sheet: int
    name: str
    header_row: int
    found: bool
    headings: list[str]
    values: list[list[str]]

    def as_json(self) -> dict[str, Any]:
        """For storing, sealed."""
        return asdict(self)


def sample_of(sheet: int, name: str, head: Sequence[Row], layout: Layout | None) -> Sample | None:
    """The sample of a sheet from its first rows; None when they hold no table at all."""
    if layout is not None:
        headings, header_row = layout.headings, layout.header_row
    else:
        header_row = _likeliest(head)
        if not header_row:
            return None
        headings = [
            visible(cell, limit=LONGEST_HEADING) if isinstance(cell, str) else "" for cell in head[header_row - 1]
        ]
    below = head[header_row:]
    values = [_values(below, place) for place in range(len(headings))]
    return Sample(sheet, name, header_row, layout is not None, headings, values)


def _likeliest(head: Sequence[Row]) -> int:
    """The row with the most short texts, counted from 1; 0 when no row has two."""
    counts = [len({squeeze(cell) for cell in row if isinstance(cell, str) and 0 < len(cell) <= 30}) for row in head]
    best = max(counts, default=0)
    return counts.index(best) + 1 if best >= 2 else 0


def _values(rows: Sequence[Row], place: int) -> list[str]:
    """The first values of a column that differ. Long numbers keep their ends: enough to know a column by."""
    found: list[str] = []
    for row in rows:
        text = shown(row[place]).strip() if place < len(row) else ""
        text = _DIGITS.sub(lambda digits: f"{digits[0][:3]}…{digits[0][-2:]}", text)[:_LONGEST]
        if text and text not in found:
            found.append(text)
        if len(found) == VALUES:
            break
    return found
