"""A fault of ours in a job: tried a few times with growing pauses, then said on the page and to those who look after."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from boai.audit.models import AuditEntry
from boai.kernel.scope import EVERYWHERE, set_scope
from boai.messages.models import Message
from boai.people.actor import Actor
from boai.registry import services, tasks
from boai.registry.enums import BUSY, TRANSITIONS, IntakeState
from boai.registry.models import Intake, Resident, StagedRow
from boai.registry.queries.intakes import MOST_ATTEMPTS
from boai.registry.services import checking, committing, resuming
from boai.registry.services.jobs import WORKBOOK
from boai.registry.services.resuming import SILENCE, jobs_resume
from boai.registry.tests.factories import COUNTY, checked, signed_in, villages
from boai.registry.tests.register_files import household, table, xlsx

Make = Callable[..., Actor]


class Bug(Exception):
    """A fault of ours."""


@pytest.fixture
def clock(at: datetime, monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """The moment at which jobs run; tests move it on."""
    moment = [at]
    monkeypatch.setattr(tasks, "now", lambda: moment[0])
    return moment


def _file() -> list[list[object]]:
    return table(household(random.Random(3), 0, villages(4)[0][:2], size=2, key="6211210000001"))


def _received(officer: Actor, at: datetime) -> Intake:
    intake, _new = services.intake_upload(
        upload=xlsx(_file()), file_name="名册.xlsx", region_code=COUNTY, actor=officer, at=at
    )
    return intake


def _falls(*_args: object, **_more: object) -> None:
    raise Bug


def _run_until_given_up(job: Callable[..., None], intake: Intake, clock: list[datetime]) -> list[int]:
    """Let the job fall, look every minute as the worker does; after how many minutes it was begun anew."""
    pauses, waited = [], 0
    with pytest.raises(Bug):
        job(str(intake.id))
    for _minute in range(120):
        clock[0] += timedelta(minutes=1)
        waited += 1
        if jobs_resume(at=clock[0]):
            pauses.append(waited)
            waited = 0
            with pytest.raises(Bug):
                job(str(intake.id))
        set_scope(EVERYWHERE)
        intake.refresh_from_db()
        if intake.error == "gave_up":
            return pauses
    raise AssertionError("never given up")


@pytest.mark.django_db
def test_reading_that_falls_is_given_up_and_can_be_tried_again(
    actor_for: Make, clock: list[datetime], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    officer, admin = actor_for("officer"), actor_for("admin")
    intake = _received(officer, clock[0])
    with monkeypatch.context() as broken, caplog.at_level(logging.ERROR, logger=resuming.__name__):
        broken.setattr(checking, "find_layout", _falls)
        assert _run_until_given_up(tasks.check, intake, clock) == [2, 4, 7, 13]
    assert (intake.state, intake.attempts) == (IntakeState.FAILED, 0)
    assert not StagedRow.objects.exists()
    assert f"intake {intake.id}: given up after {MOST_ATTEMPTS} attempts" in caplog.text
    entry = AuditEntry.objects.get(type="registry.intake.failed")
    assert b"gave_up" in bytes(entry.payload or b"")
    assert {m.user_id for m in Message.objects.filter(template="registry.intake_given_up")} == {
        officer.user_id, admin.user_id,
    }  # fmt: skip
    clock[0] += timedelta(hours=5)
    assert jobs_resume(at=clock[0]) == 0, "nobody begins it again by themselves"
    client = signed_in(officer)
    page = client.get(reverse("registry:intake", args=[intake.id])).content.decode()
    assert "我们已经知道" in page
    assert page.count(reverse("registry:intake_again", args=[intake.id])) == 2
    client.post(reverse("registry:intake_again", args=[intake.id]))
    set_scope(EVERYWHERE)
    tasks.check(str(intake.id))
    intake.refresh_from_db()
    assert (intake.state, intake.error, intake.attempts) == (IntakeState.CHECKED, "", 0)


@pytest.mark.django_db
def test_entering_that_falls_enters_nobody_and_can_be_tried_again(
    actor_for: Make, clock: list[datetime], monkeypatch: pytest.MonkeyPatch
) -> None:
    officer = actor_for("officer")
    intake = checked(xlsx(_file()), actor=officer, at=clock[0])
    services.intake_commit(intake_id=intake.id, actor=officer, at=clock[0])
    with monkeypatch.context() as broken:
        broken.setattr(committing, "_CATEGORIES", "SELECT 1 / 0")
        broken.setattr(tasks, "intake_commit_run", _falls)
        _run_until_given_up(tasks.commit, intake, clock)
    assert (intake.state, Resident.objects.count()) == (IntakeState.CHECKED, 0)
    page = signed_in(officer).get(reverse("registry:intake", args=[intake.id])).content.decode()
    assert "我们已经知道" in page
    set_scope(EVERYWHERE)
    services.intake_commit(intake_id=intake.id, actor=officer, at=clock[0])
    tasks.commit(str(intake.id))
    intake.refresh_from_db()
    assert (intake.state, intake.error, Resident.objects.count()) == (IntakeState.COMMITTED, "", 2)


@pytest.mark.django_db
def test_a_workbook_that_cannot_be_written_is_not_tried_for_ever(
    actor_for: Make, clock: list[datetime], monkeypatch: pytest.MonkeyPatch
) -> None:
    officer = actor_for("officer")
    rows = _file()
    rows[1][rows[0].index("联系电话")] = "139"
    intake = checked(xlsx(rows), actor=officer, at=clock[0])
    Intake.objects.update(beat_at=clock[0])
    monkeypatch.setattr(tasks, "intake_workbook_make", _falls)
    tried = 0
    for _minute in range(59):
        clock[0] += timedelta(minutes=1)
        if jobs_resume(at=clock[0]):
            tried += 1
            with pytest.raises(Bug):
                tasks.workbook(str(intake.id))
    assert tried == MOST_ATTEMPTS
    assert ProcrastinateJob.objects.filter(task_name=WORKBOOK).count() == MOST_ATTEMPTS
    page = signed_in(officer).get(reverse("registry:intake", args=[intake.id])).content.decode()
    assert "错误标注表没能生成" in page


@pytest.mark.django_db
def test_what_no_worker_has_begun_waits_as_long_as_it_must(actor_for: Make, clock: list[datetime]) -> None:
    intake = _received(actor_for("officer"), clock[0])
    for _time in range(3 * MOST_ATTEMPTS):
        clock[0] += timedelta(seconds=SILENCE + 1)
        assert jobs_resume(at=clock[0]) == 1
    intake.refresh_from_db()
    assert (intake.state, intake.attempts) == (IntakeState.RECEIVED, 0)


def test_a_job_that_is_still_at_it_is_not_given_up(
    own_database: str, actor_for: Make, clock: list[datetime], race: Callable[..., list[object]]
) -> None:
    intake = _received(actor_for("officer"), clock[0])
    Intake.objects.filter(id=intake.id).update(attempts=MOST_ATTEMPTS, state=IntakeState.COMPARING)
    services.intakes.job_lock(intake_id=intake.id)
    assert race([lambda: jobs_resume(at=clock[0] + timedelta(hours=1))]) == [0]
    intake.refresh_from_db()
    assert intake.state == IntakeState.COMPARING
    services.intakes.job_unlock(intake_id=intake.id)
    assert race([lambda: jobs_resume(at=clock[0] + timedelta(hours=1))]) == [0]
    intake.refresh_from_db()
    assert intake.state == IntakeState.FAILED


def test_every_busy_state_can_fail() -> None:
    assert all((state, "fail") in TRANSITIONS for state in BUSY)
