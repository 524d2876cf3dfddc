"""Where sealed objects lie: a folder, or a bucket of anything that speaks S3. Both keep the same contract.

An object is written whole or not at all, read as a stream, deleted without complaint when it is already gone, and
listed with the moment it was written.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings
from django.utils.translation import gettext as _

from boai.files.errors import FileMissing, StoreUnusable

PIECE = 64 * 1024
NAME = re.compile(r"[0-9a-f]{2}/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z", re.ASCII)
"""Names of objects: the last two digits of the file's id (they spread evenly), then the id."""

_PART = ".part"


class ObjectStore(Protocol):
    """What every store can do."""

    def put(self, name: str, pieces: Iterable[bytes]) -> None:
        """Write an object. After an error there is no object of this name."""

    def get(self, name: str) -> Iterator[bytes]:
        """The bytes of an object, as a stream. Raises FileMissing at once when there is none."""

    def delete(self, name: str) -> None:
        """Remove an object if it is there."""

    def names(self) -> Iterator[tuple[str, datetime]]:
        """Every object of ours with the moment it was written; left-overs of broken writes too."""


class LocalStore:
    """A folder of this machine, readable by us alone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, name: str, pieces: Iterable[bytes]) -> None:
        """Write beside, flush to the disk, then give the name: a crash leaves a `.part`, never half an object."""
        path = self.folder / name
        part = path.with_name(path.name + _PART)
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write(part, pieces)
            part.replace(path)
            _sync(path.parent)
        except OSError as error:
            raise StoreUnusable(
                _("The file could not be stored (%(why)s). Ask the administrator to check the disk.")
                % {"why": error.strerror}
            ) from error
        finally:
            with suppress(OSError):  # it has its name by now, or is not wanted any more
                part.unlink()

    def get(self, name: str) -> Iterator[bytes]:
        """Open now, read later."""
        try:
            source = (self.folder / name).open("rb")
        except FileNotFoundError:
            raise FileMissing from None
        return _pieces(source)

    def delete(self, name: str) -> None:
        """Remove the object if it is there."""
        (self.folder / name).unlink(missing_ok=True)

    def names(self) -> Iterator[tuple[str, datetime]]:
        """Walk the folders; whatever does not look like one of ours is not ours."""
        for folder in sorted(self.folder.glob("[0-9a-f][0-9a-f]")):
            for path in sorted(folder.iterdir()):
                name = f"{folder.name}/{path.name}"
                if NAME.match(name.removesuffix(_PART)):
                    with suppress(FileNotFoundError):  # deleted while we walk
                        yield name, datetime.fromtimestamp(path.stat().st_mtime, UTC)


class S3Store:
    """A bucket. `client` is boto3's S3 client, or something that behaves like it; `failures` are what it raises when
    the bucket can't be reached or refuses us."""

    def __init__(self, client: Any, bucket: str, failures: tuple[type[Exception], ...] = ()) -> None:
        self.client, self.bucket, self.failures = client, bucket, failures

    def put(self, name: str, pieces: Iterable[bytes]) -> None:
        """Upload as a stream (boto3 splits large ones); S3 shows an object only when it is complete."""
        with self._calmly():
            self.client.upload_fileobj(_Readable(pieces), self.bucket, name)

    def get(self, name: str) -> Iterator[bytes]:
        """Ask now, read later."""
        with self._calmly():
            try:
                body = self.client.get_object(Bucket=self.bucket, Key=name)["Body"]
            except self.client.exceptions.NoSuchKey:
                raise FileMissing from None
        return _pieces(body)

    def delete(self, name: str) -> None:
        """Remove the object; S3 itself does not mind when there is none."""
        with self._calmly():
            self.client.delete_object(Bucket=self.bucket, Key=name)

    def names(self) -> Iterator[tuple[str, datetime]]:
        """Page through the bucket."""
        for page in self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket):
            for entry in page.get("Contents", []):
                if NAME.match(entry["Key"]):
                    yield entry["Key"], entry["LastModified"]

    @contextmanager
    def _calmly(self) -> Iterator[None]:
        try:
            yield
        except self.failures as error:
            raise StoreUnusable(
                _("The file store does not answer as it should. Ask the administrator to check the S3 settings.")
            ) from error


def store() -> ObjectStore:
    """The store that the settings name. Raises StoreUnusable when S3 is asked for and can't be used."""
    if settings.BOAI_S3:
        return _s3(tuple(sorted(settings.BOAI_S3.items())))
    return LocalStore(Path(settings.BOAI_FILES_DIR))


@lru_cache(maxsize=1)
def _s3(pairs: tuple[tuple[str, str], ...]) -> S3Store:
    wanted = dict(pairs)
    if "bucket" not in wanted:
        raise StoreUnusable(_("S3 storage needs a bucket: set BOAI_S3_BUCKET."))
    try:
        import boto3  # optional: only installations with S3 have it
        from boto3.exceptions import Boto3Error

        errors = import_module("botocore.exceptions")
    except ImportError:
        raise StoreUnusable(
            _("S3 storage is set (BOAI_S3_BUCKET), but boto3 is not installed. Run: .venv/bin/pip install boto3")
        ) from None
    client = boto3.client(
        "s3",
        endpoint_url=wanted.get("endpoint"),
        region_name=wanted.get("region"),
        aws_access_key_id=wanted.get("access_key"),
        aws_secret_access_key=wanted.get("secret_key"),
    )
    return S3Store(client, wanted["bucket"], (errors.BotoCoreError, errors.ClientError, Boto3Error))


class _Readable(io.RawIOBase):
    """An iterator of bytes as the file object that boto3 reads from."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces, self._rest = iter(pieces), b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes; all that is left when negative; empty at the end."""
        held = bytearray(self._rest)
        while size < 0 or len(held) < size:
            piece = next(self._pieces, None)
            if piece is None:
                break
            held += piece
        cut = len(held) if size < 0 else size
        self._rest = bytes(held[cut:])
        return bytes(held[:cut])


def _write(path: Path, pieces: Iterable[bytes]) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        for piece in pieces:
            out.write(piece)
        out.flush()
        os.fsync(out.fileno())


def _pieces(source: Any) -> Iterator[bytes]:
    try:
        while piece := source.read(PIECE):
            yield piece
    finally:
        source.close()


def _sync(folder: Path) -> None:
    """Make a rename survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
