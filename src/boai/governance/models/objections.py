"""Objections to what a notice proposes. Who objects is sealed and lives apart from what they say."""

from __future__ import annotations

from functools import partial

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from boai.governance.enums import ObjectionChannel, ObjectionOutcome, ObjectionState
from boai.governance.models.notices import Notice, NoticeEntry
from boai.kernel.crypto import SealedTextField
from boai.kernel.fields import RegionCodeField
from boai.kernel.ids import new_code, new_id
from boai.people.models import User


class Objection(models.Model):
    """One objection: its text, its way through the office, one appeal.

    `entry` is empty when it is against the notice as a whole. Handlers are nobody who had a hand in the matter: a
    policy says so kindly, a trigger says so in any case.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    region_code = RegionCodeField()
    notice = models.ForeignKey(Notice, models.PROTECT, related_name="objections")
    entry = models.ForeignKey(NoticeEntry, models.PROTECT, null=True, related_name="objections")
    receipt_no = models.CharField(_("receipt number"), max_length=12, unique=True, default=partial(new_code, 10))
    channel = models.CharField(max_length=8, choices=ObjectionChannel.choices)
    anonymous = models.BooleanField()
    text = SealedTextField(purpose="governance.objection")
    state = models.CharField(max_length=12, choices=ObjectionState.choices, default=ObjectionState.FILED)
    filed_at = models.DateTimeField()
    entered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    acknowledge_by = models.DateTimeField()
    decide_by = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True)
    handler = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    assigned_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=12, choices=ObjectionOutcome.choices, blank=True)
    reasons = models.CharField(max_length=1000, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    appeal_channel = models.CharField(max_length=8, choices=ObjectionChannel.choices, blank=True)
    appeal_text = SealedTextField(purpose="governance.objection")
    appealed_at = models.DateTimeField(null=True)
    appeal_decide_by = models.DateTimeField(null=True)
    appeal_handler = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    appeal_outcome = models.CharField(max_length=12, choices=ObjectionOutcome.choices, blank=True)
    appeal_reasons = models.CharField(max_length=1000, blank=True)
    appeal_decided_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("objection")
        indexes = [
            models.Index(fields=["region_code", "-id"], name="governance_objection_place"),
            models.Index(
                fields=["notice"],
                condition=Q(state__in=["filed", "acknowledged", "assigned", "appealed"]),
                name="governance_objection_open",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=["decided", "appealed", "closed"])
                | Q(decided_by__isnull=False, decided_at__isnull=False) & ~Q(outcome="") & ~Q(reasons=""),
                name="governance_objection_decided_with_reasons",
            ),
            models.CheckConstraint(
                condition=~Q(state="closed")
                | Q(appeal_handler__isnull=False, appeal_decided_at__isnull=False)
                & ~Q(appeal_outcome="")
                & ~Q(appeal_reasons=""),
                name="governance_objection_closed_with_reasons",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["assigned", "decided", "appealed", "closed"]) | Q(handler__isnull=False),
                name="governance_objection_has_handler",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | Q(decided_by=models.F("handler")),
                name="governance_objection_handler_decides",
            ),
        ]

    def __str__(self) -> str:
        return self.receipt_no


class ObjectionIdentity(models.Model):
    """Name and contact of who objected, sealed; opened by handler or supervisor, each look recorded."""

    objection = models.OneToOneField(Objection, models.PROTECT, primary_key=True, related_name="identity")
    region_code = RegionCodeField()
    name = SealedTextField(purpose="governance.objector")
    contact = SealedTextField(purpose="governance.objector")

    class Meta:
        verbose_name = _("objector")

    def __str__(self) -> str:
        return str(self.pk)
