"""What was before: past memberships, past places, and the events that made them past.

The present stands in `Resident` and `Household` alone; only what has ended is written here, by two triggers
(0007_history). So a register that was just brought in costs nothing more, and no page of today asks these tables.
`docs/adr/020-history.md` says why.
"""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from boai.kernel.crypto import SealedTextField
from boai.kernel.fields import RegionCodeField
from boai.kernel.ids import new_id
from boai.registry.enums import EndReason, EventKind, Relation
from boai.registry.models.people import Household, Resident

EVENT_NOTE = "registry.event.note"


class Membership(models.Model):
    """A person belonged to a household as this or that, in `during` ([first day, first day no longer)).

    `region_code` is where the household was when the row was closed: who may read it. Written by a trigger.
    """

    id = models.BigAutoField(primary_key=True)
    resident = models.ForeignKey(Resident, models.PROTECT, related_name="+", db_index=False)
    household = models.ForeignKey(Household, models.PROTECT, related_name="+", db_index=False)
    region_code = RegionCodeField(_("village"))
    relation = models.CharField(_("relation to the head"), max_length=16, choices=Relation.choices)
    end_reason = models.CharField(_("reason"), max_length=10, choices=EndReason.choices, blank=True)
    during = DateRangeField(_("during"))

    class Meta:
        verbose_name = _("past membership")
        constraints = [
            ExclusionConstraint(
                name="registry_one_household_a_day",
                expressions=[("resident", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
            ),
            ExclusionConstraint(
                name="registry_one_past_head",
                expressions=[("household", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
                condition=Q(relation=Relation.HEAD),
            ),
            models.CheckConstraint(
                condition=Q(during__isempty=False, during__lower_inf=False, during__upper_inf=False),
                name="registry_membership_past",
            ),
        ]
        indexes = [
            models.Index(fields=["household"], name="registry_membership_household"),
            models.Index(fields=["region_code"], name="registry_membership_place"),
        ]

    def __str__(self) -> str:
        return f"{self.resident_id} {self.during}"


class PastPlace(models.Model):
    """A household lived in another village or at another address, in `during`. Written by a trigger."""

    id = models.BigAutoField(primary_key=True)
    household = models.ForeignKey(Household, models.PROTECT, related_name="+", db_index=False)
    region_code = RegionCodeField(_("village"))
    address = models.CharField(_("address"), max_length=200, blank=True)
    during = DateRangeField(_("during"))

    class Meta:
        verbose_name = _("past place")
        constraints = [
            ExclusionConstraint(
                name="registry_one_place_a_day",
                expressions=[("household", RangeOperators.EQUAL), ("during", RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(
                condition=Q(during__isempty=False, during__lower_inf=False, during__upper_inf=False),
                name="registry_pastplace_past",
            ),
        ]
        indexes = [models.Index(fields=["region_code"], name="registry_pastplace_list")]

    def __str__(self) -> str:
        return f"{self.household_id} {self.during}"


class HouseholdEvent(models.Model):
    """Something happened to a household on a day: kind, who, what changed, by whom.

    `changes` holds ids and codes, never names: {"people": [{"id", "before", "after"}], "places": [...], "made": {...}};
    it is enough to take the event back. `other` is the second household (split off from, merged with, come from).
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    region_code = RegionCodeField(_("village"))
    household = models.ForeignKey(Household, models.PROTECT, related_name="+", db_index=False)
    other = models.ForeignKey(Household, models.PROTECT, null=True, related_name="+", db_index=False)
    resident = models.ForeignKey(Resident, models.PROTECT, null=True, related_name="+")
    kind = models.CharField(_("kind of event"), max_length=10, choices=EventKind.choices)
    day = models.DateField(_("on"))
    changes = models.JSONField()
    note = SealedTextField(_("note"), purpose=EVENT_NOTE)
    made_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    bulk = models.ForeignKey("registry.BulkChange", models.PROTECT, null=True, related_name="events")
    undone_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("household event")
        constraints = [
            models.CheckConstraint(
                condition=Q(undone_at__isnull=False) | Q(undone_by__isnull=True), name="registry_event_undone_whole"
            )
        ]
        indexes = [
            models.Index(fields=["household", "-day"], name="registry_event_household"),
            models.Index(fields=["other"], name="registry_event_other", condition=Q(other__isnull=False)),
            models.Index(fields=["region_code", "-made_at"], name="registry_event_place"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.day}"
