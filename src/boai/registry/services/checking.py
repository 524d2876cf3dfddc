"""The job that reads a register file and checks it. Nothing of it touches the register."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import IO, Any
from uuid import UUID

from django.conf import settings
from django.db import DataError, connection, transaction

from boai.audit.services import record
from boai.files.services import file_open
from boai.kernel.clock import local_date
from boai.kernel.ids import new_id
from boai.kernel.rekeying import require_settled
from boai.people.actor import Actor
from boai.regions.codes import VILLAGE, level, span
from boai.regions.queries import NamedPlace, Resolution, resolve_many
from boai.registry.enums import IntakeKind, IntakeState
from boai.registry.intake.columns import PLACES
from boai.registry.intake.households import Group, Grouper
from boai.registry.intake.layout import HEAD_ROWS, Layout, RowKind, RowSorter, find_layout
from boai.registry.intake.limits import MOST_COLUMNS
from boai.registry.intake.overlay import overlay
from boai.registry.intake.people import PersonReader
from boai.registry.intake.samples import Sample, sample_of
from boai.registry.intake.sniff import BadFile
from boai.registry.intake.stream import Event, Row, SheetStart, reading
from boai.registry.intake.template import OWN_SHEETS
from boai.registry.models import Intake, StagedPlace
from boai.registry.queries.fixing import fixes_of
from boai.registry.queries.intakes import column_letter
from boai.registry.queries.mapping import learned
from boai.registry.services import checks, comparing
from boai.registry.services.committing import layouts_of
from boai.registry.services.intakes import intake_for_update, intake_move, job_lock, job_unlock, staged_forget
from boai.registry.services.mapping import samples_keep
from boai.registry.services.patching import patch_check
from boai.registry.services.staging import Batch, Places

ROWS_PER_BATCH = 4_000
_EMPTY = frozenset(("name.missing", "number.missing"))
_CANDIDATES = 4
ENOUGH_TO_LOOK_BROKEN = 40


class _Stopped(Exception):
    """Somebody has cancelled the intake while it was read."""


def intake_check(*, intake_id: UUID, actor: Actor, at: datetime) -> Intake:
    """Read the file, stage its rows, compare its people, write the findings.

    When an earlier attempt was killed, reading begins anew; what had been read is not read again to be compared.
    Ends with the intake CHECKED, FAILED (with the code of a sentence) or CANCELLED by somebody meanwhile. Does nothing
    when another worker is at it or it is no longer waiting.
    """
    require_settled()
    if not job_lock(intake_id=intake_id):
        return Intake.objects.get(id=intake_id)
    try:
        intake = _start(intake_id, at)
        try:
            if intake.state == IntakeState.READING:
                pass_over = _Reading(intake, local_date(at))
                pass_over.run()
                intake = _hand_over(intake_id, pass_over)
            if intake.state != IntakeState.COMPARING:
                return intake
            if intake.kind == IntakeKind.REGISTER:
                comparing.pairs_find(region_code=intake.region_code, intake=intake, at=at)
            return _finish(intake_id, actor, at)
        except BadFile as error:
            return _fail(intake_id, error.code, actor, at)
        except DataError:  # a sign that no database holds came through: better a sentence than a job that never ends
            return _fail(intake_id, "damaged", actor, at)
        except _Stopped:
            return Intake.objects.get(id=intake_id)
    finally:
        job_unlock(intake_id=intake_id)


@transaction.atomic
def _start(intake_id: UUID, at: datetime) -> Intake:
    intake = intake_for_update(intake_id=intake_id)
    if intake.state not in (IntakeState.RECEIVED, IntakeState.READING):
        return intake
    staged_forget(intake_id=intake_id)
    intake_move(
        intake=intake, action="start", rows_total=None, rows_read=0, rows_checked=0, beat_at=at, error="", counts={},
        layout=[], sheets_left=[], workbook=None,
    )  # fmt: skip
    return intake


class _Reading:
    """One pass over the file: rows become staged people, in transactions of a few thousand rows."""

    def __init__(self, intake: Intake, today: date) -> None:
        self.intake, self.today = intake, today
        self.layouts: list[Layout] = []
        self.left: list[str] = []
        self.patch = intake.kind == IntakeKind.PATCH
        self.learned = learned(region_code=intake.region_code)
        self.fixes = fixes_of(intake_id=intake.id)
        self.samples: list[Sample] = []
        self.grouper, self.places = Grouper(), Places()
        self.batch = self._new_batch()
        self.read = self.people = self.total = 0

    def run(self) -> None:
        """Read everything; `layouts` has the sheets that hold a table, `left` the others. Raises BadFile, _Stopped."""
        try:
            with plain_file(self.intake.file_id) as path, reading(path, pass_fds=(path_fd(path),)) as events:
                for start, rows in _sheets(events):
                    self._sheet(start, rows)
            self._write()
        finally:
            samples_keep(intake_id=self.intake.id, samples=self.samples)
        if not self.layouts:
            raise BadFile("no_table")
        if not self.people:
            raise BadFile("no_people")
        self._resolve()

    def _sheet(self, start: SheetStart, rows: Iterator[tuple[int, Row]]) -> None:
        head: list[Row] = []
        numbered: list[tuple[int, Row]] = []
        for number, row in rows:
            head.append(row)
            numbered.append((number, row))
            if len(head) == HEAD_ROWS:
                break
        layout = find_layout(start.index, start.name, head, start.merged, self.learned, patch=self.patch)
        if layout is None and start.name in OWN_SHEETS:
            return
        if start.visible and (sample := sample_of(start.index, start.name, head, layout)):
            self.samples.append(sample)
        if layout is None or not start.visible:
            if any(any(row) for row in head):
                self.left.append(start.name)
            return
        if not self.patch and not layout.village and not any(field in layout.columns for field in PLACES):
            raise BadFile("no_place")
        if start.width > MOST_COLUMNS:  # said, not silently cut off
            layout.unread.append(f"{column_letter(MOST_COLUMNS)}–{column_letter(start.width - 1)}")
        self.layouts.append(layout)
        self.total += start.height
        self.grouper.begin(layout)
        sorter, reader = RowSorter(layout, start.merged), PersonReader(layout, on=self.today)
        for number, row in _both(numbered, rows):
            self.read += 1
            if self.fixes and (fixes := self.fixes.get((layout.sheet, number))):
                overlay(row, fixes, layout)
            if number > layout.header_row and sorter.sort(number, row) is RowKind.PERSON:
                self._person(reader, layout, number, row)

    def _person(self, reader: PersonReader, layout: Layout, number: int, row: Row) -> None:
        person = reader.read(number, row)
        own = any(person.place)
        if self.patch:  # every row for itself; what is empty stays as it is
            person.faults = [fault for fault in person.faults if fault.rule not in _EMPTY]
            group, new = Group(new_id(), person.household, layout.sheet, number, person.place), True
        else:
            group, new = self.grouper.place(person)
        place = self.places.number(person.place)
        self.batch.add(person, group, layout, place=place, own=own or new, new=new)
        self.people += 1
        if len(self.batch.people) >= ROWS_PER_BATCH:
            self._write()

    def _new_batch(self) -> Batch:
        return Batch(self.intake.id, self.intake.region_code)

    @transaction.atomic
    def _write(self) -> None:
        """One batch and the progress that the page shows, unless somebody has cancelled."""
        with connection.cursor() as cursor:
            cursor.execute(
                """UPDATE registry_intake SET rows_total = %s, rows_read = %s, rows_checked = %s,
                          beat_at = clock_timestamp()
                   WHERE id = %s AND state = %s""",
                [max(self.total, self.read) or None, self.read, self.people, self.intake.id, IntakeState.READING],
            )
            if cursor.rowcount == 0:
                raise _Stopped
        self.batch.write()
        self.batch = self._new_batch()

    @transaction.atomic
    def _resolve(self) -> None:
        """The village of every way of writing a place, in one question to the divisions."""
        listed = self.places.listed()
        named = [NamedPlace(p.county, p.township, p.village, p.code) for _, p in listed]
        answers = resolve_many(named, within=span(self.intake.region_code), on=self.today)
        StagedPlace.objects.bulk_create(
            [
                StagedPlace(
                    intake=self.intake, region_code=self.intake.region_code, number=number, county=place.county,
                    township=place.township, village=place.village, code_text=place.code,
                    **place_verdict(answer),
                )
                for (number, place), answer in zip(listed, answers, strict=True)
            ],
            batch_size=2_000,
        )  # fmt: skip


def place_verdict(answer: Resolution) -> dict[str, object]:
    """What a resolution means for the rows of a place: a village's code, or the rule that they break."""
    if answer.code and level(answer.code) == VILLAGE:
        return {"code": answer.code}
    reason = "not_village" if answer.code else str(answer.reason.value)
    rule = {"empty": "missing", "code_conflict": "conflict"}.get(reason, reason)
    names = "、".join(place.name for place in answer.candidates[:_CANDIDATES])
    return {"rule": f"place.{rule}", "params": {"names": names} if names else {}}


