"""Closing many households at once: with their people, all or nothing, and open again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from boai.kernel.errors import BadInput, NotAllowed, StalePage, UnableTo
from boai.kernel.text.identity import read_person_number
from boai.people.actor import Actor
from boai.registry import queries, services
from boai.registry.models import BulkChange, Household, HouseholdEvent, Resident
from boai.registry.services.households import HouseholdFacts, PersonFacts
from boai.registry.tests.factories import COUNTY, signed_in, villages
from boai.registry.tests.register_files import number_for
from boai.registry.tests.test_lives import SUMMER, TODAY, Family, settle

pytestmark = pytest.mark.django_db
Make = Callable[..., Actor]


@pytest.fixture
def families(actor_for: Make, at: datetime) -> list[Family]:
    """Three families: two in one village, one in another."""
    officer = actor_for("officer")
    return [Family(officer, at, name=f"{who}大", sequence=i, place=i // 3) for i, who in enumerate("张李王", 1)]


def close(families: list[Family], *, expected: int = 2, **more: Any) -> BulkChange:
    full = {"region_code": families[0].home.region_code, "numbers": [], "on": SUMMER, "why": "moved", "reason": "整体搬迁",
            "actor": families[0].officer, "at": families[0].at, **more}  # fmt: skip
    return services.close_change(**full, expected=expected)


def living() -> tuple[int, int]:
    return Household.objects.filter(ended_on=None).count(), Resident.objects.filter(ended_on=None).count()


def test_a_village_is_closed_and_opened_again(families: list[Family]) -> None:
    first = families[0]
    full: dict[str, Any] = {"region_code": first.home.region_code, "numbers": [], "on": SUMMER, "why": "moved"}
    run = services.close_dry_run(**full, actor=first.officer, at=first.at)
    assert (run.count, run.people, set(run.names), run.left, living()) == (2, 8, {"张大", "李大"}, 0, (3, 12))
    made = close(families)
    settle()
    assert living() == (1, 4)
    assert set(first.on(SUMMER - timedelta(days=1))) == {"大", "妻", "子", "女"}
    assert first.on(SUMMER) == {}
    assert queries.household_history(household_id=first.home.id)[0].day == SUMMER
    assert services.bulk_undo(change_id=made.id, actor=first.officer, at=first.at).left == 0
    settle()
    assert living() == (3, 12)
    assert len(first.on(TODAY)) == 4


def test_the_households_of_a_list(families: list[Family]) -> None:
    number = number_for(date(1956, 3, 4), male=True, sequence=3)
    close(families, expected=1, region_code=COUNTY, numbers=[number])
    assert living() == (2, 8)
    assert families[2].on(TODAY) == {}


def test_one_event_of_it_is_taken_back_alone_and_the_rest_later(families: list[Family]) -> None:
    made = close(families)
    event = HouseholdEvent.objects.get(bulk=made, household=families[0].home)
    services.event_undo(
        household_id=event.household_id, event_id=event.id, actor=families[0].officer, at=families[0].at
    )
    settle()
    assert living() == (2, 8)
    later = families[0].at + timedelta(minutes=1)
    assert services.bulk_undo(change_id=made.id, actor=families[0].officer, at=later).left == 1
    assert living() == (3, 12)


def test_who_is_registered_elsewhere_meanwhile_keeps_it_closed(families: list[Family]) -> None:
    made, first = close(families), families[0]
    number = read_person_number(number_for(date(1956, 3, 4), male=True, sequence=1), on=TODAY)
    services.household_create(facts=HouseholdFacts(region_code=villages(8)[5][2]), actor=first.officer, at=first.at,
                              head=PersonFacts(name="张大", relation="head", number=number))  # fmt: skip
    with pytest.raises(UnableTo):
        services.bulk_undo(change_id=made.id, actor=first.officer, at=first.at)
    assert living() == (2, 5)
    assert BulkChange.objects.get().undone_at is None


def test_what_is_refused_changes_nothing(families: list[Family], actor_for: Make) -> None:
    wrong: list[tuple[dict[str, Any], type[Exception]]] = [
        ({"expected": 1}, StalePage), ({"expected": 0}, UnableTo), ({"reason": ""}, BadInput),
        ({"why": "merged"}, BadInput), ({"on": TODAY + timedelta(days=1)}, BadInput), ({"region_code": COUNTY}, BadInput),
        ({"actor": actor_for("cadre")}, NotAllowed), ({"region_code": "430121001001"}, NotAllowed),
    ]  # fmt: skip
    for values, fault in wrong:
        with pytest.raises(fault):
            close(families, **values)
    assert (living(), BulkChange.objects.count()) == ((3, 12), 0)


def test_what_happened_after_the_day_leaves_a_household_alone(families: list[Family]) -> None:
    services.resident_add(household_id=families[0].home.id, facts=PersonFacts(name="张孙", relation="grandson"),
                          kind="birth", on=SUMMER + timedelta(days=1), actor=families[0].officer,
                          at=families[0].at)  # fmt: skip
    close(families, expected=1)
    assert living() == (2, 9)


def test_the_page(families: list[Family], actor_for: Make) -> None:
    client, url = signed_in(families[0].officer), reverse("registry:bulk_close")
    form = {"region_code": families[0].home.region_code, "on": "2026-06-01", "why": "moved"}
    assert signed_in(actor_for("cadre")).get(url).status_code == 403
    assert client.get(url).status_code == 200
    for bad in ({"region_code": COUNTY}, {"why": ""}, {"numbers": "1"}):
        assert client.post(url, {**form, **bad}).status_code == 422
    assert client.post(url, form).context["will"]["count"] == 2
    assert client.post(url, {**form, "expected": 2, "reason": "整体搬迁"}).status_code == 302
    assert living() == (1, 4)
    assert "2026-06-01" in client.get(reverse("registry:bulk_list")).content.decode()
