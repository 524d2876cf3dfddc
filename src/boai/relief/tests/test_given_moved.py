"""Help follows the people: who moved, married or divided a household has received what they received before."""

from __future__ import annotations

from datetime import timedelta

import pytest

from boai.kernel.clock import local_date
from boai.kernel.errors import BadInput
from boai.registry.models import Household, Resident
from boai.registry.queries import household_received
from boai.registry.services import household_split, resident_add, resident_move
from boai.registry.services.households import PersonFacts
from boai.relief.enums import Channel
from boai.relief.models import Case
from boai.relief.queries.checks import case_checks
from boai.relief.services import application
from boai.relief.tests.factories import ALL_PAPERS, County, applied, fake_number, make_household, rules_of
from boai.relief.tests.test_given import grant

pytestmark = pytest.mark.django_db


@pytest.fixture
def home(tongwei: County) -> Household:
    """A household since last year: the head, and a daughter without a number."""
    early = tongwei.at - timedelta(days=300)
    home = make_household(at=early)
    resident_add(household_id=home.id, facts=PersonFacts(name="魏小女", relation="daughter"), actor=tongwei.officer,
                 at=early)  # fmt: skip
    return home


def daughter() -> Resident:
    return Resident.objects.get(name="魏小女")


def marries(tongwei: County, *, days: int) -> Household:
    there = make_household(at=tongwei.at - timedelta(days=300), number=fake_number(), name="李大")
    girl = daughter()
    resident_move(resident_id=girl.id, version=girl.version, to_id=there.id, relation="child_in_law", kind="marriage",
                  on=local_date(tongwei.at) - timedelta(days=days), actor=tongwei.officer, at=tongwei.at)  # fmt: skip
    return there


def granted(tongwei: County, home: Household, *, to: Resident, days: int, alone: bool = False) -> Case:
    case = grant(tongwei, Household.objects.get(id=make_household(at=tongwei.at, number=fake_number()).id), days=days)
    Case.objects.filter(id=case.id).update(household=None if alone else home.id, resident=to.id, person_blind=None)
    return case


def submit(tongwei: County, resident: Resident, despite: str) -> Case:
    data = applied(
        tongwei.programme("illness"), household_id=resident.household_id, resident_id=resident.id, cause="illness"
    )
    return application.case_submit(
        data=data, channel=Channel.DESK, actor=tongwei.officer, at=tongwei.at, papers=ALL_PAPERS, despite=despite
    )


def received(home: Household, tongwei: County) -> list[str]:
    return [one.reference for one in household_received(household_id=home.id, on=local_date(tongwei.at)).rows]


def test_her_own_help_follows_a_person_without_a_number(tongwei: County, home: Household) -> None:
    case = granted(tongwei, home, to=daughter(), days=30, alone=True)
    there = marries(tongwei, days=60)
    assert received(there, tongwei) == [case.code]
    with pytest.raises(BadInput) as refused:
        submit(tongwei, daughter(), "")
    assert case.code in " ".join(refused.value.fields["despite"])


def test_a_household_s_help_counts_for_who_lived_there_then(tongwei: County, home: Household) -> None:
    head = home.residents.get(relation="head")
    before = granted(tongwei, home, to=head, days=40)
    after = granted(tongwei, home, to=head, days=10)
    there = marries(tongwei, days=20)
    assert received(there, tongwei) == [before.code]
    assert set(received(home, tongwei)) == {before.code, after.code}


def test_dividing_a_household_makes_no_new_claim(tongwei: County, home: Household) -> None:
    first = granted(tongwei, home, to=home.residents.get(relation="head"), days=30)
    household_split(household_id=home.id, version=Household.objects.get(id=home.id).version,
                    goes={daughter().id: "head"}, on=local_date(tongwei.at) - timedelta(days=5),
                    actor=tongwei.officer, at=tongwei.at)  # fmt: skip
    with pytest.raises(BadInput):
        submit(tongwei, daughter(), "")
    case = submit(tongwei, daughter(), "另有急病")
    checks = {c.code: c for c in case_checks(case, rules=rules_of(case, tongwei.at), on=local_date(tongwei.at))}
    assert (checks["cooling"].ok, first.code in checks["cooling"].sentence) == (False, True)


def test_who_left_takes_no_help_of_others_along(tongwei: County, home: Household) -> None:
    there = marries(tongwei, days=60)
    granted(tongwei, home, to=home.residents.get(relation="head"), days=30)
    assert received(there, tongwei) == []
