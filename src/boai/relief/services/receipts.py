"""Receipts: a code that anybody can check, and the paper itself."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from boai.audit import services as audit
from boai.kernel.errors import NotFound
from boai.kernel.ids import new_code
from boai.kernel.money import format_fen
from boai.kernel.policy import require
from boai.kernel.print import qr_svg, render_pdf
from boai.people.actor import Actor
from boai.relief import policies, queries
from boai.relief.enums import PayeeKind
from boai.relief.models import Door, Payment, Receipt
from boai.relief.rmb import capital

CODE_LENGTH = 10


def receipt_issue(payment: Payment, *, at: datetime) -> Receipt:
    """The receipt of a payment that has reached the account, wholly or in part."""
    assert payment.paid_fen > 0, "a receipt is for money that was paid"
    assert payment.paid_on is not None, "a payment has its day"
    receipt = Receipt.objects.create(
        code=new_code(CODE_LENGTH), payment=payment, case_id=payment.case_id, region_code=payment.region_code,
        amount_fen=payment.paid_fen + payment.over_fen, paid_on=payment.paid_on, at=at,
    )  # fmt: skip
    Door.objects.create(blind=queries.code_blind(receipt.code), region_code=receipt.region_code)
    return receipt


@transaction.atomic
def receipt_print(*, receipt_id: UUID, actor: Actor, at: datetime, address: str) -> tuple[str, bytes]:
    """File name and PDF. `address` is the public address of this installation, with a slash at its end.

    Each printing is recorded. Raises NotFound outside the division, NotAllowed.
    """
    receipt = (
        Receipt.objects.select_related("case__branch", "case__programme", "case__application", "payment")
        .filter(id=receipt_id)
        .first()
    )
    if receipt is None:
        raise NotFound
    require(policies.may_see, actor, receipt.case)
    audit.record("relief.receipt.printed", receipt, actor=actor, at=at, code=receipt.code)
    with override("zh-hans"):
        return f"{receipt.code}.pdf", receipt_pdf(receipt, address=address)


def receipt_pdf(receipt: Receipt, *, address: str) -> bytes:
    """The paper: to whom, how much, in figures and in capital characters, lines to sign, the door to its proof."""
    case, payment = receipt.case, receipt.payment
    link = address.rstrip("/") + reverse("portal:verify_code", args=[receipt.code])
    payee = payment.payee_name
    if payment.payee_kind == PayeeKind.GUARDIAN:
        payee = _("{name} (guardian of {child})").format(name=payment.payee_name, child=case.beneficiary_name)
    facts = [
        (_("Received by"), payee),
        (_("Programme"), case.programme.name),
        (_("Case code"), case.code),
        (_("Paid on"), receipt.paid_on.isoformat()),
        (_("To the account"), f"{payment.bank} ****{payment.account_last4}".strip()),
        (_("Payment reference"), payment.reference),
    ]
    data = {
        "title": _("Receipt"),
        "heading": _("Receipt for relief money"),
        "branch": case.branch.name,
        "number_label": _("Receipt no."),
        "code": receipt.code,
        "facts": [{"label": label, "value": value} for label, value in facts],
        "amount_title": _("Amount"),
        "amount": format_fen(receipt.amount_fen),
        "amount_words": _("(in words) {words}").format(words=capital(receipt.amount_fen)),
        "sign_title": _("Signature"),
        "people": [_("Recipient"), _("Case worker")],
        "note": _("Anybody can check this receipt: scan the code, or enter it on the verification page."),
        "proof": {"qr": qr_svg(link), "address": link, "lines": [_("Check this receipt:"), receipt.code]},
    }
    return render_pdf("relief/receipt", data, at=receipt.at)
