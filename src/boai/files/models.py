"""What is known about a stored file. Its bytes lie sealed in the store, under `object_name`."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from boai.files.enums import MEDIA
from boai.kernel.fields import RegionCodeField
from boai.kernel.ids import new_id


class StoredFile(models.Model):
    """One file. Written once; the only change there is: it is erased, and then the row stays as the proof of that.

    `size` (bytes) and `sha256` (hex) are those of the plain content as it is kept: pictures after they were drawn anew,
    everything else byte by byte as it came. A file has no address of its own: the app that owns it asks its policy and
    then serves it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    region_code = RegionCodeField(_("division"))
    purpose = models.CharField(_("purpose"), max_length=60)
    name = models.CharField(_("file name"), max_length=120)
    media_type = models.CharField(_("type"), max_length=100)
    size = models.BigIntegerField(_("size"))
    sha256 = models.CharField(max_length=64, db_collation="C")
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    created_at = models.DateTimeField(_("stored at"))
    created_by = models.ForeignKey("people.User", models.PROTECT, related_name="+", null=True)
    erased_at = models.DateTimeField(_("erased at"), null=True)
    erased_by = models.ForeignKey("people.User", models.PROTECT, related_name="+", null=True)

    class Meta:
        verbose_name = _("stored file")
        constraints = [
            models.CheckConstraint(condition=Q(size__gt=0), name="files_not_empty"),
            models.CheckConstraint(condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="files_sha256"),
            models.CheckConstraint(condition=Q(media_type__in=sorted(MEDIA)), name="files_known_type"),
            models.CheckConstraint(
                condition=Q(media_type__startswith="image/", width__gt=0, height__gt=0)
                | (~Q(media_type__startswith="image/") & Q(width=None, height=None)),
                name="files_pictures_have_a_size",
            ),
            models.CheckConstraint(condition=Q(erased_at=None) | Q(name=""), name="files_erased_without_name"),
        ]
        indexes = [models.Index(fields=["sha256", "region_code"], name="files_same_content")]

    def __str__(self) -> str:
        return self.name or str(self.id)

    @property
    def object_name(self) -> str:
        """The name of its object in the store: the id below its last two digits, which spread evenly."""
        return object_name(str(self.id))

    @property
    def is_image(self) -> bool:
        """Can it be shown in a page?"""
        return self.media_type.startswith("image/")


def object_name(file_id: str) -> str:
    """Where the bytes of a file lie."""
    return f"{file_id[-2:]}/{file_id}"
