"""What households receive is known to other applications; each registers here what it gave.

    from boai.registry import help
    help.provider_register("relief", relief_help)

So the register can show everything on one page and knows none of them: imports point down.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import TypeAlias
from uuid import UUID


@dataclass(frozen=True)
class Stay:
    """Somebody belonged to another household from `first` until `until` (no longer that day): its help was theirs."""

    household: UUID
    first: date
    until: date


@dataclass(frozen=True)
class Whose:
    """Whose help is asked for: households; people by their keys and by the blind index of their identity numbers; and
    the households to which they belonged before, for the days of their stay."""

    households: frozenset[UUID] = field(default_factory=frozenset)
    blinds: frozenset[bytes] = field(default_factory=frozenset)
    residents: frozenset[UUID] = field(default_factory=frozenset)
    stays: frozenset[Stay] = field(default_factory=frozenset)

    def __or__(self, other: Whose) -> Whose:
        return Whose(self.households | other.households, self.blinds | other.blinds,
                     self.residents | other.residents, self.stays | other.stays)  # fmt: skip

    def __bool__(self) -> bool:
        return bool(self.households or self.blinds or self.residents or self.stays)


@dataclass(frozen=True)
class Help:
    """One thing that was given, or is granted and on its way (`done` is False).

    Money in `fen`, goods in words (`goods`: 棉被 2 床). `source` is the provider's name, `reference` what its
    office calls it (a case code), `url` where it is shown.
    """

    source: str
    on: date
    programme: str
    state: str
    done: bool
    fen: int | None = None
    goods: str = ""
    reference: str = ""
    url: str = ""


Provider: TypeAlias = Callable[[Whose, date | None], Iterable[Help]]

_PROVIDERS: dict[str, Provider] = {}


def provider_register(name: str, provider: Provider) -> None:
    """Add what an application gives. `provider(whose, since)` sees what the connection's scope lets it see.

    The same name again replaces the provider. Since None: from the beginning.
    """
    _PROVIDERS[name] = provider


def provider_forget(name: str) -> None:
    """Take a provider out again (tests)."""
    _PROVIDERS.pop(name, None)


def help_of(whose: Whose, *, since: date | None = None) -> list[Help]:
    """Everything given to them from a day on, from every provider, the newest first."""
    if not whose:
        return []
    found = [one for provider in _PROVIDERS.values() for one in provider(whose, since)]
    return sorted(found, key=lambda one: (one.on, one.reference), reverse=True)
