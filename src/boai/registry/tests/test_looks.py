"""Who looked: told to the person; what is unusual is asked about by somebody else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse

from boai.audit.models import AuditEntry
from boai.kernel.errors import BadInput, NotAllowed, UnableTo
from boai.kernel.scope import EVERYWHERE, set_scope
from boai.messages.models import Message
from boai.people.actor import Actor
from boai.people.models import Branch, User
from boai.registry import services
from boai.registry.enums import FlagKind, FlagState
from boai.registry.models import Household, LookFlag, Resident, SensitiveLook, WatchedPerson
from boai.registry.queries.looks import looks_of
from boai.registry.services.households import PersonFacts
from boai.registry.tests.factories import signed_in
from boai.registry.tests.test_lives import SUMMER, Family
from boai.registry.tests.test_pages import make_household
from boai.rulebook.services import rule_set

pytestmark = pytest.mark.django_db
Make = Callable[..., Actor]
TUESDAY = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)  # 10:00 in China


def _look(actor: Actor, household: Household, at: datetime, reason: str = "核对低保信息") -> list[LookFlag]:
    services.sensitive_open(household_id=household.id, reason=reason, actor=actor, at=at)
    look = SensitiveLook.objects.latest("id")
    return services.look_check(look_id=look.id, at=at)


def test_every_look_is_told_with_its_reason(actor_for: Make, at: datetime) -> None:
    officer = actor_for("officer", name="王办事")
    made = make_household(officer, at)
    assert _look(officer, made, TUESDAY) == []
    (look,) = looks_of(household=made)
    assert (look.who, look.reason, look.at) == ("王办事", "核对低保信息", TUESDAY)
    page = signed_in(officer).get(reverse("registry:household_looks", args=[made.id]))
    assert "核对低保信息" in page.content.decode()
    paper = signed_in(officer).post(reverse("registry:household_looks_print", args=[made.id]))
    assert paper.content.startswith(b"%PDF")
    set_scope(EVERYWHERE)
    assert AuditEntry.objects.filter(type="registry.looks.told").count() == 1


def test_a_look_that_was_refused_is_no_look(actor_for: Make, at: datetime) -> None:
    made = make_household(actor_for("officer"), at)
    with pytest.raises(NotAllowed):
        services.sensitive_open(household_id=made.id, reason="好奇得很", actor=actor_for("cadre"), at=at)
    with pytest.raises(BadInput):
        services.sensitive_open(household_id=made.id, reason=" ", actor=actor_for("officer"), at=at)
    assert not SensitiveLook.objects.exists()


@pytest.mark.parametrize(
    ("moment", "flagged"),
    [
        (datetime(2026, 11, 24, 11, 59, tzinfo=UTC), False),  # 19:59
        (datetime(2026, 11, 24, 12, 0, tzinfo=UTC), True),  # 20:00
        (datetime(2026, 11, 23, 22, 59, tzinfo=UTC), True),  # 06:59 on Tuesday
        (datetime(2026, 11, 23, 23, 0, tzinfo=UTC), False),  # 07:00
        (datetime(2026, 11, 28, 2, 0, tzinfo=UTC), True),  # Saturday
    ],
)
def test_night_and_weekend_are_asked_about(moment: datetime, flagged: bool, actor_for: Make, at: datetime) -> None:
    officer = actor_for("officer")
    kinds = [flag.kind for flag in _look(officer, make_household(officer, at), moment)]
    assert kinds == ([FlagKind.HOURS] if flagged else [])


def test_many_looks_on_one_day_raise_one_flag(actor_for: Make, at: datetime) -> None:
    officer, supervisor = actor_for("officer"), actor_for("supervisor")
    rule_set(key="register.looks", value={"per_day": 3, "from_hour": 7, "to_hour": 20}, region_code="621121000000",
             valid_from=date(2026, 1, 1), source="测试", confidence="A", actor=actor_for("secretary"),
             at=datetime(2025, 12, 1, tzinfo=UTC))  # fmt: skip
    made = make_household(officer, at)
    raised = [_look(officer, made, TUESDAY + timedelta(minutes=i)) for i in range(6)]
    assert [len(one) for one in raised] == [0, 0, 0, 1, 0, 0]
    assert raised[3][0].looks == 4
    message = Message.objects.get(template="registry.look_flagged")
    assert message.user_id == supervisor.user_id
    assert message.path == f"/register/looks/{raised[3][0].id}/"
    assert "张小三" not in message.body


def test_ones_own_household_is_asked_about(actor_for: Make, at: datetime) -> None:
    officer = actor_for("officer", name="李办事")
    made = make_household(officer, at)
    assert _look(officer, made, TUESDAY) == []
    User.objects.filter(id=str(officer.user_id)).update(phone="13800138000")  # the head's own number
    assert [flag.kind for flag in _look(officer, made, TUESDAY)] == [FlagKind.OWN]
    namesake = actor_for("officer", name="张小三")
    assert [flag.kind for flag in _look(namesake, made, TUESDAY)] == [FlagKind.OWN]


def test_the_watch_list_is_kept_by_the_supervisor_and_asked_about(actor_for: Make, at: datetime) -> None:
    officer, supervisor = actor_for("officer"), actor_for("supervisor")
    made = make_household(officer, at)
    with pytest.raises(NotAllowed):
        services.watched_add(name="张小三", note="", actor=officer, at=at)
    assert not WatchedPerson.objects.exists()
    person = services.watched_add(name="张小三", note="镇长", actor=supervisor, at=at)
    with pytest.raises(UnableTo):
        services.watched_add(name="张小三", note="", actor=supervisor, at=at)
    assert [flag.kind for flag in _look(officer, made, TUESDAY)] == [FlagKind.WATCHED]
    services.watched_end(person_id=person.id, actor=supervisor, at=at)
    assert _look(officer, made, TUESDAY + timedelta(days=1)) == []


def test_nobody_answers_for_their_own_looks(actor_for: Make, at: datetime) -> None:
    officer, supervisor = actor_for("officer"), actor_for("supervisor")
    made = make_household(officer, at)
    (flag,) = _look(officer, made, datetime(2026, 11, 28, 2, 0, tzinfo=UTC))
    # A supervisor opens nothing: the flag is turned on them by hand.
    LookFlag.objects.filter(id=flag.id).update(user_id=supervisor.user_id)
    for actor in (officer, supervisor):
        with pytest.raises(NotAllowed):
            services.flag_answer(flag_id=flag.id, action="justify", words="加班核对名册", actor=actor, at=at)
    assert LookFlag.objects.get().state == FlagState.OPEN
    other = actor_for("supervisor")
    with pytest.raises(BadInput):
        services.flag_answer(flag_id=flag.id, action="justify", words="好", actor=other, at=at)
    services.flag_answer(flag_id=flag.id, action="object", words="说不出理由", actor=other, at=at)
    with pytest.raises(UnableTo):
        services.flag_answer(flag_id=flag.id, action="justify", words="加班核对名册", actor=other, at=at)
    assert LookFlag.objects.get().state == FlagState.UNJUSTIFIED


def test_the_pages_of_the_supervisor(actor_for: Make, at: datetime) -> None:
    officer, supervisor = actor_for("officer", name="王办事"), actor_for("supervisor")
    made = make_household(officer, at)
    (flag,) = _look(officer, made, datetime(2026, 11, 28, 2, 0, tzinfo=UTC), reason="周末加班")
    client = signed_in(supervisor)
    assert "王办事" in client.get(reverse("registry:flag_list")).content.decode()
    assert "周末加班" in client.get(reverse("registry:flag", args=[flag.id])).content.decode()
    for actor in (officer, actor_for("cadre")):
        assert signed_in(actor).get(reverse("registry:flag_list")).status_code == 403
        assert signed_in(actor).get(reverse("registry:flag", args=[flag.id])).status_code == 403
    other = Branch.objects.create(region_code="430121000000", name="长沙县红十字会", kind="society")
    assert signed_in(actor_for("supervisor", other)).get(reverse("registry:flag", args=[flag.id])).status_code == 404
    answer = client.post(reverse("registry:flag", args=[flag.id]), {"action": "justify", "words": "周末补录名册"})
    assert answer.status_code == 302
    set_scope(EVERYWHERE)
    assert LookFlag.objects.get().state == FlagState.JUSTIFIED


@pytest.mark.parametrize(
    ("moment", "flagged"),
    [
        (datetime(2026, 10, 1, 2, 0, tzinfo=UTC), True),  # National Day, a Thursday
        (datetime(2026, 10, 10, 2, 0, tzinfo=UTC), False),  # a Saturday that was swapped
        (datetime(2026, 2, 14, 2, 0, tzinfo=UTC), False),
        (datetime(2026, 2, 17, 2, 0, tzinfo=UTC), True),  # Spring Festival, a Tuesday
    ],
)
def test_offices_keep_china_s_calendar(moment: datetime, flagged: bool, actor_for: Make, at: datetime) -> None:
    officer = actor_for("officer")
    kinds = [flag.kind for flag in _look(officer, make_household(officer, at), moment)]
    assert kinds == ([FlagKind.HOURS] if flagged else [])


class TestRelatives:
    """Households in which somebody lives with whom the officer once lived."""

    def kinds(self, officer: Actor, home: Household) -> list[str]:
        return [flag.kind for flag in _look(officer, home, TUESDAY)]

    @pytest.mark.parametrize("how", ["phone", "name"])
    def test_a_brother_who_divided_the_household(self, actor_for: Make, at: datetime, how: str) -> None:
        officer = actor_for("officer", name="李办事" if how == "phone" else "张大")
        if how == "phone":
            User.objects.filter(id=str(officer.user_id)).update(phone="13800138000")  # 张大's own number
        family = Family(officer, at)
        other = Family(officer, at, name="王大", sequence=2, place=1)
        if how == "phone":
            Resident.objects.filter(household=other.home).update(phone_blind=None)
        fresh = services.household_split(
            household_id=family.home.id, version=family.version, goes={family.one("子").id: "head"}, on=SUMMER,
            actor=officer, at=at,
        )  # fmt: skip
        assert self.kinds(officer, fresh) == [FlagKind.OWN]
        assert self.kinds(officer, other.home) == []

    def test_a_sister_who_married(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer", name="张大")
        family, other = Family(officer, at), Family(officer, at, name="王大", sequence=2, place=1)
        girl = family.one("女")
        services.resident_move(resident_id=girl.id, version=girl.version, to_id=other.home.id, on=SUMMER,
                               relation="child_in_law", kind="marriage", actor=officer, at=at)  # fmt: skip
        assert self.kinds(officer, other.home) == [FlagKind.OWN]

    def test_who_came_after_the_other_had_left_is_no_relative(self, actor_for: Make, at: datetime) -> None:
        family = Family(actor_for("officer"), at)
        girl = family.one("女")
        other = Family(family.officer, at, name="王大", sequence=2, place=1)
        services.resident_move(resident_id=girl.id, version=girl.version, to_id=other.home.id, on=SUMMER,
                               relation="child_in_law", kind="marriage", actor=family.officer, at=at)  # fmt: skip
        services.resident_add(household_id=family.home.id, facts=PersonFacts(name="刘办事", relation="relative"),
                              on=SUMMER + timedelta(days=90), actor=family.officer, at=at)  # fmt: skip
        assert self.kinds(actor_for("officer", name="刘办事"), other.home) == []

    def test_a_name_that_two_people_have_says_nothing_of_other_households(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer", name="张大")
        family = Family(officer, at)
        make_household(officer, at, name="张大", sequence=7, place=2)
        fresh = services.household_split(
            household_id=family.home.id, version=family.version, goes={family.one("子").id: "head"}, on=SUMMER,
            actor=officer, at=at,
        )  # fmt: skip
        assert self.kinds(officer, fresh) == []
