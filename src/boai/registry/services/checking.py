"""The job that reads a register file and checks it. Nothing of it touches the register."""

from __future__ import annotations

import hashlib
import itertools
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from typing import IO, Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import DataError, connection, transaction

from boai.audit.services import record
from boai.files.errors import FileDamaged, FileMissing
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
from boai.registry.intake.layout import HEAD_ROWS, Layout, RowKind, RowSorter, find_layout, sheet_label
from boai.registry.intake.limits import MOST_COLUMNS
from boai.registry.intake.overlay import overlay
from boai.registry.intake.people import PersonReader, Place
from boai.registry.intake.samples import Sample, sample_of
from boai.registry.intake.sniff import BadFile
from boai.registry.intake.stream import Event, Row, SheetStart, reading
from boai.registry.intake.template import OWN_SHEETS
from boai.registry.models import Intake, IntakeFile, ReadingMark, StagedPlace
from boai.registry.queries.fixing import fixes_of
from boai.registry.queries.intakes import column_letter
from boai.registry.queries.mapping import learned
from boai.registry.services import checks, comparing
from boai.registry.services.committing import layouts_of
from boai.registry.services.intakes import intake_for_update, intake_move, job_lock, job_unlock, staged_forget
from boai.registry.services.mapping import samples_keep
from boai.registry.services.marks import mark_keep, marks_forget, marks_kept
from boai.registry.services.patching import patch_check
from boai.registry.services.staging import Batch, Places

ROWS_PER_BATCH = 4_000
_EMPTY = frozenset(("name.missing", "number.missing"))
_CANDIDATES = 4
ENOUGH_TO_LOOK_BROKEN = 40
_COUNTED = ("read", "people", "total", "measured", "bases", "sheets", "people_before", "sheet", "row")


class Marked(NamedTuple):
    """How much of what is known stands in the marks."""

    number: int = 0
    layouts: int = 0
    left: int = 0
    samples: int = 0
    places: int = 0


class _Stopped(Exception):
    """Somebody has cancelled the intake while it was read."""


