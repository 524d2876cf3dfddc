"""Households, residents and their dated categories.

A resident's `region_code` is the household's: a composite foreign key (0002_guards) keeps the two equal, and moves the
residents along when the household moves. That a living household has exactly one head is kept by a partial unique
index (at most one) and a deferred constraint trigger (at least one).
"""

from __future__ import annotations

import json
import os

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Left
from django.utils.translation import gettext_lazy as _

from boai.kernel.crypto import BlindField, SealedTextField
from boai.kernel.fields import RegionCodeField
from boai.kernel.ids import CODE_ALPHABET, new_id
from boai.registry.enums import BirthPrecision, Category, EndReason, NumberKind, Relation, Sex

# Purposes of keys: what is sealed or blinded for one can't be compared with the other.
NUMBER = "registry.number"
PHONE = "registry.phone"
ACCOUNT = "registry.account"
FACT = "registry.fact"
NOTE = "registry.note"
KIND = "registry.kind"

HOUSEHOLD_CODE_LENGTH = 10


def household_code() -> str:
    """A random code that can be read aloud; it says nothing about the place, so it stays true after a move."""
    number, letters = int.from_bytes(os.urandom(8)), ""
    for _place in range(HOUSEHOLD_CODE_LENGTH):  # 24^10 is so far below 2^64 that every letter is as likely
        number, letter = divmod(number, len(CODE_ALPHABET))
        letters += CODE_ALPHABET[letter]
    return letters


def kind_of_fact(fact: str) -> str:
    """The kind of a sealed category."""
    return str(json.loads(fact)["kind"])


