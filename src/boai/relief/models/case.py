"""The case on its way, the application behind it, its history. Money is in fen."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from boai.governance.models import Notice, Review
from boai.kernel.crypto import SealedTextField
from boai.kernel.fields import RegionCodeField
from boai.kernel.ids import new_code, new_id
from boai.ledger.models import Document
from boai.people.models import Branch, User
from boai.registry.models import Household, Resident
from boai.relief.enums import ApplicantKind, Cause, Channel, Level, PayeeKind, State, Track
from boai.relief.models.base import who
from boai.relief.models.programme import Programme


def _apart(name: str, *people: str) -> list[models.CheckConstraint]:
    """The first person is none of the others: one constraint for each pair, so that a refusal names it."""
    first, *others = people
    return [
        models.CheckConstraint(condition=~Q(**{first: F(other)}), name=f"relief_case_{name}_not_{other[:-3]}")
        for other in others
    ]


class Case(models.Model):
    """One request for help on its way. The person's sealed facts are in `Application`."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(_("case code"), max_length=8, default=new_code, unique=True, editable=False)
    region_code = RegionCodeField(_("village or community"))
    branch = models.ForeignKey(Branch, models.PROTECT, related_name="+", db_index=False)
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="cases", db_index=False)
    household = models.ForeignKey(Household, models.PROTECT, null=True, related_name="+", db_index=False)
    resident = models.ForeignKey(Resident, models.PROTECT, null=True, related_name="+", db_index=False)
    beneficiary_name = models.CharField(_("person in need"), max_length=60)
    person_blind = models.BinaryField(max_length=32, null=True)
    cause = models.CharField(_("cause"), max_length=12, choices=Cause.choices)
    cause_on = models.DateField(_("since"), null=True)
    once_key = models.BinaryField(max_length=32, null=True)

    state = models.CharField(_("state"), max_length=12, choices=State.choices)
    track = models.CharField(_("track"), max_length=10, choices=Track.choices, default=Track.ORDINARY)
    version = models.PositiveIntegerField(default=0)
    round = models.PositiveSmallIntegerField(default=1)
    waits_for = models.CharField(max_length=20, blank=True)
    since = models.DateTimeField(_("since"))
    due_on = models.DateField(_("due on"), null=True)
    papers_due_on = models.DateField(_("papers due on"), null=True)

    requested_fen = models.BigIntegerField(_("amount asked for"))
    advised_fen = models.BigIntegerField(_("amount advised"), null=True)
    proposed_fen = models.BigIntegerField(_("amount proposed"), null=True)
    approved_fen = models.BigIntegerField(_("amount approved"), null=True)
    override_reason = models.TextField(_("why another amount than advised"), max_length=600, blank=True)
    level = models.CharField(_("approved by"), max_length=10, choices=Level.choices, blank=True)
    resolution = models.CharField(_("council's resolution"), max_length=80, blank=True)
    panel_passed = models.BooleanField(null=True)
    notice_clear = models.BooleanField(default=False)
    review = models.ForeignKey(Review, models.PROTECT, null=True, related_name="+", db_index=False)
    notice = models.ForeignKey(Notice, models.PROTECT, null=True, related_name="+")
    grant = models.ForeignKey(Document, models.PROTECT, null=True, related_name="+", db_index=False)
    rules = models.JSONField(default=dict)

    created_at = models.DateTimeField()
    created_by = who()
    accepted_by = who()
    verified_by = who()
    verified_with = who()
    approved_by = who()
    prepared_by = who()
    released_by = who()
    account_by = who()
    decided_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("case")
        constraints = [
            models.UniqueConstraint(
                fields=["once_key"], name="relief_case_once_per_cause", condition=~Q(state__in=["refused", "withdrawn"])
            ),
            *_apart("verifier", "verified_by_id", "created_by_id", "accepted_by_id", "verified_with_id"),
            *_apart("second", "verified_with_id", "created_by_id", "accepted_by_id"),
            *_apart(
                "approver",
                "approved_by_id",
                "created_by_id",
                "accepted_by_id",
                "verified_by_id",
                "verified_with_id",
            ),
            *_apart("preparer", "prepared_by_id", "approved_by_id"),
            *_apart(
                "cashier",
                "released_by_id",
                "created_by_id",
                "accepted_by_id",
                "verified_by_id",
                "verified_with_id",
                "approved_by_id",
                "prepared_by_id",
                "account_by_id",
            ),
            models.CheckConstraint(
                condition=Q(requested_fen__gte=0)
                & (Q(proposed_fen__isnull=True) | Q(proposed_fen__gt=0))
                & (Q(approved_fen__isnull=True) | Q(approved_fen__gt=0)),
                name="relief_case_amounts_positive",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["paying", "completing", "visiting", "closing", "reclaiming", "archived"])
                | Q(approved_fen__isnull=False, approved_by__isnull=False),
                name="relief_case_no_grant_without_approval",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["paying", "visiting", "closing", "archived"])
                | Q(track="emergency")
                | Q(panel_passed=True, notice_clear=True),
                name="relief_case_no_grant_without_review_and_notice",
            ),
            models.CheckConstraint(
                condition=Q(approved_fen__isnull=True)
                | Q(advised_fen__isnull=True)
                | Q(approved_fen=F("advised_fen"))
                | ~Q(override_reason=""),
                name="relief_case_override_has_reason",
            ),
            models.CheckConstraint(
                condition=~Q(level="council") | ~Q(resolution="") | Q(approved_fen__isnull=True),
                name="relief_case_council_resolution",
            ),
        ]
        indexes = [
            models.Index(
                fields=["branch", "waits_for", "due_on", "id"], name="relief_case_desk", include=["region_code"]
            ),
            models.Index(fields=["branch", "-id"], name="relief_case_newest", include=["region_code"]),
            models.Index(fields=["branch", "state", "-id"], name="relief_case_state", include=["region_code"]),
            models.Index(
                fields=["branch", "-decided_at", "-id"],
                name="relief_case_decided",
                condition=Q(decided_at__isnull=False),
                include=["region_code"],
            ),
            models.Index(fields=["region_code", "-id"], name="relief_case_place"),
            models.Index(fields=["beneficiary_name"], name="relief_case_name", opclasses=["text_pattern_ops"]),
            models.Index(fields=["household"], name="relief_case_household", condition=Q(household__isnull=False)),
            models.Index(fields=["resident"], name="relief_case_resident", condition=Q(resident__isnull=False)),
            models.Index(fields=["person_blind"], name="relief_case_person", condition=Q(person_blind__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.code


class Application(models.Model):
    """What was said and shown when applying. Everything that points at the person is sealed."""

    case = models.OneToOneField(Case, models.CASCADE, primary_key=True, related_name="application")
    region_code = RegionCodeField()
    channel = models.CharField(_("came"), max_length=8, choices=Channel.choices)
    applicant_kind = models.CharField(_("applies"), max_length=10, choices=ApplicantKind.choices)
    applicant_name = models.CharField(_("applicant"), max_length=60)
    applicant_relation = models.CharField(_("relation"), max_length=30, blank=True)
    phone = SealedTextField(_("phone"), purpose="relief-phone")
    id_number = SealedTextField(_("ID number"), purpose="relief-id")
    id_last4 = models.CharField(max_length=4, blank=True)
    born_on = models.DateField(_("date of birth"), null=True)
    minor = models.BooleanField(default=False)
    guardian_name = models.CharField(_("guardian"), max_length=60, blank=True)
    address = SealedTextField(_("address"), purpose="relief-address")
    story = SealedTextField(_("what happened"), purpose="relief-story")
    diagnosis = SealedTextField(_("diagnosis"), purpose="relief-health")
    hospital = SealedTextField(_("hospital"), purpose="relief-health")
    cost_total_fen = models.BigIntegerField(_("costs in all"), default=0)
    cost_insurance_fen = models.BigIntegerField(_("borne by insurance"), default=0)
    cost_other_fen = models.BigIntegerField(_("borne by other help"), default=0)
    payee_kind = models.CharField(
        _("account of"), max_length=12, choices=PayeeKind.choices, default=PayeeKind.BENEFICIARY
    )
    payee_name = models.CharField(_("account holder"), max_length=60, blank=True)
    account = SealedTextField(_("account number"), purpose="relief-account")
    account_last4 = models.CharField(max_length=4, blank=True)
    bank = models.CharField(_("bank"), max_length=60, blank=True)
    no_id_reason = models.CharField(_("why there is no ID number"), max_length=100, blank=True)
    consent_keep_at = models.DateTimeField(null=True)
    consent_sensitive_at = models.DateTimeField(null=True)
    consent_publish_at = models.DateTimeField(null=True)
    consent_compare_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(minor=False) | ~Q(guardian_name=""), name="relief_application_minor_has_guardian"
            ),
            models.CheckConstraint(
                condition=~Q(payee_kind="guardian") | ~Q(guardian_name="") & Q(payee_name=F("guardian_name")),
                name="relief_application_payee_guardian",
            ),
            models.CheckConstraint(
                condition=Q(cost_total_fen__gte=F("cost_insurance_fen") + F("cost_other_fen"))
                & Q(cost_insurance_fen__gte=0)
                & Q(cost_other_fen__gte=0),
                name="relief_application_costs_add_up",
            ),
        ]

    @property
    def cost_own_fen(self) -> int:
        """What the household bears itself."""
        return self.cost_total_fen - self.cost_insurance_fen - self.cost_other_fen


class Step(models.Model):
    """One action on a case. Rows are never changed; together they are the case's history."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="steps")
    region_code = RegionCodeField()
    version = models.PositiveIntegerField()
    round = models.PositiveSmallIntegerField()
    action = models.CharField(max_length=16)
    from_state = models.CharField(max_length=12, blank=True)
    to_state = models.CharField(max_length=12, choices=State.choices)
    actor = who()
    actor_name = models.CharField(max_length=60)
    actor_role = models.CharField(max_length=20)
    at = models.DateTimeField()
    due_on = models.DateField(null=True)
    note = models.TextField(max_length=2000, blank=True)
    rules = models.JSONField(default=dict)
    facts = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "version"], name="relief_step_once")]


class Door(models.Model):
    """From the keyed hash of a public code to a division, so that the open door can narrow its scope before it reads.

    Holds no personal data and needs no row security: without the code the hash says nothing.
    """

    blind = models.BinaryField(primary_key=True, max_length=32)
    region_code = RegionCodeField()

    class Meta:
        db_table = "relief_case_door"


class SavedFilter(models.Model):
    """A filter of the case list that somebody keeps under a name."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    name = models.CharField(_("name"), max_length=30)
    query = models.CharField(max_length=400)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "name"], name="relief_filter_once")]
