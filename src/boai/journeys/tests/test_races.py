"""Two people at the same moment: one wins, the other hears about it, nothing happens twice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from boai.governance import services as governance
from boai.governance.enums import ObjectionChannel
from boai.governance.models import Objection
from boai.journeys import services as journeys
from boai.journeys.tests.county import FullCounty, answer, known
from boai.kernel.errors import BoaiError, StalePage, UnableTo
from boai.ledger import queries as ledger
from boai.people.actor import Actor
from boai.relief.enums import BatchState, PaymentState, State
from boai.relief.errors import AlreadyDone
from boai.relief.models import Batch, Case, Payment, Receipt, Statement, Step
from boai.relief.services import acceptance, batches, decision, statements
from boai.relief.tests.factories import County, make_household

Race = Callable[[list[Callable[[], Any]]], list[Any]]


@pytest.fixture
def far(own_database: str, tongwei: FullCounty) -> FullCounty:
    """The county on a database of its own, where threads commit."""
    return tongwei


def failures(results: list[Any]) -> list[BaseException]:
    return [r for r in results if isinstance(r, BaseException)]


def test_two_approvers(far: FullCounty, race: Race) -> None:
    case = far.cleared()
    people = [far.secretary, far.make("secretary")]

    def approve(actor: Actor) -> Callable[[], Case]:
        return lambda: decision.case_approve(
            case_id=case.id, amount_fen=case.advised_fen or 0, version=case.version, actor=actor, at=far.at
        )

    results = race([approve(p) for p in people])
    assert len(failures(results)) == 1
    assert isinstance(failures(results)[0], StalePage)
    assert Step.objects.filter(case=case, action="approve").count() == 1
    assert Payment.objects.filter(case=case).count() == 1
    assert ledger.balance(known(case.programme.budget_id)).reserved == case.advised_fen


def test_a_double_click_on_approve(far: FullCounty, race: Race) -> None:
    case = far.cleared()
    actor = far.secretary
    click = lambda: decision.case_approve(  # noqa: E731 - the same click twice
        case_id=case.id, amount_fen=case.advised_fen or 0, version=case.version, actor=actor, at=far.at
    )
    results = race([click, click])
    assert [type(f) for f in failures(results)] == [AlreadyDone]
    assert Payment.objects.filter(case=case).count() == 1


def test_approval_against_a_racing_objection(far: FullCounty, race: Race) -> None:
    """Filed in the last minute: either the objection is in and the approval is refused, or the other way round."""
    case = far.noticed(far.reviewed(far.verified()))
    actor, before, after = far.secretary, far.at, far.after_notice(case)
    Case.objects.filter(id=case.id).update(state=State.APPROVING)
    case.refresh_from_db()
    results = race([
        lambda: decision.case_approve(
            case_id=case.id, amount_fen=case.advised_fen or 0, version=case.version, actor=actor, at=after
        ),
        lambda: governance.objection_file(
            notice_id=known(case.notice_id), channel=ObjectionChannel.WEB, text="此户有小汽车一辆", actor=Actor.public(),
            at=before, subject_id=case.id,
        ),
    ])  # fmt: skip
    case.refresh_from_db()
    filed = Objection.objects.filter(entry__subject_id=case.id).exists()
    approved = case.state == State.PAYING
    assert filed != approved, results
    assert all(isinstance(f, UnableTo) for f in failures(results))
    assert Payment.objects.filter(case=case).exists() == approved


def test_objection_decided_while_approving(far: FullCounty, race: Race) -> None:
    """No deadlock: both take the case first. The money never moves for a case that was sent back."""
    case = far.noticed(far.reviewed(far.verified()))
    handler = far.deputy5
    objection, _receipt = governance.objection_file(
        notice_id=known(case.notice_id), channel=ObjectionChannel.WEB, text="此户有小汽车一辆", actor=Actor.public(),
        at=far.at, subject_id=case.id,
    )  # fmt: skip
    governance.objection_acknowledge(objection_id=objection.id, actor=handler, at=far.at)
    governance.objection_assign(objection_id=objection.id, handler_id=known(handler.user_id), actor=handler, at=far.at)
    after = far.after_notice(case)
    actor = far.secretary
    Case.objects.filter(id=case.id).update(state=State.APPROVING)
    race([
        lambda: decision.case_approve(
            case_id=case.id, amount_fen=case.advised_fen or 0, actor=actor, at=after
        ),
        lambda: journeys.objection_decide(
            objection_id=objection.id, outcome="re_ballot", reasons="重新评议", actor=handler, at=after
        ),
    ])  # fmt: skip
    case.refresh_from_db()
    assert case.state == State.REVIEWING
    assert not Payment.objects.filter(case=case).exists()


def test_two_cashiers(far: FullCounty, race: Race) -> None:
    case = far.approved()
    row = Payment.objects.get(case=case)
    batch = batches.batch_prepare(
        payment_ids=[row.id], bank_account_id=far.bank().id, actor=far.accountant, at=far.at
    )  # fmt: skip
    people = [far.cashier, far.make("cashier")]

    def release(actor: Actor) -> Callable[[], Batch]:
        return lambda: batches.batch_release(batch_id=batch.id, version=batch.version, actor=actor, at=far.at)

    results = race([release(p) for p in people])
    assert len(failures(results)) == 1
    batch.refresh_from_db()
    assert batch.state == BatchState.RELEASED
    assert ledger.balance(ledger.account_for(f"payable:{case.id}").id).net == case.approved_fen


def test_two_accountants_and_one_payment(far: FullCounty, race: Race) -> None:
    case = far.approved()
    row = Payment.objects.get(case=case)
    bank = far.bank().id
    people = [far.accountant, far.make("accountant")]

    def prepare(actor: Actor) -> Callable[[], Batch]:
        return lambda: batches.batch_prepare(payment_ids=[row.id], bank_account_id=bank, actor=actor, at=far.at)

    results = race([prepare(p) for p in people])
    assert len(failures(results)) == 1
    assert Batch.objects.count() == 1


def test_recall_against_batching(far: FullCounty, race: Race) -> None:
    case = far.approved()
    row = Payment.objects.get(case=case)
    bank, accountant, secretary = far.bank().id, far.accountant, far.secretary
    results = race(
        [
            lambda: batches.batch_prepare(payment_ids=[row.id], bank_account_id=bank, actor=accountant, at=far.at),
            lambda: decision.case_recall(case_id=case.id, note="发现重复", actor=secretary, at=far.at),
        ]
    )
    assert len(failures(results)) == 1
    case.refresh_from_db()
    row.refresh_from_db()
    assert (case.state, row.state) in (
        (State.PAYING, PaymentState.BATCHED),
        (State.APPROVING, PaymentState.CANCELLED),
    )


def test_the_same_answer_twice_at_once(far: FullCounty, race: Race, tmp_path: Path) -> None:
    case = far.approved()
    far.batch(case)
    path = tmp_path / "a.csv"
    head = "付款参考号,收款人姓名,收款账号,金额(元),处理结果,失败原因"
    path.write_text("\n".join([head, answer(Payment.objects.get(case=case))]), encoding="utf-8")
    actor = far.accountant
    take = lambda: statements.statement_import(path=path, name="a.csv", actor=actor, at=far.at)  # noqa: E731 - twice
    results = race([take, take])
    assert [type(f).__name__ for f in failures(results)] == ["SameFile"]
    assert (Statement.objects.count(), Receipt.objects.count()) == (1, 1)
    assert ledger.fold_check() == []


def test_two_applications_for_one_cause(far: County, race: Race) -> None:
    """The unique constraint decides, whoever comes first."""
    home = make_household(at=far.at)
    pair = [far.submit(household=home), far.submit(household=home)]
    actor = far.officer2

    def accept(case: Case) -> Callable[[], Case]:
        return lambda: acceptance.case_accept(case_id=case.id, received=(), exception="属实", actor=actor, at=far.at)

    results = race([accept(c) for c in pair])
    assert len(failures(results)) == 1
    assert isinstance(failures(results)[0], BoaiError)
    assert sorted(Case.objects.values_list("state", flat=True)) == [State.APPLIED, State.VERIFYING]
