"""A draft belongs to whoever holds its token; a day later it is gone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection

from boai.kernel.errors import NotFound, UnableTo
from boai.kernel.scope import NOWHERE, Scope, scoped
from boai.portal.models import Draft
from boai.portal.services import drafts

PLACE = "621121000000"
PHOTO = drafts.DraftPaper("0192f0c4-0000-7000-8000-000000000000", "bills", "发票.jpg", 1234)


def _raw_count() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM portal_draft")
        return int(cursor.fetchone()[0])


@pytest.mark.django_db
def test_what_was_written_is_there_again(at: datetime) -> None:
    with scoped(NOWHERE):
        token = drafts.draft_start(region_code=PLACE, at=at)
        drafts.draft_save(token=token, step="who", values={"name": "王五"}, at=at)
        drafts.draft_paper_add(token=token, papers=[PHOTO], at=at)
        found = drafts.draft_contents(token=token, at=at + timedelta(hours=23))
    assert found == drafts.Contents({"who": {"name": "王五"}}, [PHOTO])
    row = Draft.objects.get()
    with connection.cursor() as cursor:
        cursor.execute("SELECT contents, token_hash FROM portal_draft")
        sealed, digest = cursor.fetchone()
    assert "王五".encode() not in bytes(sealed)
    assert token.encode() not in bytes(digest)
    assert row.region_code == PLACE


@pytest.mark.django_db
def test_without_the_token_nothing_is_seen_even_by_raw_sql(at: datetime) -> None:
    with scoped(NOWHERE):
        token = drafts.draft_start(region_code=PLACE, at=at)
        assert _raw_count() == 0
        assert drafts.draft_contents(token="another", at=at) is None
        with drafts.opened(token):
            assert _raw_count() == 1
        assert _raw_count() == 0
    with scoped(Scope("621121000000", "621121999999", "an officer")):
        assert _raw_count() == 0


@pytest.mark.django_db
def test_a_failure_inside_leaves_nothing_open(at: datetime) -> None:
    with scoped(NOWHERE):
        token = drafts.draft_start(region_code=PLACE, at=at)
        with pytest.raises(NotFound):
            drafts.draft_save(token="another", step="who", values={}, at=at)
        assert _raw_count() == 0
        assert drafts.draft_contents(token=token, at=at) == drafts.Contents()


@pytest.mark.django_db
def test_a_day_later_it_is_gone(at: datetime) -> None:
    with scoped(NOWHERE):
        token = drafts.draft_start(region_code=PLACE, at=at)
        later = at + drafts.KEPT
        assert drafts.draft_contents(token=token, at=later) is None
        with pytest.raises(NotFound):
            drafts.draft_save(token=token, step="who", values={"name": "王五"}, at=later)
    assert drafts.drafts_sweep(at=later - timedelta(seconds=1)) == 0
    assert drafts.drafts_sweep(at=later) == 1
    assert not Draft.objects.exists()


@pytest.mark.django_db
def test_a_sent_application_keeps_its_code_only_and_takes_nothing_more(at: datetime) -> None:
    with scoped(NOWHERE):
        token = drafts.draft_start(region_code=PLACE, at=at)
        drafts.draft_save(token=token, step="who", values={"name": "王五"}, at=at)
        with drafts.opened(token) as digest:
            draft, _contents = drafts.draft_lock(digest, at=at)
            drafts.draft_sent(draft, code="7KQ2MX9P", tail="8000", at=at)
        assert drafts.draft_contents(token=token, at=at) == drafts.Contents(code="7KQ2MX9P", tail="8000")
        attempts: list[Callable[[], object]] = [
            lambda: drafts.draft_save(token=token, step="who", values={"name": "赵六"}, at=at),
            lambda: drafts.draft_paper_add(token=token, papers=[PHOTO], at=at),
            lambda: drafts.draft_paper_drop(token=token, file_id=PHOTO.file_id, at=at),
        ]
        for attempt in attempts:
            with pytest.raises(UnableTo):
                attempt()
        drafts.draft_drop(token=token)
        assert drafts.draft_contents(token=token, at=at) == drafts.Contents(code="7KQ2MX9P", tail="8000")


@pytest.mark.django_db
def test_photos_can_be_taken_out_and_are_limited(at: datetime) -> None:
    token = drafts.draft_start(region_code=PLACE, at=at)
    drafts.draft_paper_add(token=token, papers=[PHOTO] * drafts.MOST_PAPERS, at=at)
    with pytest.raises(UnableTo):
        drafts.draft_paper_add(token=token, papers=[PHOTO], at=at)
    contents = drafts.draft_contents(token=token, at=at)
    assert contents is not None
    assert len(contents.papers) == drafts.MOST_PAPERS
    assert drafts.draft_paper_drop(token=token, file_id=PHOTO.file_id, at=at).papers == []


@pytest.mark.django_db
def test_an_unwanted_draft_is_forgotten_at_once(at: datetime) -> None:
    token = drafts.draft_start(region_code=PLACE, at=at)
    drafts.draft_drop(token=token)
    assert not Draft.objects.exists()
