"""发放: payment orders of a case, one attempt after the other."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Max, Sum
from django.utils.translation import gettext as _

from boai.audit import services as audit
from boai.kernel.errors import BadInput, NotFound, UnableTo
from boai.kernel.ids import new_code
from boai.kernel.policy import require
from boai.people.actor import Actor
from boai.people.roles import Duty
from boai.relief import policies
from boai.relief.enums import LineVerdict, PayeeKind, PaymentState, State
from boai.relief.errors import AlreadyDone
from boai.relief.models import Case, Payment, StatementLine
from boai.relief.services import money
from boai.relief.services.core import case_lock

REFERENCE_LENGTH = 10


_OPEN_TO_ACCOUNTS: Final = frozenset(
    {State.APPLIED, State.RETURNED, State.VERIFYING, State.REVIEWING, State.NOTICING, State.PUBLISHING, State.APPROVING,
     State.URGENT, State.PAYING}
)  # fmt: skip


def payment_order(case: Case, *, actor: Actor, at: datetime) -> Payment:
    """Reserve the granted amount in the programme's budget and queue its payment. The case is locked and approved.

    Raises UnableTo when the budget does not hold the amount.
    """
    assert case.approved_fen is not None, "only granted cases are paid"
    case.grant_id = money.grant_reserve(case, actor=actor, at=at)
    case.save(update_fields=["grant"])
    return payment_queue(case, amount_fen=case.approved_fen, at=at)


def payment_queue(case: Case, *, amount_fen: int, at: datetime) -> Payment:
    """The next attempt for an amount that is still owed, to the account that the application names now."""
    said = case.application
    number = (Payment.objects.filter(case=case).aggregate(Max("attempt"))["attempt__max"] or 0) + 1
    return Payment.objects.create(
        case=case, region_code=case.region_code, branch_id=case.branch_id, reference=new_code(REFERENCE_LENGTH),
        round=case.round, attempt=number, amount_fen=amount_fen, payee_kind=said.payee_kind, payee_name=said.payee_name,
        account=said.account, account_last4=said.account_last4, bank=said.bank, created_at=at,
    )  # fmt: skip


def payment_stop(case: Case, *, actor: Actor, at: datetime) -> None:
    """Take back a grant whose payment has not been sent; the reserved money returns to the budget.

    The case is locked. Raises UnableTo when a payment is in a batch or with the bank, or part has been paid.
    """
    payments = list(Payment.objects.select_for_update().filter(case=case, round=case.round).order_by("id"))
    if any(p.state in (PaymentState.BATCHED, PaymentState.SENT) for p in payments):
        raise UnableTo(_("The payment is already in a batch or with the bank. Take it out of the batch first."))
    if any(p.paid_fen for p in payments):
        raise UnableTo(_("Part of the money has already been paid."))
    for payment in payments:
        if payment.state == PaymentState.QUEUED:
            payment.state = PaymentState.CANCELLED
            payment.save(update_fields=["state"])
    money.grant_release(case, actor=actor, at=at)


def doubtful(case_ids: Collection[UUID]) -> set[UUID]:
    """The cases about which the bank contradicts what is recorded and nobody has asked it yet: not paid again."""
    lines = StatementLine.objects.filter(
        verdict=LineVerdict.CONFLICT, answered_at=None, payment__case_id__in=case_ids
    )  # fmt: skip
    return set(lines.values_list("payment__case_id", flat=True))


def owed_fen(case: Case) -> int:
    """What the case still has to be paid: granted less paid."""
    paid = Payment.objects.filter(case=case, round=case.round).aggregate(Sum("paid_fen"))["paid_fen__sum"] or 0
    return (case.approved_fen or 0) - int(paid)


@transaction.atomic
def payment_retry(*, case_id: UUID, actor: Actor, at: datetime) -> Payment:
    """Queue what is still owed once more, after the account has been put right where the bank refused it.

    Raises UnableTo when nothing is owed or a payment is still under way.
    """
    case = case_lock(case_id)
    require(policies.may_prepare, actor, case.branch_id)
    last = Payment.objects.filter(case=case, round=case.round).order_by("-attempt").first()
    if case.state != State.PAYING or last is None or last.state not in (PaymentState.FAILED, PaymentState.CANCELLED):
        raise UnableTo(_("There is no failed payment to repeat."))
    if doubtful([case.id]):
        raise UnableTo(_("The bank's answers about this case contradict each other. Ask the bank first."))
    payment = payment_queue(case, amount_fen=owed_fen(case), at=at)
    case.waits_for, case.prepared_by_id, case.released_by_id = Duty.PAY_PREPARE, None, None
    case.save(update_fields=["waits_for", "prepared_by", "released_by"])
    audit.record(
        "relief.payment.repeated", payment, actor=actor, at=at, code=case.code, amount_fen=payment.amount_fen,
        attempt=payment.attempt,
    )  # fmt: skip
    return payment


@transaction.atomic
def account_change(
    *, case_id: UUID, payee_kind: str, account: str, bank: str, why: str, actor: Actor, at: datetime
) -> Case:
    """Put the account right, with the reason. A payment still in the queue goes to the new one.

    The holder is the person in need or the guardian, nobody else; whoever changes it does not release the payment.
    Raises UnableTo once the payment is in a batch or the money has been paid.
    """
    case = case_lock(case_id)
    require(policies.may_change_account, actor, case)
    if not why.strip():
        raise BadInput(fields={"why": [_("Say why the account changes: it becomes part of the file.")]})
    said = case.application
    if payee_kind == PayeeKind.GUARDIAN and not said.guardian_name:
        raise BadInput(fields={"payee_kind": [_("The account can only be the guardian's when there is a guardian.")]})
    under_way = Payment.objects.filter(case=case, state__in=(PaymentState.BATCHED, PaymentState.SENT)).exists()
    if under_way:
        raise UnableTo(_("The payment is already in a batch or with the bank. Take it out of the batch first."))
    if not account_open(case):
        raise UnableTo(_("The money has been paid, or the case has ended: the account is part of the file now."))
    if (said.payee_kind, said.account, said.bank) == (payee_kind, account, bank.strip()):
        raise AlreadyDone(_("This is already done; nothing was done twice."))
    before = said.account_last4
    said.payee_kind = payee_kind
    said.payee_name = said.guardian_name if payee_kind == PayeeKind.GUARDIAN else case.beneficiary_name
    said.account, said.account_last4, said.bank = account, account[-4:], bank.strip()
    said.save(update_fields=["payee_kind", "payee_name", "account", "account_last4", "bank"])
    case.account_by_id, case.released_by_id = actor.user_id, None
    case.save(update_fields=["account_by", "released_by"])
    for payment in Payment.objects.filter(case=case, state=PaymentState.QUEUED):
        payment.payee_kind, payment.payee_name = said.payee_kind, said.payee_name
        payment.account, payment.account_last4, payment.bank = account, account[-4:], said.bank
        payment.save()
    audit.record(
        "relief.case.account_changed", case, actor=actor, at=at, code=case.code, why=why.strip(), before=before,
        after=account[-4:], holder=said.payee_name,
    )  # fmt: skip
    return case


def account_open(case: Case) -> bool:
    """May the account still change: nothing has been paid in full, nothing has ended."""
    return case.state in _OPEN_TO_ACCOUNTS


def payment_get(payment_id: UUID) -> Payment:
    """A payment with its case. Raises NotFound (also outside the division)."""
    payment = Payment.objects.select_related("case__branch", "case__programme").filter(id=payment_id).first()
    if payment is None:
        raise NotFound
    return payment