@transaction.atomic
def _hand_over(intake_id: UUID, pass_over: _Reading) -> Intake:
    """All rows are staged: from here on nothing is read again."""
    intake = intake_for_update(intake_id=intake_id)
    if intake.state != IntakeState.READING:
        raise _Stopped
    intake_move(
        intake=intake, action="compare", layout=[layout.as_json() for layout in pass_over.layouts],
        sheets_left=pass_over.left,
    )  # fmt: skip
    return intake


@transaction.atomic
def _finish(intake_id: UUID, actor: Actor, at: datetime) -> Intake:
    """The checks over the whole file, the counts, and the word that it is done."""
    intake = intake_for_update(intake_id=intake_id)
    if intake.state != IntakeState.COMPARING:
        raise _Stopped
    checks.spots_prepare(layouts=layouts_of(intake=intake))
    if intake.kind == IntakeKind.PATCH:
        counted = patch_check(intake=intake, at=at)
    else:
        checks.file_check(intake_id=intake_id, region_code=intake.region_code)
        checks.register_check(intake_id=intake_id, region_code=intake.region_code)
        counted = checks.counts(intake_id=intake_id)
        bars = comparing.thresholds(region_code=intake.region_code, at=at)
        counted["broken"] = _looks_broken(counted, bars.broken_percent)
    intake_move(intake=intake, action="finish", counts=counted, checked_at=at)
    record("registry.intake.checked", intake, actor=actor, at=at, people=counted["people"],
           households=counted["households"], findings=sum(counted["rules"].values()))  # fmt: skip
    return intake


