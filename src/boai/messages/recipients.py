"""To whom: exactly one of a member of staff, a mobile number, an e-mail address."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from boai.kernel.text.contact import is_mobile, read_phone
from boai.kernel.text.faults import Unreadable
from boai.kernel.text.masks import tail
from boai.messages.enums import Channel


@dataclass(frozen=True)
class Recipient:
    """One of the three. The number or address may turn out to be unusable: then the message fails, not the caller."""

    user_id: UUID | None = None
    phone: str | None = None
    email: str | None = None

    def __post_init__(self) -> None:
        if sum(way is not None for way in (self.user_id, self.phone, self.email)) != 1:
            raise ValueError("a recipient is a user, a phone number or an e-mail address")

    @property
    def channel(self) -> Channel:
        """The way that leads there."""
        if self.user_id is not None:
            return Channel.INBOX
        return Channel.GATEWAY if self.phone is not None else Channel.EMAIL

    @property
    def address(self) -> str:
        """The number or address as it can be used; "" when it can't be (or for the inbox)."""
        if self.phone is not None:
            return _mobile(self.phone)
        return _email(self.email) if self.email is not None else ""


def shown(address: str) -> str:
    """An address as an officer's page may show it: the last four digits, or the first letter and the domain."""
    name, at, domain = address.partition("@")
    if at:
        return f"{name[:1]}****@{domain}"
    return tail(address) if address else ""


def _mobile(given: str) -> str:
    try:
        digits = read_phone(given)
    except Unreadable:
        return ""
    return digits if is_mobile(digits) else ""


def _email(given: str) -> str:
    address = given.strip()
    try:
        validate_email(address)
    except ValidationError:
        return ""
    return address
