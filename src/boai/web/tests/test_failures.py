"""Error pages say what happened and what to do, keep what was typed, and stand without a database."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.template.loader import render_to_string
from django.test import Client, RequestFactory

from boai.people.actor import Actor
from boai.web.samples import ERROR_PAGES


@pytest.mark.parametrize("signed_in", [False, True])
@pytest.mark.parametrize("name", sorted(ERROR_PAGES))
def test_error_page_needs_no_database_and_offers_a_way_on(name: str, signed_in: bool) -> None:
    """No `db` fixture here: pytest-django fails this test if the page asks the database anything."""
    request: Any = RequestFactory().get("/x/")
    if signed_in:
        request.actor = Actor(uuid4(), "周敏", "officer")
    html = render_to_string(f"web/errors/{name}.html", {"message": "", "kept": []}, request)
    assert "<h1>" in html
    assert "<p>" in html
    assert 'class="button' in html


@pytest.mark.parametrize("name", ["503", "403", "signed_out"])
def test_what_was_typed_is_carried_on(name: str) -> None:
    kept = [("reason", 'roof & "wall"\nsecond line'), ("tag", "a"), ("tag", "b")]
    request = RequestFactory().post("/case/new/?from=1", {"reason": "x"})
    html = render_to_string(f"web/errors/{name}.html", {"message": "", "kept": kept}, request)
    assert 'action="/case/new/?from=1"' in html
    assert 'name="reason" value="roof &amp; &quot;wall&quot;\nsecond line"' in html
    assert html.count('name="tag"') == 2
    assert 'name="csrfmiddlewaretoken"' in html


def test_a_message_is_escaped() -> None:
    html = render_to_string("web/errors/404.html", {"message": "<img src=x>"}, RequestFactory().get("/x/"))
    assert "<img" not in html


@pytest.mark.parametrize("path", ["/no/such/page/", "/%00/", "/styleguide/../../etc/passwd"])
def test_an_unknown_address_is_a_calm_404(path: str, db: Any) -> None:
    answer = Client().get(path)
    assert answer.status_code == 404
    assert b"<h1>" in answer.content


def test_a_missing_token_keeps_the_text(db: Any) -> None:
    answer = Client(enforce_csrf_checks=True).post("/styleguide/", {"blank-reason": "屋顶漏雨", "password": "secret"})
    assert answer.status_code == 403
    assert "屋顶漏雨" in answer.content.decode()
    assert b"secret" not in answer.content
