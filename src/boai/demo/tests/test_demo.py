"""The demo county plays through, in every state, and its books and its log hold."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from boai.audit.models import AuditEntry
from boai.demo.cast import PASSWORD, PLAYERS, sign_ins
from boai.demo.services import demo_load
from boai.demo.stage import Stage, Steps, perform
from boai.governance.enums import NoticeState
from boai.governance.models import Notice
from boai.kernel.clock import SHANGHAI, local_date
from boai.kernel.workdays import is_working_day
from boai.ledger.queries import fold_check
from boai.registry.models import Resident
from boai.relief.enums import State
from boai.relief.models import Case, Step


def test_the_whole_county_plays(own_database: str, at: datetime) -> None:
    seen: list[int] = []
    demo_load(at=at, progress=lambda done, _of: seen.append(done))
    assert seen[-1] == 100
    assert set(Case.objects.values_list("state", flat=True)) == set(State)
    _happened_in_order_and_in_office_hours(at)
    assert fold_check() == []
    people = set(Resident.objects.values_list("name", flat=True))
    assert not people & {p.name for p in PLAYERS}, "nobody in need is named like somebody in office"


def _happened_in_order_and_in_office_hours(at: datetime) -> None:
    moments = list(AuditEntry.objects.order_by("id").values_list("at", flat=True))
    assert moments == sorted(moments)
    assert moments[-1] <= at
    assert (at - moments[0]).days >= 69
    for step in Step.objects.exclude(actor=None):
        local = step.at.astimezone(SHANGHAI)
        assert is_working_day(local.date()), step.at
        assert 9 <= local.hour < 18, step.at
    overdue = Notice.objects.filter(state=NoticeState.PUBLISHED, withdraw_on__lte=local_date(at))
    assert not overdue.exists(), "notices come down by themselves"


@pytest.mark.parametrize(
    "now",
    [
        datetime(2026, 10, 8, 1, 0, tzinfo=SHANGHAI),
        datetime(2027, 2, 14, 23, 0, tzinfo=SHANGHAI),
        datetime(2028, 1, 1, 12, 0, tzinfo=SHANGHAI),
    ],
    ids=["after the golden week", "in the Spring Festival", "at New Year"],
)
def test_office_hours_never_lie_in_the_future_and_keep_their_order(now: datetime) -> None:
    stage = Stage(actors={}, homes=[], now=now)
    moments = [stage.office(days, minutes=minutes) for days in range(70, -1, -1) for minutes in (0, 15)]
    assert moments == sorted(moments)
    assert moments[-1] <= now
    assert all(is_working_day(local_date(moment)) for moment in moments)
    assert stage.morning_after(moments[0]) >= moments[0]


def test_stories_are_told_side_by_side_and_stop_at_the_present(at: datetime) -> None:
    stage, told = Stage(actors={}, homes=[], now=at), []

    def story(name: str, *days: int) -> Steps[None]:
        for day in days:
            yield stage.at(day)
            told.append((name, day))
        yield at + timedelta(days=1)
        told.append((name, -1))

    perform(stage, [story("a", 9, 2), story("b", 6, 0)], progress=lambda _done, _of: None)
    assert told == [("a", 9), ("b", 6), ("a", 2), ("b", 0)]


def test_the_printed_sign_ins_are_the_cast() -> None:
    names = {p.username for p in PLAYERS}
    assert all(name in names and password == PASSWORD for name, password, _who in sign_ins())
