"""A draft belongs to whoever holds its token; a day later it is gone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection

from boai.kernel.errors import NotFound, UnableTo
from boai.kernel.scope import NOWHERE, Scope, scoped
from boai.people.actor import Actor
from boai.portal.models import Draft
from boai.portal.services import drafts
from boai.portal.services.applications import application_forget, drafts_sweep
from boai.portal.services.photos import photo_drop, photos_add

PLACE = "621121000000"


def _raw_count() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM portal_draft")
        return int(cursor.fetchone()[0])


@pytest.mark.django_db
def test_what_was_written_is_there_again(at: datetime) -> None:
    with scoped(NOWHERE):
        token = drafts.draft_start(region_code=PLACE, at=at)
        drafts.draft_save(token=token, step="who", values={"name": "王五"}, at=at)
        found = drafts.draft_contents(token=token, at=at + timedelta(hours=23))
    assert found == drafts.Contents({"who": {"name": "王五"}})
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
    assert drafts_sweep(at=later - timedelta(seconds=1)) == 0
    assert drafts_sweep(at=later) == 1
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
            lambda: photos_add(token=token, kind="bills", uploads=[], actor=Actor.public(), at=at),
            lambda: photo_drop(token=token, file_id="", actor=Actor.public(), at=at),
        ]
        for attempt in attempts:
            with pytest.raises(UnableTo):
                attempt()
        application_forget(token=token, actor=Actor.public(), at=at)
        assert drafts.draft_contents(token=token, at=at) == drafts.Contents(code="7KQ2MX9P", tail="8000")


@pytest.mark.django_db
def test_an_unwanted_draft_is_forgotten_at_once(at: datetime) -> None:
    token = drafts.draft_start(region_code=PLACE, at=at)
    application_forget(token=token, actor=Actor.public(), at=at)
    assert not Draft.objects.exists()
