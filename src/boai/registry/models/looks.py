"""Who looked at sensitive facts, what was unusual about it, and whose households are watched over."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from boai.kernel.crypto import BlindField, SealedTextField
from boai.kernel.fields import RegionCodeField
from boai.kernel.ids import new_id
from boai.registry.enums import FlagKind, FlagState
from boai.registry.models.people import NUMBER, Household

LOOK = "registry.look"


class SensitiveLook(models.Model):
    """Somebody opened sealed facts of a household, in the register or in a case. Written once, told to the person."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    region_code = RegionCodeField(_("village"))
    # A file that is taken out of the register again takes its households along; who looked stays known.
    household = models.ForeignKey(Household, models.DO_NOTHING, related_name="+", db_constraint=False)
    user = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    role = models.CharField(max_length=20)
    place = models.CharField(max_length=40)  # "register", or the code of a case
    reason = SealedTextField(purpose=LOOK)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("look at sensitive facts")
        indexes = [
            models.Index(fields=["household", "-at"], name="registry_look_household"),
            models.Index(fields=["user", "at"], name="registry_look_user"),
        ]

    def __str__(self) -> str:
        return str(self.id)


class LookFlag(models.Model):
    """A look, or a day of looks, that a supervisor should ask about. Once for the same thing on the same day."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    region_code = RegionCodeField(_("village"))
    kind = models.CharField(_("what"), max_length=8, choices=FlagKind.choices)
    user = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    day = models.DateField()
    look = models.ForeignKey(SensitiveLook, models.PROTECT, related_name="+")  # the one that raised it
    about = models.CharField(max_length=40)  # the household for a household's own matter, else ""
    looks = models.IntegerField()  # how many that day, when it was raised
    raised_at = models.DateTimeField()
    state = models.CharField(_("state"), max_length=11, choices=FlagState.choices, default=FlagState.OPEN)
    words = SealedTextField(purpose=LOOK)
    answered_by = models.ForeignKey("people.User", models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("unusual look")
        constraints = [
            models.UniqueConstraint(fields=["user", "kind", "day", "about"], name="registry_flag_once"),
            models.CheckConstraint(
                condition=Q(state=FlagState.OPEN, answered_at__isnull=True)
                | (~Q(state=FlagState.OPEN) & Q(answered_at__isnull=False, answered_by__isnull=False)),
                name="registry_flag_answered",
            ),
            models.CheckConstraint(condition=~Q(answered_by=models.F("user")), name="registry_flag_not_by_oneself"),
        ]
        indexes = [models.Index(fields=["state", "-raised_at"], name="registry_flag_list")]

    def __str__(self) -> str:
        return str(self.id)


class WatchedPerson(models.Model):
    """Somebody whom people look up out of curiosity: every look at their household is asked about. By whole name."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    region_code = RegionCodeField(_("division"))
    name = models.CharField(_("person's name"), max_length=50)
    note = SealedTextField(purpose=LOOK)
    added_by = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("watched person")
        constraints = [
            models.UniqueConstraint(
                fields=["region_code", "name"], condition=Q(ended_at__isnull=True), name="registry_watched_once"
            )
        ]

    def __str__(self) -> str:
        return self.name


class DeclaredRelative(models.Model):
    """Somebody of the staff says who their relatives are: looks at their households are asked about.

    Known by the identity number where it was given, else by the whole name. Only who declared it sees it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    region_code = RegionCodeField(_("division"))
    user = models.ForeignKey("people.User", models.PROTECT, related_name="+")
    name = models.CharField(_("person's name"), max_length=50)
    number = SealedTextField(_("identity number"), purpose=NUMBER)
    number_blind = BlindField(of="number", purpose=NUMBER, null=True)
    number_tail = models.CharField(max_length=4, blank=True)
    relation = models.CharField(_("what they are to you"), max_length=20)
    added_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("declared relative")
        constraints = [
            models.CheckConstraint(
                condition=Q(number_blind__isnull=True, number_tail="")
                | Q(number_blind__isnull=False) & ~Q(number_tail=""),
                name="registry_relative_number",
            )
        ]
        indexes = [models.Index(fields=["user"], name="registry_relative_of", condition=Q(ended_at__isnull=True))]

    def __str__(self) -> str:
        return self.name
