"""Correcting a cell on the findings page: read again by the same reader, checked again by the same rules."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max, Q
from django.utils.translation import gettext as _

from boai.audit.services import record
from boai.kernel.clock import local_date
from boai.kernel.errors import NotFound, UnableTo
from boai.kernel.ids import new_id
from boai.kernel.policy import require
from boai.kernel.text.pinyin import name_syllables
from boai.people.actor import Actor
from boai.regions.codes import span
from boai.regions.queries import NamedPlace, resolve_many
from boai.registry import policies
from boai.registry.enums import IntakeKind, IntakeState, Severity
from boai.registry.intake.columns import PLACES, Field
from boai.registry.intake.layout import Layout
from boai.registry.intake.overlay import replaced
from boai.registry.intake.people import Found, Person, PersonReader
from boai.registry.intake.rules import ABOUT_REPEATS, severity_of
from boai.registry.models import CellFix, Finding, Intake, StagedCategory, StagedPlace, StagedRow
from boai.registry.models.people import ACCOUNT, NUMBER, PHONE
from boai.registry.services import checks
from boai.registry.services.checking import place_verdict
from boai.registry.services.committing import layouts_of
from boai.registry.services.intakes import intake_for_update, intake_move
from boai.registry.services.jobs import CHECK, RECHECK, job_enqueue
from boai.registry.services.patching import patch_check
from boai.registry.services.staging import category_parts, fingerprint

_REGROUPS = frozenset((Field.HOUSEHOLD, Field.HEAD_NAME))  # who belongs together is decided while reading
TOGETHER = (Field.NUMBER, Field.BIRTH, Field.SEX)  # each is held against the others
_WIDTHS = {"day": 10, "month": 7, "year": 4}  # of a date as 1956-03-04 is written


@dataclass(frozen=True)
class Fixed:
    """What became of a correction: rules that the row still breaks in that cell; or the whole file is read again."""

    rules: tuple[str, ...] = ()
    again: bool = False


@transaction.atomic
def finding_fix(
    *, intake_id: UUID, finding_id: int, value: str, actor: Actor, at: datetime, queue: bool = True
) -> Fixed:
    """Write another value over the cell of a finding.

    The cell is read and checked at once; what needs the whole file (the same number twice, a household without a head)
    is checked by a job that also counts anew. A correction that changes who belongs to which household has the file
    read once more. Raises NotFound, NotAllowed, UnableTo (not CHECKED, or no cell to correct).
    """
    intake = intake_for_update(intake_id=intake_id)
    require(policies.may_write, actor, intake)
    if intake.state != IntakeState.CHECKED:
        raise UnableTo(_("Cells can be corrected while the file is checked and has not entered the register."))
    finding = Finding.objects.filter(intake_id=intake_id, id=finding_id).first()
    if finding is None:
        raise NotFound(_("This finding is gone: the cell has been corrected meanwhile."))
    if finding.column is None or finding.severity == Severity.REPEAT or finding.rule in ABOUT_REPEATS:
        raise UnableTo(_("There is no single cell to correct. Correct the file and upload it again."))
    _keep(intake, finding, value, actor, at)
    record("registry.finding.fixed", intake, actor=actor, at=at, field=finding.field, row=finding.row)
    if finding.field in _REGROUPS:
        intake_move(intake=intake, action="again", error="", beat_at=at)
        if queue:
            job_enqueue(name=CHECK, intake_id=intake.id)
        return Fixed(again=True)
    rules = _read_again(intake, finding, value, local_date(at))
    counts = intake.counts | {"rules": checks.rule_counts(intake_id=intake_id)}
    intake_move(intake=intake, action="recount", counts=counts, workbook=None, checked_at=at, beat_at=at)
    if queue:
        job_enqueue(name=RECHECK, intake_id=intake.id)
    return Fixed(rules=rules)


@transaction.atomic
def intake_recheck(*, intake_id: UUID) -> Intake:
    """The checks over the whole file once more, and the counts, after cells were corrected. Can be run again."""
    intake = intake_for_update(intake_id=intake_id)
    if intake.state != IntakeState.CHECKED:
        return intake
    checks.spots_prepare(layouts=layouts_of(intake=intake))
    if intake.kind == IntakeKind.PATCH:
        assert intake.checked_at is not None, "a checked file was checked some day"
        counts = patch_check(intake=intake, at=intake.checked_at)
    else:
        checks.file_check(intake_id=intake_id, region_code=intake.region_code)
        checks.register_check(intake_id=intake_id, region_code=intake.region_code)
        counts = checks.counts(intake_id=intake_id) | {"broken": intake.counts.get("broken", False)}
    intake_move(intake=intake, action="recount", counts=counts)
    return intake


def _keep(intake: Intake, finding: Finding, value: str, actor: Actor, at: datetime) -> None:
    """Remember the cell for the next time that the file is read."""
    assert finding.column is not None, "only findings about a cell are corrected"
    whole = CellFix.objects.filter(
        intake=intake, sheet=finding.sheet, row=finding.row, column=finding.column, whole=True
    ).first()  # fmt: skip
    if whole is not None and finding.field == Field.CATEGORIES:
        value = replaced(whole.value, finding.value, value)
    CellFix.objects.update_or_create(
        intake=intake, sheet=finding.sheet, row=finding.row, column=finding.column,
        defaults={"region_code": intake.region_code, "value": value, "made_by_id": actor.user_id, "made_at": at},
        create_defaults={"region_code": intake.region_code, "value": value, "made_by_id": actor.user_id, "made_at": at,
                         "instead": finding.value},
    )  # fmt: skip


def _read_again(intake: Intake, finding: Finding, value: str, on: date) -> tuple[str, ...]:
    """Read the cell, and those it is held against; stage what it says; the rules that are still broken there."""
    row = StagedRow.objects.select_for_update().get(intake_id=intake.id, sheet=finding.sheet, row=finding.row)
    layout = next(one for one in layouts_of(intake=intake) if one.sheet == finding.sheet)
    field = Field(finding.field)
    if field in PLACES:
        return _place_again(intake, row, layout, finding, value, on)
    fields = fields_beside([field], layout)
    about = Finding.objects.filter(intake_id=intake.id, sheet=row.sheet, row=row.row).exclude(
        Q(rule__in=ABOUT_REPEATS) | Q(rule__startswith="patch.")
    )
    stood = {one.field: one.value for one in about}
    cells: dict[Field, str] = {one: stood.get(one.value) or as_written(row, one) for one in fields} | {field: value}
    person = cells_read(layout, row.row, cells, on)
    _stage(row, person, field, cells)
    about.filter(Q(id=finding.id) | Q(field__in=fields)).delete()
    faults = faults_that_count(person, intake)
    if field is Field.RELATION and not person.relation and not faults:
        _say(intake, row, layout, field, "relation.missing", "")
        return ("relation.missing",)
    for fault in faults:
        _say(intake, row, layout, fault.field, fault.rule, fault.value)
    return tuple(fault.rule for fault in faults)


def faults_that_count(person: Person, intake: Intake) -> list[Found]:
    """In a file of corrections an empty cell is no fault."""
    if intake.kind != IntakeKind.PATCH:
        return person.faults
    return [fault for fault in person.faults if fault.rule not in ("number.missing", "name.missing")]


def fields_beside(fields: Iterable[Field], layout: Layout) -> list[Field]:
    """These fields, and those that they are held against, as far as the table has them."""
    wanted = dict.fromkeys(fields)
    if not wanted.keys().isdisjoint(TOGETHER):
        wanted |= dict.fromkeys(TOGETHER)
    return [one for one in wanted if one in layout.columns]


def cells_read(layout: Layout, number: int, cells: dict[Field, str], on: date) -> Person:
    """What some cells of a row say, by the same reader as the whole row."""
    columns = {field: layout.columns[field] for field in cells}
    made: list[Any] = [""] * (max(columns.values()) + 1)
    for field, cell in cells.items():
        made[columns[field]] = cell
    return PersonReader(replace(layout, columns=columns, flags={}, village=""), on=on).read(number, made)


def as_written(row: StagedRow, field: Field) -> str:
    """A cell that was read without a fault, as it may have been written."""
    if field is Field.NUMBER:
        return str(row.number)
    if field is Field.SEX:
        return {"m": "男", "f": "女"}.get(row.sex, "")
    return row.born_on.isoformat()[: _WIDTHS[row.born_precision]] if row.born_on else ""


def facts_put(row: StagedRow, person: Person, field: Field, cells: dict[Field, str]) -> None:
    """Put what was read of a field into the staged row; saving is the caller's."""
    if field in TOGETHER:
        number = person.number.number if person.number else ""
        row.number, row.number_blind, row.number_tail = number, fingerprint(number, NUMBER), number[-4:]
        row.number_kind = person.number.kind.value if person.number else ""
        row.sex = person.sex or ("" if Field.SEX in cells else row.sex)
        row.born_on = person.born.first_day if person.born else None
        row.born_precision = person.born.precision if person.born else ""
    elif field is Field.NAME:
        syllables = name_syllables(person.name) if person.name else []
        row.name, row.pinyin, row.initials = person.name, "".join(syllables), "".join(s[0] for s in syllables)
    elif field is Field.RELATION:
        row.relation = person.relation
    elif field is Field.PHONE:
        row.phone, row.phone_blind, row.phone_tail = person.phone, fingerprint(person.phone, PHONE), person.phone[-4:]
    elif field is Field.ACCOUNT:
        row.account, row.account_tail = person.account, person.account[-4:]
        row.account_blind = fingerprint(person.account, ACCOUNT)
    elif field in (Field.ADDRESS, Field.GROUP):
        parts = (row.address, person.address) if field is Field.ADDRESS else (person.address, row.address)
        row.address = person.address if row.address in person.address else "".join(parts)[:200]
    elif field is Field.BANK:
        row.bank = person.bank
    elif field is Field.INCOME:
        row.income_fen = person.income_fen
    elif field is Field.NOTE:
        row.note = person.note


