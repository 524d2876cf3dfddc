"""Handing a message to the outside: e-mail by SMTP, text messages by a signed webhook.

Both may hand over twice when we die between their answer and our note of it; both carry the message's id, so that the
other side can drop the repeat.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import smtplib
import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage

from boai.messages.enums import Channel, Fault, Outcome
from boai.messages.models import Message

TIMEOUT = 10
"""Seconds to wait for the gateway."""

_LONGEST_ANSWER = 64 * 1024
_THIS_MESSAGE = {400, 410, 413, 422}  # answers that mean this message and will not change; all others may
_DUMMY_MAIL = "django.core.mail.backends.dummy.EmailBackend"


@dataclass(frozen=True)
class Result:
    """How an attempt ended, and what the other side called the message."""

    outcome: Outcome
    fault: Fault = Fault.NONE
    answer: str = ""


def is_configured(channel: str) -> bool:
    """Is there anything that could take a message of this kind? A gateway without secret is none: nothing unsigned."""
    if channel == Channel.EMAIL:
        return bool(settings.EMAIL_BACKEND != _DUMMY_MAIL)
    return bool(settings.BOAI_GATEWAY_URL and settings.BOAI_GATEWAY_SECRET)


def hand_over(message: Message, *, at: datetime) -> Result:
    """Try once. Never raises for what the other side or the network does."""
    if message.channel == Channel.EMAIL:
        return _by_mail(message)
    return _by_gateway(message, at)


# --- e-mail ----------------------------------------------------------------------------------------


def _by_mail(message: Message) -> Result:
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ") or "localhost"
    body = message.body + (f"\n\n{settings.BOAI_PUBLIC_URL}{message.path}" if message.path else "")
    mail = EmailMessage(
        message.subject, body, to=[message.address],
        headers={"Message-ID": f"<{message.id}@{domain}>", "Auto-Submitted": "auto-generated"},
    )  # fmt: skip
    try:
        mail.send()
    except smtplib.SMTPRecipientsRefused as error:
        if all(500 <= code < 600 for code, _text in error.recipients.values()):
            return Result(Outcome.REFUSED, Fault.REFUSED)
        return Result(Outcome.AGAIN, Fault.BUSY)
    except TimeoutError:
        return Result(Outcome.AGAIN, Fault.TIMEOUT)
    except (smtplib.SMTPConnectError, smtplib.SMTPServerDisconnected, ConnectionError):
        return Result(Outcome.AGAIN, Fault.UNREACHABLE)
    except smtplib.SMTPException as error:
        return Result(Outcome.AGAIN, Fault.BUSY, type(error).__name__)
    except OSError:
        return Result(Outcome.AGAIN, Fault.UNREACHABLE)
    return Result(Outcome.ACCEPTED)


# --- gateway ---------------------------------------------------------------------------------------


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would carry a phone number to an address that nobody has set."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        """Never."""


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """HMAC-SHA256 over the timestamp, a full stop and the body, in hex: what the gateway must compute as well."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def request_for(message: Message, *, at: datetime) -> urllib.request.Request:
    """The signed request for a message. The gateway drops a repeat of the Idempotency-Key and old timestamps."""
    body = json.dumps(
        {
            "id": str(message.id), "to": message.address, "template": message.template,
            "words": json.loads(message.words or "{}"), "subject": message.subject, "text": message.body,
        },
        ensure_ascii=False,
    ).encode()  # fmt: skip
    timestamp = str(int(at.timestamp()))
    return urllib.request.Request(  # noqa: S310 - the opener below speaks HTTP and HTTPS only
        settings.BOAI_GATEWAY_URL,
        data=body,
        method="POST",
        headers={
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": f"Boai/{settings.BOAI_VERSION}",
            "Idempotency-Key": str(message.id),
            "X-Boai-Timestamp": timestamp,
            "X-Boai-Signature": "v1=" + signature(settings.BOAI_GATEWAY_SECRET, timestamp, body),
        },
    )


def _opener() -> urllib.request.OpenerDirector:
    """HTTP and HTTPS, no redirects, none of urllib's other schemes (file:, ftp:, data:)."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(), urllib.request.HTTPHandler(), urllib.request.HTTPSHandler(), _NoRedirect(),
        urllib.request.HTTPDefaultErrorHandler(), urllib.request.HTTPErrorProcessor(),
        urllib.request.UnknownHandler(),
    ):  # fmt: skip
        opener.add_handler(handler)
    return opener


def _by_gateway(message: Message, at: datetime) -> Result:
    try:
        with _opener().open(request_for(message, at=at), timeout=TIMEOUT) as response:
            return Result(Outcome.ACCEPTED, answer=_their_id(response.read(_LONGEST_ANSWER)))
    except urllib.error.HTTPError as error:
        return _refusal(error.code)
    except urllib.error.URLError as error:
        late = isinstance(error.reason, TimeoutError)
        return Result(Outcome.AGAIN, Fault.TIMEOUT if late else Fault.UNREACHABLE)
    except TimeoutError:
        return Result(Outcome.AGAIN, Fault.TIMEOUT)
    except (OSError, http.client.HTTPException, ValueError):
        return Result(Outcome.AGAIN, Fault.UNREACHABLE)


def _refusal(status: int) -> Result:
    answer = f"HTTP {status}"
    if 300 <= status < 400:
        return Result(Outcome.AGAIN, Fault.REDIRECT, answer)
    if status in _THIS_MESSAGE:
        return Result(Outcome.REFUSED, Fault.REFUSED, answer)
    return Result(Outcome.AGAIN, Fault.BUSY, answer)


def _their_id(answer: bytes) -> str:
    """{"id": "…"} in the answer, if it is there."""
    try:
        found = json.loads(answer)
    except ValueError:
        return ""
    return str(found.get("id", ""))[:200] if isinstance(found, dict) else ""
