"""An applicant's own case, for whoever shows its code and the tail of the phone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime

from boai.kernel.scope import Scope, scoped
from boai.portal import plain
from boai.relief.models import Paper, Receipt
from boai.relief.queries import Followed, case_door, case_follow

NOWHERE_THERE_IS = "999999999999"
"""A division that does not exist: a wrong code is looked up there, so that it costs what a right one costs."""


@dataclass(frozen=True)
class Moment:
    """One line of the story."""

    title: str
    at: datetime
    note: str


@dataclass(frozen=True)
class ReceiptLine:
    """A receipt of the case."""

    code: str
    amount_fen: int
    paid_on: date


@dataclass(frozen=True)
class CasePage:
    """Everything that the page of a case shows."""

    facts: Followed
    standing: plain.Standing
    story: tuple[Moment, ...]
    missing: tuple[tuple[str, str], ...]
    receipts: tuple[ReceiptLine, ...]


@contextmanager
def door(code: str) -> Iterator[None]:
    """Open the scope of the one division that the code belongs to; a wrong code opens nothing that exists."""
    place = case_door(code) or NOWHERE_THERE_IS
    with scoped(Scope(place, place)):
        yield


def followed(*, code: str, tail: str) -> CasePage:
    """The case. Raises NotFound alike for a wrong code and for a wrong tail."""
    with door(code):
        facts = case_follow(code=code, phone_tail=tail)
        asked = Paper.objects.filter(
            case__code=facts.code, required=True, received_at=None, asked_at__isnull=False
        ).order_by("id")
        receipts = Receipt.objects.filter(case__code=facts.code).order_by("at")
        return CasePage(
            facts=facts,
            standing=plain.STANDINGS[facts.state],
            story=tuple(
                Moment(str(plain.STEPS[action]), at, note) for action, at, note in facts.steps if action in plain.STEPS
            )[::-1],
            missing=tuple((p.kind, str(p.get_kind_display())) for p in asked) if facts.may_supply else (),
            receipts=tuple(ReceiptLine(r.code, r.amount_fen, r.paid_on) for r in receipts),
        )
