"""Codes of the rulebook."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Confidence(models.TextChoices):
    """How well a rule is known; shown beside every value."""

    SURE = "S", _("Certain: read in the official text")
    LIKELY = "L", _("Likely: several sources, official text not seen")
    ASSUMED = "A", _("Assumed: practice differs from place to place")
