"""发放与对账: batches, the bank's answers, retries, emergencies."""

from __future__ import annotations

import io
import zipfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from boai.journeys.tests.county import FullCounty, answer, known
from boai.kernel.clock import local_date
from boai.kernel.errors import BadInput, NotAllowed, UnableTo
from boai.ledger import queries as ledger
from boai.relief import queries
from boai.relief.enums import BatchState, Channel, LineVerdict, PaymentState, State
from boai.relief.models import Batch, Case, Payment, Receipt, Statement, StatementLine
from boai.relief.services import acceptance, aftercare, application, batches, decision, payment, receipts, verification
from boai.relief.services.statements import SameFile
from boai.relief.tests.factories import YUAN, applied, fake_number, make_household, rules_of, sheet

pytestmark = pytest.mark.django_db


def owed(case: Case) -> int:
    return ledger.balance(ledger.account_for(f"payable:{case.id}").id).net


def prepare(tongwei: FullCounty, *cases: Case, **changes: object) -> Batch:
    ids = list(Payment.objects.filter(case__in=cases, state="queued").values_list("id", flat=True))
    values: dict[str, Any] = {
        "payment_ids": ids,
        "bank_account_id": tongwei.bank().id,
        "actor": tongwei.accountant,
        "at": tongwei.at,
    }
    return batches.batch_prepare(**(values | changes))


def test_two_people_make_a_payment(tongwei: FullCounty) -> None:
    case = tongwei.approved()
    batch = prepare(tongwei, case)
    both = tongwei.make("cashier")
    Batch.objects.filter(id=batch.id).update(prepared_by=both.user_id)
    with pytest.raises(NotAllowed):
        batches.batch_release(batch_id=batch.id, actor=both, at=tongwei.at)
    batch.refresh_from_db()
    assert (batch.state, owed(case)) == (BatchState.PREPARED, 0)


def test_the_approver_does_not_release(tongwei: FullCounty) -> None:
    case = tongwei.approved()
    batch = prepare(tongwei, case)
    hand = tongwei.make("cashier")
    Case.objects.filter(id=case.id).update(approved_by=hand.user_id)
    with pytest.raises(UnableTo, match=case.code):
        batches.batch_release(batch_id=batch.id, actor=hand, at=tongwei.at)
    case.refresh_from_db()
    assert (case.released_by_id, Payment.objects.get(case=case).state) == (None, PaymentState.BATCHED)


def test_the_dry_run_says_why_not(tongwei: FullCounty) -> None:
    case = tongwei.approved()
    Payment.objects.filter(case=case).update(account=b"")
    row = Payment.objects.get(case=case)
    plan = batches.batch_plan(payment_ids=[row.id], actor=tongwei.accountant)
    assert (len(plan.will), len(plan.wont)) == (0, 1)
    with pytest.raises(UnableTo):
        prepare(tongwei, case)
    assert Batch.objects.count() == 0


def test_the_bank_file_holds_text_and_no_formula(tongwei: FullCounty) -> None:
    case = tongwei.approved(bank='=HYPERLINK("http://x")')
    batch = tongwei.batch(case)
    name, content = batches.batch_file(batch_id=batch.id, actor=tongwei.cashier, at=tongwei.at)
    assert name.endswith(".xlsx")
    (rows,) = [CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()]
    assert rows[1][3] == "6228480402564890018", "the account number is text"
    assert rows[1][5] == (case.approved_fen or 0) / 100
    xml = zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in xml


def test_the_file_is_not_there_before_the_release(tongwei: FullCounty) -> None:
    batch = prepare(tongwei, tongwei.approved())
    with pytest.raises(UnableTo):
        batches.batch_file(batch_id=batch.id, actor=tongwei.accountant, at=tongwei.at)
    batches.batch_release(batch_id=batch.id, actor=tongwei.cashier, at=tongwei.at)
    with pytest.raises(NotAllowed):
        batches.batch_file(batch_id=batch.id, actor=tongwei.officer, at=tongwei.at)


def test_a_cancelled_batch_frees_its_payments(tongwei: FullCounty) -> None:
    case = tongwei.approved()
    batch = prepare(tongwei, case)
    with pytest.raises(UnableTo):
        decision.case_recall(case_id=case.id, note="撤回批复", actor=tongwei.secretary, at=tongwei.at)
    batches.batch_cancel(batch_id=batch.id, note="账户待核", actor=tongwei.accountant, at=tongwei.at)
    assert Payment.objects.get(case=case).state == PaymentState.QUEUED
    decision.case_recall(case_id=case.id, note="撤回批复", actor=tongwei.secretary, at=tongwei.at)
    assert Payment.objects.get(case=case).state == PaymentState.CANCELLED


