"""Contract with the gateway and the mail server: signed, once, again after a while, and honest about failures."""

from __future__ import annotations

import email
import email.policy
import smtplib
import socket
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from procrastinate.contrib.django.models import ProcrastinateJob

from boai.messages import delivery, services, tasks
from boai.messages.enums import Fault, Outcome, State
from boai.messages.models import Attempt, Message
from boai.messages.recipients import Recipient
from boai.messages.services import BACKOFF, LEASE, MOST_TRIES, message_deliver, message_resend, stuck_requeue
from boai.messages.tests.factories import PHONE, VILLAGE, sms
from boai.messages.tests.gateway import FakeGateway
from boai.messages.tests.mail_server import mail_server
from boai.people.actor import Actor

pytestmark = pytest.mark.django_db
ActorFor = Callable[..., Actor]


def _outcomes(message: Message) -> list[str]:
    return list(Attempt.objects.filter(message=message).order_by("number").values_list("outcome", flat=True))


def _deliver(message: Message, at: datetime) -> Message:
    message_deliver(message_id=message.id, at=at)
    message.refresh_from_db()
    return message


def test_signed_delivered_and_never_twice(gateway: FakeGateway, at: datetime) -> None:
    message = _deliver(sms(at), at)
    assert (message.state, message.sent_at, message.attempts) == (State.SENT, at, 1)
    assert gateway.delivered == {
        str(message.id): {
            "id": str(message.id), "to": PHONE, "template": "tests.received",
            "words": {"name": "张某某", "code": "7KQ2MX9P"}, "subject": "申请已受理",
            "text": "张某某:您的申请 7KQ2MX9P 已受理。",
        }
    }  # fmt: skip
    assert Attempt.objects.get().answer == f"G-{str(message.id)[-4:]}"
    assert message_deliver(message_id=message.id, at=at) is None
    assert len(gateway.requests) == 1


def test_a_wrong_secret_is_refused_by_the_gateway_and_tried_again(
    gateway: FakeGateway, settings: Any, at: datetime
) -> None:
    settings.BOAI_GATEWAY_SECRET = "wrong"
    message = _deliver(sms(at), at)
    assert (message.state, message.fault) == (State.WAITING, Fault.BUSY)
    assert Attempt.objects.get().answer == "HTTP 401"
    assert gateway.delivered == {}


def test_an_old_request_cannot_be_replayed(gateway: FakeGateway, at: datetime) -> None:
    gateway.now = at.timestamp() + 3600
    assert _deliver(sms(at), at).state == State.WAITING
    assert gateway.delivered == {}


def test_after_a_500_it_comes_again_later_under_the_same_key(gateway: FakeGateway, at: datetime) -> None:
    gateway.answers = [500, 503, 429]
    message = sms(at)
    when = at
    for wait in BACKOFF[:3]:
        _deliver(message, when)
        assert (message.state, message.next_try_at) == (State.WAITING, when + wait)
        assert message_deliver(message_id=message.id, at=when + wait - timedelta(seconds=1)) is None
        when += wait
        gateway.now = when.timestamp()
    assert _deliver(message, when).state == State.SENT
    assert _outcomes(message) == [Outcome.AGAIN] * 3 + [Outcome.ACCEPTED]
    assert len({request["Idempotency-Key"] for request in gateway.requests}) == 1
    jobs = ProcrastinateJob.objects.filter(task_name="messages.deliver").order_by("id")
    assert [job.scheduled_at for job in jobs] == [None, at + BACKOFF[0], at + BACKOFF[0] + BACKOFF[1], when]


def test_a_refused_message_fails_at_once(gateway: FakeGateway, at: datetime) -> None:
    gateway.answers = [422]
    message = _deliver(sms(at), at)
    assert (message.state, message.fault) == (State.FAILED, Fault.REFUSED)


def test_after_the_last_try_it_fails_and_can_be_sent_again(
    gateway: FakeGateway, at: datetime, actor_for: ActorFor
) -> None:
    gateway.answers = [500] * MOST_TRIES
    message = sms(at)
    for n in range(MOST_TRIES):
        assert message.state == State.WAITING, n
        assert message.next_try_at is not None
        _deliver(message, message.next_try_at)
    assert (message.state, message.attempts) == (State.FAILED, MOST_TRIES)
    later = at + timedelta(days=2)
    gateway.now = later.timestamp()
    message_resend(message_id=message.id, actor=actor_for("officer"), at=later)
    _deliver(message, later)
    assert (message.state, message.attempts, message.tries) == (State.SENT, MOST_TRIES + 1, 1)
    assert len(gateway.delivered) == 1


