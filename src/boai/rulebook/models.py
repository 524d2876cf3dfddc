"""Values of rules by division and date. A value is never changed: a new one begins where the old one ends."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from boai.kernel.fields import RegionCodeField
from boai.kernel.ids import new_id
from boai.people.models import User
from boai.regions import codes
from boai.rulebook.enums import Confidence


class DateRange(Func):
    """daterange(valid_from, valid_to): the end is the first day that no longer belongs to it; null is open."""

    function = "DATERANGE"
    output_field = DateRangeField()


class RuleVersion(models.Model):
    """One value of one rule for one division (COUNTRY: everywhere) from one day to another.

    `valid_to` is the first day on which it no longer holds. A version replaced on its own first day is `withdrawn`:
    it holds on no day, but decisions that were made by it still name it. `set_by` None: it came with Boai.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    key = models.CharField(_("rule"), max_length=60)
    region_code = RegionCodeField(_("division"))
    value = models.JSONField(_("value"))
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid until"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=300)
    confidence = models.CharField(_("confidence"), max_length=1, choices=Confidence.choices)
    set_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    set_at = models.DateTimeField(_("set at"))
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)

    class Meta:
        verbose_name = _("rule version")
        constraints = [
            ExclusionConstraint(
                name="rulebook_one_value_at_a_time",
                expressions=[
                    (F("key"), RangeOperators.EQUAL),
                    (F("region_code"), RangeOperators.EQUAL),
                    (DateRange("valid_from", "valid_to"), RangeOperators.OVERLAPS),
                ],
                condition=Q(withdrawn_at__isnull=True),
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")), name="rulebook_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(region_code__regex=r"^[0-9]{12}$"), name="rulebook_region_has_12_digits"
            ),
            models.CheckConstraint(condition=~Q(source=""), name="rulebook_has_a_source"),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.region_code} {self.valid_from}"

    @property
    def level(self) -> int:
        """The level that set it: 0 for the whole country, 1 province … 5 village."""
        return codes.level(self.region_code)
