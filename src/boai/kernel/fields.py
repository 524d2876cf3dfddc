"""Model fields that several applications share."""

from __future__ import annotations

from typing import Any

from django.db import models


class RegionCodeField(models.CharField):  # type: ignore[type-arg]  # see django-stubs: generic only for the checker
    """A 12-digit statistical division code (2-2-2-3-3), compared byte by byte so that a subtree is a range."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 12)
        kwargs.setdefault("db_collation", "C")
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("max_length", None)
        kwargs.pop("db_collation", None)
        return name, path, args, kwargs
