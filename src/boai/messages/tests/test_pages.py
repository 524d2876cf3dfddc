"""The two pages, through the browser's door."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from boai.kernel.scope import EVERYWHERE, scoped, set_scope
from boai.messages.enums import Fault, State
from boai.messages.models import Message
from boai.messages.tests.factories import PHONE, note, sms
from boai.messages.tests.gateway import FakeGateway
from boai.people.actor import Actor
from boai.people.models import User

pytestmark = pytest.mark.django_db
ActorFor = Callable[..., Actor]


def _sign_in(actor: Actor) -> Client:
    client = Client()
    set_scope(EVERYWHERE)  # a request before may have closed it
    client.force_login(
        User.objects.get(id=str(actor.user_id)), backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    return client


def _failed(at: datetime) -> Message:
    message = sms(at)
    Message.objects.filter(id=message.id).update(state=State.FAILED, fault=Fault.BUSY, next_try_at=None)
    return message


def test_the_inbox_is_read_by_opening(actor_for: ActorFor, at: datetime) -> None:
    deputy = actor_for("deputy")
    message = note(deputy.user_id, at)
    client = _sign_in(deputy)
    page = client.get("/inbox/").content.decode()
    assert "个案 7KQ2MX9P 待批复" in page
    assert "未读" in page
    opened = client.post(f"/inbox/{message.id}/open/")
    assert (opened.status_code, opened["Location"]) == (302, "/cases/7KQ2MX9P/")
    assert Message.objects.get(id=message.id).read_at is not None
    note(deputy.user_id, at)
    assert client.post("/inbox/read/").status_code == 302
    assert not Message.objects.filter(read_at=None, user_id=str(deputy.user_id)).exists()


def test_a_stranger_opens_nothing(actor_for: ActorFor, at: datetime) -> None:
    message, stranger = note(actor_for("deputy").user_id, at), actor_for("deputy")
    assert Client().get("/inbox/").status_code == 302
    assert Client().post(f"/inbox/{message.id}/open/").status_code == 401
    assert _sign_in(stranger).post(f"/inbox/{message.id}/open/").status_code == 404
    with scoped(EVERYWHERE):
        assert Message.objects.get(id=message.id).read_at is None


def test_the_outbox_for_the_office(gateway: FakeGateway, actor_for: ActorFor, at: datetime) -> None:
    message = _failed(at)
    client = _sign_in(actor_for("officer"))
    page = client.get("/inbox/outbox/?state=failed").content.decode()
    assert "受理通知" in page
    assert "发送失败" in page
    assert "****2345" in page
    assert PHONE not in page
    one = client.get(f"/inbox/outbox/{message.id}/").content.decode()
    assert "您的申请" in one
    assert PHONE not in one
    assert client.post(f"/inbox/outbox/{message.id}/send-again/").status_code == 302
    assert Message.objects.get(id=message.id).state == State.WAITING
    assert client.get("/inbox/outbox/?state=nonsense&before=nonsense").status_code == 200


def test_others_do_not_see_the_outbox(gateway: FakeGateway, actor_for: ActorFor, at: datetime) -> None:
    message, officer = _failed(at), actor_for("officer")
    client = _sign_in(actor_for("verifier"))
    for url in ("/inbox/outbox/", f"/inbox/outbox/{message.id}/"):
        assert client.get(url).status_code == 403
    assert client.post(f"/inbox/outbox/{message.id}/send-again/").status_code == 403
    assert client.post("/inbox/outbox/send-held/").status_code == 403
    assert Message.objects.get(id=message.id).state == State.FAILED
    assert _sign_in(officer).get(f"/inbox/outbox/{uuid4()}/").status_code == 404


def test_as_many_queries_for_thirty_as_for_one(gateway: FakeGateway, actor_for: ActorFor, at: datetime) -> None:
    officer = actor_for("officer")
    client = _sign_in(officer)
    writers: list[tuple[str, Callable[[], Message]]] = [
        ("/inbox/", lambda: note(officer.user_id, at)),
        ("/inbox/outbox/", lambda: _failed(at)),
    ]
    for url, write in writers:
        counts = []
        client.get(url)  # the first look of a session is noted
        for more in (1, 29):
            for _ in range(more):
                write()
            with CaptureQueriesContext(connection) as asked:
                assert client.get(url).status_code == 200
            counts.append(len(asked))
        assert counts[0] == counts[1], url
