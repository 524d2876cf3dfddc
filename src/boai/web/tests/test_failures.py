"""Error pages say what happened and what to do, keep what was typed, and stand without a database."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.template.loader import render_to_string
from django.test import Client, RequestFactory

from boai.kernel.errors import BadInput, BoaiError, NotAllowed, NotFound, StalePage, TooMany, UnableTo
from boai.people.actor import Actor
from boai.web.failures import failure_page
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


def refused(error: BoaiError, **headers: str) -> str:
    """The page that a form of three fields gets when it is refused."""
    form = {"reason": "屋顶漏雨\n急需修缮", "draft": "aZ09-token", "then": "check", "password": "not for pages"}
    request: Any = RequestFactory().post("/x/", form, headers=headers)
    answer = failure_page(request, error)
    assert "no-store" in answer["Cache-Control"]
    return answer.content.decode()


@pytest.mark.parametrize("error", [UnableTo("over"), StalePage("moved on"), NotFound(), NotAllowed(), BadInput("no")])
def test_a_form_that_is_refused_gives_its_text_back_to_be_copied(error: BoaiError) -> None:
    html = refused(error)
    assert '<blockquote class="copy">屋顶漏雨<br>急需修缮</blockquote>' in html
    assert "aZ09-token" not in html
    assert "not for pages" not in html


def test_who_was_too_fast_may_send_the_same_form_later() -> None:
    html = refused(TooMany("wait"))
    assert 'name="reason" value="屋顶漏雨\n急需修缮"' in html
    assert 'name="draft" value="aZ09-token"' in html


def test_a_form_that_cannot_be_read_is_refused_calmly(settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 2
    assert "屋顶" not in refused(UnableTo("over"))


@pytest.mark.parametrize(
    "origin", ["https://evil.example/", "javascript:alert(1)", "//evil.example", "", "/\\evil.example"]
)
def test_the_way_back_never_leads_to_another_site(origin: str) -> None:
    html = refused(UnableTo("over"), referer=origin)
    assert "evil" not in html
    assert "javascript:" not in html
    assert 'href="http://testserver/desk/"' in refused(UnableTo("over"), referer="http://testserver/desk/")


@pytest.mark.parametrize(("actor", "said"), [(Actor.public(), False), (Actor(uuid4(), "周敏", "officer"), True)])
def test_only_staff_hear_of_divisions(actor: Actor, said: bool) -> None:
    request: Any = RequestFactory().get("/x/")
    request.actor = actor
    assert ("管辖" in failure_page(request, NotFound()).content.decode()) is said


def test_a_browser_without_cookies_is_told_so(db: Any) -> None:
    strict = Client(enforce_csrf_checks=True, HTTP_ACCEPT_LANGUAGE="zh-CN")
    assert "Cookie" in strict.post("/styleguide/", {}).content.decode()
    strict.cookies["boai_theme"] = "dark"
    assert "Cookie" not in strict.post("/styleguide/", {}).content.decode()
