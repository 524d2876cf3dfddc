"""What the past allows to be put right, and what taking back must leave alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError
from django.forms import Form
from django.urls import reverse

from boai.kernel.errors import BadInput, NotFound, UnableTo
from boai.people.actor import Actor
from boai.registry import queries, services
from boai.registry.models import Household, HouseholdEvent, Membership, PastPlace, Recheck, Resident
from boai.registry.services.households import HouseholdFacts, PersonFacts
from boai.registry.tests.factories import signed_in, villages
from boai.registry.tests.test_bulk import holders_of
from boai.registry.tests.test_lives import ALL, SPRING, SUMMER, TODAY, Family, settle
from boai.registry.tests.test_pages import make_household
from boai.registry.views.shared import errors_into

pytestmark = pytest.mark.django_db
Make = Callable[..., Actor]


@pytest.fixture
def family(actor_for: Make, at: datetime) -> Family:
    return Family(actor_for("officer"), at)


def new_head(family: Family, who: str, *, on: date | None, becomes: str = "relative") -> None:
    services.head_change(
        household_id=family.home.id, version=family.version, new_head_id=family.one(who).id, former_becomes=becomes,
        on=on, actor=family.officer, at=family.at,
    )  # fmt: skip


class TestCorrectingTheHead:
    def test_after_an_earlier_change_the_right_one_is_head_from_that_day(self, family: Family) -> None:
        new_head(family, "妻", on=SPRING, becomes="spouse")
        new_head(family, "子", on=None, becomes="mother")
        settle()
        assert family.on(SPRING - timedelta(days=1)) == ALL
        assert family.on(SPRING) == family.on(TODAY) == {"大": "配偶", "妻": "母亲", "子": "户主", "女": "女"}
        event = HouseholdEvent.objects.filter(kind="head").latest("id")
        services.event_undo(household_id=family.home.id, event_id=event.id, actor=family.officer, at=family.at)
        settle()
        assert family.on(SPRING - timedelta(days=1)) == ALL
        assert family.on(SPRING)["妻"] == "户主"
        assert family.on(SPRING)["子"] == "子"

    def test_by_its_page(self, family: Family) -> None:
        new_head(family, "妻", on=SPRING, becomes="spouse")
        form = {
            "version": family.version,
            "new_head_id": str(family.one("子").id),
            "former_becomes": "mother",
            "on": "",
        }
        answer = signed_in(family.officer).post(reverse("registry:head", args=[family.home.id]), form)
        assert answer.status_code == 302
        settle()

    def test_who_came_later_can_not_have_been_it(self, family: Family) -> None:
        new_head(family, "妻", on=SPRING, becomes="spouse")
        services.resident_add(household_id=family.home.id, facts=PersonFacts(name="张孙", relation="grandson"),
                              kind="birth", on=SUMMER, actor=family.officer, at=family.at)  # fmt: skip
        version = family.version
        with pytest.raises(BadInput) as refused:
            new_head(family, "孙", on=None)
        assert "2026-06-01" in refused.value.fields["on"][0]
        assert (family.version, family.on(TODAY)["妻"]) == (version, "户主")
        assert HouseholdEvent.objects.filter(kind="head").count() == 1


def test_what_the_database_refuses_is_said_and_nothing_changed(family: Family) -> None:
    new_head(family, "妻", on=SPRING, becomes="spouse")
    settle()
    Membership.objects.filter(relation="head").delete()
    past = Resident.objects.get(id=family.one("女").id)
    Membership.objects.create(
        resident=past, household=family.home, region_code=family.home.region_code, relation="daughter",
        during=(SUMMER, TODAY),
    )  # fmt: skip
    version = family.version
    with pytest.raises(UnableTo) as refused:
        services.resident_leave(resident_id=past.id, version=past.version, reason="moved", on=SUMMER,
                                actor=family.officer, at=family.at)  # fmt: skip
    assert "两户" in str(refused.value)
    past.refresh_from_db()
    assert (past.ended_on, family.version, HouseholdEvent.objects.filter(kind="move").count()) == (None, version, 0)


def test_a_form_says_what_the_database_refuses_at_the_very_end() -> None:
    form = Form({})
    with errors_into(form):
        raise IntegrityError("household 1 had two heads or none on some day")
    assert "户主" in form.errors["__all__"][0]
    with pytest.raises(IntegrityError), errors_into(Form({})):
        raise IntegrityError("something that nobody foresaw")


class TestTakingBack:
    def test_only_an_event_of_the_household_and_only_the_newest(self, family: Family, at: datetime) -> None:
        added = HouseholdEvent.objects.filter(kind="added").latest("id")
        other = Family(family.officer, at, name="李大", sequence=2)
        new_head(family, "妻", on=SPRING, becomes="spouse")
        with pytest.raises(NotFound):
            services.event_undo(household_id=other.home.id, event_id=added.id, actor=family.officer, at=at)
        with pytest.raises(UnableTo):
            services.event_undo(household_id=family.home.id, event_id=added.id, actor=family.officer, at=at)
        client = signed_in(family.officer)
        for home, status in ((other.home, 404), (family.home, 422)):
            assert client.post(reverse("registry:event_undo", args=[home.id, added.id])).status_code == status
        assert set(family.on(TODAY)) == set(ALL)

    def test_who_lives_elsewhere_since_is_not_made_a_mistake(self, family: Family, at: datetime) -> None:
        other = Family(family.officer, at, name="李大", sequence=2, place=1)
        girl = services.resident_add(household_id=family.home.id, facts=PersonFacts(name="张侄", relation="relative"),
                                     on=SPRING, actor=family.officer, at=at)  # fmt: skip
        added = HouseholdEvent.objects.get(kind="added", resident=girl)
        services.resident_move(resident_id=girl.id, version=1, to_id=other.home.id, relation="relative", on=SUMMER,
                               actor=family.officer, at=at)  # fmt: skip
        with pytest.raises(UnableTo):
            services.event_undo(household_id=family.home.id, event_id=added.id, actor=family.officer, at=at)
        assert Resident.objects.get(id=girl.id).ended_on is None

    def test_a_corrected_village_does_not_lock_what_happened_before(self, family: Family, at: datetime) -> None:
        son, there = family.one("子"), villages(8)[5][2]
        fresh = services.household_split(household_id=family.home.id, version=family.version, goes={son.id: "head"},
                                         on=SUMMER, actor=family.officer, at=at)  # fmt: skip
        services.household_change(household_id=fresh.id, version=1, facts=HouseholdFacts(region_code=there),
                                  actor=family.officer, at=at)  # fmt: skip
        family.undo("split")
        settle()
        son.refresh_from_db()
        assert (son.household_id, son.region_code) == (family.home.id, family.home.region_code)
        assert family.on(TODAY) == ALL

    @pytest.mark.parametrize("on", [None, TODAY])
    def test_a_village_moved_in_bulk_does_not_lock_it_either(
        self, family: Family, at: datetime, on: date | None
    ) -> None:  # fmt: skip
        here, there = family.home.region_code, villages(8)[5][2]
        services.household_split(household_id=family.home.id, version=family.version, on=SUMMER,
                                 goes={family.one("子").id: "head"}, actor=family.officer, at=at)  # fmt: skip
        services.village_change(source=here, target=there, on=on, expected=2, reason="并村", actor=family.officer,
                                at=at + timedelta(hours=1))  # fmt: skip
        split = next(line for line in queries.household_history(household_id=family.home.id) if line.kind == "分户")
        assert split.may_undo
        family.undo("split")
        settle()
        assert {one.region_code for one in Resident.objects.filter(household=family.home)} == {there}
        assert family.on(TODAY) == ALL

    def test_a_move_whose_address_was_corrected_is_taken_back(self, family: Family) -> None:
        here, there, right = family.home.region_code, villages(8)[5][2], villages(8)[6][2]
        services.household_move(household_id=family.home.id, version=family.version, region_code=there, address="2号",
                                on=SUMMER, actor=family.officer, at=family.at)  # fmt: skip
        services.household_change(household_id=family.home.id, version=family.version, actor=family.officer,
                                  facts=HouseholdFacts(region_code=right, address="3号"), at=family.at)  # fmt: skip
        family.undo("place")
        home = Household.objects.get(id=family.home.id)
        assert (home.region_code, home.address, PastPlace.objects.count()) == (here, "3组12号", 0)


class TestBulk:
    def test_a_correction_taken_back_leaves_the_move_of_that_day(self, family: Family, at: datetime) -> None:
        here, there, wrong = family.home.region_code, villages(8)[5][2], villages(8)[6][2]
        services.household_move(household_id=family.home.id, version=family.version, region_code=there, address="2号",
                                on=TODAY, actor=family.officer, at=at)  # fmt: skip
        PastPlace.objects.update(region_code=there)  # as if it had moved within the village
        made = services.village_change(source=there, target=wrong, on=None, expected=1, reason="村码更正",
                                       actor=family.officer, at=at + timedelta(minutes=1))  # fmt: skip
        services.bulk_undo(change_id=made.id, actor=family.officer, at=at + timedelta(minutes=2))
        assert PastPlace.objects.count() == 1
        again = services.village_change(source=there, target=wrong, on=None, expected=1, reason="村码更正",
                                        actor=family.officer, at=at + timedelta(minutes=3))  # fmt: skip
        event = HouseholdEvent.objects.get(bulk=again)
        services.event_undo(household_id=family.home.id, event_id=event.id, actor=family.officer,
                            at=at + timedelta(minutes=4))  # fmt: skip
        assert (PastPlace.objects.count(), Household.objects.get(id=family.home.id).region_code) == (1, there)
        assert here != there

    def test_what_it_answered_is_asked_again(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        homes = [make_household(officer, at, name=f"{who}大", sequence=i) for i, who in enumerate("张王", 1)]
        holders_of(homes, officer, at)
        services.rechecks_collect(at=at)
        made = services.category_change(region_code=homes[0].region_code, kind="low_income", last_day=SUMMER,
                                        numbers=[], expected=2, reason="误操作", actor=officer, at=at)  # fmt: skip
        assert queries.rechecks_count(actor=officer) == 0
        services.bulk_undo(change_id=made.id, actor=officer, at=at)
        assert queries.rechecks_count(actor=officer) == 2
        assert set(Recheck.objects.values_list("answer", "until_after")) == {("", None)}


def test_the_register_of_a_day_counts_no_doubles_and_no_mistakes(family: Family, at: datetime) -> None:
    other = Family(family.officer, at, name="李大", sequence=2)
    girl = family.one("女")
    services.resident_move(resident_id=girl.id, version=1, to_id=other.home.id, relation="relative", on=SPRING,
                           actor=family.officer, at=at)  # fmt: skip
    place, day = family.home.region_code, SPRING - timedelta(days=1)
    assert queries.register_on(day=day, region_code=place, actor=family.officer).people == 8
    for reason in ("mistake", "merged"):
        Resident.objects.filter(id=girl.id).update(ended_on=SUMMER, end_reason=reason)
        assert queries.register_on(day=day, region_code=place, actor=family.officer).people == 7
        assert "女" not in family.on(day)


class TestBirth:
    def add(self, family: Family, *, kind: str, on: date | None, born: date | None) -> Resident:
        return services.resident_add(
            household_id=family.home.id, facts=PersonFacts(name="张孙", relation="grandson", born_on=born), kind=kind,
            on=on, actor=family.officer, at=family.at,
        )  # fmt: skip

    def test_a_birth_is_on_the_day_of_birth(self, family: Family) -> None:
        for on in (SUMMER, SPRING):
            with pytest.raises(BadInput) as refused:
                self.add(family, kind="birth", on=on, born=SUMMER - timedelta(days=1))
            assert "on" in refused.value.fields
        assert not Resident.objects.filter(name="张孙").exists()
        self.add(family, kind="birth", on=SUMMER, born=SUMMER)

    def test_nobody_belongs_anywhere_before_they_are_born(self, family: Family, at: datetime) -> None:
        with pytest.raises(BadInput):
            self.add(family, kind="added", on=SPRING, born=SUMMER)
        boy = self.add(family, kind="added", on=None, born=SUMMER)
        other = Family(family.officer, at, name="李大", sequence=2)
        with pytest.raises(BadInput):
            services.resident_move(resident_id=boy.id, version=1, to_id=other.home.id, relation="relative",
                                   on=SUMMER - timedelta(days=1), actor=family.officer, at=at)  # fmt: skip
        assert Resident.objects.get(id=boy.id).household_id == family.home.id

    def test_a_corrected_birth_lies_before_what_is_recorded(self, family: Family, at: datetime) -> None:
        boy = self.add(family, kind="birth", on=SPRING, born=None)
        facts = PersonFacts(name="张孙", relation="grandson", born_on=SUMMER)
        with pytest.raises(BadInput) as refused:
            services.resident_change(resident_id=boy.id, version=1, facts=facts, actor=family.officer, at=at)
        assert "born_on" in refused.value.fields
        assert Resident.objects.get(id=boy.id).born_on is None
