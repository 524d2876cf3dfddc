"""Publishing."""

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


def notice_publish(*, notice_id: UUID, actor: Actor, at: datetime) -> Notice:
    """Publish an approved notice and start its clock. Raises UnableTo when the rendering would differ from the approved one."""
    raise NotImplementedError


def notice_extend(*, notice_id: UUID, actor: Actor, days: int, reason: str, at: datetime) -> Notice:
    """Site or board was down for more than a day: the notice runs `days` calendar days longer."""
    raise NotImplementedError


def board_photo_add(
    *, notice_id: UUID, actor: Actor, kind: PhotoKind, place: str, on: date, file_id: UUID, sha256: str, at: datetime
) -> BoardPhoto:
    """Keep the photo of the posted or removed paper as evidence."""
    raise NotImplementedError


def notice_print(*, notice_id: UUID, actor: Actor) -> bytes:
    """The paper for the village board as PDF, with checkpoint and QR code. Regenerated from data, never a scan."""
    raise NotImplementedError


def notice_lock_clear(*, notice_id: UUID, subject_id: UUID, at: datetime) -> NoticeEntry:
    """For the approval upstairs, in its transaction: lock the notice and settle the subject as clear.

    Raises UnableTo when the days have not run out, the board photo is missing, an objection is open, or one was upheld.
    From the commit on, objections against this subject are refused; one filed before makes this raise.
    """
    raise NotImplementedError


def entry_retract(*, notice_id: UUID, subject_id: UUID, actor: Actor, reason: str, at: datetime) -> NoticeEntry:
    """The applicant withdraws: the public line keeps the case code with 已撤回, everything else goes."""
    raise NotImplementedError


def notice_retract(*, notice_id: UUID, actor: Actor, reason: str, at: datetime) -> Notice:
    """Take a whole notice down before its time, with the reason."""
    raise NotImplementedError


def notice_withdraw_due(*, at: datetime) -> int:
    """Take down every notice whose days of display are over; how many. Run by a periodic job under Actor.system()."""
    raise NotImplementedError
