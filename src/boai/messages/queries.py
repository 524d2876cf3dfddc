"""Inbox and outbox as pages ask for them."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, QuerySet

from boai.kernel.errors import NotFound
from boai.messages.enums import Channel
from boai.messages.models import Attempt, Message
from boai.people.actor import Actor

PAGE = 30


@dataclass(frozen=True)
class Page:
    """Rows of a keyset page, and where the next one begins (None on the last)."""

    rows: list[Message]
    next: UUID | None


def unread_count(*, user_id: UUID) -> int:
    """How many inbox messages a member of staff has not read. One small query on an index of its own."""
    return Message.objects.filter(user_id=user_id, channel=Channel.INBOX, read_at=None).count()


def inbox_page(*, user_id: UUID, before: UUID | None = None, size: int = PAGE) -> Page:
    """Messages to a member of staff, newest first. One query."""
    return _page(Message.objects.filter(user_id=user_id, channel=Channel.INBOX), before, size)


def outbox_page(*, actor: Actor, state: str = "", before: UUID | None = None, size: int = PAGE) -> Page:
    """Messages that leave the house, within the actor's reach, newest first. One query."""
    rows = outgoing(actor)
    return _page(rows.filter(state=state) if state else rows, before, size)


def outbox_counts(*, actor: Actor) -> dict[str, int]:
    """How many messages are in each state, within the actor's reach. One query."""
    return dict(outgoing(actor).order_by().values_list("state").annotate(n=Count("id")))


def outgoing(actor: Actor) -> QuerySet[Message]:
    """E-mails and text messages within the actor's reach."""
    reach = Message.objects.filter(region_code__range=(actor.scope.lo, actor.scope.hi))
    return reach.exclude(channel=Channel.INBOX)


def outgoing_message(*, message_id: UUID, actor: Actor) -> Message:
    """One of them. Raises NotFound."""
    found = outgoing(actor).filter(id=message_id).first()
    if found is None:
        raise NotFound
    return found


def attempts_of(message: Message) -> list[Attempt]:
    """The attempts to send a message, latest first."""
    return list(Attempt.objects.filter(message=message).order_by("-number"))


def _page(rows: QuerySet[Message], before: UUID | None, size: int) -> Page:
    if before is not None:
        rows = rows.filter(id__lt=before)
    found = list(rows.order_by("-id")[: size + 1])
    return Page(found[:size], found[size - 1].id if len(found) > size else None)
