"""Visits, what the visitors report, and who may not go where.

A visit's `version` grows with every change of its plan or state. A report says on which version it was based: one that
was based on an older version never overwrites anything, it stands beside what is there, as a conflict.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from boai.files.models import StoredFile
from boai.kernel.crypto import SealedTextField
from boai.kernel.fields import RegionCodeField
from boai.kernel.ids import new_id
from boai.people.models import User
from boai.registry.models import Household
from boai.visits.enums import Clash, Missed, Outcome, Purpose, Standing, State

WORDS = "visits.words"  # the purpose of the key for everything that visitors and planners write


def who(*, null: bool = True) -> models.ForeignKey[User | None, User | None]:
    """Somebody of the staff."""
    return models.ForeignKey(User, models.PROTECT, null=null, related_name="+")


class Visit(models.Model):
    """A visit to a household on a day, by two visitors (one alone only with a reason)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    region_code = RegionCodeField(_("village"))
    household = models.ForeignKey(Household, models.PROTECT, related_name="+")
    purpose = models.CharField(_("purpose"), max_length=10, choices=Purpose.choices)
    day = models.DateField(_("day"))
    first = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("first visitor"))
    second = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name=_("second visitor"))
    alone_reason = models.CharField(_("why one person goes alone"), max_length=120, blank=True)
    ask = SealedTextField(_("what to ask"), purpose=WORDS)
    with_phone = models.BooleanField(_("take the telephone number along"), default=False)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.PLANNED)
    version = models.PositiveIntegerField(default=1)
    again_of = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    planned_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    planned_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("visit")
        constraints = [
            models.CheckConstraint(condition=~Q(first=F("second")), name="visits_two_people"),
            models.CheckConstraint(condition=Q(second__isnull=False) | ~Q(alone_reason=""), name="visits_alone_why"),
            models.CheckConstraint(condition=~Q(state=State.CANCELLED) | ~Q(reason=""), name="visits_cancelled_why"),
            models.CheckConstraint(condition=Q(region_code__regex=r"^\d{12}$"), name="visits_visit_region"),
            models.UniqueConstraint(
                fields=["household", "day", "purpose"], condition=Q(state=State.PLANNED), name="visits_planned_once"
            ),
            models.UniqueConstraint(fields=["again_of"], name="visits_again_once"),
        ]
        indexes = [
            models.Index(fields=["state", "day", "id"], name="visits_by_day"),
            models.Index(fields=["first", "day"], name="visits_of_first"),
            models.Index(fields=["second", "day"], name="visits_of_second"),
            models.Index(fields=["household", "day"], name="visits_of_household"),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def visitor_ids(self) -> list[object]:
        """The one or two people who go."""
        return [self.first_id] if self.second_id is None else [self.first_id, self.second_id]


class Taking(models.Model):
    """Somebody took a visit along on a phone, as it was in `version`, with the visitors of that version.

    Whoever did may report on it, whatever the plan says since.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    region_code = RegionCodeField()
    visit = models.ForeignKey(Visit, models.PROTECT, related_name="takings")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    version = models.PositiveIntegerField()
    first = models.ForeignKey(User, models.PROTECT, related_name="+")
    second = who()
    taken_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["visit", "user", "version"], name="visits_taken_once")]


class Report(models.Model):
    """What a visitor recorded, on the phone or at the desk. Its content is never changed; only its standing is.

    `first_there` and `second_there` speak of the visitors of version `based_on`; `there` are the people they were.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    region_code = RegionCodeField()
    visit = models.ForeignKey(Visit, models.PROTECT, related_name="reports")
    client_id = models.UUIDField()
    based_on = models.PositiveIntegerField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(_("recorded at"))
    received_at = models.DateTimeField(_("received at"))
    outcome = models.CharField(max_length=8, choices=Outcome.choices)
    missed = models.CharField(max_length=8, choices=Missed.choices, blank=True)
    first_there = models.BooleanField()
    second_there = models.BooleanField()
    there = ArrayField(models.UUIDField())
    notes = SealedTextField(_("notes"), purpose=WORDS)
    answers = SealedTextField(_("answers"), purpose=WORDS)
    standing = models.CharField(max_length=10, choices=Standing.choices)
    clash = models.CharField(max_length=10, choices=Clash.choices, blank=True)
    settled_by = who()
    settled_at = models.DateTimeField(null=True)
    settled_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("report of a visit")
        constraints = [
            models.UniqueConstraint(fields=["client_id"], name="visits_report_client"),
            models.CheckConstraint(condition=Q(first_there=True) | Q(second_there=True), name="visits_somebody_there"),
            models.CheckConstraint(
                condition=Q(outcome=Outcome.MET, missed="") | Q(outcome=Outcome.NOT_MET) & ~Q(missed=""),
                name="visits_missed_why",
            ),
            models.CheckConstraint(
                condition=~Q(standing__in=[Standing.CONFLICT]) | ~Q(clash=""), name="visits_conflict_why"
            ),
            models.CheckConstraint(
                condition=~Q(standing__in=[Standing.JOINT, Standing.SET_ASIDE])
                | Q(settled_by__isnull=False, settled_at__isnull=False) & ~Q(settled_reason=""),
                name="visits_settled_whole",
            ),
            models.CheckConstraint(condition=~Q(settled_by=F("by")), name="visits_settled_by_another"),
        ]
        indexes = [
            models.Index(fields=["visit", "received_at"], name="visits_reports"),
            models.Index(fields=["region_code"], name="visits_open", condition=Q(standing=Standing.CONFLICT)),
        ]


class ReportPhoto(models.Model):
    """A photo of a report; the picture lies in `files`, drawn anew."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    region_code = RegionCodeField()
    report = models.ForeignKey(Report, models.PROTECT, related_name="photos")
    client_id = models.UUIDField()
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    received_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client_id"], name="visits_photo_client")]


class Tie(models.Model):
    """A member of the staff is related to a household and does not go there."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    region_code = RegionCodeField()
    household = models.ForeignKey(Household, models.PROTECT, related_name="+")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    declared_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["household", "user"], name="visits_tie_once")]


class RouteOrder(models.Model):
    """The order in which somebody wants to go on a day. What is not in it follows by place."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    region_code = RegionCodeField()
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    day = models.DateField()
    visits = ArrayField(models.UUIDField())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "day", "region_code"], name="visits_route_once")]
