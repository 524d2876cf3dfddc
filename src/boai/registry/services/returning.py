"""A findings workbook comes back corrected: what the village changed is shown, and taken over when somebody says so.

Every row carries its mark (`intake.rowmarks`). Rows that are as they were written are passed over; of the others each
changed cell is held against what the cell says today, so that nobody's later correction is overwritten.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Count, Max
from django.utils.translation import gettext as _

from boai.audit.services import record
from boai.files.enums import SHEETS
from boai.files.services import file_store
from boai.kernel.crypto import seal
from boai.kernel.errors import NotFound, StalePage, UnableTo
from boai.kernel.policy import require
from boai.kernel.transition import transition
from boai.people.actor import Actor
from boai.registry import policies
from boai.registry.enums import RETURN_OPEN, RETURN_TRANSITIONS, IntakeState, ReturnState
from boai.registry.intake.sniff import BadFile
from boai.registry.models import CellFix, Intake, ReturnedCell, ReturnedWorkbook
from boai.registry.models.intake import VALUE
from boai.registry.services.changes import Comparison, changes_found
from boai.registry.services.intakes import intake_for_update, intake_move, job_lock, job_unlock
from boai.registry.services.jobs import CHECK, job_enqueue, returned_enqueue
from boai.registry.services.receiving import Upload
from boai.registry.services.restaging import rows_restage
from boai.registry.services.staging import copy_in

_CELLS = (
    "registry_returnedcell",
    "returned_id uuid, region_code text, sheet int2, row int4, column int2, before bytea, after bytea, conflict bool",
)
_TAKE = """
INSERT INTO registry_cellfix (intake_id, region_code, sheet, "row", "column", value, instead, whole, made_by_id,
                              made_at)
SELECT %(i)s, region_code, sheet, "row", "column", after, ''::bytea, true, %(user)s, %(at)s
FROM registry_returnedcell WHERE returned_id = %(r)s AND NOT conflict
ON CONFLICT (intake_id, sheet, "row", "column") DO UPDATE
SET value = excluded.value, instead = excluded.instead, whole = true, made_by_id = excluded.made_by_id,
    made_at = excluded.made_at
"""


@transaction.atomic
def workbook_return(
    *, intake_id: UUID, upload: Upload, file_name: str, actor: Actor, at: datetime, queue: bool = True
) -> ReturnedWorkbook:
    """Take a findings workbook back; a job compares it. One that was waiting before is put aside.

    Raises NotFound, NotAllowed, UnableTo (the import has not been checked, or has entered), FileRefused.
    """
    intake = intake_for_update(intake_id=intake_id)
    _require_changeable(intake, actor)
    for earlier in ReturnedWorkbook.objects.select_for_update().filter(intake_id=intake.id, state__in=RETURN_OPEN):
        _move(earlier, "discard")
        _forget(earlier)
    stored = file_store(
        upload=upload, purpose="registry.returned", region_code=intake.region_code, actor=actor, at=at, allow=SHEETS,
        name=file_name,
    )  # fmt: skip
    returned = ReturnedWorkbook.objects.create(
        intake=intake, region_code=intake.region_code, stored=stored, uploaded_by_id=actor.user_id, uploaded_at=at,
        beat_at=at,
    )  # fmt: skip
    record("registry.workbook.returned", intake, actor=actor, at=at, sha256=stored.sha256, size=stored.size)
    if queue:
        returned_enqueue(returned_id=returned.id)
    return returned


def returned_compare(*, returned_id: UUID, at: datetime) -> ReturnedWorkbook:
    """Find out what the village has changed. Can be run again; does nothing when it is done or others are at it."""
    returned = ReturnedWorkbook.objects.select_related("intake", "stored").get(id=returned_id)
    if returned.state != ReturnState.RECEIVED or returned.intake.state != IntakeState.CHECKED:
        return returned  # while the import is read once more, the minute's round asks again
    if not job_lock(intake_id=returned_id):
        return returned
    try:
        basis = basis_of(intake=returned.intake)
        try:
            found = changes_found(intake=returned.intake, stored=returned.stored)
        except BadFile as error:
            return _refuse(returned_id, error.code)
        return _keep(returned_id, found, basis)
    finally:
        job_unlock(intake_id=returned_id)


@transaction.atomic
def returned_apply(
    *, returned_id: UUID, actor: Actor, at: datetime, queue: bool = True
) -> ReturnedWorkbook:  # fmt: skip
    """Take over what the village has changed, all cells without a conflict, and check the file again.

    Raises NotFound, NotAllowed, UnableTo (nothing to take over; the import is no longer waiting) and StalePage when
    cells were corrected after the comparison: then it is compared anew (`returned_compare_again`).
    """
    intake, returned = _both_for_update(returned_id)
    _require_changeable(intake, actor)
    if returned.basis != basis_of(intake=intake):
        raise StalePage(_("Cells of this import were corrected meanwhile. The workbook has to be compared again."))
    taken = returned.cells.filter(conflict=False)
    rows = taken.values("sheet", "row").distinct().count()
    _move(returned, "apply", applied_by_id=actor.user_id, applied_at=at)
    if not rows:
        raise UnableTo(_("The workbook changes nothing."))
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, {"i": intake.id, "r": returned.id, "user": actor.user_id, "at": at})
        cells = cursor.rowcount
    record("registry.workbook.applied", intake, actor=actor, at=at, cells=cells, rows=rows)
    if not (returned.plain and rows_restage(intake=intake, returned=returned, at=at, queue=queue)):
        intake_move(intake=intake, action="again", error="", beat_at=at)
        if queue:
            job_enqueue(name=CHECK, intake_id=intake.id)
    return returned


@transaction.atomic
def returned_compare_again(*, returned_id: UUID, actor: Actor, at: datetime, queue: bool = True) -> ReturnedWorkbook:
    """Compare once more: cells were corrected after the comparison. Raises as `returned_apply`."""
    intake, returned = _both_for_update(returned_id)
    _require_changeable(intake, actor)
    _move(returned, "again", beat_at=at, counts={}, problems=[])
    _forget(returned)
    if queue:
        returned_enqueue(returned_id=returned.id)
    return returned


@transaction.atomic
def returned_discard(*, returned_id: UUID, actor: Actor, at: datetime) -> ReturnedWorkbook:
    """Take nothing over. Raises NotFound, NotAllowed, UnableTo."""
    intake, returned = _both_for_update(returned_id)
    require(policies.may_write, actor, intake)
    _move(returned, "discard")
    _forget(returned)
    return returned


def returned_for_update(*, returned_id: UUID) -> ReturnedWorkbook:
    """A returned workbook under lock. Raises NotFound, also outside the scope."""
    returned = ReturnedWorkbook.objects.select_for_update().filter(id=returned_id).first()
    if returned is None:
        raise NotFound
    return returned


def basis_of(*, intake: Intake) -> str:
    """Tells one state of an import's corrections from another."""
    of = CellFix.objects.filter(intake_id=intake.id).aggregate(n=Count("id"), last=Max("id"), made=Max("made_at"))
    return f"{of['n']} {of['last']} {of['made']}"


