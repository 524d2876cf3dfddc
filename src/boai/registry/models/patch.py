"""A file of corrections: which person each row means, what of them changes, and what stood there before."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from boai.kernel.fields import RegionCodeField
from boai.registry.models.intake import Intake


class PatchRow(models.Model):
    """One row of a file of corrections. The id is the staged row's.

    `fields` name what differs from the register (`intake.columns.Field`), at the versions that the person and the
    household had when they were compared. What stood there before is kept when the file is applied, as the database's
    own JSON of the columns (sealed ones stay sealed), with the versions of afterwards: only while they have them can
    the file be taken back. No changing column is indexed, so that the rows are updated in place.
    """

    id = models.UUIDField(primary_key=True, editable=False)
    intake = models.ForeignKey(Intake, models.CASCADE, related_name="+")
    region_code = RegionCodeField()
    sheet = models.SmallIntegerField()
    row = models.IntegerField()
    resident_id = models.UUIDField(null=True)
    household_id = models.UUIDField(null=True)
    fields = ArrayField(models.CharField(max_length=20), default=list)
    applies = models.BooleanField(default=False)
    before = models.JSONField(null=True)
    home_before = models.JSONField(null=True)
    version = models.PositiveIntegerField(null=True)
    home_version = models.PositiveIntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["intake", "sheet", "row"], name="registry_patch_list"),
        ]

    def __str__(self) -> str:
        return str(self.id)
