"""Register files and their findings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from boai.files.models import StoredFile
from boai.kernel.errors import NotFound
from boai.people.actor import Actor
from boai.registry.enums import BUSY, SETTLED, Severity, severity_label
from boai.registry.intake.rules import ABOUT_REPEATS, candidates_sentence, severity_of, title_of
from boai.registry.models import Finding, Intake, IntakeFile, ReturnedWorkbook, StagedPlace, StagedRow
from boai.registry.queries.fixing import findings_in_village
from boai.registry.queries.sheets import Whereabouts

MOST_ATTEMPTS = 5  # with pauses that double from a minute and a half: given up within the hour
PAGE = 50


@dataclass(frozen=True)
class RuleCount:
    """One rule of a file's findings: how often, and what it means."""

    rule: str
    title: str
    severity: Severity
    count: int
    meaning: str


@dataclass(frozen=True)
class FindingView:
    """One finding as pages and files show it: where, what stands there, what is wrong."""

    id: int
    sheet: str
    row: int
    column: str
    letter: str
    value: str
    rule: str
    title: str
    severity: Severity
    sentence: str
    fixable: bool = False  # it is about one cell, which can be written anew on the page


@dataclass(frozen=True)
class FindingPage:
    """A page of findings and the keys of its neighbours ("" at the ends)."""

    rows: list[FindingView]
    before: str
    after: str


def intake_list(*, actor: Actor) -> QuerySet[Intake]:
    """The files of the actor's division, newest first. Row security narrows it besides."""
    return (
        Intake.objects.filter(region_code__range=(actor.scope.lo, actor.scope.hi))
        .select_related("uploaded_by", "workbook")
        .order_by("-uploaded_at", "-id")
    )


def intake_get(*, intake_id: UUID, actor: Actor) -> Intake:
    """One file. Raises NotFound."""
    intake = intake_list(actor=actor).filter(id=intake_id).select_related("committed_by").first()
    if intake is None:
        raise NotFound
    return intake


def intake_files(*, intake: Intake) -> list[IntakeFile]:
    """The files of an intake in the order in which they are read."""
    return list(intake.files.order_by("position"))


def intake_file(*, intake: Intake, position: int) -> IntakeFile:
    """One of them. Raises NotFound."""
    found = intake.files.filter(position=position).first()
    if found is None:
        raise NotFound
    return found


def originals_destroyed(*, intake: Intake) -> bool:
    """Has a file of the intake been destroyed, after its time or for a deletion?"""
    return intake.files.filter(stored__erased_at__isnull=False).exists()


def files_left(*, intake: Intake) -> list[StoredFile]:
    """Whatever of an intake still lies in the store: its files, its findings workbook, the workbooks that came back."""
    returned = ReturnedWorkbook.objects.filter(intake=intake)
    return list(
        StoredFile.objects.filter(
            Q(id__in=intake.files.values("stored_id")) | Q(id__in=returned.values("stored_id"))
            | Q(id=intake.workbook_id),
            erased_at__isnull=True,
        ).order_by("id")
    )  # fmt: skip


def intakes_stale(*, at: datetime, seconds: int) -> list[Intake]:
    """Files whose job has given no sign of life for a while: their worker was killed, or never saw the job."""
    silent = Intake.objects.filter(state__in=BUSY, beat_at__lt=at - timedelta(seconds=seconds)).order_by("beat_at")
    return [intake for intake in silent if _paused(intake, at=at, seconds=seconds)]


def intakes_without_workbook(*, at: datetime, seconds: int) -> list[Intake]:
    """Files checked within the last hour whose findings workbook is still owed: its job was lost with the worker."""
    lately = (at - timedelta(hours=1), at - timedelta(seconds=seconds))
    owed = Intake.objects.filter(
        state__in=SETTLED, workbook=None, checked_at__range=lately, beat_at__lt=lately[1], attempts__lt=MOST_ATTEMPTS
    )
    bare = owed.exclude(counts__rules={}).order_by("checked_at")
    return [intake for intake in bare if _paused(intake, at=at, seconds=seconds)]


def _paused(intake: Intake, *, at: datetime, seconds: int) -> bool:
    """Has it been left alone long enough? After each attempt that did not come to its end, twice as long."""
    pause = timedelta(seconds=seconds * 2 ** max(intake.attempts - 1, 0))
    return intake.beat_at is not None and intake.beat_at < at - pause


