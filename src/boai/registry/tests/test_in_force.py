"""One definition of "in force on a day": lists, pages, exports, files of corrections and pictures agree."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from django.urls import reverse

from boai.people.actor import Actor
from boai.registry import queries, services
from boai.registry.models import CategoryEntry, Household, RegisterExport, Resident
from boai.registry.queries.exports import export_rows, people_count
from boai.registry.queries.households import household_snapshot
from boai.registry.tests.factories import COUNTY, signed_in
from boai.registry.tests.register_files import number_for
from boai.registry.tests.test_pages import make_household
from boai.registry.tests.test_patch import apply, patch

pytestmark = pytest.mark.django_db
Make = Callable[..., Actor]
TODAY = date(2026, 11, 24)
DAY = timedelta(days=1)


def holder(officer: Actor, at: datetime, first: date, last: date | None) -> Household:
    home = make_household(officer, at)
    services.category_add(resident_id=home.residents.get().id, kind="low_income", valid_from=first, valid_to=last,
                          source="县民政局", actor=officer, at=at)  # fmt: skip
    return home


@pytest.mark.parametrize(
    ("first", "last", "holds"),
    [
        (TODAY - DAY, None, True),
        (TODAY, TODAY, True),
        (TODAY - DAY, TODAY + 400 * DAY, True),
        (TODAY - DAY, TODAY - DAY, False),
        (TODAY + DAY, None, False),
    ],
)
def test_everybody_says_the_same(first: date, last: date | None, holds: bool, actor_for: Make, at: datetime) -> None:
    officer = actor_for("officer")
    home = holder(officer, at, first, last)
    (row,) = queries.household_list(actor=officer, on=TODAY, text="张小").rows
    assert row.categories == (["低保"] if holds else [])
    listed = queries.household_list(actor=officer, on=TODAY, text="张小", category="low_income").rows
    assert [one.id for one in listed] == ([home.id] if holds else [])
    (member,) = queries.household_page(household_id=home.id, actor=officer, on=TODAY).members
    assert (bool(member.held), len(member.categories)) == (holds, 1)
    assert household_snapshot(household_id=home.id, on=TODAY)["people"][0]["categories"] == ["low_income"] * holds
    assert people_count(region_code=COUNTY, category="low_income", outside=False, on=TODAY)[0] == holds
    whole = RegisterExport(region_code=COUNTY, category="low_income")
    assert len(list(export_rows(export=whole, on=TODAY))) == holds
    then = queries.household_on(household_id=home.id, day=TODAY)
    assert bool(then.members[0].categories) is holds
    assert CategoryEntry.objects.get().holds_on(TODAY) is holds


def test_a_file_of_corrections_adds_what_no_longer_holds_and_only_that(actor_for: Make, at: datetime) -> None:
    officer = actor_for("officer")
    holder(officer, at, TODAY - DAY, TODAY + DAY)
    rows = [["身份证号", "困难类别"], [number_for(date(1956, 3, 4), male=True, sequence=1), "低保"]]
    assert patch(rows, officer, at).counts["changing"] == 0
    CategoryEntry.objects.update(valid_to=TODAY - DAY)
    services.intake_cancel(intake_id=patch(rows, officer, at).id, actor=officer, at=at)
    apply(patch([*rows, ["", ""]], officer, at), officer, at)
    assert CategoryEntry.objects.filter(valid_to=None).count() == 1


def test_a_list_names_a_category_once(actor_for: Make, at: datetime) -> None:
    officer = actor_for("officer")
    home = holder(officer, at, TODAY - DAY, None)
    services.category_add(resident_id=home.residents.get().id, kind="low_income", valid_from=TODAY, source="乡镇",
                          actor=officer, at=at)  # fmt: skip
    (row,) = export_rows(export=RegisterExport(region_code=COUNTY, category=""), on=TODAY)
    assert row[10] == "低保"


def test_the_page_tells_what_is_ahead_and_ends_what_runs_out(actor_for: Make, at: datetime) -> None:
    officer = actor_for("officer")
    home = holder(officer, at, date(2200, 1, 1), None)
    url = reverse("registry:household", args=[home.id])
    text = signed_in(officer).get(url).content.decode()
    assert ("自该日起" in text, "仍有效" in text) == (True, False)
    assert "认定来源：县民政局" in text
    CategoryEntry.objects.update(valid_from=TODAY, valid_to=date(2200, 1, 1))
    end = reverse("registry:category_end", args=[CategoryEntry.objects.get().id])
    assert end in signed_in(officer).get(url).content.decode()
    CategoryEntry.objects.update(valid_from=date(2020, 1, 1), valid_to=date(2020, 1, 1))
    assert end not in signed_in(officer).get(url).content.decode()
    assert Resident.objects.count() == 1