def test_partial_failed_over_unknown_and_twice(tongwei: FullCounty, tmp_path: Path) -> None:
    cases = [tongwei.approved()]
    for _n in range(3):
        number = fake_number()
        home = make_household(at=tongwei.at, number=number)
        cases.append(tongwei.approved(household=home, id_number=number, account=fake_number()[:16]))
    tongwei.batch(*cases)
    full, part, failed, over = (Payment.objects.get(case=c) for c in cases)
    rows = [
        answer(full),
        answer(part, fen=part.amount_fen - 300),
        answer(failed, result="交易失败", why="户名不符"),
        answer(over, fen=over.amount_fen + 500),
        "ZZZZZZZZZZ,外人,6200000000000000,10.00,成功,",
        answer(full),
    ]
    rows[4] = rows[4].replace("ZZZZZZZZZZ", "CDFGHJKMNP")
    statement = tongwei.statement(tmp_path / "a.csv", rows)
    verdicts = list(StatementLine.objects.filter(statement=statement).order_by("row").values_list("verdict", flat=True))
    assert verdicts == ["paid", "partial", "failed", "over", "unknown", "repeated"]
    states = [Case.objects.get(id=c.id).state for c in cases]
    assert states == [State.VISITING, State.PAYING, State.PAYING, State.VISITING]
    assert [owed(c) for c in cases] == [0, 300, failed.amount_fen, 0]
    assert Payment.objects.get(case=cases[1], attempt=2).amount_fen == 300
    assert ledger.balance(ledger.account_for(f"overpaid:{tongwei.branch.id}").id).net == 500
    assert Receipt.objects.filter(case__in=cases).count() == 3
    assert ledger.fold_check() == []
    with pytest.raises(SameFile):
        tongwei.statement(tmp_path / "a.csv", rows)
    assert Statement.objects.count() == 1
    again = tongwei.statement(tmp_path / "b.csv", [answer(full), answer(failed), "x,y,,1,成功,"])
    assert list(again.lines.order_by("row").values_list("verdict", flat=True)) == [
        LineVerdict.REPEATED,
        LineVerdict.CONFLICT,
    ]
    assert owed(cases[2]) == failed.amount_fen, "a later line never rewrites what is recorded"


def test_the_failed_is_repeated_to_a_mended_account(tongwei: FullCounty, tmp_path: Path) -> None:
    case = tongwei.approved()
    batch = tongwei.batch(case)
    first = Payment.objects.get(case=case)
    tongwei.statement(tmp_path / "a.csv", [answer(first, result="失败", why="账号不存在")])
    batch.refresh_from_db()
    assert batch.state == BatchState.SETTLED
    with pytest.raises(BadInput):
        payment.account_change(
            case_id=case.id, payee_kind="beneficiary", account="6228480402564890026", bank="农行", why="",
            actor=tongwei.officer, at=tongwei.at,
        )  # fmt: skip
    payment.account_change(
        case_id=case.id, payee_kind="beneficiary", account="6228480402564890026", bank="农行", why="原账户已销户",
        actor=tongwei.officer, at=tongwei.at,
    )  # fmt: skip
    with pytest.raises(NotAllowed):
        payment.payment_retry(case_id=case.id, actor=tongwei.officer, at=tongwei.at)
    payment.payment_retry(case_id=case.id, actor=tongwei.accountant, at=tongwei.at)
    with pytest.raises(UnableTo):
        payment.payment_retry(case_id=case.id, actor=tongwei.accountant, at=tongwei.at)
    tongwei.batch(case)
    second = Payment.objects.get(case=case, attempt=2)
    assert second.account == "6228480402564890026"
    tongwei.statement(tmp_path / "b.csv", [answer(second)])
    case.refresh_from_db()
    assert (case.state, owed(case)) == (State.VISITING, 0)
    assert ledger.fold_check() == []


def test_what_can_never_be_paid_goes_back_to_the_budget(tongwei: FullCounty, tmp_path: Path) -> None:
    case = tongwei.approved()
    tongwei.batch(case)
    tongwei.statement(tmp_path / "a.csv", [answer(Payment.objects.get(case=case), result="失败", why="户主已故")])
    acceptance.case_withdraw(case_id=case.id, note="本人去世,家属放弃", actor=tongwei.officer, at=tongwei.at)
    assert owed(case) == 0
    assert ledger.balance(known(case.programme.budget_id)).net == 100_000 * YUAN


def test_another_account_than_ordered_is_not_booked(tongwei: FullCounty, tmp_path: Path) -> None:
    case = tongwei.approved()
    tongwei.batch(case)
    row = answer(Payment.objects.get(case=case)).replace("6228480402564890018", "6228480402564899999")
    statement = tongwei.statement(tmp_path / "a.csv", [row])
    assert statement.counts == {"conflict": 1}
    case.refresh_from_db()
    assert case.state == State.PAYING


def test_more_than_the_books_have_is_not_booked(tongwei: FullCounty, tmp_path: Path) -> None:
    """The bank paid although our books show no money there: nothing at all is taken in."""
    case = tongwei.approved()
    bank = tongwei.bank()
    from boai.kernel.ids import new_id
    from boai.ledger import money as books
    from boai.ledger.models import Account
    from boai.ledger.services import account_open

    hole = account_open(code="test:hole", rule=0, region_code=bank.region_code, at=tongwei.at)  # type: ignore[arg-type]  # no limit
    held = ledger.balance(bank.account_id).net
    books.money_allocate(
        key=new_id(),
        from_id=hole.id,
        to_id=bank.account_id,
        amount_fen=held,
        occurred_on=date(2026, 1, 6),
        actor=tongwei.accountant,
        at=tongwei.at,
    )
    assert isinstance(bank.account, Account)
    tongwei.batch(case)
    with pytest.raises(UnableTo):
        tongwei.statement(tmp_path / "a.csv", [answer(Payment.objects.get(case=case))])
    assert (Statement.objects.count(), Receipt.objects.count()) == (0, 0)
    assert Payment.objects.get(case=case).state == PaymentState.SENT


