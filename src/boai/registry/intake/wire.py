"""Cells as JSON: what the reading process says about dates, and how they come back."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any


def plain_cell(value: object) -> object:
    """What JSON has no word for: {"d": date}, {"t": moment}, and times of day as text."""
    if isinstance(value, datetime):
        midnight = value.time() == time.min
        return {"d": value.date().isoformat()} if midnight else {"t": value.isoformat()}
    if isinstance(value, date):
        return {"d": value.isoformat()}
    if isinstance(value, time | timedelta):
        return str(value)
    raise TypeError(type(value).__name__)


def revive(value: dict[str, Any]) -> Any:
    """Undo `plain_cell` for dates and moments."""
    if "d" in value:
        return date.fromisoformat(value["d"])
    if "t" in value:
        return datetime.fromisoformat(value["t"])
    return value
