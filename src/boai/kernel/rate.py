"""A rate limiter whose counters live in PostgreSQL, so that every web process shares them."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import connection
from django.utils.translation import gettext as _

from boai.kernel.crypto import blind
from boai.kernel.errors import TooMany


def rate_hit(*, what: str, who: str, limit: int, seconds: int, at: datetime) -> None:
    """Count one attempt at `what` by `who` (an address, a code…); raise TooMany beyond `limit` per window.

    Windows are fixed and `seconds` long. `who` is stored only as a keyed hash.
    """
    start = datetime.fromtimestamp(int(at.timestamp()) // seconds * seconds, UTC)
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO kernel_rate AS r (bucket, window_start, hits) VALUES (%s, %s, 1)
               ON CONFLICT (bucket, window_start) DO UPDATE SET hits = r.hits + 1 RETURNING hits""",
            [blind(f"{what}|{who}", "rate"), start],
        )
        row = cursor.fetchone()
    if row and row[0] > limit:
        raise TooMany(_("Too many attempts in a short time. Please wait a while and try again."))


def rate_sweep(*, before: datetime) -> int:
    """Forget windows that began before `before`; the number of rows deleted."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM kernel_rate WHERE window_start < %s", [before])
        return int(cursor.rowcount)
