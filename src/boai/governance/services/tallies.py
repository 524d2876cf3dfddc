"""Tallies."""

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


def tally_key(
    *,
    review_id: UUID,
    actor: Actor,
    issued: int,
    returned: int,
    spoiled: int,
    not_returned: int,
    yes: int,
    no: int,
    abstain: int,
    blank: int,
    invalid: int,
    discrepancy: str = "",
    at: datetime,
) -> Review:
    """Key the paper tally, independently of whoever else keys it.

    Two equal sheets by different people make the count (`review.state` is counted); unequal ones need a third. Figures
    that do not add up raise BadInput, unless `discrepancy` gives the reason: the review is then disputed. A narrow result
    asks for a hand recount first (`poll.count_number` becomes 2).
    """
    raise NotImplementedError


def tally_dispute_settle(*, review_id: UUID, actor: Actor, recount: bool, reason: str, at: datetime) -> Review:
    """A supervisor decides about a count that does not add up: count again, or void the ballot."""
    raise NotImplementedError
