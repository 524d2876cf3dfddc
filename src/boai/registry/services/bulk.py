"""Correcting many rows at once by a filter: first a dry run, then in a few statements, and back again.

A village is merged into another one: its households get the other code, from a day on (the old place stays in their
history) or as a correction. A category ends for a division, or for the people of a list of identity numbers.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from boai.audit.services import record
from boai.kernel.clock import local_date
from boai.kernel.crypto import blinds
from boai.kernel.errors import BadInput, NotFound, UnableTo
from boai.kernel.policy import require
from boai.people.actor import Actor
from boai.regions.codes import VILLAGE, level
from boai.registry import policies
from boai.registry.enums import BulkKind, Category, RecheckAnswer, Sensitivity, sensitivity_of
from boai.registry.models import BulkChange
from boai.registry.models.people import KIND
from boai.registry.services.bulk_close import close_back
from boai.registry.services.bulk_give import give_back
from boai.registry.services.bulk_shared import SHOWN, DryRun, begin, blind, expect, not_in_future, set_check
from boai.registry.services.households import village_check
from boai.registry.services.intakes import Division

# Households that are moved: with a day, those that live there on it; as a correction, all that ever stood there.
_MOVING = """
    h.region_code = %(source)s AND (%(on)s::date IS NULL
        OR h.ended_on IS NULL AND (h.placed_on IS NULL OR h.placed_on <= %(on)s))
"""
_ENDING = """
    c.region_code BETWEEN %(lo)s AND %(hi)s AND (c.kind = %(kind)s OR c.kind_blind = ANY(%(kinds)s))
    AND c.valid_from <= %(last)s AND (c.valid_to IS NULL OR c.valid_to > %(last)s) AND r.ended_on IS NULL
    AND (%(listed)s IS FALSE OR r.number_blind = ANY(%(blinds)s))
"""

_MOVED = f"""
WITH moving AS (SELECT h.* FROM registry_household h WHERE {_MOVING} ORDER BY h.id FOR UPDATE)
INSERT INTO registry_householdevent (id, region_code, household_id, kind, day, changes, note, made_by_id, made_at,
    bulk_id)
SELECT gen_random_uuid(), %(target)s, id, 'place', coalesce(%(on)s::date, %(today)s),
    jsonb_build_object('people', '[]'::jsonb, 'made', '[]'::jsonb, 'made_household', NULL, 'places', jsonb_build_array(
        jsonb_build_object('id', id,
            'before', jsonb_build_object('region_code', region_code, 'address', address, 'placed_on', placed_on,
                                         'ended_on', ended_on),
            'after', jsonb_build_object('region_code', %(target)s::text, 'address', address,
                                        'placed_on', coalesce(%(on)s::date, placed_on), 'ended_on', ended_on)))),
    ''::bytea, %(by)s, %(at)s, %(bulk)s
FROM moving
"""  # noqa: S608 - built from constants
_MOVE = """
UPDATE registry_household h SET region_code = %(target)s, placed_on = coalesce(%(on)s::date, h.placed_on),
    version = h.version + 1, changed_at = %(at)s
