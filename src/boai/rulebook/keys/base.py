"""What a rule is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from boai.rulebook.enums import Confidence
from boai.rulebook.values import Kind, Text


class Group(models.TextChoices):
    """The chapters of the rulebook, in the order of a case."""

    RELIEF = "relief", _("Relief: who, what, how much")
    STEPS = "steps", _("Relief: steps and times")
    REVIEW = "review", _("Review meetings")
    NOTICE = "notice", _("Public notice and objections")
    REGISTER = "register", _("Register")
    VISITS = "visits", _("Visits")
    PRIVACY = "privacy", _("Personal data")
    KEEPING = "keeping", _("Keeping files and data")
    OTHER = "other", _("Other work: set here in advance")


@dataclass(frozen=True)
class Default:
    """What holds until a branch decides otherwise, and where it comes from."""

    value: Any
    source: str
    confidence: Confidence


@dataclass(frozen=True)
class RuleKey:
    """One rule: its name in code, its name for people, what a value may be, what it means, its default.

    `also` checks what the kind alone cannot: it raises ValueError with a sentence.
    """

    name: str
    title: Text
    group: Group
    kind: Kind
    help: Text
    default: Default
    also: Callable[[Any], None] | None = None

    def check(self, value: Any) -> Any:
        """The value in canonical form. Raises ValueError with a sentence."""
        checked = self.kind.check(value)
        if self.also is not None:
            self.also(checked)
        return checked


def sure(value: Any, source: str) -> Default:
    """A default read in the official text."""
    return Default(value, source, Confidence.SURE)


def likely(value: Any, source: str) -> Default:
    """A default from several secondary sources."""
    return Default(value, source, Confidence.LIKELY)


def assumed(value: Any, source: str = "各地做法不一，暂按常见做法设定") -> Default:
    """A default that is our assumption, to be replaced by the branch's own rule."""
    return Default(value, source, Confidence.ASSUMED)
