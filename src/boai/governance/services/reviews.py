"""Reviews."""

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


def review_open(
    *,
    actor: Actor,
    meeting_id: UUID,
    subject: Subject,
    facts: Sequence[Fact],
    recusals: Sequence[MustRecuse],
    verifier_ids: Collection[UUID],
    previous_id: UUID | None = None,
    at: datetime,
) -> Review:
    """Put a subject on the agenda of a convened or open meeting, with the facts that the panel will see.

    `recusals` are automatic hits among the members, `verifier_ids` who did the home verification (recused too). People
    who are not on the roll are passed over. One live review per subject. Raises NotAllowed, UnableTo.
    """
    raise NotImplementedError


def review_declare(*, review_id: UUID, actor: Actor, reason: str = "", at: datetime) -> Review:
    """The chair declares the outcome; `review.state` tells which.

    counted → passed or not_passed by rule R1. presented → escalated when fewer than `min_reviewers` remain entitled,
    adjourned when the item has no quorum or a `reason` is given. ballot_open → adjourned with a `reason`; the ballots
    are destroyed uncounted. Raises UnableTo otherwise. Call it from a journey, inside its transaction.
    """
    raise NotImplementedError
