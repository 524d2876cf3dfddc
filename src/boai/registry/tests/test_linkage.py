"""The comparison itself: what each level means, and that weights learnt stay sane."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from boai.kernel.text.names import surname_of
from boai.kernel.text.pinyin import name_pinyin
from boai.registry.linkage.engine import Linkage, Pair, people_from
from boai.registry.linkage.likeness import look_alikes, solar_of_lunar
from boai.registry.linkage.marks import in_order, person_mark
from boai.registry.linkage.model import COMPARISONS, REGISTER
from boai.registry.linkage.words import WORDS, lines

Compare = Callable[..., Pair | None]
FACTS: dict[str, Any] = {
    "name": "张伟强", "born": date(1956, 3, 4), "sex": "m", "number": None, "phone": "p1", "account": None,
    "household": "h1", "relation": "head", "village": "621121102207", "fresh": True,
}  # fmt: skip
COLUMNS = (
    "id BIGINT, name VARCHAR, pinyin VARCHAR, born DATE, sex VARCHAR, number VARCHAR, phone VARCHAR, account VARCHAR, "
    "household VARCHAR, relation VARCHAR, village VARCHAR, fresh BOOLEAN"
)


def table(rows: list[dict[str, Any]]) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(f"CREATE TABLE facts ({COLUMNS})")
    for number, row in enumerate(rows, 1):
        values = [row["name"], name_pinyin(row["name"]), *(row[key] for key in list(FACTS)[1:])]
        connection.execute("INSERT INTO facts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", [number, *values])
    people_from(connection, "facts")
    return connection


def compare(**changes: Any) -> Pair | None:
    """A person and the same person written otherwise."""
    return next(Linkage(table([FACTS, FACTS | changes])).pairs(least=-60), None)


def level(pair: Pair | None, comparison: str) -> str:
    assert pair is not None, "the two were not even looked at"
    return {name: found for name, found, _bits in pair.parts}.get(comparison, "")


@pytest.mark.parametrize(
    ("changes", "comparison", "expected"),
    [
        ({}, "name", "same"),
        ({"name": "张强伟"}, "name", "order"),
        ({"name": "章伟强"}, "name", "sound"),
        ({"name": "张伟墙"}, "name", "sound"),
        ({"name": "张卫强"}, "name", "sound"),
        ({"name": "张玮强"}, "name", "sound"),
        ({"name": "李伟强"}, "name", "surname"),
        ({"name": "张伟东"}, "name", "one"),
        ({"name": "李小红"}, "name", "other"),
        ({"born": date(1956, 4, 3)}, "born", "swapped"),
        ({"born": date(1956, 3, 14)}, "born", "day"),
        ({"born": date(1965, 3, 4)}, "born", "year"),
        ({"born": date(1956, 5, 4)}, "born", "month"),
        ({"born": date(1956, 7, 9)}, "born", "sameyear"),
        ({"born": None}, "born", ""),
        ({"born": date(1956, 4, 14)}, "born", "lunar"),
        ({"sex": "f"}, "sex", "other"),
        ({"phone": "p2"}, "phone", "other"),
        ({"household": "h2"}, "phone", "elsewhere"),
        ({"household": "h2"}, "place", "village"),
        ({"household": "h2", "village": "621121102208"}, "place", "township"),
        ({"household": "h2", "village": "621121104200"}, "place", "county"),
        ({"household": "h2", "village": "520624112200"}, "place", "other"),
        ({"household": "h2", "village": None}, "place", ""),
        ({"relation": "child"}, "relation", "other"),
    ],
)
def test_levels(changes: dict[str, Any], comparison: str, expected: str) -> None:
    assert level(compare(**changes), comparison) == expected


def test_the_lunar_birthday_of_1956_3_4_is_the_solar_4_14() -> None:
    assert solar_of_lunar(date(1956, 3, 4)) == date(1956, 4, 14)
    assert solar_of_lunar(date(1956, 1, 31)) is None, "no lunar month has 31 days"


def test_look_alikes_are_one_to_one() -> None:
    old, new = look_alikes()
    assert len(old) == len(new) == len(set(old))
    assert not set(old) & set(new), "whoever stands for others stands for itself"


def test_two_that_are_both_old_are_left_alone() -> None:
    assert list(Linkage(table([FACTS | {"fresh": False}] * 2)).pairs(least=-60)) == []
    assert len(list(Linkage(table([FACTS | {"fresh": False}, FACTS])).pairs(least=-60))) == 1


def test_rare_characters_are_compared_like_others() -> None:
    assert level(compare(name="张伟强"), "name") == "same"
    rows = [FACTS | {"name": "张𠮷"}, FACTS | {"name": "张𠮷"}]
    assert level(next(Linkage(table(rows)).pairs(least=-60)), "name") == "same"


def test_parts_add_up_to_the_weight() -> None:
    one, other = compare(), compare(name="章伟强")
    assert one is not None
    assert other is not None
    priors = [pair.weight - sum(bits for *_rest, bits in pair.parts) for pair in (one, other)]
    assert priors[0] == pytest.approx(priors[1], abs=0.05), "what is left is what two rows are before any comparison"


def test_every_level_has_words() -> None:
    keys = {(c.key, one.key) for c in COMPARISONS for one in c.levels}
    assert set(WORDS) == keys
    said = lines([("name", "sound", 12.5), ("born", "other", -6.6)], weight=5.9)[1:]
    assert [(line.text, line.weight, line.speaks_for) for line in said] == [
        ("姓名同音或近音", "+12.5", True), ("出生日期不同", "-6.6", False),
    ]  # fmt: skip


def test_base_weights_fall_from_level_to_level() -> None:
    for comparison in COMPARISONS:
        weights = [one.m / one.u for one in comparison.levels]
        assert weights[0] == max(weights), comparison.key
        assert weights[-1] == min(weights) < 1, comparison.key
        assert sum(one.m for one in comparison.levels) == pytest.approx(1, abs=0.02), comparison.key


def test_learning_keeps_what_it_does_not_see() -> None:
    rows = [
        FACTS | {"name": f"张{a}{b}", "born": date(1940 + i % 60, 1 + i % 12, 1 + i % 28), "number": f"n{i}",
                 "household": f"h{i}", "phone": f"p{i}"}
        for i, (a, b) in enumerate((a, b) for a in "伟强芳娜敏静军洋勇艳" for b in "杰涛明超秀兰霞平刚桂")
    ]  # fmt: skip
    rows += [dict(row) for row in rows[:30]]
    linkage = Linkage(table(rows))
    assert not linkage.teaches(), "too few to learn from"
    linkage.train()
    assert linkage.weights is not None
    for comparison in COMPARISONS:
        for one in comparison.levels:
            m, u = linkage.weights[comparison.key][one.key]
            assert 0 < u < 1
            assert 0.0019 < m < 1 or m == one.m
    m, u = linkage.weights["born"]["lunar"]
    assert m == next(one for c in COMPARISONS if c.key == "born" for one in c.levels if one.key == "lunar").m


def test_learning_goes_on_with_fewer_rounds_where_splink_gives_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """On some registers a level's weight falls below what a float holds; a register of 60,000 showed it."""
    tried, taught = [], Linkage._taught

    def gives_up(linkage: Linkage, rounds: int) -> Any:
        tried.append(rounds)
        if rounds > 6:
            raise ValueError("m_probability value 0.0 is below the minimum allowed value of 1e-300")
        return taught(linkage, rounds)

    monkeypatch.setattr(Linkage, "_taught", gives_up)
    rows = [FACTS | {"name": f"张{a}", "number": f"n{i}", "household": f"h{i}"} for i, a in enumerate("伟强芳娜敏静")]
    linkage = Linkage(table(rows + [dict(row) for row in rows]))
    linkage.train()
    assert tried == [25, 12, 6]
    assert linkage.weights is not None


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("张土强", "张士强", "shape"),
        ("欧阳小明", "张小明", "surname"),
        ("欧阳小明", "司马小明", "surname"),
        ("司马明", "张明", "other"),
    ],
)
def test_levels_of_names(one: str, other: str, expected: str) -> None:
    pair = next(Linkage(table([FACTS | {"name": one}, FACTS | {"name": other}])).pairs(least=-60), None)
    assert level(pair, "name") == expected


