"""A list of 130,000 people out of a register: seconds, and how much memory the writing takes (MB above the start)."""

from __future__ import annotations

import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.db import connection, transaction

from boai.files.services import file_open
from boai.kernel.clock import now
from boai.kernel.scope import EVERYWHERE, set_scope
from boai.people.actor import Actor
from boai.people.models import Branch, Post, User
from boai.regions.services import divisions_load_subset
from boai.registry import services
from boai.registry.models import Household
from boai.rulebook.services import defaults_load

PEOPLE = 130_000
COUNTY = "621121000000"
AT = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)

_HOMES = """
INSERT INTO registry_household (id, region_code, code, office_number, address, note, created_at, changed_at, version)
SELECT uuidv7(), v.code, lpad(g::text, 10, 'X'), '', '', '', %(at)s, %(at)s, 1
FROM generate_series(0, %(homes)s - 1) g
JOIN (SELECT code, row_number() OVER (ORDER BY code) - 1 AS n, count(*) OVER () AS of FROM regions_division
      WHERE level = 5 AND code BETWEEN '621121000000' AND '621121999999') v ON v.n = g %% v.of"""
_PEOPLE = """
INSERT INTO registry_resident (id, household_id, region_code, name, pinyin, initials, relation, sex, born_precision,
    number_kind, number, number_tail, phone, phone_tail, account, account_tail, bank, note, end_reason, created_at,
    changed_at, version)
SELECT uuidv7(), h.id, h.region_code, '张小' || chr(19968 + k), '', '', CASE k WHEN 0 THEN 'head' ELSE 'son' END, 'm',
       '', '', '', '', '', '1234', '', '', '', '', '', %(at)s, %(at)s, 1
FROM registry_household h, generate_series(0, 3) k LIMIT %(people)s"""
_KINDS = """
INSERT INTO registry_categoryentry (id, resident_id, region_code, kind, fact, detail, valid_from, source, evidence,
    created_at)
SELECT uuidv7(), id, region_code, 'low_income', '', '', '2026-01-01', '民政', '', %(at)s FROM registry_resident"""


def run() -> dict[str, Any]:
    """One list over a whole county, with a category each."""
    set_scope(EVERYWHERE)
    actor = _officer()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_HOMES, {"at": AT, "homes": PEOPLE // 4})
        cursor.execute(_PEOPLE, {"at": AT, "people": PEOPLE})
        cursor.execute(_KINDS, {"at": AT})
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE registry_household, registry_resident, registry_categoryentry")
    assert Household.objects.count() == PEOPLE // 4
    from django.conf import settings

    with tempfile.TemporaryDirectory(prefix="boai-bench-") as folder:
        settings.BOAI_FILES_DIR = Path(folder)
        export = services.export_ask(region_code=COUNTY, category="", purpose="基准测试", actor=actor, at=AT)
        second = _officer()
        services.export_decide(export_id=export.id, action="allow", actor=second, at=AT)
        with _Memory() as memory:
            start = time.perf_counter()
            done = services.export_write(export_id=export.id, at=AT)
            seconds = time.perf_counter() - start
        assert done.file_id is not None
        size = len(file_open(file_id=done.file_id).read())
    figures = {
        "people": export.people,
        "export_s": round(seconds, 1),
        "memory_mb": round(memory.most, 1),
        "resident_mb": round(memory.first + memory.most, 1),
        "file_mb": round(size / 1e6, 1),
    }
    bars = {"people": [">=", PEOPLE], "export_s": ["<=", 20], "memory_mb": ["<=", 120]}
    return {"figures": figures, "bars": bars}


def _officer() -> Actor:
    divisions_load_subset(counties=["621121"])
    defaults_load(at=datetime(2020, 1, 1, tzinfo=UTC))
    branch, _new = Branch.objects.get_or_create(region_code=COUNTY, name="通渭县红十字会", kind="society")
    user = User.objects.create(username=f"u{uuid4().hex[:8]}", name="某干事", date_joined=now(), password="!")
    post = Post.objects.create(user=user, branch=branch, role="officer", starts_on=AT.date().replace(month=1))
    return Actor.in_post(
        user_id=user.id, name=user.name, role="officer", post_id=post.id, branch_id=branch.id, branch_name=branch.name,
        region_code=COUNTY,
    )  # fmt: skip


class _Memory:
    """The most resident memory above the start, in MB, looked at twenty times a second."""

    def __enter__(self) -> _Memory:
        self.most, self.first, self._stop = 0.0, _resident(), threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(0.05):
            self.most = max(self.most, _resident() - self.first)


def _resident() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6
