"""Administrative divisions of China, all five levels, with their dates and successors."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from boai.kernel.fields import RegionCodeField
from boai.regions.codes import COUNTRY
from boai.regions.enums import Kind, Level


class Characters(Func):
    """The telling characters of a name as an array, without those that half of all names share (searching.GENERIC).

    Immutable, so it can be indexed: a name that holds a word holds all its characters.
    """

    template = "string_to_array(translate(%(expressions)s, '村社区居民委员会', ''), NULL)"


class Division(models.Model):
    """A division or grassroots unit, as the official list names it.

    `valid_from` None means "before our records"; `valid_to` is the first day on which it no longer exists. A closed
    division may name the one that took over its people and cases; where it was split among several, there is none.
    `source` says where the row comes from: the shipped list, or this installation.
    """

    code = RegionCodeField(_("code"), primary_key=True)
    parent = RegionCodeField(_("parent"))
    level = models.PositiveSmallIntegerField(_("level"), choices=Level.choices)
    name = models.CharField(_("official name"), max_length=60, db_collation="C")
    short_name = models.CharField(_("name in daily use"), max_length=60, db_collation="C")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    pinyin = models.CharField(_("pinyin"), max_length=300, blank=True, db_collation="C")
    initials = models.CharField(_("pinyin initials"), max_length=60, blank=True, db_collation="C")
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_to = models.DateField(_("valid until"), null=True, blank=True)
    successor = RegionCodeField(_("successor"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=40)

    class Meta:
        verbose_name = _("division")
        ordering = ["code"]
        indexes = [
            models.Index(fields=["parent"], name="regions_by_parent"),
            models.Index(fields=["level", "name"], name="regions_by_name"),
            models.Index(fields=["level", "initials"], name="regions_by_initials"),
            models.Index(fields=["level", "pinyin"], name="regions_by_pinyin"),
            GinIndex(Characters("name"), name="regions_upper_by_character", condition=Q(level__lt=5)),
            GinIndex(Characters("name"), name="regions_village_by_character", condition=Q(level=5)),
            models.Index(fields=["valid_to"], name="regions_closed", condition=Q(valid_to__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(code__regex=r"^[0-9]{12}$"), name="regions_code_is_12_digits"),
            models.CheckConstraint(condition=~Q(code=Value(COUNTRY)), name="regions_country_is_no_division"),
            models.CheckConstraint(condition=Q(level__range=(1, 5)), name="regions_level_1_to_5"),
            models.CheckConstraint(condition=Q(parent__lt=F("code")), name="regions_parent_comes_first"),
            models.CheckConstraint(
                condition=Q(valid_from__isnull=True) | Q(valid_to__isnull=True) | Q(valid_from__lt=F("valid_to")),
                name="regions_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(successor__isnull=True) | (Q(valid_to__isnull=False) & ~Q(successor=F("code"))),
                name="regions_successor_of_closed_only",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def region_code(self) -> str:
        """Where it lies: a division is its own place."""
        return str(self.code)


class LoadedList(models.Model):
    """Which shipped lists have been loaded here, the newest one last."""

    source = models.CharField(_("source"), max_length=40, primary_key=True)
    as_of = models.DateField(_("as of"))
    rows = models.PositiveIntegerField(_("rows"))

    class Meta:
        verbose_name = _("loaded list")
