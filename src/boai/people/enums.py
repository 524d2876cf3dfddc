"""Codes of the people app."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class BranchKind(models.TextChoices):
    """What a branch is (红十字会法 Art.8–10: branches are legal persons; grassroots organisations are not)."""

    SOCIETY = "society", _("Red Cross branch")
    GRASSROOTS = "grassroots", _("Grassroots organisation")
    SCHOOL = "school", _("School organisation")
    COMPANY = "company", _("Enterprise organisation")
