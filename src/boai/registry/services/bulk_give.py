"""Giving a category, with its source and evidence, to many people at once: a dry run, the deed, and back."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext as _

from boai.audit.services import record
from boai.kernel.errors import BadInput
from boai.people.actor import Actor
from boai.registry.enums import BulkKind, Category, Sensitivity, sensitivity_of
from boai.registry.models import BulkChange
from boai.registry.services.bulk_shared import SHOWN, DryRun, begin, blind, expect, set_check


@dataclass(frozen=True)
class Given:
    """A category as it is given: open kinds only, since many sealed facts at once are nobody's need."""

    kind: str
    valid_from: date
    valid_to: date | None
    source: str
    evidence: str = ""


_MEANT = """
    r.region_code BETWEEN %(lo)s AND %(hi)s AND r.ended_on IS NULL
    AND (%(listed)s IS FALSE OR r.number_blind = ANY(%(blinds)s))
"""
# Not to whom has it on any of these days.
_LACKS = """
    NOT EXISTS (SELECT FROM registry_categoryentry c WHERE c.resident_id = r.id AND c.kind = %(kind)s
                AND c.valid_from <= coalesce(%(last)s::date, 'infinity')
                AND coalesce(c.valid_to, 'infinity') >= %(first)s)
"""
_GIVE = f"""
WITH meant AS (
    SELECT r.id, r.region_code, gen_random_uuid() AS entry_id FROM registry_resident r
    WHERE {_MEANT} AND {_LACKS} ORDER BY r.id FOR UPDATE),
given AS (
    INSERT INTO registry_categoryentry (id, resident_id, region_code, kind, kind_blind, fact, detail, valid_from,
        valid_to, source, evidence, created_at)
    SELECT entry_id, id, region_code, %(kind)s, NULL, ''::bytea, '', %(first)s::date, %(last)s::date, %(source)s,
        %(evidence)s, %(at)s
    FROM meant RETURNING id, region_code, valid_to)
INSERT INTO registry_bulkcategory (change_id, region_code, entry_id, valid_to)
SELECT %(bulk)s, region_code, id, valid_to FROM given
"""  # noqa: S608 - built from constants
# Back: only where nobody has confirmed, ended or prolonged it since.
_UNTOUCHED = """
    SELECT b.id, c.id AS entry_id FROM registry_bulkcategory b JOIN registry_categoryentry c ON c.id = b.entry_id
    WHERE b.change_id = %(bulk)s AND c.valid_to IS NOT DISTINCT FROM b.valid_to AND c.checked_on IS NULL
    AND NOT EXISTS (SELECT FROM registry_recheck k WHERE k.entry_id = c.id AND k.answered_at IS NOT NULL)
"""
_NO_LONGER_ASKED = f"DELETE FROM registry_recheck k USING ({_UNTOUCHED}) AS u WHERE k.entry_id = u.entry_id"  # noqa: S608 - constants
_GIVE_BACK = f"""
WITH untouched AS ({_UNTOUCHED}),
noted AS (DELETE FROM registry_bulkcategory b USING untouched u WHERE b.id = u.id)
DELETE FROM registry_categoryentry c USING untouched u WHERE c.id = u.entry_id
"""  # noqa: S608 - built from constants


def give_dry_run(
    *, given: Given, region_code: str, numbers: Collection[str], actor: Actor, at: datetime
) -> DryRun:  # fmt: skip
    """To whom a category would be given. `numbers` are canonical identity numbers; empty: everybody in the division.

    Raises NotAllowed, BadInput.
    """
    values = _check(given, region_code, numbers, actor, at)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT count(*) FILTER (WHERE {_LACKS}), count(*) FILTER (WHERE NOT {_LACKS})
                FROM registry_resident r WHERE {_MEANT}""",  # noqa: S608 - built from constants
            values,
        )
        count, left = cursor.fetchone() or (0, 0)
        cursor.execute(
            f"""SELECT r.name FROM registry_resident r WHERE {_MEANT} AND {_LACKS}
                ORDER BY r.id LIMIT {SHOWN}""",  # noqa: S608 - built from constants
            values,
        )
        names = [name for (name,) in cursor.fetchall()]
        cursor.execute(f"SELECT r.number_blind FROM registry_resident r WHERE {_MEANT} AND %(listed)s", values)  # noqa: S608 - as above
        known = {bytes(one) for (one,) in cursor.fetchall() if one is not None}
    return DryRun(count, names, left=left, unknown=[f"****{n[-4:]}" for n in numbers if blind(n) not in known])


@transaction.atomic
def give_change(
    *, given: Given, region_code: str, numbers: Collection[str], expected: int, reason: str, actor: Actor, at: datetime
) -> BulkChange:  # fmt: skip
    """Give it to everybody of a division or a list who does not have it. Raises NotAllowed, BadInput, StalePage."""
    values = _check(given, region_code, numbers, actor, at)
    wanted = {"kind": given.kind, "first_day": given.valid_from.isoformat(), "listed": len(set(numbers))}
    change = begin(BulkKind.GIVE, region_code, wanted, expected, reason, actor, at)
    with connection.cursor() as cursor:
        cursor.execute(_GIVE, values | {"bulk": change.id, "at": at})
        expect(cursor.rowcount, expected)
    record("registry.bulk.done", change, actor=actor, at=at, what=str(BulkKind.GIVE.label), count=change.count,
           kind=given.kind, reason=reason)  # fmt: skip
    return change


def give_back(cursor: CursorWrapper, values: Mapping[str, Any]) -> None:
    """Take out what a correction gave, where it is as it was given. Within the undoing; the row count is the answer."""
    cursor.execute(_NO_LONGER_ASKED, values)
    cursor.execute(_GIVE_BACK, values)


def _check(given: Given, region_code: str, numbers: Collection[str], actor: Actor, at: datetime) -> dict[str, Any]:
    if given.kind not in Category.values or sensitivity_of(given.kind) != Sensitivity.OPEN:
        raise BadInput(fields={"kind": [_("Choose a category from the list.")]})
    if given.valid_to is not None and given.valid_to < given.valid_from:
        raise BadInput(fields={"valid_to": [_("The end lies before the beginning.")]})
    if not given.source.strip():
        raise BadInput(fields={"source": [_("Say who established it.")]})
    return set_check(region_code, numbers, actor, at) | {
        "kind": given.kind, "first": given.valid_from, "last": given.valid_to, "source": given.source.strip(),
        "evidence": given.evidence.strip(),
    }  # fmt: skip
