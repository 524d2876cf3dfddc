"""Cells of a register file that somebody has corrected on the findings page, or in the findings workbook."""

from __future__ import annotations

from django.db import models

from boai.kernel.crypto import SealedTextField
from boai.kernel.fields import RegionCodeField
from boai.registry.models.intake import VALUE, Intake


class CellFix(models.Model):
    """What one cell shall say. The file stays as it came; whenever it is read again, this is laid over it.

    `instead` is what was wrong: of a cell with several categories only those words are replaced, unless the correction
    is of the `whole` cell, as in a workbook that came back.
    """

    id = models.BigAutoField(primary_key=True)
    intake = models.ForeignKey(Intake, models.CASCADE, related_name="fixes")
    region_code = RegionCodeField()
    sheet = models.SmallIntegerField()
    row = models.IntegerField()
    column = models.SmallIntegerField()
    value = SealedTextField(purpose=VALUE)
    instead = SealedTextField(purpose=VALUE)
    whole = models.BooleanField(default=False)
    made_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["intake", "sheet", "row", "column"], name="registry_fixed_once"),
        ]

    def __str__(self) -> str:
        return f"{self.sheet}:{self.row}:{self.column}"
