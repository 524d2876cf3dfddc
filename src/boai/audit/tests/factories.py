"""A cast for the log: somebody who acts, something that is acted upon."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import psycopg
from django.db import connection, transaction

from boai.audit.inspection import log_inspect
from boai.audit.models import AuditEntry, Checkpoint, Leaf
from boai.audit.sequencer import batch_append, checkpoint_issue
from boai.audit.services import record
from boai.audit.tests.naive import mth
from boai.kernel.ids import new_id
from boai.kernel.scope import EVERYWHERE, Scope

AT = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
TONGWEI = "621121000000"
CHANGSHA = "430121000000"
SOMEBODY = UUID(int=7)


@dataclass(frozen=True)
class Teller:
    """An actor."""

    user_id: UUID | None = SOMEBODY
    role: str = "officer"
    name: str = "张三"
    scope: Scope = EVERYWHERE


@dataclass(frozen=True)
class Thing:
    """An object of entries."""

    pk: UUID = field(default_factory=new_id)
    region_code: str = TONGWEI
    _meta: Any = field(default_factory=lambda: SimpleNamespace(label_lower="tests.thing"))


ALICE = Teller()
STRANGER = Teller(UUID(int=8), "officer", "李四", Scope("430121000000", "430121999999", "8"))


def told(thing: Thing | None = None, **facts: Any) -> AuditEntry:
    """An entry, committed in a transaction of its own."""
    with transaction.atomic():
        return record("tests.thing.done", thing or Thing(), actor=ALICE, at=AT, **facts)


def told_many(count: int) -> list[AuditEntry]:
    """Entries in one transaction."""
    with transaction.atomic():
        return [record("tests.thing.done", Thing(), actor=ALICE, at=AT, n=n) for n in range(count)]


def logged(count: int = 0, *, at: datetime = AT) -> None:
    """Tell `count` things, carry all that waits into the log and sign a head."""
    told_many(count)
    while batch_append().count:
        pass
    checkpoint_issue(at=at, at_once=True)


def environment_for(database: str) -> dict[str, str]:
    """The environment of a process of its own that works on a test's database."""
    moved = {k: v.replace("/boai?", f"/{database}?") for k, v in os.environ.items() if k.endswith("DATABASE_URL")}
    return os.environ | moved | {"DJANGO_SETTINGS_MODULE": "boai.settings", "PYTHONPATH": os.pathsep.join(sys.path)}


@contextmanager
def superuser(database: str) -> Iterator[psycopg.Connection]:
    """Somebody with all power over the database, and with its triggers switched off."""
    password = os.environ["BOAI_CLUSTER"].split("|")[1]
    host = connection.settings_dict["HOST"]
    with psycopg.connect(host=host, dbname=database, user="postgres", password=password, autocommit=True) as admin:
        admin.execute("SET session_replication_role = replica")
        yield admin


def findings() -> set[str]:
    """The kinds of what a complete check finds."""
    return {finding["kind"] for finding in log_inspect(at=AT).findings}


def assert_sound() -> None:
    """Leaves are numbered without gap, each entry once, and the last head is the naive root over them."""
    leaves = list(Leaf.objects.order_by("seq"))
    assert [leaf.seq for leaf in leaves] == list(range(len(leaves)))
    assert len({leaf.entry_id for leaf in leaves}) == len(leaves)
    head = Checkpoint.objects.order_by("-size").first()
    assert head is not None
    assert bytes(head.root) == mth([bytes(leaf.data) for leaf in leaves[: head.size]])
    assert findings() == set()
