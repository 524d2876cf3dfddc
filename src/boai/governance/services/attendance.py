"""Attendance."""

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


def member_sign_in(*, meeting_id: UUID, member_id: UUID, actor: Actor, at: datetime) -> MeetingMember:
    """Sign a member in: the member on their own phone, or the recorder at the door."""
    raise NotImplementedError


def member_sign_out(*, meeting_id: UUID, member_id: UUID, actor: Actor, at: datetime) -> MeetingMember:
    """A member leaves. Ballots already open keep their roll; later items count without the member."""
    raise NotImplementedError
