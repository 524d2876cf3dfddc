"""What other work has to keep of a person although the register deletes them (PIPL Art.47 para.2).

    from boai.registry import keepers
    keepers.keeper_register("relief", relief_keeps)

The register asks everybody before it deletes, tells the person what stays, until when and by which rule, and knows
none of them: imports point down. An app that points at people and has not registered here stops the deletion.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

from boai.registry.models import Resident


@dataclass(frozen=True)
class Kept:
    """Papers of one sort. `under_way`: the work is not finished, so nothing can be deleted yet."""

    what: str
    count: int
    rule: str
    until: date | None = None
    under_way: bool = False

    def as_json(self) -> dict[str, Any]:
        """For the request, so that its page can tell."""
        until = self.until.isoformat() if self.until else ""
        return {"what": self.what, "count": self.count, "rule": self.rule, "until": until}


Keeper: TypeAlias = Callable[[Resident, date], list[Kept]]

_KEEPERS: dict[str, Keeper] = {}


def keeper_register(app_label: str, keeper: Keeper) -> None:
    """Add what an app keeps of a person, asked for on a day. Call it from AppConfig.ready."""
    _KEEPERS[app_label] = keeper


def keeper_forget(app_label: str) -> None:
    """Take a keeper out again (tests)."""
    _KEEPERS.pop(app_label, None)


def keeps(resident: Resident, *, on: date) -> list[Kept]:
    """Everything that stays of a person."""
    return [one for keeper in _KEEPERS.values() for one in keeper(resident, on)]


def has_spoken(app_label: str) -> bool:
    """Does this app say itself what it keeps?"""
    return app_label in _KEEPERS
