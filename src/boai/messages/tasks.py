"""Sending, and looking for what was left behind."""

from __future__ import annotations

from uuid import UUID

from procrastinate.contrib.django import app

from boai.kernel.clock import now
from boai.kernel.scope import EVERYWHERE, Scope, scoped
from boai.messages.services import DELIVER, message_deliver, stuck_requeue


@app.task(name=DELIVER)
def deliver(message_id: str, region_code: str) -> None:
    """Try once to send a message, seeing nothing but its own division."""
    with scoped(Scope(region_code, region_code, "system")):
        message_deliver(message_id=UUID(message_id), at=now())


@app.periodic(cron="*/10 * * * *")
@app.task(name="messages.requeue", queueing_lock="messages.requeue", pass_context=False)
def requeue(timestamp: int) -> None:
    """Queue again what lost its job."""
    with scoped(EVERYWHERE):
        stuck_requeue(at=now())
