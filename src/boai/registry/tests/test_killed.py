"""The worker killed in each phase, really: nothing lost, nothing twice, and what was staged is not staged again."""

from __future__ import annotations

import io
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db import connections

from boai.audit.tests.factories import environment_for
from boai.kernel.errors import NotAllowed
from boai.kernel.scope import EVERYWHERE, set_scope
from boai.people.actor import Actor
from boai.registry import services
from boai.registry.enums import IntakeState
from boai.registry.models import (
    DuplicatePair,
    Finding,
    Household,
    Intake,
    ReadingMark,
    Resident,
    StagedCategory,
    StagedHousehold,
    StagedPlace,
    StagedRow,
)
from boai.registry.services import Sent, checking
from boai.registry.tests.dying import SMALL
from boai.registry.tests.factories import COUNTY, villages
from boai.registry.tests.register_files import HEADINGS, Line, household, table, xlsx

ACTOR = Actor.system()
STAGED = (StagedRow, StagedHousehold, StagedCategory, StagedPlace, Finding, DuplicatePair, ReadingMark)


def files() -> list[tuple[str, bytes]]:
    """Everything that rows take from those above them, in three files: merged cells, 同上, numbers that come back,
    households by their heads alone, faults, somebody twice."""
    rng = random.Random(4)

    def homes(place: int, count: int, size: int = 4) -> list[Line]:
        key = f"62{place:04d}"
        return [
            x for i in range(count) for x in household(rng, i, villages(4)[place][:2], key=f"{key}{i:07d}", size=size)
        ]

    tall, ditto, heads, spread = homes(0, 5), homes(1, 5), homes(2, 5), homes(3, 4)
    merges = [(1 + 4 * i, column, 4 + 4 * i, column) for i in range(5) for column in (0, 7, 8)]
    for line in [x for i, x in enumerate(ditto) if i % 4]:
        line.cells |= {"township": "同上", "village": "同上", "household": "", "address": "〃"}
    ditto[6].cells["phone"] = "139"
    ditto[9].cells["number"] = ditto[9].cells["number"][:17]
    without = [[cell for place, cell in enumerate(row) if HEADINGS[place] != "户编号"] for row in table(heads)]
    mixed = [spread[i] for i in (0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15)]
    again = Line(dict(tall[1].cells) | {"household": "620003000000099", "relation": "户主"})
    first = xlsx([], sheets={"并格": table(tall), "同上": table(ditto)}, merges=()).getvalue()
    return [
        ("一.xlsx", first),
        ("二.xlsx", xlsx(table(homes(0, 5)[:20]), merges=merges).getvalue()),
        ("三.csv", "\n".join(",".join(str(cell) for cell in row) for row in without).encode()),
        ("四.xlsx", xlsx(table([*mixed, again])).getvalue()),
    ]


def received(at: datetime) -> Intake:
    sent = [Sent(io.BytesIO(content), name) for name, content in files()]
    intake, _new = services.files_upload(sent=sent, region_code=COUNTY, actor=ACTOR, at=at, queue=False)
    return intake


def facts(intake: Intake) -> dict[str, Any]:
    """What is staged, opened, without our own ids."""
    intake.refresh_from_db()
    fields = (
        "sheet",
        "row",
        "name",
        "relation",
        "sex",
        "born_on",
        "number",
        "phone",
        "account",
        "address",
        "place_own",
    )
    homes = {
        one.id: (one.sheet, one.row, one.office_number, one.enters)
        for one in StagedHousehold.objects.filter(intake=intake)
    }
    codes = dict(intake.places.values_list("number", "code"))
    rows = list(StagedRow.objects.filter(intake=intake).order_by("sheet", "row"))
    where = {one.id: (one.sheet, one.row) for one in rows}
    kinds = StagedCategory.objects.filter(intake=intake)
    found = Finding.objects.filter(intake=intake).order_by("sheet", "row", "column", "rule")
    return {
        "rows": [(*(getattr(one, f) for f in fields), homes[one.household_id], codes[one.place]) for one in rows],
        "homes": sorted(homes.values()),
        "categories": sorted((*where[one.resident_id], one.kind, one.detail) for one in kinds),
        "findings": [(one.sheet, one.row, one.column, one.rule, one.value, str(one.params)) for one in found],
        "pairs": sorted(sorted([where[p.left_id], where[p.right_id]]) for p in DuplicatePair.objects.filter(intake=intake)),
        "layout": intake.layout, "counts": intake.counts, "read": intake.rows_read, "left": intake.sheets_left,
        "bases": list(intake.files.order_by("position").values_list("first_sheet", flat=True)),
    }  # fmt: skip


