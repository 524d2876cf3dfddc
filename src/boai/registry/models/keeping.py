"""Data that have had their time: what the nightly job destroyed, what waits for a word, what was for an emergency."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from boai.kernel.crypto import SealedTextField
from boai.kernel.fields import RegionCodeField
from boai.kernel.ids import new_id
from boai.registry.models.intake import Intake
from boai.registry.models.people import Household
from boai.registry.purposes import KeepRule, ProposalState

KEEPING = "registry.keeping"


class RetentionRun(models.Model):
    """One night of destroying what has had its time. Unfinished ones are carried on, never begun anew."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    region_code = RegionCodeField(_("division"))  # always the country: the job is one
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("night of destroying")
        constraints = [
            models.UniqueConstraint(
                fields=["region_code"], condition=Q(finished_at__isnull=True), name="registry_retention_one"
            )
        ]
        indexes = [models.Index(fields=["-started_at"], name="registry_retention_list")]

    def __str__(self) -> str:
        return str(self.started_at)


class RetentionCount(models.Model):
    """How much a night destroyed in a county under a rule, and which version of it; written with each batch."""

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(RetentionRun, models.PROTECT, related_name="counts")
    region_code = RegionCodeField(_("division"))
    rule = models.CharField(_("rule"), max_length=12, choices=KeepRule.choices)
    rule_version = models.UUIDField()
    count = models.IntegerField(_("destroyed"))
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("what a night destroyed")
        constraints = [
            models.UniqueConstraint(fields=["run", "region_code", "rule"], name="registry_retention_count"),
            models.CheckConstraint(condition=Q(count__gt=0), name="registry_retention_some"),
        ]
        indexes = [models.Index(fields=["region_code", "-at"], name="registry_retention_place")]

    def __str__(self) -> str:
        return f"{self.rule} {self.region_code}: {self.count}"


class RetentionProposal(models.Model):
    """A household that seems to have no reason left to stand in the register: a person says whether it goes."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    region_code = RegionCodeField(_("village"))
    household = models.ForeignKey(Household, models.DO_NOTHING, related_name="+", db_constraint=False)
    rule_version = models.UUIDField()
    proposed_at = models.DateTimeField()
    state = models.CharField(_("state"), max_length=9, choices=ProposalState.choices, default=ProposalState.PROPOSED)
    reason = SealedTextField(purpose=KEEPING)
    decided_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("household proposed for deletion")
        constraints = [
            models.UniqueConstraint(fields=["household"], condition=Q(state="proposed"), name="registry_proposed_once"),
            models.CheckConstraint(
                condition=Q(state="proposed", decided_at__isnull=True)
                | ~Q(state="proposed") & Q(decided_at__isnull=False, decided_by__isnull=False),
                name="registry_proposal_decided",
            ),
        ]
        indexes = [models.Index(fields=["state", "region_code", "proposed_at"], name="registry_proposal_list")]

    def __str__(self) -> str:
        return str(self.household_id)


class Emergency(models.Model):
    """A response for which people are registered who would not be otherwise. When it is ended, their data go."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    region_code = RegionCodeField(_("division"))
    name = models.CharField(_("name of the response"), max_length=60)
    started_on = models.DateField(_("began on"))
    opened_by = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    ended_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)
    destroyed_at = models.DateTimeField(null=True)
    reached = models.UUIDField(null=True)  # the household up to which tonight's pass has come
    passed_on = models.DateField(null=True)  # the night of the last whole pass
    gone = models.IntegerField(_("people deleted"), default=0)
    kept = models.IntegerField(_("people of whom a case needs something"), default=0)

    class Meta:
        verbose_name = _("emergency response")
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by__isnull=True)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="registry_emergency_ended",
            ),
            models.CheckConstraint(
                condition=Q(destroyed_at__isnull=True) | Q(ended_at__isnull=False), name="registry_emergency_order"
            ),
        ]
        indexes = [models.Index(fields=["region_code", "-opened_at"], name="registry_emergency_list")]

    def __str__(self) -> str:
        return self.name


class EmergencyTag(models.Model):
    """A file or a household that was brought into the register for a response alone."""

    id = models.BigAutoField(primary_key=True)
    emergency = models.ForeignKey(Emergency, models.PROTECT, related_name="tags")
    region_code = RegionCodeField(_("division"))
    intake = models.OneToOneField(Intake, models.CASCADE, null=True, related_name="+")
    household = models.OneToOneField(Household, models.CASCADE, null=True, related_name="+", db_constraint=False)
    tagged_by = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    tagged_at = models.DateTimeField()

    class Meta:
        verbose_name = _("collected for a response")
        constraints = [
            models.CheckConstraint(
                condition=Q(intake__isnull=False, household__isnull=True)
                | Q(intake__isnull=True, household__isnull=False),
                name="registry_tag_of_one",
            )
        ]

    def __str__(self) -> str:
        return str(self.id)
