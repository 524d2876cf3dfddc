"""The copies of a person that files have left behind: staged rows, what stood there before, findings, corrected cells,
samples of columns, the uploaded files themselves, and lists that were taken out.

A file holds other people's rows too and can't be edited: it is destroyed, and its row keeps hash, size and when.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import models
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from boai.audit.queries import reference
from boai.files.models import StoredFile
from boai.files.services import file_erase
from boai.kernel.crypto import blinds
from boai.kernel.errors import UnableTo
from boai.people.actor import Actor
from boai.regions.codes import path
from boai.registry.enums import BUSY, ExportState, PairState
from boai.registry.linkage.marks import person_mark
from boai.registry.models import (
    CellFix,
    ColumnSample,
    DistinctPair,
    DuplicatePair,
    Finding,
    Intake,
    PatchRow,
    ReadingMark,
    RegisterExport,
    Resident,
    ReturnedCell,
    RowWord,
    StagedCategory,
    StagedHousehold,
    StagedRow,
)
from boai.registry.models.people import ACCOUNT, NUMBER, PHONE
from boai.registry.queries.intakes import files_left
from boai.registry.services.exports import ANEW, export_forget

TAKEN_OUT = "□□□"
SHORTEST = 2
FINDINGS_FILE = "registry.findings"


@dataclass
class Traces:
    """By what a person is found in copies: names and numbers in the clear, and the rows of files."""

    names: set[str]
    digits: set[str]
    marks: set[bytes]
    staged: list[StagedRow] = field(default_factory=list)
    patches: list[PatchRow] = field(default_factory=list)
    intakes: list[Intake] = field(default_factory=list)

    @property
    def intake_references(self) -> list[str]:
        """The files, as the log names them."""
        return [reference(intake) for intake in self.intakes]

    def names_in(self, text: str) -> bool:
        """Does a text name the person?"""
        return any(word in text for word in self._words())

    def taken_out(self, text: str) -> str:
        """The text without the person's name and numbers."""
        for word in self._words():
            text = text.replace(word, TAKEN_OUT)
        return text

    def _words(self) -> Iterator[str]:
        yield from (word for word in (*self.names, *self.digits) if len(word) >= SHORTEST)


def traces_of(rows: Sequence[Resident]) -> Traces:
    """Find a person's rows in every file that is still staged, and the files. Call it under the widest scope.

    Raises UnableTo while one of the files is being worked on.
    """
    known = [row for row in rows if row.name]
    traces = Traces(
        names={row.name for row in known},
        digits={value for row in known for value in (row.number, row.phone, row.account) if value},
        marks={_mark(row) for row in known},
    )
    ids = [row.id for row in rows]
    doubled = DuplicatePair.objects.filter(Q(left_id__in=ids) | Q(right_id__in=ids), state=PairState.SAME)
    twins = {one for pair in doubled.values_list("left_id", "right_id") for one in pair} - set(ids)
    traces.patches = list(PatchRow.objects.filter(resident_id__in=ids))
    same = Q(id__in=[*ids, *twins, *(patch.id for patch in traces.patches)])
    for row in known:
        same |= _alike(row)
    traces.staged = list(StagedRow.objects.filter(same))
    keys = {one.intake_id for one in traces.staged} | {one.intake_id for one in traces.patches}
    keys |= {row.intake_id for row in rows if row.intake_id}
    found = Intake.objects.select_for_update(of=("self",)).filter(id__in=keys).order_by("id")
    traces.intakes = list(found)
    if any(intake.state in BUSY for intake in traces.intakes):
        raise UnableTo(_("A register file that holds this person is being worked on just now. Try again in a moment."))
    return traces


def _alike(row: Resident) -> Q:
    """A staged row is the person: the same number; or the same name with the telephone, the account, or the birth of
    somebody without a number."""
    alike = Q(pk__in=[])
    if row.number:
        alike |= Q(number_blind__in=blinds(row.number, NUMBER))
    if row.phone:
        alike |= Q(name=row.name, phone_blind__in=blinds(row.phone, PHONE))
    if row.account:
        alike |= Q(name=row.name, account_blind__in=blinds(row.account, ACCOUNT))
    if row.born_on and not row.number:
        alike |= Q(name=row.name, born_on=row.born_on, number_blind__isnull=True)
    return alike


def _mark(row: Resident) -> bytes:
    return person_mark(
        name=row.name, born=row.born_on.isoformat() if row.born_on and row.born_precision == "day" else "", sex=row.sex,
        number=bytes(row.number_blind) if row.number_blind else None,
        household=row.household.office_number,
    )  # fmt: skip


