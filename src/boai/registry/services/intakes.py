"""An intake on its way: cancel, begin again, who works at it. What the jobs do stands in checking and committing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from boai.audit.services import record
from boai.kernel.errors import NotFound, UnableTo
from boai.kernel.policy import require
from boai.kernel.transition import transition
from boai.people.actor import Actor
from boai.registry import policies
from boai.registry.enums import TRANSITIONS, IntakeState
from boai.registry.models import (
    CellFix,
    ColumnSample,
    DuplicatePair,
    Finding,
    Intake,
    IntakeFile,
    PatchRow,
    ReadingMark,
    ReturnedCell,
    ReturnedWorkbook,
    StagedCategory,
    StagedHousehold,
    StagedPlace,
    StagedRow,
)
from boai.registry.queries.intakes import originals_destroyed
from boai.registry.services.jobs import CHECK, job_enqueue

_STAGED = (
    PatchRow, DuplicatePair, Finding, StagedRow, StagedHousehold, StagedCategory, StagedPlace, ReadingMark,
)  # fmt: skip
_ENDED = (IntakeState.FAILED, IntakeState.CANCELLED)


@dataclass(frozen=True)
class Division:
    """Where an intake is about to be made."""

    region_code: str


@transaction.atomic
def intake_cancel(*, intake_id: UUID, actor: Actor, at: datetime) -> Intake:
    """Stop reading, or throw away what was checked; nothing of the file's people remains outside the sealed file.

    A job that is at work notices with its next chunk. Raises NotFound, NotAllowed, UnableTo.
    """
    intake = intake_for_update(intake_id=intake_id)
    require(policies.may_write, actor, intake)
    _move(intake, "cancel")
    staged_forget(intake_id=intake.id)
    ColumnSample.objects.filter(intake_id=intake.id).delete()
    CellFix.objects.filter(intake_id=intake.id).delete()
    ReturnedCell.objects.filter(returned__intake_id=intake.id).delete()
    ReturnedWorkbook.objects.filter(intake_id=intake.id).delete()
    record("registry.intake.cancelled", intake, actor=actor, at=at)
    return intake


@transaction.atomic
def intake_again(*, intake_id: UUID, actor: Actor, at: datetime, queue: bool = True) -> Intake:
    """Read and check the file once more: the divisions or the register have changed since. Raises UnableTo."""
    intake = intake_for_update(intake_id=intake_id)
    require(policies.may_write, actor, intake)
    if originals_destroyed(intake=intake):
        raise UnableTo(_("The file has been destroyed after its time or for a deletion. Upload it again."))
    _move(intake, "again", error="", beat_at=at)
    record("registry.intake.received_again", intake, actor=actor, at=at, sha256=intake.sha256)
    if queue:
        job_enqueue(name=CHECK, intake_id=intake.id)
    return intake


def intake_for_update(*, intake_id: UUID) -> Intake:
    """An intake under lock. Raises NotFound, also outside the scope."""
    intake = Intake.objects.select_for_update().filter(id=intake_id).first()
    if intake is None:
        raise NotFound
    return intake


def staged_forget(*, intake_id: UUID) -> None:
    """Delete everything that was read from the file."""
    for model in _STAGED:
        model.objects.filter(intake_id=intake_id)._raw_delete("default")


def _move(intake: Intake, action: str, **changes: Any) -> None:
    before = intake.state
    intake.state = transition(TRANSITIONS, before, action)
    if (before in _ENDED) != (intake.state in _ENDED):
        _hold(intake, held=intake.state not in _ENDED)
    intake.version += 1
    for name, value in changes.items():
        setattr(intake, name, value)
    intake.save(update_fields=["state", "version", *changes])


def _hold(intake: Intake, *, held: bool) -> None:
    """While an intake lives, no other one of the branch has its files. Raises UnableTo when another one has them."""
    try:
        with transaction.atomic():
            IntakeFile.objects.filter(intake_id=intake.id).update(held=held)
    except IntegrityError:
        raise UnableTo(_("A file of this import has meanwhile been uploaded with another import.")) from None


def intake_move(*, intake: Intake, action: str, **changes: Any) -> None:
    """Move a locked intake along its table, with further fields. For the intake's own services."""
    _move(intake, action, **changes)


def job_lock(*, intake_id: UUID) -> bool:
    """Let only one worker at an intake; the lock goes with the connection. False when another one holds it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, hashtext(%s))", [_LOCKS, str(intake_id)])
        return bool((cursor.fetchone() or (False,))[0])


def job_unlock(*, intake_id: UUID) -> None:
    """Give the lock back."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s, hashtext(%s))", [_LOCKS, str(intake_id)])


_LOCKS = 0x426F41  # this application's corner of the advisory locks
