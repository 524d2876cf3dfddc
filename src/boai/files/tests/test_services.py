"""Storing, opening, erasing, sweeping: through the real database, the real store and the real log."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, IntegrityError, connection, transaction

from boai.audit.models import AuditEntry
from boai.files import services, tasks
from boai.files.enums import PAPERS, PHOTOS, SHEETS
from boai.files.errors import FileDamaged, FileMissing, FileRefused, StoreUnusable
from boai.files.models import StoredFile
from boai.files.queries import same_content, stored_files
from boai.files.services import file_erase, file_open, file_store, orphans_sweep
from boai.files.tests import factories as make
from boai.files.uploads import SizeGuard
from boai.kernel.errors import BadInput, NotFound, UnableTo
from boai.kernel.scope import EVERYWHERE, NOWHERE, Scope, scoped
from boai.people.actor import Actor

pytestmark = pytest.mark.django_db
ActorFor = Callable[..., Actor]
VILLAGE = "621121100200"


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.BOAI_FILES_DIR, settings.BOAI_S3 = tmp_path / "files", {}
    return tmp_path / "files"


@pytest.fixture
def officer(actor_for: ActorFor, folder: Path) -> Actor:
    return actor_for("officer")


def _store(officer: Actor, at: datetime, upload: Any = None, **options: Any) -> StoredFile:
    upload = upload or SimpleUploadedFile("证明.png", make.photo("PNG"), "text/html")
    return file_store(upload=upload, purpose="relief.paper", region_code=VILLAGE, actor=officer, at=at, **options)


def _objects(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_a_photo_is_kept_sealed_and_comes_back(officer: Actor, folder: Path, at: datetime) -> None:
    stored = _store(officer, at)
    assert (stored.name, stored.media_type, stored.width, stored.height) == ("证明.png", "image/png", 640, 480)
    (path,) = _objects(folder)
    assert path == folder / stored.object_name
    assert b"PNG" not in path.read_bytes()
    content = file_open(file_id=stored.id).read()
    assert content.startswith(b"\x89PNG")
    assert (len(content), sha256(content).hexdigest()) == (stored.size, stored.sha256)
    entry = AuditEntry.objects.get(type="files.file.stored", obj=f"files.storedfile:{stored.id}")
    assert entry.contents()["facts"]["sha256"] == stored.sha256


def test_a_register_is_kept_byte_by_byte(officer: Actor, folder: Path, at: datetime) -> None:
    content = make.xlsx()
    stored = _store(officer, at, make.Named(content, "名册.xls"), allow=SHEETS)
    again = _store(officer, at, ContentFile(content, name="again.xlsx"), allow=SHEETS)
    assert stored.name == "名册.xlsx"
    assert stored.sha256 == sha256(content).hexdigest()
    assert same_content(sha256=stored.sha256) == [stored, again]
    target = io.BytesIO()
    file_open(file_id=stored.id).copy_to(target)
    assert target.getvalue() == content
    assert stored_files([stored.id, again.id, uuid4()]) == {stored.id: stored, again.id: again}


def test_a_stream_without_seek_or_name(officer: Actor, folder: Path, at: datetime) -> None:
    read, write = os.pipe()
    with os.fdopen(write, "wb") as out:
        out.write(make.pdf())
    with os.fdopen(read, "rb", buffering=0) as stream:

        class Pipe:
            def read(self, size: int = -1, /) -> bytes:
                return stream.read(size) or b""

        stored = _store(officer, at, Pipe(), name="会议记录")
    assert (stored.name, stored.media_type) == ("会议记录.pdf", "application/pdf")


@pytest.mark.parametrize(
    ("content", "allow", "sentence"),
    [
        (b"", PHOTOS, "0 字节"),
        (b"MZ not a photo", PHOTOS, "无法识别"),
        (make.pdf(), PHOTOS, "不是照片"),
        (make.photo(), SHEETS, "不是电子表格"),
        (make.xlsx(), PAPERS, "既不是照片也不是 PDF"),
        (make.photo()[:700], PHOTOS, "损坏"),
        (make.pdf()[:-9], PAPERS, "不完整"),
    ],
)
def test_a_refusal_is_a_chinese_sentence_and_nothing_is_kept(
    officer: Actor, folder: Path, at: datetime, content: bytes, allow: Any, sentence: str
) -> None:
    with pytest.raises(BadInput, match=sentence) as refused:
        _store(officer, at, make.Named(content), allow=allow, field="photo")
    assert refused.value.fields == {"photo": [refused.value.message]}
    assert not StoredFile.objects.exists()
    assert not AuditEntry.objects.filter(type="files.file.stored").exists()
    assert _objects(folder) == []


def test_too_large_by_claim_by_content_and_by_kind(
    officer: Actor, folder: Path, at: datetime, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.BOAI_MAX_UPLOAD = 3000
    monkeypatch.setattr(services, "LARGEST_PDF", 500)
    claimed = SimpleUploadedFile("a.csv", b"a,b\n")
    claimed.size = 2 * 1024**3
    for upload in (claimed, io.BytesIO(b"a,b\n" * 1000), io.BytesIO(make.pdf())):
        with pytest.raises(FileRefused):
            _store(officer, at, upload, allow=SHEETS | PAPERS)
    assert _objects(folder) == []


def test_a_rollback_leaves_no_row_and_the_sweep_takes_the_object(officer: Actor, folder: Path, at: datetime) -> None:
    kept = _store(officer, at)
    with transaction.atomic():
        _store(officer, at)
        transaction.set_rollback(True)  # the caller changed its mind
    assert StoredFile.objects.count() == 1
    assert len(_objects(folder)) == 2
    for path in _objects(folder):
        os.utime(path, (at.timestamp(), at.timestamp()))
    assert orphans_sweep(at=at + timedelta(hours=23)) == 0
    with scoped(NOWHERE):  # the sweep must see every row whoever starts it
        assert orphans_sweep(at=at + timedelta(hours=25)) == 1
    assert [path.name for path in _objects(folder)] == [str(kept.id)]
    assert file_open(file_id=kept.id).read()


def test_the_sweep_takes_broken_writes_and_refuses_the_wrong_database(
    officer: Actor, folder: Path, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = _store(officer, at)
    (folder / (stored.object_name + ".part")).write_bytes(b"half")
    other = folder / "aa"
    other.mkdir(exist_ok=True)
    strangers = [other / f"00000000-0000-7000-8000-0000000000{i:02x}" for i in range(4)]
    for path in strangers:
        path.write_bytes(b"of another installation")
    late = at + timedelta(days=400)
    monkeypatch.setattr(services, "_FEW", 3)
    assert orphans_sweep(at=late) == 0
    assert all(path.exists() for path in strangers)
    strangers[0].unlink()
    strangers[1].unlink()
    monkeypatch.setattr(tasks, "now", lambda: late)
    tasks.sweep(timestamp=0)
    assert _objects(folder) == [folder / stored.object_name]


def test_a_failing_store_leaves_no_row(officer: Actor, folder: Path, at: datetime) -> None:
    folder.write_bytes(b"in the way")
    with pytest.raises(StoreUnusable):
        _store(officer, at)
    assert not StoredFile.objects.exists()


def test_tampered_missing_and_exchanged_objects(officer: Actor, folder: Path, at: datetime) -> None:
    one, two = _store(officer, at), _store(officer, at)
    path_one, path_two = folder / one.object_name, folder / two.object_name
    sealed_one, sealed_two = path_one.read_bytes(), path_two.read_bytes()
    path_one.write_bytes(sealed_two)
    with pytest.raises(FileDamaged):
        file_open(file_id=one.id)
    path_one.write_bytes(sealed_one[:-1])
    with pytest.raises(FileDamaged):
        file_open(file_id=one.id).read()
    path_one.unlink()
    with pytest.raises(FileMissing):
        file_open(file_id=one.id)


def test_a_stranger_sees_no_file(officer: Actor, folder: Path, at: datetime) -> None:
    stored = _store(officer, at)
    for scope in (NOWHERE, Scope("520624000000", "520624999999", "somebody")):
        with scoped(scope):
            with pytest.raises(NotFound):
                file_open(file_id=stored.id)
            with pytest.raises(NotFound):
                file_erase(file_id=stored.id, actor=officer, at=at, reason="陌生人")
            with pytest.raises(DatabaseError), transaction.atomic():
                _store(officer, at)
    with scoped(EVERYWHERE):
        assert file_open(file_id=stored.id).read()


def test_erased_for_good(
    officer: Actor, folder: Path, at: datetime, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    stored = _store(officer, at)
    with django_capture_on_commit_callbacks(execute=True):
        file_erase(file_id=stored.id, actor=officer, at=at, reason="本人要求删除")
    assert _objects(folder) == []
    kept = StoredFile.objects.get(id=stored.id)
    assert (kept.name, kept.erased_at, kept.erased_by_id) == ("", at, officer.user_id)
    with pytest.raises(UnableTo):
        file_open(file_id=stored.id)
    with pytest.raises(UnableTo):
        file_erase(file_id=stored.id, actor=officer, at=at, reason="再一次")
    entries = AuditEntry.objects.filter(type="files.file.erased")
    assert [entry.contents()["facts"]["reason"] for entry in entries] == ["本人要求删除"]


def test_an_erasure_whose_object_stayed_is_finished_by_the_sweep(officer: Actor, folder: Path, at: datetime) -> None:
    stored = _store(officer, at)
    file_erase(file_id=stored.id, actor=officer, at=at, reason="本人要求删除")  # never commits here
    assert len(_objects(folder)) == 1
    assert orphans_sweep(at=at + timedelta(days=400)) == 1
    assert _objects(folder) == []


def test_the_database_keeps_what_was_stored(officer: Actor, folder: Path, at: datetime) -> None:
    stored = _store(officer, at)
    rows = StoredFile.objects.filter(id=stored.id)
    for change in (
        lambda: rows.update(sha256="0" * 64),
        lambda: rows.update(region_code="520624000000"),
        lambda: rows.update(erased_at=at, name="", size=1),
        lambda: rows.delete(),
    ):
        with pytest.raises((IntegrityError, DatabaseError)), transaction.atomic():
            change()
    stored.refresh_from_db()
    assert (stored.region_code, stored.erased_at) == (VILLAGE, None)
    with connection.cursor() as cursor:
        cursor.execute("SELECT relrowsecurity FROM pg_class WHERE relname = 'files_storedfile'")
        assert cursor.fetchone() == (True,)


def test_two_gigabytes_do_not_reach_the_disk(settings: Any, tmp_path: Path, officer: Actor, at: datetime) -> None:
    settings.BOAI_MAX_UPLOAD, settings.FILE_UPLOAD_TEMP_DIR = 200_000, str(tmp_path)
    guard = SizeGuard()
    guard.new_file("file", "名册.xlsx", "application/zip", None)
    for start in range(0, 2**20, 2**16):
        guard.receive_data_chunk(b"x" * 2**16, start)
    upload = guard.file_complete(2**20)
    assert upload is not None
    assert upload.size == 2**20
    assert os.path.getsize(guard.file.temporary_file_path()) <= 200_000
    with pytest.raises(FileRefused):
        _store(officer, at, upload, allow=SHEETS)
    guard.new_file("second", "b.csv", "text/csv", None)
    guard.receive_data_chunk(b"a,b\n", 0)
    second = guard.file_complete(4)
    assert second is not None
    assert second.size is not None
    assert second.size > 200_000