def test_a_silent_gateway_is_a_timeout(gateway: FakeGateway, at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "TIMEOUT", 0.2)
    gateway.answers = [0.8]
    message = _deliver(sms(at), at)
    assert (message.state, message.fault) == (State.WAITING, Fault.TIMEOUT)
    assert message.next_try_at is not None
    monkeypatch.setattr(delivery, "TIMEOUT", 5)
    gateway.now = message.next_try_at.timestamp()
    assert _deliver(message, message.next_try_at).state == State.SENT
    assert len(gateway.delivered) == 1, "the first request arrived as well; the gateway drops the repeat"


def test_nobody_at_home(gateway: FakeGateway, settings: Any, at: datetime) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        settings.BOAI_GATEWAY_URL = f"http://127.0.0.1:{probe.getsockname()[1]}/"
    assert _deliver(sms(at), at).fault == Fault.UNREACHABLE
    for strange in ("file:///etc/hostname", "ftp://127.0.0.1/x", "nonsense"):
        settings.BOAI_GATEWAY_URL = strange
        message = _deliver(sms(at), at)
        assert (message.state, message.fault) == (State.WAITING, Fault.UNREACHABLE)
    assert gateway.requests == []


def test_redirects_are_not_followed(gateway: FakeGateway, at: datetime) -> None:
    gateway.answers = [gateway.url.replace("/send", "/elsewhere")]
    message = _deliver(sms(at), at)
    assert (message.state, message.fault) == (State.WAITING, Fault.REDIRECT)
    assert [(r["method"], r["path"]) for r in gateway.requests] == [("POST", "/send")]


