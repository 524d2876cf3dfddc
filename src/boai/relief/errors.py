"""Failures of cases that pages answer in their own way."""

from boai.kernel.errors import StalePage


class AlreadyDone(StalePage):
    """The same person has done the same thing a moment ago: a second click, answered calmly."""


class MovedOn(StalePage):
    """Somebody else has moved the case since this page was loaded."""
