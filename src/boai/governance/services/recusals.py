"""Recusals."""

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


def recusal_declare(
    *, review_id: UUID, actor: Actor, note: str, ground: Ground = Ground.DECLARED, at: datetime
) -> Recusal:
    """A member steps aside from an item before its ballot opens."""
    raise NotImplementedError


def recusal_challenge(*, review_id: UUID, member_id: UUID, actor: Actor, note: str, at: datetime) -> Recusal:
    """Another member or officer says that a member should step aside; the chair has to rule before the ballot opens."""
    raise NotImplementedError


def recusal_rule(*, recusal_id: UUID, actor: Actor, upheld: bool, ruling: str, at: datetime) -> Recusal:
    """The chair rules on a challenge, with a reason."""
    raise NotImplementedError


def recusal_late(*, review_id: UUID, member_id: UUID, actor: Actor, ground: Ground, note: str, at: datetime) -> Review:
    """A conflict is found after the ballot. The outcome stands only if it survives turning every conflicted ballot.

    Otherwise the review is void (`review.state`): open a new one with `previous_id`.
    """
    raise NotImplementedError
