"""A life, not a row: what happens to households, the past that is kept of it, and taking it back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from boai.audit.models import AuditEntry
from boai.kernel.errors import BadInput, NotAllowed, StalePage, UnableTo
from boai.kernel.text.identity import read_person_number
from boai.people.actor import Actor
from boai.people.models import Branch
from boai.registry import queries, services
from boai.registry.models import Household, HouseholdEvent, Membership, PastPlace, Resident
from boai.registry.services.households import PersonFacts
from boai.registry.tests.factories import signed_in, villages
from boai.registry.tests.register_files import number_for
from boai.registry.tests.test_pages import make_household

pytestmark = pytest.mark.django_db
Make = Callable[..., Actor]
ENTERED, SPRING, SUMMER, TODAY = date(2024, 1, 10), date(2025, 3, 1), date(2026, 6, 1), date(2026, 11, 24)


class Family:
    """A household entered in January 2024: 张大 the head, his wife, his son, his daughter."""

    def __init__(self, officer: Actor, at: datetime, name: str = "张大", sequence: int = 1, place: int = 0) -> None:
        self.officer, self.at = officer, at
        early = at - timedelta(days=(TODAY - ENTERED).days)
        self.home = make_household(officer, early, name=name, sequence=sequence, place=place)
        for who, relation in (("妻", "spouse"), ("子", "son"), ("女", "daughter")):
            services.resident_add(
                household_id=self.home.id, facts=PersonFacts(name=name[:1] + who, relation=relation),
                actor=officer, at=early,
            )  # fmt: skip
        self.surname = name[:1]

    def one(self, who: str) -> Resident:
        return Resident.objects.get(name=self.surname + who, region_code__startswith="621121")

    @property
    def version(self) -> int:
        return Household.objects.get(id=self.home.id).version

    def undo(self, kind: str) -> None:
        event = HouseholdEvent.objects.get(kind=kind)
        services.event_undo(household_id=event.household_id, event_id=event.id, actor=self.officer, at=self.at)

    def on(self, day: date) -> dict[str, str]:
        then = queries.household_on(household_id=self.home.id, day=day)
        return {one.name[1:]: one.relation for one in then.members}


@pytest.fixture
def family(actor_for: Make, at: datetime) -> Family:
    return Family(actor_for("officer"), at)


def settle() -> None:
    """Ask the constraints that wait for the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


ALL = {"大": "户主", "妻": "配偶", "子": "子", "女": "女"}


def test_nobody_before_the_register_began(family: Family) -> None:
    assert family.on(ENTERED - timedelta(days=1)) == {}
    assert family.on(ENTERED) == family.on(TODAY) == ALL
    assert Membership.objects.count() == 0  # only what has ended costs anything


def test_a_household_divides(family: Family) -> None:
    son, wife = family.one("子"), Resident.objects.create(
        household=family.home, region_code=family.home.region_code, name="张媳", relation="child_in_law",
        since=SPRING, created_at=family.at, changed_at=family.at,
    )  # fmt: skip
    fresh = services.household_split(
        household_id=family.home.id, version=family.version, goes={son.id: "head", wife.id: "spouse"}, on=SUMMER,
        actor=family.officer, at=family.at, note="分户登记",
    )  # fmt: skip
    settle()
    assert family.on(SUMMER - timedelta(days=1)) == {**ALL, "媳": "儿媳（女婿）"}
    assert family.on(SUMMER) == {"大": "户主", "妻": "配偶", "女": "女"}
    then = queries.household_on(household_id=fresh.id, day=SUMMER)
    assert [(m.name, m.relation) for m in then.members] == [("张子", "户主"), ("张媳", "配偶")]
    assert queries.household_on(household_id=fresh.id, day=SUMMER - timedelta(days=1)).members == []
    line = queries.household_history(household_id=family.home.id)[0]
    assert (line.day, line.other_id, line.note, line.may_undo) == (SUMMER, fresh.id, "分户登记", True)
    assert AuditEntry.objects.filter(type="registry.event.recorded").exists()


