"""What a household received, from any programme; help given lately is found when a case is entered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from boai.kernel.clock import local_date, now
from boai.kernel.errors import BadInput
from boai.people.models import User
from boai.registry import help
from boai.registry.help import Help, Whose
from boai.registry.models import Household
from boai.registry.queries import household_received
from boai.registry.services import merge_undo, resident_add, residents_merge
from boai.registry.services.households import PersonFacts
from boai.relief.enums import Channel
from boai.relief.models import Case, Step
from boai.relief.queries.checks import case_checks
from boai.relief.services import application
from boai.relief.tests.factories import ALL_PAPERS, NUMBER, County, applied, fake_number, make_household, rules_of

pytestmark = pytest.mark.django_db


def grant(tongwei: County, home: Household, *, days: int, fen: int = 100_000) -> Case:
    case = tongwei.submit(household=home)
    Case.objects.filter(id=case.id).update(
        state="paying", approved_fen=fen, approved_by=tongwei.secretary.user_id, panel_passed=True, notice_clear=True,
        decided_at=tongwei.at - timedelta(days=days),
    )  # fmt: skip
    return case


@pytest.fixture
def blankets() -> Iterator[list[Help]]:
    """A programme that gives goods, as another application would register it."""
    given: list[Help] = []

    def provider(whose: Whose, since: date | None) -> list[Help]:
        return [one for one in given if whose.households and (since is None or one.on >= since)]

    help.provider_register("warmth", provider)
    yield given
    help.provider_forget("warmth")


def blanket(on: date) -> Help:
    return Help(source="warmth", on=on, programme="博爱送万家", state="已领取", done=True, goods="棉被 2 床")


def test_money_and_goods_stand_on_one_page(tongwei: County, blankets: list[Help]) -> None:
    today = local_date(tongwei.at)
    home = make_household(at=tongwei.at)
    case = grant(tongwei, home, days=10)
    blankets.append(blanket(today - timedelta(days=400)))
    seen = household_received(household_id=home.id, on=today)
    assert [(one.source, one.done) for one in seen.rows] == [("relief", False), ("warmth", True)]
    assert (seen.coming_fen, seen.year_fen, seen.total_fen) == (100_000, 0, 0)
    client = Client()
    client.force_login(
        User.objects.get(id=str(tongwei.officer.user_id)), "allauth.account.auth_backends.AuthenticationBackend"
    )
    text = client.get(reverse("registry:household_received", args=[home.id])).content.decode()
    for word in (case.code, "棉被 2 床", "¥1,000.00", "博爱送万家"):
        assert word in text


def test_another_household_received_nothing(tongwei: County) -> None:
    home, other = make_household(at=tongwei.at), make_household(at=tongwei.at, number=fake_number())
    grant(tongwei, home, days=10)
    assert household_received(household_id=other.id, on=local_date(tongwei.at)).rows == []


def submit(tongwei: County, home: Household, despite: str | None) -> Case:
    data = applied(
        tongwei.programme("illness"), household_id=home.id, resident_id=home.residents.get().id, cause="illness"
    )
    return application.case_submit(
        data=data, channel=Channel.DESK, actor=tongwei.officer, at=tongwei.at, papers=ALL_PAPERS, despite=despite
    )


def test_help_given_lately_is_a_finding_at_entry(tongwei: County) -> None:
    home = make_household(at=tongwei.at)
    first = grant(tongwei, home, days=30)
    with pytest.raises(BadInput) as refused:
        submit(tongwei, home, "")
    assert first.code in " ".join(refused.value.fields["despite"])
    assert Case.objects.count() == 1
    second = submit(tongwei, home, "病情加重,需再次手术")
    step = Step.objects.get(case=second)
    assert (step.note, step.facts["help_lately"]) == ("病情加重,需再次手术", [first.code])


def test_help_under_a_double_is_found_after_the_two_are_made_one(tongwei: County) -> None:
    home, double = make_household(at=tongwei.at), make_household(at=tongwei.at, number=fake_number())
    first, today = grant(tongwei, double, days=30), local_date(tongwei.at)
    Case.objects.filter(id=first.id).update(resident=None, person_blind=None)  # it hangs on the household alone
    kept, gone = (one.residents.get() for one in (home, double))
    merge = residents_merge(kept_id=kept.id, gone_id=gone.id, actor=tongwei.officer, at=tongwei.at)
    assert [one.reference for one in household_received(household_id=home.id, on=today).rows] == [first.code]
    with pytest.raises(BadInput) as refused:
        submit(tongwei, home, "")
    assert first.code in " ".join(refused.value.fields["despite"])
    merge_undo(merge_id=merge.id, actor=tongwei.officer, at=tongwei.at)
    assert household_received(household_id=home.id, on=today).rows == []
    assert Case.objects.get(id=first.id).household_id == double.id


def test_the_case_of_one_member_follows_them_and_the_others_keep_theirs(tongwei: County) -> None:
    home, large = make_household(at=tongwei.at), make_household(at=tongwei.at, number=fake_number())
    theirs, of_all = grant(tongwei, large, days=30), grant(tongwei, large, days=20)
    facts = PersonFacts(name="温小兰", relation="child", sex="f", born_on=date(1990, 1, 1))
    gone = resident_add(household_id=large.id, facts=facts, actor=tongwei.officer, at=tongwei.at)
    Case.objects.filter(id=theirs.id).update(resident=gone)
    residents_merge(kept_id=home.residents.get().id, gone_id=gone.id, actor=tongwei.officer, at=tongwei.at)
    homes = dict(Case.objects.values_list("id", "household_id"))
    assert (homes[theirs.id], homes[of_all.id]) == (home.id, large.id)


def test_goods_of_another_programme_are_found_too(tongwei: County, blankets: list[Help]) -> None:
    home = make_household(at=tongwei.at)
    blankets.append(blanket(local_date(tongwei.at) - timedelta(days=20)))
    with pytest.raises(BadInput) as refused:
        submit(tongwei, home, "")
    assert "棉被 2 床" in " ".join(refused.value.fields["despite"])
    case = submit(tongwei, home, "属实")
    checks = {c.code: c for c in case_checks(case, rules=rules_of(case, tongwei.at), on=local_date(tongwei.at))}
    assert not checks["cooling"].ok
    assert "博爱送万家" in checks["cooling"].sentence
    blankets[:] = [replace(blankets[0], on=local_date(tongwei.at) - timedelta(days=91))]
    checks = {c.code: c for c in case_checks(case, rules=rules_of(case, tongwei.at), on=local_date(tongwei.at))}
    assert checks["cooling"].ok


def test_the_open_door_is_told_nothing_and_the_history_knows(tongwei: County) -> None:
    home = make_household(at=tongwei.at)
    first = grant(tongwei, home, days=30)
    case = submit(tongwei, home, None)
    assert Step.objects.get(case=case).facts["help_lately"] == [first.code]


def test_after_the_waiting_time_nobody_asks(tongwei: County) -> None:
    home = make_household(at=tongwei.at)
    grant(tongwei, home, days=91)
    assert "help_lately" not in Step.objects.get(case=submit(tongwei, home, "")).facts


def test_the_form_asks_why_and_keeps_what_was_typed(tongwei: County) -> None:
    number = fake_number()
    home = make_household(at=now(), number=number)
    tongwei.at = now()
    first = grant(tongwei, home, days=30)
    client = Client()
    client.force_login(
        User.objects.get(id=str(tongwei.officer.user_id)), "allauth.account.auth_backends.AuthenticationBackend"
    )
    form = {
        "programme": str(tongwei.programme("illness").id), "village": home.region_code, "applicant_kind": "self",
        "beneficiary_name": "温小兰", "id_number": number, "phone": "13800138000", "cause": "illness",
        "story": "住院自付过高", "payee_kind": "beneficiary", "consent_keep": "on", "key": str(uuid4()),
    }  # fmt: skip
    url = reverse("relief:case_new")
    assert 'name="despite"' not in client.get(url).content.decode()
    asked = client.post(url, form)
    assert asked.status_code == 422, asked.context["form"].errors
    text = asked.content.decode()
    assert first.code in text
    assert "住院自付过高" in text
    assert 'name="despite"' in text
    assert client.post(url, {**form, "despite": "病情加重"}).status_code == 302
    assert Case.objects.count() == 2


def test_help_is_found_under_either_key_while_keys_change(tongwei: County, settings: Any) -> None:
    settings.BOAI_MASTER_KEY, settings.BOAI_OLD_MASTER_KEYS = b"o" * 32, []
    home = make_household(at=tongwei.at)
    case = grant(tongwei, home, days=30)
    Case.objects.filter(id=case.id).update(household=None)
    assert [one.reference for one in household_received(household_id=home.id, on=local_date(tongwei.at)).rows]
    settings.BOAI_MASTER_KEY, settings.BOAI_OLD_MASTER_KEYS = b"n" * 32, [b"o" * 32]
    for mark in (case.person_blind, application.person_blind(NUMBER)):
        Case.objects.filter(id=case.id).update(person_blind=mark)
        rows = household_received(household_id=home.id, on=local_date(tongwei.at)).rows
        assert [one.reference for one in rows] == [case.code]
        with pytest.raises(BadInput):
            submit(tongwei, home, "")
