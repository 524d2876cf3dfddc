"""What the log says: proofs, heads, histories, its health."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _

from boai.audit import tree, types
from boai.audit.models import AuditEntry, Checkpoint, Inspection, Leaf
from boai.kernel.errors import NotFound, UnableTo
from boai.kernel.scope import Scope

PROOF_FORMAT = "boai-proof-v1"
CONSISTENCY_FORMAT = "boai-consistency-v1"
LATE_SECONDS = 60


class Looker(Protocol):
    """What a query needs to know of an actor."""

    @property
    def scope(self) -> Scope: ...


class NotYetInLog(UnableTo):
    """The entry is safe, but no signed head covers it yet."""


def reference(obj: Any) -> str:
    """How the log names an object: "relief.case:0192f0c4-…"."""
    return f"{obj._meta.label_lower}:{obj.pk}"


# --- entries ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Mark:
    """One line of a timeline. `seq` is the leaf's number, None while it waits for the log."""

    entry_id: UUID
    at: datetime
    type: str
    title: str
    who: str
    role: str
    facts: dict[str, Any]
    erased: bool
    seq: int | None


def entry_for(type: str, obj: Any) -> AuditEntry | None:
    """The latest entry of a type on an object, within the connection's scope."""
    return AuditEntry.objects.filter(type=type, obj=reference(obj)).order_by("-at", "-id").first()


def history(obj: Any, *more: Any, actor: Looker) -> list[Mark]:
    """What was done to an object (and to others that belong to its story), oldest first, as the actor may see it."""
    entries = _with_leaf(actor).filter(obj__in=[reference(o) for o in (obj, *more)])
    return [_mark(entry) for entry in entries.order_by("at", "id")]


def entries_page(*, actor: Looker, before: UUID | None = None, size: int = 50) -> list[Mark]:
    """The newest entries within the actor's reach, those before entry `before` (a keyset page)."""
    entries = _with_leaf(actor)
    if before is not None:
        entries = entries.filter(id__lt=before)
    return [_mark(entry) for entry in entries.order_by("-id")[:size]]


def _with_leaf(actor: Looker) -> QuerySet[AuditEntry]:
    return AuditEntry.objects.filter(region_code__range=(actor.scope.lo, actor.scope.hi)).annotate(
        leaf_seq=Subquery(Leaf.objects.filter(entry_id=OuterRef("pk")).values("seq"))
    )


def _mark(entry: Any) -> Mark:
    contents = entry.contents()
    facts = contents.get("facts", {})
    return Mark(
        entry_id=entry.id, at=entry.at, type=entry.type, title=types.sentence(entry.type, facts),
        who=contents.get("actor", {}).get("name", ""), role=entry.actor_role, facts=facts,
        erased=entry.erased_at is not None, seq=entry.leaf_seq,
    )  # fmt: skip


# --- heads and proofs ------------------------------------------------------------------------------


def latest_checkpoint() -> Checkpoint | None:
    """The newest signed head; None before the first."""
    return Checkpoint.objects.order_by("-size").first()


def checkpoint_at(size: int) -> Checkpoint:
    """The signed head at exactly this size. Raises NotFound."""
    found = Checkpoint.objects.filter(size=size).first()
    if found is None:
        raise NotFound(_("The log has not signed a head of this size."))
    return found


def hashes(ranges: Sequence[tree.Range]) -> list[bytes]:
    """The roots of ranges of leaves, from the stored hashes. One query."""
    nodes = tree.nodes_of(ranges)
    leaves = [index for level, index in nodes if level == 0]
    inner = [(level, index) for level, index in nodes if level > 0]
    with connection.cursor() as cursor:
        stored = stored_hashes(cursor, leaves, inner)
    return [tree.fold(lo, hi, stored.__getitem__) for lo, hi in ranges]


def stored_hashes(cursor: Any, leaves: Iterable[int], inner: Sequence[tree.Node]) -> dict[tree.Node, bytes]:
    """Hashes of leaves and inner nodes by (level, index)."""
    cursor.execute(
        """SELECT 0::smallint, seq, hash FROM audit_leaf WHERE seq = ANY(%s::bigint[])
           UNION ALL
           SELECT n.level, n.index, n.hash
           FROM unnest(%s::smallint[], %s::bigint[]) AS w (level, index) JOIN audit_node n USING (level, index)""",
        [list(leaves), [level for level, _i in inner], [index for _l, index in inner]],
    )
    return {(level, index): bytes(hash_) for level, index, hash_ in cursor.fetchall()}


