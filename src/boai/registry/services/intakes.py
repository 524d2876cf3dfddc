"""Taking a register file in: upload, cancel, begin again. What the jobs do stands in checking and committing."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from boai.audit.services import record
from boai.files.enums import SHEETS
from boai.files.services import file_store
from boai.kernel.errors import NotFound, UnableTo
from boai.kernel.policy import require
from boai.kernel.transition import transition
from boai.people.actor import Actor
from boai.registry import policies
from boai.registry.enums import TRANSITIONS, IntakeKind, IntakeState
from boai.registry.models import (
    CellFix,
    ColumnSample,
    DuplicatePair,
    Finding,
    Intake,
    PatchRow,
    StagedCategory,
    StagedHousehold,
    StagedPlace,
    StagedRow,
)
from boai.registry.services.jobs import CHECK, job_enqueue

_PIECE = 1024 * 1024
_STAGED = (PatchRow, DuplicatePair, Finding, StagedRow, StagedHousehold, StagedCategory, StagedPlace)


class Upload(Protocol):
    """Django's UploadedFile or an open file: bytes that can be read twice."""

    def read(self, size: int = ..., /) -> bytes: ...
    def seek(self, offset: int, /) -> Any: ...


@dataclass(frozen=True)
class Division:
    """Where an intake is about to be made."""

    region_code: str


def intake_upload(
    *,
    upload: Upload,
    file_name: str,
    region_code: str,
    actor: Actor,
    at: datetime,
    queue: bool = True,
    kind: str = IntakeKind.REGISTER,
) -> tuple[Intake, bool]:
    """Take a register file for a division. The same bytes again are the same intake: (intake, whether it is new).

    A file whose reading failed or was cancelled is received anew. The check is queued unless `queue` is False (the
    command line does it itself). `kind`: new people, or corrections for those who are there. Raises NotAllowed and
    FileRefused (not a spreadsheet, too large).
    """
    require(policies.may_write, actor, Division(region_code))
    sha256 = _sha256(upload)
    kind = IntakeKind(kind)
    found = _again(sha256, region_code, kind, actor, at, queue)
    if found:
        return found, False
    try:
        return _received(upload, file_name, sha256, region_code, kind, actor, at, queue), True
    except IntegrityError:  # somebody uploaded the same file in the same moment
        found = _again(sha256, region_code, kind, actor, at, queue)
        if found is None:
            raise
        return found, False


@transaction.atomic
def _again(
    sha256: str, region_code: str, kind: IntakeKind, actor: Actor, at: datetime, queue: bool
) -> Intake | None:  # fmt: skip
    intake = Intake.objects.select_for_update().filter(sha256=sha256, region_code=region_code).first()
    if intake and intake.state in (IntakeState.FAILED, IntakeState.CANCELLED):
        _move(intake, "again", error="", beat_at=at, kind=kind)
        record("registry.intake.received_again", intake, actor=actor, at=at, sha256=sha256)
        if queue:
            job_enqueue(name=CHECK, intake_id=intake.id)
    return intake


@transaction.atomic
def _received(
    upload: Upload, file_name: str, sha256: str, region_code: str, kind: IntakeKind, actor: Actor, at: datetime,
    queue: bool,
) -> Intake:  # fmt: skip
    stored = file_store(
        upload=upload,
        purpose="registry.intake",
        region_code=region_code,
        actor=actor,
        at=at,
        allow=SHEETS,
        name=file_name,
    )
    intake = Intake.objects.create(
        region_code=region_code, kind=kind, sha256=sha256, file_name=stored.name, file_size=stored.size, file=stored,
        uploaded_by_id=actor.user_id, uploaded_at=at, beat_at=at,
    )  # fmt: skip
    record("registry.intake.uploaded", intake, actor=actor, at=at, file=stored.name, sha256=sha256, size=stored.size)
    if queue:
        job_enqueue(name=CHECK, intake_id=intake.id)
    return intake


@transaction.atomic
def intake_cancel(*, intake_id: UUID, actor: Actor, at: datetime) -> Intake:
    """Stop reading, or throw away what was checked; nothing of the file's people remains outside the sealed file.

    A job that is at work notices with its next chunk. Raises NotFound, NotAllowed, UnableTo.
    """
    intake = intake_for_update(intake_id=intake_id)
    require(policies.may_write, actor, intake)
    _move(intake, "cancel")
    staged_forget(intake_id=intake.id)
    ColumnSample.objects.filter(intake_id=intake.id).delete()
    CellFix.objects.filter(intake_id=intake.id).delete()
    record("registry.intake.cancelled", intake, actor=actor, at=at)
    return intake


@transaction.atomic
def intake_again(*, intake_id: UUID, actor: Actor, at: datetime, queue: bool = True) -> Intake:
    """Read and check the file once more: the divisions or the register have changed since. Raises UnableTo."""
    intake = intake_for_update(intake_id=intake_id)
    require(policies.may_write, actor, intake)
    if intake.file.erased_at is not None:
        raise UnableTo(_("The file has been destroyed after its time or for a deletion. Upload it again."))
    _move(intake, "again", error="", beat_at=at)
    record("registry.intake.received_again", intake, actor=actor, at=at, sha256=intake.sha256)
    if queue:
        job_enqueue(name=CHECK, intake_id=intake.id)
    return intake


def intake_for_update(*, intake_id: UUID) -> Intake:
    """An intake under lock. Raises NotFound, also outside the scope."""
    intake = Intake.objects.select_for_update().filter(id=intake_id).first()
    if intake is None:
        raise NotFound
    return intake


def staged_forget(*, intake_id: UUID) -> None:
    """Delete everything that was read from the file."""
    for model in _STAGED:
        model.objects.filter(intake_id=intake_id)._raw_delete("default")


def _move(intake: Intake, action: str, **changes: Any) -> None:
    intake.state = transition(TRANSITIONS, intake.state, action)
    intake.version += 1
    for name, value in changes.items():
        setattr(intake, name, value)
    intake.save(update_fields=["state", "version", *changes])


def intake_move(*, intake: Intake, action: str, **changes: Any) -> None:
    """Move a locked intake along its table, with further fields. For the intake's own services."""
    _move(intake, action, **changes)


def job_lock(*, intake_id: UUID) -> bool:
    """Let only one worker at an intake; the lock goes with the connection. False when another one holds it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, hashtext(%s))", [_LOCKS, str(intake_id)])
        return bool((cursor.fetchone() or (False,))[0])


def job_unlock(*, intake_id: UUID) -> None:
    """Give the lock back."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s, hashtext(%s))", [_LOCKS, str(intake_id)])


_LOCKS = 0x426F41  # this application's corner of the advisory locks


def _sha256(upload: Upload) -> str:
    digest = hashlib.sha256()
    upload.seek(0)
    while piece := upload.read(_PIECE):
        digest.update(piece)
    upload.seek(0)
    return digest.hexdigest()
