"""What bulk corrections share: the dry run, the first line of every deed, and its last."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from boai.kernel.clock import local_date
from boai.kernel.errors import BadInput, StalePage, UnableTo
from boai.kernel.policy import require
from boai.people.actor import Actor
from boai.regions.codes import span
from boai.registry import policies
from boai.registry.enums import BulkKind
from boai.registry.models import BulkChange
from boai.registry.models.people import NUMBER
from boai.registry.services.intakes import Division
from boai.registry.services.staging import fingerprint

SHOWN = 20
MOST_LISTED = 5000


@dataclass(frozen=True)
class DryRun:
    """What would happen: how many rows, some of them by name; how many would be left alone, and why."""

    count: int
    names: list[str]
    people: int = 0
    left: int = 0
    unknown: list[str] = field(default_factory=list)
    """Numbers of the list that nobody in the division has, by their last four."""


def set_check(region_code: str, numbers: Collection[str], actor: Actor, at: datetime) -> dict[str, Any]:
    """The values of a filter: a division, or the people of a list within it. Raises NotAllowed, BadInput."""
    if len(numbers) > MOST_LISTED:
        raise BadInput(fields={"numbers": [_("At most %(most)s at once.") % {"most": MOST_LISTED}]})
    require(policies.may_write, actor, Division(region_code))
    lo, hi = span(region_code)
    return {"lo": lo, "hi": hi, "today": local_date(at), "listed": bool(numbers),
            "blinds": [blind(one) for one in set(numbers)]}  # fmt: skip


def blind(number: str) -> bytes:
    """The blind index of an identity number."""
    return bytes(fingerprint(number, NUMBER) or b"")


def not_in_future(name: str, day: date | None, at: datetime) -> None:
    """Raises BadInput on the field."""
    if day is not None and day > local_date(at):
        raise BadInput(fields={name: [_("This day lies in the future.")]})


def begin(
    kind: BulkKind, region_code: str, wanted: dict[str, Any], expected: int, reason: str, actor: Actor, at: datetime
) -> BulkChange:  # fmt: skip
    """Write down what shall be done and why. Raises BadInput (no reason), UnableTo (nothing to be done)."""
    if not reason.strip():
        raise BadInput(fields={"reason": [_("Say why.")]})
    if expected < 1:
        raise UnableTo(_("Nothing would be changed."))
    return BulkChange.objects.create(region_code=region_code, kind=kind, wanted=wanted, reason=reason.strip(),
                                     count=expected, made_by_id=actor.user_id, made_at=at)  # fmt: skip


def expect(found: int, expected: int) -> None:
    """Raises StalePage when it is not what the dry run said: the transaction takes everything back."""
    if found != expected:
        raise StalePage(_("The register has changed since the dry run: it would be %(n)s now. Look at it once more.")
                        % {"n": found})  # fmt: skip
