"""Asking for background work on an intake, in the transaction that needs it. The jobs themselves: `registry.tasks`."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from boai.registry.enums import IntakeState, ReturnState
from boai.registry.models import Intake, ReturnedWorkbook
from boai.registry.queries.intakes import intakes_stale, intakes_without_workbook

CHECK = "registry.intake_check"
COMMIT = "registry.intake_commit"
UNDO = "registry.intake_undo"
WORKBOOK = "registry.intake_workbook"
RECOUNT = "registry.intake_recount"
COMPARE = "registry.compare"
RECHECK = "registry.intake_recheck"
RETURNED = "registry.returned_compare"
SILENCE = 90  # seconds without a sign of life after which a job counts as lost

_JOB = {
    IntakeState.RECEIVED: CHECK,
    IntakeState.READING: CHECK,
    IntakeState.COMPARING: CHECK,
    IntakeState.COMMITTING: COMMIT,
    IntakeState.UNDOING: UNDO,
}


def job_enqueue(*, name: str, intake_id: UUID) -> None:
    """Queue a job; it exists only if the caller's transaction commits. All jobs can be run twice without harm."""
    lock = f"{name} {intake_id}" if name in (RECOUNT, RECHECK) else None  # many decisions, one count
    with suppress(AlreadyEnqueued), transaction.atomic():  # the refusal must not take the caller's transaction along
        app.configure_task(name, queueing_lock=lock).defer(intake_id=str(intake_id))


def returned_enqueue(*, returned_id: UUID) -> None:
    """Queue the comparison of a findings workbook that came back."""
    app.configure_task(RETURNED).defer(returned_id=str(returned_id))


def compare_enqueue(*, region_code: str) -> None:
    """Queue the comparison of a division's register with itself, unless it is queued already."""
    with suppress(AlreadyEnqueued):
        app.configure_task(COMPARE, queueing_lock=f"{COMPARE} {region_code}").defer(region_code=region_code)


def jobs_resume(*, at: datetime) -> int:
    """Queue again what lost its worker: killed, or gone before it began. The number of jobs.

    A job that only looks lost is not disturbed: the second one finds its lock taken, or its work done.
    """
    stale = intakes_stale(at=at, seconds=SILENCE)
    bare = intakes_without_workbook(at=at, seconds=SILENCE)
    for intake in (*stale, *bare):
        Intake.objects.filter(id=intake.id).update(beat_at=at)
        job_enqueue(name=_JOB.get(IntakeState(intake.state), WORKBOOK), intake_id=intake.id)
    waiting = list(ReturnedWorkbook.objects.filter(
        state=ReturnState.RECEIVED, beat_at__lt=at - timedelta(seconds=SILENCE)
    ))  # fmt: skip
    for returned in waiting:
        ReturnedWorkbook.objects.filter(id=returned.id).update(beat_at=at)
        returned_enqueue(returned_id=returned.id)
    return len(stale) + len(bare) + len(waiting)
