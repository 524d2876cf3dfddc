"""A look is found for the person whom it concerned: after marriage, split, join, merge and move, and by nobody else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from boai.kernel.scope import EVERYWHERE, set_scope
from boai.people.actor import Actor
from boai.people.models import Branch
from boai.registry import services
from boai.registry.models import Household, HouseholdEvent, Resident, SensitiveLook
from boai.registry.queries.looks import looks_of, looks_of_person
from boai.registry.tests.factories import villages
from boai.registry.tests.test_lives import SUMMER, TODAY, Family

pytestmark = pytest.mark.django_db
Make = Callable[..., Actor]
HOUR = timedelta(hours=1)


class Story:
    """Two families, and looks at them before and after what happens."""

    def __init__(self, officer: Actor, at: datetime) -> None:
        self.officer, self.at = officer, at
        self.first = Family(officer, at, name="张大", sequence=1)
        self.other = Family(officer, at, name="李大", sequence=2, place=1)

    def look(self, home: Household, reason: str, hours: int) -> None:
        services.sensitive_open(household_id=home.id, reason=reason, actor=self.officer, at=self.at + hours * HOUR)

    def told(self, home: Household) -> set[str]:
        return {look.reason for look in looks_of(household=Household.objects.get(id=home.id))}

    def told_to(self, who: str) -> set[str]:
        return {look.reason for look in looks_of_person(resident=Resident.objects.get(name=who))}


@pytest.fixture
def story(actor_for: Make, at: datetime) -> Story:
    return Story(actor_for("officer"), at)


def marry(story: Story) -> Resident:
    girl = story.first.one("女")
    services.resident_move(resident_id=girl.id, version=girl.version, to_id=story.other.home.id, on=SUMMER,
                           relation="child_in_law", kind="marriage", actor=story.officer, at=story.at)  # fmt: skip
    return girl


def test_marriage_takes_the_looks_along(story: Story) -> None:
    story.look(story.first.home, "婚前", -1)
    story.look(story.other.home, "他家", -1)
    marry(story)
    story.look(story.first.home, "婚后老家", 1)
    story.look(story.other.home, "婚后", 1)
    assert story.told_to("张女") == {"婚前", "婚后"}
    assert story.told_to("张大") == {"婚前", "婚后老家"}
    assert story.told(story.other.home) == {"婚前", "他家", "婚后"}
    assert story.told(story.first.home) == {"婚前", "婚后老家"}


def test_what_was_shown_counts_though_the_day_was_earlier(story: Story) -> None:
    """The move is written today for last summer: until today the page of the old household showed her."""
    story.look(story.first.home, "昨天", -24)
    marry(story)
    assert "昨天" in story.told_to("张女")


def test_a_split_and_its_undoing(story: Story) -> None:
    story.look(story.first.home, "分户前", -1)
    son = story.first.one("子")
    fresh = services.household_split(household_id=story.first.home.id, version=story.first.version,
                                     goes={son.id: "head"}, on=TODAY, actor=story.officer, at=story.at)  # fmt: skip
    assert story.told(fresh) == {"分户前"}
    story.look(fresh, "分户后", 1)
    event = HouseholdEvent.objects.get(kind="split")
    services.event_undo(household_id=fresh.id, event_id=event.id, actor=story.officer, at=story.at + 2 * HOUR)
    story.look(story.first.home, "撤销后", 3)
    assert story.told_to("张子") == {"分户前", "分户后", "撤销后"}
    assert story.told_to("张大") == {"分户前", "撤销后"}


def test_joined_households(story: Story) -> None:
    story.look(story.other.home, "并户前", -1)
    services.households_join(
        household_id=story.first.home.id, version=story.first.version, other_id=story.other.home.id,
        relations={one.id: "relative" for one in story.other.home.residents.all()}, on=TODAY, actor=story.officer,
        at=story.at,
    )  # fmt: skip
    assert story.told(story.first.home) == story.told_to("李大") == {"并户前"}


def test_who_was_merged_into_somebody(story: Story) -> None:
    story.look(story.first.home, "合并前", -1)
    gone, kept = story.first.one("女"), story.other.one("女")
    services.residents_merge(kept_id=kept.id, gone_id=gone.id, actor=story.officer, at=story.at)
    story.look(story.first.home, "合并后", 1)
    assert story.told_to("李女") == {"合并前"}


def test_whoever_may_see_the_person_now_sees_the_looks_of_the_old_village(story: Story, actor_for: Make) -> None:
    story.look(story.first.home, "搬迁前", -1)
    here, there = story.first.home.region_code, villages(8)[5][2]
    services.household_move(household_id=story.first.home.id, version=story.first.version, region_code=there,
                            address="1号", on=TODAY, actor=story.officer, at=story.at)  # fmt: skip
    home = Household.objects.get(id=story.first.home.id)
    cadres = [actor_for("cadre", Branch.objects.create(region_code=code, name=code, kind="community"))
              for code in (here, there)]  # fmt: skip
    told = []
    for cadre in cadres:
        set_scope(cadre.scope)
        told.append([look.reason for look in looks_of(household=home)])
    set_scope(EVERYWHERE)
    assert told == [[], ["搬迁前"]]
    assert SensitiveLook.objects.get().region_code == here
