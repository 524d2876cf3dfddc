"""申请与受理."""

from __future__ import annotations

import pytest

from boai.kernel.errors import BadInput, NotAllowed, UnableTo
from boai.relief.enums import State
from boai.relief.models import Case, Paper, Step
from boai.relief.services import acceptance
from boai.relief.tests.factories import County

pytestmark = pytest.mark.django_db


def test_an_application_is_taken_in(tongwei: County) -> None:
    case = tongwei.submit()
    case.refresh_from_db()
    assert case.state == State.APPLIED
    assert len(case.code) == 8
    assert case.application.phone == "13800138001"
    assert Step.objects.get(case=case).action == "submit"
    assert set(Paper.objects.filter(case=case, required=True).values_list("kind", flat=True)) == {
        "form", "id_card", "household_book", "income", "account",
    }  # fmt: skip
    assert case.due_on is not None


def test_it_is_accepted(tongwei: County) -> None:
    case = tongwei.accepted()
    assert case.state == State.VERIFYING
    assert case.accepted_by_id == tongwei.officer2.user_id
    assert case.once_key


def test_without_consent_nothing_is_kept(tongwei: County) -> None:
    tongwei.programme()
    before = Case.objects.count()
    with pytest.raises(BadInput):
        tongwei.submit(consent_keep=False)
    assert Case.objects.count() == before


def test_missing_papers_bar_acceptance(tongwei: County) -> None:
    case = tongwei.submit()
    Paper.objects.filter(case=case, kind="income").update(received_at=None)
    with pytest.raises(UnableTo):
        acceptance.case_accept(case_id=case.id, received=(), exception="", actor=tongwei.officer2, at=tongwei.at)
    case.refresh_from_db()
    assert case.state == State.APPLIED


def test_a_stranger_may_not_accept(tongwei: County) -> None:
    case = tongwei.submit()
    with pytest.raises(NotAllowed):
        acceptance.case_accept(case_id=case.id, received=(), exception="x", actor=tongwei.cashier, at=tongwei.at)
    case.refresh_from_db()
    assert case.state == State.APPLIED
