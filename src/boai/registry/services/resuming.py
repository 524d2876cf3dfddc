"""Jobs that lost their worker, or fell over a fault of ours: begun again with growing pauses, in the end given up."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F

from boai.audit.services import record
from boai.kernel.clock import local_date
from boai.messages.recipients import Recipient
from boai.messages.services import message_send
from boai.people.actor import Actor
from boai.people.queries import holders
from boai.people.roles import Duty
from boai.registry.enums import BUSY, IntakeState, ReturnState
from boai.registry.letters import GIVEN_UP
from boai.registry.models import Intake, ReturnedWorkbook
from boai.registry.queries.intakes import MOST_ATTEMPTS, intakes_stale, intakes_without_workbook
from boai.registry.services.intakes import intake_move, job_lock, job_unlock, staged_forget
from boai.registry.services.jobs import CHECK, COMMIT, UNDO, WORKBOOK, job_enqueue, returned_enqueue

SILENCE = 90  # seconds without a sign of life after which a job counts as lost; twice as long after each attempt
log = logging.getLogger(__name__)

_JOB = {
    IntakeState.RECEIVED: CHECK,
    IntakeState.READING: CHECK,
    IntakeState.COMPARING: CHECK,
    IntakeState.COMMITTING: COMMIT,
    IntakeState.UNDOING: UNDO,
}


def job_begins(*, intake_id: UUID, at: datetime) -> None:
    """A worker takes a job up. Written down before anything else, so that it counts even if the worker is killed."""
    Intake.objects.filter(id=intake_id).update(attempts=F("attempts") + 1, beat_at=at)


def job_ends(*, intake_id: UUID) -> None:
    """A job came to its end, whatever it said: what comes next begins to count anew."""
    Intake.objects.filter(id=intake_id).update(attempts=0)


def jobs_resume(*, at: datetime) -> int:
    """Queue again what lost its worker: killed, fallen, or gone before it began. The number of intakes.

    A job that only looks lost is not disturbed: the second one finds its lock taken, or its work done. What has been
    begun MOST_ATTEMPTS times and never came to its end is given up; what nobody has begun waits as long as it must.
    """
    stale = intakes_stale(at=at, seconds=SILENCE)
    bare = intakes_without_workbook(at=at, seconds=SILENCE)
    queued = 0
    for intake in (*stale, *bare):
        if intake.attempts >= MOST_ATTEMPTS:
            _give_up(intake.id, at)
            continue
        Intake.objects.filter(id=intake.id).update(beat_at=at)
        job_enqueue(name=_JOB.get(IntakeState(intake.state), WORKBOOK), intake_id=intake.id)
        queued += 1
    return queued + _returned_resume(at)


def _returned_resume(at: datetime) -> int:
    """Findings workbooks that came back and lost their worker."""
    lost = at - timedelta(seconds=SILENCE)
    waiting = list(ReturnedWorkbook.objects.filter(state=ReturnState.RECEIVED, beat_at__lt=lost))
    for returned in waiting:
        ReturnedWorkbook.objects.filter(id=returned.id).update(beat_at=at)
        returned_enqueue(returned_id=returned.id)
    return len(waiting)


def _give_up(intake_id: UUID, at: datetime) -> None:
    """The page says so, with a button; whoever looks after the installation is told."""
    if not job_lock(intake_id=intake_id):  # somebody is still at it
        return
    try:
        _given_up(intake_id, at)
    finally:
        job_unlock(intake_id=intake_id)


@transaction.atomic
def _given_up(intake_id: UUID, at: datetime) -> None:
    waiting = Intake.objects.select_for_update(skip_locked=True)
    intake = waiting.filter(id=intake_id, state__in=BUSY, attempts__gte=MOST_ATTEMPTS).first()
    if intake is None:
        return
    state = intake.state
    intake_move(intake=intake, action="fail", error="gave_up", attempts=0)
    if intake.state == IntakeState.FAILED:
        staged_forget(intake_id=intake_id)
    record("registry.intake.failed", intake, actor=Actor.system(), at=at, why="gave_up")
    log.error("intake %s: given up after %s attempts while it was %s", intake_id, MOST_ATTEMPTS, state)
    people = {post.user_id for post in holders(Duty.PEOPLE_WRITE, region_code=intake.region_code, on=local_date(at))}
    for user_id in sorted(people | ({intake.uploaded_by_id} if intake.uploaded_by_id else set())):
        message_send(
            to=Recipient(user_id=user_id), template=GIVEN_UP,
            context={"id": str(intake_id), "count": str(MOST_ATTEMPTS)},
            key=f"{GIVEN_UP}:{intake_id}:{at.isoformat()}:{user_id}", region_code=intake.region_code, at=at,
        )  # fmt: skip
