"""One way to turn facts into a hash that goes to the log."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any


def hash_of(data: Any) -> str:
    """SHA-256 (hex) of JSON with sorted keys and no spaces."""
    return hashlib.sha256(
        json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    ).hexdigest()


def hash_of_lines(lines: Iterable[str]) -> str:
    """SHA-256 (hex) of the sorted lines, each ended by a line feed: anybody can do it with `sort | sha256sum`."""
    return hashlib.sha256("".join(f"{line}\n" for line in sorted(lines)).encode()).hexdigest()
