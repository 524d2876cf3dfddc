"""Categories that have to be looked at again: they run out, or nobody has confirmed them for long."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from boai.kernel.fields import RegionCodeField
from boai.kernel.ids import new_id
from boai.registry.enums import RecheckAnswer, RecheckCause
from boai.registry.models.people import CategoryEntry


class Recheck(models.Model):
    """Somebody shall look whether a category still holds. Open until it is answered; the answers are the evidence.

    `until_before` and `until_after` are the category's last day before and after the answer.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    region_code = RegionCodeField(_("village"))
    entry = models.ForeignKey(CategoryEntry, models.CASCADE, related_name="rechecks", db_index=False)
    cause = models.CharField(_("why it is asked"), max_length=8, choices=RecheckCause.choices)
    due_on = models.DateField(_("check again by"))
    created_at = models.DateTimeField()
    answer = models.CharField(_("answer"), max_length=9, choices=RecheckAnswer.choices, blank=True)
    source = models.CharField(_("source"), max_length=80, blank=True)
    evidence = models.CharField(_("evidence"), max_length=120, blank=True)
    until_before = models.DateField(null=True)
    until_after = models.DateField(null=True)
    answered_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("re-check of a category")
        constraints = [
            models.UniqueConstraint(
                fields=["entry"], condition=Q(answered_at__isnull=True), name="registry_recheck_once"
            ),
            models.CheckConstraint(
                condition=Q(answer="", answered_at__isnull=True) | ~Q(answer="") & Q(answered_at__isnull=False),
                name="registry_recheck_answered",
            ),
        ]
        indexes = [
            models.Index(
                fields=["region_code", "due_on", "id"],
                name="registry_recheck_list",
                condition=Q(answered_at__isnull=True),
            ),
            models.Index(fields=["entry"], name="registry_recheck_entry"),
        ]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.due_on}"