def test_a_receipt_can_be_verified_and_names_nobody(tongwei: FullCounty, tmp_path: Path) -> None:
    case = tongwei.paid(tmp_path)
    receipt = Receipt.objects.get(case=case)
    assert queries.case_door(receipt.code) == case.region_code
    shown = queries.receipt_verify(code=receipt.code)
    assert shown.amount_fen == case.approved_fen
    assert "魏建国" not in repr(shown)
    name, pdf = receipts.receipt_print(
        receipt_id=receipt.id, actor=tongwei.officer, at=tongwei.at, address="http://localhost/"
    )
    assert name == f"{receipt.code}.pdf"
    assert pdf.startswith(b"%PDF")


# --- emergency -----------------------------------------------------------------------------------------------------


def urgent(tongwei: FullCounty) -> Case:
    number = fake_number()
    home = make_household(at=tongwei.at, number=number)
    data = applied(
        tongwei.programme("temporary"),
        household_id=home.id,
        resident_id=home.residents.get().id,
        id_number=number,
        cause="disaster",
    )
    case = application.case_submit(data=data, channel=Channel.FOUND, actor=tongwei.cadre, at=tongwei.at)
    return acceptance.case_accept(
        case_id=case.id,
        received=["form"],
        exception="",
        urgent_reason="房屋失火,急需安置",
        actor=tongwei.officer,
        at=tongwei.at,
    )


def test_pay_first_papers_later(tongwei: FullCounty, tmp_path: Path) -> None:
    case = urgent(tongwei)
    with pytest.raises(BadInput):
        decision.case_approve_urgent(case_id=case.id, amount_fen=5_001 * YUAN, actor=tongwei.secretary, at=tongwei.at)
    case = decision.case_approve_urgent(case_id=case.id, amount_fen=1_500 * YUAN, actor=tongwei.deputy, at=tongwei.at)
    tongwei.batch(case)
    tongwei.statement(tmp_path / "a.csv", [answer(Payment.objects.get(case=case))])
    case.refresh_from_db()
    assert (case.state, case.papers_due_on) == (State.COMPLETING, date(2026, 12, 8)), "ten working days"
    from boai.relief.queries.desk import desk_waiting

    late = desk_waiting(actor=tongwei.verifier, on=local_date(tongwei.at) + timedelta(days=30), late_only=True)
    assert [r.code for r in late.rows] == [case.code], "overdue papers are shown as late"
    with pytest.raises(UnableTo):
        verification.case_verify(
            case_id=case.id,
            sheet=sheet(second_name="村主任", override_reason="x"),
            actor=tongwei.verifier,
            at=tongwei.at,
        )
    case.papers.filter(required=True).update(received_at=tongwei.at)
    with pytest.raises(NotAllowed):
        verification.case_verify(
            case_id=case.id, sheet=sheet(second_name="村主任"), actor=tongwei.deputy, at=tongwei.at
        )
    advice = verification.advise(sheet(), kind="temporary", rules=rules_of(case, tongwei.at))
    case = verification.case_verify(
        case_id=case.id,
        sheet=sheet(second_name="村主任", proposed_fen=advice.amount_fen),
        actor=tongwei.verifier,
        at=tongwei.at,
    )
    assert case.state == State.VISITING


def test_paid_without_ground_is_reclaimed(tongwei: FullCounty, tmp_path: Path) -> None:
    case = urgent(tongwei)
    case = decision.case_approve_urgent(case_id=case.id, amount_fen=1_500 * YUAN, actor=tongwei.deputy, at=tongwei.at)
    tongwei.batch(case)
    tongwei.statement(tmp_path / "a.csv", [answer(Payment.objects.get(case=case))])
    case = verification.case_verify(
        case_id=case.id,
        sheet=sheet(second_name="村主任", fit=False, proposed_fen=None, override_reason="家庭收入高于标准"),
        actor=tongwei.verifier,
        at=tongwei.at,
    )
    assert case.state == State.RECLAIMING
    with pytest.raises(BadInput):
        aftercare.case_reclaim(
            case_id=case.id,
            amount_fen=2_000 * YUAN,
            bank_account_id=tongwei.bank().id,
            note="",
            actor=tongwei.accountant,
            at=tongwei.at,
        )
    case = aftercare.case_reclaim(
        case_id=case.id,
        amount_fen=1_500 * YUAN,
        bank_account_id=tongwei.bank().id,
        note="",
        actor=tongwei.accountant,
        at=tongwei.at,
    )
    assert case.state == State.CLOSING
    budget = case.programme.budget_id
    assert budget is not None
    assert ledger.balance(budget).net == 100_000 * YUAN