@given(st.text(alphabet="欧阳司马张伟强·a ", min_size=1, max_size=6).filter(lambda name: name.strip() == name))
def test_the_given_name_begins_where_the_surname_ends(name: str) -> None:
    if "·" in name or "a" in name or " " in name:
        return  # they have no surname in our sense
    given = table([FACTS | {"name": name}]).execute("SELECT given FROM people").fetchall()[0][0]
    assert (given or "") == name[len(surname_of(name)) :]


def test_the_reasons_add_up_to_the_weight() -> None:
    said = lines([("name", "same", 6.0), ("born", "other", -3.5)], weight=-2.0)
    assert [(line.weight, line.total) for line in said] == [("-4.5", "-4.5"), ("+6.0", "+1.5"), ("-3.5", "-2.0")]


@given(st.text(max_size=6), st.text(max_size=6), st.text(max_size=6))
def test_marks_tell_facts_apart(one: str, other: str, third: str) -> None:
    def mark(name: str, household: str) -> bytes:
        return person_mark(name=name, born="", sex="", number=None, household=household)

    assert (mark(one, other) == mark(one, third)) is (other == third)
    low, high = in_order(mark(one, ""), mark(other, ""))
    assert low <= high


def test_the_scheme_names_only_columns_that_there_are() -> None:
    connection = table([FACTS])
    for block in (*REGISTER.blocks, *REGISTER.teachers):
        connection.execute(f"SELECT count(*) FROM people l, people r WHERE {block}")
