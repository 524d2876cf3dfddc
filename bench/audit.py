"""The log: what it costs a service, how fast it is carried on, how long a proof takes at a million entries.

Services run on a cluster with real fsync, as in an office: a service without a record() against the same service with
it, eight processes, while the sequencer works beside them. The million is built through the sequencer itself.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.db import connection, connections, transaction

from boai.audit.inspection import log_inspect
from boai.audit.models import Leaf
from boai.audit.queries import consistency_bundle, health, proof_bundle
from boai.audit.sequencer import batch_append, checkpoint_issue
from boai.audit.services import record
from boai.kernel.ids import new_id
from boai.kernel.scope import EVERYWHERE, set_scope
from boai.launcher.cluster import Cluster
from boai.launcher.django_host import migrate
from boai.launcher.environment import embedded_urls, open_roles

URLS = ("BOAI_OWNER_DATABASE_URL", "BOAI_DATABASE_URL", "BOAI_LOG_DATABASE_URL")
CLIENTS = 8
SECONDS = 8.0
MILLION = 1_000_000
CHUNK = 50_000
PROOFS = 400
# Entries as record() writes them, made by PostgreSQL to save time: only what follows is measured.
ENTRIES = """
INSERT INTO audit_entry (id, type, obj, region_code, actor_role, at, salt, payload, commit)
SELECT uuidv7(), 'bench.thing.done', 'bench.thing:' || gen_random_uuid(), '621121000000', 'officer',
       '2026-11-24 02:00:00+00', s.salt, p.payload, sha256(s.salt || p.payload)
FROM generate_series(1, %s) AS n,
     LATERAL (SELECT sha256(gen_random_uuid()::text::bytea) AS salt) AS s,
     LATERAL (SELECT convert_to(
         '{"actor":{"id":null,"name":"测量"},"facts":{"n":' || n || '},"region":"621121000000"}', 'UTF8'
     ) AS payload) AS p
"""
AT = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Teller:
    """Who acts."""

    user_id: UUID | None = None
    role: str = "officer"
    name: str = "测量"


@dataclass(frozen=True)
class Thing:
    """What is acted upon."""

    pk: UUID = field(default_factory=new_id)
    region_code: str = "621121000000"
    _meta: Any = field(default_factory=lambda: SimpleNamespace(label_lower="bench.thing"))


ACTOR = Teller()


def run() -> dict[str, Any]:
    """Figures of all three parts."""
    figures = _services() | _million()
    return {
        "figures": figures,
        "bars": {
            "services_per_s": [">=", 500],
            "sequencer_per_s": [">=", 10_000],
            "proof_ms_p95": ["<=", 10],
            "waiting_after": ["==", 0],
        },
    }


# --- services ---------------------------------------------------------------------------------------------------------


def _services() -> dict[str, Any]:
    with _durable_cluster() as environment:
        log = subprocess.Popen([sys.executable, "-m", "django", "audit_sequence"], env=environment)
        try:
            pairs = [(_rate(with_record=False), _rate(with_record=True)) for _ in range(2)]
            deadline = time.monotonic() + 30
            while health().waiting and time.monotonic() < deadline:
                time.sleep(0.1)
            waiting, logged = health().waiting, health().size
        finally:
            log.terminate()
            log.wait(10)
    without, with_record = (statistics.mean(side) for side in zip(*pairs, strict=True))
    return {
        "services_per_s": round(with_record),
        "services_without_log_per_s": round(without),
        "ratio": round(with_record / without, 3),
        "logged_meanwhile": logged,
        "waiting_after": waiting,
    }


@contextmanager
def _durable_cluster() -> Iterator[dict[str, str]]:
    """A second cluster, with fsync; every connection leads there until the block ends."""
    before = {alias: connections.settings[alias]["HOST"] for alias in connections.settings}
    secret = os.environ["BOAI_SECRET_KEY"]
    with tempfile.TemporaryDirectory(prefix="boai-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        cluster = Cluster(Path(folder) / "data", "bench")
        process = cluster.start()
        try:
            embedded_urls(cluster, secret)
            _lead_to(dict.fromkeys(before, str(cluster.sockets)))
            migrate()
            urls = {n: os.environ[n].replace(_quoted(before["owner"]), _quoted(str(cluster.sockets))) for n in URLS}
            open_roles(urls)
            with connections["owner"].cursor() as cursor:
                cursor.execute("CREATE TABLE bench_thing (id uuid PRIMARY KEY, note text NOT NULL)")
            yield os.environ | urls
        finally:
            _lead_to(before)
            cluster.stop(process)
            shutil.rmtree(cluster.sockets, ignore_errors=True)


def _quoted(folder: str) -> str:
    return quote(folder, safe="")


def _lead_to(hosts: dict[str, str]) -> None:
    connections.close_all()
    for alias, host in hosts.items():
        connections.settings[alias]["HOST"] = host
        connections[alias].settings_dict["HOST"] = host


def _rate(*, with_record: bool) -> float:
    """Services per second of all clients together."""
    connections.close_all()
    context = multiprocessing.get_context("fork")
    counts = context.Queue()
    clients = [context.Process(target=_client, args=(with_record, counts)) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    results: list[float] = [counts.get(timeout=SECONDS * 5) for _ in clients]
    for client in clients:
        client.join()
    return sum(results)


def _client(with_record: bool, counts: Any) -> None:
    set_scope(EVERYWHERE)
    _service(with_record)
    count, start = 0, time.perf_counter()
    while time.perf_counter() - start < SECONDS:
        _service(with_record)
        count += 1
    counts.put(count / (time.perf_counter() - start))
    connections.close_all()


@transaction.atomic
def _service(with_record: bool) -> None:
    thing = Thing()
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO bench_thing (id, note) VALUES (%s, 'done')", [thing.pk])
    if with_record:
        record("bench.thing.done", thing, actor=ACTOR, at=AT, amount_fen=120_000, note="按程序办理")


# --- a million --------------------------------------------------------------------------------------------------------


def _million() -> dict[str, Any]:
    set_scope(EVERYWHERE)
    sequencing = 0.0
    for _ in range(0, MILLION, CHUNK):
        with connection.cursor() as cursor:
            cursor.execute(ENTRIES, [CHUNK])
        start = time.perf_counter()
        while batch_append().count:
            pass
        checkpoint_issue(at=AT, at_once=True)
        sequencing += time.perf_counter() - start
    start = time.perf_counter()
    inspection = log_inspect(at=AT)
    inspecting = time.perf_counter() - start
    assert inspection.ok, inspection.findings
    dice = random.Random(1)
    seqs = [dice.randrange(MILLION) for _ in range(PROOFS)]
    entries = dict(Leaf.objects.filter(seq__in=seqs).values_list("seq", "entry_id"))
    proofs = [_milliseconds(lambda s=seq: proof_bundle(entries[s], with_payload=True)) for seq in seqs]
    olds = [dice.randrange(CHUNK, MILLION, CHUNK) for _ in range(50)]
    consistency = [_milliseconds(lambda o=old: consistency_bundle(o, MILLION)) for old in olds]
    return {
        "entries": inspection.size,
        "sequencer_per_s": round(MILLION / sequencing),
        "proof_ms_median": round(statistics.median(proofs), 2),
        "proof_ms_p95": round(statistics.quantiles(proofs, n=20)[-1], 2),
        "consistency_ms_median": round(statistics.median(consistency), 2),
        "inspection_s": round(inspecting, 1),
    }


def _milliseconds(work: Any) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000
