"""Objecting from outside: one sending, one objection, however often the button was pressed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.core.cache import cache
from django.db import connection, transaction

from boai.governance.enums import ObjectionChannel
from boai.governance.services import objection_appeal, objection_file
from boai.kernel.crypto import seal, unseal
from boai.people.actor import Actor

REMEMBERED = 3600
"""Seconds in which a second sending of the same page is recognised."""
_PURPOSE = "portal-objection"


@transaction.atomic
def objection_send(
    *, page_id: str, notice_id: UUID, code: str, text: str, name: str, contact: str, actor: Actor, at: datetime
) -> str:
    """File an objection and return its receipt number; the same page sent twice gives the same number.

    `page_id` is the random number of the page that was sent. `code` names one line of the notice, "" the whole.
    Raises UnableTo (the days are over) and BadInput.
    """
    key = f"portal-objection-{page_id}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])
    before = cache.get(key)
    if before:
        return unseal(before, _PURPOSE)
    _objection, number = objection_file(
        notice_id=notice_id, channel=ObjectionChannel.WEB, text=text, actor=actor, at=at, code=code, name=name,
        contact=contact,
    )  # fmt: skip
    cache.set(key, seal(number, _PURPOSE), REMEMBERED)
    return number


def appeal_send(*, number: str, text: str, actor: Actor, at: datetime) -> None:
    """The one appeal, to the branch above. Raises NotFound, UnableTo (already appealed, not yet decided), BadInput."""
    objection_appeal(receipt_no=number, text=text, actor=actor, at=at)
