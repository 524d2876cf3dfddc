"""What was given: counted as people and as grants, small cells blank, nothing to be worked out from the page."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from boai.journeys.tests.county import FullCounty
from boai.kernel import rekeying
from boai.kernel.scope import NOWHERE, scoped
from boai.portal.queries.given import BLANK, Figure, given, table
from boai.portal.queries.places import place_at
from boai.relief.enums import Cause
from boai.relief.models import Case
from boai.relief.services.application import person_blind
from boai.relief.tests.factories import NUMBER

TOWNS = {f"62112110{n}000": f"第{n}镇" for n in range(1, 5)}


def figures(rows: dict[str, dict[str, int]]) -> dict[tuple[str, str], Figure]:
    """People per town and programme, one grant of ¥1,000 each, with all totals."""
    found: dict[tuple[str, str], Figure] = {}
    for town, cells in rows.items():
        for programme, n in cells.items():
            for cell in ((town, programme), (town, ""), ("", programme), ("", "")):
                before = found.get(cell, Figure(0, 0, 0))
                assert before.people is not None
                assert before.grants is not None
                assert before.fen is not None
                found[cell] = Figure(before.people + n, before.grants + n, before.fen + n * 100_000)
    return found


def test_a_small_cell_and_what_would_give_it_away_are_blank_for_people_grants_and_money() -> None:
    towns = list(TOWNS)
    rows = {towns[0]: {"困难": 2, "助学": 9}, towns[1]: {"困难": 20, "助学": 12}, towns[2]: {"困难": 31, "助学": 40}}
    found = table(figures(rows), year=2026, names=TOWNS)
    assert found.blanks
    shown = {row.code: row for row in found.rows}
    assert shown[towns[0]].cells == (BLANK, BLANK)
    assert shown[towns[0]].total == Figure(11, 11, 1_100_000)
    blanks_per_column = [sum(row.cells[i] == BLANK for row in found.rows) for i in range(2)]
    assert blanks_per_column == [2, 2]
    assert found.total.total == Figure(114, 114, 11_400_000)


def test_nothing_small_means_nothing_blank() -> None:
    found = table(figures({code: {"困难": 10} for code in TOWNS}), year=2026, names=TOWNS)
    assert not found.blanks
    assert [row.name for row in found.rows] == list(TOWNS.values())


@pytest.mark.django_db
def test_people_once_and_grants_each_time(tongwei: FullCounty, tmp_path: Path) -> None:
    """One person helped twice is one of 人数 and two of 人次; the page blanks so small a county."""
    tongwei.paid(tmp_path)
    place = place_at(tongwei.branch.region_code)
    assert place is not None
    year = tongwei.at.year
    with scoped(NOWHERE):
        found = given(place=place, year=year)
    assert found.total.total == BLANK
    assert found.rows[0].total == BLANK
    assert given(place=place, year=year - 1).rows == ()


@pytest.mark.django_db
def test_one_person_is_one_while_keys_change(
    tongwei: FullCounty, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    import boai.portal.queries.given as module

    monkeypatch.setattr(module, "hidden_cells", lambda people: frozenset())
    monkeypatch.setattr(rekeying, "_settled", set())
    settings.BOAI_MASTER_KEY, settings.BOAI_OLD_MASTER_KEYS = b"o" * 32, []
    first = tongwei.paid(tmp_path)
    second = tongwei.paid(tmp_path, cause=Cause.ILLNESS, household=first.household)
    place = place_at(tongwei.branch.region_code)
    assert place is not None
    assert first.approved_fen is not None
    assert second.approved_fen is not None
    wanted = Figure(1, 2, first.approved_fen + second.approved_fen)
    assert given(place=place, year=tongwei.at.year).total.total == wanted
    settings.BOAI_MASTER_KEY, settings.BOAI_OLD_MASTER_KEYS = b"n" * 32, [b"o" * 32]
    assert given(place=place, year=tongwei.at.year).total.total == wanted, "both under the older key"
    Case.objects.filter(id=second.id).update(person_blind=person_blind(NUMBER))
    with scoped(NOWHERE):
        assert given(place=place, year=tongwei.at.year).total.total == wanted, "one under each"


@pytest.mark.django_db
def test_counting_in_sql(tongwei: FullCounty, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import boai.portal.queries.given as module

    case = tongwei.paid(tmp_path)
    monkeypatch.setattr(module, "hidden_cells", lambda people: frozenset())
    place = place_at(tongwei.branch.region_code)
    assert place is not None
    found = given(place=place, year=tongwei.at.year)
    assert found.total.total == Figure(1, 1, case.approved_fen)
    assert found.rows[0].code == case.region_code[:9] + "000"
    assert found.rows[0].name != found.rows[0].code


@pytest.mark.django_db
def test_the_page_tells_no_single_grant(public: Client, tongwei: FullCounty, tmp_path: Path) -> None:
    case = tongwei.paid(tmp_path)
    with scoped(NOWHERE):
        page = public.get("/given/").content.decode()
    assert f"{(case.approved_fen or 0) // 100:,}" not in page
    assert "目前救助的人不多，公布数字可能认出具体的人" in page
    assert "<table" not in page, "a table of dashes tells nobody anything"


@pytest.mark.django_db
def test_queries_do_not_grow(public: Client, tongwei: FullCounty, tmp_path: Path) -> None:
    with scoped(NOWHERE), CaptureQueriesContext(connection) as none:
        public.get("/given/")
    tongwei.paid(tmp_path)
    with scoped(NOWHERE), CaptureQueriesContext(connection) as some:
        public.get("/given/")
    assert len(some) <= len(none) + 1  # the names of the townships


@pytest.mark.django_db
@pytest.mark.parametrize("year", ["1900", "abc", "99999999999999999999", "-1", ""])
def test_a_strange_year_shows_this_one(public: Client, year: str) -> None:
    with scoped(NOWHERE):
        page = public.get("/given/", {"year": year}).content.decode()
    assert re.search(rf"{date(2026, 11, 24).year}年救助情况", page)