def _stage(row: StagedRow, person: Person, field: Field, cells: dict[Field, str]) -> None:
    """Put what was read into the staged row, and categories beside it."""
    facts_put(row, person, field, cells)
    row.save()
    have = set(StagedCategory.objects.filter(resident_id=row.id).values_list("kind", "kind_blind"))
    for kind, detail in person.categories:
        parts_of = category_parts(kind, detail[:60])
        if (parts_of[0], parts_of[1]) not in have:
            StagedCategory.objects.create(
                id=new_id(), intake_id=row.intake_id, region_code=row.region_code, resident_id=row.id,
                kind=parts_of[0], kind_blind=parts_of[1], fact=parts_of[2], detail=parts_of[3],
            )  # fmt: skip


def _place_again(
    intake: Intake, row: StagedRow, layout: Layout, finding: Finding, value: str, on: date
) -> tuple[str, ...]:
    """Resolve the place anew, for the row and for those of its household that wrote none themselves."""
    old = StagedPlace.objects.get(intake_id=intake.id, number=row.place)
    texts = {
        Field.COUNTY: old.county,
        Field.TOWNSHIP: old.township,
        Field.VILLAGE: old.village,
        Field.CODE: old.code_text,
    }
    texts[Field(finding.field)] = value.strip()[:200]
    named = NamedPlace(texts[Field.COUNTY], texts[Field.TOWNSHIP], texts[Field.VILLAGE], texts[Field.CODE])
    (answer,) = resolve_many([named], within=span(intake.region_code), on=on)
    verdict = place_verdict(answer)
    number = (StagedPlace.objects.filter(intake_id=intake.id).aggregate(most=Max("number"))["most"] or 0) + 1
    place = StagedPlace.objects.create(
        intake=intake, region_code=intake.region_code, number=number, county=named.county, township=named.township,
        village=named.village, code_text=named.code[:40], **verdict,
    )  # fmt: skip
    beside = Q(id=row.id) | Q(household_id=row.household_id, place_own=False, place=old.number)
    StagedRow.objects.filter(beside, intake_id=intake.id).update(place=place.number)
    Finding.objects.filter(intake_id=intake.id, sheet=row.sheet, row=row.row, rule__startswith="place.").delete()
    Finding.objects.filter(id=finding.id).delete()
    if not place.rule:
        return ()
    _say(intake, row, layout, Field(finding.field), place.rule, value, place.params)
    return (place.rule,)


def _say(
    intake: Intake, row: StagedRow, layout: Layout, field: Field, rule: str, value: str,
    params: dict[str, Any] | None = None,
) -> None:  # fmt: skip
    Finding.objects.create(
        intake=intake, region_code=intake.region_code, sheet=row.sheet, row=row.row, column=layout.columns.get(field),
        field=field.value, rule=rule, severity=severity_of(rule), value=value, params=params or {},
    )  # fmt: skip