FROM registry_householdevent e WHERE e.bulk_id = %(bulk)s AND e.household_id = h.id
"""
# Back: only where everything is as the correction left it.
_UNTOUCHED = """e.bulk_id = %(bulk)s AND e.undone_at IS NULL AND h.id = e.household_id
    AND h.region_code = e.changes #>> '{places,0,after,region_code}'
    AND h.address = e.changes #>> '{places,0,after,address}'
    AND h.placed_on IS NOT DISTINCT FROM (e.changes #>> '{places,0,after,placed_on}')::date"""
_MOVE_MARK = f"""
UPDATE registry_householdevent e SET undone_by_id = %(by)s, undone_at = %(at)s
FROM registry_household h WHERE {_UNTOUCHED}
"""  # noqa: S608 - built from constants
_MOVE_BACK = """
UPDATE registry_household h SET region_code = e.changes #>> '{places,0,before,region_code}',
    placed_on = (e.changes #>> '{places,0,before,placed_on}')::date, version = h.version + 1, changed_at = %(at)s
FROM registry_householdevent e WHERE e.bulk_id = %(bulk)s AND e.undone_at = %(at)s AND e.household_id = h.id
"""
_PLACE_BACK = """
DELETE FROM registry_pastplace p USING registry_householdevent e
WHERE e.bulk_id = %(bulk)s AND e.undone_at = %(at)s AND p.household_id = e.household_id AND upper(p.during) = e.day
    AND p.region_code = e.changes #>> '{places,0,before,region_code}'
    AND e.changes #>> '{places,0,before,placed_on}' IS DISTINCT FROM e.changes #>> '{places,0,after,placed_on}'
"""

_ENDED = f"""
INSERT INTO registry_bulkcategory (change_id, region_code, entry_id, valid_to, checked_on)
SELECT %(bulk)s, c.region_code, c.id, c.valid_to, c.checked_on
FROM registry_categoryentry c JOIN registry_resident r ON r.id = c.resident_id
WHERE {_ENDING} ORDER BY c.id FOR UPDATE OF c
"""  # noqa: S608 - built from constants
_END = """
UPDATE registry_categoryentry c SET valid_to = %(last)s, checked_on = %(today)s
FROM registry_bulkcategory b WHERE b.change_id = %(bulk)s AND b.entry_id = c.id
"""
_END_ASKED = f"""
UPDATE registry_recheck k SET answer = '{RecheckAnswer.ENDED.value}', until_after = %(last)s, answered_by_id = %(by)s,
    answered_at = %(at)s
FROM registry_bulkcategory b WHERE b.change_id = %(bulk)s AND b.entry_id = k.entry_id AND k.answered_at IS NULL
"""  # noqa: S608 - built from constants
# What the correction answered waits again, as long as the category is as it left it and nobody has asked anew.
_END_ASK_AGAIN = f"""
UPDATE registry_recheck k SET answer = '', until_after = NULL, answered_by_id = NULL, answered_at = NULL
FROM registry_bulkcategory b JOIN registry_bulkchange m ON m.id = b.change_id
JOIN registry_categoryentry c ON c.id = b.entry_id AND c.valid_to = %(last)s
WHERE b.change_id = %(bulk)s AND b.entry_id = k.entry_id AND k.answer = '{RecheckAnswer.ENDED.value}'
  AND k.answered_at = m.made_at AND k.answered_by_id IS NOT DISTINCT FROM m.made_by_id
  AND NOT EXISTS (SELECT FROM registry_recheck w WHERE w.entry_id = k.entry_id AND w.answered_at IS NULL)
"""  # noqa: S608 - built from constants
_END_BACK = """
UPDATE registry_categoryentry c SET valid_to = b.valid_to, checked_on = b.checked_on
FROM registry_bulkcategory b WHERE b.change_id = %(bulk)s AND b.entry_id = c.id AND c.valid_to = %(last)s
"""


def village_dry_run(*, source: str, target: str, on: date | None, actor: Actor, at: datetime) -> DryRun:
    """What moving a village's households to another village would do. Raises NotAllowed, BadInput."""
    values = _village_check(source, target, on, actor, at)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT count(*), (SELECT count(*) FROM registry_household WHERE region_code = %(source)s),
                    (SELECT count(*) FROM registry_resident r JOIN registry_household h ON h.id = r.household_id
                     WHERE r.ended_on IS NULL AND {_MOVING})
                FROM registry_household h WHERE {_MOVING}""",  # noqa: S608 - built from constants
            values,
        )
        count, everybody, people = cursor.fetchone() or (0, 0, 0)
        cursor.execute(
            f"""SELECT r.name FROM registry_household h JOIN registry_resident r
                    ON r.household_id = h.id AND r.relation = 'head' AND r.ended_on IS NULL
                WHERE {_MOVING} ORDER BY h.id LIMIT {SHOWN}""",  # noqa: S608 - built from constants
            values,
        )
        return DryRun(count, [name for (name,) in cursor.fetchall()], people, everybody - count)


@transaction.atomic
def village_change(
    *, source: str, target: str, on: date | None, expected: int, reason: str, actor: Actor, at: datetime
) -> BulkChange:  # fmt: skip
    """Move all households of a village to another one, from a day on or (None) as a correction.

    `expected` is what the dry run said. Raises NotAllowed, BadInput, StalePage (it is no longer so many), UnableTo
    (somebody of them is registered in the other county).
    """
    values = _village_check(source, target, on, actor, at)
    wanted = {"target": target, "on": on.isoformat() if on else None}
    change = begin(BulkKind.VILLAGE, source, wanted, expected, reason, actor, at)
    values |= {"bulk": change.id, "at": at, "by": actor.user_id}
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_MOVED, values)
            expect(cursor.rowcount, expected)
            cursor.execute(_MOVE, values)
    except IntegrityError as error:
        if "registry_person_once" in str(error):
            raise UnableTo(_("Somebody of these households is already registered in the other county.")) from None
        raise
    record("registry.bulk.done", change, actor=actor, at=at, what=str(BulkKind.VILLAGE.label), count=change.count,
           source=source, target=target, reason=reason)  # fmt: skip
    return change


def category_dry_run(
    *, region_code: str, kind: str, last_day: date, numbers: Collection[str], actor: Actor, at: datetime
) -> DryRun:  # fmt: skip
    """What ending a category would do. `numbers` are canonical identity numbers; empty: everybody in the division.

    A sensitive category is found by its blind index, needs the duty to read it, and is only counted: nobody is named.
    """
    values = _category_check(region_code, kind, last_day, numbers, actor, at)
    base = "registry_categoryentry c JOIN registry_resident r ON r.id = c.resident_id"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {base} WHERE {_ENDING}", values)  # noqa: S608 - built from constants
        (count,) = cursor.fetchone() or (0,)
        cursor.execute(
            f"SELECT r.name FROM {base} WHERE {_ENDING} ORDER BY c.id LIMIT {SHOWN}",  # noqa: S608 - built from constants
            values,
        )
        names = [name for (name,) in cursor.fetchall()] if values["kind"] else []  # a sealed fact names nobody
        cursor.execute(
            """SELECT number_blind FROM registry_resident
               WHERE region_code BETWEEN %(lo)s AND %(hi)s AND number_blind = ANY(%(blinds)s) AND ended_on IS NULL""",
            values,
        )
        known = {bytes(one) for (one,) in cursor.fetchall()}
    unknown = [f"****{n[-4:]}" for n in numbers if blind(n) not in known]
    return DryRun(count, names, left=len(set(numbers)) - len(unknown) - count if numbers else 0, unknown=unknown)


@transaction.atomic
def category_change(
    *, region_code: str, kind: str, last_day: date, numbers: Collection[str], expected: int, reason: str, actor: Actor,
    at: datetime,
) -> BulkChange:  # fmt: skip
    """End a category for a division or for the people of a list. Raises NotAllowed, BadInput, StalePage.

    Of a sensitive one neither the correction nor the log says which: its rows name the people.
    """
    values = _category_check(region_code, kind, last_day, numbers, actor, at)
    wanted = {"kind": values["kind"] or "", "last_day": last_day.isoformat(), "listed": len(set(numbers))}
    change = begin(BulkKind.CATEGORY, region_code, wanted, expected, reason, actor, at)
    values |= {"bulk": change.id, "at": at, "by": actor.user_id}
    with connection.cursor() as cursor:
        cursor.execute(_ENDED, values)
        expect(cursor.rowcount, expected)
        cursor.execute(_END, values)
        cursor.execute(_END_ASKED, values)
    record("registry.bulk.done", change, actor=actor, at=at, what=str(BulkKind.CATEGORY.label), count=change.count,
           kind=values["kind"] or "sealed", reason=reason)  # fmt: skip
    return change


@transaction.atomic
def bulk_undo(*, change_id: UUID, actor: Actor, at: datetime) -> BulkChange:
    """Put back what a bulk correction changed; rows that were changed again since stay as they are (`left`).

    Raises NotFound, NotAllowed, UnableTo (undone before; none is as it was left).
    """
    change = BulkChange.objects.select_for_update().filter(id=change_id).first()
    if change is None:
        raise NotFound
    require(policies.may_write, actor, change)
    if change.kind == BulkKind.CATEGORY and not change.wanted["kind"]:
        require(policies.may_read_sensitive, actor, change)
    if change.undone_at is not None:
        raise UnableTo(_("This correction has already been undone."))
    values: dict[str, Any] = {"bulk": change.id, "at": at, "by": actor.user_id, "last": change.wanted.get("last_day")}
    with connection.cursor() as cursor:
        if change.kind == BulkKind.VILLAGE:
            cursor.execute(_MOVE_MARK, values)
            cursor.execute(_PLACE_BACK, values)
            cursor.execute(_MOVE_BACK, values)
        elif change.kind == BulkKind.CLOSE:
            close_back(cursor, values)
        elif change.kind == BulkKind.GIVE:
            give_back(cursor, values)
        else:
            cursor.execute(_END_ASK_AGAIN, values)
            cursor.execute(_END_BACK, values)
        back = cursor.rowcount
    if not back:
        raise UnableTo(_("Everything that this correction changed has been changed again since."))
    change.undone_by_id, change.undone_at, change.left = actor.user_id, at, change.count - back
    change.save(update_fields=["undone_by", "undone_at", "left"])
    record("registry.bulk.undone", change, actor=actor, at=at, what=str(BulkKind(change.kind).label), count=back,
           left=change.left)  # fmt: skip
    return change


def _village_check(source: str, target: str, on: date | None, actor: Actor, at: datetime) -> dict[str, Any]:
    if level(source) != VILLAGE or source == target:
        raise BadInput(fields={"source": [_("Choose two different villages.")]})
    village_check(target)
    for code in (source, target):
        require(policies.may_write, actor, Division(code))
    not_in_future("on", on, at)
    return {"source": source, "target": target, "on": on, "today": local_date(at)}


def _category_check(
    region_code: str, kind: str, last_day: date, numbers: Collection[str], actor: Actor, at: datetime
) -> dict[str, Any]:  # fmt: skip
    if kind not in Category.values:
        raise BadInput(fields={"kind": [_("Choose a category from the list.")]})
    values = set_check(region_code, numbers, actor, at)
    if sensitivity_of(kind) != Sensitivity.OPEN:
        require(policies.may_read_sensitive, actor, Division(region_code))
    not_in_future("last_day", last_day, at)
    is_open = sensitivity_of(kind) == Sensitivity.OPEN
    return {
        **values,
        "kind": kind if is_open else None,
        "kinds": [] if is_open else blinds(kind, KIND),
        "last": last_day,
    }
