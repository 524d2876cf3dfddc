"""Counting days against a calendar on the wall (State Council notice for 2026) and against a slow count."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boai.governance.enums import DayMode, Shift
from boai.governance.rules.days import extended, notice_deadline, working_deadline
from boai.kernel.workdays import calendar_known, in_holiday_break, is_working_day, working_day_after

SWAPPED_2026 = [date(2026, 1, 4), date(2026, 2, 14), date(2026, 2, 28), date(2026, 5, 9), date(2026, 9, 20), date(2026, 10, 10)]  # fmt: skip


def noon(day: date) -> datetime:
    """12:00 in China."""
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


@pytest.mark.parametrize("day", SWAPPED_2026)
def test_swapped_weekends_are_working_days(day: date) -> None:
    assert day.weekday() >= 5
    assert is_working_day(day)


@pytest.mark.parametrize("day", [date(2026, 2, 15) + timedelta(days=n) for n in range(9)])
def test_the_spring_festival_of_2026_is_nine_days_weekends_included(day: date) -> None:
    assert in_holiday_break(day)


def test_an_ordinary_weekend_is_no_holiday() -> None:
    assert not in_holiday_break(date(2026, 11, 28))
    assert not is_working_day(date(2026, 11, 28))


def test_day_one_is_the_day_after_and_the_last_ends_at_midnight_in_china() -> None:
    period = notice_deadline(published_at=noon(date(2026, 11, 24)), days=7, mode=DayMode.NATURAL, shift=Shift.NONE)
    assert (period.first_day, period.last_day) == (date(2026, 11, 25), date(2026, 12, 1))
    assert period.ends_at == datetime(2026, 12, 1, 16, 0, tzinfo=UTC)
    assert not period.moved


def test_the_publication_day_is_chinas_not_greenwichs() -> None:
    late = datetime(2026, 11, 24, 16, 30, tzinfo=UTC)  # 00:30 on the 25th in China
    period = notice_deadline(published_at=late, days=3, mode=DayMode.NATURAL, shift=Shift.NONE)
    assert period.first_day == date(2026, 11, 26)


@pytest.mark.parametrize(
    ("published", "shift", "last"),
    [
        (date(2026, 9, 25), Shift.NONE, date(2026, 10, 2)),
        (date(2026, 9, 25), Shift.HOLIDAY, date(2026, 10, 8)),
        (date(2026, 9, 27), Shift.HOLIDAY, date(2026, 10, 8)),  # Sunday 4 October lies inside the break
        (date(2026, 11, 21), Shift.HOLIDAY, date(2026, 11, 28)),  # an ordinary Saturday stays
        (date(2026, 11, 21), Shift.DAY_OFF, date(2026, 11, 30)),
        (date(2026, 2, 13), Shift.HOLIDAY, date(2026, 2, 24)),
        (date(2026, 10, 3), Shift.DAY_OFF, date(2026, 10, 10)),  # a swapped Saturday is a working day
    ],
)
def test_a_last_day_off_moves_as_the_rule_says(published: date, shift: Shift, last: date) -> None:
    period = notice_deadline(published_at=noon(published), days=7, mode=DayMode.NATURAL, shift=shift)
    assert period.last_day == last
    assert period.moved == (last != published + timedelta(days=7))


def test_working_days_step_over_the_national_holiday_and_count_the_swapped_saturday() -> None:
    period = notice_deadline(published_at=noon(date(2026, 9, 30)), days=3, mode=DayMode.WORKING, shift=Shift.HOLIDAY)
    assert period.last_day == date(2026, 10, 10)  # 8, 9 and the swapped Saturday, 10 October


def test_a_year_whose_calendar_is_not_announced_is_provisional_and_says_so() -> None:
    assert calendar_known(2026)
    assert not calendar_known(2035)
    for mode in DayMode:
        period = notice_deadline(published_at=noon(date(2034, 12, 30)), days=7, mode=mode, shift=Shift.HOLIDAY)
        assert period.provisional
    plain = notice_deadline(published_at=noon(date(2034, 12, 30)), days=7, mode=DayMode.NATURAL, shift=Shift.NONE)
    assert not plain.provisional, "bare calendar days need no holiday calendar"


def test_statutory_holidays_hold_even_in_a_year_that_is_not_announced() -> None:
    assert not is_working_day(date(2035, 10, 1))
    assert not is_working_day(date(2035, 5, 1))


@given(
    st.dates(date(2015, 1, 1), date(2026, 11, 30)), st.integers(1, 40), st.sampled_from(DayMode), st.sampled_from(Shift)
)
def test_the_count_is_the_slow_count(published: date, days: int, mode: DayMode, shift: Shift) -> None:
    period = notice_deadline(published_at=noon(published), days=days, mode=mode, shift=shift)
    counted, day = 0, published
    while counted < days:
        day += timedelta(days=1)
        counted += 1 if mode == DayMode.NATURAL or is_working_day(day) else 0
    assert period.counted_last == day
    assert period.last_day >= day, "a period is never shortened"
    if mode == DayMode.WORKING:
        assert period.last_day == day, "a working day is no day off"
    if period.moved:
        assert is_working_day(period.last_day)
        assert not any(is_working_day(day + timedelta(days=n)) for n in range((period.last_day - day).days))
    if shift == Shift.DAY_OFF:
        assert is_working_day(period.last_day)
    assert period.ends_at == datetime(period.last_day.year, period.last_day.month, period.last_day.day, 16, tzinfo=UTC)


@given(st.dates(date(2015, 1, 1), date(2026, 11, 30)), st.integers(1, 30), st.sampled_from(Shift))
def test_more_days_never_end_earlier_and_an_extension_is_longer(published: date, days: int, shift: Shift) -> None:
    for mode in DayMode:
        one = notice_deadline(published_at=noon(published), days=days, mode=mode, shift=shift)
        two = notice_deadline(published_at=noon(published), days=days + 1, mode=mode, shift=shift)
        assert one.last_day <= two.last_day
        more = extended(first_day=one.first_day, last_day=one.last_day, days=1, mode=mode, shift=shift)
        assert more.last_day > one.last_day
        assert more.first_day == one.first_day


def test_deadlines_of_objections_are_working_days() -> None:
    friday = noon(date(2026, 11, 27))
    assert working_deadline(at=friday, days=2) == datetime(2026, 12, 1, 15, 59, 59, tzinfo=UTC)
    assert working_day_after(date(2026, 9, 30), 1) == date(2026, 10, 8)
