"""What no model tells about sealed things of the register follows here when the key changes: decisions "these are two
people", which hang on fingerprints of fingerprints, and what stood in the register before a file of corrections."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.db import connections, transaction

from boai.kernel.crypto import BlindField, SealedTextField, blind, header, seal, unseal
from boai.kernel.rekeying import LOT, OWNER
from boai.registry.linkage.marks import in_order, person_mark
from boai.registry.models.people import NUMBER, Resident

_PEOPLE = """
SELECT r.name, coalesce(CASE WHEN r.born_precision = 'day' THEN r.born_on::text END, ''), r.sex, r.number,
       h.office_number
FROM registry_resident r JOIN registry_household h ON h.id = r.household_id
UNION ALL
SELECT s.name, coalesce(CASE WHEN s.born_precision = 'day' THEN s.born_on::text END, ''), s.sex, s.number,
       h.office_number
FROM registry_stagedrow s JOIN registry_stagedhousehold h ON h.id = s.household_id"""


def decisions_follow() -> int:
    """Write the fingerprints of pairs known to be two people under the present key; the number of pairs.

    A fingerprint can only be computed from the person. Of people who are neither in the register nor in a file that is
    still staged nothing is left to compute from: should they come again, somebody is asked again.
    """
    done = 0
    with transaction.atomic(using=OWNER), connections[OWNER].cursor() as cursor:
        cursor.execute("SELECT id, low, high FROM registry_distinctpair FOR UPDATE")
        pairs = [(key, bytes(low), bytes(high)) for key, low, high in cursor.fetchall()]
        if not pairs:
            return 0
        present = _present(cursor, {mark for _key, *both in pairs for mark in both})
        for key, low, high in pairs:
            if low in present or high in present:
                both = in_order(present.get(low, low), present.get(high, high))
                cursor.execute("UPDATE registry_distinctpair SET low = %s, high = %s WHERE id = %s", [*both, key])
                done += 1
    return done


def _present(cursor: Any, wanted: set[bytes]) -> dict[bytes, bytes]:
    """{mark under an older key: mark under the present one} of everybody whose mark is wanted."""
    found = {}
    cursor.execute(_PEOPLE)
    while people := cursor.fetchmany(5000):
        for name, born, sex, sealed, household in people:
            number = unseal(sealed, NUMBER) if len(sealed) else ""
            for master in settings.BOAI_OLD_MASTER_KEYS:
                before = _mark(name, born, sex, number, household, master)
                if before in wanted:
                    found[before] = _mark(name, born, sex, number, household, None)
    return found


def _mark(name: str, born: str, sex: str, number: str, household: str, master: bytes | None) -> bytes:
    index = blind(number, NUMBER, master=master) if number else None
    return person_mark(
        name=name, born=born, sex=sex, number=index, household=household, master=master
    )  # fmt: skip


def corrections_follow() -> int:
    """Seal anew what a file of corrections keeps of before, so that it can still be taken back; the number of rows.

    The database has written it as JSON of the columns: sealed ones and fingerprints stand there as `\\x` and hex.
    """
    done, after = 0, None
    while True:
        with transaction.atomic(using=OWNER), connections[OWNER].cursor() as cursor:
            cursor.execute(_STALE, {"head": _hex(header()), "sealed": _SEALED_NAMES, "after": after, "lot": LOT})
            rows = cursor.fetchall()
            if not rows:
                return done
            after = rows[-1][0]
            befores = [json.dumps(_anew(json.loads(before))) for _key, before in rows]
            cursor.execute(_WRITE, {"keys": [key for key, _before in rows], "befores": befores})
        done += len(rows)


_SEALED = {f.column: f for f in Resident._meta.local_concrete_fields if isinstance(f, SealedTextField)}
_SEALED_NAMES = list(_SEALED)
_BLIND = {f.column: f for f in Resident._meta.local_concrete_fields if isinstance(f, BlindField)}
_STALE = """
SELECT id, before::text FROM registry_patchrow
WHERE (%(after)s::uuid IS NULL OR id > %(after)s::uuid) AND EXISTS (
    SELECT FROM jsonb_each_text(before) AS kept
    WHERE kept.key = ANY(%(sealed)s) AND length(kept.value) > 2 AND NOT starts_with(kept.value, %(head)s))
ORDER BY id LIMIT %(lot)s FOR NO KEY UPDATE"""
_WRITE = """
UPDATE registry_patchrow p SET before = v.before::jsonb
FROM unnest(%(keys)s::uuid[], %(befores)s::text[]) AS v(id, before) WHERE p.id = v.id"""


def _anew(before: dict[str, Any]) -> dict[str, Any]:
    plain = {
        name: unseal(bytes.fromhex(before[name][2:]), field.purpose)
        for name, field in _SEALED.items()
        if len(before.get(name) or "") > 2  # an empty text is \\x alone
    }
    sealed = {name: _hex(seal(said, _SEALED[name].purpose)) for name, said in plain.items()}
    marks = {n: _hex(f.fingerprint(plain[f.of])) for n, f in _BLIND.items() if before.get(n) and f.of in plain}
    return before | sealed | marks


def _hex(data: bytes) -> str:
    """As PostgreSQL writes bytes into JSON."""
    return f"\\x{data.hex()}"
