"""Planning visits: two people, not related, once; denials change nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from boai.audit.models import AuditEntry
from boai.kernel.errors import BadInput, NotAllowed, NotFound, StalePage, UnableTo
from boai.people.actor import Actor
from boai.people.models import Branch, User
from boai.registry.enums import Relation
from boai.registry.models import Resident
from boai.registry.services.lives import households_join
from boai.visits import queries, services
from boai.visits.enums import TRANSITIONS, Action, State
from boai.visits.models import Tie, Visit
from boai.visits.queries.households import visits_of_person
from boai.visits.tests.factories import DAY, OTHER_VILLAGE, VILLAGE, Team, home, key_of, plan, planned, said, team

pytestmark = pytest.mark.django_db
Make = Callable[..., Actor]


@pytest.fixture
def people(actor_for: Make) -> Team:
    return team(actor_for)


def test_the_table_leads_from_planned_only_by_its_own_actions() -> None:
    plain = {Action.CHANGE, Action.MEET, Action.MISS, Action.CANCEL}
    for state in State:
        reached = {action for action in plain if (state, action) in TRANSITIONS}
        assert reached == (plain if state == State.PLANNED else set())
        assert TRANSITIONS[state, Action.SETTLE_MET] == State.DONE


def test_many_households_at_once(people: Team, at: datetime) -> None:
    homes = [home(at, name=f"张{n}", address=f"{n}组") for n in ("一", "二", "三")]
    made = services.visits_plan(household_ids=[h.id for h in homes], plan=plan(people), actor=people.planner, at=at)
    assert len(made) == 3
    assert AuditEntry.objects.filter(type="visits.visit.planned").count() == 3


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"second_id": None}, "alone_reason"),
        ({"day": DAY - timedelta(days=2)}, "day"),
        ({"day": DAY + timedelta(days=800)}, "day"),
        ({"purpose": "party"}, "purpose"),
        ({"first_id": uuid4()}, "first"),
    ],
)
def test_a_plan_that_does_not_hold_changes_nothing(people: Team, at: datetime, changes: Any, field: str) -> None:
    with pytest.raises(BadInput) as refused:
        planned(people, at, **changes)
    assert field in refused.value.fields
    assert not Visit.objects.exists()


def test_two_visitors_are_two_people_by_policy_and_by_constraint(people: Team, at: datetime) -> None:
    with pytest.raises(BadInput):
        planned(people, at, second_id=people.one.user_id)
    visit = planned(people, at)
    with pytest.raises(IntegrityError), transaction.atomic():
        Visit.objects.filter(id=visit.id).update(second_id=people.one.user_id)
    with pytest.raises(IntegrityError), transaction.atomic():
        Visit.objects.filter(id=visit.id).update(second=None)


def test_one_alone_with_a_reason(people: Team, at: datetime) -> None:
    visit = planned(people, at, second_id=None, alone_reason="同伴临时住院")
    assert (visit.second_id, visit.alone_reason) == (None, "同伴临时住院")


def test_a_relative_is_refused_by_name_by_telephone_and_by_own_word(people: Team, at: datetime) -> None:
    User.objects.filter(id=key_of(people.two)).update(phone="13900139000")
    for household, field in (
        (home(at, name="牛建军"), "first"),
        (home(at, name="别人", phone="13900139000"), "second"),
    ):
        with pytest.raises(BadInput) as refused:
            planned(people, at, household)
        assert list(refused.value.fields) == [field]
    visit = planned(people, at, home(at, name="路人"))
    services.tie_declare(visit_id=visit.id, actor=people.two, at=at)
    visit.refresh_from_db()
    assert visit.state == State.CANCELLED
    with pytest.raises(BadInput) as refused:
        services.visit_again(visit_id=visit.id, plan=plan(people), actor=people.planner, at=at)
    assert list(refused.value.fields) == ["second"]
    assert Visit.objects.count() == 1


def test_a_declaration_follows_the_household_into_another(people: Team, at: datetime) -> None:
    visit = planned(people, at, home(at, name="路人"))
    services.tie_declare(visit_id=visit.id, actor=people.two, at=at)
    into = home(at, name="亲戚", address="三组1号")
    person = Resident.objects.get(household=visit.household)
    households_join(
        household_id=into.id, version=into.version, other_id=visit.household_id, relations={person.id: Relation.FATHER},
        on=DAY - timedelta(days=1), actor=people.planner, at=at,
    )  # fmt: skip
    with pytest.raises(BadInput) as refused:
        planned(people, at, into)
    assert list(refused.value.fields) == ["second"]


def test_only_a_visitor_declares(people: Team, actor_for: Make, at: datetime) -> None:
    visit = planned(people, at)
    with pytest.raises(NotAllowed):
        services.tie_declare(visit_id=visit.id, actor=actor_for("verifier"), at=at)
    assert not Tie.objects.exists()
    visit.refresh_from_db()
    assert visit.state == State.PLANNED


def test_a_cadre_of_one_village_is_not_sent_to_another(people: Team, actor_for: Make, at: datetime) -> None:
    village = Branch.objects.create(name="村组织", kind="grassroots", region_code=OTHER_VILLAGE)
    cadre = actor_for("cadre", village, name="段文博")
    with pytest.raises(BadInput) as refused:
        planned(people, at, second_id=cadre.user_id)
    assert list(refused.value.fields) == ["second"]
    assert planned(people, at, home(at, village=OTHER_VILLAGE), second_id=cadre.user_id)


def test_strangers_plan_nothing(people: Team, actor_for: Make, at: datetime) -> None:
    household = home(at)
    elsewhere = actor_for("officer", Branch.objects.create(name="别县", kind="society", region_code="520624000000"))
    for actor, failure in ((people.one, NotAllowed), (elsewhere, NotFound)):
        with pytest.raises(failure):
            services.visits_plan(household_ids=[household.id], plan=plan(people), actor=actor, at=at)
    assert not Visit.objects.exists()
    assert not AuditEntry.objects.filter(type__startswith="visits.").exists()


def test_the_same_visit_is_planned_once(people: Team, at: datetime) -> None:
    household = home(at)
    planned(people, at, household)
    with pytest.raises(UnableTo):
        planned(people, at, household)
    assert Visit.objects.count() == 1


def test_changing_makes_a_new_version_and_an_old_page_is_refused(people: Team, at: datetime) -> None:
    visit = planned(people, at)
    later = plan(people, day=DAY + timedelta(days=3))
    changed = services.visit_change(visit_id=visit.id, version=1, plan=later, actor=people.planner, at=at)
    assert (changed.version, changed.day) == (2, DAY + timedelta(days=3))
    with pytest.raises(StalePage):
        services.visit_change(visit_id=visit.id, version=1, plan=plan(people), actor=people.planner, at=at)
    same = services.visit_change(visit_id=visit.id, version=2, plan=later, actor=people.planner, at=at)
    assert same.version == 2


def test_cancelling_needs_a_reason_and_a_visit_is_planned_again_once(people: Team, at: datetime) -> None:
    visit = planned(people, at)
    with pytest.raises(BadInput):
        services.visit_cancel(visit_id=visit.id, version=1, reason=" ", actor=people.planner, at=at)
    services.visit_cancel(visit_id=visit.id, version=1, reason="大雪封路", actor=people.planner, at=at)
    again = services.visit_again(visit_id=visit.id, plan=plan(people), actor=people.planner, at=at)
    assert again.again_of_id == visit.id
    with pytest.raises(UnableTo):
        services.visit_again(visit_id=visit.id, plan=plan(people), actor=people.planner, at=at)
    with pytest.raises(UnableTo):
        services.visit_again(visit_id=again.id, plan=plan(people), actor=people.planner, at=at)


def test_the_way_of_a_day_and_moving_a_stop(people: Team, at: datetime) -> None:
    doors = {a: planned(people, at, home(at, name=f"户{a}", address=a)) for a in ("十组1号", "二组1号", "二组11号")}
    route = queries.route_of(user_id=key_of(people.one), day=DAY, actor=people.one)
    assert [stop.address for stop in route.stops] == ["二组1号", "二组11号", "十组1号"]
    services.stop_move(visit_id=doors["十组1号"].id, day=DAY, up=True, actor=people.one, at=at)
    mine, theirs = (
        [s.address for s in queries.route_of(user_id=key_of(who), day=DAY, actor=who).stops]
        for who in (people.one, people.two)
    )
    assert mine == ["二组1号", "十组1号", "二组11号"]
    assert theirs == ["二组1号", "二组11号", "十组1号"]
    with pytest.raises(NotFound):
        services.stop_move(visit_id=doors["十组1号"].id, day=DAY, up=True, actor=people.planner, at=at)


def test_what_goes_onto_a_phone_is_the_least(people: Team, at: datetime) -> None:
    household = home(at, phone="13800138001")
    planned(people, at, household, ask="屋顶修好了吗")
    planned(people, at, home(at, name="李四", phone="13800138002"), with_phone=True)
    pack = services.route_take(day=DAY, actor=people.one, at=at).as_json()
    keys = {"id", "version", "name", "place", "address", "purpose", "ask", "first", "second", "phone"}
    assert all(set(stop) == keys for stop in pack["visits"])
    assert {stop["name"]: stop["phone"] for stop in pack["visits"]} == {"魏建国": "", "李四": "13800138002"}
    assert AuditEntry.objects.filter(type="visits.visit.taken").count() == 2
    for actor, day, failure in (
        (people.planner, DAY, UnableTo),
        (people.one, DAY + timedelta(days=40), UnableTo),
    ):
        with pytest.raises(failure):
            services.route_take(day=day, actor=actor, at=at)


def test_the_person_gets_a_copy_of_what_was_written(people: Team, at: datetime) -> None:
    household = home(at)
    visit = planned(people, at, household)
    services.report_receive(visit_id=visit.id, said=said(visit, at), actor=people.one, at=at)
    (told,) = visits_of_person(Resident.objects.get(household=household).id)
    assert told["reports"][0]["notes"] == "老人精神好，屋顶漏雨。"
    assert visit.region_code == VILLAGE
