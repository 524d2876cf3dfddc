"""The whole country: loaded once, quickly, all or nothing; a newer list on top of an older one."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date, datetime

import pytest
from django.db import connection
from psycopg.errors import UniqueViolation

from boai.regions import dataset, queries, services
from boai.regions.models import Division
from boai.regions.tests.factories import keeper

Shipped = Callable[[str, date, list[dataset.Entry]], int]
MERGED, KEPT, GONE, RENAMED, NEW = "621121105201", "621121105202", "621121105203", "621121105204", "621121105299"


def test_the_whole_country_in_twenty_seconds(own_database: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM regions_division")
    seen: list[tuple[int, int]] = []
    start = time.monotonic()
    assert services.divisions_load(progress=lambda done, total: seen.append((done, total))) == 665_274
    assert time.monotonic() - start < 40  # a bench holds it to 20 on a quiet machine
    assert services.divisions_are_loaded()
    assert seen == sorted(seen)
    assert seen[-1][0] == seen[-1][1]
    assert len(seen) > 60
    assert services.divisions_load() == 0
    assert queries.current("621121105201", date(2026, 1, 1)) == "621121105201"
    assert _indexes() == 8


@pytest.fixture
def shipped(monkeypatch: pytest.MonkeyPatch) -> Shipped:
    """Pretend that another list is shipped."""

    def pretend(source: str, as_of: date, entries: list[dataset.Entry]) -> int:
        monkeypatch.setattr(dataset, "edition", lambda: dataset.Edition(source, as_of, len(entries)))
        monkeypatch.setattr(dataset, "entries", lambda counties=None: iter(entries))
        return services.divisions_load()

    return pretend


def test_a_newer_list_renames_begins_and_ends(own_database: str, shipped: Shipped, at: datetime) -> None:
    mine, spell = keeper(), dataset.Speller.shipped()
    county = list(dataset.entries(frozenset({"621121000000"})))
    services.division_add(code="621121105301", name="新立村民委员会", valid_from=date(2024, 1, 1), actor=mine, at=at)
    services.division_replace(code=MERGED, successor=KEPT, valid_to=date(2025, 1, 1), actor=mine, at=at)
    assert shipped("older 1", date(2023, 6, 30), county) == len(county)
    assert Division.objects.get(code=KEPT).valid_from is None

    newer = [e for e in county if e.code not in (GONE, MERGED)]
    newer = [dataset.entry(e.code, e.level, "新名村民委员会", spell) if e.code == RENAMED else e for e in newer]
    newer += [dataset.entry(NEW, 5, "新来村民委员会", spell), dataset.entry("621121105301", 5, "别名村民委员会", spell)]
    shipped("newer 2", date(2026, 6, 30), newer)

    rows = {d.code: d for d in Division.objects.filter(code__startswith="621121105")}
    assert rows[RENAMED].short_name == "新名村"
    assert rows[NEW].valid_from == date(2026, 6, 30)
    assert rows[GONE].valid_to == date(2026, 6, 30)
    assert (rows[MERGED].valid_to, rows[MERGED].successor) == (date(2025, 1, 1), KEPT)
    assert (rows["621121105301"].name, rows["621121105301"].valid_to) == ("新立村民委员会", None)
    assert Division.objects.filter(code="430121000000", valid_to=date(2026, 6, 30)).exists()
    assert services.divisions_are_loaded()
    assert shipped("newer 2", date(2026, 6, 30), newer) == 0


def test_a_load_that_breaks_leaves_nothing_behind(own_database: str, shipped: Shipped) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM regions_division")
    county = list(dataset.entries(frozenset({"621121000000"})))
    with pytest.raises(UniqueViolation):
        shipped("broken", date(2026, 6, 30), [*county, county[-1]])
    assert Division.objects.count() == 0
    assert not services.divisions_are_loaded()
    assert _indexes() == 8


def _indexes() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_indexes WHERE tablename = 'regions_division'")
        return int(cursor.fetchone()[0])
