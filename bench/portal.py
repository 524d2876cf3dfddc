"""The open door under a county's years of notices: time at the server, bytes of a first visit.

Ten thousand notices have been published, some are on display, the log holds fifty thousand entries. Every page is asked
for as a stranger would, through all of the middleware; the rate limiter counts, but its limits are lifted.
"""

from __future__ import annotations

import re
import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.db import connection, transaction
from django.test import Client

from bench._people import maker
from boai.audit.tests.factories import logged
from boai.governance.models import Notice
from boai.journeys.tests.county import FullCounty
from boai.kernel.clock import now
from boai.kernel.scope import EVERYWHERE, set_scope
from boai.people.models import Branch
from boai.portal import limits
from boai.regions.services import divisions_load_subset
from boai.relief.models import Receipt
from boai.relief.tests.factories import fake_number, make_household
from boai.rulebook.services import defaults_load

NOTICES = 10_000
ON_DISPLAY = 400
ENTRIES = 50_000
ROUNDS = 150


def run() -> dict[str, Any]:
    """Median and 95th percentile of each page in milliseconds; bytes of a first visit, nothing compressed."""
    set_scope(EVERYWHERE)
    for table in (limits.PER_NETWORK, limits.PER_CODE):
        table.clear()
    limits.PER_NETWORK.update(dict.fromkeys(_KNOCKS, limits.Limit(10**9, limits.DAY)))
    limits.PER_CODE.update(dict.fromkeys(("follow", "object-status"), ()))
    notice, receipt, case = _county()
    client = Client(HTTP_HOST="localhost", HTTP_ACCEPT_LANGUAGE="zh-CN")
    assert client.post("/follow/", {"code": case, "tail": "8001"}).status_code == 302
    figures: dict[str, Any] = {"notices": NOTICES, "log_entries": ENTRIES}
    pages = {"notice": f"/notices/{notice}", "front": "/", "list": "/notices/", "receipt": f"/verify/{receipt}",
             "case": "/follow/case/", "given": "/given/", "apply": "/apply/"}  # fmt: skip
    for name, address in pages.items():
        times = _times(client, address)
        figures[f"{name}_ms"] = round(statistics.median(times), 1)
        figures[f"{name}_ms_p95"] = round(statistics.quantiles(times, n=20)[-1], 1)
        figures[f"{name}_first_visit_bytes"], figures[f"{name}_next_visit_bytes"] = _weight(client, address)
    bars: dict[str, Any] = {"notice_ms": ["<=", 20]}
    bars |= {f"{name}_first_visit_bytes": ["<=", 60_000] for name in pages}
    bars |= {f"{name}_next_visit_bytes": ["<=", 15_000] for name in pages}
    return {"figures": figures, "bars": bars}


_KNOCKS = tuple(limits.PER_NETWORK)


def _times(client: Client, address: str) -> list[float]:
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        answer = client.get(address)
        times.append((time.perf_counter() - start) * 1000)
        assert answer.status_code == 200, (address, answer.status_code)
    return times[10:]


def _weight(client: Client, address: str) -> tuple[int, int]:
    """Bytes of the page with all that it loads, and of the page alone."""
    page = client.get(address).content
    loaded = set(re.findall(rb'(?:href|src)="/static/([^"#]+)', page))
    total = len(page)
    for name in loaded:
        found = finders.find(name.decode())
        assert isinstance(found, str), name
        total += Path(found).stat().st_size
    return total, len(page)


def _county() -> tuple[str, str, str]:
    """A county with its stories; the numbers of a notice on display, a receipt, a case."""
    divisions_load_subset(counties=["621121"])
    defaults_load(at=datetime(2020, 1, 1, tzinfo=UTC))
    branch = Branch.objects.create(
        region_code="621121000000", name="通渭县红十字会", kind="society", phone="0932-5551234"
    )
    tongwei = FullCounty(branch, maker(branch), now())
    with tempfile.TemporaryDirectory() as folder:
        paid = tongwei.paid(Path(folder), household=_home(tongwei, "魏建国", "110105194912310021"))
        number = fake_number()
        home = _home(tongwei, "欧阳小春", number)
        tongwei.at = now()
        noticed = tongwei.noticed(tongwei.reviewed(tongwei.verified(household=home, id_number=number, cause="other")))
    code = Notice.objects.get(entries__subject_id=noticed.id).code
    _multiply(code)
    logged(ENTRIES, at=now())
    return code, Receipt.objects.get(case=paid).code, paid.code


def _home(tongwei: FullCounty, name: str, number: str) -> Any:
    with transaction.atomic():
        return make_household(at=tongwei.at, name=name, number=number)


def _multiply(code: str) -> None:
    """The same notice many times over, most of them ended."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT column_name FROM information_schema.columns WHERE table_name = 'governance_notice'")
        columns = [name for (name,) in cursor.fetchall() if name not in ("id", "code")]
        names = ", ".join(columns)
        cursor.execute(
            f"""INSERT INTO governance_notice (id, code, {names})
                SELECT uuidv7(), left(upper(md5(g::text)), 12), {names}
                FROM governance_notice, generate_series(1, %s) g WHERE code = %s""",
            [NOTICES, code],
        )
        cursor.execute(
            """INSERT INTO governance_publicnotice (notice_id, code, kind, region_code, branch_name, title, document,
                   published_at, first_day, last_day, ends_at, provisional, extended, ended, ended_at, replaced_by,
                   entry_id)
               SELECT n.id, n.code, p.kind, p.region_code, p.branch_name, p.title,
                      CASE WHEN n.number <= %s THEN p.document END, p.published_at, p.first_day, p.last_day, p.ends_at,
                      false, false, CASE WHEN n.number <= %s THEN '' ELSE 'withdrawn' END,
                      CASE WHEN n.number <= %s THEN NULL ELSE p.ends_at END, '', p.entry_id
               FROM (SELECT id, code, row_number() OVER () AS number FROM governance_notice WHERE code <> %s
                     AND id NOT IN (SELECT notice_id FROM governance_publicnotice)) n,
                    governance_publicnotice p WHERE p.code = %s""",
            [ON_DISPLAY, ON_DISPLAY, ON_DISPLAY, code, code],
        )
