"""Two people at the same moment, each on a connection of their own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from boai.people.actor import Actor
from boai.visits import services
from boai.visits.enums import Standing
from boai.visits.models import Report, Visit
from boai.visits.tests.factories import home, planned, said, team
from boai.visits.tests.test_reports import receive

Make = Callable[..., Actor]


def test_two_planners_at_the_same_moment(
    own_database: str, actor_for: Make, at: datetime, race: Callable[[list[Callable[[], Any]]], list[Any]]
) -> None:
    people = team(actor_for)
    household = home(at)
    done = race([lambda: planned(people, at, household)] * 2)
    assert sorted(type(one).__name__ for one in done) == ["UnableTo", "Visit"]
    assert Visit.objects.count() == 1


def test_the_same_record_at_the_same_moment_is_one(
    own_database: str, actor_for: Make, at: datetime, race: Callable[[list[Callable[[], Any]]], list[Any]]
) -> None:
    people = team(actor_for)
    visit = planned(people, at)
    record = said(visit, at)
    done = race([lambda: services.report_receive(visit_id=visit.id, said=record, actor=people.one, at=at).again] * 2)
    assert sorted(done) == [False, True]
    assert Report.objects.count() == 1


def test_two_visitors_at_the_same_moment_are_a_conflict_and_nothing_is_lost(
    own_database: str, actor_for: Make, at: datetime, race: Callable[[list[Callable[[], Any]]], list[Any]]
) -> None:
    people = team(actor_for)
    visit = planned(people, at)
    done = race([lambda who=who: receive(visit, who, at, notes=who.name) for who in (people.one, people.two)])  # type: ignore[misc]  # mypy can't type a default
    assert all(isinstance(one, services.Sent) for one in done), done
    assert sorted(Report.objects.values_list("standing", flat=True)) == [Standing.ACCEPTED, Standing.CONFLICT]
    assert {report.notes for report in Report.objects.all()} == {people.one.name, people.two.name}
