"""Background work on register files. Each job sees only the division that its file belongs to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from procrastinate.contrib.django import app

from boai.kernel.clock import now
from boai.kernel.rekeying import is_settled
from boai.kernel.scope import EVERYWHERE, Scope, scoped
from boai.people.actor import Actor
from boai.regions.codes import span
from boai.registry.models import Intake, LearningRun, RegisterExport, ReturnedWorkbook
from boai.registry.queries.keeping import retention_unfinished
from boai.registry.services import (
    export_write,
    intake_check,
    intake_commit_run,
    intake_recheck,
    intake_recount,
    intake_undo_run,
    intake_workbook_make,
    learning_run,
    look_check,
    rechecks_collect,
    register_compare_run,
    retention_run,
    returned_compare,
)
from boai.registry.services.exports import WRITE_EXPORT
from boai.registry.services.jobs import (
    CHECK,
    COMMIT,
    COMPARE,
    RECHECK,
    RECOUNT,
    RETURNED,
    UNDO,
    WORKBOOK,
    job_enqueue,
)
from boai.registry.services.learning import LEARN
from boai.registry.services.looks import CHECK_LOOK
from boai.registry.services.resuming import job_begins, job_ends, jobs_resume


@contextmanager
def _inside(intake_id: str) -> Iterator[UUID]:
    """Narrow the scope to the file's own division."""
    with scoped(EVERYWHERE):
        region_code = Intake.objects.values_list("region_code", flat=True).get(id=intake_id)
        with scoped(Scope(*span(region_code), user="system")):
            yield UUID(intake_id)


@contextmanager
def _attempt(intake_id: str) -> Iterator[UUID]:
    """As `_inside`, for a job that is begun again when it falls: how often it fell is counted."""
    with _inside(intake_id) as key:
        job_begins(intake_id=key, at=now())
        yield key
        job_ends(intake_id=key)


def _later(name: str, intake_id: str) -> bool:
    """While keys are being changed, people can't be compared, nor what was kept of them put back: a minute later."""
    if is_settled():
        return False
    app.configure_task(name, schedule_in={"seconds": 60}).defer(intake_id=intake_id)
    return True


@app.task(name=CHECK)
def check(intake_id: str) -> None:
    """Read the file, check it, then write the findings workbook."""
    if _later(CHECK, intake_id):
        return
    with _attempt(intake_id) as key:
        intake_check(intake_id=key, actor=Actor.system(), at=now())
        job_enqueue(name=WORKBOOK, intake_id=key)


@app.task(name=COMMIT)
def commit(intake_id: str) -> None:
    """Enter what somebody decided to enter."""
    if _later(COMMIT, intake_id):
        return
    with _attempt(intake_id) as key:
        intake_commit_run(intake_id=key, actor=Actor.system(), at=now())


@app.task(name=UNDO)
def undo(intake_id: str) -> None:
    """Take out what somebody decided to take out."""
    if _later(UNDO, intake_id):
        return
    with _attempt(intake_id) as key:
        intake_undo_run(intake_id=key, actor=Actor.system(), at=now())


@app.task(name=RECOUNT)
def recount(intake_id: str) -> None:
    """Count again what can enter, after decisions about pairs."""
    with _inside(intake_id) as key:
        intake_recount(intake_id=key)


@app.task(name=COMPARE)
def compare(region_code: str) -> None:
    """Compare a division's register with itself."""
    with scoped(Scope(*span(region_code), user="system")):
        register_compare_run(region_code=region_code, at=now())


@app.task(name=LEARN)
def learn(run_id: str) -> None:
    """Learn the weights of the comparison anew from the register of a division."""
    with scoped(EVERYWHERE):
        region_code = LearningRun.objects.values_list("region_code", flat=True).get(id=run_id)
    with scoped(Scope(*span(region_code), user="system")):
        learning_run(run_id=UUID(run_id), at=now())


@app.task(name=RECHECK)
def recheck(intake_id: str) -> None:
    """Check the whole file again, after cells were corrected."""
    with _inside(intake_id) as key:
        intake_recheck(intake_id=key)


@app.task(name=RETURNED)
def returned(returned_id: str) -> None:
    """Compare a findings workbook that came back with what was sent."""
    with scoped(EVERYWHERE):
        intake_id = ReturnedWorkbook.objects.values_list("intake_id", flat=True).get(id=returned_id)
    with _inside(str(intake_id)):
        returned_compare(returned_id=UUID(returned_id), at=now())


@app.task(name=WORKBOOK)
def workbook(intake_id: str) -> None:
    """Write the findings workbook."""
    with _attempt(intake_id) as key:
        intake_workbook_make(intake_id=key, actor=Actor.system(), at=now())


@app.periodic(cron="* * * * *")
@app.task(name="registry.intakes_resume", queueing_lock="registry.intakes_resume", pass_context=False)
def resume(timestamp: int) -> None:
    """Queue again what was lost with its worker."""
    with scoped(EVERYWHERE):
        jobs_resume(at=now())


@app.periodic(cron="11 19 * * *")  # UTC: 03:11 in China
@app.task(name="registry.rechecks", queueing_lock="registry.rechecks", pass_context=False)
def rechecks(timestamp: int) -> None:
    """Put categories that have to be looked at again onto the officers' lists."""
    with scoped(EVERYWHERE):
        rechecks_collect(at=now())


@app.task(name=CHECK_LOOK)
def look(look_id: str) -> None:
    """What was unusual about a look at sensitive facts?"""
    with scoped(EVERYWHERE):
        look_check(look_id=UUID(look_id), at=now())


@app.task(name=WRITE_EXPORT)
def write_export(export_id: str) -> None:
    """Write a list that may be taken out."""
    with scoped(EVERYWHERE):
        region_code = RegisterExport.objects.values_list("region_code", flat=True).get(id=export_id)
        with scoped(Scope(*span(region_code), user="system")):
            export_write(export_id=UUID(export_id), at=now())


@app.periodic(cron="23 18 * * *")  # UTC: 02:23 in China
@app.task(name="registry.retention", queueing_lock="registry.retention", pass_context=False)
def retention(timestamp: int) -> None:
    """Destroy what has had its time."""
    with scoped(EVERYWHERE):
        retention_run(at=now())


@app.periodic(cron="53 * * * *")
@app.task(name="registry.retention_resume", queueing_lock="registry.retention_resume", pass_context=False)
def retention_resume(timestamp: int) -> None:
    """Carry on a night that was cut short."""
    with scoped(EVERYWHERE):
        if retention_unfinished():
            retention_run(at=now())
