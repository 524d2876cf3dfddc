"""Rows of a returned workbook read anew, where they can be without the rows around them: a few statements for all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q

from boai.kernel.clock import local_date
from boai.registry.intake.columns import Field
from boai.registry.intake.rules import ABOUT_REPEATS, severity_of
from boai.registry.models import Finding, Intake, ReturnedWorkbook, StagedRow
from boai.registry.models.people import ACCOUNT, NOTE, NUMBER, PHONE
from boai.registry.services import checks
from boai.registry.services.committing import layouts_of
from boai.registry.services.fixing import TOGETHER, as_written, cells_read, facts_put, faults_that_count, fields_beside
from boai.registry.services.intakes import intake_move
from boai.registry.services.jobs import RECHECK, job_enqueue
from boai.registry.services.staging import ROWS, copy_in, sealed

MOST_AT_ONCE = 2_000  # rows; more are left to a job that reads the files once more
_SEALED = {"number": NUMBER, "phone": PHONE, "account": ACCOUNT, "note": NOTE}
_COLUMNS = [column.split()[0] for column in ROWS[1].split(", ")]
Key = tuple[int, int]


def rows_restage(*, intake: Intake, returned: ReturnedWorkbook, at: datetime, queue: bool = True) -> bool:
    """Read the changed cells into the staged rows and have the whole file checked again.

    False, and nothing done, where the files have to be read once more: too many rows, or one that was no person.
    """
    changed: dict[Key, dict[int, str]] = defaultdict(dict)
    for cell in returned.cells.filter(conflict=False):
        changed[cell.sheet, cell.row][cell.column] = cell.after
    rows = _staged(intake, list(changed))
    if len(changed) > MOST_AT_ONCE or len(rows) < len(changed):
        return False
    layouts = {layout.sheet: layout for layout in layouts_of(intake=intake)}
    stood = _stood(intake, rows)
    gone, new = list[int](), list[Finding]()
    for key, cells in changed.items():
        layout, row = layouts[key[0]], rows[key]
        named = {field: cells[column] for field, column in layout.columns.items() if column in cells}
        fields = fields_beside(named, layout)
        wrong = {one.field: one.value for one in stood[key] if one.value}
        written = {one: named.get(one, wrong.get(one.value) or as_written(row, one)) for one in fields}
        person = cells_read(layout, row.row, written, local_date(at))
        for field in _each_once(named):
            facts_put(row, person, field, written)
        gone += [one.id for one in stood[key] if one.field in fields]
        found = [(fault.field, fault.rule, fault.value) for fault in faults_that_count(person, intake)]
        if Field.RELATION in named and not person.relation and not found:
            found.append((Field.RELATION, "relation.missing", ""))
        new += [_finding(intake, row, layout.columns.get(field), field, rule, value) for field, rule, value in found]
    _write(intake, list(rows.values()), gone, new)
    counts = intake.counts | {"rules": checks.rule_counts(intake_id=intake.id)}
    intake_move(intake=intake, action="recount", counts=counts, workbook=None, checked_at=at, beat_at=at)
    if queue:
        job_enqueue(name=RECHECK, intake_id=intake.id)
    return True


def _each_once(fields: dict[Field, str]) -> list[Field]:
    """Number, birth date and sex are put together."""
    alone = [field for field in fields if field not in TOGETHER]
    return alone if len(alone) == len(fields) else [*alone, Field.NUMBER]


def _staged(intake: Intake, keys: Sequence[Key]) -> dict[Key, StagedRow]:
    wanted = set(keys)
    found = StagedRow.objects.select_for_update().filter(
        intake_id=intake.id, sheet__in={sheet for sheet, _row in wanted}, row__in={row for _sheet, row in wanted}
    )
    return {(one.sheet, one.row): one for one in found if (one.sheet, one.row) in wanted}


def _stood(intake: Intake, rows: dict[Key, StagedRow]) -> dict[Key, list[Finding]]:
    """What was wrong in the cells of these rows."""
    out: dict[Key, list[Finding]] = defaultdict(list)
    found = Finding.objects.filter(
        intake_id=intake.id, sheet__in={sheet for sheet, _row in rows}, row__in={row for _sheet, row in rows}
    ).exclude(Q(rule__in=ABOUT_REPEATS) | Q(rule__startswith="patch."))
    for one in found:
        out[one.sheet, one.row].append(one)
    return out


def _finding(intake: Intake, row: StagedRow, column: int | None, field: Field, rule: str, value: str) -> Finding:
    return Finding(
        intake=intake, region_code=intake.region_code, sheet=row.sheet, row=row.row, column=column, field=field.value,
        rule=rule, severity=severity_of(rule), value=value,
    )  # fmt: skip


def _write(intake: Intake, rows: Sequence[StagedRow], gone: Sequence[int], new: Sequence[Finding]) -> None:
    """The rows as they are now in the place of the old ones, with the same ids."""
    StagedRow.objects.filter(intake_id=intake.id, id__in=[row.id for row in rows])._raw_delete("default")
    copy_in(table=ROWS, rows=[tuple(_cell(row, column) for column in _COLUMNS) for row in rows])
    Finding.objects.filter(id__in=gone)._raw_delete("default")
    Finding.objects.bulk_create(new, batch_size=2_000)


def _cell(row: StagedRow, column: str) -> Any:
    value = getattr(row, column)
    return sealed(value, _SEALED[column]) if column in _SEALED else value
