"""Putting a message into the outbox, sending it, trying again, reading it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from boai.audit.services import record, record_many
from boai.kernel.errors import NotFound, UnableTo
from boai.kernel.policy import require
from boai.kernel.transition import transition
from boai.messages import delivery, policies, queries, templates
from boai.messages.enums import TRANSITIONS, Action, Channel, Fault, Outcome, State
from boai.messages.models import Attempt, Message
from boai.messages.recipients import Recipient, shown
from boai.people.actor import Actor

DELIVER = "messages.deliver"
"""The name of the job that sends one message."""

BACKOFF = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 180, 360, 720))
"""How long to wait after the first, second, … try that failed: about 22 hours in all."""
MOST_TRIES = len(BACKOFF) + 1
LEASE = timedelta(minutes=10)
"""Whoever has taken a message and not said how it went for so long has died."""
_MANY = 1000


@transaction.atomic
def message_send(
    *, to: Recipient, template: str, context: Mapping[str, str], key: str, region_code: str, at: datetime
) -> Message:
    """Write a message in the caller's transaction and put its sending into the queue there: all of it or nothing.

    The same `key` is the same message: the second time nothing happens and the first one is returned. No gateway, no
    mail server, an unusable number: the message says so in the outbox, and the caller goes on. Raises ValueError for
    faults of the caller (unknown template, wrong words, a way that is not the template's, a key of another message).
    """
    kind = templates.template(template)
    text = kind.render(context)
    if to.channel not in kind.channels:
        raise ValueError(f"{template} is not meant for {to.channel}")
    address = to.address
    message = Message(
        key=key, region_code=region_code, template=template, channel=to.channel, user_id=to.user_id, address=address,
        address_shown=shown(address), subject=text.subject, body=text.body, path=text.path,
        words=json.dumps(dict(context), ensure_ascii=False), created_at=at,
    )  # fmt: skip
    _begin(message, at)
    Message.objects.bulk_create([message], ignore_conflicts=True)
    kept = Message.objects.filter(key=key).first()
    if kept is None or (kept.template, kept.channel) != (template, to.channel):
        raise ValueError(f"the key {key!r} belongs to another message")
    if kept.id == message.id and kept.state == State.WAITING:
        _enqueue([kept])
    return kept


def message_deliver(*, message_id: UUID, at: datetime) -> Message | None:
    """Try once to hand a message over. None when there is nothing to do: sent already, taken by another, not yet due.

    Three steps, each with its own transaction: take it, hand it over (no transaction is open meanwhile), note how it
    went. Dying in between costs a lease and a repeat under the same Idempotency-Key, never the message.
    """
    message = _claim(message_id, at)
    if message is None or message.state != State.SENDING:
        return message
    return _settle(message, delivery.hand_over(message, at=at), at)


@transaction.atomic
def message_resend(*, message_id: UUID, actor: Actor, at: datetime) -> Message:
    """Put a failed or held message back into the queue. Raises NotFound, NotAllowed, UnableTo."""
    message = queries.outgoing(actor).select_for_update().filter(id=message_id).first()
    if message is None:
        raise NotFound
    require(policies.may_send_again, actor, message)
    state = transition(TRANSITIONS, message.state, Action.RESEND)
    if not message.address:
        raise UnableTo(_("This message has no usable number or address. Reach the person in another way."))
    if not delivery.is_configured(message.channel):
        raise UnableTo(_no_way(message.channel))
    message.state, message.next_try_at, message.tries, message.fault = state, at, 0, Fault.NONE
    message.save(update_fields=["state", "next_try_at", "tries", "fault"])
    record("messages.message.resent", message, actor=actor, at=at, template=message.template)
    _enqueue([message])
    return message


@transaction.atomic
def held_send(*, actor: Actor, at: datetime) -> int:
    """Put all messages within reach that waited for a gateway or mail server, and now have one, into the queue."""
    require(policies.may_see_outbox, actor, None)
    ready = [c for c in (Channel.EMAIL, Channel.GATEWAY) if delivery.is_configured(c)]
    if not ready:
        raise UnableTo(_no_way(Channel.GATEWAY))
    held = list(queries.outgoing(actor).select_for_update().filter(state=State.HELD, channel__in=ready).order_by("id"))
    state = transition(TRANSITIONS, State.HELD, Action.RESEND)
    Message.objects.filter(id__in=[m.id for m in held]).update(state=state, next_try_at=at, tries=0)
    if held:
        record_many(
            "messages.message.resent", [(m, {"template": m.template}) for m in held], actor=actor, at=at
        )  # fmt: skip
        _enqueue(held)
    return len(held)


@transaction.atomic
def stuck_requeue(*, at: datetime) -> int:
    """Queue again what a lost job or a killed worker left behind, within the connection's scope; how many."""
    stuck = list(
        Message.objects.select_for_update(skip_locked=True)
        .filter(Q(state=State.WAITING, next_try_at__lt=at - LEASE) | Q(state=State.SENDING, claimed_at__lt=at - LEASE))
        .order_by("id")[:_MANY]
    )
    # Not again at the next round while the job of this one still waits.
    Message.objects.filter(id__in=[m.id for m in stuck], state=State.WAITING).update(next_try_at=at)
    _enqueue(stuck)
    return len(stuck)


@transaction.atomic
def inbox_open(*, message_id: UUID, actor: Actor, at: datetime) -> Message:
    """Mark one of the actor's own messages as read. Raises NotFound, also for those of others."""
    message = Message.objects.select_for_update().filter(id=message_id, channel=Channel.INBOX).first()
    if message is None or message.user_id != actor.user_id:
        raise NotFound
    if message.read_at is None:
        message.read_at = at
        message.save(update_fields=["read_at"])
    return message


@transaction.atomic
def inbox_read_all(*, actor: Actor, at: datetime) -> int:
    """Mark all of the actor's own messages as read; how many there were."""
    if actor.user_id is None:
        return 0
    return Message.objects.filter(user_id=actor.user_id, channel=Channel.INBOX, read_at=None).update(read_at=at)


# --- the steps of sending --------------------------------------------------------------------------


def _begin(message: Message, at: datetime) -> None:
    """Where a new message starts."""
    if message.channel == Channel.INBOX:
        message.state, message.sent_at = State.SENT, at
    elif not message.address:
        message.state, message.fault = State.FAILED, Fault.ADDRESS
    elif not delivery.is_configured(message.channel):
        message.state = State.HELD
    else:
        message.state, message.next_try_at = State.WAITING, at


@transaction.atomic
def _claim(message_id: UUID, at: datetime) -> Message | None:
    """Take a message for sending, and write down that an attempt begins."""
    message = Message.objects.select_for_update().filter(id=message_id).first()
    if message is None or not _is_due(message, at):
        return None
    message.next_try_at = None
    if message.tries >= MOST_TRIES:
        return _moved(message, Action.GIVE_UP, Fault.BROKEN_OFF)
    if not delivery.is_configured(message.channel):
        return _moved(message, Action.HOLD)
    message.attempts += 1
    message.tries += 1
    Attempt.objects.create(message=message, region_code=message.region_code, number=message.attempts, at=at)
    return _moved(message, Action.CLAIM, claimed_at=at)


def _is_due(message: Message, at: datetime) -> bool:
    if message.state == State.WAITING:
        return message.next_try_at is not None and message.next_try_at <= at
    return message.state == State.SENDING and message.claimed_at is not None and message.claimed_at < at - LEASE


@transaction.atomic
def _settle(claimed: Message, result: delivery.Result, at: datetime) -> Message:
    """Write down how the attempt ended, and what follows from it."""
    message = Message.objects.select_for_update().get(id=claimed.id)
    Attempt.objects.filter(message=message, number=claimed.attempts).update(
        outcome=result.outcome, fault=result.fault, answer=result.answer
    )
    if message.state != State.SENDING or message.attempts != claimed.attempts:
        return message  # we were so slow that another has taken it over
    if result.outcome == Outcome.ACCEPTED:
        message.sent_at = at
        return _moved(message, Action.DELIVER)
    if result.outcome == Outcome.REFUSED or message.tries >= MOST_TRIES:
        return _moved(message, Action.GIVE_UP, result.fault)
    message.next_try_at = at + BACKOFF[message.tries - 1]
    _moved(message, Action.RETRY, result.fault)
    _enqueue([message], message.next_try_at)
    return message


def _moved(message: Message, action: Action, fault: Fault = Fault.NONE, claimed_at: datetime | None = None) -> Message:
    message.state = transition(TRANSITIONS, message.state, action)
    message.fault, message.claimed_at = fault, claimed_at
    message.save(update_fields=["state", "fault", "claimed_at", "next_try_at", "sent_at", "attempts", "tries"])
    return message


def _enqueue(messages: Iterable[Message], when: datetime | None = None) -> None:
    """One job for each, in this transaction. By name: the jobs' module stands above this one."""
    jobs = [{"message_id": str(m.id), "region_code": m.region_code} for m in messages]
    if jobs:
        app.configure_task(DELIVER, schedule_at=when).batch_defer(*jobs)


def _no_way(channel: str) -> str:
    if channel == Channel.EMAIL:
        return _("No mail server is set up yet. Ask the administrator.")
    return _("No gateway for text messages is set up yet. Ask the administrator.")