def _looks_broken(counted: dict[str, Any], percent: int) -> bool:
    """Does so much of the file stand twice that it was put together wrongly? Small files may."""
    return bool(counted["people"] >= ENOUGH_TO_LOOK_BROKEN and counted["doubled"] * 100 > counted["people"] * percent)


@transaction.atomic
def _fail(intake_id: UUID, code: str, actor: Actor, at: datetime) -> Intake:
    intake = intake_for_update(intake_id=intake_id)
    if intake.state == IntakeState.READING:
        staged_forget(intake_id=intake_id)
        intake_move(intake=intake, action="fail", error=code)
        record("registry.intake.failed", intake, actor=actor, at=at, why=code)
    return intake


@contextmanager
def plain_file(file_id: UUID) -> Iterator[str]:
    """The unsealed file without a name on the disk: whoever is killed leaves nothing behind."""
    with tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR) as plain:
        _copy(file_id, plain)
        yield f"/proc/self/fd/{plain.fileno()}"


def path_fd(path: str) -> int:
    """The descriptor behind a path of `plain_file`."""
    return int(os.path.basename(path))


def _copy(file_id: UUID, target: IO[bytes]) -> None:
    file_open(file_id=file_id).copy_to(target)  # type: ignore[arg-type]  # a temporary file is a BinaryIO in all but name
    target.flush()


def _sheets(events: Iterator[Event]) -> Iterator[tuple[SheetStart, Iterator[tuple[int, Row]]]]:
    """Each sheet with its numbered rows; whoever asks for the next sheet has done with the rows of the last."""
    held: list[SheetStart] = []

    def rows() -> Iterator[tuple[int, Row]]:
        for event in events:
            if isinstance(event, SheetStart):
                held.append(event)
                return
            for offset, row in enumerate(event.rows):
                yield event.first + offset, row

    for _ in rows():
        raise BadFile("damaged")  # rows before any sheet
    while held:
        start = held.pop()
        current = rows()
        yield start, current
        for _ in current:
            continue


def _both(first: list[tuple[int, Row]], rest: Iterator[tuple[int, Row]]) -> Iterator[tuple[int, Row]]:
    yield from first
    yield from rest
