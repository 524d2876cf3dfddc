"""What a person has said about the uses of their data. Rows are only added and ended, never changed or deleted."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from boai.kernel.crypto import SealedTextField
from boai.kernel.fields import RegionCodeField
from boai.registry.models.people import Resident
from boai.registry.purposes import Answer, Giver, Purpose, Way

CONSENT = "registry.consent"


class Consent(models.Model):
    """One answer of a person for one purpose; the one without `ended_at` holds (exactly one, by constraint).

    Ids grow in the order in which answers began to hold, so a list remembers the newest one that it knew. A trigger
    keeps rows as they are and refuses a yes for somebody under 14 that no guardian has given (PIPL Art.31). When the
    person is deleted, names and photo go (`emptied_at`); that there was an answer stays.
    """

    id = models.BigAutoField(primary_key=True)
    resident = models.ForeignKey(Resident, models.PROTECT, related_name="+", db_constraint=False)
    region_code = RegionCodeField(_("village"))
    purpose = models.CharField(_("purpose"), max_length=12, choices=Purpose.choices)
    answer = models.CharField(_("what they answered"), max_length=10, choices=Answer.choices)
    text_version = models.DateField(_("text of"))
    giver = models.CharField(_("said by"), max_length=8, choices=Giver.choices)
    giver_name = SealedTextField(purpose=CONSENT)  # guardian or proxy, with the relation
    way = models.CharField(_("how"), max_length=6, choices=Way.choices)
    witness = SealedTextField(purpose=CONSENT)
    photo = models.ForeignKey("files.StoredFile", models.PROTECT, null=True, related_name="+")
    said_on = models.DateField(_("said on"))
    request = models.ForeignKey("registry.DataRequest", models.PROTECT, null=True, related_name="+")
    recorded_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    emptied_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("consent")
        constraints = [
            models.UniqueConstraint(
                fields=["resident", "purpose"], condition=Q(ended_at__isnull=True), name="registry_consent_now"
            ),
            models.CheckConstraint(
                condition=~Q(answer="given", way="paper") | Q(photo__isnull=False), name="registry_consent_paper"
            ),
            models.CheckConstraint(
                condition=~Q(answer="given", giver="proxy") | Q(photo__isnull=False), name="registry_consent_proxy"
            ),
            models.CheckConstraint(
                condition=~Q(way="phone") | ~Q(witness="") | Q(emptied_at__isnull=False),
                name="registry_consent_witness",
            ),
            models.CheckConstraint(
                condition=Q(giver="person") | ~Q(giver_name="") | Q(emptied_at__isnull=False),
                name="registry_consent_named",
            ),
            models.CheckConstraint(
                condition=~Q(answer="suspended") | Q(request__isnull=False), name="registry_consent_objection"
            ),
        ]
        indexes = [
            models.Index(fields=["purpose", "region_code", "id"], name="registry_consent_since"),
            models.Index(fields=["photo"], name="registry_consent_photo", condition=Q(photo__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.answer}"
