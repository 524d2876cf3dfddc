"""对账: the bank's answer is read once, every line is explained, and what it settles is settled."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from boai.audit import services as audit
from boai.kernel.clock import local_date
from boai.kernel.errors import BadInput, NotFound, UnableTo
from boai.kernel.money import format_fen
from boai.kernel.policy import require
from boai.kernel.workdays import working_day_after
from boai.people.actor import Actor
from boai.people.roles import Duty
from boai.registry.intake.sniff import BadFile
from boai.relief import policies
from boai.relief import rules as rulebook
from boai.relief.bank import Line, NoTable, Said, statement_read
from boai.relief.enums import Action, BatchState, LineVerdict, PaymentState, Track
from boai.relief.errors import AlreadyDone
from boai.relief.models import Batch, Case, Payment, Statement, StatementLine
from boai.relief.services import money
from boai.relief.services.core import case_lock, move, reason, rules_for
from boai.relief.services.payment import owed_fen, payment_queue
from boai.relief.services.receipts import receipt_issue


@dataclass(frozen=True)
class Found:
    """A line, the payment it means, and what to make of it."""

    line: Line
    payment: Payment | None
    verdict: LineVerdict
    explanation: str

    @property
    def settles(self) -> bool:
        """Does this line end a payment?"""
        return self.verdict in (LineVerdict.PAID, LineVerdict.PARTIAL, LineVerdict.OVER, LineVerdict.FAILED)


def statement_import(*, path: Path, name: str, actor: Actor, at: datetime) -> Statement:
    """Take in a file of the bank (XLSX, XLS, ODS or CSV).

    Raises SameFile for bytes that were taken in before (`error.statement_id` leads to them), BadInput for a file
    that is no list of payments.
    """
    require(policies.may_book, actor, actor.branch_id)
    try:
        lines = statement_read(path)
    except NoTable:
        raise BadInput(
            fields={"file": [_("No list of payments was found: there must be a heading for the amount and one for the "
                               "reference or the account number.")]}
        ) from None  # fmt: skip
    except BadFile as error:
        raise BadInput(fields={"file": [bad_file_sentence(error.code)]}) from None
    digest = hashlib.sha256(path.read_bytes()).digest()
    return _statement_take(lines, digest=digest, name=name, actor=actor, at=at)


@transaction.atomic
def _statement_take(lines: list[Line], *, digest: bytes, name: str, actor: Actor, at: datetime) -> Statement:
    assert actor.user_id is not None, "policies let only staff reconcile"
    assert actor.branch_id is not None, "an accountant has a branch"
    try:
        with transaction.atomic():
            statement = Statement.objects.create(
                region_code=actor.region_code, branch_id=actor.branch_id, file_name=name[:120], sha256=digest,
                imported_by_id=actor.user_id, imported_at=at,
            )  # fmt: skip
    except IntegrityError:
        raise SameFile(Statement.objects.get(branch_id=actor.branch_id, sha256=digest).id) from None
    found = _match(lines, branch_id=actor.branch_id)
    StatementLine.objects.bulk_create(
        StatementLine(
            statement=statement, region_code=f.payment.region_code if f.payment else actor.region_code, row=f.line.row,
            reference=f.payment.reference if f.payment else ",".join(f.line.tokens)[:40], name=f.line.name,
            account_last4=f.line.account[-4:], amount_fen=f.line.amount_fen, said=f.line.words, verdict=f.verdict,
            payment=f.payment, explanation=f.explanation,
        )
        for f in found
    )  # fmt: skip
    settled = [f for f in found if f.settles and f.payment is not None]
    for one in settled:
        _settle(one, actor=actor, at=at)
    money.payouts_post(statement.id, [f.payment for f in settled if f.payment], actor=actor, at=at)
    _batches_close({f.payment.batch_id for f in settled if f.payment and f.payment.batch_id})
    statement.counts = dict(Counter(str(f.verdict) for f in found))
    statement.save(update_fields=["counts"])
    audit.record(
        "relief.statement.imported", statement, actor=actor, at=at, file=name, sha256=digest.hex(),
        counts=statement.counts,
    )  # fmt: skip
    return statement


class SameFile(AlreadyDone):
    """These bytes have been taken in before."""

    def __init__(self, statement_id: UUID) -> None:
        super().__init__(_("This very file has been taken in already; nothing was booked twice."))
        self.statement_id = statement_id


def _match(lines: list[Line], *, branch_id: UUID) -> list[Found]:
    """Lock what the lines mean, in key order, and judge line by line."""
    tokens = {token for line in lines for token in line.tokens}
    payments = Payment.objects.filter(branch_id=branch_id)
    named = payments.filter(reference__in=tokens)
    open_ones = payments.filter(state=PaymentState.SENT)
    ids = {*named.values_list("id", flat=True), *open_ones.values_list("id", flat=True)}
    cases = Case.objects.filter(payments__id__in=ids).order_by("id").distinct()
    list(Case.objects.select_for_update().filter(id__in=cases.values("id")).order_by("id").values_list("id"))
    rows = list(
        Payment.objects.select_for_update(of=("self",))
        .filter(id__in=ids)
        .select_related("case__programme", "case__branch", "case__application")
        .order_by("case_id", "id")
    )
    by_reference = {p.reference: p for p in rows}
    by_account: dict[tuple[str, int], list[Payment]] = {}
    for payment in rows:
        if payment.state == PaymentState.SENT:
            by_account.setdefault((payment.account, payment.amount_fen), []).append(payment)
    taken: set[UUID] = set()
    found = []
    for line in lines:
        one = _judge(line, _meant(line, by_reference, by_account), taken)
        if one.settles and one.payment is not None:
            taken.add(one.payment.id)
        found.append(one)
    return found


def _meant(
    line: Line, by_reference: dict[str, Payment], by_account: dict[tuple[str, int], list[Payment]]
) -> Payment | None:
    for token in line.tokens:
        if token in by_reference:
            return by_reference[token]
    candidates = by_account.get((line.account, line.amount_fen or -1), [])
    return candidates[0] if len(candidates) == 1 else None


def _judge(line: Line, payment: Payment | None, taken: set[UUID]) -> Found:
    if payment is None:
        return Found(line, None, LineVerdict.UNKNOWN, _("No payment of this branch has this reference or account."))
    if payment.id in taken:
        text = _("The same payment stands in this file a second time. If the bank has paid twice, ask for it back.")
        return Found(line, payment, LineVerdict.REPEATED, text)
    if payment.state != PaymentState.SENT:
        return _judge_settled(line, payment)
    if line.account and payment.account != line.account:
        text = _("The account number is not the one that was ordered; ask the bank before anything is booked.")
        return Found(line, payment, LineVerdict.CONFLICT, text)
    if line.said == Said.UNCLEAR:
        return _unclear(line, payment)
    if line.said == Said.FAILED:
        text = _("The bank says: {words}.").format(words=line.words or _("failed"))
        return Found(line, payment, LineVerdict.FAILED, text)
    if not line.amount_fen:
        return Found(line, payment, LineVerdict.UNKNOWN, _("The line has no amount."))
    return _judge_amount(line, payment)


def _judge_settled(line: Line, payment: Payment) -> Found:
    """A line about a payment that is no longer with the bank: the same once more, or a contradiction."""
    if line.said == Said.UNCLEAR:
        return _unclear(line, payment)
    moved = payment.paid_fen + payment.over_fen
    paid_alike = line.said == Said.PAID and bool(moved) and line.amount_fen in (None, moved)
    if paid_alike or (line.said == Said.FAILED and payment.state == PaymentState.FAILED):
        return Found(line, payment, LineVerdict.REPEATED, _("This was recorded from an earlier file."))
    text = _(
        "Recorded as “{state}”, but the bank says: {words}. Ask the bank; nothing more is paid until then."
    ).format(state=payment.get_state_display(), words=line.words or _said_words(line))
    return Found(line, payment, LineVerdict.CONFLICT, text)


def _said_words(line: Line) -> str:
    """What a line without words means."""
    return str(LineVerdict.PAID.label if line.said == Said.PAID else LineVerdict.FAILED.label)


def _unclear(line: Line, payment: Payment) -> Found:
    text = _("It can't be told from “{words}” whether it was paid.").format(words=line.words)
    return Found(line, payment, LineVerdict.UNKNOWN, text)


def _judge_amount(line: Line, payment: Payment) -> Found:
    paid, ordered = line.amount_fen or 0, payment.amount_fen
    if paid == ordered:
        return Found(line, payment, LineVerdict.PAID, _("Paid in full."))
    amounts = {"paid": format_fen(paid), "ordered": format_fen(ordered), "rest": format_fen(abs(ordered - paid))}
    if paid < ordered:
        text = _("{paid} of {ordered} paid; {rest} waits for the next batch.").format(**amounts)
        return Found(line, payment, LineVerdict.PARTIAL, text)
    text = _("{paid} paid instead of {ordered}; {rest} too much has to come back.").format(**amounts)
    return Found(line, payment, LineVerdict.OVER, text)


def _settle(found: Found, *, actor: Actor, at: datetime) -> None:
    """Write the outcome into the payment and move its case on."""
    payment, line = found.payment, found.line
    assert payment is not None, "only matched lines settle"
    case = payment.case
    payment.paid_on = line.on or local_date(at)
    if found.verdict == LineVerdict.FAILED:
        payment.state, payment.failure = PaymentState.FAILED, line.words[:200]
        payment.paid_on = None
        case.waits_for = Duty.PAY_PREPARE
        case.save(update_fields=["waits_for"])
    else:
        amount = line.amount_fen or 0
        payment.paid_fen = min(amount, payment.amount_fen)
        payment.over_fen = max(0, amount - payment.amount_fen)
        payment.state = PaymentState.PARTIAL if found.verdict == LineVerdict.PARTIAL else PaymentState.PAID
    payment.save()
    if payment.paid_fen:
        receipt_issue(payment, at=at)
    audit.record(
        f"relief.payment.{'failed' if payment.state == PaymentState.FAILED else 'paid'}", payment, actor=actor, at=at,
        code=case.code, reference=payment.reference, paid_fen=payment.paid_fen, said=line.words,
    )  # fmt: skip
    if payment.state == PaymentState.PARTIAL:
        payment_queue(case, amount_fen=payment.amount_fen - payment.paid_fen, at=at)
        case.waits_for = Duty.PAY_PREPARE
        case.save(update_fields=["waits_for"])
    elif payment.state == PaymentState.PAID:
        case_paid(case, actor=actor, at=at)


def case_paid(case: Case, *, actor: Actor, at: datetime) -> Case:
    """All that was granted has reached the account: on to the return visit, or to the papers of an emergency."""
    rules = rules_for(case, at=at)
    facts = {"amount_fen": case.approved_fen}
    if case.track == Track.EMERGENCY and case.verified_by_id is None:
        days = rulebook.emergency(rules).papers_days
        case.papers_due_on = working_day_after(local_date(at), days)
        return move(
            case, Action.PAY_URGENT, actor=actor, at=at, rules=rules, facts=facts, by_rule=True,
            due_on=case.papers_due_on,
        )  # fmt: skip
    return move(case, Action.PAY, actor=actor, at=at, rules=rules, facts=facts, by_rule=True)


def _batches_close(batch_ids: set[UUID | None]) -> None:
    """A batch of which nothing is with the bank any more is reconciled."""
    waiting = Payment.objects.filter(batch_id__in=batch_ids, state=PaymentState.SENT).values("batch_id")
    Batch.objects.filter(id__in=batch_ids, state=BatchState.RELEASED).exclude(id__in=waiting).update(
        state=BatchState.SETTLED
    )


@transaction.atomic
def line_answer(*, line_id: UUID, paid: bool, answer: str, actor: Actor, at: datetime) -> StatementLine:
    """Settle a line that contradicts what is recorded, by what the bank said when it was asked.

    A failed payment that has arrived after all is booked and its repetition taken out of the queue; one with the bank
    is booked or fails. What was recorded as paid stays as it is: the answer alone is kept. Raises UnableTo while
    another attempt of the case is in a batch or with the bank, AlreadyDone for a second click.
    """
    line, payment = _line_lock(line_id)
    require(policies.may_book, actor, payment.branch_id)
    if line.answered_at is not None:
        raise AlreadyDone(_("This is already done; nothing was done twice."))
    if line.verdict != LineVerdict.CONFLICT:
        raise UnableTo(_("This line contradicts nothing."))
    line.answer, line.answered_at, line.answered_by_id = reason(answer, field="answer")[:300], at, actor.user_id
    line.save(update_fields=["answer", "answered_at", "answered_by"])
    audit.record(
        "relief.statement.answered", line.statement, actor=actor, at=at, code=payment.case.code,
        reference=payment.reference, paid=paid, answer=line.answer,
    )  # fmt: skip
    if payment.state in (PaymentState.SENT, PaymentState.FAILED):
        _answer_book(line, payment, paid=paid, actor=actor, at=at)
    return line


def _line_lock(line_id: UUID) -> tuple[StatementLine, Payment]:
    """A line and its payment, the case locked first as everywhere. Raises NotFound."""
    found = StatementLine.objects.filter(id=line_id, payment__isnull=False).select_related("payment").first()
    if found is None or found.payment is None:
        raise NotFound
    case_lock(found.payment.case_id)
    payments = Payment.objects.select_for_update(of=("self",))
    payment = payments.select_related("case__programme", "case__branch", "case__application").get(id=found.payment.id)
    line = StatementLine.objects.select_for_update(of=("self",)).select_related("statement").get(id=line_id)
    return line, payment


def _answer_book(line: StatementLine, payment: Payment, *, paid: bool, actor: Actor, at: datetime) -> None:
    said = Said.PAID if paid else Said.FAILED
    on = local_date(line.statement.imported_at)
    told = Line(line.row, (), line.name, "", line.amount_fen, said, line.answer, on)
    if not paid:
        if payment.state == PaymentState.SENT:
            _settle(Found(told, payment, LineVerdict.FAILED, ""), actor=actor, at=at)
        _batches_close({payment.batch_id} - {None})
        return
    others = Payment.objects.filter(case_id=payment.case_id, round=payment.round).exclude(id=payment.id)
    if others.filter(state__in=[PaymentState.BATCHED, PaymentState.SENT]).exists():
        raise UnableTo(_("Another payment of this case is in a batch or with the bank. Cancel the batch, or wait."))
    if not line.amount_fen:
        raise UnableTo(_("The line has no amount."))
    if payment.state == PaymentState.FAILED and payment.amount_fen > owed_fen(payment.case):
        raise UnableTo(_("This case has been paid since. The bank has paid twice: ask for the money back."))
    others.filter(state=PaymentState.QUEUED).update(state=PaymentState.CANCELLED)
    payment.failure = ""
    _settle(_judge_amount(told, payment), actor=actor, at=at)
    money.payouts_post(line.id, [payment], actor=actor, at=at)
    _batches_close({payment.batch_id} - {None})


def bad_file_sentence(code: str) -> str:
    """What to tell about a file that can't be read."""
    sentences = {
        "empty": _("The file is empty."),
        "password": _("The file is locked with a password. Save it without one."),
        "pdf": _("This is a PDF. Ask the bank for an Excel or CSV file."),
        "picture": _("This is a picture. Ask the bank for an Excel or CSV file."),
        "bomb": _("The file unpacks to an absurd size and was not opened."),
        "entities": _("The file holds something that workbooks never hold and was not opened."),
        "memory": _("The file is too large to be opened here. Split it."),
        "time": _("The file takes too long to read. Split it."),
        "too_long": _("The file has too many rows. Split it."),
    }
    return sentences.get(code, _("This is not an Excel or CSV file that can be read. Save it again as XLSX."))
