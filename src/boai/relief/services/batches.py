"""Payment batches: the accountant prepares, the cashier releases, the bank gets a file."""

from __future__ import annotations

import io
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from boai.audit import services as audit
from boai.kernel.errors import BadInput, NotFound, StalePage, UnableTo
from boai.kernel.policy import require
from boai.kernel.sheets import Column, Workbook
from boai.people.actor import Actor
from boai.people.roles import Duty
from boai.relief import policies
from boai.relief.enums import BatchState, PaymentState, State
from boai.relief.errors import AlreadyDone
from boai.relief.models import BankAccount, Batch, Case, Payment
from boai.relief.services import money
from boai.relief.services.payment import doubtful

FILE_COLUMNS = (
    Column("序号", 6), Column("付款参考号", 14), Column("收款人姓名", 14), Column("收款账号", 26),
    Column("开户行", 26), Column("金额(元)", 12), Column("附言", 24),
)  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """A dry run: which payments would go, and why the others would not, each with its case code."""

    will: tuple[Payment, ...]
    wont: tuple[tuple[Payment, str], ...]

    @property
    def total_fen(self) -> int:
        """What the batch would come to."""
        return sum(p.amount_fen for p in self.will)


def batch_plan(*, payment_ids: Collection[UUID], actor: Actor, lock: bool = False) -> Plan:
    """What preparing a batch of these payments would do. With `lock` cases and payments stay locked (in key order)."""
    rows: QuerySet[Payment] = Payment.objects.filter(id__in=payment_ids).order_by("case_id", "id")
    if lock:
        cases = Case.objects.filter(payments__id__in=payment_ids).order_by("id")
        list(Case.objects.select_for_update().filter(id__in=cases.values("id")).order_by("id").values_list("id"))
        rows = rows.select_for_update(of=("self",))
    will: list[Payment] = []
    wont: list[tuple[Payment, str]] = []
    found = list(rows.select_related("case"))
    in_doubt = doubtful([p.case_id for p in found])
    for payment in found:
        why = _why_not(payment, actor, in_doubt)
        if why:
            wont.append((payment, why))
        else:
            will.append(payment)
    return Plan(tuple(will), tuple(wont))


def _why_not(payment: Payment, actor: Actor, in_doubt: Collection[UUID]) -> str:
    case = payment.case
    if payment.state != PaymentState.QUEUED or case.state != State.PAYING:
        return _("is not waiting for payment any more")
    if payment.branch_id != actor.branch_id:
        return _("is paid by another branch")
    if case.approved_by_id == actor.user_id:
        return _("was approved by you")
    if case.id in in_doubt:
        return _("waits until the bank has been asked: its answers contradict each other")
    if not payment.account:
        return _("has no account number yet")
    return ""


@transaction.atomic
def batch_prepare(
    *, payment_ids: Collection[UUID], bank_account_id: UUID, note: str = "", actor: Actor, at: datetime
) -> Batch:
    """Put queued payments into a batch for the cashier; those that can't go stay in the queue.

    Raises UnableTo when none can go.
    """
    require(policies.may_prepare, actor, actor.branch_id)
    assert actor.branch_id is not None, "an accountant has a branch"
    if not BankAccount.objects.filter(id=bank_account_id, branch_id=actor.branch_id).exists():
        raise BadInput(fields={"bank_account": [_("Choose a bank account of the branch.")]})
    plan = batch_plan(payment_ids=payment_ids, actor=actor, lock=True)
    if not plan.will:
        raise UnableTo(_("None of these payments can be put into a batch."))
    assert actor.user_id is not None, "policies let only staff prepare"
    batch = Batch.objects.create(
        region_code=actor.region_code, branch_id=actor.branch_id, bank_account_id=bank_account_id, count=len(plan.will),
        total_fen=plan.total_fen, prepared_by_id=actor.user_id, prepared_at=at, note=note.strip(),
    )  # fmt: skip
    ids = [p.id for p in plan.will]
    Payment.objects.filter(id__in=ids).update(batch=batch, state=PaymentState.BATCHED)
    Case.objects.filter(id__in=[p.case_id for p in plan.will]).update(
        prepared_by=actor.user_id, released_by=None, waits_for=Duty.PAY_RELEASE
    )
    audit.record(
        "relief.batch.prepared", batch, actor=actor, at=at, code=batch.code, count=batch.count,
        total_fen=batch.total_fen, payments=sorted(p.reference for p in plan.will),
    )  # fmt: skip
    return batch


def batch_lock(batch_id: UUID) -> Batch:
    """The batch under a row lock. Raises NotFound."""
    batch = Batch.objects.select_for_update(of=("self",)).select_related("branch").filter(id=batch_id).first()
    if batch is None:
        raise NotFound
    return batch


