"""Closing many households at once, with everybody who still lives in them: a dry run, the deed, and back."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils.translation import gettext as _

from boai.audit.services import record
from boai.kernel.errors import BadInput
from boai.people.actor import Actor
from boai.regions.codes import VILLAGE, level
from boai.registry.enums import BulkKind, EndReason, EventKind
from boai.registry.models import BulkChange
from boai.registry.services.bulk_shared import SHOWN, DryRun, begin, blind, expect, not_in_future, set_check
from boai.registry.services.happening import refusal

_MEANT = """
    h.region_code BETWEEN %(lo)s AND %(hi)s AND h.ended_on IS NULL AND (%(listed)s IS FALSE OR EXISTS (
        SELECT FROM registry_resident n WHERE n.household_id = h.id AND n.ended_on IS NULL
        AND n.number_blind = ANY(%(blinds)s)))
"""
# Nothing is recorded of them after that day.
_FITS = """
    (h.placed_on IS NULL OR h.placed_on <= %(on)s) AND NOT EXISTS (
        SELECT FROM registry_resident l WHERE l.household_id = h.id AND l.ended_on IS NULL
        AND (l.since > %(on)s OR l.born_precision = 'day' AND l.born_on > %(on)s))
"""
_STANDS = """jsonb_build_object('household_id', r.household_id, 'region_code', r.region_code, 'relation', r.relation,
    'since', r.since, 'ended_on', {ended}, 'end_reason', {reason})"""
_LIES = """jsonb_build_object('region_code', c.region_code, 'address', c.address, 'placed_on', c.placed_on,
    'ended_on', {ended})"""
_CLOSED = f"""
WITH closing AS (SELECT h.* FROM registry_household h WHERE {_MEANT} AND {_FITS} ORDER BY h.id FOR UPDATE)
INSERT INTO registry_householdevent (id, region_code, household_id, kind, day, changes, note, made_by_id, made_at,
    bulk_id)
SELECT gen_random_uuid(), c.region_code, c.id, '{EventKind.CLOSED.value}', %(on)s, jsonb_build_object(
    'people', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', r.id,
                   'before', {_STANDS.format(ended="NULL::date", reason="''")},
                   'after', {_STANDS.format(ended="%(on)s::date", reason="%(why)s::text")})), '[]'::jsonb)
               FROM registry_resident r WHERE r.household_id = c.id AND r.ended_on IS NULL),
    'made', '[]'::jsonb, 'made_household', NULL,
    'places', jsonb_build_array(jsonb_build_object('id', c.id, 'before', {_LIES.format(ended="NULL::date")},
                                                   'after', {_LIES.format(ended="%(on)s::date")}))),
    ''::bytea, %(by)s, %(at)s, %(bulk)s
FROM closing c
"""  # noqa: S608 - built from constants
_END_PEOPLE = """
UPDATE registry_resident r SET ended_on = %(on)s, end_reason = %(why)s, version = r.version + 1, changed_at = %(at)s
FROM registry_householdevent e WHERE e.bulk_id = %(bulk)s AND r.household_id = e.household_id AND r.ended_on IS NULL
"""
_END_HOMES = """
UPDATE registry_household h SET ended_on = %(on)s, version = h.version + 1, changed_at = %(at)s
FROM registry_householdevent e WHERE e.bulk_id = %(bulk)s AND h.id = e.household_id
"""
# Back: only where everybody is as the correction left them.
_MARK = """
UPDATE registry_householdevent e SET undone_by_id = %(by)s, undone_at = %(at)s FROM registry_household h
WHERE e.bulk_id = %(bulk)s AND e.undone_at IS NULL AND h.id = e.household_id AND h.ended_on = e.day AND NOT EXISTS (
    SELECT FROM jsonb_array_elements(e.changes -> 'people') AS one
    LEFT JOIN registry_resident r ON r.id = (one ->> 'id')::uuid AND r.household_id = e.household_id
        AND r.ended_on = e.day AND r.end_reason = one #>> '{after,end_reason}'
    WHERE r.id IS NULL)
