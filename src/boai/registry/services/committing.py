"""Bringing a checked file into the register, and taking it out again: a few statements in one transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from boai.audit.services import record
from boai.kernel.clock import local_date
from boai.kernel.errors import UnableTo
from boai.kernel.policy import require
from boai.kernel.rekeying import require_settled
from boai.people.actor import Actor
from boai.registry import policies
from boai.registry.enums import IntakeKind, IntakeState
from boai.registry.intake.layout import Layout
from boai.registry.models import Intake
from boai.registry.models.people import household_code
from boai.registry.queries.intakes import originals_destroyed
from boai.registry.services import checks
from boai.registry.services.counting import counted
from boai.registry.services.intakes import intake_for_update, intake_move
from boai.registry.services.jobs import COMMIT, UNDO, job_enqueue
from boai.registry.services.learning import weights_of_file_drop, weights_of_file_hold
from boai.registry.services.patching import patch_apply, patch_check, patch_take_back, patch_touched

# Left out: rows of people who stand elsewhere already.
_STAYS = """NOT EXISTS (SELECT FROM registry_finding f WHERE f.intake_id = s.intake_id AND f.sheet = s.sheet
             AND f."row" = s."row" AND f.severity = 'repeat')"""

_HOUSEHOLDS = f"""
WITH living AS (
    SELECT s.* FROM registry_stagedrow s JOIN registry_stagedhousehold h ON h.id = s.household_id AND h.enters
    WHERE s.intake_id = %(i)s AND {_STAYS}),
first AS (
    SELECT household_id,
           (array_agg(income_fen ORDER BY relation <> 'head', sheet, "row")
               FILTER (WHERE income_fen IS NOT NULL))[1] AS income,
           (array_agg(address ORDER BY relation <> 'head', sheet, "row") FILTER (WHERE address <> ''))[1] AS address,
           min(place) FILTER (WHERE relation = 'head') AS place
    FROM living GROUP BY household_id)
INSERT INTO registry_household (id, region_code, code, office_number, address, income_fen, note, intake_id,
                                created_at, changed_at, version)
SELECT h.id, p.code, h.code, h.office_number, coalesce(first.address, ''), first.income, ''::bytea, %(i)s,
       %(at)s, %(at)s, 1
FROM first JOIN registry_stagedhousehold h ON h.id = first.household_id
JOIN registry_stagedplace p ON p.intake_id = h.intake_id AND p.number = first.place
"""  # noqa: S608 - built from constants

_RESIDENTS = f"""
INSERT INTO registry_resident (id, household_id, region_code, name, pinyin, initials, relation, sex, born_on,
    born_precision, number_kind, number, number_blind, number_tail, phone, phone_blind, phone_tail, account,
    account_blind, account_tail, bank, note, end_reason, intake_id, created_at, changed_at, version)
SELECT s.id, s.household_id, h.region_code, s.name, s.pinyin, s.initials, s.relation, s.sex, s.born_on,
    s.born_precision, s.number_kind, s.number, s.number_blind, s.number_tail, s.phone, s.phone_blind, s.phone_tail,
    s.account, s.account_blind, s.account_tail, s.bank, s.note, '', %(i)s, %(at)s, %(at)s, 1
FROM registry_stagedrow s JOIN registry_household h ON h.id = s.household_id AND h.intake_id = %(i)s
WHERE s.intake_id = %(i)s AND {_STAYS}
"""  # noqa: S608 - built from constants

_CATEGORIES = """
INSERT INTO registry_categoryentry (id, resident_id, region_code, kind, kind_blind, fact, detail, valid_from, source,
    evidence, intake_id, created_at)
SELECT c.id, c.resident_id, r.region_code, c.kind, c.kind_blind, c.fact, c.detail, %(day)s, %(source)s, '', %(i)s,
    %(at)s
