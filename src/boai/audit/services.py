"""Recording what was done, in the transaction that does it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from django.db import connection, transaction
from django.db.transaction import TransactionManagementError
from django.utils.translation import gettext as _

from boai.audit import types
from boai.audit.leaves import SALT_SIZE, check_type, commitment, payload_bytes
from boai.audit.models import AuditEntry
from boai.audit.queries import reference
from boai.kernel.errors import NotFound, UnableTo

CHANNEL = "boai_log"
ERASED = "audit.entry.erased"
_MANY = 1000


class Who(Protocol):
    """What the log needs to know of an actor (`people.actor.Actor` has it all)."""

    @property
    def user_id(self) -> UUID | None: ...
    @property
    def role(self) -> str: ...
    @property
    def name(self) -> str: ...


class Marked(Protocol):
    """Anything that can be the object of an entry: it has a key and belongs to a division."""

    @property
    def pk(self) -> Any: ...
    @property
    def region_code(self) -> str: ...


def record(type: str, obj: Marked, /, *, actor: Who, at: datetime, **payload: Any) -> AuditEntry:
    """Leave a mark: `actor` did `type` to `obj`. `payload` are facts (they may be personal, they are never published).

    One INSERT; a trigger queues the entry for the log in the same transaction, so there is no change without its mark
    and no mark without its change. Raises TransactionManagementError outside a transaction, ValueError for a type that
    is not dotted lower case, TypeError for a fact that JSON cannot hold exactly.
    """
    entry = _entry(type, reference(obj), obj.region_code, actor=actor, at=at, facts=payload)
    _write([entry], type)
    return entry


def record_many(
    type: str, marks: Iterable[tuple[Marked, Mapping[str, Any]]], /, *, actor: Who, at: datetime
) -> int:  # fmt: skip
    """The same for many objects, each with its own facts, a thousand per statement. The number of entries."""
    entries = [_entry(type, reference(obj), obj.region_code, actor=actor, at=at, facts=facts) for obj, facts in marks]
    _write(entries, type)
    return len(entries)


@transaction.atomic
def entry_erase(*, entry_id: UUID, actor: Who, at: datetime, reason: str) -> AuditEntry:
    """Erase what an entry says (payload and salt) where the law demands it; the leaf and every proof still hold.

    Leaves a mark of its own. The caller has asked whether the actor may. Raises NotFound outside the scope, UnableTo
    when nothing is left to erase.
    """
    entry = AuditEntry.objects.filter(id=entry_id).first()
    if entry is None:
        raise NotFound
    with connection.cursor() as cursor:
        cursor.execute("SELECT audit_erase(%s, %s)", [entry_id, at])
        (erased,) = cursor.fetchone() or (False,)
    if not erased:
        raise UnableTo(_("The contents of this entry have already been erased."))
    facts = {"entry": entry_id, "erased_type": entry.type, "reason": reason}
    _write([_entry(ERASED, entry.obj, entry.region_code, actor=actor, at=at, facts=facts)], ERASED)
    entry.refresh_from_db()
    return entry


def _entry(
    type_: str, obj: str, region_code: str, *, actor: Who, at: datetime, facts: Mapping[str, Any]
) -> AuditEntry:  # fmt: skip
    if len(region_code) != 12 or not region_code.isdigit():
        raise ValueError(f"not a division code: {region_code!r}")
    payload = payload_bytes(facts=facts, actor_id=actor.user_id, actor_name=actor.name, region_code=region_code)
    salt = os.urandom(SALT_SIZE)
    return AuditEntry(
        type=check_type(type_), obj=obj, region_code=region_code, actor_id=actor.user_id, actor_role=actor.role, at=at,
        salt=salt, payload=payload, commit=commitment(salt, payload),
    )  # fmt: skip


def _insert(entry: AuditEntry) -> None:
    """One entry, by hand: every service pays for this, and the model's own save() costs three times as much."""
    values: list[Any] = [
        entry.id, entry.type, entry.obj, entry.region_code, entry.actor_id, entry.actor_role, entry.at, entry.salt,
        entry.payload, entry.commit,
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO audit_entry
               (id, type, obj, region_code, actor_id, actor_role, at, salt, payload, commit)
               VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
            values,
        )
    entry._state.adding = False


def _write(entries: list[AuditEntry], type_: str) -> None:
    if not connection.in_atomic_block:
        raise TransactionManagementError("record() belongs into the transaction of the change that it records")
    if len(entries) == 1:
        _insert(entries[0])
    else:
        AuditEntry.objects.bulk_create(entries, batch_size=_MANY)
    if types.wants_checkpoint(type_):
        # NOTIFY takes a lock that all committing sessions share, so ordinary entries do without: the sequencer looks
        # twice a second anyway.
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])
