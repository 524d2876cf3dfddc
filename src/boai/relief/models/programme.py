"""What a branch helps with."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from boai.kernel.fields import RegionCodeField
from boai.kernel.ids import new_id
from boai.people.models import Branch
from boai.relief.enums import ProgrammeKind


class Programme(models.Model):
    """What a branch helps with, from which budget, from when to when. Its thresholds are in the rulebook."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    region_code = RegionCodeField(_("division"))
    branch = models.ForeignKey(Branch, models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=12, choices=ProgrammeKind.choices)
    name = models.CharField(_("name"), max_length=60)
    note = models.TextField(_("for whom"), max_length=600, blank=True)
    account_id = models.UUIDField(_("budget"), null=True)  # ledger account that its payments are taken from
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"), null=True, blank=True)

    class Meta:
        verbose_name = _("programme")
        constraints = [
            models.UniqueConstraint(fields=["branch", "name"], name="relief_programme_once"),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="relief_programme_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return self.name
