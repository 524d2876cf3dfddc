"""What a person has said about the columns of register files, and what the columns of one file look like."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from boai.kernel.crypto import SealedTextField
from boai.kernel.fields import RegionCodeField
from boai.registry.models.intake import Intake

SAMPLE = "registry.sample"


class ColumnChoice(models.Model):
    """An office has said what a heading means; its next files are read by it. `heading` is `columns.normal` of it."""

    id = models.BigAutoField(primary_key=True)
    region_code = RegionCodeField(_("division"))
    heading = models.CharField(max_length=200)
    meaning = models.CharField(max_length=40)  # see intake.meanings.code_of
    decided_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField()

    class Meta:
        verbose_name = _("meaning of a heading")
        constraints = [models.UniqueConstraint(fields=["region_code", "heading"], name="registry_heading_once")]

    def __str__(self) -> str:
        return f"{self.heading}: {self.meaning}"


class ColumnSample(models.Model):
    """Headings and a few values under each, as JSON (`intake.samples.Sample`), so that a person can judge them."""

    intake = models.OneToOneField(Intake, models.CASCADE, primary_key=True, related_name="+")
    region_code = RegionCodeField()
    sheets = SealedTextField(purpose=SAMPLE)

    def __str__(self) -> str:
        return str(self.intake_id)
