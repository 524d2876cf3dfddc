"""What identifies a person, as one fingerprint: by it a decision about two people is found again."""

from __future__ import annotations

from boai.kernel.crypto import blind

MARK = "registry.mark"


def person_mark(
    *, name: str, born: str, sex: str, number: bytes | None, household: str, master: bytes | None = None
) -> bytes:
    """32 bytes: the same for the same facts, whichever row or file they stand in; the village is none of them, since it
    is renamed, merged and corrected. `number` is a blind index, `household` the office's number of the household.
    `master` is an older key, to find what it has marked."""
    facts = "\x1f".join((name, born, sex, number.hex() if number else "", household))
    return blind(facts, MARK, master=master)


def in_order(one: bytes, other: bytes) -> tuple[bytes, bytes]:
    """Two marks, the lower one first."""
    return (one, other) if one <= other else (other, one)