def test_two_households_become_one_and_come_apart_again(family: Family, actor_for: Make, at: datetime) -> None:
    other = Family(family.officer, at, name="李大", sequence=2, place=1)
    relations = {r.id: "relative" for r in other.home.residents.all()}
    services.households_join(
        household_id=family.home.id, version=family.version, other_id=other.home.id, relations=relations, on=SUMMER,
        actor=family.officer, at=at,
    )  # fmt: skip
    settle()
    assert len(queries.household_on(household_id=family.home.id, day=SUMMER).members) == 8
    assert len(other.on(SUMMER - timedelta(days=1))) == 4
    assert other.on(SUMMER) == {}
    assert Household.objects.get(id=other.home.id).ended_on == SUMMER
    assert {r.region_code for r in family.home.residents.all()} == {family.home.region_code}
    event = HouseholdEvent.objects.get(kind="merge")
    services.event_undo(household_id=event.household_id, event_id=event.id, actor=family.officer, at=at)
    settle()
    assert other.on(TODAY) == ALL
    assert family.on(TODAY) == ALL
    assert Membership.objects.count() == 0
    with pytest.raises(UnableTo):
        services.event_undo(household_id=event.household_id, event_id=event.id, actor=family.officer, at=at)


def test_one_head_at_every_moment(family: Family) -> None:
    services.head_change(
        household_id=family.home.id, version=family.version, new_head_id=family.one("妻").id,
        former_becomes="spouse", on=SPRING, actor=family.officer, at=family.at,
    )  # fmt: skip
    services.head_change(
        household_id=family.home.id, version=family.version, new_head_id=family.one("子").id,
        former_leaves="death", on=SUMMER, actor=family.officer, at=family.at,
    )  # fmt: skip
    settle()
    assert family.on(SPRING - timedelta(days=1))["大"] == "户主"
    assert family.on(SPRING) == {"大": "配偶", "妻": "户主", "子": "子", "女": "女"}
    assert family.on(SUMMER) == {"大": "配偶", "子": "户主", "女": "女"}
    kinds = [line.kind for line in queries.household_history(household_id=family.home.id)]
    assert kinds[:2] == ["死亡", "变更户主"]


@pytest.mark.parametrize("seed", ["two_heads", "no_head", "two_homes"])
def test_the_database_refuses_a_past_that_can_not_have_been(family: Family, seed: str) -> None:
    services.head_change(
        household_id=family.home.id, version=family.version, new_head_id=family.one("妻").id,
        former_becomes="spouse", on=SPRING, actor=family.officer, at=family.at,
    )  # fmt: skip
    settle()
    head = "registry_membership SET during = daterange(%s, %s) WHERE relation = 'head'"
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        if seed == "two_heads":
            cursor.execute(f"UPDATE {head}", [ENTERED, SPRING + timedelta(days=9)])
        elif seed == "no_head":
            cursor.execute(f"UPDATE {head}", [ENTERED, SPRING - timedelta(days=9)])
        else:
            cursor.execute(
                """INSERT INTO registry_membership (resident_id, household_id, region_code, relation, end_reason, during)
                   SELECT resident_id, household_id, region_code, 'other', '', daterange(%s, %s)
                   FROM registry_membership WHERE relation = 'head'""",
                [ENTERED, ENTERED + timedelta(days=3)],
            )
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_a_person_marries_out_and_comes_back(family: Family, at: datetime) -> None:
    other = Family(family.officer, at, name="李大", sequence=2, place=1)
    daughter = family.one("女")
    services.resident_move(
        resident_id=daughter.id, version=daughter.version, to_id=other.home.id, relation="child_in_law",
        kind="marriage", on=SPRING, actor=family.officer, at=at,
    )  # fmt: skip
    daughter.refresh_from_db()
    assert daughter.region_code == other.home.region_code
    services.resident_leave(
        resident_id=daughter.id, version=daughter.version, reason="moved", on=SUMMER, actor=family.officer, at=at
    )
    daughter.refresh_from_db()
    services.resident_return(
        resident_id=daughter.id, version=daughter.version, to_id=family.home.id, relation="daughter",
        on=SUMMER + timedelta(days=30), actor=family.officer, at=at,
    )  # fmt: skip
    settle()
    assert "女" in family.on(SPRING - timedelta(days=1))
    assert "女" not in family.on(SPRING)
    names = [m.name for m in queries.household_on(household_id=other.home.id, day=SPRING).members]
    assert "张女" in names
    assert "女" not in family.on(SUMMER + timedelta(days=29))
    assert family.on(SUMMER + timedelta(days=30))["女"] == "女"
    assert Membership.objects.filter(resident=daughter).count() == 2
    for event in HouseholdEvent.objects.filter(resident=daughter).exclude(kind="added").order_by("-day"):
        services.event_undo(household_id=event.household_id, event_id=event.id, actor=family.officer, at=at)
    settle()
    assert family.on(TODAY) == ALL
    assert Membership.objects.count() == 0


