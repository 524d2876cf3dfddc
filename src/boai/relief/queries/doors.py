"""The open door: from a public code to a division, and from code and phone to what the applicant may see."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import date, datetime

from boai.kernel.crypto import blind, blinds
from boai.kernel.errors import NotFound
from boai.kernel.ids import CODE_ALPHABET
from boai.relief.enums import State
from boai.relief.models import Case, Door, Paper, Receipt, Step

CODE = "public-code"


def code_clean(text: str) -> str:
    """A code as people type it: upper case, without spaces and hyphens."""
    return "".join(c for c in text.upper() if c in CODE_ALPHABET)


def code_blind(code: str) -> bytes:
    """The keyed fingerprint of a public code."""
    return blind(code_clean(code), CODE)


def case_door(code: str) -> str | None:
    """The division of the case or receipt with this code; None when there is none. Reads no personal data."""
    return Door.objects.filter(blind__in=blinds(code_clean(code), CODE)).values_list("region_code", flat=True).first()


@dataclass(frozen=True)
class Followed:
    """What an applicant sees of their own case: no names of staff, no scores, no other people's words."""

    code: str
    programme: str
    state: str
    track: str
    since: datetime
    due_on: date | None
    approved_fen: int | None
    branch: str
    branch_phone: str
    missing: tuple[str, ...]
    steps: tuple[tuple[str, datetime, str], ...]
    may_supply: bool
    may_withdraw: bool


PUBLIC_NOTES = frozenset({"return", "decline", "refuse", "lapse", "to_ordinary"})
"""Actions whose reason is written for the applicant."""


def case_by_code(*, code: str, phone_tail: str) -> Case:
    """The case of an applicant who knows its code and the last four digits of the phone they gave.

    Raises NotFound alike for a wrong code and for a wrong tail. Call it under the scope of `case_door(code)`.
    """
    case = Case.objects.select_related("application", "programme", "branch").filter(code=code_clean(code)).first()
    tail = case.application.phone[-4:] if case is not None else ""
    if case is None or len(phone_tail) != 4 or not hmac.compare_digest(tail.encode(), phone_tail.encode()):
        raise NotFound
    return case


def case_follow(*, code: str, phone_tail: str) -> Followed:
    """Where an applicant's case stands. Raises NotFound as `case_by_code`."""
    case = case_by_code(code=code, phone_tail=phone_tail)
    papers = Paper.objects.filter(case=case, required=True, received_at=None, asked_at__isnull=False)
    steps = Step.objects.filter(case=case).order_by("version").values_list("action", "at", "note")
    return Followed(
        code=case.code,
        programme=case.programme.name,
        state=case.state,
        track=case.track,
        since=case.since,
        due_on=case.due_on,
        approved_fen=case.approved_fen,
        branch=case.branch.name,
        branch_phone=case.branch.phone,
        missing=tuple(p.get_kind_display() for p in papers) if case.state == State.RETURNED else (),
        steps=tuple((action, at, note if action in PUBLIC_NOTES else "") for action, at, note in steps),
        may_supply=case.state == State.RETURNED,
        may_withdraw=case.state in WITHDRAWABLE,
    )


WITHDRAWABLE = frozenset(
    {State.APPLIED, State.RETURNED, State.VERIFYING, State.REVIEWING, State.NOTICING, State.PUBLISHING,
     State.APPROVING, State.URGENT}
)  # fmt: skip


@dataclass(frozen=True)
class VerifiedReceipt:
    """What a receipt's public page confirms: that it exists, how much, when, from whom; never to whom."""

    code: str
    amount_fen: int
    paid_on: date
    branch: str
    programme: str
    case_code: str
    at: datetime
    audit_id: object


def receipt_verify(*, code: str) -> VerifiedReceipt:
    """The receipt with this code, without personal data. Call it under the scope of `case_door(code)`.

    Raises NotFound.
    """
    receipt = Receipt.objects.select_related("case__programme", "case__branch").filter(code=code_clean(code)).first()
    if receipt is None:
        raise NotFound
    return VerifiedReceipt(
        receipt.code, receipt.amount_fen, receipt.paid_on, receipt.case.branch.name, receipt.case.programme.name,
        receipt.case.code, receipt.at, receipt.id,
    )  # fmt: skip
