"""One contract, two stores."""

from __future__ import annotations

import builtins
import stat
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from boai.files import stores
from boai.files.errors import FileMissing, StoreUnusable
from boai.files.stores import LocalStore, ObjectStore, S3Store
from boai.files.tests.fake_s3 import FakeS3, Unreachable
from boai.kernel.clock import now

NAMES = [f"0{i}/00000000-0000-7000-8000-00000000000{i}" for i in range(5)]


@pytest.fixture(params=["folder", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    return (
        LocalStore(tmp_path / "files") if request.param == "folder" else S3Store(FakeS3("boai"), "boai", (Unreachable,))
    )


def _content(place: ObjectStore, name: str) -> bytes:
    return b"".join(place.get(name))


def test_written_whole_and_read_back_as_a_stream(place: ObjectStore) -> None:
    pieces = [bytes([i]) * 70_000 for i in range(5)]
    place.put(NAMES[0], iter(pieces))
    assert _content(place, NAMES[0]) == b"".join(pieces)
    assert max(len(piece) for piece in place.get(NAMES[0])) <= stores.PIECE


def test_what_is_not_there(place: ObjectStore) -> None:
    with pytest.raises(FileMissing):
        place.get(NAMES[0])
    place.delete(NAMES[0])
    assert list(place.names()) == []


def test_listed_with_the_moment_and_deleted(place: ObjectStore) -> None:
    before = now()
    for name in NAMES:
        place.put(name, [b"x"])
    listed = dict(place.names())
    assert sorted(listed) == NAMES
    assert all(before - timedelta(seconds=2) <= written <= now() + timedelta(seconds=2) for written in listed.values())
    place.delete(NAMES[1])
    assert sorted(dict(place.names())) == [NAMES[0], *NAMES[2:]]


def test_a_write_that_breaks_off_leaves_no_object(place: ObjectStore) -> None:
    def broken() -> Iterator[bytes]:
        yield b"first" * 50_000
        raise RuntimeError("the connection is gone")

    with pytest.raises(RuntimeError, match="connection"):
        place.put(NAMES[0], broken())
    with pytest.raises(FileMissing):
        place.get(NAMES[0])
    assert list(place.names()) == []


def test_objects_of_others_are_not_listed(tmp_path: Path) -> None:
    (tmp_path / "ab").mkdir()
    (tmp_path / "ab" / "holiday.jpg").write_bytes(b"x")
    (tmp_path / "important.txt").write_bytes(b"x")
    assert list(LocalStore(tmp_path).names()) == []
    client = FakeS3("boai")
    client.upload_fileobj((tmp_path / "important.txt").open("rb"), "boai", "important.txt")
    assert list(S3Store(client, "boai").names()) == []


def test_a_crash_in_mid_write_is_listed_so_that_the_sweep_finds_it(tmp_path: Path) -> None:
    place = LocalStore(tmp_path)
    place.put(NAMES[0], [b"x"])
    (tmp_path / (NAMES[1] + ".part")).parent.mkdir()
    (tmp_path / (NAMES[1] + ".part")).write_bytes(b"half")
    assert sorted(dict(place.names())) == [NAMES[0], NAMES[1] + ".part"]


def test_the_folder_is_for_us_alone(tmp_path: Path) -> None:
    place = LocalStore(tmp_path / "files")
    place.put(NAMES[0], [b"x"])
    path = tmp_path / "files" / NAMES[0]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_disk_that_refuses_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "files").write_bytes(b"a file where the folder should be")
    with pytest.raises(StoreUnusable):
        LocalStore(tmp_path / "files").put(NAMES[0], [b"x"])


def test_a_bucket_that_does_not_answer_is_a_sentence() -> None:
    client = FakeS3("boai")
    place = S3Store(client, "boai", (Unreachable,))
    client.away = True
    for call in (lambda: place.put(NAMES[0], [b"x"]), lambda: place.get(NAMES[0]), lambda: place.delete(NAMES[0])):
        with pytest.raises(StoreUnusable):
            call()


def test_the_settings_choose(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.BOAI_FILES_DIR = tmp_path
    settings.BOAI_S3 = {}
    assert isinstance(stores.store(), LocalStore)
    settings.BOAI_S3 = {"region": "cn-north-1"}
    with pytest.raises(StoreUnusable, match="BOAI_S3_BUCKET"):
        stores.store()
    settings.BOAI_S3 = {"bucket": "boai"}
    real_import = builtins.__import__

    def without_boto3(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.startswith("boto3"):
            raise ImportError(name)
        return real_import(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without_boto3)
    with pytest.raises(StoreUnusable, match="boto3"):
        stores.store()