def test_a_household_moves_and_the_register_of_a_day_follows(family: Family) -> None:
    there = villages(8)[5][2]
    services.household_move(
        household_id=family.home.id, version=family.version, region_code=there, address="新村2号", on=SUMMER,
        actor=family.officer, at=family.at,
    )  # fmt: skip
    settle()
    here = family.home.region_code
    for day, code in ((SUMMER - timedelta(days=1), here), (SUMMER, there)):
        for place in (here, there):
            page = queries.register_on(day=day, region_code=place, actor=family.officer)
            assert (page.households, page.people) == ((1, 4) if place == code else (0, 0))
            assert [row.head for row in page.rows] == (["张大"] if place == code else [])
    assert {r.region_code for r in Resident.objects.all()} == {there}
    family.undo("place")
    assert PastPlace.objects.count() == 0
    assert Household.objects.get(id=family.home.id).region_code == here


def test_the_register_of_a_day_is_one_query(family: Family, django_assert_num_queries: Callable[..., Any]) -> None:
    for number in (1, 12):
        for i in range(number):
            Family(family.officer, family.at, name=f"{'赵钱孙李周吴郑王冯陈褚卫'[i]}大", sequence=10 * number + i)
        with django_assert_num_queries(3):  # totals, rows, names of places
            queries.register_on(day=SUMMER, region_code=family.home.region_code, actor=family.officer, size=30)


def test_pages_of_a_day_follow_each_other(family: Family) -> None:
    for i in range(4):
        Family(family.officer, family.at, name=f"{'赵钱孙李'[i]}大", sequence=20 + i)
    seen, key = [], ""
    for _turn in range(5):
        page = queries.register_on(
            day=TODAY, region_code=family.home.region_code, actor=family.officer, key=key, size=2
        )
        seen += [row.head for row in page.rows]
        key = page.after
        if not key:
            break
    assert sorted(seen) == sorted(["张大", "赵大", "钱大", "孙大", "李大"])


@pytest.mark.parametrize("on", [TODAY + timedelta(days=1), SPRING - timedelta(days=1)])
def test_days_that_can_not_be(family: Family, on: date) -> None:
    son = family.one("子")
    services.head_change(household_id=family.home.id, version=family.version, new_head_id=family.one("妻").id,
                         former_becomes="spouse", on=SPRING, actor=family.officer, at=family.at)  # fmt: skip
    with pytest.raises(BadInput):
        services.head_change(household_id=family.home.id, version=family.version, new_head_id=son.id,
                             former_becomes="spouse", on=on, actor=family.officer, at=family.at)  # fmt: skip
    settle()
    assert HouseholdEvent.objects.filter(kind="head").count() == 1
    assert family.on(TODAY)["妻"] == "户主"


