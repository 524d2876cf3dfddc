"""Units, accounts, documents and transfers. What is written is never changed; a mistake is reversed.

One row is one transfer, from one account to another: it is balanced by its shape. Balances are kept by the database
itself, from the rows that were really inserted (see migrations/0002_guards.py).

Nothing here names a person. An account may belong to somebody (what is owed to a household), so accounts, balances and
transfers are read within the scope only; documents hold dates, a kind and a fingerprint, and units describe money or a
lot of goods, so these two need no row security.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Func, Q

from boai.kernel.fields import RegionCodeField
from boai.kernel.ids import new_id
from boai.ledger.enums import Kind, Phase, Rule

MAX_AMOUNT = 10**15


class Unit(models.Model):
    """What is counted: yuan, a lot of goods, points, minutes. `scale` digits stand behind the decimal point."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=1, choices=Kind.choices)
    code = models.CharField(max_length=60, unique=True)
    scale = models.SmallIntegerField(default=0)
    item_id = models.UUIDField(null=True)  # the catalogue is above this room, so no foreign key
    lot = models.CharField(max_length=40, blank=True)
    expires_on = models.DateField(null=True)
    source_id = models.UUIDField(null=True)  # the document that brought the lot: the donor's trace begins here

    def __str__(self) -> str:
        return self.code


class Account(models.Model):
    """A place where units are: a fund, a bank account, what is owed to somebody, a shelf.

    `title` is for readers and never a person's name; the apps above know whose account it is.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    kind = models.CharField(max_length=1, choices=Kind.choices, default=Kind.MONEY)
    code = models.CharField(max_length=80, unique=True)
    title = models.CharField(max_length=80, blank=True)
    rule = models.SmallIntegerField(choices=Rule.choices)
    region_code = RegionCodeField()
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(rule__in=[0, 1, 2]), name="ledger_account_rule")]

    def __str__(self) -> str:
        return self.title or self.code


class Balance(models.Model):
    """What has gone through an account in one unit, and what is reserved. Written by the database alone."""

    pk = models.CompositePrimaryKey("account_id", "unit_id")
    account = models.ForeignKey(Account, models.DO_NOTHING, related_name="balances", db_index=False)
    unit = models.ForeignKey(Unit, models.DO_NOTHING, related_name="+", db_index=False)
    region_code = RegionCodeField()
    rule = models.SmallIntegerField()
    dr = models.BigIntegerField(default=0)
    cr = models.BigIntegerField(default=0)
    dr_pend = models.BigIntegerField(default=0)
    cr_pend = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(rule=1) | Q(cr__gte=F("dr") + F("dr_pend")), name="ledger_balance_within_credits"
            ),
            models.CheckConstraint(
                condition=~Q(rule=2) | Q(dr__gte=F("cr") + F("cr_pend")), name="ledger_balance_within_debits"
            ),
            models.CheckConstraint(
                condition=Q(dr__gte=0, cr__gte=0, dr_pend__gte=0, cr_pend__gte=0), name="ledger_balance_not_negative"
            ),
        ]


class XidField(models.Field):  # type: ignore[type-arg]  # generic only for the checker
    """PostgreSQL's 64-bit transaction number; always set by the database."""

    def db_type(self, connection: Any) -> str:
        return "xid8"

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> int | None:
        return None if value is None else int(value)


class Document(models.Model):
    """Why something moved: its key makes it happen once. Carries no text and no name, only kind, dates, fingerprint."""

    id = models.UUIDField(primary_key=True, editable=False)
    kind = models.CharField(max_length=60)
    actor_id = models.UUIDField(null=True)
    occurred_on = models.DateField()
    recorded_at = models.DateTimeField()
    lines = models.IntegerField()
    payload_hash = models.BinaryField()
    reverses = models.OneToOneField("self", models.PROTECT, null=True, related_name="reversed_by")
    xid = XidField(db_default=Func(function="pg_current_xact_id"))

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(lines__gt=0), name="ledger_document_has_lines"),
            models.CheckConstraint(condition=~Q(reverses=F("id")), name="ledger_document_not_itself"),
        ]


class Transfer(models.Model):
    """`amount` of a unit, debited to one account and credited to another.

    `kind` and the two divisions are repeated here so that foreign keys over several columns can keep money on money
    accounts, and so that each side's branch can read the row.
    """

    id = models.BigAutoField(primary_key=True)
    document = models.ForeignKey(Document, models.PROTECT, related_name="transfers", db_index=False)
    line = models.IntegerField()
    kind = models.CharField(max_length=1)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    debit = models.ForeignKey(Account, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    credit = models.ForeignKey(Account, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    debit_region = RegionCodeField()
    credit_region = RegionCodeField()
    amount = models.BigIntegerField()
    phase = models.SmallIntegerField(choices=Phase.choices, default=Phase.POSTED)
    pending = models.OneToOneField("self", models.PROTECT, null=True, related_name="answer")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["document", "line"], name="ledger_transfer_line_once"),
            models.CheckConstraint(condition=~Q(debit=F("credit")), name="ledger_transfer_two_accounts"),
            models.CheckConstraint(condition=Q(amount__gt=0, amount__lte=MAX_AMOUNT), name="ledger_transfer_amount"),
            models.CheckConstraint(
                condition=Q(phase__in=[0, 1], pending__isnull=True) | Q(phase__in=[2, 3], pending__isnull=False),
                name="ledger_transfer_phase",
            ),
        ]
        indexes = [
            models.Index(fields=["debit", "id"], name="ledger_transfer_debit"),
            models.Index(fields=["credit", "id"], name="ledger_transfer_credit"),
        ]
