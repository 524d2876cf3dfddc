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
from boai.governance.rules.days import working_day_after
from boai.kernel.clock import local_date
from boai.kernel.errors import BadInput
from boai.kernel.money import format_fen
from boai.kernel.policy import require
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
from boai.relief.services.core import move, rules_for
from boai.relief.services.payment import payment_queue
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
    money.payouts_post(statement, [f.payment for f in settled if f.payment], actor=actor, at=at)
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
        return Found(line, payment, LineVerdict.REPEATED, _("The same payment stands in this file a second time."))
    if payment.state != PaymentState.SENT:
        return _judge_settled(line, payment)
    if line.account and payment.account != line.account:
        text = _("The account number is not the one that was ordered; ask the bank before anything is booked.")
        return Found(line, payment, LineVerdict.CONFLICT, text)
    if line.said == Said.UNCLEAR:
        text = _("It can't be told from “{words}” whether it was paid.").format(words=line.words)
        return Found(line, payment, LineVerdict.UNKNOWN, text)
    if line.said == Said.FAILED:
        text = _("The bank says: {words}.").format(words=line.words or _("failed"))
        return Found(line, payment, LineVerdict.FAILED, text)
    if not line.amount_fen:
        return Found(line, payment, LineVerdict.UNKNOWN, _("The line has no amount."))
    return _judge_amount(line, payment)


def _judge_settled(line: Line, payment: Payment) -> Found:
    same = (payment.state == PaymentState.PAID) == (line.said == Said.PAID)
    if payment.state in (PaymentState.PAID, PaymentState.PARTIAL, PaymentState.FAILED) and same:
        return Found(line, payment, LineVerdict.REPEATED, _("This was recorded from an earlier file."))
    text = _("Recorded as “{state}”, but the bank says: {words}. Settle it by hand with the bank.").format(
        state=payment.get_state_display(), words=line.words or line.said
    )
    return Found(line, payment, LineVerdict.CONFLICT, text)


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


def _batches_close(batch_ids: set[UUID]) -> None:
    """A batch of which nothing is with the bank any more is reconciled."""
    waiting = Payment.objects.filter(batch_id__in=batch_ids, state=PaymentState.SENT).values("batch_id")
    Batch.objects.filter(id__in=batch_ids, state=BatchState.RELEASED).exclude(id__in=waiting).update(
        state=BatchState.SETTLED
    )


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
