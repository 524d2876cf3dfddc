"""What the books do, and what they refuse: every refusal together with "nothing changed"."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from boai.kernel.errors import NotFound, UnableTo
from boai.kernel.ids import new_id
from boai.kernel.scope import Scope, scoped
from boai.ledger import money
from boai.ledger.encoding import Line, document_hash
from boai.ledger.enums import CNY, Kind, Rule
from boai.ledger.errors import AccountClosed, KeyReused, NotEnough, NotReserved
from boai.ledger.models import Account, Document, Transfer, Unit
from boai.ledger.queries import (
    account_for,
    balance,
    balances,
    document_for,
    fold_check,
    open_reservations,
    statement,
    trial_balance,
)
from boai.ledger.services import account_close, account_open, document_post, document_reserve, document_settle
from boai.ledger.tests.factories import AT, TODAY, TONGWEI, WHEN, Office, held, moved, opened

pytestmark = pytest.mark.django_db


def books() -> tuple[int, int, list[tuple[Any, ...]]]:
    """Everything that a refusal must leave alone."""
    rows = [(r.account_id, r.dr, r.cr, r.dr_pend, r.cr_pend) for r in trial_balance()]
    return Document.objects.count(), Transfer.objects.count(), rows


def unchanged(error: type[Exception], act: Callable[[], object]) -> None:
    """The act is refused and nothing has changed."""
    before = books()
    with pytest.raises(error):
        act()
    assert books() == before
    assert fold_check() == []


# --- money, from the fund to the payee ---------------------------------------------------------------------------


def test_a_payout_from_the_fund_to_the_bank() -> None:
    office = Office(100_000)
    reserved = office.reserve(30_000)
    assert (balance(office.fund).net, balance(office.fund).reserved, balance(office.fund).available) == (
        100_000, 30_000, 70_000,
    )  # fmt: skip
    assert [t.document_id for t in open_reservations(office.fund)] == [reserved.id]
    money.money_commit(key=new_id(), reserved=reserved.id, **WHEN)
    assert open_reservations(office.fund) == []
    assert balance(office.payable.id).net == 30_000
    office.pay(30_000)
    assert balance(office.payable.id).net == 0
    assert balance(office.fund).available == 70_000
    assert balance(office.bank).net == 70_000
    assert fold_check() == []


def test_the_fund_cannot_be_overspent() -> None:
    office = Office(100_000)
    office.reserve(60_000)
    unchanged(NotEnough, lambda: office.reserve(40_001))
    unchanged(NotEnough, lambda: moved(office.fund, office.payable.id, 40_001))
    office.reserve(40_000)


def test_a_payee_is_not_paid_beyond_what_is_owed() -> None:
    office = Office(100_000)
    reserved = office.reserve(30_000)
    unchanged(NotEnough, lambda: office.pay(1))  # reserved is not yet owed
    money.money_commit(key=new_id(), reserved=reserved.id, **WHEN)
    unchanged(NotEnough, lambda: office.pay(30_001))
    office.pay(30_000)
    unchanged(NotEnough, lambda: office.pay(1))


def test_the_bank_does_not_go_below_zero() -> None:
    office = Office(0)
    moved(opened(), office.payable.id, 500)
    unchanged(NotEnough, lambda: office.pay(500))


def test_a_released_reservation_is_free_again() -> None:
    office = Office(100)
    reserved = office.reserve(100)
    money.money_release(key=new_id(), reserved=reserved.id, **WHEN)
    assert balance(office.fund).available == 100
    unchanged(NotReserved, lambda: money.money_release(key=new_id(), reserved=reserved.id, **WHEN))
    unchanged(NotReserved, lambda: money.money_commit(key=new_id(), reserved=reserved.id, **WHEN))


def test_a_part_is_committed_and_the_rest_is_free() -> None:
    office = Office(100)
    reserved = office.reserve(100)
    unchanged(NotReserved, lambda: money.money_commit(key=new_id(), reserved=reserved.id, amount_fen=101, **WHEN))
    money.money_commit(key=new_id(), reserved=reserved.id, amount_fen=55, **WHEN)
    assert (balance(office.fund).available, balance(office.payable.id).net) == (45, 55)


def test_a_failed_payment_goes_back_into_the_fund() -> None:
    office = Office(100)
    money.money_commit(key=new_id(), reserved=office.reserve(80).id, **WHEN)
    back: dict[str, Any] = {"payable_id": office.payable.id, "fund_id": office.fund, **WHEN}
    unchanged(NotEnough, lambda: money.money_give_back(key=new_id(), amount_fen=81, **back))
    money.money_give_back(key=new_id(), amount_fen=80, **back)
    assert balance(office.fund).available == balance(office.bank).net == 100


def test_a_payment_that_the_bank_sent_back_is_owed_again() -> None:
    office = Office(100)
    money.money_commit(key=new_id(), reserved=office.reserve(80).id, **WHEN)
    paid = office.pay(80)
    reversal = money.money_reverse(key=new_id(), document_id=paid.id, **WHEN)
    assert reversal.reverses_id == paid.id
    assert (balance(office.payable.id).net, balance(office.bank).net) == (80, 100)
    unchanged(UnableTo, lambda: money.money_reverse(key=new_id(), document_id=paid.id, **WHEN))
    office.pay(80)
    assert fold_check() == []


def test_a_donation_that_is_spent_cannot_be_reversed() -> None:
    office = Office(0)
    given = office.receive(100)
    office.reserve(1)
    unchanged(NotEnough, lambda: money.money_reverse(key=new_id(), document_id=given.id, **WHEN))


def test_a_reservation_is_not_reversed_but_released() -> None:
    office = Office(100)
    reserved = office.reserve(10)
    unchanged(UnableTo, lambda: money.money_reverse(key=new_id(), document_id=reserved.id, **WHEN))
    unchanged(NotFound, lambda: money.money_reverse(key=new_id(), document_id=new_id(), **WHEN))


def test_what_was_settled_can_be_reversed() -> None:
    office = Office(100)
    committed = money.money_commit(key=new_id(), reserved=office.reserve(100).id, amount_fen=60, **WHEN)
    money.money_reverse(key=new_id(), document_id=committed.id, **WHEN)
    assert (balance(office.fund).available, balance(office.payable.id).net) == (100, 0)


def test_from_one_fund_to_another() -> None:
    office, other = Office(100), Office(0)
    money.money_allocate(key=new_id(), from_id=office.fund, to_id=other.fund, amount_fen=40, **WHEN)
    assert (balance(office.fund).net, balance(other.fund).net) == (60, 40)
    unchanged(
        NotEnough,
        lambda: money.money_allocate(key=new_id(), from_id=office.fund, to_id=other.fund, amount_fen=61, **WHEN),
    )


def test_a_batch_is_one_document_all_or_nothing() -> None:
    office = Office(100)
    payees = [money.payable_open(ref=new_id(), region_code=TONGWEI, at=AT).id for _ in range(3)]
    for payee in payees:
        moved(office.fund, payee, 10)
    pay: dict[str, Any] = {"bank_id": office.bank, **WHEN}
    payments = [(payees[0], 10), (payees[1], 11), (payees[2], 10)]
    unchanged(NotEnough, lambda: money.money_pay(key=new_id(), payments=payments, **pay))
    money.money_pay(key=new_id(), payments=[(p, 10) for p in payees], **pay)
    assert {balances(payees)[p].net for p in payees} == {0}
    assert balance(office.bank).net == 70


# --- keys ---------------------------------------------------------------------------------------------------------------


def test_the_same_key_again_does_nothing_and_returns_the_first() -> None:
    a, b, key = opened(), opened(), new_id()
    first = moved(a, b, 10, key=key)
    before = books()
    again = moved(a, b, 10, key=key, at=AT.replace(hour=9))
    assert again == first
    assert again.recorded_at == AT
    assert books() == before


@pytest.mark.parametrize("change", ["amount", "kind", "day", "account", "lines"])
def test_a_key_that_says_something_else_is_refused(change: str) -> None:
    a, b, c, key = opened(), opened(), opened(), new_id()
    good: dict[str, Any] = {"key": key, "kind": "test.moved", "lines": [Line(a, b, 10)]} | WHEN
    document_post(**good)
    changes: dict[str, dict[str, Any]] = {
        "amount": {"lines": [Line(a, b, 11)]}, "kind": {"kind": "test.other"}, "day": {"occurred_on": date(2026, 1, 1)},
        "account": {"lines": [Line(a, c, 10)]}, "lines": {"lines": [Line(a, b, 10), Line(a, b, 10)]},
    }  # fmt: skip
    unchanged(KeyReused, lambda: document_post(**(good | changes[change])))


def test_a_key_that_was_refused_can_be_used_again() -> None:
    office, key = Office(10), new_id()
    unchanged(NotEnough, lambda: moved(office.fund, office.payable.id, 11, key=key))
    moved(office.fund, office.payable.id, 10, key=key)
    assert document_for(key) is not None


def test_settling_twice_with_one_key_is_once() -> None:
    office, key = Office(100), new_id()
    reserved = office.reserve(100)
    for _ in range(2):
        money.money_commit(key=key, reserved=reserved.id, **WHEN)
    assert balance(office.payable.id).net == 100


def test_fingerprints_do_not_run_into_each_other() -> None:
    a, b = UUID(int=1), UUID(int=2)
    base: dict[str, Any] = {"key": a, "kind": "k", "occurred_on": TODAY, "reverses": None, "lines": [Line(a, b, 1)]}
    variants = [
        base, base | {"kind": "k1"}, base | {"reverses": b}, base | {"lines": [Line(b, a, 1)]},
        base | {"lines": [Line(a, b, 11)]}, base | {"lines": [Line(a, b, 1, pending=1)]},
        base | {"lines": [Line(a, b, 1), Line(a, b, 1)]}, base | {"key": b},
    ]  # fmt: skip
    assert len({document_hash(**v) for v in variants}) == len(variants)


# --- documents and accounts ---------------------------------------------------------------------------------------


def test_nothing_goes_to_an_account_outside_the_division() -> None:
    here, there = opened(), opened(region_code="430121000000")
    with scoped(Scope("621121000000", "621121999999", "x")):
        unchanged(NotFound, lambda: moved(here, there, 1))
        unchanged(NotFound, lambda: moved(here, new_id(), 1))
        with pytest.raises(NotFound):
            balance(there)
        with pytest.raises(NotFound):
            statement(there)
    moved(here, there, 1)
    with scoped(Scope("621121000000", "621121999999", "x")):
        assert [e.change for e in statement(here).entries] == [1]
    with scoped(Scope("430121000000", "430121999999", "x")):
        assert [e.change for e in statement(there).entries] == [-1]
    with scoped(Scope("520000000000", "529999999999", "x")):
        assert (Transfer.objects.count(), trial_balance()) == (0, [])


def test_accounts_are_opened_once() -> None:
    one = account_open(code="fund:x", rule=Rule.CREDIT, region_code=TONGWEI, at=AT)
    assert account_open(code="fund:x", rule=Rule.CREDIT, region_code=TONGWEI, at=AT) == one == account_for("fund:x")
    good: dict[str, Any] = {"code": "fund:x", "rule": Rule.CREDIT, "region_code": TONGWEI, "at": AT}
    others: list[dict[str, Any]] = [{"rule": Rule.DEBIT}, {"region_code": "621122000000"}, {"kind": Kind.GOODS}]
    for other in others:
        with pytest.raises(KeyReused):
            account_open(**(good | other))
    assert Account.objects.filter(code="fund:x").count() == 1


def test_a_document_needs_lines() -> None:
    with pytest.raises(ValueError, match="moves something"):
        document_post(key=new_id(), kind="test.empty", lines=[], **WHEN)


def test_money_accounts_hold_no_goods() -> None:
    rice = Unit.objects.create(kind=Kind.GOODS, code="RICE10KG/L1")
    shelf = account_open(code="wh:a", rule=Rule.DEBIT, region_code=TONGWEI, at=AT, kind=Kind.GOODS).id
    donor = account_open(code="donor:d", rule=Rule.FREE, region_code=TONGWEI, at=AT, kind=Kind.GOODS).id
    line = Line(shelf, donor, 5, rice.id)
    document_post(key=new_id(), kind="test.goods", lines=[line], **WHEN)
    assert balance(shelf, rice.id).net == 5
    unchanged(UnableTo, lambda: moved(shelf, donor, 5))  # yuan on a shelf
    bank = opened()
    unchanged(UnableTo, lambda: document_post(key=new_id(), kind="t", lines=[Line(bank, donor, 1, rice.id)], **WHEN))
    issue = Line(donor, shelf, 6, rice.id)
    unchanged(NotEnough, lambda: document_post(key=new_id(), kind="t", lines=[issue], **WHEN))


def test_an_account_with_a_reservation_is_not_closed() -> None:
    office = Office(100)
    office.reserve(10)
    close: dict[str, Any] = {"account_id": office.fund, "into_id": Office(0).fund, "key": new_id()} | WHEN
    unchanged(UnableTo, lambda: account_close(**close))
    assert Account.objects.get(id=office.fund).closed_at is None


def test_closing_takes_every_unit_along() -> None:
    rice = Unit.objects.create(kind=Kind.GOODS, code="RICE")
    oil = Unit.objects.create(kind=Kind.GOODS, code="OIL")
    shelf, store, donor = (
        account_open(code=f"g:{n}", rule=Rule.FREE, region_code=TONGWEI, at=AT, kind=Kind.GOODS).id for n in "abc"
    )
    lines = [Line(shelf, donor, 5, rice.id), Line(shelf, donor, 7, oil.id)]
    document_post(key=new_id(), kind="test.goods", lines=lines, **WHEN)
    account_close(account_id=shelf, into_id=store, key=new_id(), **WHEN)
    assert [balance(store, u.id).net for u in (rice, oil)] == [5, 7]
    assert [balance(shelf, u.id).net for u in (rice, oil)] == [0, 0]
    with pytest.raises(AccountClosed):
        document_post(key=new_id(), kind="test.goods", lines=lines, **WHEN)


def test_lines_of_one_reservation_are_settled_apart() -> None:
    office = Office(100)
    lines = [Line(office.fund, office.payable.id, n) for n in (10, 20, 30)]
    reserved = document_reserve(key=new_id(), kind="test.reserved", lines=lines, **WHEN)
    document_settle(key=new_id(), kind="test.settled", reserved=reserved.id, amounts={1: 10, 2: 0}, **WHEN)
    assert held(office.fund) == (10, 100, 30, 0)
    unchanged(
        NotReserved,
        lambda: document_settle(key=new_id(), kind="t", reserved=reserved.id, amounts={4: 1}, **WHEN),
    )
    unchanged(NotReserved, lambda: document_settle(key=new_id(), kind="t", reserved=reserved.id, **WHEN))
    document_settle(key=new_id(), kind="test.settled", reserved=reserved.id, amounts={3: 30}, **WHEN)
    assert held(office.fund) == (40, 100, 0, 0)
    assert [e.change for e in statement(office.payable.id).entries] == [10, 30]


# --- statements -------------------------------------------------------------------------------------------------------


def test_a_statement_runs_by_the_day_it_happened() -> None:
    fund, other = opened(Rule.CREDIT), opened()
    moved(other, fund, 100, occurred_on=date(2026, 3, 1))
    moved(fund, other, 30, occurred_on=date(2026, 3, 5))
    moved(other, fund, 7, occurred_on=date(2026, 3, 3))  # booked late
    whole = statement(fund)
    assert [(e.occurred_on.day, e.change, e.running) for e in whole.entries] == [
        (1, 100, 100),
        (3, 7, 107),
        (5, -30, 77),
    ]
    part = statement(fund, since=date(2026, 3, 2), until=date(2026, 3, 4))
    assert (part.opening, [e.change for e in part.entries], part.closing) == (100, [7], 107)
    assert statement(other).closing == 77  # counted on the debit side
    empty = statement(fund, since=date(2027, 1, 1))
    assert (empty.opening, empty.entries, empty.closing) == (77, [], 77)


def test_debits_equal_credits_in_the_trial_balance() -> None:
    office = Office(100)
    money.money_commit(key=new_id(), reserved=office.reserve(80).id, **WHEN)
    office.pay(50)
    rows = trial_balance(lo="621121000000", hi="621121999999")
    assert sum(r.dr for r in rows) == sum(r.cr for r in rows) == 100 + 80 + 50
    assert [r.code.split(":")[0] for r in rows] == ["bank", "fund", "payable"]
    assert {r.unit for r in rows} == {"CNY"}
    assert trial_balance(lo="430121000000", hi="430121999999") == []


def test_posting_needs_the_same_queries_for_one_line_and_for_thirty(django_assert_num_queries: Any) -> None:
    a, b = opened(), opened()
    for count in (1, 30):
        lines = [Line(a, b, 1)] * count
        with django_assert_num_queries(4):  # savepoint, document and lines, release, the document
            document_post(key=new_id(), kind="test.moved", lines=lines, **WHEN)
    assert Unit.objects.get(id=CNY).code == "CNY"
