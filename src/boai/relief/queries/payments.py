"""Payments, batches, bank answers and the money behind them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery

from boai.kernel.errors import BadInput, NotFound
from boai.ledger.queries import Holding, balances
from boai.people.actor import Actor
from boai.people.queries import names
from boai.relief.enums import LineVerdict, PaymentState, State
from boai.relief.models import BankAccount, Batch, Fund, Payment, Programme, Statement, StatementLine

PAGE = 50
MOST_IN_BATCH = 1000
SHOWN = 20


@dataclass(frozen=True)
class Queue:
    """Payments that wait for a batch, oldest first."""

    rows: list[Payment]
    after: str
    total: int


def _mine(actor: Actor) -> QuerySet[Payment]:
    if actor.branch_id is None:
        return Payment.objects.none()
    return Payment.objects.filter(branch_id=actor.branch_id)


def payments_queued(*, actor: Actor, after: str = "", size: int = PAGE) -> Queue:
    """A page of the queue of the actor's branch."""
    waiting = _mine(actor).filter(state=PaymentState.QUEUED)
    rows = waiting
    if after:
        try:
            rows = waiting.filter(id__gt=UUID(after))
        except ValueError:
            raise BadInput from None
    found = list(rows.select_related("case__programme").defer("account").order_by("id")[: size + 1])
    return Queue(found[:size], str(found[size - 1].id) if len(found) > size else "", waiting.count())


def queued_ids(*, actor: Actor) -> list[UUID]:
    """The whole queue, as far as one batch reaches."""
    rows = _mine(actor).filter(state=PaymentState.QUEUED).order_by("id")
    return list(rows.values_list("id", flat=True)[:MOST_IN_BATCH])


def payments_failed(*, actor: Actor) -> list[Payment]:
    """The last attempt of cases whose payment failed and has not been repeated."""
    latest = Payment.objects.filter(case=OuterRef("case")).order_by("-attempt").values("id")[:1]
    rows = _mine(actor).filter(state=PaymentState.FAILED, case__state=State.PAYING, id=Subquery(latest))
    return list(rows.select_related("case").defer("account").order_by("-id")[:SHOWN])


def batches_of(*, actor: Actor) -> list[Batch]:
    """The newest batches of the actor's branch."""
    if actor.branch_id is None:
        return []
    rows = Batch.objects.filter(branch_id=actor.branch_id).select_related("prepared_by", "released_by")
    return list(rows.order_by("-id")[:SHOWN])


def statements_of(*, actor: Actor) -> list[Statement]:
    """The newest bank answers of the actor's branch."""
    if actor.branch_id is None:
        return []
    return list(
        Statement.objects.filter(branch_id=actor.branch_id).select_related("imported_by").order_by("-id")[:SHOWN]
    )


@dataclass(frozen=True)
class BatchPage:
    """A batch with its payments and who handled it."""

    batch: Batch
    payments: list[Payment]
    people: dict[UUID, str]
    states: dict[str, int]


def batch_page(*, batch_id: UUID, actor: Actor) -> BatchPage:
    """A batch. Raises NotFound outside the division."""
    batch = Batch.objects.select_related("branch", "bank_account").filter(id=batch_id).first()
    if batch is None or not actor.reaches(batch.region_code):
        raise NotFound
    rows = list(Payment.objects.filter(batch=batch).select_related("case__programme").defer("account").order_by("id"))
    people = names({u for u in (batch.prepared_by_id, batch.released_by_id) if u})
    return BatchPage(batch, rows, people, dict(Counter(p.get_state_display() for p in rows)))


def statement_page(*, statement_id: UUID) -> tuple[Statement, list[StatementLine]]:
    """A bank answer with its lines. Raises NotFound outside the division."""
    statement = Statement.objects.select_related("imported_by").filter(id=statement_id).first()
    if statement is None:
        raise NotFound
    return statement, list(
        StatementLine.objects.filter(statement=statement).select_related("payment__case", "answered_by").order_by("row")
    )


def statement_of(line_id: UUID) -> UUID:
    """The statement that a line belongs to. Raises NotFound outside the division."""
    found = StatementLine.objects.filter(id=line_id).values_list("statement_id", flat=True).first()
    if found is None:
        raise NotFound
    return found


def contradictions_of(*, actor: Actor) -> list[StatementLine]:
    """Lines of the bank that contradict what is recorded and about which nobody has asked it yet."""
    if actor.branch_id is None:
        return []
    rows = StatementLine.objects.filter(
        statement__branch_id=actor.branch_id, verdict=LineVerdict.CONFLICT, answered_at=None
    )  # fmt: skip
    return list(rows.select_related("payment__case", "statement").order_by("-id")[:SHOWN])


def bank_accounts(*, actor: Actor) -> QuerySet[BankAccount]:
    """The bank accounts of the actor's branch."""
    if actor.branch_id is None:
        return BankAccount.objects.none()
    return BankAccount.objects.filter(branch_id=actor.branch_id).order_by("name")


def funds_of(*, actor: Actor) -> QuerySet[Fund]:
    """The funds of the actor's branch."""
    if actor.branch_id is None:
        return Fund.objects.none()
    return Fund.objects.filter(branch_id=actor.branch_id).select_related("account").order_by("name")


@dataclass(frozen=True)
class Money:
    """The money of a branch: bank accounts, funds, programmes, each with what the ledger says."""

    banks: list[tuple[BankAccount, Holding]]
    funds: list[tuple[Fund, Holding]]
    programmes: list[tuple[Programme, Holding | None]]


def branch_money(*, actor: Actor) -> Money:
    """What the actor's branch holds, has promised and has left. Five queries."""
    banks = list(bank_accounts(actor=actor))
    funds = list(funds_of(actor=actor))
    programmes = list(
        Programme.objects.filter(branch_id=actor.branch_id).select_related("fund").order_by("-starts_on", "name")
        if actor.branch_id
        else []
    )
    ids = (
        [b.account_id for b in banks] + [f.account_id for f in funds] + [p.budget_id for p in programmes if p.budget_id]
    )
    held = balances(ids)
    return Money(
        [(b, held[b.account_id]) for b in banks],
        [(f, held[f.account_id]) for f in funds],
        [(p, held[p.budget_id] if p.budget_id else None) for p in programmes],
    )
