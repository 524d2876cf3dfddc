"""Through the door: sign-in, lock-out, second factor, posts, and forms that outlive a session."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from allauth.mfa.totp.internal import auth as totp
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from boai.kernel.scope import EVERYWHERE, set_scope
from boai.people.actor import Actor
from boai.people.models import Branch, Post, User

ActorFor = Callable[..., Actor]
PASSWORD = "correct-horse-battery"


@pytest.fixture(autouse=True)
def _clean_cache(db: None) -> None:
    cache.clear()


@pytest.fixture
def admin_user(county: Branch) -> User:
    user = User(username="guanli", name="管理员甲", date_joined=datetime(2026, 1, 1, tzinfo=UTC))
    user.set_password(PASSWORD)
    user.save()
    Post.objects.create(user=user, branch=county, role="admin", starts_on=date(2026, 1, 1))
    return user


def _sign_in(client: Client, password: str = PASSWORD, username: str = "guanli") -> int:
    answer = client.post(reverse("account_login"), {"login": username, "password": password})
    set_scope(EVERYWHERE)
    return answer.status_code


def test_a_password_opens_the_door(client: Client, admin_user: User) -> None:
    assert client.get(reverse("people:post_list")).status_code == 302
    assert _sign_in(client, "wrong-password-here") == 200
    assert _sign_in(client, username="GUANLI") == 302
    page = client.get(reverse("people:post_list"))
    assert page.status_code == 200
    assert "管理员甲" in page.content.decode()


def test_guessing_is_locked_out_even_with_the_right_password_at_last(client: Client, admin_user: User) -> None:
    for _ in range(5):
        assert _sign_in(client, "wrong-password-here") == 200
    assert _sign_in(client) in (200, 429)
    assert "_auth_user_id" not in client.session


def test_nobody_signs_up(client: Client, db: None) -> None:
    answer = client.post(
        reverse("account_signup"), {"username": "stranger", "password1": PASSWORD, "password2": PASSWORD}
    )
    set_scope(EVERYWHERE)
    assert "stranger" not in User.objects.values_list("username", flat=True)
    assert answer.status_code in (200, 403)


def test_a_role_may_demand_a_second_factor(client: Client, admin_user: User, settings: Any) -> None:
    settings.BOAI_SECOND_FACTOR = True
    _sign_in(client)
    answer = client.get(reverse("people:post_list"))
    assert answer.status_code == 302
    assert answer["Location"] == reverse("mfa_index")
    totp.TOTP.activate(admin_user, totp.generate_totp_secret())
    assert client.get(reverse("people:post_list")).status_code == 200


def test_a_stored_second_factor_is_asked_for_and_sealed(client: Client, admin_user: User) -> None:
    secret = totp.generate_totp_secret()
    stored = totp.TOTP.activate(admin_user, secret)
    assert secret not in str(stored.instance.data)
    _sign_in(client)
    assert client.get(reverse("people:post_list")).status_code == 302, "the password alone is not enough"
    code = totp.format_hotp_value(totp.hotp_value(secret, int(time.time()) // 30))
    answer = client.post(reverse("mfa_authenticate"), {"code": code})
    assert answer.status_code == 302
    assert client.get(reverse("people:post_list")).status_code == 200


def test_rights_stop_with_the_post(client: Client, admin_user: User) -> None:
    _sign_in(client)
    Post.objects.filter(user=admin_user).update(ends_on=date(2026, 1, 2))
    answer = client.get(reverse("people:post_list"))
    assert answer.status_code == 403


def test_one_acts_in_one_post_at_a_time(client: Client, admin_user: User) -> None:
    city = Branch.objects.create(name="定西市红十字会", region_code="621100000000")
    second = Post.objects.create(user=admin_user, branch=city, role="auditor", starts_on=date(2026, 2, 1))
    _sign_in(client)
    assert client.get(reverse("people:invite")).status_code == 200
    answer = client.post(reverse("people:act_as"), {"post": str(second.id), "next": "//evil.example/"})
    assert answer["Location"] == "/start/"
    page = client.post(reverse("people:invite"), {"name": "x", "role": "officer", "branch": str(city.id), "starts_on": "2026-11-24"})  # fmt: skip
    assert page.status_code == 403
    set_scope(EVERYWHERE)


def test_a_form_outlives_its_session(client: Client, admin_user: User) -> None:
    answer = client.post(reverse("people:invite"), {"name": "写了半天的名字", "csrfmiddlewaretoken": "x"})
    assert answer.status_code == 401
    page = answer.content.decode()
    assert "写了半天的名字" in page
    assert 'value="x"' not in page


def test_an_invitation_through_the_pages(client: Client, admin_user: User, county: Branch) -> None:
    _sign_in(client)
    answer = client.post(
        reverse("people:invite"),
        {"name": "新来的", "role": "officer", "branch": str(county.id), "starts_on": "2026-11-01"},
    )
    assert answer.status_code == 200
    link = answer.context["link"]
    stranger = Client()
    assert stranger.get(link).status_code == 200
    refused = stranger.post(link, {"username": "xinlai", "password": "123"})
    assert refused.status_code == 422
    done = stranger.post(link, {"username": "xinlai", "password": PASSWORD})
    assert done.status_code == 302
    assert _sign_in(stranger, username="xinlai") == 302
    assert Client().get(link).status_code == 404


def test_headers_are_strict(client: Client, db: None) -> None:
    answer = client.get(reverse("account_login"))
    policy = answer["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
