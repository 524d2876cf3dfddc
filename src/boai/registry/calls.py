"""Who called at a household is known to other applications; each registers here what it knows.

    from boai.registry import calls
    calls.provider_register("visits", calls_of)

So the household's page can show its visits and the register knows nobody who makes them: imports point down.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias
from uuid import UUID


@dataclass(frozen=True)
class Call:
    """One visit, planned or made. `url` is where it is shown; `tone` as badges have it."""

    on: date
    what: str
    state: str
    tone: str
    who: tuple[str, ...]
    url: str


@dataclass(frozen=True)
class Calls:
    """The visits of a household, and where one is planned ("" where nobody plans)."""

    rows: tuple[Call, ...] = ()
    plan_url: str = ""


Provider: TypeAlias = Callable[[UUID, frozenset[UUID]], tuple[Iterable[Call], str]]

_PROVIDERS: dict[str, Provider] = {}


def provider_register(name: str, provider: Provider) -> None:
    """Add an application's visits. `provider(household, with those it was joined with)` gives the visits that the
    connection's scope lets it see, and the address at which another is planned. The same name again replaces it."""
    _PROVIDERS[name] = provider


def calls_of(household_id: UUID, joined: frozenset[UUID]) -> Calls:
    """Everything that is known of visits to a household, the newest first."""
    rows: list[Call] = []
    plan_url = ""
    for provider in _PROVIDERS.values():
        found, address = provider(household_id, joined)
        rows += found
        plan_url = plan_url or address
    return Calls(tuple(sorted(rows, key=lambda one: one.on, reverse=True)), plan_url)
