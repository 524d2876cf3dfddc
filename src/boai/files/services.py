"""Storing, opening and erasing files. Whether the actor may is for the app that owns the file to say."""

from __future__ import annotations

import hashlib
import io
import logging
import tempfile
from collections.abc import Iterator, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import BinaryIO, Protocol, cast
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from boai.audit.services import record
from boai.files import queries
from boai.files.documents import pdf_check
from boai.files.enums import PAPERS, Kind, Media
from boai.files.errors import FileDamaged, FileRefused
from boai.files.models import StoredFile, object_name
from boai.files.names import clean_name
from boai.files.pictures import Picture, picture_redraw
from boai.files.sealing import Broken, seal_chunks, unseal_chunks
from boai.files.sniffing import sniff
from boai.files.stores import store
from boai.kernel.errors import NotFound, UnableTo
from boai.kernel.ids import new_id
from boai.kernel.scope import EVERYWHERE, scoped
from boai.people.actor import Actor

MIB = 1024 * 1024
LARGEST_IMAGE = 30 * MIB
LARGEST_PDF = 50 * MIB
ORPHAN_AGE = timedelta(hours=24)
"""How long an object may lie without a row: longer than any transaction that may still bring one."""

_PIECE = 64 * 1024
_IN_MEMORY = 2 * MIB
_BATCH = 1000
_FEW = 100
log = logging.getLogger(__name__)


class Upload(Protocol):
    """Django's UploadedFile and ContentFile, an open file, a BytesIO: something to read bytes from."""

    def read(self, size: int = ..., /) -> bytes: ...


@dataclass(frozen=True)
class OpenedFile:
    """A file ready to be read once: what is known of it, and its plain bytes as a stream.

    Iterating may raise FileDamaged in the middle when the stored bytes were tampered with.
    """

    meta: StoredFile
    chunks: Iterator[bytes]

    def read(self) -> bytes:
        """All of it, for small files."""
        return b"".join(self.chunks)

    def copy_to(self, target: BinaryIO) -> None:
        """Write it into an open file, piece by piece."""
        for chunk in self.chunks:
            target.write(chunk)


@dataclass(frozen=True)
class _Plain:
    """What will be kept: the type, the bytes from the start of `file`, and what a picture measures."""

    media: Media
    file: BinaryIO
    picture: Picture | None


@transaction.atomic
def file_store(
    *,
    upload: Upload,
    purpose: str,
    region_code: str,
    actor: Actor,
    at: datetime,
    allow: Set[Kind] = PAPERS,
    name: str = "",
    field: str = "file",
) -> StoredFile:
    """Check a file by its content, draw a picture anew, seal it into the store and write its row.

    The object is written first and the row in the caller's transaction: when that rolls back, the sweep removes the
    object a day later. `name` replaces the upload's own; `field` is the form field that a refusal is tied to. Raises
    FileRefused (a BadInput) and StoreUnusable.
    """
    given = name or str(getattr(upload, "name", "") or "")
    file_id = new_id()
    with _seekable(upload, field) as file:
        try:
            plain = _check(cast(BinaryIO, file), allow)
        except FileRefused as error:
            raise FileRefused(error.message, field=field) from error
        meter = _Meter()
        where = object_name(str(file_id))
        store().put(where, seal_chunks(meter.through(plain.file), name=where))
    stored = StoredFile.objects.create(
        id=file_id, region_code=region_code, purpose=purpose, name=clean_name(given, plain.media),
        media_type=plain.media.type, size=meter.size, sha256=meter.sha.hexdigest(),
        width=plain.picture.width if plain.picture else None, height=plain.picture.height if plain.picture else None,
        created_at=at, created_by_id=actor.user_id,
    )  # fmt: skip
    record(
        "files.file.stored", stored, actor=actor, at=at, purpose=purpose, name=stored.name,
        media_type=stored.media_type, size=stored.size, sha256=stored.sha256,
    )  # fmt: skip
    return stored


def file_open(*, file_id: UUID) -> OpenedFile:
    """A stored file and its bytes as a stream. The caller has checked its policy; row security holds besides.

    Raises NotFound (also outside the scope), UnableTo when it was erased, FileMissing, FileDamaged.
    """
    stored = queries.stored_file(file_id)
    if stored.erased_at is not None:
        raise UnableTo(_("This file has been erased."))
    chunks = _unsealed(stored.object_name)
    first = next(chunks)  # so that a file that does not open fails here, before anything is sent
    return OpenedFile(stored, _after(first, chunks))