def test_a_correction_leaves_no_past(family: Family) -> None:
    services.head_change(household_id=family.home.id, version=family.version, new_head_id=family.one("妻").id,
                         former_becomes="spouse", actor=family.officer, at=family.at)  # fmt: skip
    settle()
    assert family.on(ENTERED)["妻"] == "户主"
    assert not Membership.objects.exists()
    family.undo("head")
    assert family.on(TODAY) == ALL


def test_what_a_split_refuses(family: Family) -> None:
    head, son, girl = family.one("大"), family.one("子"), family.one("女")
    for goes in ({}, {head.id: "head"}, {son.id: "son"}, {son.id: "head", girl.id: "head"}, {son.id: "king"}):
        with pytest.raises(BadInput):
            services.household_split(household_id=family.home.id, version=family.version, goes=goes, on=SUMMER,
                                     actor=family.officer, at=family.at)  # fmt: skip
    with pytest.raises(StalePage):
        services.household_split(household_id=family.home.id, version=0, goes={son.id: "head"}, on=SUMMER,
                                 actor=family.officer, at=family.at)  # fmt: skip
    assert Household.objects.count() == 1
    assert family.on(TODAY) == ALL


def test_what_was_built_upon_is_not_taken_back(family: Family) -> None:
    son = family.one("子")
    fresh = services.household_split(household_id=family.home.id, version=family.version, goes={son.id: "head"},
                                     on=SPRING, actor=family.officer, at=family.at)  # fmt: skip
    services.resident_add(household_id=fresh.id, facts=PersonFacts(name="张孙", relation="son"), kind="birth",
                          on=SUMMER, actor=family.officer, at=family.at)  # fmt: skip
    split, birth = HouseholdEvent.objects.get(kind="split"), HouseholdEvent.objects.get(kind="birth")
    with pytest.raises(UnableTo):
        services.event_undo(household_id=split.household_id, event_id=split.id, actor=family.officer, at=family.at)
    assert Household.objects.get(id=fresh.id).ended_on is None
    services.event_undo(household_id=birth.household_id, event_id=birth.id, actor=family.officer, at=family.at)
    services.event_undo(household_id=split.household_id, event_id=split.id, actor=family.officer, at=family.at)
    settle()
    assert family.on(TODAY) == ALL
    assert Household.objects.get(id=fresh.id).ended_on == SPRING


def test_the_dead_do_not_come_back(family: Family) -> None:
    girl = family.one("女")
    services.resident_leave(resident_id=girl.id, version=1, reason="death", on=SUMMER, actor=family.officer,
                            at=family.at)  # fmt: skip
    with pytest.raises(UnableTo):
        services.resident_return(resident_id=girl.id, version=2, to_id=family.home.id, relation="daughter", on=TODAY,
                                 actor=family.officer, at=family.at)  # fmt: skip
    assert "女" not in family.on(TODAY)


def test_who_is_registered_elsewhere_meanwhile_does_not_come_back(family: Family, at: datetime) -> None:
    number = read_person_number(number_for(date(2001, 5, 5), male=False, sequence=9), on=TODAY)
    facts = PersonFacts(name="张小妹", relation="daughter", number=number)
    girl = services.resident_add(household_id=family.home.id, facts=facts, on=SPRING, actor=family.officer, at=at)
    services.resident_leave(resident_id=girl.id, version=1, reason="moved", on=SUMMER, actor=family.officer, at=at)
    other = Family(family.officer, at, name="李大", sequence=2, place=1)
    services.resident_add(household_id=other.home.id, facts=facts, actor=family.officer, at=at)
    with pytest.raises(UnableTo):
        services.resident_return(resident_id=girl.id, version=2, to_id=family.home.id, relation="daughter", on=TODAY,
                                 actor=family.officer, at=at)  # fmt: skip
    event = HouseholdEvent.objects.get(resident=girl, kind="move")
    with pytest.raises(UnableTo):
        services.event_undo(household_id=event.household_id, event_id=event.id, actor=family.officer, at=at)
    assert Resident.objects.get(id=girl.id).ended_on == SUMMER


