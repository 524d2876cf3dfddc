"""What governance knows. Public queries work without any scope; all others see what the connection's scope allows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from boai.governance.enums import ReviewState
from boai.governance.models import Notice, NoticeEntry, Objection, PublicNotice, Review
from boai.governance.rules.majority import Attendance, Count
from boai.people.actor import Actor


@dataclass(frozen=True, slots=True)
class ReviewResult:
    """The one door to the result of a ballot: exists only after it was closed and counted."""

    state: ReviewState
    round: int
    attendance: Attendance
    count: Count
    base: int
    passes: bool


@dataclass(frozen=True, slots=True)
class NoticeStatus:
    """Where a notice stands at a moment, for the apps above and their pages.

    `stage` is "draft", "submitted", "approved", "open" (days are running), "objected" (an objection is open), "clean"
    (days over, nothing open), "upheld" (an objection was upheld) or "ended" (taken down, retracted, superseded,
    discarded). `blockers` are the sentences why `notice_lock_clear` would refuse now; empty means that it would not.
    """

    notice_id: UUID
    code: str
    stage: str
    last_day: date | None
    ends_at: datetime | None
    provisional: bool
    open_objections: int
    blockers: tuple[str, ...]


def review_get(*, review_id: UUID, actor: Actor) -> Review:
    """A review within the actor's reach. Raises NotFound."""
    raise NotImplementedError


def reviews_of(*, subject_kind: str, subject_id: UUID) -> list[Review]:
    """Every review of a subject, newest first, with its meeting."""
    raise NotImplementedError


def review_result(*, review_id: UUID) -> ReviewResult | None:
    """The result; None for everybody until the ballot is closed and counted."""
    raise NotImplementedError


def voter_ids(*, review_id: UUID) -> set[UUID]:
    """User ids of everybody who was on the roll of a ballot on this review."""
    raise NotImplementedError


def notice_get(*, notice_id: UUID, actor: Actor) -> Notice:
    """A notice within the actor's reach. Raises NotFound."""
    raise NotImplementedError


def notices_of(*, subject_kind: str, subject_id: UUID) -> list[NoticeEntry]:
    """Every listing of a subject, newest first, with its notice."""
    raise NotImplementedError


def notice_state(*, notice_id: UUID, at: datetime, subject_id: UUID | None = None) -> NoticeStatus:
    """Where the notice (or one subject on it) stands at this moment."""
    raise NotImplementedError


def open_objections(*, notice_id: UUID, subject_id: UUID | None = None) -> list[Objection]:
    """Objections that block, against the notice (and what it corrects), or only those that concern one subject."""
    raise NotImplementedError


@dataclass(frozen=True, slots=True)
class PublicPage:
    """One page of public notices; `after` is the key of the next page, empty on the last."""

    rows: list[PublicNotice]
    after: str


def notices_public(*, lo: str, hi: str, after: str = "", size: int = 20) -> PublicPage:
    """Notices on display in a span of divisions, newest first. Works without any scope; one query."""
    raise NotImplementedError


def notice_public(*, code: str) -> PublicNotice:
    """A published notice by its number; after its end only number and dates are left. Raises NotFound. One query."""
    raise NotImplementedError


@dataclass(frozen=True, slots=True)
class ObjectionStatus:
    """What the holder of a receipt may know."""

    receipt_no: str
    notice_code: str
    state: str
    filed_at: datetime
    decide_by: datetime
    outcome: str
    reasons: str
    decided_at: datetime | None
    appeal_outcome: str
    appeal_reasons: str
    can_appeal: bool


def objection_status(*, receipt_no: str) -> ObjectionStatus:
    """Follow an objection by its receipt number, without sign-in and without any scope. Raises NotFound."""
    raise NotImplementedError


def objection_figures(*, lo: str, hi: str, since: date) -> dict[str, int]:
    """Public statistics of a span: filed, open, dismissed, upheld, appealed, late. Works without any scope."""
    raise NotImplementedError