FROM registry_stagedcategory c JOIN registry_resident r ON r.id = c.resident_id AND r.intake_id = %(i)s
WHERE c.intake_id = %(i)s
"""

_TOUCHED = """
SELECT EXISTS (SELECT FROM registry_household WHERE intake_id = %(i)s AND version > 1)
    OR EXISTS (SELECT FROM registry_resident WHERE intake_id = %(i)s AND version > 1)
"""
_UNDO = (
    "DELETE FROM registry_categoryentry WHERE intake_id = %(i)s",
    "DELETE FROM registry_resident WHERE intake_id = %(i)s",
    "DELETE FROM registry_household WHERE intake_id = %(i)s",
    "SET CONSTRAINTS ALL IMMEDIATE",
    "SET CONSTRAINTS ALL DEFERRED",
)


@transaction.atomic
def intake_commit(*, intake_id: UUID, actor: Actor, at: datetime, queue: bool = True) -> Intake:
    """Decide that the file shall enter: from now on the job works on it. Raises NotFound, NotAllowed, UnableTo."""
    require_settled()
    intake = intake_for_update(intake_id=intake_id)
    require(policies.may_commit, actor, intake)
    intake_move(intake=intake, action="commit", committed_by_id=actor.user_id, beat_at=at, error="")
    counts = intake.counts
    people = counts["changing"] if intake.kind == IntakeKind.PATCH else counts["entering_people"]
    record("registry.intake.entering", intake, actor=actor, at=at, people=people, sha256=intake.sha256,
           households=counts.get("entering_households", 0))  # fmt: skip
    if queue:
        job_enqueue(name=COMMIT, intake_id=intake.id)
    return intake


def intake_commit_run(*, intake_id: UUID, actor: Actor, at: datetime) -> Intake:
    """Enter every household without a fault: households, residents and categories in one transaction.

    The register is asked once more under the transaction who is already there. When somebody else has entered the
    same people in this very moment, nothing enters and the file is CHECKED again. Does nothing unless it is COMMITTING.
    """
    for attempt in (1, 2):
        try:
            return _commit(intake_id, actor, at)
        except IntegrityError as error:
            if attempt == 1 and "registry_household_code" in str(error):
                _new_codes(intake_id)  # a random code was taken: one chance in billions, but no reason to fail
                continue
            return _commit_failed(intake_id, actor, at)
    raise AssertionError("unreachable")


@transaction.atomic
def _commit(intake_id: UUID, actor: Actor, at: datetime) -> Intake:
    intake = intake_for_update(intake_id=intake_id)
    if intake.state != IntakeState.COMMITTING:
        return intake
    checks.spots_prepare(layouts=layouts_of(intake=intake))
    if intake.kind == IntakeKind.PATCH:
        applied = patch_apply(intake=intake, at=at)
        intake_move(intake=intake, action="finish", committed_at=at, counts=applied)
        record("registry.patch.applied", intake, actor=actor, at=at, sha256=intake.sha256, **applied["entered"])
        return intake
    checks.register_check(intake_id=intake_id, region_code=intake.region_code)
    values: dict[str, Any] = {"i": intake_id, "at": at, "day": local_date(at), "source": intake.file_name[:80]}
    with connection.cursor() as cursor:
        cursor.execute(_HOUSEHOLDS, values)
        households = cursor.rowcount
        cursor.execute(_RESIDENTS, values)
        residents = cursor.rowcount
        cursor.execute(_CATEGORIES, values)
        categories = cursor.rowcount
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    entered = {"households": households, "people": residents, "categories": categories}
    intake_move(
        intake=intake, action="finish", committed_at=at,
        counts={**counted(intake=intake), "entered": entered},
    )  # fmt: skip
    weights_of_file_hold(intake=intake, at=at)
    record("registry.intake.committed", intake, actor=actor, at=at, sha256=intake.sha256, **entered)
    return intake


@transaction.atomic
def _commit_failed(intake_id: UUID, actor: Actor, at: datetime) -> Intake:
    """Somebody entered the same people meanwhile: look again at who is there."""
    intake = intake_for_update(intake_id=intake_id)
    if intake.state == IntakeState.COMMITTING:
        checks.spots_prepare(layouts=layouts_of(intake=intake))
        intake_move(
            intake=intake, action="fail", error="register_changed", committed_by_id=None, counts=_counted(intake, at)
        )
        record("registry.intake.failed", intake, actor=actor, at=at, why="register_changed")
    return intake


@transaction.atomic
def intake_undo(*, intake_id: UUID, actor: Actor, at: datetime, queue: bool = True) -> Intake:
    """Decide that a committed file shall leave the register again; the job does it. Raises UnableTo when people of it
    have been changed since."""
    intake = intake_for_update(intake_id=intake_id)
    require(policies.may_write, actor, intake)
    if originals_destroyed(intake=intake):
        raise UnableTo(_("What was read from this file has been destroyed. It can no longer be taken out as a whole."))
    intake_move(intake=intake, action="undo", beat_at=at, error="")
    if _touched(intake):
        raise UnableTo(_("People of this file have been changed since. It can no longer be taken out as a whole."))
    record("registry.intake.leaving", intake, actor=actor, at=at, sha256=intake.sha256)
    if queue:
        job_enqueue(name=UNDO, intake_id=intake.id)
    return intake


def intake_undo_run(*, intake_id: UUID, actor: Actor, at: datetime) -> Intake:
    """Take everything that the file brought out of the register, if nothing refers to it; else leave all as it is."""
    try:
        return _undo(intake_id, actor, at)
    except IntegrityError:
        return _undo_failed(intake_id, actor, at)


@transaction.atomic
def _undo(intake_id: UUID, actor: Actor, at: datetime) -> Intake:
    intake = intake_for_update(intake_id=intake_id)
    if intake.state != IntakeState.UNDOING:
        return intake
    if _touched(intake):
        raise IntegrityError("changed since")
    if intake.kind == IntakeKind.PATCH:
        patch_take_back(intake=intake, at=at)
    with connection.cursor() as cursor:
        for statement in _UNDO:
            cursor.execute(statement, {"i": intake_id})
    weights_of_file_drop(intake=intake)
    checks.spots_prepare(layouts=layouts_of(intake=intake))
    intake_move(
        intake=intake, action="finish", committed_at=None, committed_by_id=None, counts=_counted(intake, at)
    )  # fmt: skip
    record("registry.intake.undone", intake, actor=actor, at=at, sha256=intake.sha256)
    return intake


@transaction.atomic
def _undo_failed(intake_id: UUID, actor: Actor, at: datetime) -> Intake:
    intake = intake_for_update(intake_id=intake_id)
    if intake.state == IntakeState.UNDOING:
        intake_move(intake=intake, action="fail", error="in_use")
        record("registry.intake.undo_refused", intake, actor=actor, at=at)
    return intake


def _counted(intake: Intake, at: datetime) -> dict[str, Any]:
    """Look at the register once more, and count."""
    if intake.kind == IntakeKind.PATCH:
        return patch_check(intake=intake, at=at)
    checks.register_check(intake_id=intake.id, region_code=intake.region_code)
    return counted(intake=intake)


def _touched(intake: Intake) -> bool:
    if intake.kind == IntakeKind.PATCH:
        return patch_touched(intake=intake)
    with connection.cursor() as cursor:
        cursor.execute(_TOUCHED, {"i": intake.id})
        return bool((cursor.fetchone() or (False,))[0])


@transaction.atomic
def _new_codes(intake_id: UUID) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM registry_stagedhousehold WHERE intake_id = %s", [intake_id])
        pairs = [(household_code(), row[0]) for row in cursor.fetchall()]
        cursor.executemany("UPDATE registry_stagedhousehold SET code = %s WHERE id = %s", pairs)


def layouts_of(*, intake: Intake) -> list[Layout]:
    """The layouts as they were stored when the file was checked."""
    return [Layout.from_json(stored) for stored in intake.layout]
