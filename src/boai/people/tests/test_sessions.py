"""Second factors that are guessed at, sessions that are ended from elsewhere, passkeys in a real browser."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from boai.kernel.scope import EVERYWHERE, Scope, scoped, set_scope
from boai.people.models import Branch, Post, User

PASSWORD = "correct-horse-battery"


@pytest.fixture(autouse=True)
def _clean_cache(request: pytest.FixtureRequest) -> None:
    request.getfixturevalue("own_database" if "page" in request.fixturenames else "db")
    cache.clear()


@pytest.fixture
def admin_user(county: Branch) -> User:
    user = User(username="guanli", name="管理员甲", date_joined=datetime(2026, 1, 1, tzinfo=UTC))
    user.set_password(PASSWORD)
    user.save()
    Post.objects.create(user=user, branch=county, role="admin", starts_on=date(2026, 1, 1))
    return user


def _sign_in(client: Client, username: str = "guanli") -> int:
    answer = client.post(reverse("account_login"), {"login": username, "password": PASSWORD})
    set_scope(EVERYWHERE)
    return answer.status_code


def _is_in(client: Client) -> bool:
    inside = client.get(reverse("people:post_list")).status_code == 200
    set_scope(EVERYWHERE)
    return inside


def test_a_name_typed_with_full_width_letters_is_the_same_name(client: Client, admin_user: User) -> None:
    assert _sign_in(client, username="Ｇｕａｎｌｉ") == 302
    assert _is_in(client)


def test_guessing_the_code_of_the_second_factor_is_locked_out(client: Client, admin_user: User) -> None:
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(admin_user, secret)
    _sign_in(client)
    right = totp.format_hotp_value(totp.hotp_value(secret, int(time.time()) // 30))
    wrong = f"{(int(right) + 1) % 10**6:06d}"
    for _ in range(5):
        client.post(reverse("mfa_authenticate"), {"code": wrong})
        set_scope(EVERYWHERE)
    client.post(reverse("mfa_authenticate"), {"code": right})
    assert not _is_in(client)


def test_whoever_removes_the_factor_that_their_post_demands_is_out_at_once(
    client: Client, admin_user: User, settings: Any
) -> None:
    settings.BOAI_SECOND_FACTOR = True
    _sign_in(client)
    totp.TOTP.activate(admin_user, totp.generate_totp_secret())
    assert _is_in(client)
    Authenticator.objects.all().delete()
    assert not _is_in(client)


def test_sessions_are_listed_and_ended_from_elsewhere(admin_user: User) -> None:
    office, cafe = Client(headers={"User-Agent": "Office"}), Client(headers={"User-Agent": "Mozilla/5.0 (iPhone)"})
    assert [_sign_in(c) for c in (office, cafe)] == [302, 302]
    assert _is_in(office)
    assert _is_in(cafe)
    page = office.get(reverse("usersessions_list"))
    assert page.content.decode().count("127.0.0.1") == 2
    assert office.post(reverse("usersessions_list")).status_code == 302
    assert _is_in(office)
    assert not _is_in(cafe)


def test_what_belongs_to_an_account_is_seen_by_its_owner_alone(
    client: Client, admin_user: User, actor_for: Callable[..., Any]
) -> None:
    other = actor_for("officer")
    totp.TOTP.activate(admin_user, totp.generate_totp_secret())
    _sign_in(Client())
    UserSession.objects.create(user=admin_user, ip="127.0.0.1", session_key="k" * 40, user_agent="x")
    for user_id, many in ((admin_user.id, 1), (other.user_id, 0)):
        with scoped(Scope(user=str(user_id))):
            assert (Authenticator.objects.count(), UserSession.objects.count()) == (many, many)


def test_a_passkey_opens_the_door_without_a_password(live: str, page: Any, admin_user: User) -> None:
    """Chromium's own virtual authenticator: the whole ceremony, with the browser's cryptography."""
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
               "isUserVerified": True, "automaticPresenceSimulation": True}  # fmt: skip
    device.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    page.goto(f"{live}{reverse('account_login')}")
    page.fill("[name=login]", "guanli")
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(lambda url: "/accounts/" not in url)
    page.goto(f"{live}{reverse('mfa_add_webauthn')}")  # asks for the password once more
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.fill("[name=name]", "办公室电脑")
    page.check("[name=passwordless]")
    page.click("#mfa_webauthn_add")
    page.wait_for_url(lambda url: "webauthn/add" not in url)
    assert Authenticator.objects.filter(type=Authenticator.Type.WEBAUTHN).count() == 1
    page.context.clear_cookies()
    page.goto(f"{live}{reverse('account_login')}")
    page.click("#passkey_login")
    page.wait_for_url(lambda url: "/accounts/" not in url)
    page.goto(f"{live}{reverse('people:post_list')}")
    assert "管理员甲" in page.content()
