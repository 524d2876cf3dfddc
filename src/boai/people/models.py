"""Users, branches and the posts that join them."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from boai.kernel.fields import RegionCodeField
from boai.kernel.ids import new_id
from boai.people.enums import BranchKind
from boai.people.roles import role_choices


class UserManager(BaseUserManager["User"]):
    """Accounts are made by invitation or by the demo, never with a default password."""

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(username__iexact=username)


class User(AbstractBaseUser):
    """A member of staff, cadre or panel member who signs in. Residents need no account."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    username = models.CharField(_("user name"), max_length=64, unique=True)
    name = models.CharField(_("full name"), max_length=40)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("work phone"), max_length=20, blank=True)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField()

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("user")
        constraints = [models.UniqueConstraint(Func(F("username"), function="lower"), name="people_user_name_once")]

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name


class Branch(models.Model):
    """A branch or grassroots organisation with its division: 总会→省→市→县→乡镇/村, schools and enterprises."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(_("name"), max_length=80)
    kind = models.CharField(_("kind"), max_length=12, choices=BranchKind.choices, default=BranchKind.SOCIETY)
    region_code = RegionCodeField(_("division"), db_index=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    uscc = models.CharField(_("unified social credit code"), max_length=18, blank=True)
    phone = models.CharField(_("office phone"), max_length=30, blank=True)
    address = models.CharField(_("office address"), max_length=120, blank=True)
    open_hours = models.CharField(_("office hours"), max_length=60, blank=True)

    class Meta:
        verbose_name = _("branch")
        constraints = [
            models.UniqueConstraint(fields=["region_code", "name"], name="people_branch_once"),
            models.UniqueConstraint(
                fields=["region_code"], condition=Q(kind="society"), name="people_one_society_per_division"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class DateRange(Func):
    """daterange(starts_on, ends_on, '[]'): an open end when `ends_on` is null."""

    function = "DATERANGE"
    output_field = DateRangeField()


class Post(models.Model):
    """A person holds a role at a branch from one day to another, both included."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="posts")
    branch = models.ForeignKey(Branch, models.PROTECT, related_name="posts")
    role = models.CharField(_("role"), max_length=20, choices=role_choices)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"), null=True, blank=True)

    class Meta:
        verbose_name = _("post")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name="people_post_ends_after_start"
            ),
            ExclusionConstraint(
                name="people_post_no_overlap",
                expressions=[
                    (F("user"), RangeOperators.EQUAL),
                    (F("branch"), RangeOperators.EQUAL),
                    (F("role"), RangeOperators.EQUAL),
                    (
                        DateRange("starts_on", "ends_on", RangeBoundary(inclusive_upper=True)),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role} {self.branch_id}"


class Invitation(models.Model):
    """A link by which a person sets their own user name and password and takes up a post."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    token_hash = models.BinaryField(unique=True)
    name = models.CharField(_("full name"), max_length=40)
    email = models.EmailField(_("e-mail"), blank=True)
    branch = models.ForeignKey(Branch, models.PROTECT, related_name="+")
    role = models.CharField(_("role"), max_length=20, choices=role_choices)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("to"), null=True, blank=True)
    invited_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("invitation")