def copies_erase(traces: Traces, *, actor: Actor, at: datetime, reason: str) -> None:
    """Destroy every copy that `traces_of` found."""
    spots: dict[UUID, set[tuple[int, int]]] = defaultdict(set)
    for intake_id, sheet, number in [(one.intake_id, one.sheet, one.row) for one in traces.staged] + [
        (one.intake_id, one.sheet, one.row) for one in traces.patches
    ]:
        spots[intake_id].add((sheet, number))
    for intake in traces.intakes:
        _findings_erase(intake, spots[intake.id], traces)
        intake_destroy(intake=intake, actor=actor, at=at, reason=reason)
    places = {intake.region_code for intake in traces.intakes}
    for stored in workbooks_left_behind().filter(region_code__in=places).order_by("id"):
        file_erase(file_id=stored.id, actor=actor, at=at, reason=reason)
    ids = [row.id for row in traces.staged]
    StagedCategory.objects.filter(resident_id__in=ids).delete()
    homes = {row.household_id for row in traces.staged}
    StagedRow.objects.filter(id__in=ids).delete()
    left = StagedRow.objects.filter(household_id__in=homes).values("household_id")
    StagedHousehold.objects.filter(id__in=homes).exclude(id__in=left).delete()
    whose = {patch.resident_id for patch in traces.patches if patch.resident_id}
    PatchRow.objects.filter(Q(id__in=[patch.id for patch in traces.patches]) | Q(resident_id__in=whose)).delete()
    DuplicatePair.objects.filter(Q(left_id__in=[*ids, *whose]) | Q(right_id__in=[*ids, *whose])).delete()
    DistinctPair.objects.filter(Q(low__in=traces.marks) | Q(high__in=traces.marks)).delete()


def _findings_erase(intake: Intake, spots: set[tuple[int, int]], traces: Traces) -> None:
    """Findings and corrected cells of the person's rows, and those of other rows that name the person."""
    found = [
        one.pk
        for one in Finding.objects.filter(intake=intake).iterator(chunk_size=2_000)
        if (one.sheet, one.row) in spots or traces.names_in(one.value) or traces.names_in(str(one.params))
    ]
    fixed = [
        one.pk
        for one in CellFix.objects.filter(intake=intake).iterator(chunk_size=2_000)
        if (one.sheet, one.row) in spots or traces.names_in(one.value) or traces.names_in(one.instead)
    ]
    Finding.objects.filter(pk__in=found).delete()
    CellFix.objects.filter(pk__in=fixed).delete()


def intake_destroy(*, intake: Intake, actor: Actor, at: datetime, reason: str) -> None:
    """Destroy an intake's files, its findings workbook, those that came back, and the samples of its columns. The same
    bytes can be uploaded again afterwards: what was destroyed is remembered by the stored file, not by the intake."""
    for stored in files_left(intake=intake):
        file_erase(file_id=stored.id, actor=actor, at=at, reason=reason)
    ColumnSample.objects.filter(intake_id=intake.id).delete()
    ReturnedCell.objects.filter(returned__intake_id=intake.id).delete()
    intake.files.update(held=False)
    gone = hashlib.sha256(f"{intake.sha256} {intake.id}".encode()).hexdigest()
    Intake.objects.filter(id=intake.id).update(sha256=gone)


def workbooks_left_behind() -> QuerySet[StoredFile]:
    """Findings workbooks that a newer one has replaced: nobody can reach them, and they hold what was found."""
    held = Intake.objects.filter(workbook__isnull=False).values("workbook_id")
    return StoredFile.objects.filter(purpose=FINDINGS_FILE, erased_at__isnull=True).exclude(id__in=held)


def rows_destroy(*, intake: Intake) -> int:
    """Destroy everything that was read from a file: rows, findings, corrected cells, what stood there before. How many
    rows of people."""
    rows = StagedRow.objects.filter(intake_id=intake.id)
    count = rows.count()
    for model in (StagedCategory, StagedHousehold, Finding, CellFix, PatchRow, ReadingMark, RowWord):
        _all_of(model, intake)
    rows._raw_delete("default")
    DuplicatePair.objects.filter(intake_id=intake.id).delete()
    return count


def _all_of(model: type[models.Model], intake: Intake) -> None:
    model._default_manager.filter(intake_id=intake.id)._raw_delete("default")


def lists_erase(places: Iterable[str], *, at: datetime) -> None:
    """Erase lists that lie ready for any of the places; those being written begin anew."""
    above = {code for place in places for code in ("000000000000", *path(place))}
    found = RegisterExport.objects.filter(region_code__in=above)
    for export_id in found.filter(state=ExportState.READY).order_by("id").values_list("id", flat=True):
        export_forget(export_id=export_id, at=at)
    found.filter(state=ExportState.WRITING).update(known_consent=ANEW)
