"""Corrected cells laid over the rows of a file as it came."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeAlias

from boai.registry.intake.columns import Field
from boai.registry.intake.layout import Layout
from boai.registry.intake.stream import Row


class Fix(NamedTuple):
    """What a cell (its column counted from 0) shall say, and the words that were wrong in it, unless all was."""

    column: int
    value: str
    instead: str = ""
    whole: bool = False


Fixes: TypeAlias = Mapping[tuple[int, int], Sequence[Fix]]  # by sheet and row
_WORDS = "、"


def overlay(row: Row, fixes: Sequence[Fix], layout: Layout) -> None:
    """Write the corrected cells into a row."""
    for fix in fixes:
        row.extend([""] * (fix.column + 1 - len(row)))
        old = row[fix.column]
        if fix.column == layout.columns.get(Field.CATEGORIES) and isinstance(old, str) and not fix.whole:
            row[fix.column] = replaced(old, fix.instead, fix.value)
        else:
            row[fix.column] = fix.value


def replaced(cell: str, wrong: str, right: str) -> str:
    """A cell of several words with the right ones for the wrong ones."""
    return _WORDS.join(filter(None, (_without(cell, wrong), right)))


def _without(cell: str, wrong: str) -> str:
    """A cell of several words without the wrong ones; the others are kept."""
    for word in filter(None, wrong.split(_WORDS)):
        cell = cell.replace(word, "")
    return cell.strip(_WORDS + ",，;； ")
