"""What a person asked about their own data, by when they get an answer, and what the answer was."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from boai.kernel.crypto import SealedTextField
from boai.kernel.fields import RegionCodeField
from boai.kernel.ids import new_code, new_id
from boai.registry.enums import RequestKind, RequestState
from boai.registry.models.people import Resident
from boai.registry.purposes import Purpose

REQUEST = "registry.request"


class DataRequest(models.Model):
    """A request of a person (or of who speaks for them). Its words are sealed; the clock is the rulebook's."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(_("number of the request"), max_length=8, default=new_code, unique=True, db_collation="C")
    region_code = RegionCodeField(_("village"))
    resident = models.ForeignKey(Resident, models.PROTECT, related_name="+")
    kind = models.CharField(_("kind of request"), max_length=8, choices=RequestKind.choices)
    words = SealedTextField(purpose=REQUEST)
    asked_by = SealedTextField(purpose=REQUEST)  # who came, and how we know that it was they
    state = models.CharField(_("state"), max_length=9, choices=RequestState.choices, default=RequestState.RECEIVED)
    received_by = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    received_at = models.DateTimeField()
    due_on = models.DateField(_("answer by"))
    rule_version = models.UUIDField()
    decided_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    answer = SealedTextField(purpose=REQUEST)
    finished_at = models.DateTimeField(null=True)
    purpose = models.CharField(_("use objected to"), max_length=12, choices=Purpose.choices, blank=True)
    changed = models.JSONField(default=list)  # names of the columns that a correction changed
    kept = models.JSONField(default=list)  # of a deletion: what the law keeps, [{"what", "count", "rule", "until"}]
    emptied_at = models.DateTimeField(null=True)  # its words were destroyed after their time

    class Meta:
        verbose_name = _("request about one's own data")
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=["granted", "done", "refused"])
                | Q(decided_at__isnull=False, decided_by__isnull=False),
                name="registry_request_decided",
            ),
            # What is deleted can't be brought back: never by one pair of hands.
            models.CheckConstraint(
                condition=~Q(kind="delete", state__in=["granted", "done"]) | ~Q(decided_by=F("received_by")),
                name="registry_delete_by_two",
            ),
            models.CheckConstraint(condition=~Q(kind="object") | ~Q(purpose=""), name="registry_object_to_what"),
        ]
        indexes = [
            models.Index(fields=["state", "due_on"], name="registry_request_list"),
            models.Index(fields=["resident"], name="registry_request_person"),
        ]

    def __str__(self) -> str:
        return self.code
