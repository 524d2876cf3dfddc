"""Background work on register files. Each job sees only the division that its file belongs to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from procrastinate.contrib.django import app

from boai.kernel.clock import now
from boai.kernel.scope import EVERYWHERE, Scope, scoped
from boai.people.actor import Actor
from boai.regions.codes import span
from boai.registry.models import Intake
from boai.registry.services import (
    intake_check,
    intake_commit_run,
    intake_recheck,
    intake_recount,
    intake_undo_run,
    intake_workbook_make,
    rechecks_collect,
    register_compare_run,
)
from boai.registry.services.jobs import (
    CHECK,
    COMMIT,
    COMPARE,
    RECHECK,
    RECOUNT,
    UNDO,
    WORKBOOK,
    job_enqueue,
    jobs_resume,
)


@contextmanager
def _inside(intake_id: str) -> Iterator[UUID]:
    """Narrow the scope to the file's own division."""
    with scoped(EVERYWHERE):
        region_code = Intake.objects.values_list("region_code", flat=True).get(id=intake_id)
        with scoped(Scope(*span(region_code), user="system")):
            yield UUID(intake_id)


@app.task(name=CHECK)
def check(intake_id: str) -> None:
    """Read the file, check it, then write the findings workbook."""
    with _inside(intake_id) as key:
        intake_check(intake_id=key, actor=Actor.system(), at=now())
        job_enqueue(name=WORKBOOK, intake_id=key)


@app.task(name=COMMIT)
def commit(intake_id: str) -> None:
    """Enter what somebody decided to enter."""
    with _inside(intake_id) as key:
        intake_commit_run(intake_id=key, actor=Actor.system(), at=now())


@app.task(name=UNDO)
def undo(intake_id: str) -> None:
    """Take out what somebody decided to take out."""
    with _inside(intake_id) as key:
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


@app.task(name=RECHECK)
def recheck(intake_id: str) -> None:
    """Check the whole file again, after cells were corrected."""
    with _inside(intake_id) as key:
        intake_recheck(intake_id=key)


@app.task(name=WORKBOOK)
def workbook(intake_id: str) -> None:
    """Write the findings workbook."""
    with _inside(intake_id) as key:
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
