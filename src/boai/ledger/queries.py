"""What the books say. Amounts are integers of the unit's smallest part (money: fen)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q

from boai.kernel.errors import NotFound
from boai.ledger.enums import CNY, Phase, Rule
from boai.ledger.models import Account, Balance, Document, Transfer


@dataclass(frozen=True)
class Holding:
    """What has gone through an account in one unit. `net` and `available` count in the account's own direction."""

    rule: int
    dr: int = 0
    cr: int = 0
    dr_pend: int = 0
    cr_pend: int = 0

    @property
    def net(self) -> int:
        """What the account holds: credits less debits for funds and debts, debits less credits for the others."""
        return self.cr - self.dr if self.rule == Rule.CREDIT else self.dr - self.cr

    @property
    def reserved(self) -> int:
        """What is reserved to leave the account."""
        return self.dr_pend if self.rule == Rule.CREDIT else self.cr_pend

    @property
    def available(self) -> int:
        """What may still leave the account."""
        return self.net - self.reserved


def account_for(code: str) -> Account:
    """The account with this code, within the scope. Raises NotFound."""
    found = Account.objects.filter(code=code).first()
    if found is None:
        raise NotFound
    return found


def balance(account_id: UUID, unit_id: UUID = CNY) -> Holding:
    """What an account holds now; zeros when nothing has moved. Raises NotFound."""
    return balances([account_id], unit_id)[account_id]


def balances(account_ids: Iterable[UUID], unit_id: UUID = CNY) -> dict[UUID, Holding]:
    """The same for many accounts, in two queries. Raises NotFound when one of them is not within the scope."""
    wanted = set(account_ids)
    rules = dict(Account.objects.filter(id__in=wanted).values_list("id", "rule"))
    if len(rules) != len(wanted):
        raise NotFound
    rows = Balance.objects.filter(account_id__in=wanted, unit_id=unit_id)
    found = {b.account_id: Holding(b.rule, b.dr, b.cr, b.dr_pend, b.cr_pend) for b in rows}
    return {account_id: found.get(account_id, Holding(rule)) for account_id, rule in rules.items()}


def document_for(key: UUID) -> Document | None:
    """The document with this key, None when it was never posted."""
    return Document.objects.filter(id=key).first()


def open_reservations(account_id: UUID) -> list[Transfer]:
    """Reservations on an account that were neither posted nor given up, oldest first."""
    rows = Transfer.objects.filter(Q(debit_id=account_id) | Q(credit_id=account_id), phase=Phase.PENDING)
    return list(rows.filter(answer__isnull=True).order_by("id"))


# --- statement ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Entry:
    """One line of an account statement. `change` and `running` count in the account's own direction."""

    transfer_id: int
    document_id: UUID
    kind: str
    occurred_on: date
    recorded_at: datetime
    other_id: UUID
    change: int
    running: int
    reverses_id: UUID | None


@dataclass(frozen=True)
class Statement:
    """An account over a time: what was there, what moved, what is left."""

    opening: int
    entries: list[Entry]
    closing: int


_MOVED = """
FROM ledger_transfer t JOIN ledger_document d ON d.id = t.document_id,
     LATERAL (SELECT CASE WHEN (t.debit_id = %(account)s) = %(debit_side)s THEN t.amount ELSE -t.amount END AS change) c
WHERE (t.debit_id = %(account)s OR t.credit_id = %(account)s) AND t.unit_id = %(unit)s AND t.phase IN (0, 2)
"""
_OPENING = "SELECT coalesce(sum(c.change), 0)::bigint" + _MOVED + "AND d.occurred_on < %(since)s"
_ENTRIES = (
    """SELECT t.id, t.document_id, d.kind, d.occurred_on, d.recorded_at,
              CASE WHEN t.debit_id = %(account)s THEN t.credit_id ELSE t.debit_id END, c.change, d.reverses_id"""
    + _MOVED
    + "AND d.occurred_on BETWEEN %(since)s AND %(until)s ORDER BY d.occurred_on, t.id"
)


