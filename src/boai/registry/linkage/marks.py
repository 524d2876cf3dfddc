"""What identifies a person, as one fingerprint: by it a decision about two people is found again."""

from __future__ import annotations

from boai.kernel.crypto import blind

MARK = "registry.mark"


def person_mark(
    *, name: str, born: str, sex: str, number: bytes | None, village: str, household: str, master: bytes | None = None
) -> bytes:
    """32 bytes: the same for the same facts, whichever row or file they stand in. `number` is a blind index. `master`
    is an older key, to find what it has marked."""
    facts = "\x1f".join((name, born, sex, number.hex() if number else "", village, household))
    return blind(facts, MARK, master=master)


def in_order(one: bytes, other: bytes) -> tuple[bytes, bytes]:
    """Two marks, the lower one first."""
    return (one, other) if one <= other else (other, one)
