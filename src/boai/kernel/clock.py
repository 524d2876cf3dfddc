"""The one place that reads the clock; everything below views, tasks and commands is handed `at`."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """The present moment, aware, in UTC. Call it once, at the front door (view, task, command)."""
    return datetime.now(UTC)


def local_date(at: datetime) -> date:
    """The calendar day of `at` in China (one time zone for the whole country)."""
    return at.astimezone(SHANGHAI).date()


def start_of_day(day: date) -> datetime:
    """00:00 Asia/Shanghai of `day`, as an aware UTC moment."""
    return datetime.combine(day, time.min, SHANGHAI).astimezone(UTC)


def end_of_day(day: date) -> datetime:
    """24:00 Asia/Shanghai of `day` (the first moment that no longer belongs to it), in UTC."""
    return start_of_day(day + timedelta(days=1))


def age_on(born: date, day: date) -> int:
    """Full years (周岁) on `day` of a person born on `born`: full on the birthday, 29 February on 1 March."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