@transaction.atomic
def file_erase(*, file_id: UUID, actor: Actor, at: datetime, reason: str) -> StoredFile:
    """Erase a file for good; its row stays without the name, as the proof. The caller has checked its policy.

    The object goes when the transaction has committed, or with the next sweep. Raises NotFound, UnableTo.
    """
    stored = StoredFile.objects.select_for_update().filter(id=file_id).first()
    if stored is None:
        raise NotFound
    if stored.erased_at is not None:
        raise UnableTo(_("This file has been erased."))
    stored.name, stored.erased_at, stored.erased_by_id = "", at, actor.user_id
    stored.save(update_fields=["name", "erased_at", "erased_by"])
    record("files.file.erased", stored, actor=actor, at=at, reason=reason, sha256=stored.sha256)
    where = stored.object_name
    transaction.on_commit(lambda: store().delete(where), robust=True)
    return stored


def orphans_sweep(*, at: datetime) -> int:
    """Delete objects that no living row names and that are older than a day; how many.

    When most of the store would go, nothing does: then the store or the database is not the right one.
    """
    place = store()
    kept, orphans = 0, list[str]()
    # A narrower scope would hide rows, and their files would look like orphans.
    with scoped(EVERYWHERE):
        for batch in _batched(place.names()):
            living = _living({name for name, _written in batch})
            kept += len(living)
            orphans += [name for name, written in batch if name not in living and written < at - ORPHAN_AGE]
    if len(orphans) > max(_FEW, kept):
        log.error("file sweep: %d of %d objects have no row; nothing deleted", len(orphans), len(orphans) + kept)
        return 0
    for name in orphans:
        place.delete(name)
    return len(orphans)


def _living(names: set[str]) -> set[str]:
    ids = {name[3:] for name in names if not name.endswith(".part")}
    living = StoredFile.objects.filter(id__in=ids, erased_at=None).values_list("id", flat=True)
    return {object_name(str(file_id)) for file_id in living}


def _batched(names: Iterator[tuple[str, datetime]]) -> Iterator[list[tuple[str, datetime]]]:
    batch: list[tuple[str, datetime]] = []
    for entry in names:
        batch.append(entry)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


# --- checking an upload ----------------------------------------------------------------------------


def _check(file: BinaryIO, allow: Set[Kind]) -> _Plain:
    media = sniff(file)
    if media.kind not in allow:
        raise FileRefused(_wanted(allow))
    size = file.seek(0, io.SEEK_END)
    most = {Kind.IMAGE: LARGEST_IMAGE, Kind.PDF: LARGEST_PDF}.get(media.kind, settings.BOAI_MAX_UPLOAD)
    if size > most:
        raise FileRefused(_too_big(most))
    if media.kind == Kind.IMAGE:
        picture = picture_redraw(file, media)
        return _Plain(media, io.BytesIO(picture.content), picture)
    if media.kind == Kind.PDF:
        pdf_check(file, size)
    return _Plain(media, file, None)


def _wanted(allow: Set[Kind]) -> str:
    if allow == {Kind.IMAGE}:
        return _("This is not a photo. Send a photo as JPEG or PNG.")
    if allow == {Kind.SHEET}:
        return _("This is not a spreadsheet. Send .xlsx, .xls, .ods or .csv.")
    if Kind.SHEET not in allow:
        return _("This is neither a photo nor a PDF. Send JPEG, PNG or PDF.")
    return _("Files of this type are not taken here.")


def _too_big(most: int) -> str:
    return _("This file is too large: at most %(most)s MB are taken. Make it smaller or split it.") % {
        "most": most // MIB
    }


def _seekable(upload: Upload, field: str) -> tempfile.SpooledTemporaryFile[bytes]:
    """The upload as a file that can be read twice, not longer than we take at all.

    Copied rather than used in place: the copy can't change or grow between the check and the storing, and closing it
    leaves the caller's file open.
    """
    most: int = settings.BOAI_MAX_UPLOAD
    claimed = getattr(upload, "size", None)
    if isinstance(claimed, int) and claimed > most:
        raise FileRefused(_too_big(most), field=field)
    if hasattr(upload, "seek"):
        upload.seek(0)
    copy = tempfile.SpooledTemporaryFile(  # noqa: SIM115 - the caller closes it
        max_size=_IN_MEMORY, dir=settings.FILE_UPLOAD_TEMP_DIR
    )
    while piece := upload.read(_PIECE):
        copy.write(piece)
        if copy.tell() > most:
            copy.close()
            raise FileRefused(_too_big(most), field=field)
    return copy


class _Meter:
    """Counts and hashes what flows through."""

    def __init__(self) -> None:
        self.size, self.sha = 0, hashlib.sha256()

    def through(self, file: BinaryIO) -> Iterator[bytes]:
        file.seek(0)
        while piece := file.read(_PIECE):
            self.size += len(piece)
            self.sha.update(piece)
            yield piece


# --- reading ---------------------------------------------------------------------------------------


def _unsealed(where: str) -> Iterator[bytes]:
    try:
        yield from unseal_chunks(store().get(where), name=where)
    except Broken as error:
        log.error("stored file %s does not open: %s", where, error)
        raise FileDamaged from error


def _after(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    try:
        yield first
        yield from rest
    finally:
        close = getattr(rest, "close", None)
        if close:
            close()
