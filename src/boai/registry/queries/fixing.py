"""Corrected cells of a register file, and the villages that its findings are in."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from boai.regions.queries import names_of
from boai.registry.intake.overlay import Fix, Fixes
from boai.registry.models import CellFix, Finding, Intake, StagedPlace, StagedRow

NOWHERE = "none"  # the village of rows whose village could not be resolved


@dataclass(frozen=True)
class VillageCount:
    """How many findings a village of the file has."""

    code: str
    name: str
    count: int


def fixes_of(*, intake_id: UUID) -> Fixes:
    """The corrected cells of a file by sheet and row."""
    found: dict[tuple[int, int], list[Fix]] = defaultdict(list)
    for one in CellFix.objects.filter(intake_id=intake_id):
        found[one.sheet, one.row].append(Fix(one.column, one.value, one.instead, one.whole))
    return dict(found)


def villages_found(*, intake: Intake) -> list[VillageCount]:
    """The villages with findings, in the order of their codes. One query, for the names."""
    counted = intake.counts.get("villages", {})
    names = names_of([code for code in counted if code])
    listed = [VillageCount(code, names.get(code, code), counted[code]) for code in sorted(counted) if code]
    if "" in counted:
        listed.append(VillageCount(NOWHERE, str(_("Village not clear")), counted[""]))
    return listed


def findings_in_village(rows: QuerySet[Finding], *, intake: Intake, village: str) -> QuerySet[Finding]:
    """Of some findings those on rows of one village."""
    code = "" if village == NOWHERE else village
    places = list(StagedPlace.objects.filter(intake_id=intake.id, code=code).values_list("number", flat=True))
    here = StagedRow.objects.filter(
        intake_id=intake.id, sheet=OuterRef("sheet"), row=OuterRef("row"), place__in=places
    )  # fmt: skip
    return rows.filter(Exists(here))
