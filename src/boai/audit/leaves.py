"""What goes into the log: the salted commitment to a payload, and the leaf that carries it. Pure.

A leaf holds nothing about a person. Names, amounts and reasons stand in the payload, which is only *committed to*:
commit = SHA-256(32-byte salt ‖ canonical payload). Who is shown payload and salt can check them against the leaf; when
both are erased the leaf says nothing any more and the tree still holds. Canonical means RFC 8785.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from enum import Enum
from json.encoder import encode_basestring as quoted
from typing import Any
from uuid import UUID

import rfc8785
from django.utils.functional import Promise

VERSION = 1
SALT_SIZE = 32
_TYPE = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+\Z")


def moment(at: datetime) -> str:
    """RFC 3339 in UTC with microseconds: 2026-11-24T02:00:00.000000Z."""
    if at.utcoffset() is None:
        raise ValueError("a moment without a time zone cannot be logged")
    return f"{at.astimezone(UTC).isoformat(timespec='microseconds')[:-6]}Z"


def check_type(type_: str) -> str:
    """Types are dotted, lower-case, past tense: "relief.case.approved". Raises ValueError."""
    if not _TYPE.match(type_):
        raise ValueError(f"not an audit type: {type_!r}")
    return type_


def plain(value: Any) -> Any:
    """A fact as JSON can hold it; floats are refused, because amounts are integers. Raises TypeError."""
    if isinstance(value, Enum):
        return plain(value.value)
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, (str, Promise, UUID)):
        return str(value)
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, (set, frozenset)):
        return sorted(plain(v) for v in value)
    raise TypeError(f"a {type(value).__name__} cannot be a fact in the log")


def payload_bytes(
    *, facts: Mapping[str, Any], actor_id: UUID | None, actor_name: str, region_code: str
) -> bytes:  # fmt: skip
    """The canonical payload: what happened, who did it, where it belongs. Raises ValueError on integers ≥ 2^53."""
    payload = {"actor": {"id": plain(actor_id), "name": actor_name}, "facts": plain(facts), "region": region_code}
    return rfc8785.dumps(payload)


def commitment(salt: bytes, payload: bytes) -> bytes:
    """SHA-256(salt ‖ payload). The salt has a fixed length, so the two parts cannot be shifted against each other."""
    if len(salt) != SALT_SIZE:
        raise ValueError("a salt has 32 bytes")
    return hashlib.sha256(salt + payload).digest()


def leaf_bytes(*, seq: int, type_: str, obj: str, at: datetime, actor_role: str, commit: bytes) -> bytes:
    """The canonical leaf: {v, seq, type, obj, at, actor_role, commit}.

    Written by hand, names in order: for text and one integer the standard library quotes as RFC 8785 does, and a tenth
    of the time decides how fast the log can grow (the tests compare the two).
    """
    return (
        f'{{"actor_role":{quoted(actor_role)},"at":"{moment(at)}","commit":"{commit.hex()}","obj":{quoted(obj)},'
        f'"seq":{seq:d},"type":{quoted(type_)},"v":{VERSION}}}'
    ).encode()
