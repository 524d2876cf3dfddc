"""Notices."""

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


def notice_draft(
    *,
    actor: Actor,
    branch_id: UUID,
    region_code: str,
    kind: NoticeKind,
    entries: Sequence[Entry],
    rules: NoticeRules,
    at: datetime,
) -> Notice:
    """Draft a notice about one or several subjects. A field outside of the type's list raises BadInput.

    `rules` are frozen here. A subject can be on one live notice only.
    """
    raise NotImplementedError


def notice_edit(*, notice_id: UUID, actor: Actor, entries: Sequence[Entry], at: datetime) -> Notice:
    """Replace the entries of a draft."""
    raise NotImplementedError


def notice_submit(*, notice_id: UUID, actor: Actor, at: datetime) -> Notice:
    """Render board and internet version, scan both for ID, phone and card numbers (BadInput when found), ask for approval."""
    raise NotImplementedError


def notice_return(*, notice_id: UUID, actor: Actor, reason: str, at: datetime) -> Notice:
    """The second person sends it back to the drafter."""
    raise NotImplementedError


def notice_approve(*, notice_id: UUID, actor: Actor, rendered_hash: str, at: datetime) -> Notice:
    """A second person approves exactly the text that was rendered (`rendered_hash` of the page they read)."""
    raise NotImplementedError


def notice_discard(*, notice_id: UUID, actor: Actor, at: datetime) -> Notice:
    """Throw a draft away; nothing of it was public."""
    raise NotImplementedError


def notice_correct(*, notice_id: UUID, actor: Actor, entries: Sequence[Entry], correction: str, at: datetime) -> Notice:
    """Draft the material correction of a published notice. When it is published the old one ends and the days start anew."""
    raise NotImplementedError