def undisturbed(at: datetime) -> tuple[Intake, dict[str, Any]]:
    """The facts of a reading that nobody disturbs; the intake is received anew afterwards."""
    intake = received(at)
    services.intake_check(intake_id=intake.id, actor=ACTOR, at=at)
    truth = facts(intake)
    services.intake_cancel(intake_id=intake.id, actor=ACTOR, at=at)
    assert not any(model.objects.exists() for model in STAGED)
    assert received(at).id == intake.id
    return intake, truth


def killed(database: str, phase: str, about: Intake | datetime, after: int = 1) -> None:
    """Let a worker of its own die in this phase."""
    word = about.isoformat() if isinstance(about, datetime) else str(about.id)
    connections.close_all()
    command = [sys.executable, "-m", "boai.registry.tests.dying", phase, str(after), word]
    done = subprocess.run(command, env=environment_for(database), capture_output=True, timeout=120, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    set_scope(EVERYWHERE)


def test_killed_in_every_phase(own_database: str, at: datetime) -> None:
    intake, truth = undisturbed(at)
    assert len(truth["rows"]) > 8 * SMALL
    killed(own_database, "reading", intake, after=3)
    staged = dict(StagedRow.objects.values_list("id", "number_blind"))
    assert len(staged) == 3 * SMALL
    killed(own_database, "reading", intake, after=4)
    assert set(staged) < set(StagedRow.objects.values_list("id", flat=True)), "what was staged stays as it is"
    assert StagedRow.objects.count() == 7 * SMALL
    killed(own_database, "resolving", intake)
    assert StagedRow.objects.count() == len(truth["rows"])
    intake.refresh_from_db()
    assert intake.state == IntakeState.READING
    killed(own_database, "comparing", intake)
    intake.refresh_from_db()
    assert intake.state == IntakeState.COMPARING
    assert not ReadingMark.objects.exists()
    killed(own_database, "checking", intake)
    intake.refresh_from_db()
    assert intake.state == IntakeState.COMPARING
    services.intake_check(intake_id=intake.id, actor=ACTOR, at=at)
    assert facts(intake) == truth
    assert set(staged) < set(StagedRow.objects.values_list("id", flat=True))

    services.intake_commit(intake_id=intake.id, actor=ACTOR, at=at, queue=False)
    killed(own_database, "committing", intake)
    assert not Resident.objects.exists()
    services.intake_commit_run(intake_id=intake.id, actor=ACTOR, at=at)
    intake.refresh_from_db()
    assert intake.state == IntakeState.COMMITTED
    assert Resident.objects.count() == intake.counts["entered"]["people"] == truth["counts"]["entering_people"]
    assert Household.objects.count() == truth["counts"]["entering_households"]


def test_killed_and_cancelled(own_database: str, at: datetime) -> None:
    intake = received(at)
    killed(own_database, "reading", intake, after=3)
    assert StagedRow.objects.exists()
    assert ReadingMark.objects.count() == 3
    services.intake_cancel(intake_id=intake.id, actor=ACTOR, at=at)
    assert not any(model.objects.exists() for model in STAGED)
    services.intake_check(intake_id=intake.id, actor=ACTOR, at=at)
    assert not StagedRow.objects.exists()
    with pytest.raises(NotAllowed):
        services.intake_commit(intake_id=intake.id, actor=ACTOR, at=at, queue=False)


class Crash(Exception):
    """The end of a worker, as far as the database can tell."""


@pytest.mark.django_db
@pytest.mark.parametrize("batch", [1, 2, 3, 5, 8, 13])
def test_broken_off_behind_every_batch(batch: int, at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever the rows are cut, reading goes on as if nothing had happened."""
    intake, truth = undisturbed(at)
    monkeypatch.setattr(checking, "ROWS_PER_BATCH", batch)
    whole: Callable[[Any], None] = checking._Reading._write

    def breaking(self: Any) -> None:
        whole(self)
        raise Crash

    monkeypatch.setattr(checking._Reading, "_write", breaking)
    crashes = 0
    with pytest.raises(Crash):
        services.intake_check(intake_id=intake.id, actor=ACTOR, at=at)
    seen = ReadingMark.objects.count()
    while True:
        crashes += 1
        with pytest.raises(Crash):
            services.intake_check(intake_id=intake.id, actor=ACTOR, at=at)
        if StagedRow.objects.count() == len(truth["rows"]) and ReadingMark.objects.count() > seen + 1:
            break
        assert crashes < 500
    monkeypatch.setattr(checking._Reading, "_write", whole)
    services.intake_check(intake_id=intake.id, actor=ACTOR, at=at)
    assert facts(intake) == truth
