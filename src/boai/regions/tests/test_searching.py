"""Search as one types: beginnings, pinyin, pieces, codes, words that narrow, ranges."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from boai.regions import codes, services
from boai.regions.models import Division
from boai.regions.queries import search
from boai.regions.tests.factories import TONGWEI, keeper

pytestmark = pytest.mark.django_db


def names(text: str, **options: object) -> list[str]:
    return [hit.name for hit in search(text, **options)]  # type: ignore[arg-type]  # options are the function's own


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("通渭", "通渭县"),
        ("义岗", "义岗川镇"),
        ("岗川", "义岗川镇"),
        ("twx", "通渭县"),
        ("TWX", "通渭县"),
        ("tongwei", "通渭县"),
        ("ygcz", "义岗川镇"),
        ("621121105", "义岗川镇"),
        ("６２１１２１１０５", "义岗川镇"),
        (" 通渭 义岗 ", "义岗川镇"),
        ("定西 通渭 mingxing", "明星村民委员会"),
        ("明星村委会", "明星村民委员会"),
        ("苗族", "黔东南苗族侗族自治州"),
    ],
)
def test_what_is_typed_finds_the_place(typed: str, found: str) -> None:
    assert found in names(typed)


def test_hits_say_where_they_are_higher_levels_first() -> None:
    hits = search("黄平")
    assert (hits[0].name, hits[0].where, hits[0].level) == ("黄平县", "贵州省黔东南苗族侗族自治州", codes.COUNTY)
    assert [h.level for h in hits] == sorted(h.level for h in hits)
    assert search("mingxing", within=codes.span(TONGWEI))[0].where == "甘肃省定西市通渭县义岗川镇"


def test_a_range_and_levels_narrow() -> None:
    assert all(codes.contains(TONGWEI, h.code) for h in search("新", within=codes.span(TONGWEI)))
    assert names("长沙", within=codes.span(TONGWEI)) == []
    assert {h.level for h in search("新", levels=(codes.TOWNSHIP,))} <= {codes.TOWNSHIP}
    assert len(search("新", limit=3)) == 3


@pytest.mark.parametrize(
    "typed", ["", "  ", "不存在之地", "%", "_", "\\", "'", "村民委员会不", "999999", "zzzzzz", "\x00", "a b c d"]
)
def test_what_finds_nothing_finds_nothing(typed: str) -> None:
    assert names(typed) == []


def test_groupings_and_ended_divisions_are_not_offered(at: datetime) -> None:
    village = Division.objects.get(code="621121105201")
    assert village.name in names("明星", within=codes.span(TONGWEI))
    services.division_replace(code=village.code, successor=None, valid_to=date(2025, 1, 1), actor=keeper(), at=at)
    assert village.name not in names("明星", within=codes.span(TONGWEI))
    assert names("市辖区") == []


def test_a_search_is_at_most_a_handful_of_queries() -> None:
    for typed in ("义", "通渭 新", "tw", "不存在"):
        with CaptureQueriesContext(connection) as captured:
            search(typed)
        assert len(captured) <= 8