_COVERED = """
SELECT l.seq, l.data, c.size, c.note, c.vkey, e.id IS NOT NULL, e.payload, e.salt
FROM (SELECT size, note, vkey FROM audit_checkpoint ORDER BY size DESC LIMIT 1) c
JOIN audit_leaf l ON l.entry_id = %s AND l.seq < c.size
LEFT JOIN audit_entry e ON e.id = l.entry_id AND %s
"""


def proof_bundle(entry_id: UUID, *, with_payload: bool = False) -> dict[str, Any]:
    """Everything that shows, without us, that an entry is in the log; JSON, checked by tools/boai_verify.py.

    Without payload it holds nothing of a person and needs no scope; with payload and salt it opens the commitment, for
    those who may read the entry. Raises NotFound, and NotYetInLog until a signed head covers the entry.
    """
    with connection.cursor() as cursor:
        cursor.execute(_COVERED, [entry_id, with_payload])
        found = cursor.fetchone()
    if found is None:
        raise NotYetInLog(
            _("The entry is stored. Its proof can be downloaded after the log signs its next head, within ten minutes.")
        )
    seq, leaf, size, note, vkey, visible, payload, salt = found
    bundle = {
        "format": PROOF_FORMAT,
        "leaf": bytes(leaf).decode(),
        "index": seq,
        "proof": [_b64(h) for h in hashes(tree.inclusion_ranges(seq, size))],
        "checkpoint": note,
        "vkey": vkey,
    }
    if with_payload:
        if not visible:
            raise NotFound
        if payload is None:
            raise UnableTo(_("The contents of this entry have been erased; only the proof without them remains."))
        bundle |= {"payload": bytes(payload).decode(), "salt": _b64(bytes(salt))}
    return bundle


def consistency_bundle(old: int, new: int) -> dict[str, Any]:
    """Both signed heads and the proof that the older tree is a prefix of the newer. Raises NotFound, UnableTo."""
    older, newer = checkpoint_at(old), checkpoint_at(new)
    if not 0 < old <= new:
        raise UnableTo(_("Compare an older head with a newer one."))
    return {
        "format": CONSISTENCY_FORMAT,
        "old": older.note,
        "new": newer.note,
        "proof": [_b64(h) for h in hashes(tree.consistency_ranges(old, new))],
        "vkey": newer.vkey,
    }


def tlog_proof(bundle: dict[str, Any]) -> str:
    """A proof bundle in the common C2SP text form (c2sp.org/tlog-proof@v1), for others' verifiers."""
    lines = ["c2sp.org/tlog-proof@v1", f"index {bundle['index']}", *bundle["proof"], "", bundle["checkpoint"]]
    return "\n".join(lines)


def _b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


# --- health ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Health:
    """Is the log keeping up? `late` is the alarm: an entry has waited longer than a minute."""

    origin: str
    size: int
    waiting: int
    oldest_seconds: int
    late: bool
    checkpoint: Checkpoint | None
    inspection: Inspection | None

    @property
    def well(self) -> bool:
        """Nothing waits too long and the last complete check found nothing."""
        return not self.late and (self.inspection is None or self.inspection.ok)


def health() -> Health:
    """The state of the log now. Three small queries; shows nothing of a person."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT (SELECT coalesce(max(seq) + 1, 0) FROM audit_leaf),
                      count(*), coalesce(extract(epoch FROM clock_timestamp() - min(queued_at)), 0)
               FROM audit_outbox"""
        )
        size, waiting, seconds = cursor.fetchone() or (0, 0, 0)
    return Health(
        origin=settings.BOAI_LOG_ORIGIN, size=size, waiting=waiting, oldest_seconds=max(int(seconds), 0),
        late=seconds > LATE_SECONDS, checkpoint=latest_checkpoint(), inspection=latest_inspection(),
    )  # fmt: skip


def latest_inspection() -> Inspection | None:
    """The last complete check; None before the first night."""
    return Inspection.objects.order_by("-at").first()
