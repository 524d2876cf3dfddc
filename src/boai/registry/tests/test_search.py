"""Searching the register by the beginning of a name, as an index can serve it beside row-level security."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from django.urls import reverse

from boai.people.actor import Actor
from boai.registry import services
from boai.registry.models import Household, Resident
from boai.registry.queries import household_list, register_on
from boai.registry.services.households import PersonFacts
from boai.registry.tests.factories import COUNTY, signed_in
from boai.registry.tests.test_pages import make_household
from boai.rulebook.services import rule_set

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(("field", "operator"), [("name", "~>=~"), ("pinyin", ">=")])
def test_a_prefix_is_a_range(field: str, operator: str) -> None:
    sql = str(Resident.objects.filter(**{f"{field}__prefix": "王"}).values("id").query)
    assert f'"{field}" {operator} 王' in sql
    assert "LIKE" not in sql


@pytest.mark.parametrize(
    ("text", "found"),
    [("张小三", True), ("张", True), ("张小三三", False), ("小三", False), ("zxs", True), ("zhangx", True), ("zhangy", False),
     ("张%", False), ("_", False)],
)  # fmt: skip
def test_the_beginning_of_a_name_finds_it(
    actor_for: Callable[..., Actor], at: datetime, text: str, found: bool
) -> None:
    officer = actor_for("officer")
    make_household(officer, at)
    assert bool(household_list(actor=officer, on=TODAY, text=text).rows) is found


def test_rare_characters_are_found_too(actor_for: Callable[..., Actor], at: datetime) -> None:
    officer = actor_for("officer")
    make_household(officer, at, name="张𠮷")
    for text in ("张𠮷", "张"):
        assert household_list(actor=officer, on=TODAY, text=text).rows, text


class TestBeyondATownship:
    @pytest.fixture
    def officer(self, actor_for: Callable[..., Actor], at: datetime) -> Actor:
        """A county with 34 households of one surname and of one office's numbers; a search may fit 32."""
        officer = actor_for("officer")
        rule_set(key="register.search_most", value=32, region_code=COUNTY, valid_from=date(2026, 1, 1), source="测试",
                 confidence="A", actor=actor_for("secretary"), at=at - timedelta(days=400))  # fmt: skip
        for i in range(34):
            made = make_household(officer, at, sequence=i, name="张小三" if i < 33 else "张大山")
            Household.objects.filter(id=made.id).update(office_number=f"62112100{i:02d}")
        return officer

    @pytest.mark.parametrize("text", ["62", "6211", "zh", "zhang", "张", "张小"])
    def test_what_fits_too_many_shows_one_page(self, officer: Actor, text: str) -> None:
        page = household_list(actor=officer, on=TODAY, text=text)
        assert (len(page.rows), page.narrow, page.before, page.after) == (30, True, "", "")
        further = household_list(actor=officer, on=TODAY, text=text, key=f"after:{page.rows[-1].id}")
        assert (further.rows, further.narrow) == (page.rows, True)

    def test_a_number_or_a_name_finds_its_household(self, officer: Actor) -> None:
        for text in ("6211210033", "张大", "zhangd"):
            assert len(household_list(actor=officer, on=TODAY, text=text).rows) == 1

    def test_within_the_rule_and_within_a_township_every_page_is_turned(self, officer: Actor) -> None:
        Household.objects.filter(office_number__gt="6211210031").update(office_number="")
        page = household_list(actor=officer, on=TODAY, text="62")
        assert (page.narrow, bool(page.after)) == (False, True)
        assert len(household_list(actor=officer, on=TODAY, text="62", key=page.after).rows) == 2
        township = Household.objects.get(id=page.rows[0].id).region_code[:9] + "000"
        assert household_list(actor=officer, on=TODAY, region=township, text="张").after

    def test_the_register_of_a_day_asks_first_too(self, officer: Actor) -> None:
        page = register_on(day=TODAY, region_code=COUNTY, actor=officer)
        assert (page.rows, page.asked, page.households) == ([], False, 0)
        page = register_on(day=TODAY, region_code=COUNTY, actor=officer, text="张小")
        assert (len(page.rows), page.narrow, page.after) == (30, True, "")
        key = f"{Household.objects.order_by('region_code', 'id')[29].region_code}:{page.rows[-1].id}"
        assert register_on(day=TODAY, region_code=COUNTY, actor=officer, text="张小", key=key).rows == page.rows
        page = register_on(day=TODAY, region_code=COUNTY, actor=officer, text="张大山")
        assert ([row.head for row in page.rows], page.narrow) == (["张大山"], False)
        client = signed_in(officer)
        url = reverse("registry:register_on")
        assert "先搜索" in client.get(url).content.decode()
        assert "张大山" in client.get(url, {"on": TODAY.isoformat(), "q": "张大山"}).content.decode()
        assert client.get(url, {"on": "x", "q": "张大山", "region": "9"}).status_code == 200

    def test_who_lived_there_then_is_found_there(self, officer: Actor, at: datetime) -> None:
        home = Household.objects.get(office_number="6211210000")
        girl = services.resident_add(household_id=home.id, facts=PersonFacts(name="王小花", relation="daughter"),
                                     on=date(2025, 1, 1), actor=officer, at=at)  # fmt: skip
        target = Household.objects.get(office_number="6211210001")
        services.resident_move(resident_id=girl.id, version=1, to_id=target.id, relation="relative",
                               on=TODAY, actor=officer, at=at)  # fmt: skip
        page = register_on(day=TODAY, region_code=COUNTY, actor=officer, text="王小花")
        assert {row.id for row in page.rows} == {home.id, target.id}
