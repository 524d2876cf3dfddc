"""Permission as pure predicates: may this actor do this to this object, and if not, why not?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from boai.kernel.errors import NotAllowed

A = TypeVar("A")
T = TypeVar("T")


@dataclass(frozen=True)
class Verdict:
    """The answer of a policy; false carries the sentence that a page may show beside the missing button."""

    allowed: bool
    why: str = ""

    def __bool__(self) -> bool:
        return self.allowed


ALLOWED = Verdict(True)


def deny(why: str) -> Verdict:
    """No, and the reason for the person who asked."""
    return Verdict(False, why)


def require(predicate: Callable[[A, T], Verdict], actor: A, obj: T) -> None:
    """Raise NotAllowed with the policy's reason unless it says yes."""
    verdict = predicate(actor, obj)
    if not verdict:
        raise NotAllowed(verdict.why)