def intake_check(*, intake_id: UUID, actor: Actor, at: datetime) -> Intake:
    """Read the file, stage its rows, compare its people, write the findings.

    When an earlier attempt was killed, reading goes on behind the last batch of rows that was staged.
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
            return _fail(intake_id, error.code, actor, at, file=error.file)
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
    if intake.state == IntakeState.READING and ReadingMark.objects.filter(intake_id=intake_id).exists():
        intake_move(intake=intake, action="start", beat_at=at)
        return intake
    staged_forget(intake_id=intake_id)
    intake_move(
        intake=intake, action="start", rows_total=None, rows_read=0, rows_checked=0, files_read=0, beat_at=at, error="",
        error_file="", counts={}, layout=[], sheets_left=[], workbook=None,
    )  # fmt: skip
    return intake


class _Reading:
    """One pass over the files: rows become staged people, in transactions of a few thousand rows.

    Each transaction leaves a mark; where an earlier pass has left some, this one goes on behind the last.
    """

    def __init__(self, intake: Intake, today: date) -> None:
        self.intake, self.today = intake, today
        self.files = list(intake.files.order_by("position"))
        self.layouts: list[Layout] = []
        self.left: list[str] = []
        self.patch = intake.kind == IntakeKind.PATCH
        self.learned = learned(region_code=intake.region_code)
        self.fixes = fixes_of(intake_id=intake.id)
        self.samples: list[Sample] = []
        self.grouper, self.places = Grouper(), Places()
        self.batch = self._new_batch()
        self.read = self.people = self.total = 0
        self.measured = True  # every sheet has said how many rows it has
        self.bases: list[int] = []  # the number of the first sheet of each file that was begun
        self.sheets = self.people_before = 0  # sheets met so far; people of the files before
        self.sheet = self.row = 0  # where in the file the next row stands: behind this row of this sheet
        self.sorter: RowSorter | None = None
        self.held: dict[str, Any] = {}
        self.marked = Marked()
        for mark in marks_kept(intake_id=intake.id):
            self._go_on(mark)

    def run(self) -> None:
        """Read everything; `layouts` has the sheets that hold a table, `left` the others. Raises BadFile, _Stopped."""
        try:
            for one in self.files[max(len(self.bases) - 1, 0) :]:
                self._file(one)
            self._write()
        finally:
            samples_keep(intake_id=self.intake.id, samples=self.samples)
        self._resolve()

    def _file(self, one: IntakeFile) -> None:
        if one.position == len(self.bases):
            self.bases.append(self.sheets)
            self.people_before, self.sheet, self.row = self.people, 0, 0
        base = self.bases[-1]
        try:
            with (
                plain_file(one.stored_id, sha256=one.sha256) as path,
                reading(path, pass_fds=(path_fd(path),), sheet=self.sheet, row=self.row) as events,
            ):
                for start, rows in _sheets(events):
                    self.sheet = start.index
                    self._sheet(replace(start, index=base + start.index), rows)
                    self.sheet, self.row = start.index + 1, 0
            if not any(layout.sheet >= base for layout in self.layouts):
                raise BadFile("no_table")
            if self.people == self.people_before:
                raise BadFile("no_people")
        except BadFile as error:
            error.file = self._name(one)
            raise

    def _name(self, one: IntakeFile) -> str:
        """The file's name where there are several."""
        return one.name if len(self.files) > 1 else ""

    def _sheet(self, start: SheetStart, rows: Iterator[tuple[int, Row]]) -> None:
        self.sheets = max(self.sheets, start.index + 1)
        if self.row:  # an earlier pass has read its beginning
            layout, numbered = self.layouts[-1], list[tuple[int, Row]]()
            self.grouper.resume(layout)
        else:
            found, numbered = self._table(start, rows)
            if found is None:
                return
            layout = found
            self.layouts.append(layout)
            self.total, self.measured = self.total + start.height, self.measured and start.height > 0
            self.grouper.begin(layout)
        sorter, reader = RowSorter(layout, start.merged), PersonReader(layout, on=self.today)
        if self.row:
            sorter.resume(self.held)
        self.sorter = sorter
        for number, row in _both(numbered, rows):
            self.read, self.row = self.read + 1, number
            if self.fixes and (fixes := self.fixes.get((layout.sheet, number))):
                overlay(row, fixes, layout)
            if number > layout.header_row and sorter.sort(number, row) is RowKind.PERSON:
                self._person(reader, layout, number, row)

    def _table(self, start: SheetStart, rows: Iterator[tuple[int, Row]]) -> tuple[Layout | None, list[tuple[int, Row]]]:
        """The table of a sheet, if it holds one that is to be read, and the first rows."""
        numbered = list(itertools.islice(rows, HEAD_ROWS))
        head = [row for _number, row in numbered]
        layout = find_layout(start.index, start.name, head, start.merged, self.learned, patch=self.patch)
        if layout is None and start.name in OWN_SHEETS:
            return None, numbered
        file = self._name(self.files[len(self.bases) - 1])
        label = sheet_label(file, start.name)
        if start.visible and (sample := sample_of(start.index, label, head, layout)):
            self.samples.append(sample)
        if layout is None or not start.visible:
            if any(any(row) for row in head):
                self.left.append(label)
            return None, numbered
        if not self.patch and not layout.village and not any(field in layout.columns for field in PLACES):
            raise BadFile("no_place")
        if start.width > MOST_COLUMNS:  # said, not silently cut off
            layout.unread.append(f"{column_letter(MOST_COLUMNS)}–{column_letter(start.width - 1)}")
        layout.file = file
        return layout, numbered

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
                """UPDATE registry_intake SET rows_total = %s, rows_read = %s, rows_checked = %s, files_read = %s,
                          beat_at = clock_timestamp()
                   WHERE id = %s AND state = %s""",
                [self._rows_total(), self.read, self.people, len(self.bases), self.intake.id, IntakeState.READING],
            )
            if cursor.rowcount == 0:
                raise _Stopped
        self.batch.write()
        self.batch = self._new_batch()
        mark_keep(intake=self.intake, number=self.marked.number, state=self._mark())

    def _rows_total(self) -> int | None:
        """How many rows there are; nobody knows it before the last file is open, or of text files."""
        if not self.measured or len(self.bases) < len(self.files):
            return None
        return max(self.total, self.read) or None

    def _mark(self) -> dict[str, Any]:
        """Where reading stands, and what has come to be known since the mark before."""
        since, listed = self.marked, self.places.listed()
        self.marked = Marked(since.number + 1, len(self.layouts), len(self.left), len(self.samples), len(listed))
        return {
            **{name: getattr(self, name) for name in _COUNTED},
            "sorter": self.sorter.mark() if self.sorter and self.row else {},
            "layouts": [layout.as_json() for layout in self.layouts[since.layouts :]],
            "left": self.left[since.left :],
            "samples": [sample.as_json() for sample in self.samples[since.samples :]],
            "places": [place for _number, place in listed[since.places :]],
            "grouper": self.grouper.mark(),
        }

    def _go_on(self, mark: dict[str, Any]) -> None:
        """Take up what a mark has kept."""
        for name in _COUNTED:
            setattr(self, name, mark[name])
        self.held = mark["sorter"]
        self.layouts += [Layout.from_json(kept) for kept in mark["layouts"]]
        self.left += mark["left"]
        self.samples += [Sample(**kept) for kept in mark["samples"]]
        for place in mark["places"]:
            self.places.number(Place(*place))
        self.grouper.learn(mark["grouper"])
        self.marked = Marked(
            self.marked.number + 1, len(self.layouts), len(self.left), len(self.samples), len(self.places.numbers)
        )

    @transaction.atomic
    def _resolve(self) -> None:
        """The village of every way of writing a place, in one question to the divisions."""
        StagedPlace.objects.filter(intake_id=self.intake.id)._raw_delete("default")
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
    for one, base in zip(pass_over.files, pass_over.bases, strict=True):
        IntakeFile.objects.filter(id=one.id).update(first_sheet=base)
    marks_forget(intake_id=intake_id)
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
def _fail(intake_id: UUID, code: str, actor: Actor, at: datetime, *, file: str = "") -> Intake:
    intake = intake_for_update(intake_id=intake_id)
    if intake.state == IntakeState.READING:
        staged_forget(intake_id=intake_id)
        intake_move(intake=intake, action="fail", error=code, error_file=file)
        record("registry.intake.failed", intake, actor=actor, at=at, why=code)
    return intake


@contextmanager
def plain_file(file_id: UUID, *, sha256: str) -> Iterator[str]:
    """The unsealed file without a name on the disk: whoever is killed leaves nothing behind.

    Nobody can change it while it is read. Raises BadFile when it is not the one that was uploaded.
    """
    with tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR) as plain:
        if _copy(file_id, plain) != sha256:
            raise BadFile("changed")
        yield f"/proc/self/fd/{plain.fileno()}"


def path_fd(path: str) -> int:
    """The descriptor behind a path of `plain_file`."""
    return int(os.path.basename(path))


def _copy(file_id: UUID, target: IO[bytes]) -> str:
    """The SHA-256 of what was copied."""
    digest = hashlib.sha256()
    try:
        for piece in file_open(file_id=file_id).chunks:
            digest.update(piece)
            target.write(piece)
    except (FileDamaged, FileMissing):
        raise BadFile("changed") from None
    target.flush()
    return digest.hexdigest()


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