def test_a_crash_between_sending_and_noting_it(
    gateway: FakeGateway, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = sms(at)

    def killed(*args: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(services, "_settle", killed)
        with pytest.raises(KeyboardInterrupt):
            message_deliver(message_id=message.id, at=at)
    message.refresh_from_db()
    assert (message.state, len(gateway.delivered)) == (State.SENDING, 1)
    assert message_deliver(message_id=message.id, at=at + LEASE) is None, "another worker must not take it meanwhile"
    later = at + LEASE + timedelta(seconds=1)
    gateway.now = later.timestamp()
    jobs = ProcrastinateJob.objects.filter(task_name="messages.deliver")
    before = jobs.count()
    assert stuck_requeue(at=later) == 1
    assert jobs.count() == before + 1
    assert _deliver(message, later).state == State.SENT
    assert _outcomes(message) == [Outcome.UNKNOWN, Outcome.ACCEPTED]
    assert len(gateway.requests) == 2
    assert len(gateway.delivered) == 1


def test_a_worker_that_wakes_up_late_changes_nothing(
    gateway: FakeGateway, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = sms(at)
    slow = services._claim(message.id, at)
    assert slow is not None
    later = at + LEASE + timedelta(seconds=1)
    gateway.now = later.timestamp()
    _deliver(message, later)
    services._settle(slow, delivery.Result(Outcome.AGAIN, Fault.TIMEOUT), later)
    message.refresh_from_db()
    assert (message.state, message.sent_at) == (State.SENT, later)
    assert _outcomes(message) == [Outcome.AGAIN, Outcome.ACCEPTED]


def test_a_message_that_kills_every_worker_is_given_up(gateway: FakeGateway, at: datetime) -> None:
    message = sms(at)
    when = at
    for _ in range(MOST_TRIES):
        assert services._claim(message.id, when) is not None
        when += LEASE + timedelta(seconds=1)
    _deliver(message, when)
    assert (message.state, message.fault) == (State.FAILED, Fault.BROKEN_OFF)
    assert gateway.requests == []


def test_a_lost_job_is_found(gateway: FakeGateway, at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    message = sms(at)
    jobs = ProcrastinateJob.objects.filter(task_name="messages.deliver")
    count = jobs.count()
    assert stuck_requeue(at=at + LEASE) == 0
    monkeypatch.setattr(tasks, "now", lambda: at + 2 * LEASE)
    tasks.requeue(timestamp=0)
    tasks.requeue(timestamp=0)
    assert jobs.count() == count + 1
    gateway.now = (at + 2 * LEASE).timestamp()
    tasks.deliver(message_id=str(message.id), region_code="621121100201")
    assert gateway.delivered == {}, "a job sees its own division only"
    tasks.deliver(message_id=str(message.id), region_code=VILLAGE)
    message.refresh_from_db()
    assert message.state == State.SENT


def test_the_gateway_taken_away_meanwhile(gateway: FakeGateway, settings: Any, at: datetime) -> None:
    message = sms(at)
    settings.BOAI_GATEWAY_URL = ""
    assert _deliver(message, at).state == State.HELD
    assert message.attempts == 0


# --- e-mail ----------------------------------------------------------------------------------------


def test_an_e_mail_goes_out_with_its_own_number(settings: Any, at: datetime) -> None:
    settings.DEFAULT_FROM_EMAIL = "博爱 <boai@example.org>"
    message = _deliver(sms(at, to=Recipient(email="zhang@example.org")), at)
    assert (message.state, message.address_shown) == (State.SENT, "z****@example.org")
    (sent,) = mail.outbox
    assert sent.to == ["zhang@example.org"]
    assert (sent.subject, sent.body) == (message.subject, message.body)
    assert sent.extra_headers["Message-ID"] == f"<{message.id}@example.org>"


@pytest.mark.parametrize(
    ("error", "state", "fault"),
    [
        (smtplib.SMTPRecipientsRefused({"a@example.org": (550, b"no such user")}), State.FAILED, Fault.REFUSED),
        (smtplib.SMTPRecipientsRefused({"a@example.org": (451, b"later")}), State.WAITING, Fault.BUSY),
        (smtplib.SMTPAuthenticationError(535, b"no"), State.WAITING, Fault.BUSY),
        (smtplib.SMTPServerDisconnected(), State.WAITING, Fault.UNREACHABLE),
        (ConnectionRefusedError(), State.WAITING, Fault.UNREACHABLE),
        (TimeoutError(), State.WAITING, Fault.TIMEOUT),
        (socket.gaierror(), State.WAITING, Fault.UNREACHABLE),
    ],
)
def test_what_a_mail_server_may_say(
    error: Exception, state: str, fault: str, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any, **kwargs: Any) -> int:
        raise error

    monkeypatch.setattr("django.core.mail.EmailMessage.send", fail)
    message = _deliver(sms(at, to=Recipient(email="zhang@example.org")), at)
    assert (message.state, message.fault) == (state, fault)


@pytest.mark.parametrize(
    ("answers", "state", "fault"),
    [
        ({}, State.SENT, Fault.NONE),
        ({"RCPT": "550 no such user"}, State.FAILED, Fault.REFUSED),
        ({"RCPT": "451 greylisted"}, State.WAITING, Fault.BUSY),
        ({"DATA": "452 disk full"}, State.WAITING, Fault.BUSY),
    ],
    ids=["taken", "no such user", "later", "full"],
)
def test_by_smtp_to_a_server_that_speaks_it(
    settings: Any, at: datetime, answers: dict[str, str], state: State, fault: Fault
) -> None:
    with mail_server() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_SSL = "127.0.0.1", server.port, False
        settings.DEFAULT_FROM_EMAIL = "博爱 <boai@example.org>"
        server.answers = answers
        message = _deliver(sms(at, to=Recipient(email="zhang@example.org")), at)
        assert (message.state, message.fault) == (state, fault)
        assert _deliver(message, at).attempts == 1, "nothing goes out twice, and nothing before its time"
    assert len(server.taken) == (1 if state == State.SENT else 0)
    for to, text in server.taken:
        read = email.message_from_bytes(text, policy=email.policy.default)
        assert (to, read["To"]) == ("zhang@example.org", "zhang@example.org")
        assert (read["Subject"], read.get_content().strip()) == (message.subject, message.body)
        assert read["Message-ID"] == f"<{message.id}@example.org>"
