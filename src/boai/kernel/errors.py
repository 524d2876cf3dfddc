"""Anticipated failures. Each carries a sentence for the person who can do something about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class BoaiError(Exception):
    """Base of every failure that we foresee. `str(error)` is the sentence to show."""

    status = 400

    def __init__(self, message: str = "") -> None:
        super().__init__(message)
        self.message = message


class NotAllowed(BoaiError):
    """The actor may see the object but not do this to it."""

    status = 403


class NotFound(BoaiError):
    """There is no such object within the actor's reach; strangers get the same answer as for nothing at all."""

    status = 404


class UnableTo(BoaiError):
    """The rules of the field refuse: wrong state, open objection, spent budget…"""

    status = 409


class StalePage(UnableTo):
    """Somebody (perhaps the same person, clicking twice) has already moved the object on."""


class BadInput(BoaiError):
    """What was typed can't be taken; `fields` maps a field name to its sentences."""

    def __init__(self, message: str = "", fields: Mapping[str, Sequence[str]] | None = None) -> None:
        super().__init__(message)
        self.fields: dict[str, list[str]] = {k: list(v) for k, v in (fields or {}).items()}


class TooMany(BoaiError):
    """Too many requests from one place in too short a time."""

    status = 429
