"""Meetings."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from boai.governance.models import *  # noqa: F403
from boai.governance.enums import *  # noqa: F403
from boai.governance.rules.majority import ReviewRules
from boai.governance.rules.publication import Entry, NoticeRules
from boai.governance.rules.subjects import Fact, Member, MustRecuse, Subject
from boai.people.actor import Actor


def meeting_convene(
    *,
    actor: Actor,
    branch_id: UUID,
    region_code: str,
    title: str,
    place: str,
    starts_at: datetime,
    members: Sequence[Member],
    rules: ReviewRules,
    chair_id: UUID,
    recorder_id: UUID,
    teller_id: UUID | None = None,
    scrutineer_id: UUID | None = None,
    witnesses: Sequence[str] = (),
    at: datetime,
) -> Meeting:
    """Call a panel together. The rule values are frozen here; paper members need teller and scrutineer.

    The officers are four different people. Raises NotAllowed (REVIEW_HOLD), BadInput.
    """
    raise NotImplementedError


def meeting_officers_set(
    *,
    meeting_id: UUID,
    actor: Actor,
    chair_id: UUID,
    recorder_id: UUID,
    teller_id: UUID | None,
    scrutineer_id: UUID | None,
    witnesses: Sequence[str],
    at: datetime,
) -> Meeting:
    """Appoint others: before the opening, or between two items when one of them has to step aside."""
    raise NotImplementedError


def meeting_open(*, meeting_id: UUID, actor: Actor, at: datetime) -> Meeting:
    """Open the sitting and freeze its roll. Raises UnableTo with what is missing (quorum, officers)."""
    raise NotImplementedError


def meeting_adjourn(*, meeting_id: UUID, actor: Actor, reason: str, at: datetime) -> Meeting:
    """No quorum came together: the meeting and all its items are adjourned."""
    raise NotImplementedError


def meeting_cancel(*, meeting_id: UUID, actor: Actor, reason: str, at: datetime) -> Meeting:
    """Call off a meeting that has no item yet."""
    raise NotImplementedError


def meeting_close(*, meeting_id: UUID, actor: Actor, at: datetime) -> Meeting:
    """Close the sitting once every item is declared; the minutes can be printed."""
    raise NotImplementedError


def meeting_minutes(*, meeting_id: UUID, actor: Actor) -> bytes:
    """The minutes as PDF: roll, officers, every item with its figures, the latest checkpoint of the log and a QR code."""
    raise NotImplementedError


def meeting_sign(
    *, meeting_id: UUID, actor: Actor, file_id: UUID, sha256: str, pages: int, signers: Sequence[str], at: datetime
) -> Meeting:
    """Keep the scan of the signed minutes: its hash, page count and signers go to the log."""
    raise NotImplementedError
