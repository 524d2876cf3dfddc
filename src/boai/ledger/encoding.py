"""The bytes of a document, for its fingerprint. Pure.

Every field stands behind its length (four bytes, big-endian; ff ff ff ff for "none"), so that no two documents share
their bytes: nothing can be shifted from one field into the next.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from boai.ledger.enums import CNY, Phase

VERSION = "boai-ledger-1"
_NONE = b"\xff\xff\xff\xff"


@dataclass(frozen=True)
class Line:
    """`amount` of a unit from one account to another: `debit` takes the left side, `credit` the right.

    `pending` is the transfer that a POST or VOID answers. Amounts are positive integers of the unit's smallest part.
    """

    debit: UUID
    credit: UUID
    amount: int
    unit: UUID = CNY
    phase: Phase = Phase.POSTED
    pending: int | None = None


def document_hash(*, key: UUID, kind: str, occurred_on: date, reverses: UUID | None, lines: Sequence[Line]) -> bytes:
    """SHA-256 over everything that a document says; not over who posted it and when."""
    head: list[str | int | UUID | None] = [VERSION, key, kind, occurred_on.isoformat(), reverses, len(lines)]
    rows = [
        field
        for number, line in enumerate(lines, 1)
        for field in (number, line.unit, line.debit, line.credit, line.amount, int(line.phase), line.pending)
    ]
    return hashlib.sha256(_encode([*head, *rows])).digest()


def _encode(fields: Iterable[str | int | UUID | None]) -> bytes:
    parts = []
    for field in fields:
        if field is None:
            parts.append(_NONE)
        else:
            raw = str(field).encode()
            parts += [len(raw).to_bytes(4, "big"), raw]
    return b"".join(parts)
