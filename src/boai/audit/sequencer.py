"""The one writer of the log: takes waiting entries, gives them numbers, appends leaves and nodes, signs heads.

Works as the database role boai_log, which may add to the log but not change it, and may not read payloads. Any number
of sequencers may run at once: each batch is one transaction under one advisory lock. Nothing is remembered between
batches, so a crash at any point costs nothing but the batch, which is rolled back and taken again.

Entries are taken from the outbox as they become visible, never by "greater than the last id": a transaction that
commits late is taken late, not skipped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connections, transaction

from boai.audit import tree, types
from boai.audit.leaves import leaf_bytes
from boai.audit.notes import Head, Signer
from boai.audit.queries import stored_hashes

DATABASE = "log"
LOCK = 0x626F6169  # "boai"
BATCH = 5000
CHECKPOINT_EVERY = timedelta(minutes=10)


class LogDamaged(Exception):
    """What is stored contradicts what was signed. The log stops growing and signs nothing until a person looks."""


@dataclass(frozen=True)
class Batch:
    """What one batch did; `at_once` says that a head shall be signed without waiting."""

    count: int = 0
    at_once: bool = False


def signer() -> Signer:
    """Our signing key. Raises LogDamaged when key or origin are not set up: better no head than a worthless one."""
    if len(settings.BOAI_LOG_SEED) != 32:
        raise LogDamaged("BOAI_LOG_SEED must be 32 bytes in base64")
    if not settings.BOAI_LOG_ORIGIN.endswith("/sha256"):
        raise LogDamaged("BOAI_LOG_ORIGIN must end in its hash algorithm, /sha256")
    return Signer(settings.BOAI_LOG_ORIGIN, settings.BOAI_LOG_SEED)


def batch_append(*, limit: int = BATCH) -> Batch:
    """Move up to `limit` waiting entries into the log. Raises LogDamaged."""
    with transaction.atomic(using=DATABASE), connections[DATABASE].cursor() as cursor:
        size, _signed = _locked_state(cursor)
        waiting = _take(cursor, limit)
        if not waiting:
            return Batch()
        entries = _entries(cursor, waiting)
        _append(cursor, size, entries)
    return Batch(len(entries), any(types.wants_checkpoint(row[1]) for row in entries))


def checkpoint_issue(*, at: datetime, at_once: bool = False) -> Head | None:
    """Sign a head if the log has grown and ten minutes are over (or `at_once`); None when there was nothing to sign.

    Never signs a head that is inconsistent with the last one. A last head from the future means that a clock jumped:
    then one is signed now. Raises LogDamaged.
    """
    key = signer()
    with transaction.atomic(using=DATABASE), connections[DATABASE].cursor() as cursor:
        size, signed = _locked_state(cursor)
        if size == 0 or (signed and signed.size == size):
            return None
        if signed and not at_once and timedelta(0) <= at - signed.issued_at < CHECKPOINT_EVERY:
            return None
        head = Head(settings.BOAI_LOG_ORIGIN, size, _grown_root(cursor, signed, size))
        cursor.execute(
            "INSERT INTO audit_checkpoint (size, root, note, vkey, issued_at) VALUES (%s, %s, %s, %s, %s)",
            [head.size, head.root, key.sign(head.text()), str(key.key), at],
        )
    return head


@dataclass(frozen=True)
class _Signed:
    size: int
    root: bytes
    issued_at: datetime


def _locked_state(cursor: Any) -> tuple[int, _Signed | None]:
    """Take the lock; then the number of leaves and the last head. Raises LogDamaged when leaves are missing."""
    cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    cursor.execute(
        """SELECT (SELECT coalesce(max(seq) + 1, 0) FROM audit_leaf), c.size, c.root, c.issued_at
           FROM (VALUES (1)) AS one LEFT JOIN (SELECT * FROM audit_checkpoint ORDER BY size DESC LIMIT 1) c ON true"""
    )
    size, *last = cursor.fetchone()
    signed = _Signed(last[0], bytes(last[1]), last[2]) if last[0] is not None else None
    if signed and size < signed.size:
        raise LogDamaged(f"the log has {size} leaves, but a head of {signed.size} was signed")
    return size, signed


def _take(cursor: Any, limit: int) -> list[UUID]:
    cursor.execute(
        """WITH taken AS (
               DELETE FROM audit_outbox WHERE id IN (SELECT id FROM audit_outbox ORDER BY id LIMIT %s)
               RETURNING id, entry_id)
           SELECT entry_id FROM taken ORDER BY id""",
        [limit],
    )
    return [entry_id for (entry_id,) in cursor.fetchall()]


def _entries(cursor: Any, waiting: list[UUID]) -> list[tuple[Any, ...]]:
    """(id, type, obj, at, actor_role, commit) in the order of the outbox."""
    cursor.execute(
        """SELECT id, type, obj, at, actor_role, commit FROM audit_entry WHERE id = ANY(%s)""",
        [waiting],
    )
    found = {row[0]: row for row in cursor.fetchall()}
    if len(found) != len(waiting):
        raise LogDamaged("an entry is queued that does not exist, or is queued twice")
    return [found[entry_id] for entry_id in waiting]


def _append(cursor: Any, size: int, entries: Sequence[tuple[Any, ...]]) -> None:
    frontier = tree.Frontier(size, _peaks(cursor, size))
    nodes: list[tuple[int, int, bytes]] = []
    with cursor.copy("COPY audit_leaf (seq, entry_id, data, hash) FROM STDIN WITH (FORMAT binary)") as copy:
        copy.set_types(["int8", "uuid", "bytea", "bytea"])
        for seq, (entry_id, type_, obj, at, role, commit) in enumerate(entries, size):
            data = leaf_bytes(seq=seq, type_=type_, obj=obj, at=at, actor_role=role, commit=bytes(commit))
            digest = tree.leaf_hash(data)
            copy.write_row((seq, entry_id, data, digest))
            nodes.extend(frontier.append(digest))
    with cursor.copy('COPY audit_node (level, "index", hash) FROM STDIN WITH (FORMAT binary)') as copy:
        copy.set_types(["int2", "int8", "bytea"])
        for node in nodes:
            copy.write_row(node)


def _peaks(cursor: Any, size: int) -> list[bytes]:
    wanted = tree.cover(0, size)
    stored = _stored(cursor, wanted)
    return [stored[node] for node in wanted]


def _grown_root(cursor: Any, signed: _Signed | None, size: int) -> bytes:
    """The root at `size`, after proving to ourselves that the last head is a prefix of it."""
    if signed is None:
        return tree.Frontier(size, _peaks(cursor, size)).root()
    ranges = tree.consistency_ranges(signed.size, size)
    stored = _stored(cursor, [*tree.cover(0, size), *tree.nodes_of(ranges)])
    root = tree.fold(0, size, stored.__getitem__)
    proof = [tree.fold(lo, hi, stored.__getitem__) for lo, hi in ranges]
    try:
        tree.verify_consistency(old_size=signed.size, old_root=signed.root, size=size, root=root, proof=proof)
    except tree.ProofError as error:
        raise LogDamaged(f"the signed head of {signed.size} is no prefix of what is stored: {error}") from error
    return root


def _stored(cursor: Any, wanted: Sequence[tree.Node]) -> dict[tree.Node, bytes]:
    nodes = set(wanted)
    found = stored_hashes(
        cursor, [index for level, index in nodes if level == 0], sorted(node for node in nodes if node[0] > 0)
    )
    if len(found) != len(nodes):
        raise LogDamaged(f"{len(nodes) - len(found)} stored hashes are missing")
    return found
