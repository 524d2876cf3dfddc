"""An application between its first page and its last: kept sealed for a day, opened only with its token."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from boai.kernel.errors import NotFound, UnableTo
from boai.portal.models import Draft

KEPT = timedelta(hours=24)
"""How long an application that nobody goes on writing is kept (PIPL Art.19: the shortest time that serves)."""

SHOWN = timedelta(hours=2)
"""How long the page with the case code can be opened again after sending."""

MOST_PAPERS = 20


@dataclass(frozen=True)
class DraftPaper:
    """A photo that came with the application: the stored file and which paper it shows."""

    file_id: str
    kind: str
    name: str
    size: int


@dataclass
class Contents:
    """What has been written so far, by step; the photos; after sending nothing but the code and the phone's tail."""

    steps: dict[str, dict[str, Any]] = field(default_factory=dict)
    papers: list[DraftPaper] = field(default_factory=list)
    code: str = ""
    tail: str = ""

    @classmethod
    def read(cls, text: str) -> Contents:
        """From the sealed JSON."""
        raw = json.loads(text)
        return cls(raw["steps"], [DraftPaper(**paper) for paper in raw["papers"]], raw["code"], raw["tail"])

    def text(self) -> str:
        """As JSON, to be sealed."""
        return json.dumps(asdict(self), ensure_ascii=False)


def token_hash(token: str) -> bytes:
    """What the database keeps of a token."""
    return hashlib.sha256(token.encode()).digest()


@contextmanager
def opened(token: str) -> Iterator[bytes]:
    """Show the token to the database for a block; yields its hash."""
    digest = token_hash(token)
    _show(digest.hex())
    try:
        yield digest
    except BaseException:
        # Inside a transaction the rollback takes the setting back; an aborted one would run no statement anyway.
        if not connection.in_atomic_block:
            _show("")
        raise
    _show("")


def _show(digest: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('boai.draft', %s, false)", [digest])


@transaction.atomic
def draft_start(*, region_code: str, at: datetime) -> str:
    """Begin an application at a branch's division. Returns the token, which is kept nowhere but in the browser."""
    token = secrets.token_urlsafe(32)
    with opened(token) as digest:
        Draft.objects.create(
            token_hash=digest, region_code=region_code, contents=Contents().text(), created_at=at, expires_at=at + KEPT
        )
    return token


def draft_contents(*, token: str, at: datetime) -> Contents | None:
    """What has been written so far; None when there is no such draft or its day is over."""
    if not token:
        return None
    with opened(token) as digest:
        draft = Draft.objects.filter(token_hash=digest, expires_at__gt=at).first()
    return Contents.read(draft.contents) if draft else None


def draft_lock(digest: bytes, *, at: datetime) -> tuple[Draft, Contents]:
    """The draft under a row lock, inside `opened`. Raises NotFound."""
    draft = Draft.objects.select_for_update().filter(token_hash=digest, expires_at__gt=at).first()
    if draft is None:
        raise NotFound(_("What you had written is no longer kept here. Please begin again."))
    return draft, Contents.read(draft.contents)


@transaction.atomic
def draft_save(*, token: str, step: str, values: dict[str, Any], at: datetime) -> Contents:
    """Keep what was written on one step, also when it is not right yet. Raises NotFound, UnableTo (already sent)."""
    with opened(token) as digest:
        draft, contents = draft_lock(digest, at=at)
        must_be_unsent(draft)
        contents.steps[step] = values
        return draft_write(draft, contents, at=at)


def draft_sent(draft: Draft, *, code: str, tail: str, at: datetime) -> None:
    """Keep of a sent application nothing but what its last page shows. The caller holds the lock."""
    draft.contents = Contents(code=code, tail=tail).text()
    draft.sent_at, draft.expires_at = at, at + SHOWN
    draft.save(update_fields=["contents", "sent_at", "expires_at"])


def must_be_unsent(draft: Draft) -> None:
    """Raise UnableTo once the application has been sent."""
    if draft.sent_at is not None:
        raise UnableTo(_("This application has already been sent."))


def draft_write(draft: Draft, contents: Contents, *, at: datetime) -> Contents:
    """Seal the contents again; the day begins anew. The caller holds the lock."""
    draft.contents, draft.expires_at = contents.text(), at + KEPT
    draft.save(update_fields=["contents", "expires_at"])
    return contents
