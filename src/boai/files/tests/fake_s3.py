"""As much of boto3's S3 client as the store uses, in memory; it behaves as the real one does in the contract tests."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, BinaryIO


class NoSuchKey(Exception):
    """What the real client raises for an object that is not there."""


class Unreachable(Exception):
    """Stands for botocore's EndpointConnectionError."""


class _Exceptions:
    NoSuchKey = NoSuchKey


class FakeS3:
    """One bucket. `away` makes every call fail; `page_size` is how many objects a page of the listing has."""

    exceptions = _Exceptions()

    def __init__(self, bucket: str, page_size: int = 2) -> None:
        self.bucket, self.page_size, self.away = bucket, page_size, False
        self.objects: dict[str, tuple[bytes, datetime]] = {}

    def upload_fileobj(self, source: BinaryIO, bucket: str, key: str) -> None:
        """Read in parts, as the real client does; the object appears only when the last part is in."""
        self._check(bucket)
        parts = []
        while part := source.read(100_000):
            assert len(part) <= 100_000
            parts.append(part)
        self.objects[key] = (b"".join(parts), datetime.now(UTC))  # noqa: TID251 - S3 has its own clock

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803 - boto3's own names
        self._check(Bucket)
        if Key not in self.objects:
            raise NoSuchKey(Key)
        return {"Body": io.BytesIO(self.objects[Key][0])}

    def delete_object(self, *, Bucket: str, Key: str) -> None:  # noqa: N803 - boto3's own names
        self._check(Bucket)
        self.objects.pop(Key, None)

    def get_paginator(self, operation: str) -> FakeS3:
        assert operation == "list_objects_v2"
        return self

    def paginate(self, *, Bucket: str) -> Iterator[dict[str, Any]]:  # noqa: N803 - boto3's own names
        self._check(Bucket)
        entries = [{"Key": key, "LastModified": at} for key, (_body, at) in sorted(self.objects.items())]
        if not entries:
            yield {"KeyCount": 0}
        for start in range(0, len(entries), self.page_size):
            yield {"Contents": entries[start : start + self.page_size]}

    def _check(self, bucket: str) -> None:
        if self.away:
            raise Unreachable
        assert bucket == self.bucket
