"""The pages of the desk and the calls of the phone: who gets in, what garbage gets, how many queries a list takes."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from boai.kernel.clock import local_date, now
from boai.kernel.scope import EVERYWHERE, set_scope
from boai.people.actor import Actor
from boai.people.models import Branch, User
from boai.visits import services
from boai.visits.enums import State
from boai.visits.models import Report, RouteOrder, Visit
from boai.visits.tests.factories import VILLAGE, Team, home, key_of, planned, said, team

pytestmark = pytest.mark.django_db
Make = Callable[..., Actor]
AJAX = "application/json"


@pytest.fixture
def people(actor_for: Make) -> Team:
    return team(actor_for)


@pytest.fixture
def visit(people: Team, at: datetime) -> Visit:
    return planned(people, at, day=local_date(now()))


def browser(actor: Actor, **options: Any) -> Client:
    client = Client(**options)
    client.force_login(
        User.objects.get(id=key_of(actor)), backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    return client


def body(visit: Visit, **changes: Any) -> dict[str, Any]:
    values = {
        "visit": str(visit.id), "client_id": str(uuid.uuid4()), "based_on": 1, "made_at": "2026-11-25T03:00:00Z",
        "outcome": "met", "there": ["first", "second"], "notes": "都好", "house": "sound", "needs": ["nothing"],
        "needs_words": "", "entry": "right", "entry_words": "", "related": False,
    }  # fmt: skip
    return values | changes


def send(client: Client, said: Any) -> Any:
    return client.post(reverse("visits:phone_record"), said if isinstance(said, str) else json.dumps(said), AJAX)


def queries_of(client: Client, url: str) -> int:
    client.get(url)
    with CaptureQueriesContext(connection) as seen:
        assert client.get(url).status_code == 200
    return len(seen)


def test_a_list_takes_as_many_queries_for_thirty_as_for_one(people: Team, visit: Visit, at: datetime) -> None:
    client = browser(people.planner)
    pages = [reverse("visits:list") + "?show=all", reverse("visits:route")]
    few = [queries_of(browser(people.one) if "route" in url else client, url) for url in pages]
    set_scope(EVERYWHERE)
    for n in range(29):
        planned(people, at, home(at, name=f"户{n}", address=f"{n}号"), day=local_date(now()))
    many = [queries_of(browser(people.one) if "route" in url else client, url) for url in pages]
    assert few == many


def test_visitors_see_their_own_and_planners_all(people: Team, actor_for: Make, visit: Visit) -> None:
    other = actor_for("verifier", name="旁人")
    elsewhere = actor_for("officer", Branch.objects.create(name="别县", kind="society", region_code="520624000000"))
    page = reverse("visits:visit", args=[visit.id])
    for actor, status, listed in (
        (people.planner, 200, True), (people.one, 200, True), (other, 403, False), (elsewhere, 404, False),
        (actor_for("cashier"), 403, None),
    ):  # fmt: skip
        client = browser(actor)
        assert client.get(page).status_code == status, actor.name
        answer = client.get(reverse("visits:list"))
        if listed is None:
            assert answer.status_code == 403
        else:
            assert ("魏建国" in answer.content.decode()) == listed
    assert Client().get(page).status_code == 302


def test_planning_a_village_keeps_what_was_typed(people: Team, at: datetime) -> None:
    household = home(at)
    client = browser(people.planner)
    url = f"{reverse('visits:plan')}?village={VILLAGE}"
    assert "二组18号" in client.get(url).content.decode()
    typed = {
        "purpose": "festival", "day": local_date(now()).isoformat(), "first": str(people.one.user_id),
        "second": str(people.one.user_id), "ask": "煤够不够", "households": [str(household.id)],
    }  # fmt: skip
    refused = client.post(url, typed)
    assert refused.status_code == 422
    assert "两位走访人不能是同一个人" in refused.content.decode()
    assert "煤够不够" in refused.content.decode()
    assert "checked" in refused.content.decode()
    assert client.post(url, typed | {"households": ["nonsense"], "second": "alone"}).status_code == 422
    set_scope(EVERYWHERE)
    assert not Visit.objects.exists()
    assert client.post(url, typed | {"second": str(people.two.user_id)}).status_code == 302
    set_scope(EVERYWHERE)
    assert Visit.objects.get().ask == "煤够不够"


def test_the_households_page_shows_its_visits(people: Team, visit: Visit) -> None:
    text = browser(people.planner).get(reverse("registry:household", args=[visit.household_id])).content.decode()
    assert reverse("visits:visit", args=[visit.id]) in text
    assert reverse("visits:plan_one", args=[visit.household_id]) in text
    text = browser(people.one).get(reverse("registry:household", args=[visit.household_id])).content.decode()
    assert reverse("visits:plan_one", args=[visit.household_id]) not in text


def test_the_way_can_be_moved_and_printed(people: Team, visit: Visit, at: datetime) -> None:
    planned(people, at, home(at, name="李四", address="一组1号"), day=visit.day)
    client = browser(people.one)
    moved = client.post(reverse("visits:route_move", args=[visit.id]) + f"?day={visit.day}", {"way": "up"})
    assert moved.status_code == 302
    set_scope(EVERYWHERE)
    assert RouteOrder.objects.get().visits[0] == visit.id
    sheet = client.get(reverse("visits:route_print")).content.decode()
    assert sheet.index("魏建国") < sheet.index("李四")
    assert client.get(reverse("visits:route") + "?day=nonsense").status_code == 200


def test_recording_at_the_desk(people: Team, visit: Visit) -> None:
    client = browser(people.one)
    url = reverse("visits:report", args=[visit.id])
    form = client.get(url).context["form"]
    typed = {
        "client_id": str(form.initial["client_id"]), "based_on": 1, "made_at": "2026-11-25 11:00", "outcome": "met",
        "there": ["first"], "notes": "在桌面补录",
    }  # fmt: skip
    assert client.post(url, typed | {"outcome": ""}).status_code == 422
    assert client.post(url, typed).status_code == 302
    set_scope(EVERYWHERE)
    visit.refresh_from_db()
    assert (visit.state, Report.objects.get().there) == (State.DONE, [people.one.user_id])
    assert browser(people.planner).get(url).status_code == 403


def test_a_page_that_is_no_longer_true_settles_nothing(people: Team, visit: Visit, at: datetime) -> None:
    services.report_receive(visit_id=visit.id, said=said(visit, at), actor=people.one, at=at)
    services.report_receive(visit_id=visit.id, said=said(visit, at, notes="另一份"), actor=people.two, at=at)
    client = browser(people.planner)
    form = client.get(reverse("visits:visit", args=[visit.id])).context["settle_form"]
    typed = {"kept": form.fields["kept"].choices[0][0], "reason": "核实过", "version": 1, "seen": form.initial["seen"]}
    url = reverse("visits:settle", args=[visit.id])
    stale = client.post(url, typed)
    assert stale.status_code == 422
    assert "核实过" in stale.content.decode()
    assert client.post(url, typed | {"version": form.initial["version"]}).status_code == 302


# --- the phone's calls ---


def test_nobody_signed_in_gets_a_sentence_and_not_a_page(visit: Visit) -> None:
    client = Client()
    for answer in (
        client.get(reverse("visits:phone_session")), send(client, body(visit)), client.post(reverse("visits:phone_take")),
    ):  # fmt: skip
        assert answer.status_code == 401
        assert "请先登录" in answer.json()["error"]
    set_scope(EVERYWHERE)
    assert not Report.objects.exists()


def test_the_phone_needs_its_token(people: Team, visit: Visit) -> None:
    client = browser(people.one, enforce_csrf_checks=True)
    assert send(client, body(visit)).status_code == 403
    token = client.get(reverse("visits:phone_session")).json()["csrf"]
    answer = client.post(reverse("visits:phone_record"), json.dumps(body(visit)), AJAX, headers={"X-CSRFToken": token})
    assert (answer.status_code, answer.json()["state"]) == (201, "sent")
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize(
    ("garbage", "status"),
    [
        ("", 400), ("nonsense", 400), ("[]", 400), ("null", 400), ("[" * 3000, 400), ('{"visit": 7}', 400),
        ({"there": "first"}, 400), ({"there": [["x"]]}, 400), ({"outcome": {"a": 1}}, 400), ({"based_on": "x"}, 400),
        ({"made_at": "gestern"}, 400), ({"client_id": "7"}, 400), ({"notes": "长" * 2001}, 400),
        ({"notes": "a\u202eb"}, 400), ({"needs": ["gold"]}, 400), ({"visit": str(uuid.UUID(int=7))}, 404),
        ({"based_on": 99}, 400), ({"there": []}, 400),
    ],
)  # fmt: skip
def test_garbage_gets_a_sentence(people: Team, visit: Visit, garbage: Any, status: int) -> None:
    answer = send(browser(people.one), body(visit) | garbage if isinstance(garbage, dict) else garbage)
    assert (answer.status_code, bool(answer.json()["error"])) == (status, True)
    set_scope(EVERYWHERE)
    assert not Report.objects.exists()


def test_the_same_record_twice_over_the_wire(people: Team, visit: Visit) -> None:
    client, record = browser(people.one), body(visit)
    first, second = send(client, record), send(client, record)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    set_scope(EVERYWHERE)
    assert Report.objects.count() == 1


def test_garbage_as_a_photo(people: Team, visit: Visit) -> None:
    client, record = browser(people.one), body(visit)
    send(client, record)
    url = reverse("visits:phone_photo")
    file = SimpleUploadedFile("a.jpg", b"\xff\xd8\xff nonsense", content_type="image/jpeg")
    fields = {"client_id": str(uuid.uuid4()), "record_id": record["client_id"]}
    assert client.post(url, fields).status_code == 400
    assert client.post(url, fields | {"photo": file}).status_code == 422
    file.seek(0)
    assert client.post(url, fields | {"record_id": str(uuid.uuid4()), "photo": file}).status_code == 404


def test_taking_along_and_what_is_refused(people: Team, visit: Visit) -> None:
    client = browser(people.one)
    url = reverse("visits:phone_take")
    pack = client.post(url, {"day": visit.day.isoformat()}).json()
    assert [stop["name"] for stop in pack["visits"]] == ["魏建国"]
    assert pack["rules"]["keep_days"] == 7
    assert client.post(url, {"day": "nonsense"}).status_code == 400
    assert client.post(url, {"day": (visit.day + timedelta(days=1)).isoformat()}).status_code == 409
    assert client.get(url).status_code == 405


def test_the_shell_is_the_same_for_everybody_and_all_of_it_is_there(people: Team) -> None:
    shown = browser(people.one).get(reverse("visits:phone")).content
    assert shown == Client().get(reverse("visits:phone")).content
    worker = Client().get(reverse("visits:phone_worker"))
    assert worker["Content-Type"].startswith("text/javascript")
    manifest = Client().get(reverse("visits:phone_manifest")).json()
    assert manifest["scope"] == manifest["start_url"] == reverse("visits:phone")
    from django.contrib.staticfiles import finders

    from boai.visits.shell import MODULES, STYLED

    assert all(finders.find(name) for name in (*STYLED, *MODULES, "web/phone/worker.js", "visits/icon-512.png"))