class Household(models.Model):
    """People who live and reckon together, in a village (`region_code`)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    region_code = RegionCodeField(_("village"))
    code = models.CharField(_("household code"), max_length=12, default=household_code, db_collation="C")
    office_number = models.CharField(_("household number of the office"), max_length=40, blank=True, db_collation="C")
    address = models.CharField(_("address"), max_length=200, blank=True)
    income_fen = models.BigIntegerField(_("yearly income"), null=True, blank=True)
    note = SealedTextField(_("note"), purpose=NOTE)
    placed_on = models.DateField(_("lives here since"), null=True, blank=True)  # None: since it was entered
    ended_on = models.DateField(_("dissolved on"), null=True, blank=True)
    intake = models.ForeignKey("registry.Intake", models.PROTECT, null=True, related_name="households")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("household")
        constraints = [
            models.UniqueConstraint(fields=["code"], name="registry_household_code"),
            models.UniqueConstraint(fields=["id", "region_code"], name="registry_household_place"),
            models.CheckConstraint(condition=Q(income_fen__isnull=True) | Q(income_fen__gte=0), name="registry_income"),
            models.CheckConstraint(condition=Q(region_code__regex=r"^\d{12}$"), name="registry_household_region"),
        ]
        indexes = [
            models.Index(fields=["region_code", "id"], name="registry_household_list"),
            models.Index(fields=["office_number"], name="registry_household_number", condition=~Q(office_number="")),
        ]

    def __str__(self) -> str:
        return self.code


class Resident(models.Model):
    """A person of a household. ID, phone and account are sealed; beside them a blind index and the last four."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    household = models.ForeignKey(Household, models.PROTECT, related_name="residents", db_constraint=False)
    region_code = RegionCodeField(_("village"))
    name = models.CharField(_("person's name"), max_length=50)
    pinyin = models.CharField(max_length=200, blank=True, db_collation="C")
    initials = models.CharField(max_length=50, blank=True, db_collation="C")
    relation = models.CharField(_("relation to the head"), max_length=16, choices=Relation.choices)
    sex = models.CharField(_("sex"), max_length=1, choices=Sex.choices, blank=True)
    born_on = models.DateField(_("born on"), null=True, blank=True)
    born_precision = models.CharField(max_length=5, choices=BirthPrecision.choices, blank=True)
    number_kind = models.CharField(_("identity document"), max_length=12, choices=NumberKind.choices, blank=True)
    number = SealedTextField(_("identity number"), purpose=NUMBER)
    number_blind = BlindField(of="number", purpose=NUMBER, null=True)
    number_tail = models.CharField(max_length=4, blank=True)
    phone = SealedTextField(_("telephone"), purpose=PHONE)
    phone_blind = BlindField(of="phone", purpose=PHONE, null=True)
    phone_tail = models.CharField(max_length=4, blank=True)
    account = SealedTextField(_("bank account"), purpose=ACCOUNT)
    account_blind = BlindField(of="account", purpose=ACCOUNT, null=True)
    account_tail = models.CharField(max_length=4, blank=True)
    bank = models.CharField(_("bank"), max_length=60, blank=True)
    note = SealedTextField(_("note"), purpose=NOTE)
    since = models.DateField(_("in this household, as this, since"), null=True, blank=True)  # None: since entered
    ended_on = models.DateField(_("left on"), null=True, blank=True)
    end_reason = models.CharField(_("reason"), max_length=10, choices=EndReason.choices, blank=True)
    intake = models.ForeignKey("registry.Intake", models.PROTECT, null=True, related_name="residents")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = _("resident")
        constraints = [
            models.UniqueConstraint(
                fields=["household"],
                condition=Q(relation=Relation.HEAD, ended_on__isnull=True),
                name="registry_one_head",
            ),
            models.UniqueConstraint(
                Left("region_code", 6),
                F("number_blind"),
                condition=Q(number_blind__isnull=False, ended_on__isnull=True),
                name="registry_person_once",
            ),
            models.UniqueConstraint(fields=["id", "region_code"], name="registry_resident_place"),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True, end_reason="") | Q(ended_on__isnull=False) & ~Q(end_reason=""),
                name="registry_end_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(number_blind__isnull=True, number_kind="", number_tail="")
                | Q(number_blind__isnull=False) & ~Q(number_kind="") & ~Q(number_tail=""),
                name="registry_number_whole",
            ),
            models.CheckConstraint(
                condition=Q(born_on__isnull=True, born_precision="") | Q(born_on__isnull=False) & ~Q(born_precision=""),
                name="registry_birth_whole",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="registry_named"),
        ]
        indexes = [
            models.Index(fields=["household"], name="registry_members"),
            models.Index(fields=["name"], name="registry_name", opclasses=["text_pattern_ops"]),
            models.Index(fields=["initials"], name="registry_initials"),
            models.Index(fields=["pinyin"], name="registry_pinyin"),
            models.Index(fields=["number_blind"], name="registry_number"),
            models.Index(fields=["phone_blind"], name="registry_phone"),
            models.Index(fields=["phone_tail"], name="registry_phone_tail", condition=~Q(phone_tail="")),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_head(self) -> bool:
        """Is this the head of the household?"""
        return self.relation == Relation.HEAD


class CategoryEntry(models.Model):
    """A person belongs to a category from one day to another, by some source.

    Open kinds stand in `kind`. Sensitive ones (health, justice, mental disorder) are sealed whole, as JSON in `fact`;
    `kind_blind` lets the system ask for one kind without unsealing.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    resident = models.ForeignKey(Resident, models.PROTECT, related_name="categories", db_constraint=False)
    region_code = RegionCodeField(_("village"))
    kind = models.CharField(_("category"), max_length=20, choices=Category.choices, blank=True)
    kind_blind = BlindField(of="fact", purpose=KIND, read=kind_of_fact, null=True)
    fact = SealedTextField(purpose=FACT)
    detail = models.CharField(_("detail"), max_length=60, blank=True)
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("to"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=80)
    evidence = models.CharField(_("evidence"), max_length=120, blank=True)
    checked_on = models.DateField(_("last confirmed on"), null=True, blank=True)
    intake = models.ForeignKey("registry.Intake", models.PROTECT, null=True, related_name="categories")
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("category entry")
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind="") & Q(kind_blind__isnull=True)
                | Q(kind="", detail="") & Q(kind_blind__isnull=False),
                name="registry_category_open_or_sealed",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")), name="registry_category_dates"
            ),
        ]
        indexes = [
            models.Index(fields=["resident"], name="registry_categories"),
            models.Index(fields=["kind", "region_code"], name="registry_category_kind", condition=~Q(kind="")),
            models.Index(
                fields=["kind_blind", "region_code"],
                name="registry_category_blind",
                condition=Q(kind_blind__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def sealed(self) -> bool:
        """Is this a sensitive fact?"""
        return not self.kind
