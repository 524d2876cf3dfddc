"""Several connections at once, and Procrastinate's own worker."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from boai.messages.enums import State
from boai.messages.models import Message
from boai.messages.services import message_deliver
from boai.messages.tests.factories import sms
from boai.messages.tests.gateway import FakeGateway


def test_two_clicks_at_once_are_one_message(own_database: str, race: Any, gateway: FakeGateway, at: datetime) -> None:
    results = race([lambda: sms(at, key="case:1:received")] * 4)
    assert len({message.id for message in results}) == 1
    assert ProcrastinateJob.objects.filter(task_name="messages.deliver").count() == 1


def test_two_workers_at_once_send_once(own_database: str, race: Any, gateway: FakeGateway, at: datetime) -> None:
    message = sms(at)
    gateway.answers = [0.3]
    race([lambda: message_deliver(message_id=message.id, at=at)] * 4)
    assert len(gateway.requests) == 1
    message.refresh_from_db()
    assert (message.state, message.attempts) == (State.SENT, 1)


def test_the_worker_sends_what_a_transaction_has_queued(
    own_database: str, race: Any, gateway: FakeGateway, at: datetime
) -> None:
    gateway.now = None
    messages = [sms(at) for _ in range(3)]
    connector: Any = app.connector
    with app.replace_connector(connector.get_worker_connector()) as working:
        options = {"wait": False, "install_signal_handlers": False, "listen_notify": False, "concurrency": 2}
        # In a thread of its own: where a browser story ran before, the main thread has an event loop already.
        assert race([lambda: working.run_worker(**options)]) == [None]
    assert {m.state for m in Message.objects.all()} == {State.SENT}
    assert set(gateway.delivered) == {str(m.id) for m in messages}
    assert len(gateway.requests) == 3
