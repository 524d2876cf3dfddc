"""Identifiers: time-ordered keys for rows, random codes for people."""

from __future__ import annotations

import secrets
import uuid

import uuid_utils

# No 0/O, 1/I/L, U/V confusion, no vowels that spell words: what an old man reads out over the telephone.
CODE_ALPHABET = "23456789CDFGHJKMNPQRTWXY"
CODE_LENGTH = 8


def new_id() -> uuid.UUID:
    """A UUIDv7 (RFC 9562): grows with time, so B-trees stay compact; tells its millisecond, so never a secret."""
    return uuid.UUID(int=uuid_utils.uuid7().int)


def new_code(length: int = CODE_LENGTH) -> str:
    """A random public code of `length` characters (24^8 ≈ 1.1e11): not sequential, easy to read aloud."""
    return "".join(secrets.choice(CODE_ALPHABET) for _ in range(length))
