"""Follow divisions that have ended to those that took over from them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db import connection

# The longest chain that is followed. A circle cannot arise: a successor must be in force when it is named.
_HOPS = 20


def current_many(wanted: Iterable[str], on: date) -> dict[str, str | None]:
    """Code → the code in force on a day that stands for it: itself, the last of its successors, or None when it was
    split or dissolved. Codes that never existed are left out. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH RECURSIVE chain (start, code, valid_to, successor, hops) AS (
                   SELECT code, code, valid_to, successor, 0 FROM regions_division WHERE code = ANY(%(codes)s)
                   UNION ALL
                   SELECT c.start, d.code, d.valid_to, d.successor, c.hops + 1
                   FROM chain c JOIN regions_division d ON d.code = c.successor
                   WHERE c.valid_to <= %(on)s AND c.hops < %(hops)s)
               SELECT DISTINCT ON (start) start, CASE WHEN valid_to IS NULL OR valid_to > %(on)s THEN code END
               FROM chain ORDER BY start, hops DESC""",
            {"codes": list(wanted), "on": on, "hops": _HOPS},
        )
        return dict(cursor.fetchall())
