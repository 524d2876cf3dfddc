"""What a decision rests on: papers, visits, the frozen household. Money is in fen."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from boai.files.models import StoredFile
from boai.kernel.crypto import SealedTextField
from boai.kernel.fields import RegionCodeField
from boai.kernel.ids import new_id
from boai.people.models import User
from boai.relief.enums import Dwelling, Effect, PaperKind, Severity, VisitMethod
from boai.relief.models.base import who
from boai.relief.models.case import Case


class Paper(models.Model):
    """A paper asked for or handed in. What is missing is named once (缺件一次告知)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="papers")
    region_code = RegionCodeField()
    kind = models.CharField(_("paper"), max_length=16, choices=PaperKind.choices)
    required = models.BooleanField(default=False)
    asked_at = models.DateTimeField(_("asked for"), null=True)
    received_at = models.DateTimeField(_("received"), null=True)
    received_by = who()
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+")
    fit = models.BooleanField(_("fit"), default=True)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["case", "kind"], name="relief_paper_of_case")]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "kind"], condition=Q(required=True), name="relief_paper_required_once"
            ),
        ]


class Snapshot(models.Model):
    """The household as it was when the case was verified: what the decision rests on. Never changed.

    `facts` holds nothing that points at a person; names, categories and health are in `sealed` (canonical JSON).
    `digest` is the SHA-256 of both in canonical form (see docs/algorithms/case.md).
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="snapshots")
    region_code = RegionCodeField()
    version = models.PositiveIntegerField()
    taken_at = models.DateTimeField()
    facts = models.JSONField()
    sealed = SealedTextField(purpose="relief-snapshot")
    digest = models.BinaryField(max_length=32)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "version"], name="relief_snapshot_once")]


class Visit(models.Model):
    """The sheet of a verification: two visitors, what they found, what they propose."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="visits")
    region_code = RegionCodeField()
    version = models.PositiveIntegerField()
    visited_on = models.DateField(_("visited on"))
    method = models.CharField(_("how"), max_length=12, choices=VisitMethod.choices, default=VisitMethod.HOME)
    first = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    second = who()
    second_name = models.CharField(_("second visitor"), max_length=40, blank=True)
    second_office = models.CharField(_("of"), max_length=60, blank=True)
    members = models.PositiveSmallIntegerField(_("members of the household"))
    dependants = models.PositiveSmallIntegerField(_("of whom in need of care or at school"))
    income_fen = models.BigIntegerField(_("income per head and month"))
    cost_total_fen = models.BigIntegerField(_("costs in all"))
    cost_own_fen = models.BigIntegerField(_("of which borne by the household"))
    disability_grade = models.PositiveSmallIntegerField(_("highest disability grade"), default=0)
    dwelling = models.CharField(_("house"), max_length=8, choices=Dwelling.choices)
    severity = models.CharField(_("severity"), max_length=8, choices=Severity.choices)
    prior_help_fen = models.BigIntegerField(_("help in the last twelve months"), default=0)
    findings = SealedTextField(_("what was found"), purpose="relief-findings")
    neighbours = SealedTextField(_("what neighbours and the village said"), purpose="relief-findings")
    latitude = models.DecimalField(max_digits=8, decimal_places=5, null=True)
    longitude = models.DecimalField(max_digits=8, decimal_places=5, null=True)
    fit = models.BooleanField(_("meets the conditions"))
    proposed_fen = models.BigIntegerField(_("amount proposed"), null=True)
    score = models.PositiveSmallIntegerField()
    score_lines = models.JSONField()
    score_rule = models.CharField(max_length=40)
    advised_fen = models.BigIntegerField(null=True)
    override_reason = models.TextField(max_length=600, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "version"], name="relief_visit_once"),
            models.CheckConstraint(condition=~Q(first=F("second")), name="relief_visit_two_people"),
            models.CheckConstraint(
                condition=Q(second__isnull=False) | ~Q(second_name=""), name="relief_visit_second_visitor"
            ),
            models.CheckConstraint(condition=Q(dependants__lte=F("members")), name="relief_visit_dependants"),
            models.CheckConstraint(condition=Q(disability_grade__lte=4), name="relief_visit_disability_grade"),
            models.CheckConstraint(condition=Q(cost_own_fen__lte=F("cost_total_fen")), name="relief_visit_costs"),
            models.CheckConstraint(condition=Q(fit=False) | Q(proposed_fen__gt=0), name="relief_visit_fit_has_amount"),
            models.CheckConstraint(
                condition=Q(proposed_fen__isnull=True)
                | Q(advised_fen__isnull=True)
                | Q(proposed_fen=F("advised_fen"))
                | ~Q(override_reason=""),
                name="relief_visit_override_has_reason",
            ),
        ]


class Photo(models.Model):
    """A photo of a visit; the picture is in `files`, without its place and camera."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    visit = models.ForeignKey(Visit, models.PROTECT, related_name="photos")
    region_code = RegionCodeField()
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    caption = models.CharField(max_length=100, blank=True)


class ReturnVisit(models.Model):
    """What became of the help (回访): when, how, whether people are content, what changed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="return_visits")
    region_code = RegionCodeField()
    visited_on = models.DateField(_("visited on"))
    method = models.CharField(_("how"), max_length=12, choices=VisitMethod.choices, default=VisitMethod.HOME)
    visitor = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    received_fen = models.BigIntegerField(_("amount the household says it received"))
    satisfaction = models.PositiveSmallIntegerField(_("content with the help"))
    effect = models.CharField(_("effect"), max_length=8, choices=Effect.choices)
    words = SealedTextField(_("in their words"), purpose="relief-findings")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(satisfaction__gte=1, satisfaction__lte=5), name="relief_return_visit_satisfaction"
            ),
            models.CheckConstraint(condition=Q(received_fen__gte=0), name="relief_return_visit_received"),
        ]