def _both_for_update(returned_id: UUID) -> tuple[Intake, ReturnedWorkbook]:
    """Under lock, the intake before its workbook, as everybody locks them. Raises NotFound."""
    intake_id = ReturnedWorkbook.objects.filter(id=returned_id).values_list("intake_id", flat=True).first()
    if intake_id is None:
        raise NotFound
    return intake_for_update(intake_id=intake_id), returned_for_update(returned_id=returned_id)


def _require_changeable(intake: Intake, actor: Actor) -> None:
    require(policies.may_write, actor, intake)
    if intake.state != IntakeState.CHECKED:
        raise UnableTo(_("Cells can be corrected while the file is checked and has not entered the register."))


@transaction.atomic
def _keep(returned_id: UUID, found: Comparison, basis: str) -> ReturnedWorkbook:
    returned = returned_for_update(returned_id=returned_id)
    if returned.state != ReturnState.RECEIVED:
        return returned
    _forget(returned)
    rows = [
        (returned.id, returned.region_code, one.sheet, one.row, one.column, _sealed(one.before), _sealed(one.after),
         one.conflict)
        for one in found.cells
    ]  # fmt: skip
    copy_in(table=_CELLS, rows=rows)
    _move(returned, "read", counts=found.counts, problems=found.problems, basis=basis, plain=found.plain)
    return returned


@transaction.atomic
def _refuse(returned_id: UUID, code: str) -> ReturnedWorkbook:
    returned = returned_for_update(returned_id=returned_id)
    if returned.state == ReturnState.RECEIVED:
        _move(returned, "refuse", error=code)
    return returned


def _sealed(text: str) -> bytes:
    return seal(text, VALUE) if text else b""


def _forget(returned: ReturnedWorkbook) -> None:
    ReturnedCell.objects.filter(returned_id=returned.id)._raw_delete("default")


def _move(returned: ReturnedWorkbook, action: str, **changes: object) -> None:
    returned.state = transition(RETURN_TRANSITIONS, returned.state, action)
    for name, value in changes.items():
        setattr(returned, name, value)
    returned.save(update_fields=["state", *(name.removesuffix("_id") for name in changes)])
