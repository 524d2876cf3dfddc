"""A file of corrections against the register: who is meant, what would change, then the change and the way back.

A person is known by the identity number, else by the office's household number and the name (in the village, where the
file names one). Only cells that hold something change anything. All in a few statements over the whole file; none of
these functions opens a transaction, they work inside the services of an intake.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from boai.kernel.clock import local_date
from boai.kernel.crypto import unseal
from boai.regions.codes import span
from boai.registry.intake.columns import Field
from boai.registry.intake.rules import RULES
from boai.registry.models import Intake, PatchRow
from boai.registry.models.people import NOTE
from boai.registry.services.checks import PLACE, rule_counts
from boai.registry.services.patch_statements import (
    ADD_CATEGORIES,
    APPLIES,
    CHANGE_HOMES,
    CHANGE_PEOPLE,
    CHANGE_RELATIONS,
    COUNTS,
    FIELD_COUNTS,
    FINDINGS,
    FINDINGS_OF_VALUES,
    HOMES_BACK,
    KEEP_BEFORE,
    LOCK_HOMES,
    LOCK_PEOPLE,
    MATCH,
    NOTES,
    ONE_VALUE,
    PEOPLE_BACK,
    RELATIONS_BACK,
    STALE,
    TOUCHED,
)

_RULES = [rule for rule in RULES if rule.startswith(("patch.", "place."))]


def patch_check(*, intake: Intake, at: datetime) -> dict[str, Any]:
    """Find who is meant and what would change at `at`; write the findings. Can be run again. The counts of the file."""
    values = _values(intake, at)
    PatchRow.objects.filter(intake_id=intake.id)._raw_delete("default")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM registry_finding WHERE intake_id = %s AND rule = ANY(%s)", [intake.id, _RULES])
    _run([PLACE + " AND p.county || p.township || p.village || p.code_text <> ''", MATCH], values)
    _same_notes(intake)
    for field, column in ((Field.ADDRESS, "address"), (Field.INCOME, "income_fen")):
        _run([ONE_VALUE.format(column=column, field=field.value)], values)
    _run([FINDINGS, FINDINGS_OF_VALUES, APPLIES], values)
    return _counts(intake)


def patch_apply(*, intake: Intake, at: datetime) -> dict[str, Any]:
    """Change the people that a file means, as the register is now; the counts, with what was changed in "entered"."""
    values = _values(intake, at) | {"at": at, "day": local_date(at), "source": intake.file_name[:80]}
    _run([LOCK_HOMES, LOCK_PEOPLE], values)
    if _asked(STALE, intake):
        patch_check(intake=intake, at=at)
    entered = {}
    _run([KEEP_BEFORE], values)
    with connection.cursor() as cursor:
        for name, statement in (("people", CHANGE_PEOPLE), ("relations", CHANGE_RELATIONS),
                                ("households", CHANGE_HOMES), ("categories", ADD_CATEGORIES)):  # fmt: skip
            cursor.execute(statement, values)
            entered[name] = cursor.rowcount
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    counts = _counts(intake)
    return counts | {"entered": entered | {"people": counts["changing"]}}


def patch_touched(*, intake: Intake) -> bool:
    """Has anybody that the file changed been changed since?"""
    return _asked(TOUCHED, intake)


def patch_take_back(*, intake: Intake, at: datetime) -> None:
    """Put back what stood there before. The categories that the file added are taken out by the caller."""
    _run([PEOPLE_BACK, RELATIONS_BACK, HOMES_BACK], {"i": intake.id, "at": at})


def _values(intake: Intake, at: datetime) -> dict[str, Any]:
    lo, hi = span(intake.region_code)
    return {"i": intake.id, "region": intake.region_code, "lo": lo, "hi": hi, "today": local_date(at)}


def _same_notes(intake: Intake) -> None:
    """Notes are sealed, each time differently: only unsealed they tell whether they are the same."""
    with connection.cursor() as cursor:
        cursor.execute(NOTES, {"i": intake.id})
        same = [key for key, new, old in cursor.fetchall() if unseal(new, NOTE) == unseal(old, NOTE)]
        if same:
            cursor.execute(
                "UPDATE registry_patchrow SET fields = array_remove(fields, 'note') WHERE id = ANY(%s)", [same]
            )


def _counts(intake: Intake) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(COUNTS, {"i": intake.id})
        rows, changing, same, homes = cursor.fetchone() or (0, 0, 0, 0)
        cursor.execute(FIELD_COUNTS, {"i": intake.id})
        fields = dict(cursor.fetchall())
    rules = rule_counts(intake_id=intake.id)
    return {"people": rows, "households": homes, "changing": changing, "same": same,
            "refused": rows - changing - same, "fields": fields, "rules": rules}  # fmt: skip


def _asked(question: str, intake: Intake) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(question, {"i": intake.id})
        return bool((cursor.fetchone() or (False,))[0])


def _run(statements: Sequence[str], values: Mapping[str, Any]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement, values)
