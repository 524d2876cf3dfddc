"""The bank contradicts itself, or somebody has changed where the money goes: nothing is paid twice, nor by one hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import IntegrityError, transaction

from boai.journeys.tests.county import FullCounty, answer, known
from boai.kernel.errors import BadInput, NotAllowed, UnableTo
from boai.ledger import queries as ledger
from boai.relief.enums import LineVerdict, PaymentState, State
from boai.relief.errors import AlreadyDone
from boai.relief.models import Batch, Case, Payment, Receipt, Statement, StatementLine
from boai.relief.services import batches, payment, statements
from boai.relief.services.batches import batch_plan

pytestmark = pytest.mark.django_db

NEW_ACCOUNT = "6228480402564890026"


def verdicts(statement: Statement) -> list[str]:
    return list(statement.lines.order_by("row").values_list("verdict", flat=True))


def prepare(tongwei: FullCounty, case: Case) -> Batch:
    ids = list(Payment.objects.filter(case=case, state=PaymentState.QUEUED).values_list("id", flat=True))
    return batches.batch_prepare(
        payment_ids=ids, bank_account_id=tongwei.bank().id, actor=tongwei.accountant, at=tongwei.at
    )


def failed(tongwei: FullCounty, tmp_path: Path) -> tuple[Case, Payment]:
    """A case whose first payment failed."""
    case = tongwei.approved()
    tongwei.batch(case)
    first = Payment.objects.get(case=case)
    tongwei.statement(tmp_path / "failed.csv", [answer(first, result="交易失败", why="系统繁忙")])
    return case, first


def late(tongwei: FullCounty, first: Payment, tmp_path: Path) -> StatementLine:
    """The bank says after all that it was paid."""
    return tongwei.statement(tmp_path / "late.csv", [answer(first)]).lines.get()


def settle(tongwei: FullCounty, line: StatementLine, *, paid: bool) -> StatementLine:
    return statements.line_answer(
        line_id=line.id, paid=paid, answer="已电话核实农行营业部", actor=tongwei.accountant, at=tongwei.at
    )


def test_a_late_success_stops_the_repetition(tongwei: FullCounty, tmp_path: Path) -> None:
    case, first = failed(tongwei, tmp_path)
    second = payment.payment_retry(case_id=case.id, actor=tongwei.accountant, at=tongwei.at)
    line = late(tongwei, first, tmp_path)
    assert line.verdict == LineVerdict.CONFLICT
    plan = batch_plan(payment_ids=[second.id], actor=tongwei.accountant)
    assert [p.id for p, _why in plan.wont] == [second.id]
    with pytest.raises(UnableTo):
        prepare(tongwei, case)
    settle(tongwei, line, paid=True)
    case.refresh_from_db()
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state, case.state) == (PaymentState.PAID, PaymentState.CANCELLED, State.VISITING)
    assert Receipt.objects.get(case=case).amount_fen == case.approved_fen
    assert ledger.balance(ledger.account_for(f"payable:{case.id}").id).net == 0
    assert ledger.fold_check() == []
    with pytest.raises(AlreadyDone):
        settle(tongwei, line, paid=True)
    assert Receipt.objects.filter(case=case).count() == 1


def test_a_late_success_without_a_repetition_is_not_repeated(tongwei: FullCounty, tmp_path: Path) -> None:
    case, first = failed(tongwei, tmp_path)
    line = late(tongwei, first, tmp_path)
    with pytest.raises(UnableTo):
        payment.payment_retry(case_id=case.id, actor=tongwei.accountant, at=tongwei.at)
    settle(tongwei, line, paid=False)
    second = payment.payment_retry(case_id=case.id, actor=tongwei.accountant, at=tongwei.at)
    assert (second.attempt, second.amount_fen) == (2, case.approved_fen)


def test_a_batch_that_is_not_released_yet_stops(tongwei: FullCounty, tmp_path: Path) -> None:
    case, first = failed(tongwei, tmp_path)
    payment.payment_retry(case_id=case.id, actor=tongwei.accountant, at=tongwei.at)
    batch = prepare(tongwei, case)
    line = late(tongwei, first, tmp_path)
    with pytest.raises(UnableTo, match=case.code):
        batches.batch_release(batch_id=batch.id, actor=tongwei.cashier, at=tongwei.at)
    with pytest.raises(UnableTo):
        settle(tongwei, line, paid=True)
    batch.refresh_from_db()
    line.refresh_from_db()
    assert (batch.state, line.answered_at) == ("prepared", None)
    batches.batch_cancel(batch_id=batch.id, note="银行已付", actor=tongwei.accountant, at=tongwei.at)
    settle(tongwei, line, paid=True)
    assert list(Payment.objects.filter(case=case).order_by("attempt").values_list("state", flat=True)) == [
        "paid", "cancelled",
    ]  # fmt: skip


def test_paid_twice_by_the_bank_is_never_booked_twice(tongwei: FullCounty, tmp_path: Path) -> None:
    case, first = failed(tongwei, tmp_path)
    second = payment.payment_retry(case_id=case.id, actor=tongwei.accountant, at=tongwei.at)
    tongwei.batch(case)
    tongwei.statement(tmp_path / "second.csv", [answer(second)])
    line = late(tongwei, first, tmp_path)
    assert line.verdict == LineVerdict.CONFLICT
    with pytest.raises(UnableTo):
        settle(tongwei, line, paid=True)
    assert Receipt.objects.filter(case=case).count() == 1
    assert ledger.balance(tongwei.bank().account_id).net == 100_000_000 - (case.approved_fen or 0)
    assert ledger.fold_check() == []


def test_another_account_than_ordered_waits_for_the_bank(tongwei: FullCounty, tmp_path: Path) -> None:
    case = tongwei.approved()
    tongwei.batch(case)
    row = Payment.objects.get(case=case)
    wrong = answer(row).replace(row.account, NEW_ACCOUNT)
    line = tongwei.statement(tmp_path / "a.csv", [wrong]).lines.get()
    row.refresh_from_db()
    assert (line.verdict, row.state) == (LineVerdict.CONFLICT, PaymentState.SENT)
    settle(tongwei, line, paid=False)
    row.refresh_from_db()
    assert row.state == PaymentState.FAILED
    assert Batch.objects.get().state == "settled"


def test_only_the_accountant_with_a_reason_settles(tongwei: FullCounty, tmp_path: Path) -> None:
    _case, first = failed(tongwei, tmp_path)
    line = late(tongwei, first, tmp_path)
    with pytest.raises(NotAllowed):
        statements.line_answer(line_id=line.id, paid=True, answer="是", actor=tongwei.cashier, at=tongwei.at)
    with pytest.raises(BadInput):
        statements.line_answer(line_id=line.id, paid=True, answer=" ", actor=tongwei.accountant, at=tongwei.at)
    line.refresh_from_db()
    first.refresh_from_db()
    assert (line.answered_at, first.state) == (None, PaymentState.FAILED)


def test_a_part_is_recognised_again_and_a_return_is_not(tongwei: FullCounty, tmp_path: Path) -> None:
    case = tongwei.approved()
    tongwei.batch(case)
    row = Payment.objects.get(case=case)
    tongwei.statement(tmp_path / "a.csv", [answer(row, fen=row.amount_fen - 300)])
    again = tongwei.statement(tmp_path / "b.csv", [answer(row, fen=row.amount_fen - 300, why="再次导出")])
    back = tongwei.statement(tmp_path / "c.csv", [answer(row, result="退汇", why="账号不符")])
    more = tongwei.statement(tmp_path / "d.csv", [answer(row)])
    unclear = tongwei.statement(tmp_path / "e.csv", [answer(row, result="处理中")])
    found = [v for s in (again, back, more, unclear) for v in verdicts(s)]
    assert found == ["repeated", "conflict", "conflict", "unknown"]


# --- who changes the account ---------------------------------------------------------------------------------------


def change(tongwei: FullCounty, case: Case, who: str) -> Case:
    return payment.account_change(
        case_id=case.id, payee_kind="beneficiary", account=NEW_ACCOUNT, bank="农行", why="原账户已销户",
        actor=getattr(tongwei, who), at=tongwei.at,
    )  # fmt: skip


@pytest.mark.parametrize("who", ["cashier", "secretary", "verifier", "cadre", "auditor"])
def test_who_pays_out_or_decides_changes_no_account(tongwei: FullCounty, who: str) -> None:
    case = tongwei.approved()
    with pytest.raises(NotAllowed):
        change(tongwei, case, who)
    assert Payment.objects.get(case=case).account != NEW_ACCOUNT
    assert Case.objects.get(id=case.id).account_by_id is None


def test_who_changed_the_account_does_not_release(tongwei: FullCounty) -> None:
    case = tongwei.approved()
    change(tongwei, case, "officer2")
    batch = prepare(tongwei, case)
    both = tongwei.make("cashier")
    Case.objects.filter(id=case.id).update(account_by=both.user_id)
    with pytest.raises(UnableTo, match=case.code):
        batches.batch_release(batch_id=batch.id, actor=both, at=tongwei.at)
    with pytest.raises(IntegrityError), transaction.atomic():
        Case.objects.filter(id=case.id).update(released_by=both.user_id)
    assert Payment.objects.get(case=case).state == PaymentState.BATCHED


def test_the_account_of_a_paid_case_stays(tongwei: FullCounty, tmp_path: Path) -> None:
    case = tongwei.paid(tmp_path)
    with pytest.raises(UnableTo):
        change(tongwei, case, "officer2")
    assert known(case.approved_by_id)
    assert case.application.account != NEW_ACCOUNT
