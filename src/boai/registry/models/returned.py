"""Findings workbooks that came back corrected: which cells differ from what was sent, and what is to become of them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from boai.kernel.crypto import SealedTextField
from boai.kernel.fields import RegionCodeField
from boai.kernel.ids import new_id
from boai.registry.enums import ReturnState
from boai.registry.models.intake import VALUE, Intake


class ReturnedWorkbook(models.Model):
    """A workbook as it came back. `basis` tells on which corrections of the intake it was compared."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    intake = models.ForeignKey(Intake, models.CASCADE, related_name="+")
    region_code = RegionCodeField()
    stored = models.ForeignKey("files.StoredFile", models.PROTECT, related_name="+")
    state = models.CharField(_("state"), max_length=9, choices=ReturnState.choices, default=ReturnState.RECEIVED)
    error = models.CharField(max_length=40, blank=True)
    counts = models.JSONField(default=dict)
    problems = models.JSONField(default=list)  # [rule, sheet as the workbook names it, row]
    basis = models.CharField(max_length=80, blank=True)
    plain = models.BooleanField(default=False)  # no cell on which other rows depend
    uploaded_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    uploaded_at = models.DateTimeField()
    beat_at = models.DateTimeField()
    applied_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    applied_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("findings workbook that came back")
        constraints = [
            models.UniqueConstraint(
                fields=["intake"], condition=Q(state__in=["received", "ready"]), name="registry_returned_open_once"
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class ReturnedCell(models.Model):
    """A cell that the village has changed. `conflict`: it was corrected here as well, and otherwise."""

    id = models.BigAutoField(primary_key=True)
    returned = models.ForeignKey(ReturnedWorkbook, models.CASCADE, related_name="cells")
    region_code = RegionCodeField()
    sheet = models.SmallIntegerField()
    row = models.IntegerField()
    column = models.SmallIntegerField()
    before = SealedTextField(purpose=VALUE)
    after = SealedTextField(purpose=VALUE)
    conflict = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["returned", "sheet", "row", "column"], name="registry_returned_cell"),
        ]

    def __str__(self) -> str:
        return f"{self.sheet}:{self.row}:{self.column}"
