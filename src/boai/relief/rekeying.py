"""Fingerprints that stand in other tables than the numbers they are taken from follow when the key changes."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.db import connections, transaction

from boai.kernel.crypto import blind, unseal
from boai.kernel.rekeying import LOT, OWNER
from boai.registry.models.people import NUMBER
from boai.relief.queries.checks import once_blind
from boai.relief.queries.doors import CODE, code_clean

_CASES = """
SELECT c.id, c.person_blind, c.once_key, c.cause, c.cause_on, a.id_number
FROM relief_case c JOIN relief_application a ON a.case_id = c.id
WHERE c.person_blind IS NOT NULL AND (%(after)s::uuid IS NULL OR c.id > %(after)s::uuid)
ORDER BY c.id LIMIT %(lot)s FOR NO KEY UPDATE OF c"""
_CODES = "SELECT code FROM relief_case UNION ALL SELECT code FROM relief_receipt"


def cases_follow() -> int:
    """By what a person is found again, and the keys of "once for a cause"; the number of cases."""
    done, after = 0, None
    while True:
        with transaction.atomic(using=OWNER), connections[OWNER].cursor() as cursor:
            cursor.execute(_CASES, {"after": after, "lot": LOT})
            rows = cursor.fetchall()
            if not rows:
                return done
            after = rows[-1][0]
            done += sum(_follow(cursor, *row) for row in rows)


def _follow(
    cursor: Any, key: Any, person: bytes, once: bytes | None, cause: str, on: date | None, sealed: bytes
) -> int:
    number = unseal(sealed, "relief-id") if len(sealed) else ""
    now = blind(number, NUMBER) if number else bytes(person)
    if now == bytes(person):
        return 0
    anew = _once_anew(bytes(once), bytes(person), now, cause, on) if once is not None else None
    cursor.execute("UPDATE relief_case SET person_blind = %s, once_key = %s WHERE id = %s", [now, anew, key])
    cursor.execute(
        "UPDATE relief_savedfilter SET query = replace(query, %(old)s, %(new)s) WHERE strpos(query, %(old)s) > 0",
        {"old": bytes(person).hex(), "new": now.hex()},
    )
    return 1


def _once_anew(once: bytes, person: bytes, now: bytes, cause: str, on: date | None) -> bytes:
    """Which scope of the rule made the key is found by trying: for ever, a year, a day. What fits none stays."""
    for when in ("", *((str(on.year), str(on)) if on else ())):
        for master in settings.BOAI_OLD_MASTER_KEYS:
            if once_blind(person, cause, when, master=master) == once:
                return once_blind(now, cause, when)
    return once


def doors_follow() -> int:
    """The doors from public codes to divisions; the number of doors."""
    done = 0
    with transaction.atomic(using=OWNER), connections[OWNER].cursor() as cursor:
        cursor.execute(_CODES)
        codes = [code_clean(code) for (code,) in cursor.fetchall()]
        for master in settings.BOAI_OLD_MASTER_KEYS:
            for start in range(0, len(codes), LOT):
                lot = codes[start : start + LOT]
                cursor.execute(
                    """UPDATE relief_case_door d SET blind = v.now
                       FROM unnest(%s::bytea[], %s::bytea[]) AS v (before, now) WHERE d.blind = v.before""",
                    [[blind(code, CODE, master=master) for code in lot], [blind(code, CODE) for code in lot]],
                )
                done += cursor.rowcount
    return done
