"""Who looks after the outbox: those who receive applications, and administrators."""

from __future__ import annotations

from django.utils.translation import gettext as _

from boai.kernel.policy import ALLOWED, Verdict, deny
from boai.messages.models import Message
from boai.people.actor import Actor
from boai.people.roles import Duty

KEEPERS = frozenset({Duty.CASE_ACCEPT, Duty.PEOPLE_WRITE})


def may_see_outbox(actor: Actor, _obj: object = None) -> Verdict:
    """See what was sent to whom within one's division."""
    if actor.duties & KEEPERS:
        return ALLOWED
    return deny(_("Relief officers and administrators look after the messages that are sent."))


def may_send_again(actor: Actor, message: Message) -> Verdict:
    """Put a message back into the queue."""
    if not actor.reaches(message.region_code):
        return deny(_("This message belongs to another division."))
    return may_see_outbox(actor)
