"""What the open door itself has to remember: an application that is being written and has not been sent."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from boai.kernel.crypto import SealedTextField
from boai.kernel.fields import RegionCodeField
from boai.kernel.ids import new_id


class Draft(models.Model):
    """One application between its first page and its last. Opened only with its token; gone a day later.

    `contents` is sealed JSON (services.drafts.Contents). Once sent, it holds the case code alone, so that a second
    click and a reload find the same answer.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    token_hash = models.BinaryField(max_length=32, unique=True)
    region_code = RegionCodeField(_("division"))
    contents = SealedTextField(purpose="portal-draft")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("application being written")
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("created_at")), name="portal_draft_expires_later"),
        ]
