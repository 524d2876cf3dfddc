"""Money, in the words of an office: into a fund, reserved, owed, paid, returned. All amounts are fen.

    bank:…  (rule 2)   what lies in a bank account      debits bring in, credits take out
    fund:…  (rule 1)   what may be spent on a purpose   credits bring in, debits take out
    payable:… (rule 1) what is owed to one payee        credits: owed, debits: paid

    receive   bank    ← fund      a donation or an allocation arrives
    allocate  fund    ← fund      from one purpose to another
    reserve   fund    ← payable   on approval; the money is set aside, nothing has moved
    commit    fund    ← payable   the reservation becomes a debt (in whole or in part)
    release               the reservation is given up; the fund has it again
    pay       payable ← bank      the bank has paid
    give_back payable ← fund      the payment failed for good: no longer owed, back in the fund

(left: debit, right: credit). The database refuses what a fund does not have, what is not owed, and what the bank does
not hold; so a case cannot be paid twice, whatever the program does. Every verb takes a `key`: the same key again does
nothing and returns the first document. Keys are made once per intention (`kernel.ids.new_id()`) and kept with the row.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from boai.ledger.encoding import Line
from boai.ledger.enums import Rule
from boai.ledger.models import Account, Document
from boai.ledger.services import (
    account_open,
    document_post,
    document_release,
    document_reserve,
    document_reverse,
    document_settle,
)
from boai.people.actor import Actor


def bank_open(*, code: str, region_code: str, at: datetime, title: str = "") -> Account:
    """The account `bank:<code>`; opened once."""
    return account_open(code=f"bank:{code}", rule=Rule.DEBIT, region_code=region_code, at=at, title=title)


def fund_open(*, code: str, region_code: str, at: datetime, title: str = "", parent_id: UUID | None = None) -> Account:
    """The account `fund:<code>`; opened once."""
    return account_open(
        code=f"fund:{code}", rule=Rule.CREDIT, region_code=region_code, at=at, title=title, parent_id=parent_id
    )  # fmt: skip


def payable_open(*, ref: UUID | str, region_code: str, at: datetime) -> Account:
    """The account `payable:<ref>` of one payee (a case, an order); opened once. It never carries a name."""
    return account_open(code=f"payable:{ref}", rule=Rule.CREDIT, region_code=region_code, at=at)


def money_receive(
    *, key: UUID, bank_id: UUID, fund_id: UUID, amount_fen: int, occurred_on: date, actor: Actor, at: datetime,
    kind: str = "money.received",
) -> Document:  # fmt: skip
    """Money arrives in the bank for a fund (a donation, an allocation from above)."""
    line = Line(bank_id, fund_id, amount_fen)
    return document_post(key=key, kind=kind, lines=[line], occurred_on=occurred_on, actor=actor, at=at)


def money_allocate(
    *, key: UUID, from_id: UUID, to_id: UUID, amount_fen: int, occurred_on: date, actor: Actor, at: datetime,
    kind: str = "money.allocated",
) -> Document:  # fmt: skip
    """From one fund to another. Raises NotEnough."""
    line = Line(from_id, to_id, amount_fen)
    return document_post(key=key, kind=kind, lines=[line], occurred_on=occurred_on, actor=actor, at=at)


def money_reserve(
    *, key: UUID, fund_id: UUID, payable_id: UUID, amount_fen: int, occurred_on: date, actor: Actor, at: datetime,
    kind: str = "money.reserved",
) -> Document:  # fmt: skip
    """Set money of a fund aside for a payee. Raises NotEnough."""
    line = Line(fund_id, payable_id, amount_fen)
    return document_reserve(key=key, kind=kind, lines=[line], occurred_on=occurred_on, actor=actor, at=at)


def money_commit(
    *, key: UUID, reserved: UUID, occurred_on: date, actor: Actor, at: datetime, amount_fen: int | None = None,
    kind: str = "money.committed",
) -> Document:  # fmt: skip
    """Turn a reservation (by its document) into a debt; less than the whole frees the rest. Raises NotReserved."""
    amounts = None if amount_fen is None else {1: amount_fen}
    return document_settle(
        key=key, kind=kind, reserved=reserved, amounts=amounts, occurred_on=occurred_on, actor=actor, at=at
    )  # fmt: skip


def money_release(
    *, key: UUID, reserved: UUID, occurred_on: date, actor: Actor, at: datetime, kind: str = "money.released"
) -> Document:
    """Give a reservation up: the fund has its money again. Raises NotReserved."""
    return document_release(key=key, kind=kind, reserved=reserved, occurred_on=occurred_on, actor=actor, at=at)


def money_pay(
    *, key: UUID, bank_id: UUID, payments: Sequence[tuple[UUID, int]], occurred_on: date, actor: Actor, at: datetime,
    kind: str = "money.paid",
) -> Document:  # fmt: skip
    """The bank has paid: (payable account, fen) of each payee, one document. Raises NotEnough beyond what is owed."""
    lines = [Line(payable_id, bank_id, amount) for payable_id, amount in payments]
    return document_post(key=key, kind=kind, lines=lines, occurred_on=occurred_on, actor=actor, at=at)


def money_give_back(
    *, key: UUID, payable_id: UUID, fund_id: UUID, amount_fen: int, occurred_on: date, actor: Actor, at: datetime,
    kind: str = "money.given_back",
) -> Document:  # fmt: skip
    """What was owed and could not be paid goes back into the fund. Raises NotEnough beyond what is owed."""
    line = Line(payable_id, fund_id, amount_fen)
    return document_post(key=key, kind=kind, lines=[line], occurred_on=occurred_on, actor=actor, at=at)


def money_reverse(
    *, key: UUID, document_id: UUID, occurred_on: date, actor: Actor, at: datetime, kind: str = "money.reversed"
) -> Document:
    """Undo a document by its opposite: a wrong entry, a payment that the bank sent back. Raises UnableTo."""
    return document_reverse(
        key=key, kind=kind, document_id=document_id, occurred_on=occurred_on, actor=actor, at=at
    )  # fmt: skip
