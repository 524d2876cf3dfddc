"""The complete check of the log: recompute everything from the leaves and compare it with all that is stored.

What it finds is written down for everybody to see. It runs every night; a million entries take well under a minute.
It cannot find that the whole database was replaced by an older or a rewritten copy: only somebody who kept an earlier
signed head (a notice on a wall, the county office) can, with tools/boai_verify.py.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from boai.audit import tree
from boai.audit.leaves import leaf_bytes
from boai.audit.models import Checkpoint, Inspection
from boai.audit.notes import Key, NoteError, open_checkpoint

CHUNK = 1 << 13
SHOWN = 20


@dataclass
class _Findings:
    """Counts of what is wrong by kind, with the first few examples of each."""

    kinds: dict[str, dict[str, Any]] = field(default_factory=dict)

    def add(self, kind: str, where: Any, count: int = 1) -> None:
        found = self.kinds.setdefault(kind, {"kind": kind, "count": 0, "where": []})
        found["count"] += count
        if len(found["where"]) < SHOWN:
            found["where"].append(where)


@transaction.atomic
def log_inspect(*, at: datetime) -> Inspection:
    """Check leaves, nodes, signed heads and payloads, and store the result. Needs a scope that sees everything."""
    start, findings = time.monotonic(), _Findings()
    # The heads first: the log goes on growing meanwhile, and a head signed after the counting is no sign of loss.
    heads = list(Checkpoint.objects.order_by("size"))
    size = _size()
    frontier = _rebuild(size, heads, findings)
    for head in heads:
        if head.size > size:
            findings.add("leaves_missing", head.size)
    _strangers(frontier.size, findings)
    _payloads(findings)
    return Inspection.objects.create(
        at=at, size=frontier.size, root=frontier.root(), seconds=round(time.monotonic() - start),
        ok=not findings.kinds, findings=list(findings.kinds.values()),
    )  # fmt: skip


def _size() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(seq) + 1, 0) FROM audit_leaf")
        return int((cursor.fetchone() or (0,))[0])


def _rebuild(size: int, heads: list[Checkpoint], findings: _Findings) -> tree.Frontier:
    """Grow the tree again from the leaves, comparing leaf by leaf and node by node; check every head on the way."""
    frontier, waiting = tree.Frontier(), list(reversed(heads))
    for lo in range(0, size, CHUNK):
        hi = min(lo + CHUNK, size)
        stored = _stored_nodes(lo, hi)
        for seq, data, digest, entry in _leaves(lo, hi):
            if seq != frontier.size:
                findings.add("leaves_missing", frontier.size, seq - frontier.size)
                return frontier  # nothing above a gap can be compared
            if tree.leaf_hash(data) != digest:
                findings.add("leaf_hash_wrong", seq)
            if entry is None or leaf_bytes(seq=seq, **entry) != data:
                findings.add("leaf_differs_from_entry", seq)
            for level, index, computed in frontier.append(tree.leaf_hash(data)):
                if stored.pop((level, index), None) != computed:
                    findings.add("node_wrong", [level, index])
            while waiting and waiting[-1].size == frontier.size:
                _check_head(waiting.pop(), frontier.root(), findings)
    if frontier.size < size:
        findings.add("leaves_missing", frontier.size, size - frontier.size)
    return frontier


def _leaves(lo: int, hi: int) -> Iterator[tuple[int, bytes, bytes, dict[str, Any] | None]]:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT l.seq, l.data, l.hash, e.id IS NOT NULL, e.type, e.obj, e.at, e.actor_role, e.commit
               FROM audit_leaf l LEFT JOIN audit_entry e ON e.id = l.entry_id
               WHERE l.seq >= %s AND l.seq < %s ORDER BY l.seq""",
            [lo, hi],
        )
        rows = cursor.fetchall()
    for seq, data, digest, exists, type_, obj, at, role, commit in rows:
        entry = {"type_": type_, "obj": obj, "at": at, "actor_role": role, "commit": bytes(commit)} if exists else None
        yield seq, bytes(data), bytes(digest), entry


def _stored_nodes(lo: int, hi: int) -> dict[tree.Node, bytes]:
    """The stored nodes whose last leaf lies in lo…hi-1."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT n.level, n.index, n.hash
               FROM generate_series(1, 62) AS g (level), audit_node n
               WHERE n.level = g.level AND n.index >= (%s >> g.level) AND n.index < (%s >> g.level)""",
            [lo, hi],
        )
        return {(level, index): bytes(digest) for level, index, digest in cursor.fetchall()}


def _check_head(head: Checkpoint, root: bytes, findings: _Findings) -> None:
    try:
        signed = open_checkpoint(head.note, Key.parse(head.vkey))
    except NoteError:
        findings.add("signature_wrong", head.size)
        return
    if (signed.size, signed.root) != (head.size, bytes(head.root)) or signed.root != root:
        findings.add("root_wrong", head.size)


def _strangers(size: int, findings: _Findings) -> None:
    """Nodes beyond the last leaf, and entries that are neither in the log nor on their way."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT level, "index" FROM audit_node
               WHERE ("index" + 1) << level > greatest(%s, (SELECT coalesce(max(seq) + 1, 0) FROM audit_leaf))""",
            [size],
        )
        for level, index in cursor.fetchall():
            findings.add("node_without_leaves", [level, index])
        cursor.execute(
            """SELECT e.id FROM audit_entry e
               WHERE NOT EXISTS (SELECT FROM audit_leaf l WHERE l.entry_id = e.id)
                 AND NOT EXISTS (SELECT FROM audit_outbox o WHERE o.entry_id = e.id)"""
        )
        for (entry_id,) in cursor.fetchall():
            findings.add("entry_not_in_log", str(entry_id))


def _payloads(findings: _Findings) -> None:
    """Payload and salt must give the commitment; the columns must say what the payload says. Inside PostgreSQL."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT e.id,
                      e.commit IS DISTINCT FROM sha256(e.salt || e.payload)
               FROM audit_entry e
               WHERE e.payload IS NOT NULL AND (
                   e.commit IS DISTINCT FROM sha256(e.salt || e.payload)
                   OR e.region_code IS DISTINCT FROM convert_from(e.payload, 'UTF8')::json ->> 'region'
                   OR e.actor_id::text IS DISTINCT FROM convert_from(e.payload, 'UTF8')::json #>> '{actor,id}')"""
        )
        for entry_id, broken in cursor.fetchall():
            findings.add("payload_differs_from_commitment" if broken else "columns_differ_from_payload", str(entry_id))