def rules_found(*, intake: Intake) -> list[RuleCount]:
    """The rules that the file breaks, the heaviest first. From the counts kept with the intake: no query."""
    order = list(Severity)
    found = [
        RuleCount(rule, title_of(rule), severity_of(rule), count, severity_label(severity_of(rule), intake.kind))
        for rule, count in intake.counts.get("rules", {}).items()
    ]
    return sorted(found, key=lambda one: (order.index(one.severity), -one.count))


def findings_page(
    *, intake: Intake, rule: str = "", village: str = "", key: str = "", size: int = PAGE
) -> FindingPage:  # fmt: skip
    """A page of findings in the order of the sheets and rows. `key` is "after:ID" or "before:ID" of a neighbour."""
    rows = Finding.objects.filter(intake_id=intake.id)
    if rule:
        rows = rows.filter(rule=rule)
    if village:
        rows = findings_in_village(rows, intake=intake, village=village)
    way, _colon, number = key.partition(":")
    anchor = Finding.objects.filter(intake_id=intake.id, id=int(number)).first() if number.isdigit() else None
    backwards = way == "before" and anchor is not None
    if anchor is not None:
        rows = rows.filter(_beyond(anchor, "lt" if backwards else "gt"))
    order = ["-sheet", "-row", "-id"] if backwards else ["sheet", "row", "id"]
    found = list(rows.order_by(*order)[: size + 1])
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    where = Whereabouts(intake)
    before = found and (more if backwards else anchor is not None)
    after = found and (True if backwards else more)
    return FindingPage(
        [_view(one, where) for one in found],
        f"before:{found[0].id}" if before else "",
        f"after:{found[-1].id}" if after else "",
    )


def _beyond(anchor: Finding, way: str) -> Q:
    """Before or after a finding in the order of sheet, row, id."""
    return (
        Q(**{f"sheet__{way}": anchor.sheet})
        | Q(sheet=anchor.sheet, **{f"row__{way}": anchor.row})
        | Q(sheet=anchor.sheet, row=anchor.row, **{f"id__{way}": anchor.id})
    )


def findings_plain(*, intake: Intake) -> Iterator[dict[str, Any]]:
    """Every fault for the command line, in order. Questions about who is who are not faults of a cell: left out."""
    rows = Finding.objects.filter(intake_id=intake.id).exclude(rule__in=ABOUT_REPEATS).order_by("sheet", "row", "id")
    where = Whereabouts(intake)
    for one in rows.iterator(chunk_size=5_000):
        view = _view(one, where)
        yield {
            "sheet": view.sheet,
            "row": view.row,
            "column": view.column,
            "value": view.value,
            "rule": view.rule,
            "severity": view.severity.value,
            "message": view.sentence,
            "value_at_fault": True,
        }


def places_plain(*, intake: Intake) -> Iterator[dict[str, Any]]:
    """The village of every row as it was resolved (None where it was not)."""
    codes = dict(StagedPlace.objects.filter(intake_id=intake.id).values_list("number", "code"))
    rows = StagedRow.objects.filter(intake_id=intake.id).order_by("sheet", "row").values_list("sheet", "row", "place")
    for sheet, row, place in rows.iterator(chunk_size=5_000):
        yield {"sheet": sheet, "row": row, "village_code": codes[place] or None}


def _view(finding: Finding, where: Whereabouts) -> FindingView:
    headings, column = where.headings(finding.sheet), finding.column
    params = dict(finding.params)
    value = finding.value or str(params.pop("value", ""))
    sentence = where.sentence(finding.rule, params) + candidates_sentence(params.get("names", ""))
    return FindingView(
        id=finding.id,
        sheet=where.label(finding.sheet),
        row=finding.row,
        column=headings[column] if column is not None and column < len(headings) else "",
        letter=column_letter(column),
        value=value,
        rule=finding.rule,
        title=title_of(finding.rule),
        severity=Severity(finding.severity),
        sentence=sentence,
        fixable=column is not None and finding.severity != Severity.REPEAT and finding.rule not in ABOUT_REPEATS,
    )


def column_letter(column: int | None) -> str:
    """How spreadsheets name a column counted from 0: A, B, …, Z, AA."""
    if column is None:
        return ""
    letters, column = "", column + 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
