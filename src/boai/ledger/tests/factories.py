"""Accounts and amounts for the ledger's tests."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from boai.kernel.ids import new_code, new_id
from boai.ledger import money
from boai.ledger.encoding import Line
from boai.ledger.enums import Rule
from boai.ledger.models import Account, Document
from boai.ledger.queries import Holding, balance
from boai.ledger.services import account_open, document_post
from boai.people.actor import Actor

AT = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 24)
TONGWEI = "621121000000"
SYSTEM = Actor.system()
WHEN: dict[str, Any] = {"occurred_on": TODAY, "actor": SYSTEM, "at": AT}


def opened(rule: Rule = Rule.FREE, region_code: str = TONGWEI) -> UUID:
    """A new account."""
    return account_open(code=f"test:{new_code(12)}", rule=rule, region_code=region_code, at=AT).id


def moved(debit: UUID, credit: UUID, amount: int, **more: Any) -> Document:
    """One posted transfer."""
    line = Line(debit, credit, amount)
    values: dict[str, Any] = {"key": new_id(), "kind": "test.moved", "lines": [line]} | WHEN | more
    return document_post(**values)


def held(account_id: UUID) -> tuple[int, int, int, int]:
    """(dr, cr, dr_pend, cr_pend)"""
    h: Holding = balance(account_id)
    return h.dr, h.cr, h.dr_pend, h.cr_pend


class Office:
    """A bank account, a fund with money in it, and what is owed to one payee."""

    def __init__(self, amount_fen: int = 100_000) -> None:
        code = new_code(12)
        self.bank = money.bank_open(code=code, region_code=TONGWEI, at=AT).id
        self.fund = money.fund_open(code=code, region_code=TONGWEI, at=AT, title="博爱救助金").id
        self.payable: Account = money.payable_open(ref=new_id(), region_code=TONGWEI, at=AT)
        if amount_fen:
            self.receive(amount_fen)

    def receive(self, amount_fen: int) -> Document:
        return money.money_receive(
            key=new_id(), bank_id=self.bank, fund_id=self.fund, amount_fen=amount_fen, **WHEN
        )  # fmt: skip

    def reserve(self, amount_fen: int) -> Document:
        return money.money_reserve(
            key=new_id(), fund_id=self.fund, payable_id=self.payable.id, amount_fen=amount_fen, **WHEN
        )  # fmt: skip

    def pay(self, amount_fen: int) -> Document:
        return money.money_pay(key=new_id(), bank_id=self.bank, payments=[(self.payable.id, amount_fen)], **WHEN)