def _version_check(batch: Batch, version: int | None, *, done: bool) -> None:
    if version is None or version == batch.version:
        return
    if done:
        raise AlreadyDone(_("This is already done; nothing was done twice."))
    raise StalePage(_("Somebody has changed this batch since you opened the page. See where it stands now."))


@transaction.atomic
def batch_release(*, batch_id: UUID, actor: Actor, at: datetime, version: int | None = None) -> Batch:
    """Release a batch to the bank: the money leaves the budget and is owed to the payees.

    Raises NotAllowed (the preparer, or somebody with a hand in one of the cases) and UnableTo (already released).
    """
    batch = batch_lock(batch_id)
    done = batch.state == BatchState.RELEASED and batch.released_by_id == actor.user_id
    _version_check(batch, version, done=done)
    require(policies.may_release, actor, batch)
    if batch.state != BatchState.PREPARED:
        raise UnableTo(_("This batch has already been released or cancelled."))
    cases = list(Case.objects.select_for_update().filter(payments__batch=batch).order_by("id"))
    barred = [c.code for c in cases if not policies.may_release_case(actor, c)]
    if barred:
        raise UnableTo(
            _("You had a hand in these cases, so another cashier has to release them: {codes}.").format(
                codes="、".join(barred)
            )
        )
    in_doubt = doubtful([c.id for c in cases])
    if in_doubt:
        raise UnableTo(
            _(
                "The bank's answers about these cases contradict each other; cancel the batch and ask it: {codes}."
            ).format(codes="、".join(c.code for c in cases if c.id in in_doubt))
        )
    batch.state, batch.version = BatchState.RELEASED, batch.version + 1
    batch.released_by_id, batch.released_at = actor.user_id, at
    batch.save(update_fields=["state", "version", "released_by", "released_at"])
    payments = list(Payment.objects.filter(batch=batch).select_related("case__programme").order_by("id"))
    Payment.objects.filter(batch=batch).update(state=PaymentState.SENT)
    Case.objects.filter(id__in=[c.id for c in cases]).update(released_by=actor.user_id, waits_for=Duty.FUND_BOOK)
    money.batch_post(batch, payments, actor=actor, at=at)
    audit.record(
        "relief.batch.released",
        batch,
        actor=actor,
        at=at,
        code=batch.code,
        count=batch.count,
        total_fen=batch.total_fen,
    )
    return batch


@transaction.atomic
def batch_cancel(*, batch_id: UUID, note: str, actor: Actor, at: datetime, version: int | None = None) -> Batch:
    """Take an unreleased batch apart; its payments wait for another batch."""
    batch = batch_lock(batch_id)
    _version_check(batch, version, done=batch.state == BatchState.CANCELLED)
    require(policies.may_cancel, actor, batch)
    if batch.state != BatchState.PREPARED:
        raise UnableTo(_("This batch has already been released or cancelled."))
    cases = Payment.objects.filter(batch=batch).values("case_id")
    Case.objects.filter(id__in=cases).update(prepared_by=None, waits_for=Duty.PAY_PREPARE)
    Payment.objects.filter(batch=batch).update(batch=None, state=PaymentState.QUEUED)
    batch.state, batch.version, batch.note = BatchState.CANCELLED, batch.version + 1, note.strip()[:200]
    batch.save(update_fields=["state", "version", "note"])
    audit.record("relief.batch.cancelled", batch, actor=actor, at=at, code=batch.code, note=note.strip())
    return batch


def batch_rows(batch: Batch) -> list[Payment]:
    """The payments of a batch in the order of the bank file."""
    return list(Payment.objects.filter(batch=batch).select_related("case__programme").order_by("id"))


@transaction.atomic
def batch_file(*, batch_id: UUID, actor: Actor, at: datetime) -> tuple[str, bytes]:
    """The released batch as a workbook for the bank: name and bytes. Every download is recorded."""
    batch = batch_lock(batch_id)
    require(policies.may_take_file, actor, batch)
    if batch.state not in (BatchState.RELEASED, BatchState.SETTLED):
        raise UnableTo(_("The bank file is there once the cashier has released the batch."))
    rows = batch_rows(batch)
    audit.record("relief.batch.file_taken", batch, actor=actor, at=at, code=batch.code, count=len(rows))
    return f"付款批次_{batch.code}.xlsx", bank_file(rows)


def bank_file(rows: Sequence[Payment]) -> bytes:
    """The workbook itself: account numbers as text, amounts in yuan, no cell can start a formula."""
    target = io.BytesIO()
    with Workbook(target) as book:
        sheet = book.sheet("付款明细", FILE_COLUMNS)
        for number, payment in enumerate(rows, 1):
            sheet.row([
                number, payment.reference, payment.payee_name, payment.account, payment.bank,
                Decimal(payment.amount_fen) / 100, f"{payment.reference} {payment.case.programme.name}",
            ])  # fmt: skip
    return target.getvalue()
