"""Findings workbooks that came back: where they stand, and the cells that the village has changed."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from boai.kernel.errors import NotFound
from boai.registry.models import Intake, ReturnedCell, ReturnedWorkbook
from boai.registry.queries.intakes import column_letter
from boai.registry.queries.sheets import Whereabouts

PAGE = 50
_NAMED = 8  # rows that are named in a sentence
PROBLEMS: dict[str, str | Promise] = {
    "tampered": _(
        "The row mark (行标记) was changed, so nobody can know which row this was. Nothing of it is taken over."
    ),
    "stranger": _("The row comes from the findings workbook of another import. Nothing of it is taken over."),
    "twice": _("A row with the same mark stands here twice. Nothing of it is taken over."),
    "added": _("The row was added and has no mark. Upload new people as a register file of their own."),
    "columns": _(
        "The headings or the order of the columns of this sheet were changed, so nothing of it is taken over. Put the "
        "columns back as they were."
    ),
    "too_long": _("A changed cell is longer than 500 characters. It is not taken over."),
}


@dataclass(frozen=True)
class CellView:
    """A changed cell: where, before and after, and whether it was corrected here as well, and otherwise."""

    sheet: str
    row: int
    column: str
    letter: str
    before: str
    after: str
    conflict: bool


@dataclass(frozen=True)
class CellPage:
    """A page of changed cells and the key of the next ("" at the end)."""

    rows: list[CellView]
    after: str


@dataclass(frozen=True)
class ProblemView:
    """What could not be taken: how many rows, why, and the first of them by sheet and row of the workbook."""

    count: int
    reason: str
    names: list[str]


def returned_get(*, intake: Intake, returned_id: UUID) -> ReturnedWorkbook:
    """One of an intake. Raises NotFound."""
    rows = ReturnedWorkbook.objects.filter(intake_id=intake.id, id=returned_id)
    found = rows.select_related("stored", "uploaded_by", "applied_by").first()
    if found is None:
        raise NotFound
    return found


def returned_open(*, intake: Intake) -> ReturnedWorkbook | None:
    """The one that is being compared or waits for a decision."""
    return ReturnedWorkbook.objects.filter(intake_id=intake.id, state__in=["received", "ready"]).first()


def returned_page(*, intake: Intake, returned: ReturnedWorkbook, key: str = "", size: int = PAGE) -> CellPage:
    """The changed cells, those with a conflict first, then as they were found. `key` is "0:ID" or "1:ID"."""
    where, found = Whereabouts(intake), list[ReturnedCell]()
    conflict, _colon, number = key.partition(":")
    last = int(number) if number.isdigit() else 0
    for first in (True, False):
        if first and conflict == "0":
            continue
        rows = ReturnedCell.objects.filter(returned_id=returned.id, conflict=first)
        if (conflict == "1") == first:
            rows = rows.filter(id__gt=last)
        found += list(rows.order_by("id")[: size + 1 - len(found)])
    more, found = len(found) > size, found[:size]
    return CellPage([_view(one, where) for one in found], f"{found[-1].conflict:d}:{found[-1].id}" if more else "")


def returned_problems(*, returned: ReturnedWorkbook) -> list[ProblemView]:
    """What could not be taken, by reason."""
    out = []
    for rule, sentence in PROBLEMS.items():
        if not (count := returned.counts.get(rule, 0)):
            continue
        named = [f"{sheet} · {_row(row)}" for said, sheet, row in returned.problems if said == rule][:_NAMED]
        out.append(ProblemView(count, str(sentence), named))
    return out


def _row(number: int) -> str:
    return gettext("Row %(row)s") % {"row": number}


def _view(cell: ReturnedCell, where: Whereabouts) -> CellView:
    headings = where.headings(cell.sheet)
    heading = headings[cell.column] if cell.column < len(headings) else ""
    return CellView(
        where.label(cell.sheet), cell.row, heading, column_letter(cell.column), cell.before, cell.after, cell.conflict
    )
