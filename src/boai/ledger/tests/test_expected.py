"""Expected values of others, as facts (TigerBeetle's documentation: two-phase, close account, correcting transfers)."""

from __future__ import annotations

import pytest

from boai.kernel.ids import new_id
from boai.ledger.encoding import Line
from boai.ledger.enums import Phase, Rule
from boai.ledger.errors import AccountClosed, NotEnough
from boai.ledger.models import Transfer
from boai.ledger.queries import fold_check, statement
from boai.ledger.services import (
    account_close,
    account_reopen,
    document_post,
    document_reserve,
    document_settle,
)
from boai.ledger.tests.factories import AT, SYSTEM, TODAY, WHEN, held, moved, opened

pytestmark = pytest.mark.django_db


def test_m1_a_reservation_beyond_the_credits_is_refused_at_once() -> None:
    """Credits 100, debits 70; reserve 50."""
    fund, other = opened(Rule.CREDIT), opened()
    moved(other, fund, 100)
    moved(fund, other, 70)
    with pytest.raises(NotEnough):
        document_reserve(key=new_id(), kind="test.reserved", lines=[Line(fund, other, 50)], **WHEN)
    assert held(fund) == (70, 100, 0, 0)
    assert Transfer.objects.filter(phase=Phase.PENDING).count() == 0


def test_m2_posting_a_part_frees_the_rest() -> None:
    """Reserve 123, post 100: nothing pending, 100 posted, 23 free again."""
    fund, other = opened(Rule.CREDIT), opened()
    moved(other, fund, 123)
    reserved = document_reserve(key=new_id(), kind="test.reserved", lines=[Line(fund, other, 123)], **WHEN)
    assert held(fund) == (0, 123, 123, 0)
    assert held(other) == (123, 0, 0, 123)
    document_settle(key=new_id(), kind="test.settled", reserved=reserved.id, amounts={1: 100}, **WHEN)
    assert held(fund) == (100, 123, 0, 0)
    assert held(other) == (123, 100, 0, 0)


def test_m3_closing_moves_the_rest_and_lets_nothing_more_in() -> None:
    """Debits 10, credits 20: closing moves 10; reopening restores the account, not the money."""
    account, other, control = opened(), opened(), opened()
    moved(account, other, 10)
    moved(other, account, 20)
    account_close(account_id=account, into_id=control, key=new_id(), occurred_on=TODAY, actor=SYSTEM, at=AT)
    assert held(account) == (20, 20, 0, 0)
    assert held(control) == (0, 10, 0, 0)
    with pytest.raises(AccountClosed):
        moved(other, account, 1)
    with pytest.raises(AccountClosed):
        account_close(account_id=account, into_id=control, key=new_id(), occurred_on=TODAY, actor=SYSTEM, at=AT)
    account_reopen(account_id=account, actor=SYSTEM, at=AT)
    assert held(account) == (20, 20, 0, 0)
    moved(other, account, 1)
    assert held(account) == (20, 21, 0, 0)


def test_m4_a_correction_is_two_opposite_transfers() -> None:
    """10,000 and 50 were a tenth too much: 1,000 and 5 go back; the originals stay."""
    a, b, c = opened(), opened(), opened()
    wrong = document_post(key=new_id(), kind="test.moved", lines=[Line(a, b, 10_000), Line(a, c, 50)], **WHEN)
    document_post(key=new_id(), kind="test.corrected", lines=[Line(b, a, 1_000), Line(c, a, 5)], **WHEN)
    assert [t.amount for t in Transfer.objects.filter(document=wrong).order_by("line")] == [10_000, 50]
    assert held(a) == (10_050, 1_005, 0, 0)
    assert [e.change for e in statement(b).entries] == [-10_000, 1_000]
    assert statement(a).closing == 9_045
    assert fold_check() == []
