"""Lists that were taken out of the register: by whom, what for, who agreed, and the mark that every line carries."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from boai.kernel.fields import RegionCodeField
from boai.kernel.ids import new_code, new_id
from boai.registry.enums import ExportState


class RegisterExport(models.Model):
    """A list of people of a division. It never holds sealed facts or whole numbers. `code` stands in every line."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(_("mark"), max_length=8, default=new_code, unique=True, db_collation="C")
    region_code = RegionCodeField(_("division"))
    category = models.CharField(_("category"), max_length=20, blank=True)
    purpose = models.CharField(_("what for"), max_length=120)
    people = models.IntegerField(_("number of people"))
    outside = models.BooleanField(_("goes to somebody else"), default=False)
    left_out = models.IntegerField(_("people left out"), default=0)  # people whose consent it would need
    known_consent = models.BigIntegerField(default=0)  # the newest answer that was known when it was written
    needs_second = models.BooleanField()
    state = models.CharField(_("state"), max_length=8, choices=ExportState.choices)
    asked_by = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    file = models.ForeignKey("files.StoredFile", models.PROTECT, null=True, related_name="+")
    ready_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("list taken out of the register")
        constraints = [
            models.CheckConstraint(condition=~Q(decided_by=F("asked_by")), name="registry_export_by_two"),
            models.CheckConstraint(
                condition=Q(needs_second=False)
                | Q(state__in=["asked", "refused"])
                | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="registry_export_allowed",
            ),
        ]
        indexes = [models.Index(fields=["region_code", "-asked_at"], name="registry_export_list")]

    def __str__(self) -> str:
        return self.code
