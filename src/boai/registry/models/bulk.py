"""Corrections of many rows at once, each with what it needs to be undone."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from boai.kernel.fields import RegionCodeField
from boai.kernel.ids import new_id
from boai.registry.enums import BulkKind
from boai.registry.models.people import CategoryEntry


class BulkChange(models.Model):
    """Somebody corrected many rows at once: what, by which filter, why, how many.

    `wanted` holds codes and days only: {"target", "on"}, {"kind", "last_day", "listed"}, {"on", "why", "listed"} or
    {"kind", "first_day", "listed"}; never the kind of a sensitive category. Moved and closed households keep what was
    before in their events (`HouseholdEvent.bulk`), ended categories in `BulkCategory`.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    region_code = RegionCodeField(_("division"))
    kind = models.CharField(_("kind of correction"), max_length=10, choices=BulkKind.choices)
    wanted = models.JSONField()
    reason = models.CharField(_("reason"), max_length=200)
    count = models.IntegerField(_("corrected"))
    made_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    left = models.IntegerField(default=0)  # of an undone one: rows changed since, which stayed as they are
    undone_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("bulk correction")
        constraints = [
            models.CheckConstraint(condition=Q(count__gt=0), name="registry_bulk_of_some"),
            models.CheckConstraint(condition=~Q(reason=""), name="registry_bulk_reason"),
        ]
        indexes = [models.Index(fields=["region_code", "-made_at"], name="registry_bulk_list")]

    def __str__(self) -> str:
        return f"{self.kind} {self.region_code}"


class BulkCategory(models.Model):
    """A category that a bulk correction ended or gave, and what it said before, or when it was given."""

    id = models.BigAutoField(primary_key=True)
    change = models.ForeignKey(BulkChange, models.CASCADE, related_name="categories")
    region_code = RegionCodeField(_("village"))
    entry = models.ForeignKey(CategoryEntry, models.CASCADE, related_name="+")
    valid_to = models.DateField(null=True)
    checked_on = models.DateField(null=True)

    class Meta:
        verbose_name = _("category ended in bulk")
