"""Writing into the books: accounts, documents, reservations, reversals.

The ledger does not ask who may: the apps above do, and leave the mark in the log. It keeps that every document happens
once, that nothing is created or lost, and that no account gives what it does not have.

Documents posted in one transaction should touch accounts in the same order everywhere; a mass payment is one document
with many lines, not many documents.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from boai.audit.services import record
from boai.kernel.errors import BoaiError, NotFound, UnableTo
from boai.ledger.encoding import Line, document_hash
from boai.ledger.enums import Kind, Phase, Rule
from boai.ledger.errors import AccountClosed, KeyReused, NotEnough, NotReserved
from boai.ledger.models import Account, Balance, Document, Transfer
from boai.people.actor import Actor

_POST = """
WITH document AS (
    INSERT INTO ledger_document (id, kind, actor_id, occurred_on, recorded_at, lines, payload_hash, reverses_id)
    VALUES (%(key)s, %(kind)s, %(actor)s, %(occurred_on)s, %(at)s, %(count)s, %(hash)s, %(reverses)s)
    ON CONFLICT (id) DO NOTHING RETURNING id
), moved AS (
    INSERT INTO ledger_transfer (document_id, line, kind, unit_id, debit_id, credit_id, debit_region, credit_region,
                                 amount, phase, pending_id)
    SELECT document.id, l.line, u.kind, l.unit, l.debit, l.credit, d.region_code, c.region_code,
           l.amount, l.phase, l.pending
    FROM document, unnest(%(units)s::uuid[], %(debits)s::uuid[], %(credits)s::uuid[], %(amounts)s::bigint[],
                          %(phases)s::smallint[], %(pendings)s::bigint[])
                   WITH ORDINALITY AS l (unit, debit, credit, amount, phase, pending, line)
    JOIN ledger_unit u ON u.id = l.unit JOIN ledger_account d ON d.id = l.debit JOIN ledger_account c ON c.id = l.credit
    ORDER BY l.line
    RETURNING 1
)
SELECT (SELECT count(*) FROM document), (SELECT count(*) FROM moved)
"""


@transaction.atomic
def account_open(
    *, code: str, rule: Rule, region_code: str, at: datetime, title: str = "", kind: Kind = Kind.MONEY,
    parent_id: UUID | None = None,
) -> Account:  # fmt: skip
    """Open an account, or return the one that has this code already. Raises KeyReused if that one is another kind."""
    Account.objects.bulk_create(
        [
            Account(
                code=code, rule=rule, region_code=region_code, title=title, kind=kind, parent_id=parent_id, opened_at=at
            )
        ],
        ignore_conflicts=True,
    )
    account = Account.objects.filter(code=code).first()
    if account is None or (account.rule, account.region_code, account.kind) != (rule, region_code, kind):
        raise KeyReused(_("There is already another account with this code."))
    return account


def document_post(
    *, key: UUID, kind: str, lines: Sequence[Line], occurred_on: date, actor: Actor, at: datetime,
    reverses: UUID | None = None,
) -> Document:  # fmt: skip
    """Post a document: all of its lines or none. `key` makes it happen once: the same again returns the first.

    Raises NotEnough (an account would give more than it has), KeyReused (the key stands for something else),
    AccountClosed, NotReserved, NotFound (an account or unit outside the scope).
    """
    if not lines:
        raise ValueError("a document moves something")
    digest = document_hash(key=key, kind=kind, occurred_on=occurred_on, reverses=reverses, lines=lines)
    values: dict[str, Any] = {
        "key": key, "kind": kind, "actor": actor.user_id, "occurred_on": occurred_on, "at": at, "count": len(lines),
        "hash": digest, "reverses": reverses, "units": [x.unit for x in lines], "debits": [x.debit for x in lines],
        "credits": [x.credit for x in lines], "amounts": [x.amount for x in lines],
        "phases": [int(x.phase) for x in lines], "pendings": [x.pending for x in lines],
    }  # fmt: skip
    with _refusals(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_POST, values)
        posted, moved = cursor.fetchone() or (0, 0)
        if posted and moved != len(lines):
            raise NotFound(_("An account of this document does not exist within your division."))
    document = Document.objects.get(id=key)
    if not posted and bytes(document.payload_hash) != digest:
        raise KeyReused(_("This was already booked, with other figures. Reload the page to see what is booked."))
    return document


def document_reserve(
    *, key: UUID, kind: str, lines: Sequence[Line], occurred_on: date, actor: Actor, at: datetime
) -> Document:
    """Reserve the lines instead of moving them: nobody else can spend the amounts. Raises as `document_post`."""
    reserved = [Line(x.debit, x.credit, x.amount, x.unit, Phase.PENDING) for x in lines]
    return document_post(key=key, kind=kind, lines=reserved, occurred_on=occurred_on, actor=actor, at=at)


def document_settle(
    *, key: UUID, kind: str, reserved: UUID, occurred_on: date, actor: Actor, at: datetime,
    amounts: Mapping[int, int] | None = None,
) -> Document:  # fmt: skip
    """Answer the reservations of document `reserved`: post them, in whole or in part, or give them up.

    `amounts` maps line numbers (from 1) to what is posted; 0 gives the line up, and what is not posted of a line is
    free again. Without `amounts` every line is posted whole. Raises NotReserved, and as `document_post`.
    """
    pending = {t.line: t for t in Transfer.objects.filter(document_id=reserved, phase=Phase.PENDING).order_by("line")}
    wanted = dict.fromkeys(pending) if amounts is None else amounts
    if not pending or not set(wanted) <= set(pending):
        raise NotReserved(_("There is no such reservation."))
    lines = [_answer(pending[number], wanted[number]) for number in sorted(wanted)]
    return document_post(key=key, kind=kind, lines=lines, occurred_on=occurred_on, actor=actor, at=at)


def _answer(pending: Transfer, amount: int | None) -> Line:
    phase = Phase.VOID if amount == 0 else Phase.POST
    return Line(pending.debit_id, pending.credit_id, amount or pending.amount, pending.unit_id, phase, pending.id)


def document_release(
    *, key: UUID, kind: str, reserved: UUID, occurred_on: date, actor: Actor, at: datetime
) -> Document:
    """Give up every reservation of document `reserved`. Raises NotReserved."""
    lines = Transfer.objects.filter(document_id=reserved, phase=Phase.PENDING).values_list("line", flat=True)
    return document_settle(
        key=key, kind=kind, reserved=reserved, amounts=dict.fromkeys(lines, 0), occurred_on=occurred_on, actor=actor,
        at=at,
    )  # fmt: skip


def document_reverse(
    *, key: UUID, kind: str, document_id: UUID, occurred_on: date, actor: Actor, at: datetime
) -> Document:
    """Undo a document by its opposite; the only way to correct the books. A document is reversed once.

    Raises UnableTo (already reversed; it only reserved, so it is settled or released instead), NotEnough (what came in
    has been spent since), NotFound.
    """
    transfers = list(Transfer.objects.filter(document_id=document_id).order_by("line"))
    if not transfers:
        raise NotFound
    moved = [t for t in transfers if t.phase in (Phase.POSTED, Phase.POST)]
    if not moved:
        raise UnableTo(_("Nothing was moved by this entry, so there is nothing to reverse."))
    lines = [Line(t.credit_id, t.debit_id, t.amount, t.unit_id) for t in moved]
    return document_post(
        key=key, kind=kind, lines=lines, occurred_on=occurred_on, actor=actor, at=at, reverses=document_id
    )  # fmt: skip


@transaction.atomic
def account_close(
    *, account_id: UUID, into_id: UUID, key: UUID, occurred_on: date, actor: Actor, at: datetime
) -> Account:
    """Move what is left of an account to another of its kind, then let nothing move on it any more.

    Raises UnableTo while something is reserved, AccountClosed when it is closed already.
    """
    account = Account.objects.select_for_update().filter(id=account_id).first()
    if account is None:
        raise NotFound
    if account.closed_at is not None:
        raise AccountClosed(_("This account is closed already."))
    held = list(Balance.objects.filter(account_id=account_id).order_by("unit_id"))
    if any(b.dr_pend or b.cr_pend for b in held):
        raise UnableTo(_("Something is still reserved on this account. Settle or release it first."))
    lines = [
        Line(into_id, account_id, b.dr - b.cr, b.unit_id)
        if b.dr > b.cr
        else Line(account_id, into_id, b.cr - b.dr, b.unit_id)
        for b in held
        if b.dr != b.cr
    ]
    if lines:
        document_post(key=key, kind="ledger.account.closed", lines=lines, occurred_on=occurred_on, actor=actor, at=at)
    account.closed_at = at
    account.save(update_fields=["closed_at"])
    record("ledger.account.closed", account, actor=actor, at=at, code=account.code, moved=len(lines))
    return account


@transaction.atomic
def account_reopen(*, account_id: UUID, actor: Actor, at: datetime) -> Account:
    """Let things move on a closed account again; what was moved away stays away."""
    account = Account.objects.select_for_update().filter(id=account_id).first()
    if account is None:
        raise NotFound
    account.closed_at = None
    account.save(update_fields=["closed_at"])
    record("ledger.account.reopened", account, actor=actor, at=at, code=account.code)
    return account


@contextmanager
def _refusals() -> Iterator[None]:
    """The database's refusals as sentences."""
    try:
        yield
    except IntegrityError as error:
        diagnosis = getattr(error.__cause__, "diag", None)
        refusal = _refusal(getattr(diagnosis, "constraint_name", None) or "")
        if refusal is None:
            raise
        raise refusal from error


def _refusal(constraint: str) -> BoaiError | None:
    if constraint in ("ledger_balance_within_credits", "ledger_balance_within_debits"):
        return NotEnough(_("There is not enough left on the account, counting what is already reserved."))
    if constraint in ("ledger_transfer_debit_account", "ledger_transfer_credit_account"):
        return UnableTo(_("This account does not hold what is to be booked."))
    if constraint == "ledger_account_closed":
        return AccountClosed(_("Nothing can be booked on a closed account."))
    if constraint == "ledger_transfer_answers" or constraint.startswith("ledger_transfer_pending_id"):
        return NotReserved(_("This reservation was already settled or released, or the amount is beyond it."))
    if constraint.startswith("ledger_document_reverses_id"):
        return UnableTo(_("This entry has already been reversed."))
    return None
