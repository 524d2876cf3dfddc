"""Which cells of a table of people must stay blank, so that nobody can be picked out of the totals.

A cell of fewer than five people is *small*. Blanking it is not enough: its row's total minus the other cells gives it
away. So for every small cell further cells are blanked, along a closed walk through the table on which the hidden
numbers could be shifted without any printed number changing, far enough that the small cell might just as well have
five people or more. This is the shortest-path method for two-way tables (Kelly, Golden and Assad 1992): each row and
each column of the table *with its totals* is an equation; a walk that enters and leaves every row and column it
touches keeps all equations.

The reader knows the printed numbers, that a blank is at least one person (nobody is printed as 0), and this file.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from typing import TypeAlias

LEAST = 5
"""The smallest number of people that is printed."""

Cell: TypeAlias = tuple[str, str]
"""(row, column); TOTAL stands for the row or the column of totals."""

TOTAL = ""
_ROW, _COLUMN = 0, 1
_Node: TypeAlias = tuple[int, str]


def hidden_cells(people: Mapping[Cell, int], *, least: int = LEAST) -> frozenset[Cell]:
    """The cells to leave blank: the small ones, and those that would give them away.

    `people` counts persons per cell, totals under TOTAL included: (row, TOTAL), (TOTAL, column), (TOTAL, TOTAL).
    A person who is in two cells of a row counts once in its total, so totals may be less than the sum; they are taken
    as the reader would take them, as sums. Cells that are missing or 0 are printed as 0. Negative counts are refused.
    """
    if any(n < 0 for n in people.values()):
        raise ValueError("a number of people is never negative")
    counts = {cell: n for cell, n in people.items() if n > 0}
    small = sorted((cell for cell, n in counts.items() if n < least), key=lambda cell: (-counts[cell], cell))
    hidden = set(small)
    for cell in small:
        hidden.update(_cover(cell, counts, hidden, least - counts[cell]))
    return frozenset(hidden)


def _cover(cell: Cell, counts: Mapping[Cell, int], hidden: set[Cell], by: int) -> Iterable[Cell]:
    """The cheapest closed walk on which `cell` may rise `by` people while all printed numbers stay as they are."""
    row, column = (_ROW, cell[0]), (_COLUMN, cell[1])
    start, goal = (row, column) if _is_total(cell) else (column, row)
    best: dict[_Node, int] = {start: 0}
    came: dict[_Node, tuple[_Node, Cell]] = {}
    queue: list[tuple[int, _Node]] = [(0, start)]
    while queue:
        cost, node = heapq.heappop(queue)
        if node == goal:
            return _walk(came, start, goal)
        if cost > best[node]:
            continue
        for step, further in _steps(node, cell, counts, by):
            price = cost + (0 if step in hidden else _price(step, counts))
            if price < best.get(further, price + 1):
                best[further], came[further] = price, (node, step)
                heapq.heappush(queue, (price, further))
    raise AssertionError("row total, column total and grand total always close a walk")


def _steps(node: _Node, start: Cell, counts: Mapping[Cell, int], by: int) -> Iterable[tuple[Cell, _Node]]:
    """The cells by which the walk may leave a row or column: those that can rise, or fall and still be at least one.

    Leaving a row by a cell adds to it, leaving a column takes from it; totals stand on the other side of the equation,
    so for them it is the other way round.
    """
    side, name = node
    for cell, n in counts.items():
        if cell[side] != name or cell == start:
            continue
        rises = (side == _ROW) != _is_total(cell)
        if rises or n - 1 >= by:
            yield cell, (1 - side, cell[1 - side])


def _is_total(cell: Cell) -> bool:
    """A total of one row or one column. The grand total counts as a cell: it is a total of totals."""
    return (cell[0] == TOTAL) != (cell[1] == TOTAL)


def _price(cell: Cell, counts: Mapping[Cell, int]) -> int:
    """What the reader loses with a cell: its people; totals are worth far more than cells, the grand total most."""
    weight = 1 + 1_000 * (cell[0] == TOTAL) + 1_000 * (cell[1] == TOTAL)
    return (counts[cell] + 10) * weight


def _walk(came: Mapping[_Node, tuple[_Node, Cell]], start: _Node, goal: _Node) -> list[Cell]:
    cells = []
    node = goal
    while node != start:
        node, cell = came[node]
        cells.append(cell)
    return cells
