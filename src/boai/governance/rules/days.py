"""Counting the days of a notice (governance §5), with China's public holidays and swapped working weekends.

Days count from the day after publication and end at 24:00 Asia/Shanghai. For a year whose swapped weekends are not
announced yet, the deadline says that it is provisional.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from boai.governance.enums import DayMode, Shift
from boai.kernel.clock import end_of_day, local_date
from boai.kernel.workdays import calendar_known, in_holiday_break, is_working_day, working_day_after

_ONE = timedelta(days=1)


def shifted(day: date, shift: Shift) -> date:
    """The last day after the rule for days off: it moves to the next working day, or stays."""
    moves = in_holiday_break(day) if shift == Shift.HOLIDAY else shift == Shift.DAY_OFF and not is_working_day(day)
    return working_day_after(day, 1) if moves else day


@dataclass(frozen=True, slots=True)
class Deadline:
    """When a period runs. `ends_at` is the first moment that no longer belongs to it.

    `counted_last` is the last day by the bare count; `last_day` differs when that day was a public holiday and moved.
    `provisional`: the period touches a year whose swapped weekends are not known yet.
    """

    first_day: date
    counted_last: date
    last_day: date
    ends_at: datetime
    provisional: bool

    @property
    def moved(self) -> bool:
        """Did a public holiday move the last day?"""
        return self.last_day != self.counted_last


def notice_deadline(*, published_at: datetime, days: int, mode: DayMode, shift: Shift) -> Deadline:
    """The period of a notice of `days` days published at `published_at`.

    Natural days: day 1 is the day after publication. Working days: the last of `days` working days after publication.
    `shift` says what happens when the last day is a day off.
    """
    assert days >= 1, "a notice runs for at least one day"
    published = local_date(published_at)
    counted = published + _ONE * days if mode == DayMode.NATURAL else working_day_after(published, days)
    return _deadline(published + _ONE, counted, mode=mode, shift=shift)


def extended(*, first_day: date, last_day: date, days: int, mode: DayMode, shift: Shift) -> Deadline:
    """The same period, `days` calendar days longer (the site or the board was down)."""
    assert days >= 1, "an extension is at least one day"
    return _deadline(first_day, last_day + _ONE * days, mode=mode, shift=shift)


def _deadline(first: date, counted: date, *, mode: DayMode, shift: Shift) -> Deadline:
    last = shifted(counted, shift)
    known = all(calendar_known(year) for year in range(first.year, last.year + 1))
    looks_at_calendar = mode == DayMode.WORKING or shift != Shift.NONE
    return Deadline(first, counted, last, end_of_day(last), provisional=looks_at_calendar and not known)


def working_deadline(*, at: datetime, days: int) -> datetime:
    """The last second of the `days`-th working day after `at`: to acknowledge or decide an objection.

    The last second and not the first one after it, so that whoever shows the moment names the right day.
    """
    return end_of_day(working_day_after(local_date(at), days)) - timedelta(seconds=1)
