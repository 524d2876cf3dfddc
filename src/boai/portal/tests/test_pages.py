"""Every public page opens without sign-in, in Chinese, with the right headers and few queries."""

from __future__ import annotations

import re

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from boai.kernel.scope import NOWHERE, scoped
from boai.people.models import Branch
from boai.portal.limits import network
from boai.portal.services import drafts
from boai.portal.tests.test_apply import PERSON, begin, write
from boai.relief.models import Programme

OPEN = ["home", "help", "privacy", "apply", "follow", "notices", "objection", "verify", "checkpoints", "given"]


@pytest.mark.django_db
@pytest.mark.parametrize("name", OPEN)
def test_a_page_opens_for_everybody(public: Client, office: Branch, name: str) -> None:
    with scoped(NOWHERE), CaptureQueriesContext(connection) as queries:
        answer = public.get(reverse(f"portal:{name}"))
    assert len(queries) <= 14
    assert answer.status_code == 200
    text = answer.content.decode()
    assert "通渭县红十字会" in text
    assert "style=" not in text
    assert "<script>" not in text
    assert "onclick" not in text
    policy = answer["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.django_db
def test_pages_speak_english_to_who_asks_for_it(office: Branch) -> None:
    page = Client(HTTP_ACCEPT_LANGUAGE="en").get("/").content.decode()
    assert "In need? You can ask for help here" in page
    assert 'lang="en"' in page


@pytest.mark.django_db
def test_with_several_counties_one_is_asked_once(public: Client) -> None:
    Branch.objects.create(name="长沙县红十字会", region_code="430121000000", kind="society")
    assert public.get("/")["Location"] == "/places/"
    assert "长沙县红十字会" in public.get("/places/").content.decode()
    first = public.get("/", {"at": "430121000000"})
    assert "长沙县红十字会" in first.content.decode()
    assert public.cookies["boai_place"]["httponly"]
    assert "长沙县红十字会" in public.get("/help/").content.decode()
    assert "通渭县红十字会" in public.get("/", {"at": "621121102207"}).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("at", ["nonsense", "000000000000", "999999999999", "62112110220", "'; DROP TABLE x"])
def test_a_strange_place_is_ignored(public: Client, at: str) -> None:
    assert "通渭县红十字会" in public.get("/", {"at": at}).content.decode()


@pytest.mark.django_db
def test_robots_stay_out_of_everything_about_persons(public: Client) -> None:
    text = public.get("/robots.txt").content.decode()
    for path in ("/apply/", "/follow/", "/notices/", "/objection/", "/verify/"):
        assert f"Disallow: {path}" in text


@pytest.mark.django_db
def test_a_database_that_is_away_costs_no_text(
    public: Client, programme: Programme, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(public)
    write(public, {"who": {"kind": "self"}})

    def away(**_: object) -> None:
        raise OperationalError("the connection is lost")

    monkeypatch.setattr(drafts, "draft_save", away)
    answer = public.post("/apply/person/", PERSON)
    assert answer.status_code == 503
    assert 'value="王 小 明"' in answer.content.decode()
    monkeypatch.undo()


@pytest.mark.django_db
def test_what_was_kept_while_the_database_was_away_is_taken_at_the_first_press(
    programme: Programme, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The failure comes before the guard against foreign forms has read its cookie."""
    strict = Client(enforce_csrf_checks=True, raise_request_exception=False, HTTP_ACCEPT_LANGUAGE="zh-CN")

    def token(page: bytes) -> str:
        found = re.search(r'csrfmiddlewaretoken" value="([^"]+)"', page.decode())
        assert found
        return found[1]

    def away(*_: object) -> None:
        raise OperationalError("the connection is lost")

    form = PERSON | {"csrfmiddlewaretoken": token(strict.get("/apply/").content)}
    monkeypatch.setattr("boai.web.middleware.set_scope", away)
    kept = strict.post("/apply/person/", form)
    assert (kept.status_code, kept["Retry-After"]) == (503, "10")
    monkeypatch.undo()
    again = strict.post("/apply/person/", PERSON | {"csrfmiddlewaretoken": token(kept.content)})
    assert (again.status_code, again["Location"]) == (302, "/apply/where/")


@pytest.mark.django_db
def test_a_page_that_was_open_too_long_costs_no_text(programme: Programme) -> None:
    strict = Client(enforce_csrf_checks=True, HTTP_ACCEPT_LANGUAGE="zh-CN")
    answer = strict.post("/apply/person/", PERSON)
    assert answer.status_code == 403
    assert 'value="王 小 明"' in answer.content.decode()


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("", ""),
    ],
)
def test_what_counts_as_one_network(address: str, expected: str) -> None:
    assert network(address) == expected
