"""The demo's clock: stories run side by side, and every step happens on its own day, in office hours, in order."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from math import gcd
from typing import TypeAlias, TypeVar
from uuid import UUID

from boai.demo.people import Family
from boai.kernel.clock import local_date, start_of_day
from boai.kernel.workdays import is_working_day
from boai.people.actor import Actor
from boai.relief.models import Programme

T = TypeVar("T")
Steps: TypeAlias = Generator[datetime, None, T]
"""A story: yields the moment of its next step, does the step when it is resumed, and gives back what it made."""

BEGINNING = 70  # days before today on which the first story begins
MORNING, AFTERNOON = timedelta(hours=9, minutes=20), timedelta(hours=13)


def first_of_year(today: date) -> date:
    """1 January of the year in which the play begins: posts and programmes are older than its first story."""
    return date((today - timedelta(days=BEGINNING)).year, 1, 1)


@dataclass
class Stage:
    """The cast, the households in order of appearance, today, and the moment that the play has reached."""

    actors: dict[str, Actor]
    homes: Sequence[Family]
    now: datetime
    clock: datetime = field(init=False)
    programmes: dict[str, Programme] = field(default_factory=dict)
    whose: dict[UUID, Family] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.turn = count()
        self.clock = self.office(BEGINNING)

    def __getitem__(self, username: str) -> Actor:
        return self.actors[username]

    def next_home(self) -> tuple[int, Family]:
        """The next household in need and its number: from all over the county, each only once."""
        number = next(self.turn)
        step = next(n for n in range(11, len(self.homes) + 11) if gcd(n, len(self.homes)) == 1)
        return number, self.homes[number * step % len(self.homes)]

    def at(self, days_ago: int, *, minutes: int = 0) -> datetime:
        """That many days before today, in office hours; never before what has already happened, never after now."""
        return max(self.office(days_ago, minutes=minutes), self.clock)

    def office(self, days_ago: int, *, minutes: int = 0) -> datetime:
        """The morning of that day; the afternoon of the working day before, if it is a day off."""
        day, off = local_date(self.now) - timedelta(days=days_ago), 0
        while not is_working_day(day):
            day, off = day - timedelta(days=1), off + 1
        hour = AFTERNOON + timedelta(minutes=15 * off + minutes // 3) if off else MORNING + timedelta(minutes=minutes)
        return min(start_of_day(day) + hour, self.now)

    def morning_after(self, moment: datetime) -> datetime:
        """When the office opens again after that moment; it may lie in the future."""
        day = local_date(moment)
        while not is_working_day(day) or start_of_day(day) + MORNING < moment:
            day += timedelta(days=1)
        return start_of_day(day) + MORNING


def perform(stage: Stage, stories: Iterable[Steps[None]], *, progress: Callable[[int, int], None]) -> None:
    """Run all stories step by step in the order of the calendar. What lies after `stage.now` has not happened yet."""
    beginning = stage.clock
    whole = int((stage.now - beginning).total_seconds())
    waiting: list[tuple[datetime, int, Steps[None]]] = [(beginning, n, story) for n, story in enumerate(stories)]
    while waiting:
        moment, number, story = heapq.heappop(waiting)
        assert moment >= stage.clock, "a story goes back in time"
        stage.clock = moment
        progress(int((moment - beginning).total_seconds()), whole)
        upcoming = next(story, None)
        if upcoming is not None and upcoming <= stage.now:
            heapq.heappush(waiting, (upcoming, number, story))
