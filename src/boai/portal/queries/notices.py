"""Public notices as lines of a list."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from boai.governance.models import PublicNotice
from boai.kernel.clock import local_date
from boai.regions.queries import full_names


@dataclass(frozen=True)
class NoticeLine:
    """One notice on display: for which division, from when to when, days left to object (0: over)."""

    code: str
    title: str
    where: str
    first_day: date
    last_day: date
    left: int


def days_left(notice: PublicNotice, *, at: datetime) -> int:
    """Days left to object, the last one included; 0 when they are over."""
    return 0 if at >= notice.ends_at else (notice.last_day - local_date(at)).days + 1


def lines(rows: Iterable[PublicNotice], *, below: str, at: datetime) -> list[NoticeLine]:
    """The rows with the names of their divisions, as residents of `below` call them. One query."""
    found = list(rows)
    names = full_names({row.region_code for row in found}, below=below) if found else {}
    return [
        NoticeLine(
            row.code, row.title, names.get(row.region_code, ""), row.first_day, row.last_day, days_left(row, at=at)
        )
        for row in found
    ]