"""
_PEOPLE_BACK = """
UPDATE registry_resident r SET ended_on = NULL, end_reason = '', version = r.version + 1, changed_at = %(at)s
FROM registry_householdevent e CROSS JOIN LATERAL jsonb_array_elements(e.changes -> 'people') AS one
WHERE e.bulk_id = %(bulk)s AND e.undone_at = %(at)s AND r.id = (one ->> 'id')::uuid
"""
_HOMES_BACK = """
UPDATE registry_household h SET ended_on = NULL, version = h.version + 1, changed_at = %(at)s
FROM registry_householdevent e WHERE e.bulk_id = %(bulk)s AND e.undone_at = %(at)s AND h.id = e.household_id
"""


def close_dry_run(
    *, region_code: str, numbers: Collection[str], on: date, why: str, actor: Actor, at: datetime
) -> DryRun:  # fmt: skip
    """Which households would be closed: those of a village, or those of a list of identity numbers of their members.

    Raises NotAllowed, BadInput (no list beyond a village; no reason).
    """
    values = _check(region_code, numbers, on, why, actor, at)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT count(*) FILTER (WHERE {_FITS}), count(*) FILTER (WHERE NOT ({_FITS})),
                    coalesce(sum((SELECT count(*) FROM registry_resident p
                                  WHERE p.household_id = h.id AND p.ended_on IS NULL)) FILTER (WHERE {_FITS}), 0)
                FROM registry_household h WHERE {_MEANT}""",  # noqa: S608 - built from constants
            values,
        )
        count, left, people = cursor.fetchone() or (0, 0, 0)
        cursor.execute(
            f"""SELECT r.name FROM registry_household h JOIN registry_resident r
                    ON r.household_id = h.id AND r.relation = 'head' AND r.ended_on IS NULL
                WHERE {_MEANT} AND {_FITS} ORDER BY h.id LIMIT {SHOWN}""",  # noqa: S608 - built from constants
            values,
        )
        names = [name for (name,) in cursor.fetchall()]
        cursor.execute(
            """SELECT number_blind FROM registry_resident WHERE region_code BETWEEN %(lo)s AND %(hi)s
               AND number_blind = ANY(%(blinds)s) AND ended_on IS NULL""",
            values,
        )
        known = {bytes(one) for (one,) in cursor.fetchall()}
    unknown = [f"****{n[-4:]}" for n in numbers if blind(n) not in known]
    return DryRun(count, names, people=int(people), left=left, unknown=unknown)


@transaction.atomic
def close_change(
    *, region_code: str, numbers: Collection[str], on: date, why: str, expected: int, reason: str, actor: Actor,
    at: datetime,
) -> BulkChange:  # fmt: skip
    """Close them on a day; everybody who lives there leaves for `why`. Raises NotAllowed, BadInput, StalePage."""
    values = _check(region_code, numbers, on, why, actor, at)
    wanted = {"on": on.isoformat(), "why": why, "listed": len(set(numbers))}
    change = begin(BulkKind.CLOSE, region_code, wanted, expected, reason, actor, at)
    values |= {"bulk": change.id, "at": at, "by": actor.user_id}
    with connection.cursor() as cursor:
        cursor.execute(_CLOSED, values)
        expect(cursor.rowcount, expected)
        cursor.execute(_END_PEOPLE, values)
        cursor.execute(_END_HOMES, values)
    record("registry.bulk.done", change, actor=actor, at=at, what=str(BulkKind.CLOSE.label), count=change.count,
           reason=reason)  # fmt: skip
    return change


def close_back(cursor: CursorWrapper, values: Mapping[str, Any]) -> None:
    """Open again what a correction closed, where nothing was changed since. Raises UnableTo (somebody is registered
    elsewhere meanwhile). Within the undoing; the row count is the answer."""
    try:
        with transaction.atomic():
            cursor.execute(_MARK, values)
            cursor.execute(_PEOPLE_BACK, values)
            cursor.execute(_HOMES_BACK, values)
    except IntegrityError as error:
        raise refusal(error) from None


def _check(
    region_code: str, numbers: Collection[str], on: date, why: str, actor: Actor, at: datetime
) -> dict[str, Any]:  # fmt: skip
    if why not in dict(EndReason.to_choose()):
        raise BadInput(fields={"why": [_("Choose a reason from the list.")]})
    not_in_future("on", on, at)
    values = set_check(region_code, numbers, actor, at)
    if not numbers and level(region_code) != VILLAGE:
        raise BadInput(fields={"numbers": [_("Choose a village, or give a list: not everybody of a larger place.")]})
    return values | {"on": on, "why": why}