def statement(
    account_id: UUID, *, since: date | None = None, until: date | None = None, unit_id: UUID = CNY
) -> Statement:
    """What moved on an account from `since` to `until` (both included), by the day it happened. Raises NotFound."""
    rule = Account.objects.filter(id=account_id).values_list("rule", flat=True).first()
    if rule is None:
        raise NotFound
    params: dict[str, Any] = {
        "account": account_id, "unit": unit_id, "debit_side": rule != Rule.CREDIT,
        "since": since or date.min, "until": until or date.max,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_OPENING, params)
        opening = int((cursor.fetchone() or (0,))[0])
        cursor.execute(_ENTRIES, params)
        rows = cursor.fetchall()
    entries, running = [], opening
    for transfer_id, document_id, kind, occurred_on, recorded_at, other, change, reverses in rows:
        running += change
        entries.append(
            Entry(transfer_id, document_id, kind, occurred_on, recorded_at, other, change, running, reverses)
        )
    return Statement(opening, entries, running)


# --- the books as a whole -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TrialRow:
    """One account in one unit; `dr` and `cr` are everything that ever went through it."""

    account_id: UUID
    code: str
    title: str
    unit: str
    dr: int
    cr: int
    dr_pend: int
    cr_pend: int


def trial_balance(*, lo: str = "", hi: str = "", unit_id: UUID = CNY) -> list[TrialRow]:
    """Every account with its sums, by code; of one stretch of divisions when `lo` and `hi` are given."""
    rows = Balance.objects.filter(unit_id=unit_id).select_related("account", "unit").order_by("account__code")
    if hi:
        rows = rows.filter(region_code__range=(lo, hi))
    return [
        TrialRow(b.account_id, b.account.code, b.account.title, b.unit.code, b.dr, b.cr, b.dr_pend, b.cr_pend)
        for b in rows
    ]


@dataclass(frozen=True)
class Drift:
    """Something that the books contradict: `what` names it, `where` points to it."""

    what: str
    where: str


_FOLD = """
WITH sides AS (
    SELECT t.debit_id AS account_id, t.unit_id, CASE WHEN t.phase IN (0, 2) THEN t.amount ELSE 0 END AS dr, 0 AS cr,
           CASE WHEN t.phase = 1 THEN t.amount ELSE -coalesce(p.amount, 0) END AS dr_pend, 0 AS cr_pend
    FROM ledger_transfer t LEFT JOIN ledger_transfer p ON p.id = t.pending_id
    UNION ALL
    SELECT t.credit_id, t.unit_id, 0, CASE WHEN t.phase IN (0, 2) THEN t.amount ELSE 0 END,
           0, CASE WHEN t.phase = 1 THEN t.amount ELSE -coalesce(p.amount, 0) END
    FROM ledger_transfer t LEFT JOIN ledger_transfer p ON p.id = t.pending_id
), fold AS (
    SELECT account_id, unit_id, sum(dr) AS dr, sum(cr) AS cr, sum(dr_pend) AS dr_pend, sum(cr_pend) AS cr_pend
    FROM sides GROUP BY account_id, unit_id
)
SELECT 'balance', coalesce(f.account_id, b.account_id) || ' ' || coalesce(f.unit_id, b.unit_id)
FROM fold f FULL JOIN ledger_balance b USING (account_id, unit_id)
WHERE (f.dr, f.cr, f.dr_pend, f.cr_pend) IS DISTINCT FROM (b.dr, b.cr, b.dr_pend, b.cr_pend)
UNION ALL
SELECT 'rule', b.account_id::text FROM ledger_balance b JOIN ledger_account a ON a.id = b.account_id
WHERE (a.rule, a.region_code) IS DISTINCT FROM (b.rule, b.region_code)
UNION ALL
SELECT 'lines', d.id::text
FROM ledger_document d LEFT JOIN ledger_transfer t ON t.document_id = d.id
GROUP BY d.id, d.lines HAVING count(t.id) <> d.lines
"""


def fold_check() -> list[Drift]:
    """Add up every transfer again and hold the sums against the balances; needs a scope that sees everything.

    Equal sums of debits and credits are not enough: only this comparison shows a balance that drifted.
    """
    with connection.cursor() as cursor:
        cursor.execute(_FOLD)
        return [Drift(what, where) for what, where in cursor.fetchall()]
