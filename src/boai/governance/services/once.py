"""Two clicks on one button that makes something new: the page brings the key of what is to be made."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _

from boai.kernel.errors import StalePage
from boai.kernel.ids import new_id


def made_once(model: Any, key: UUID | None) -> UUID:
    """The key for a new row, after the first click with the same key is through. Raises StalePage for the second."""
    if key is None:
        return new_id()
    if taken(model, key):
        raise StalePage(_("This is already done; nothing was done twice."))
    return key


def taken(model: Any, key: UUID) -> bool:
    """Is there a row with this key? Waits for another transaction that is just now making it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{model._meta.db_table}:{key}"])
    return bool(model.objects.filter(pk=key).exists())
