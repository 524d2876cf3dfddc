"""Codes of the regions application."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from boai.regions import codes


class Level(models.IntegerChoices):
    """The five levels of the statistical division code."""

    PROVINCE = codes.PROVINCE, _("Province")
    CITY = codes.CITY, _("City")
    COUNTY = codes.COUNTY, _("County")
    TOWNSHIP = codes.TOWNSHIP, _("Township")
    VILLAGE = codes.VILLAGE, _("Village")


class Kind(models.TextChoices):
    """What sort of division it is; for villages from the last three digits of the code (GB/T 10114 practice)."""

    AREA = "area", _("Administrative area")
    GROUPING = "grouping", _("Grouping without a government")
    RESIDENTS = "residents", _("Residents' committee")
    VILLAGERS = "villagers", _("Villagers' committee")
    SIMILAR = "similar", _("Village-like unit")


class Found(models.TextChoices):
    """Why a written place did or did not resolve."""

    EXACT = "exact", _("Written as in the official list")
    VARIANT = "variant", _("A usual way of writing it")
    CODE = "code", _("Found by its code")
    SUCCESSOR = "successor", _("A former division; its successor is used")
    EMPTY = "empty", _("Nothing was written")
    AMBIGUOUS = "ambiguous", _("Several places are called that")
    UNKNOWN_COUNTY = "unknown_county", _("No such county here")
    UNKNOWN_TOWNSHIP = "unknown_township", _("No such township here")
    UNKNOWN_VILLAGE = "unknown_village", _("No such village here")
    UNKNOWN_CODE = "unknown_code", _("No division has this code")
    CODE_CONFLICT = "code_conflict", _("The code and the name are different places")
    CLOSED = "closed", _("This division no longer exists and has no single successor")
    OUTSIDE = "outside", _("The place lies outside your area")
