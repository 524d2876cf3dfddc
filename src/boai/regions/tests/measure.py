"""Measure on the whole country: loading, search as one types, resolving a register's places. Run by a bench."""

from __future__ import annotations

import random
import statistics
import time
from typing import Any

from django.db import connection

from boai.kernel.scope import EVERYWHERE, set_scope
from boai.regions import queries, services
from boai.regions.models import Division

# Common and rare, short and long, everything that is generic, and what makes the index work hardest.
TYPED = (
    "义|义岗|义岗川|通渭|王|张家|大|新村|村|twx|yg|tongwei|x|s|zhang|长沙 星沙|思南|东莞|家|社区|不存在|6211|1|北京 东|石|大石|红旗村|"
    "村民委员会|村委会|大村|小村|家村|上|小区|家庄村|东社区|张 王|市 大|县 新|%|新村村民委员会|开发区|山 山|大 大 大"
)
WITHIN = [
    ("000000000000", "999999999999"),
    ("370000000000", "379999999999"),
    ("621100000000", "621199999999"),
    ("621121000000", "621121999999"),
]


def run() -> dict[str, Any]:
    """The figures and their bars."""
    start = time.monotonic()
    rows = services.divisions_load()
    load = time.monotonic() - start
    set_scope(EVERYWHERE)
    searches = _searches()
    places = _places()
    start = time.monotonic()
    answers = queries.resolve_many(places, within=("620000000000", "629999999999"))
    resolve = time.monotonic() - start
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_total_relation_size('regions_division')")
        size = cursor.fetchone()[0]
    return {
        "figures": {
            "rows": rows,
            "load_seconds": round(load, 1),
            "table_and_indexes_mb": round(size / 1e6),
            "search_median_ms": round(statistics.median(searches.values()), 1),
            "search_worst_ms": round(max(searches.values()), 1),
            "search_worst": max(searches, key=lambda text: searches[text]),
            "resolve_100000_seconds": round(resolve, 2),
            "resolved": sum(1 for a in answers if a.code),
        },
        "bars": {
            "rows": [">=", 665_000],
            "load_seconds": ["<=", 20],
            "search_worst_ms": ["<=", 30],
            "resolve_100000_seconds": ["<=", 2],
            "resolved": [">=", 99_900],
        },
    }


def _searches() -> dict[str, float]:
    """Milliseconds by what was typed and where, the median of five."""
    found = {}
    for text in TYPED.split("|"):
        for within in WITHIN:
            times = []
            for _ in range(5):
                start = time.perf_counter()
                queries.search(text, within=within)
                times.append((time.perf_counter() - start) * 1000)
            found[f"{text} in {within[0]}"] = statistics.median(times)
    return found


def _places() -> list[queries.NamedPlace]:
    """100,000 rows of one county as clerks write them, often without the county. A few are truly ambiguous: 马营镇 with
    a village 马营村 is in two counties of the province."""
    rng = random.Random(7)
    villages = list(Division.objects.filter(code__range=("621121000000", "621121999999"), level=5))
    townships = queries.names_of(village.parent for village in villages)
    rows = []
    for _ in range(100_000):
        village = rng.choice(villages)
        township = townships[village.parent]
        ways = [village.name, village.short_name, f" {village.short_name} ", f"通渭县{township}{village.name}"]
        county = rng.choice(["通渭县", "通渭", ""])
        rows.append(queries.NamedPlace(county, rng.choice([township, f"{township} "]), rng.choice(ways)))
    return rows
