"""Taking register files in: one or several at once become an intake; the same files again are the same intake."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from typing import Any, Protocol
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from boai.audit.services import record
from boai.files.enums import SHEETS
from boai.files.errors import FileRefused
from boai.files.models import StoredFile
from boai.files.services import file_store
from boai.kernel.clock import SHANGHAI
from boai.kernel.errors import BadInput
from boai.kernel.policy import require
from boai.people.actor import Actor
from boai.registry import policies
from boai.registry.enums import IntakeKind, IntakeState
from boai.registry.intake.limits import MOST_FILES
from boai.registry.models import Intake, IntakeFile
from boai.registry.services.intakes import Division, intake_move
from boai.registry.services.jobs import CHECK, job_enqueue

_PIECE = 1024 * 1024
_LONGEST_NAME = 200


class Upload(Protocol):
    """Django's UploadedFile or an open file: bytes that can be read twice."""

    def read(self, size: int = ..., /) -> bytes: ...
    def seek(self, offset: int, /) -> Any: ...


@dataclass(frozen=True)
class Sent:
    """A file as somebody sends it."""

    upload: Upload
    name: str


class FileTaken(BadInput):
    """A file already belongs to another intake of the branch; `intake_id` says to which."""

    def __init__(self, message: str, intake_id: UUID) -> None:
        super().__init__(message, {"file": [message]})
        self.intake_id = intake_id


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
    """Take one register file for a division; see `files_upload`."""
    return files_upload(
        sent=[Sent(upload, file_name)], region_code=region_code, actor=actor, at=at, queue=queue, kind=kind
    )


def files_upload(
    *,
    sent: Sequence[Sent],
    region_code: str,
    actor: Actor,
    at: datetime,
    queue: bool = True,
    kind: str = IntakeKind.REGISTER,
) -> tuple[Intake, bool]:
    """Take register files for a division as one intake. The same files again are the same intake: (intake, whether
    it is new).

    Files whose reading failed or was cancelled are received anew. The check is queued unless `queue` is False (the
    command line does it itself). `kind`: new people, or corrections for those who are there. Raises NotAllowed,
    FileRefused (not a spreadsheet, too large), FileTaken (a file is part of another intake) and BadInput (too many
    files, a file that changed meanwhile); then nothing is kept.
    """
    require(policies.may_write, actor, Division(region_code))
    if len(sent) > MOST_FILES:
        raise _bad(_("At most %(count)s files at once.") % {"count": MOST_FILES})
    files = {_sha256(one.upload): one for one in reversed(sent)}
    files = dict(reversed(files.items()))  # the same bytes twice are one file
    kind, whole = IntakeKind(kind), _together(list(files))
    found = _again(whole, region_code, kind, actor, at, queue)
    if found:
        return found, False
    _refuse_taken(files, region_code)
    try:
        return _received(files, whole, region_code, kind, actor, at, queue), True
    except IntegrityError:  # somebody uploaded the same files, or one of them, in the same moment
        found = _again(whole, region_code, kind, actor, at, queue)
        if found is None:
            _refuse_taken(files, region_code)
            raise
        return found, False


def _together(digests: Sequence[str]) -> str:
    """The SHA-256 of one file; of several files, whatever their order, the SHA-256 of theirs."""
    if len(digests) == 1:
        return digests[0]
    return hashlib.sha256("\n".join(sorted(digests)).encode()).hexdigest()


@transaction.atomic
def _again(
    sha256: str, region_code: str, kind: IntakeKind, actor: Actor, at: datetime, queue: bool
) -> Intake | None:  # fmt: skip
    intake = Intake.objects.select_for_update().filter(sha256=sha256, region_code=region_code).first()
    if intake and intake.state in (IntakeState.FAILED, IntakeState.CANCELLED):
        intake_move(intake=intake, action="again", error="", error_file="", beat_at=at, kind=kind)
        record("registry.intake.received_again", intake, actor=actor, at=at, sha256=sha256)
        if queue:
            job_enqueue(name=CHECK, intake_id=intake.id)
    return intake


def _refuse_taken(files: dict[str, Sent], region_code: str) -> None:
    """Say which other intake a file belongs to already."""
    taken = (
        IntakeFile.objects.filter(region_code=region_code, sha256__in=list(files), held=True)
        .select_related("intake")
        .order_by("position")
        .first()
    )
    if taken is None:
        return
    facts = {
        "file": files[taken.sha256].name,
        "intake": taken.intake.file_name,
        "at": f"{taken.intake.uploaded_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}",
    }
    raise FileTaken(_("“%(file)s” is already part of the import “%(intake)s” of %(at)s.") % facts, taken.intake_id)


@transaction.atomic
def _received(
    files: dict[str, Sent], whole: str, region_code: str, kind: IntakeKind, actor: Actor, at: datetime, queue: bool
) -> Intake:
    kept = [_stored(one, sha256, len(files) > 1, region_code, actor, at) for sha256, one in files.items()]
    names = _apart([one.name for one in kept])
    size = sum(one.size for one in kept)
    intake = Intake.objects.create(
        region_code=region_code, kind=kind, sha256=whole, file_name=_title(names), file_size=size,
        uploaded_by_id=actor.user_id, uploaded_at=at, beat_at=at,
    )  # fmt: skip
    IntakeFile.objects.bulk_create(
        IntakeFile(intake=intake, region_code=region_code, position=place, stored=one, sha256=one.sha256, name=name,
                   size=one.size)
        for place, (one, name) in enumerate(zip(kept, names, strict=True))
    )  # fmt: skip
    record("registry.intake.uploaded", intake, actor=actor, at=at, file=intake.file_name, sha256=whole, size=size)
    if queue:
        job_enqueue(name=CHECK, intake_id=intake.id)
    return intake


def _stored(one: Sent, sha256: str, several: bool, region_code: str, actor: Actor, at: datetime) -> StoredFile:
    try:
        stored = file_store(
            upload=one.upload, purpose="registry.intake", region_code=region_code, actor=actor, at=at, allow=SHEETS,
            name=one.name,
        )  # fmt: skip
    except FileRefused as error:
        if several:
            said = _("“%(file)s”: %(sentence)s") % {"file": one.name, "sentence": error.message}
            raise FileRefused(said, field="file") from error
        raise
    if stored.sha256 != sha256:
        said = _("“%(file)s” was changed while it was being uploaded. Close it and upload it again.")
        raise _bad(said % {"file": one.name})
    return stored


def _bad(sentence: str) -> BadInput:
    return BadInput(sentence, {"file": [sentence]})


def _apart(names: Sequence[str]) -> list[str]:
    """Names that differ: two files called 名册.xlsx become 名册.xlsx and 名册(2).xlsx."""
    out: list[str] = []
    for name in names:
        path, free, number = PurePath(name), name, 1
        while free in out:
            number += 1
            free = f"{path.stem[: _LONGEST_NAME - 20]}({number}){path.suffix}"
        out.append(free)
    return out


def _title(names: Sequence[str]) -> str:
    if len(names) == 1:
        return names[0]
    return _("%(name)s and others, %(count)s files") % {"name": names[0][:150], "count": len(names)}


def _sha256(upload: Upload) -> str:
    digest = hashlib.sha256()
    upload.seek(0)
    while piece := upload.read(_PIECE):
        digest.update(piece)
    upload.seek(0)
    return digest.hexdigest()
