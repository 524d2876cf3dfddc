"""What anybody may ask, without sign-in and without any scope."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.conf import settings
from django.db.models import Count, F, Q

from boai.governance.enums import BLOCKING, ObjectionOutcome, ObjectionState
from boai.governance.models import Objection, PublicNotice
from boai.kernel.clock import start_of_day
from boai.kernel.errors import NotFound
from boai.kernel.scope import EVERYWHERE, scoped


@dataclass(frozen=True, slots=True)
class PublicPage:
    """One page of public notices; `after` is the key of the next page, empty on the last."""

    rows: list[PublicNotice]
    after: str


def notices_public(*, lo: str, hi: str, after: str = "", size: int = 20) -> PublicPage:
    """Notices on display in a span of divisions, newest first. Works without any scope; one query."""
    rows = PublicNotice.objects.filter(region_code__range=(lo, hi), ended="")
    if after:
        rows = rows.filter(notice_id__lt=_key(after))
    found = list(rows.order_by("-notice_id")[: size + 1])
    return PublicPage(found[:size], str(found[size - 1].pk) if len(found) > size else "")


def _key(after: str) -> UUID:
    try:
        return UUID(after)
    except ValueError:
        raise NotFound from None


def notice_public(*, code: str) -> PublicNotice:
    """A published notice by its number; after its end only number and dates are left. Raises NotFound. One query."""
    found = PublicNotice.objects.filter(code=code.strip().upper()).first()
    if found is None:
        raise NotFound
    return found


def notice_address(code: str) -> str:
    """Where anybody can read a notice and object to it; printed as a QR code on the village board."""
    return f"{settings.BOAI_PUBLIC_URL}/notices/{code}"


def checkpoint_address(size: int | None) -> str:
    """Where anybody can compare a printed checkpoint with the signed one; the list of all when there is none yet."""
    return f"{settings.BOAI_PUBLIC_URL}/checkpoints/{'' if size is None else f'{size}.txt'}"


@dataclass(frozen=True, slots=True)
class ObjectionStatus:
    """What the holder of a receipt may know."""

    receipt_no: str
    notice_code: str
    state: str
    state_label: str
    filed_at: datetime
    decide_by: datetime
    outcome: str
    reasons: str
    decided_at: datetime | None
    appeal_outcome: str
    appeal_reasons: str
    can_appeal: bool


def objection_status(*, receipt_no: str) -> ObjectionStatus:
    """Follow an objection by its receipt number, without sign-in and without any scope. Raises NotFound.

    The number is random and long (24^10), so it is the key: whoever holds it sees state and reasons, never the
    objector. The lookup by that exact number is the only thing done beyond the caller's scope.
    """
    with scoped(EVERYWHERE):
        found = (
            Objection.objects.filter(receipt_no=receipt_no.strip().upper().replace(" ", ""))
            .select_related("notice")
            .defer("text", "appeal_text")
            .first()
        )
    if found is None:
        raise NotFound
    return ObjectionStatus(
        receipt_no=found.receipt_no,
        notice_code=found.notice.code,
        state=found.state,
        state_label=found.get_state_display(),
        filed_at=found.filed_at,
        decide_by=found.appeal_decide_by or found.decide_by,
        outcome=found.outcome,
        reasons=found.reasons,
        decided_at=found.decided_at,
        appeal_outcome=found.appeal_outcome,
        appeal_reasons=found.appeal_reasons,
        can_appeal=found.state == ObjectionState.DECIDED,
    )


def objection_figures(*, lo: str, hi: str, since: date) -> dict[str, int]:
    """Public statistics of a span: filed, open, dismissed, upheld, appealed, late. Works without any scope.

    Late counts decisions that came after their deadline. Totals only; who asks for a small span gets small numbers of
    objections, never of people.
    """
    upheld = [ObjectionOutcome.RE_VERIFY, ObjectionOutcome.RE_BALLOT, ObjectionOutcome.VOID]
    with scoped(EVERYWHERE):
        return Objection.objects.filter(region_code__range=(lo, hi), filed_at__gte=start_of_day(since)).aggregate(
            filed=Count("id"),
            open=Count("id", filter=Q(state__in=BLOCKING)),
            dismissed=Count("id", filter=Q(outcome=ObjectionOutcome.DISMISSED)),
            upheld=Count("id", filter=Q(outcome__in=upheld)),
            appealed=Count("id", filter=Q(appealed_at__isnull=False)),
            late=Count("id", filter=Q(decided_at__gt=F("decide_by"))),
        )
