"""Placeholder until the log is in place."""

from __future__ import annotations

from datetime import datetime
from typing import Any


def record(type: str, obj: Any, *, actor: Any, at: datetime, **payload: Any) -> None:
    """To be replaced."""
