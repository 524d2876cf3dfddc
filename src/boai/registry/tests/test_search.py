"""Searching the register by the beginning of a name, as an index can serve it beside row-level security."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from boai.people.actor import Actor
from boai.registry.models import Resident
from boai.registry.queries import household_list
from boai.registry.tests.test_pages import make_household

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("field", "operator"), [("name", "~>=~"), ("pinyin", ">=")])
def test_a_prefix_is_a_range(field: str, operator: str) -> None:
    sql = str(Resident.objects.filter(**{f"{field}__prefix": "王"}).values("id").query)
    assert f'"{field}" {operator} 王' in sql
    assert "LIKE" not in sql


@pytest.mark.parametrize(
    ("text", "found"),
    [("张小三", True), ("张", True), ("张小三三", False), ("小三", False), ("zxs", True), ("zhangx", True), ("zhangy", False),
     ("张%", False), ("_", False)],
)  # fmt: skip
def test_the_beginning_of_a_name_finds_it(
    actor_for: Callable[..., Actor], at: datetime, text: str, found: bool
) -> None:
    officer = actor_for("officer")
    make_household(officer, at)
    assert bool(household_list(actor=officer, text=text).rows) is found


def test_rare_characters_are_found_too(actor_for: Callable[..., Actor], at: datetime) -> None:
    officer = actor_for("officer")
    make_household(officer, at, name="张𠮷")
    for text in ("张𠮷", "张"):
        assert household_list(actor=officer, text=text).rows, text
