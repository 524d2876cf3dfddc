"""The officer's desk and the case page over 200,000 cases of one county, through all of the middleware.

One case goes all the way through the services; 200,000 others are made from it set by set, spread over the county's
villages, the programmes' states and four years, with a tenth of them still on their way.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bench._people import maker
from boai.journeys.tests.county import FullCounty
from boai.kernel.scope import EVERYWHERE, scoped, set_scope
from boai.people.actor import Actor
from boai.people.models import Branch
from boai.regions.services import divisions_load_subset
from boai.relief.enums import WAITS_FOR, State
from boai.relief.models import Case
from boai.rulebook.services import defaults_load

CASES = 200_000
ROUNDS = 60
SHARES = {
    State.ARCHIVED: 780, State.REFUSED: 80, State.WITHDRAWN: 40, State.APPLIED: 12, State.RETURNED: 8,
    State.VERIFYING: 16, State.REVIEWING: 12, State.NOTICING: 4, State.PUBLISHING: 8, State.APPROVING: 8,
    State.PAYING: 8, State.VISITING: 16, State.CLOSING: 8,
}  # fmt: skip
"""Cases of each state in a thousand."""
GRANTED = ("paying", "visiting", "closing", "archived")
SURNAMES, GIVEN = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗", "伟强芳娜敏静军洋勇艳杰涛明超秀兰霞平刚桂英建国志远福"


def run() -> dict[str, Any]:
    """Medians and 95th percentiles in milliseconds; the number of queries of each page."""
    set_scope(EVERYWHERE)
    tongwei, model = _county()
    start = time.perf_counter()
    _multiply(model)
    figures: dict[str, Any] = {"cases": Case.objects.count(), "made_in_s": round(time.perf_counter() - start, 1)}
    pages = {
        "desk_officer": (tongwei.officer2, "/desk/"),
        "desk_verifier": (tongwei.verifier, "/desk/"),
        "desk_secretary": (tongwei.secretary, "/desk/"),
        "desk_accountant": (tongwei.accountant, "/desk/"),
        "desk_late": (tongwei.officer2, "/desk/?tab=late"),
        "desk_decided": (tongwei.secretary, "/desk/?tab=decided"),
        "list": (tongwei.officer2, "/cases/"),
        "list_state": (tongwei.officer2, "/cases/?state=verifying"),
        "list_name": (tongwei.officer2, "/cases/?q=王伟芳"),
        "case": (tongwei.officer2, f"/cases/{model.id}/"),
        "case_active": (tongwei.verifier, f"/cases/{Case.objects.filter(state=State.VERIFYING)[0].id}/"),
    }  # fmt: skip
    for name, (actor, address) in pages.items():
        client = _signed_in(actor)
        times, queries = _times(client, address)
        figures[f"{name}_ms"] = round(statistics.median(times), 1)
        figures[f"{name}_ms_p95"] = round(statistics.quantiles(times, n=20)[-1], 1)
        figures[f"{name}_queries"] = queries
    figures["desk_deep_ms"] = _deep(_signed_in(tongwei.officer2))
    bars: dict[str, Any] = {f"{name}_ms": ["<=", 60] for name in pages if not name.startswith("case")}
    bars |= {"case_ms": ["<=", 80], "case_active_ms": ["<=", 80], "desk_deep_ms": ["<=", 60], "cases": [">=", CASES]}
    return {"figures": figures, "bars": bars}


def _times(client: Client, address: str) -> tuple[list[float], int]:
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        answer = client.get(address)
        times.append((time.perf_counter() - start) * 1000)
        assert answer.status_code == 200, (address, answer.status_code)
    with CaptureQueriesContext(connection) as captured:
        client.get(address)
    return times[5:], len(captured)


def _deep(client: Client) -> float:
    """The tenth page of the desk, reached through its links, in milliseconds."""
    import re

    address = "/desk/"
    for _ in range(9):
        found = re.search(rb'rel="next" href="([^"]+)"', client.get(address).content)
        assert found is not None, "the desk has ten pages"
        address = "/desk/" + found[1].decode().replace("&amp;", "&")
    return round(statistics.median(_times(client, address)[0]), 1)


def _signed_in(actor: Actor) -> Client:
    client = Client(HTTP_HOST="localhost", HTTP_ACCEPT_LANGUAGE="zh-CN")
    with scoped(EVERYWHERE):
        user = get_user_model().objects.get(id=str(actor.user_id))
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def _county() -> tuple[FullCounty, Case]:
    """A county in which one case has gone all the way."""
    divisions_load_subset(counties=["621121"])
    defaults_load(at=datetime(2020, 1, 1, tzinfo=UTC))
    branch = Branch.objects.create(region_code="621121000000", name="通渭县红十字会", kind="society")
    tongwei = FullCounty(branch, maker(branch), datetime(2026, 11, 24, 2, tzinfo=UTC))
    with tempfile.TemporaryDirectory() as folder:
        case = tongwei.paid(Path(folder))
    return tongwei, case


def _multiply(model: Case) -> None:
    """Two hundred thousand cases like the first, in every state, with their application, history and papers."""
    edges, total = [], 0
    for state, share in SHARES.items():
        total += share
        edges.append((total * CASES // 1000, state, WAITS_FOR.get(state, "")))
    states = " ".join(f"WHEN g <= {edge} THEN '{state}'" for edge, state, _waits in edges)
    waits = " ".join(f"WHEN g <= {edge} THEN '{waits}'" for edge, _state, waits in edges)
    with connections["owner"].cursor() as cursor:
        cursor.execute(_MADE.format(states=states, waits=waits), {"n": CASES, "surnames": SURNAMES, "given": GIVEN})
        for table, key, mine in (
            ("relief_case", "id", {"id": "m.id", "code": "m.code", "region_code": "m.place", "state": "m.state",
                                   "beneficiary_name": "m.name", "waits_for": "m.waits", "once_key": "NULL",
                                   "since": "m.day", "created_at": "m.day", "due_on": "m.due",
                                   "decided_at": "CASE WHEN m.ended THEN m.day END",
                                   "approved_fen": _if_granted("approved_fen"), "grant_id": "NULL",
                                   "approved_by_id": _if_granted("approved_by_id"),
                                   "prepared_by_id": _if_granted("prepared_by_id"),
                                   "released_by_id": _if_granted("released_by_id")}),
            ("relief_application", "case_id", {"case_id": "m.id", "region_code": "m.place"}),
            ("relief_step", "case_id", {"id": "uuidv7()", "case_id": "m.id", "region_code": "m.place"}),
            ("relief_paper", "case_id", {"id": "uuidv7()", "case_id": "m.id", "region_code": "m.place"}),
        ):  # fmt: skip
            columns = _columns(cursor, table)
            values = ", ".join(mine.get(c, f"t.{c}") for c in columns)
            cursor.execute(
                f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM {table} t, made m WHERE t.{key} = %s",
                [model.id],
            )
        for table in ("relief_case", "relief_application", "relief_step", "relief_paper"):
            cursor.execute(f"VACUUM ANALYZE {table}")


_MADE = """
CREATE TEMP TABLE made AS
SELECT uuidv7('-1 day'::interval + g * interval '1 ms') AS id, upper(lpad(to_hex(g), 8, '0')) AS code,
       v.codes[1 + g %% cardinality(v.codes)] AS place, CASE {states} END AS state, CASE {waits} END AS waits,
       substr(%(surnames)s, 1 + g %% 20, 1) || substr(%(given)s, 1 + g / 20 %% 26, 1)
           || substr(%(given)s, 1 + g / 7 %% 26, 1) AS name,
       timestamptz '2026-11-20' - (g %% 1400) * interval '1 day' AS day,
       date '2026-11-10' + (g %% 90)::int AS due,
       g <= (SELECT %(n)s * 0.9) AS ended
FROM generate_series(1, %(n)s) g,
     (SELECT array_agg(code ORDER BY code) AS codes FROM regions_division WHERE level = 5 AND code LIKE '621121%%') v
"""


def _if_granted(column: str) -> str:
    return f"CASE WHEN m.state IN {GRANTED} THEN t.{column} END"


def _columns(cursor: Any, table: str) -> list[str]:
    cursor.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s ORDER BY ordinal_position", [table]
    )
    return [name for (name,) in cursor.fetchall()]
