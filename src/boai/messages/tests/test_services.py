"""The outbox: written with the change, once for each key, seen by those who may, readable by nobody else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from boai.audit.models import AuditEntry
from boai.kernel.errors import NotAllowed, NotFound, UnableTo
from boai.kernel.scope import NOWHERE, Scope, scoped
from boai.kernel.transition import transition
from boai.messages import queries, services, templates
from boai.messages.enums import TRANSITIONS, Action, Channel, Fault, State
from boai.messages.models import Message
from boai.messages.recipients import Recipient, shown
from boai.messages.services import held_send, inbox_open, inbox_read_all, message_resend
from boai.messages.templates import Template
from boai.messages.tests.factories import PHONE, RECEIVED, TO_DECIDE, VILLAGE, note, sms
from boai.messages.tests.gateway import FakeGateway
from boai.people.actor import Actor

pytestmark = pytest.mark.django_db
ActorFor = Callable[..., Actor]
ELSEWHERE = "520624100200"


def _jobs() -> list[dict[str, Any]]:
    return list(ProcrastinateJob.objects.filter(task_name="messages.deliver").values_list("args", flat=True))


def test_written_sealed_and_queued_in_one_transaction(gateway: FakeGateway, at: datetime) -> None:
    message = sms(at)
    assert (message.state, message.channel, message.address_shown) == (State.WAITING, Channel.GATEWAY, "****2345")
    assert (message.subject, message.body) == ("申请已受理", "张某某:您的申请 7KQ2MX9P 已受理。")
    assert _jobs() == [{"message_id": str(message.id), "region_code": VILLAGE}]
    with connection.cursor() as cursor:
        cursor.execute("SELECT boai_messages_message::text FROM boai_messages_message")
        (row,) = cursor.fetchone() or ("",)
    assert PHONE not in row
    assert "张某某".encode().hex() not in row
    with transaction.atomic():
        sms(at)
        transaction.set_rollback(True)
    assert Message.objects.count() == len(_jobs()) == 1


def test_the_same_key_is_the_same_message(gateway: FakeGateway, at: datetime) -> None:
    first = sms(at, key="case:1:received")
    again = sms(at + timedelta(days=1), key="case:1:received", context={"name": "别人", "code": "X"})
    assert again.id == first.id
    assert again.body == first.body
    assert len(_jobs()) == 1
    with pytest.raises(ValueError, match="another message"):
        sms(at, key="case:1:received", to=Recipient(email="a@example.org"))
    assert Message.objects.count() == 1


def test_without_a_gateway_the_message_waits_for_one(settings: Any, at: datetime, actor_for: ActorFor) -> None:
    officer = actor_for("officer")
    settings.BOAI_GATEWAY_URL = settings.BOAI_GATEWAY_SECRET = ""
    held = [sms(at), sms(at)]
    elsewhere = sms(at, region_code=ELSEWHERE)
    assert {m.state for m in held} == {State.HELD}
    with pytest.raises(UnableTo):
        message_resend(message_id=held[0].id, actor=officer, at=at)
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    with pytest.raises(UnableTo, match="短信网关"):
        held_send(actor=officer, at=at)
    settings.BOAI_GATEWAY_URL = "https://gateway.example.org/"
    assert sms(at).state == State.HELD, "a gateway without secret is none"
    settings.BOAI_GATEWAY_SECRET = "secret"
    assert _jobs() == []
    assert held_send(actor=officer, at=at) == 3
    assert held_send(actor=officer, at=at) == 0
    assert len(_jobs()) == 3
    assert Message.objects.get(id=elsewhere.id).state == State.HELD
    assert AuditEntry.objects.filter(type="messages.message.resent").count() == 3


@pytest.mark.parametrize(
    "to",
    [
        Recipient(phone=""),
        Recipient(phone="0932-5551234"),
        Recipient(phone="138****1234"),
        Recipient(phone="一三八"),
        Recipient(email="nobody"),
        Recipient(email="a@b.org\nBcc: x@y.org"),
    ],
)
def test_an_unusable_address_fails_the_message_and_not_its_sender(
    gateway: FakeGateway, to: Recipient, at: datetime, actor_for: ActorFor
) -> None:
    message = sms(at, to=to)
    assert (message.state, message.fault, message.address) == (State.FAILED, Fault.ADDRESS, "")
    assert _jobs() == []
    with pytest.raises(UnableTo, match="其他方式"):
        message_resend(message_id=message.id, actor=actor_for("officer"), at=at)


def test_numbers_as_clerks_write_them(gateway: FakeGateway, at: datetime) -> None:
    message = sms(at, to=Recipient(phone="+86 138-9321-2345"))
    assert (message.address, message.state) == (PHONE, State.WAITING)
    assert shown("zhang@example.org") == "z****@example.org"


def test_faults_of_the_caller(gateway: FakeGateway, at: datetime) -> None:
    for options in (
        {"template": "tests.unknown"},
        {"context": {"name": "张某某"}},
        {"context": {"name": "张某某", "code": "1", "more": "2"}},
        {"to": Recipient(user_id=uuid4())},
    ):
        with pytest.raises(ValueError, match=r"tests\.|takes|meant"):
            sms(at, **options)
    for email, phone in ((None, None), ("a@example.org", PHONE)):
        with pytest.raises(ValueError, match="recipient"):
            Recipient(phone=phone, email=email)
    for bad in (
        Template("bad", "x", "x", "x", frozenset({Channel.EMAIL})),
        Template("tests.empty", "x", "x", "x", frozenset()),
        Template("tests.received", "x", "x", "x", frozenset({Channel.EMAIL})),
        Template("tests.path", "x", "x", "x", frozenset({Channel.INBOX}), path="https://elsewhere.example"),
    ):
        with pytest.raises(ValueError, match=r"template|slash"):
            templates.register(bad)
    templates.register(RECEIVED, TO_DECIDE)
    assert Message.objects.count() == 0


def test_words_cannot_smuggle_lines_or_grow(gateway: FakeGateway, at: datetime) -> None:
    message = sms(at, context={"name": "甲\r\nBcc: x\u202e{code}", "code": "长" * 5000})
    assert "\n" not in message.body
    assert "\u202e" not in message.body
    assert "{code}" in message.body, "a word is not a template"
    assert len(message.body) < 400


def test_the_state_table_on_its_whole_grid() -> None:
    for state in State:
        for action in Action:
            if (state, action) in TRANSITIONS:
                assert transition(TRANSITIONS, state, action) in State.values
            else:
                with pytest.raises(UnableTo):
                    transition(TRANSITIONS, state, action)
    assert not [key for key in TRANSITIONS if key[0] == State.SENT]


# --- inbox -----------------------------------------------------------------------------------------


def test_the_inbox_belongs_to_one_person(actor_for: ActorFor, at: datetime) -> None:
    anna, boris = actor_for("deputy"), actor_for("deputy")
    mine = [note(anna.user_id, at), note(anna.user_id, at, region_code=ELSEWHERE)]
    other = note(boris.user_id, at)
    assert anna.user_id is not None
    with scoped(anna.scope):  # also what lies outside the post's division, because it is addressed to her
        assert {m.id for m in queries.inbox_page(user_id=anna.user_id).rows} == {m.id for m in mine}
        assert queries.unread_count(user_id=anna.user_id) == 2
        for message in mine:
            inbox_open(message_id=message.id, actor=anna, at=at)
            assert inbox_open(message_id=message.id, actor=anna, at=at + timedelta(days=1)).read_at == at
        assert queries.unread_count(user_id=anna.user_id) == 0
        with pytest.raises(NotFound):
            inbox_open(message_id=other.id, actor=anna, at=at)
    with scoped(Scope("520624000000", "520624999999", str(uuid4()))):
        assert {m.id for m in Message.objects.all()} == {mine[1].id}
    assert Message.objects.get(id=other.id).read_at is None
    with scoped(boris.scope):
        assert inbox_read_all(actor=boris, at=at) == 1
    assert inbox_read_all(actor=Actor.public(), at=at) == 0
    assert _jobs() == []


def test_inbox_pages_go_by_key(actor_for: ActorFor, at: datetime, django_assert_num_queries: Any) -> None:
    anna = actor_for("deputy")
    assert anna.user_id is not None
    ids = [note(anna.user_id, at).id for _ in range(7)]
    with django_assert_num_queries(1):
        first = queries.inbox_page(user_id=anna.user_id, size=3)
    second = queries.inbox_page(user_id=anna.user_id, size=3, before=first.next)
    third = queries.inbox_page(user_id=anna.user_id, size=3, before=second.next)
    assert [m.id for page in (first, second, third) for m in page.rows] == ids[::-1]
    assert third.next is None


# --- who may ---------------------------------------------------------------------------------------


def test_only_the_office_sends_again(gateway: FakeGateway, actor_for: ActorFor, at: datetime) -> None:
    message = sms(at, to=Recipient(phone=PHONE))
    Message.objects.filter(id=message.id).update(state=State.FAILED, fault=Fault.BUSY, next_try_at=None)
    before = len(_jobs())
    for role in ("cashier", "verifier", "auditor"):
        with pytest.raises(NotAllowed):
            message_resend(message_id=message.id, actor=actor_for(role), at=at)
        with pytest.raises(NotAllowed):
            held_send(actor=actor_for(role), at=at)
    with pytest.raises(NotFound):
        message_resend(message_id=note(actor_for("officer").user_id, at).id, actor=actor_for("officer"), at=at)
    assert Message.objects.get(id=message.id).state == State.FAILED
    assert len(_jobs()) == before
    message_resend(message_id=message.id, actor=actor_for("officer"), at=at)
    with pytest.raises(UnableTo):
        message_resend(message_id=message.id, actor=actor_for("admin"), at=at)
    assert len(_jobs()) == before + 1
    assert AuditEntry.objects.filter(type="messages.message.resent").count() == 1


def test_another_county_sees_and_sends_nothing(gateway: FakeGateway, actor_for: ActorFor, at: datetime) -> None:
    message = sms(at)
    stranger = Actor.in_post(
        user_id=uuid4(), name="邻县", role="officer", post_id=uuid4(), branch_id=uuid4(), branch_name="思南县红十字会",
        region_code="520624000000",
    )  # fmt: skip
    for scope in (NOWHERE, stranger.scope):
        with scoped(scope), connection.cursor() as cursor:
            for table in ("boai_messages_message", "boai_messages_attempt"):
                cursor.execute(f"SELECT count(*) FROM {table}")
                assert cursor.fetchone() == (0,)
            with pytest.raises((DatabaseError, ValueError)), transaction.atomic():
                sms(at)
    with pytest.raises(NotFound):
        message_resend(message_id=message.id, actor=stranger, at=at)
    assert queries.outbox_page(actor=stranger).rows == []
    assert queries.outbox_counts(actor=stranger) == {}


def test_the_database_keeps_what_was_said(gateway: FakeGateway, actor_for: ActorFor, at: datetime) -> None:
    message, inbox = sms(at), note(actor_for("deputy").user_id, at)
    rows, inbox_rows = Message.objects.filter(id=message.id), Message.objects.filter(id=inbox.id)
    for change in (
        lambda: rows.update(body="别的话"),
        lambda: rows.update(subject="别的话"),
        lambda: rows.update(words="{}"),
        lambda: rows.update(path="/elsewhere/"),
        lambda: rows.update(region_code=ELSEWHERE),
        lambda: rows.update(state=State.SENT),
        lambda: rows.update(state=State.SENDING),
        lambda: rows.update(read_at=at),
        lambda: rows.update(tries=1),
        lambda: inbox_rows.update(state=State.WAITING, sent_at=None, next_try_at=at),
        lambda: rows.delete(),
    ):
        with pytest.raises((IntegrityError, DatabaseError)), transaction.atomic():
            change()
    assert rows.get().body == message.body
    services.message_deliver(message_id=message.id, at=at)
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.update(state=State.WAITING, sent_at=None, next_try_at=at)
    assert rows.get().state == State.SENT
