"""Stored files as other apps ask for them. Row security keeps them inside the connection's scope."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from boai.files.models import StoredFile
from boai.kernel.errors import NotFound


def stored_file(file_id: UUID) -> StoredFile:
    """One file. Raises NotFound, also outside the scope."""
    found = StoredFile.objects.filter(id=file_id).first()
    if found is None:
        raise NotFound
    return found


def stored_files(file_ids: Iterable[UUID]) -> dict[UUID, StoredFile]:
    """Files by id, for lists; those out of reach are left out. One query."""
    return {file.id: file for file in StoredFile.objects.filter(id__in=set(file_ids))}


def same_content(*, sha256: str) -> list[StoredFile]:
    """Files within the scope that hold exactly these bytes and have not been erased, oldest first."""
    return list(StoredFile.objects.filter(sha256=sha256, erased_at=None).order_by("created_at", "id"))
