"""Codes are paths: padding, levels, parents and spans, by example and by property."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boai.regions import codes, dataset


@pytest.mark.parametrize(
    ("short", "padded", "level", "parent"),
    [
        ("62", "620000000000", 1, "000000000000"),
        ("6211", "621100000000", 2, "620000000000"),
        ("621121", "621121000000", 3, "621100000000"),
        ("621121100", "621121100000", 4, "621121000000"),
        ("621121100200", "621121100200", 5, "621121100000"),
        ("441900003", "441900003000", 4, "441900000000"),
        ("4419", "441900000000", 2, "440000000000"),
        ("110101001001", "110101001001", 5, "110101001000"),
    ],
)
def test_a_code_is_a_path(short: str, padded: str, level: int, parent: str) -> None:
    assert codes.pad(short) == padded
    assert codes.level(padded) == level
    assert codes.parent(padded) == parent


def test_spans_are_ranges() -> None:
    assert codes.span("621121000000") == ("621121000000", "621121999999")
    assert codes.span("441900000000") == ("441900000000", "441999999999")
    assert codes.span(codes.COUNTRY) == ("000000000000", "999999999999")
    assert codes.span("621121100200") == ("621121100200", "621121100200")


def test_the_path_leaves_out_levels_that_are_not_there() -> None:
    assert codes.path("621121100200") == (
        "620000000000", "621100000000", "621121000000", "621121100000", "621121100200",
    )  # fmt: skip
    assert codes.path("441900003001") == ("440000000000", "441900000000", "441900003000", "441900003001")
    assert codes.path(codes.COUNTRY) == ()


@pytest.mark.parametrize("wrong", ["", "6", "621", "6211210", "62112x", "６２", "6211211002001", "一二", "62 1121"])
def test_what_is_no_code_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="not a division code"):
        codes.pad(wrong)
    assert not codes.is_code(wrong)


def test_the_country_has_no_parent() -> None:
    with pytest.raises(ValueError, match="no parent"):
        codes.parent(codes.COUNTRY)


some_code = st.sampled_from(tuple(dataset.lines())[::997]).map(lambda line: line.code)


@given(some_code, some_code)
def test_containing_is_being_on_the_path(outer: str, inner: str) -> None:
    assert codes.contains(outer, inner) == (outer in codes.path(inner))
    assert codes.contains(codes.COUNTRY, inner)


@given(some_code)
def test_a_child_lies_in_its_parents_span(code: str) -> None:
    lo, hi = codes.span(codes.parent(code))
    inner_lo, inner_hi = codes.span(code)
    assert lo < inner_lo <= inner_hi <= hi
    assert codes.level(codes.parent(code)) < codes.level(code)
