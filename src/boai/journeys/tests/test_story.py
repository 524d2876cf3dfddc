"""One case from the application to the archive, through every hand."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from boai.journeys.tests.county import FullCounty, known
from boai.kernel.clock import local_date
from boai.ledger import queries as ledger
from boai.relief.enums import BatchState, Effect, PaymentState, State, VisitMethod
from boai.relief.models import Batch, Payment, Receipt, Step
from boai.relief.services import aftercare
from boai.relief.services.aftercare import Answer

pytestmark = pytest.mark.django_db


def test_from_application_to_archive(tongwei: FullCounty, tmp_path: Path) -> None:
    case = tongwei.paid(tmp_path)
    assert case.state == State.VISITING
    payment = Payment.objects.get(case=case)
    assert (payment.state, payment.paid_fen) == (PaymentState.PAID, case.approved_fen)
    assert Batch.objects.get().state == BatchState.SETTLED
    assert Receipt.objects.get(case=case).amount_fen == case.approved_fen
    assert case.due_on == local_date(tongwei.at) + timedelta(days=30)
    answer = Answer(local_date(tongwei.at), VisitMethod.HOME, case.approved_fen or 0, 5, Effect.EASED, "很感谢")
    aftercare.case_visit(case_id=case.id, answer=answer, actor=tongwei.officer, at=tongwei.at)
    aftercare.case_archive(case_id=case.id, actor=tongwei.officer, at=tongwei.at)
    case.refresh_from_db()
    assert case.state == State.ARCHIVED
    assert list(Step.objects.filter(case=case).order_by("version").values_list("action", flat=True)) == [
        "submit", "accept", "verify", "pass", "publish", "clear", "approve", "pay", "visit", "archive",
    ]  # fmt: skip
    hands = [case.created_by_id, case.accepted_by_id, case.verified_by_id, case.verified_with_id, case.approved_by_id,
             case.prepared_by_id, case.released_by_id]  # fmt: skip
    assert len(set(hands)) == len(hands), "seven people, no two the same"


def test_the_books_agree(tongwei: FullCounty, tmp_path: Path) -> None:
    case = tongwei.paid(tmp_path)
    amount = case.approved_fen or 0
    budget = ledger.balance(known(case.programme.budget_id))
    assert (budget.net, budget.reserved) == (100_000_00 - amount, 0)
    assert ledger.balance(tongwei.bank().account_id).net == 1_000_000_00 - amount
    assert ledger.balance(ledger.account_for(f"payable:{case.id}").id).net == 0
    assert ledger.fold_check() == []
