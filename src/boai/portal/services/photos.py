"""Photos of an application that is not sent yet: stored sealed like all files, erased when the draft goes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from boai.files.errors import FileRefused
from boai.files.services import file_erase, file_open, file_store
from boai.kernel.errors import UnableTo
from boai.kernel.scope import Scope, scoped
from boai.people.actor import Actor
from boai.portal.models import Draft
from boai.portal.services.drafts import (
    MOST_PAPERS,
    Contents,
    DraftPaper,
    draft_lock,
    draft_write,
    must_be_unsent,
    opened,
)

PURPOSE = "portal-draft"


@transaction.atomic
def photos_add(
    *, token: str, kind: str, uploads: Sequence[UploadedFile], actor: Actor, at: datetime
) -> tuple[Contents, list[str]]:
    """Keep those that are photos or PDFs; the second answer is a sentence for each that is not.

    Raises NotFound (the draft's day is over) and UnableTo (already sent, too many).
    """
    refused = []
    with opened(token) as digest:
        draft, contents = draft_lock(digest, at=at)
        must_be_unsent(draft)
        if len(contents.papers) + len(uploads) > MOST_PAPERS:
            raise UnableTo(_("No more than 20 photos, please. Bring the rest to the office."))
        for upload in uploads:
            try:
                contents.papers.append(_keep(draft, kind, upload, actor=actor, at=at))
            except FileRefused as error:
                refused.append(_("%(name)s: %(why)s") % {"name": (upload.name or "")[:60], "why": error.message})
        return draft_write(draft, contents, at=at), refused


def _keep(draft: Draft, kind: str, upload: UploadedFile, *, actor: Actor, at: datetime) -> DraftPaper:
    with transaction.atomic(), scoped(Scope(draft.region_code, draft.region_code)):
        stored = file_store(
            upload=upload, purpose=PURPOSE, region_code=draft.region_code, actor=actor, at=at, field="photos"
        )
    return DraftPaper(str(stored.id), kind, stored.name, stored.size)


@transaction.atomic
def photo_drop(*, token: str, file_id: str, actor: Actor, at: datetime) -> Contents:
    """Take a photo out again and erase it; nothing happens when it is not there. Raises NotFound, UnableTo."""
    with opened(token) as digest:
        draft, contents = draft_lock(digest, at=at)
        must_be_unsent(draft)
        gone = [paper for paper in contents.papers if paper.file_id == file_id]
        contents.papers = [paper for paper in contents.papers if paper.file_id != file_id]
        photos_erase(draft, gone, actor=actor, at=at, reason="taken out by the applicant")
        return draft_write(draft, contents, at=at)


def photos_erase(draft: Draft, papers: Iterable[DraftPaper], *, actor: Actor, at: datetime, reason: str) -> None:
    """Erase the draft's copies. Runs in the caller's transaction."""
    with scoped(Scope(draft.region_code, draft.region_code)):
        for paper in papers:
            file_erase(file_id=UUID(paper.file_id), actor=actor, at=at, reason=reason)


def photos_read(draft: Draft, papers: Iterable[DraftPaper]) -> list[tuple[str, UploadedFile]]:
    """The photos with their kinds, ready to be handed in with the application."""
    found: list[tuple[str, UploadedFile]] = []
    with scoped(Scope(draft.region_code, draft.region_code)):
        for paper in papers:
            opened_file = file_open(file_id=UUID(paper.file_id))
            found.append((paper.kind, SimpleUploadedFile(paper.name, opened_file.read(), opened_file.meta.media_type)))
    return found