def test_strangers_and_readers_change_nothing(family: Family, actor_for: Make, at: datetime) -> None:
    event = HouseholdEvent.objects.first()
    assert event is not None
    stranger = signed_in(actor_for("officer", Branch.objects.create(
        region_code="430121000000", name="长沙县红十字会", kind="society")))  # fmt: skip
    cadre = actor_for("cadre")
    reader = signed_in(cadre)
    girl = family.one("女")
    pages = [
        *(reverse(f"registry:{name}", args=[family.home.id])
          for name in ("household_split", "households_join", "household_move")),
        *(reverse(f"registry:{name}", args=[girl.id]) for name in ("resident_move", "resident_return")),
        reverse("registry:event_undo", args=[family.home.id, event.id]),
    ]  # fmt: skip
    for url in pages:
        assert stranger.get(url).status_code == 404
        assert stranger.post(url, {}).status_code == 404
        assert reader.get(url).status_code == 403
        assert reader.post(url, {}).status_code == 403
    assert stranger.get(reverse("registry:household_on", args=[family.home.id])).status_code == 404
    assert stranger.get(reverse("registry:register_on")).context["page"].rows == []
    assert reader.get(reverse("registry:household_on", args=[family.home.id])).status_code == 200
    with pytest.raises(NotAllowed):
        services.event_undo(household_id=event.household_id, event_id=event.id, actor=cadre, at=at)
    assert family.on(TODAY) == ALL


def test_the_pages_tell_the_story(family: Family, at: datetime) -> None:
    client = signed_in(family.officer)
    son = family.one("子")
    url = reverse("registry:household_split", args=[family.home.id])
    form = {"version": family.version, "on": "2026-06-01", f"goes_{son.id}": "head",
            "region_code": family.home.region_code, "address": "5组1号"}  # fmt: skip
    assert client.get(url).status_code == 200
    answer = client.post(url, form)
    assert answer.status_code == 302
    assert "张子" in client.get(answer["Location"]).content.decode()
    old = client.get(reverse("registry:household", args=[family.home.id])).content.decode()
    assert "分户" in old
    day = client.get(reverse("registry:household_on", args=[family.home.id]), {"on": "2026-05-31"})
    assert "张子" in day.content.decode()
    event = HouseholdEvent.objects.get(kind="split")
    undo = reverse("registry:event_undo", args=[family.home.id, event.id])
    assert "张子" in client.get(undo).content.decode()
    assert client.post(undo).status_code == 302
    assert family.on(TODAY) == ALL


def test_joining_asks_which_and_then_as_what(family: Family, at: datetime) -> None:
    other = Family(family.officer, at, name="李大", sequence=2, place=1)
    client = signed_in(family.officer)
    url = reverse("registry:households_join", args=[family.home.id])
    assert client.get(url).status_code == 200
    assert client.get(url, {"q": family.home.code}).status_code == 422
    assert client.get(url, {"q": "没有这户"}).status_code == 422
    page = client.get(url, {"q": "李大"})
    assert "李妻" in page.content.decode()
    form = {"version": family.version, "on": "2026-06-01"}
    assert client.post(f"{url}?q={other.home.code}", form).status_code == 422
    form |= {f"goes_{r.id}": "relative" for r in other.home.residents.all()}
    assert client.post(f"{url}?q={other.home.code}", form).status_code == 302
    assert len(queries.household_on(household_id=family.home.id, day=TODAY).members) == 8


def test_a_birth_by_its_form(family: Family) -> None:
    client = signed_in(family.officer)
    url = reverse("registry:resident_new", args=[family.home.id])
    form = {"how": "birth", "on": "2026-06-01", "name": "张小宝", "relation": "grandson", "sex": "m",
            "born_on": "2026-06-01"}  # fmt: skip
    assert client.post(url, form).status_code == 302
    assert "小宝" in family.on(SUMMER)
    assert "小宝" not in family.on(SUMMER - timedelta(days=1))
