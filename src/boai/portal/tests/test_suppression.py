"""No small cell can be worked out from what is printed: checked against a reader who tries every table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boai.portal.suppression import LEAST, TOTAL, Cell, hidden_cells


def with_totals(inner: Mapping[Cell, int]) -> dict[Cell, int]:
    table = dict(inner)
    for (row, column), n in inner.items():
        for cell in ((row, TOTAL), (TOTAL, column), (TOTAL, TOTAL)):
            table[cell] = table.get(cell, 0) + n
    return table


def table_of(rows: list[list[int]]) -> dict[Cell, int]:
    return with_totals({(f"r{i}", f"c{j}"): n for i, row in enumerate(rows) for j, n in enumerate(row)})


def possible_tables(printed: Mapping[Cell, int | None], inner: list[Cell], ceiling: int) -> Iterator[dict[Cell, int]]:
    """Every table that a reader must hold possible: blanks are at least 1, everything else is as printed."""
    choices: list[range | tuple[int]] = []
    for cell in inner:
        shown = printed[cell]
        choices.append(range(1, ceiling + 1) if shown is None else (shown,))
    for values in product(*choices):
        table = with_totals(dict(zip(inner, values, strict=True)))
        if all(shown is None or table[cell] == shown for cell, shown in printed.items()):
            yield table


def printed_of(table: Mapping[Cell, int]) -> dict[Cell, int | None]:
    hidden = hidden_cells(table)
    return {cell: None if cell in hidden else n for cell, n in table.items()}


tables = st.integers(1, 3).flatmap(
    lambda rows: st.integers(1, 2).flatmap(
        lambda columns: st.lists(
            st.lists(st.integers(0, 9), min_size=columns, max_size=columns), min_size=rows, max_size=rows
        )
    )
)


@settings(max_examples=150, deadline=None)
@given(tables)
def test_a_small_cell_might_always_be_a_large_one(rows: list[list[int]]) -> None:
    table = table_of(rows)
    printed = printed_of(table)
    inner = [cell for cell in table if TOTAL not in cell]
    blanks = [cell for cell in inner if printed[cell] is None]
    if len(blanks) > 5:  # the reader's search grows as 14^n; five blanks are half a million tables
        return
    small = {cell for cell, n in table.items() if 0 < n < LEAST}
    left = set(small)
    for candidate in possible_tables(printed, inner, ceiling=14):
        left -= {cell for cell in left if candidate[cell] >= LEAST}
        if not left:
            break
    assert left == set(), "the reader can tell that these are small"


@settings(max_examples=300, deadline=None)
@given(
    st.dictionaries(
        st.tuples(st.sampled_from("甲乙丙丁戊己庚辛"), st.sampled_from("病困学灾")), st.integers(0, 40), max_size=32
    )
)
def test_nothing_small_is_printed_and_zeros_are(inner: dict[Cell, int]) -> None:
    table = with_totals(inner)
    hidden = hidden_cells(table)
    for cell, n in table.items():
        if 0 < n < LEAST:
            assert cell in hidden
        if n == 0:
            assert cell not in hidden


def test_a_table_of_large_cells_is_printed_whole() -> None:
    assert hidden_cells(table_of([[5, 12], [7, 30]])) == frozenset()


def test_a_single_small_cell_takes_one_square_with_it_and_leaves_the_totals() -> None:
    table = table_of([[2, 30, 9], [8, 40, 20], [60, 70, 80]])
    hidden = hidden_cells(table)
    assert hidden == {("r0", "c0"), ("r0", "c2"), ("r1", "c0"), ("r1", "c2")}


def test_two_single_persons_in_a_row_are_not_given_away_by_their_sum() -> None:
    """1 + 1 = 2 can only be 1 and 1: two blanks in a row are not enough."""
    hidden = hidden_cells(table_of([[1, 1, 20], [9, 9, 20]]))
    assert len([cell for cell in hidden if cell[0] == "r0"]) == 3


def test_the_only_receiver_of_a_county_stays_hidden_with_every_total() -> None:
    assert hidden_cells(table_of([[1]])) == {("r0", "c0"), ("r0", TOTAL), (TOTAL, "c0"), (TOTAL, TOTAL)}


def test_a_negative_count_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        hidden_cells({("a", "b"): -1})
