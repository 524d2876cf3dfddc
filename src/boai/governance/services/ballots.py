"""Ballots."""

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


def ballot_open(*, review_id: UUID, actor: Actor, at: datetime) -> Poll:
    """Open the secret ballot: freeze roll and rules. Raises UnableTo when meeting or item lack their quorum."""
    raise NotImplementedError


def ballot_cast(*, review_id: UUID, actor: Actor, choice: Choice) -> None:
    """Drop the actor's ballot into the box and tick them off the roll. Takes no time and leaves no mark, on purpose.

    Raises UnableTo when the actor is not on the online roll, has voted, or the ballot is not open.
    """
    raise NotImplementedError


def ballot_close(*, review_id: UUID, actor: Actor, seal_number: str = "", at: datetime) -> Review:
    """Close the ballot, shuffle the box, count. With paper ballots the state is ballot_closed until two tallies agree."""
    raise NotImplementedError


def ballot_repeat(*, review_id: UUID, actor: Actor, moved_by: str, reason: str, at: datetime) -> Review:
    """The one re-ballot (R1), moved and recorded before the outcome is declared: back to discussion, round 2."""
    raise NotImplementedError
