"""The order of doors."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boai.visits.routes import address_key, chinese_number, in_order, moved


@dataclass(frozen=True)
class Door:
    id: UUID
    region_code: str
    address: str


@pytest.mark.parametrize(
    ("text", "number"), [("十", 10), ("二十三", 23), ("一百零五", 105), ("二〇三", 203), ("两", 2), ("百", 100)]
)
def test_chinese_numbers(text: str, number: int) -> None:
    assert chinese_number(text) == number


def test_groups_and_houses_in_the_order_in_which_people_count() -> None:
    shuffled = ["十一组1号", "2组18号", "", "十组1号", "二组3号", "一组3号"]
    assert sorted(shuffled, key=address_key) == ["", "一组3号", "二组3号", "2组18号", "十组1号", "十一组1号"]


def test_villages_come_one_after_the_other_and_a_chosen_order_wins() -> None:
    a, b, c = (Door(uuid4(), code, where) for code, where in (("2", "1号"), ("1", "十组"), ("1", "二组")))
    assert in_order([a, b, c]) == [c, b, a]
    assert in_order([a, b, c], chosen=[a.id]) == [a, c, b]
    assert in_order([a, b], chosen=[c.id, b.id]) == [b, a]


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_two_addresses_can_be_compared(one: str, other: str) -> None:
    assert (address_key(one) < address_key(other)) in (True, False)


def test_moving_stays_a_permutation_and_stops_at_the_ends() -> None:
    a, b, c = uuid4(), uuid4(), uuid4()
    assert moved([a, b, c], c, up=True) == [a, c, b]
    assert moved([a, b, c], a, up=True) == [a, b, c]
    assert moved([a, b, c], c, up=False) == [a, b, c]
    assert moved([a, b], c, up=True) == [a, b]
