"""Payment orders, batches, what the bank answered, receipts. Money is in fen."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from boai.kernel.crypto import SealedTextField
from boai.kernel.fields import RegionCodeField
from boai.kernel.ids import new_code, new_id
from boai.people.models import Branch, User
from boai.relief.enums import BatchState, LineVerdict, PayeeKind, PaymentState
from boai.relief.models.base import who
from boai.relief.models.case import Case
from boai.relief.models.programme import BankAccount


class Batch(models.Model):
    """Payments that go to the bank together: prepared by one person, released by another."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(_("batch"), max_length=8, default=new_code, unique=True, editable=False)
    region_code = RegionCodeField()
    branch = models.ForeignKey(Branch, models.PROTECT, related_name="+")
    state = models.CharField(_("state"), max_length=10, choices=BatchState.choices, default=BatchState.PREPARED)
    version = models.PositiveIntegerField(default=0)
    bank_account = models.ForeignKey(BankAccount, models.PROTECT, related_name="+")
    count = models.PositiveIntegerField()
    total_fen = models.BigIntegerField()
    prepared_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    prepared_at = models.DateTimeField()
    released_by = who()
    released_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("payment batch")
        constraints = [
            models.CheckConstraint(condition=~Q(prepared_by=F("released_by")), name="relief_batch_two_people"),
            models.CheckConstraint(
                condition=~Q(state__in=["released", "settled"]) | Q(released_by__isnull=False),
                name="relief_batch_released_by_somebody",
            ),
            models.CheckConstraint(condition=Q(count__gt=0, total_fen__gt=0), name="relief_batch_not_empty"),
        ]
        indexes = [models.Index(fields=["branch", "-id"], name="relief_batch_newest")]


class Payment(models.Model):
    """One attempt to bring an amount to one account."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="payments")
    region_code = RegionCodeField()
    branch = models.ForeignKey(Branch, models.PROTECT, related_name="+", db_index=False)
    batch = models.ForeignKey(Batch, models.PROTECT, null=True, related_name="payments")
    reference = models.CharField(_("payment reference"), max_length=10, unique=True)
    round = models.PositiveSmallIntegerField(default=1)
    attempt = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(_("state"), max_length=10, choices=PaymentState.choices, default=PaymentState.QUEUED)
    amount_fen = models.BigIntegerField(_("amount"))
    paid_fen = models.BigIntegerField(_("paid"), default=0)
    over_fen = models.BigIntegerField(_("paid too much"), default=0)
    payee_kind = models.CharField(max_length=12, choices=PayeeKind.choices)
    payee_name = models.CharField(_("account holder"), max_length=60)
    account = SealedTextField(purpose="relief-account")
    account_last4 = models.CharField(max_length=4)
    bank = models.CharField(_("bank"), max_length=60, blank=True)
    paid_on = models.DateField(null=True)
    failure = models.CharField(_("what the bank said"), max_length=200, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("payment")
        constraints = [
            models.UniqueConstraint(fields=["case", "attempt"], name="relief_payment_attempt_once"),
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(state__in=["queued", "batched", "sent"]),
                name="relief_payment_one_under_way",
            ),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="relief_payment_positive"),
            models.CheckConstraint(
                condition=Q(paid_fen__gte=0, over_fen__gte=0, paid_fen__lte=F("amount_fen")),
                name="relief_payment_paid_within_amount",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["batched", "sent", "paid", "partial"]) | Q(batch__isnull=False),
                name="relief_payment_sent_in_a_batch",
            ),
            models.CheckConstraint(
                condition=~Q(state="paid") | Q(paid_fen=F("amount_fen")), name="relief_payment_paid_in_full"
            ),
        ]
        indexes = [
            models.Index(fields=["branch", "id"], name="relief_payment_queue", condition=Q(state="queued")),
        ]


class Receipt(models.Model):
    """The paper that says what was paid. Its code leads to the page where anybody can check it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(max_length=10, unique=True)
    payment = models.OneToOneField(Payment, models.PROTECT, related_name="receipt")
    case = models.ForeignKey(Case, models.PROTECT, related_name="receipts")
    region_code = RegionCodeField()
    amount_fen = models.BigIntegerField()
    paid_on = models.DateField()
    at = models.DateTimeField()


class Statement(models.Model):
    """A file in which the bank answers. The same bytes are taken once."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    region_code = RegionCodeField()
    branch = models.ForeignKey(Branch, models.PROTECT, related_name="+")
    file_name = models.CharField(_("file"), max_length=120)
    sha256 = models.BinaryField(max_length=32)
    imported_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    imported_at = models.DateTimeField()
    counts = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["branch", "sha256"], name="relief_statement_once")]


class StatementLine(models.Model):
    """One line of the bank's answer and what became of it. A line that contradicts what is recorded waits for a person:
    `answer` is what the bank said when it was asked; until then the case is not paid again.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    statement = models.ForeignKey(Statement, models.PROTECT, related_name="lines")
    region_code = RegionCodeField()
    row = models.PositiveIntegerField()
    reference = models.CharField(max_length=40, blank=True)
    name = models.CharField(max_length=60, blank=True)
    account_last4 = models.CharField(max_length=4, blank=True)
    amount_fen = models.BigIntegerField(null=True)
    said = models.CharField(max_length=200, blank=True)
    verdict = models.CharField(max_length=10, choices=LineVerdict.choices)
    payment = models.ForeignKey(Payment, models.PROTECT, null=True, related_name="+")
    explanation = models.CharField(max_length=300)
    answer = models.CharField(max_length=300, blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = who()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True) | Q(answered_by__isnull=False) & ~Q(answer=""),
                name="relief_statement_answer_has_reason",
            ),
            models.UniqueConstraint(fields=["statement", "row"], name="relief_statement_row_once"),
        ]
