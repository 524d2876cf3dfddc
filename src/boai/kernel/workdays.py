"""China's working days: public holidays and swapped working weekends (调休).

The State Council announces each year's swapped weekends about November of the year before; of a year that the
`holidays` package does not know yet only the statutory holidays are counted (`calendar_known`).
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

from holidays.countries.china import China

_ONE = timedelta(days=1)


@lru_cache(maxsize=16)
def _year(year: int) -> China:
    return China(years=year)  # type: ignore[no-untyped-call]  # the package annotates its holidays, not its constructor


def calendar_known(year: int) -> bool:
    """Has the State Council's arrangement for this year reached us? Every announced year swaps some weekend."""
    return any(day.year == year for day in _year(year).weekend_workdays)


def is_working_day(day: date) -> bool:
    """Offices work: Monday to Friday and swapped weekends, without public holidays and their substitutes."""
    return bool(_year(day.year).is_working_day(day))


def in_holiday_break(day: date) -> bool:
    """A public holiday, its substitute, or a weekend that touches one: the break as a wall calendar shows it."""
    if is_working_day(day):
        return False
    first = last = day
    while not is_working_day(first - _ONE):
        first -= _ONE
    while not is_working_day(last + _ONE):
        last += _ONE
    return any(first + _ONE * n in _year((first + _ONE * n).year) for n in range((last - first).days + 1))


def working_day_after(day: date, count: int) -> date:
    """The `count`-th working day after `day` (count ≥ 1)."""
    assert count >= 1, "at least one working day"
    while count:
        day += _ONE
        count -= is_working_day(day)
    return day
