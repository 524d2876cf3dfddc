"""Receipts: a code that anybody can check, and the paper itself."""

from __future__ import annotations

from datetime import datetime

from boai.kernel.ids import new_code
from boai.relief import queries
from boai.relief.models import Door, Payment, Receipt

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
