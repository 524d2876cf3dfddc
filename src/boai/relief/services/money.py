"""Relief in the books: budget → owed to a case → bank. Amounts are fen; the ledger refuses what is not there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid5

from django.utils.translation import gettext as _

from boai.kernel.clock import local_date
from boai.kernel.errors import UnableTo
from boai.kernel.ids import new_id
from boai.kernel.money import format_fen
from boai.ledger import money as books
from boai.ledger import queries as ledger
from boai.ledger.encoding import Line
from boai.ledger.enums import Phase, Rule
from boai.ledger.errors import NotEnough
from boai.ledger.models import Account, Transfer
from boai.ledger.services import account_open, document_post
from boai.people.actor import Actor
from boai.relief.models import BankAccount, Batch, Case, Payment


def payable_of(case: Case, *, at: datetime) -> Account:
    """What is owed to a case: an account of its own, so that nothing can be paid twice."""
    return books.payable_open(ref=case.id, region_code=case.region_code, at=at)


def grant_reserve(case: Case, *, actor: Actor, at: datetime) -> UUID:
    """Set the granted amount aside in the programme's budget; the id of the ledger document.

    Raises UnableTo when the programme has no budget, or not enough.
    """
    budget_id = case.programme.budget_id
    if budget_id is None:
        raise UnableTo(_("The programme has no budget yet. Ask the accountant to allot one."))
    payable = payable_of(case, at=at)
    key = new_id()
    try:
        books.money_reserve(
            key=key, fund_id=budget_id, payable_id=payable.id, amount_fen=case.approved_fen or 0,
            occurred_on=local_date(at), actor=actor, at=at, kind="relief.grant.reserved",
        )  # fmt: skip
    except NotEnough:
        left = format_fen(ledger.balance(budget_id).available)
        raise UnableTo(
            _("The budget of “{programme}” has {left} left; this amount does not fit in.").format(
                programme=case.programme.name, left=left
            )
        ) from None
    return key


def grant_release(case: Case, *, actor: Actor, at: datetime) -> None:
    """Give a grant back to the budget: what is only reserved is released, what is owed already is given back."""
    assert case.grant_id is not None, "a granted case has its reservation"
    assert case.programme.budget_id is not None, "it was reserved from there"
    on = local_date(at)
    reserved = Transfer.objects.filter(document_id=case.grant_id, phase=Phase.PENDING, answer__isnull=True)
    if reserved.exists():
        books.money_release(
            key=new_id(), reserved=case.grant_id, occurred_on=on, actor=actor, at=at, kind="relief.grant.released"
        )
        return
    payable = payable_of(case, at=at)
    owed = ledger.balance(payable.id).net
    if owed > 0:
        books.money_give_back(
            key=new_id(), payable_id=payable.id, fund_id=case.programme.budget_id, amount_fen=owed, occurred_on=on,
            actor=actor, at=at, kind="relief.grant.given_back",
        )  # fmt: skip


def batch_post(batch: Batch, payments: Sequence[Payment], *, actor: Actor, at: datetime) -> None:
    """The released batch: every reservation becomes a debt, in one document. Repeated payments are owed already."""
    grants = [p.case.grant_id for p in payments]
    open_ones = Transfer.objects.filter(document_id__in=grants, phase=Phase.PENDING, answer__isnull=True)
    lines = [Line(t.debit_id, t.credit_id, t.amount, t.unit_id, Phase.POST, t.id) for t in open_ones.order_by("id")]
    if lines:
        document_post(
            key=batch.id, kind="relief.batch.released", lines=lines, occurred_on=local_date(at), actor=actor, at=at
        )


def payouts_post(source: UUID, payments: Sequence[Payment], *, actor: Actor, at: datetime) -> None:
    """What the bank has paid: one document for each bank account. Over-payment becomes a claim against the payee.

    `source` is the id of the file, or of the single line, that says so: each is booked once.

    Raises UnableTo when the books show less in the bank account than the bank has paid out.
    """
    by_bank: dict[UUID, list[Payment]] = defaultdict(list)
    for payment in payments:
        if payment.paid_fen and payment.batch is not None:
            by_bank[payment.batch.bank_account_id].append(payment)
    for bank in BankAccount.objects.filter(id__in=by_bank).order_by("id"):
        lines = []
        for payment in sorted(by_bank[bank.id], key=lambda p: p.case_id):
            lines.append(Line(payable_of(payment.case, at=at).id, bank.account_id, payment.paid_fen))
            if payment.over_fen:
                lines.append(Line(_overpaid(bank, at=at).id, bank.account_id, payment.over_fen))
        try:
            document_post(
                key=uuid5(source, str(bank.id)), kind="relief.payout", lines=lines, occurred_on=local_date(at),
                actor=actor, at=at,
            )  # fmt: skip
        except NotEnough:
            held = format_fen(ledger.balance(bank.account_id).available)
            raise UnableTo(
                _(
                    "The bank paid more from “{bank}” than the books have there ({held}). Book the receipts first."
                ).format(bank=bank.name, held=held)
            ) from None


def _overpaid(bank: BankAccount, *, at: datetime) -> Account:
    """The claim on money that the bank paid out beyond the order."""
    return account_open(
        code=f"overpaid:{bank.branch_id}",
        rule=Rule.DEBIT,
        region_code=bank.region_code,
        at=at,
        title=_("Paid too much"),
    )


def reclaim_post(case: Case, *, bank_id: UUID, amount_fen: int, actor: Actor, at: datetime) -> None:
    """Money that was paid ahead without ground is back in the bank and in the programme's budget."""
    bank = BankAccount.objects.get(id=bank_id)
    assert case.programme.budget_id is not None, "it was paid from there"
    books.money_receive(
        key=new_id(), bank_id=bank.account_id, fund_id=case.programme.budget_id, amount_fen=amount_fen,
        occurred_on=local_date(at), actor=actor, at=at, kind="relief.reclaimed",
    )  # fmt: skip
