"""What the models of a case share."""

from __future__ import annotations

from django.db import models

from boai.people.models import User


def who() -> models.ForeignKey[User | None, User | None]:
    return models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
