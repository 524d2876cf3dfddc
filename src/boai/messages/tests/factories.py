"""Templates and messages for the tests."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import uuid4

from boai.messages import templates
from boai.messages.enums import Channel
from boai.messages.models import Message
from boai.messages.recipients import Recipient
from boai.messages.services import message_send
from boai.messages.templates import Template

VILLAGE = "621121100200"
PHONE = "13893212345"

RECEIVED = Template(
    code="tests.received",
    name="受理通知",
    subject="申请已受理",
    body="{name}:您的申请 {code} 已受理。",
    channels=frozenset({Channel.GATEWAY, Channel.EMAIL}),
)
TO_DECIDE = Template(
    code="tests.to_decide",
    name="待批复",
    subject="个案 {code} 待批复",
    body="评议已通过,\n请批复。",
    channels=frozenset({Channel.INBOX}),
    path="/cases/{code}/",
)
templates.register(RECEIVED, TO_DECIDE)


def sms(at: datetime, **options: Any) -> Message:
    """A text message to an invented resident."""
    wanted: dict[str, Any] = {
        "to": Recipient(phone=PHONE), "template": RECEIVED.code, "context": {"name": "张某某", "code": "7KQ2MX9P"},
        "key": f"tests:{uuid4()}", "region_code": VILLAGE, "at": at,
    }  # fmt: skip
    return message_send(**(wanted | options))


def note(user_id: Any, at: datetime, **options: Any) -> Message:
    """An inbox message to a member of staff."""
    return sms(
        at, **{"to": Recipient(user_id=user_id), "template": TO_DECIDE.code, "context": {"code": "7KQ2MX9P"}} | options
    )
