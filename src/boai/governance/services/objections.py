"""Objections."""

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


def objection_file(
    *,
    notice_id: UUID,
    channel: ObjectionChannel,
    text: str,
    actor: Actor,
    at: datetime,
    subject_id: UUID | None = None,
    name: str = "",
    contact: str = "",
) -> tuple[Objection, str]:
    """Take in an objection and give its receipt number. Without `name` it is anonymous (with facts in `text`).

    The public may file on the web; phone and paper are entered by an officer. `subject_id` None: against the whole notice.
    Works without any scope. Raises UnableTo when the notice has ended or the subject is settled, BadInput.
    """
    raise NotImplementedError


def objection_acknowledge(*, objection_id: UUID, actor: Actor, at: datetime) -> Objection:
    """Confirm receipt to the objector (due within 2 working days by default)."""
    raise NotImplementedError


def objection_assign(*, objection_id: UUID, handler_id: UUID, actor: Actor, at: datetime) -> Objection:
    """Give it to a handler who had no hand in the matter: not drafter, approver, publisher, verifier, voter, relative."""
    raise NotImplementedError


def objection_decide(
    *, objection_id: UUID, actor: Actor, outcome: ObjectionOutcome, reasons: str, at: datetime
) -> Objection:
    """The handler decides, with reasons. Upheld: the entries concerned are remanded or void. Call it from a journey."""
    raise NotImplementedError


def objection_appeal(
    *, receipt_no: str, text: str, actor: Actor, at: datetime, channel: ObjectionChannel = ObjectionChannel.WEB
) -> Objection:
    """The one appeal, to the branch above. Works without any scope: the receipt number is the key. Blocks again."""
    raise NotImplementedError


def appeal_decide(
    *, objection_id: UUID, actor: Actor, outcome: ObjectionOutcome, reasons: str, at: datetime
) -> Objection:
    """An officer of the branch above decides the appeal; final. Call it from a journey."""
    raise NotImplementedError


def objector_reveal(*, objection_id: UUID, actor: Actor, at: datetime) -> tuple[str, str]:
    """Name and contact of the objector, for handler and supervisor; each look is recorded."""
    raise NotImplementedError
