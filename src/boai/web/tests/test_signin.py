"""The pages of django-allauth stand in our shells and say it in our words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.totp.internal import auth as totp
from django.test import Client

from boai.people.actor import Actor
from boai.people.models import User

PUBLIC = ["/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/accounts/password/reset/done/",
          "/accounts/password/reset/key/1-bad/", "/accounts/password/reset/key/done/", "/accounts/inactive/"]  # fmt: skip
SIGNED_IN = ["/accounts/password/change/", "/accounts/2fa/", "/accounts/sessions/", "/accounts/logout/",
             "/accounts/2fa/webauthn/", "/accounts/2fa/totp/activate/", "/accounts/2fa/webauthn/add/",
             "/accounts/email/", "/accounts/reauthenticate/"]  # fmt: skip


@pytest.fixture
def officer(db: Any, actor_for: Callable[..., Actor]) -> Client:
    """A browser in which an officer has just signed in by password."""
    user = User.objects.get(pk=str(actor_for("officer").user_id))
    user.set_password("a long enough one")
    user.save()
    client = Client()
    answer = client.post("/accounts/login/", {"login": user.username, "password": "a long enough one"})
    assert answer.status_code == 302
    client.post("/accounts/reauthenticate/", {"password": "a long enough one"})
    return client


@pytest.mark.parametrize("path", PUBLIC)
def test_public_account_page(path: str, db: Any) -> None:
    answer = Client().get(path)
    html = answer.content.decode()
    assert answer.status_code == 200
    assert 'class="entrance' in html
    assert html.count("<h1>") == 1


@pytest.mark.parametrize("path", SIGNED_IN)
def test_account_page_of_a_member_of_staff(path: str, officer: Client) -> None:
    answer = officer.get(path)
    html = answer.content.decode()
    assert answer.status_code == 200, answer.headers.get("Location")
    assert 'data-page="office"' in html or 'data-page="entrance"' in html
    assert html.count("<h1>") == 1


def test_second_step_by_app_from_set_up_to_recovery_codes(officer: Client, db: Any) -> None:
    page = officer.get("/accounts/2fa/totp/activate/")
    secret = page.context["form"].secret
    assert f'value="{secret}"' in page.content.decode()
    wrong = officer.post("/accounts/2fa/totp/activate/", {"code": "000"})
    assert "数字不对，请看清后重新输入。" in wrong.content.decode()
    secret = wrong.context["form"].secret
    code = totp.format_hotp_value(totp.hotp_value(secret, next(iter(totp.yield_hotp_counters_from_time()))))
    assert officer.post("/accounts/2fa/totp/activate/", {"code": code}).status_code == 302
    assert "已启用" in officer.get("/accounts/2fa/").content.decode()
    codes = officer.get("/accounts/2fa/recovery-codes/").content.decode()
    assert codes.count("<li>") == 10
    assert officer.get("/accounts/2fa/recovery-codes/generate/").status_code == 200
    assert officer.get("/accounts/2fa/totp/deactivate/").status_code == 200
    officer.post("/accounts/logout/")
    user = User.objects.get(username__startswith="officer-")
    answer = officer.post("/accounts/login/", {"login": user.username, "password": "a long enough one"}, follow=True)
    assert "<h1>两步验证</h1>" in answer.content.decode()


def test_signing_in_is_not_announced(officer: Client) -> None:
    assert 'data-kind="success"' not in officer.get("/accounts/2fa/").content.decode()


def test_a_wrong_password_is_said_in_plain_words(db: Any) -> None:
    html = Client().post("/accounts/login/", {"login": "nobody", "password": "wrong"}).content.decode()
    assert "用户名或密码不对，请再试一次。" in html
    assert 'value="wrong"' not in html


def test_the_other_devices_can_be_signed_out(officer: Client, db: Any) -> None:
    officer.get("/accounts/sessions/")
    user = User.objects.get(username__startswith="officer-")
    other = Client(headers={"user-agent": "Mozilla/5.0 (Linux; Android 12) MicroMessenger/8.0"})
    other.post("/accounts/login/", {"login": user.username, "password": "a long enough one"})
    other.get("/accounts/sessions/")
    html = officer.get("/accounts/sessions/").content.decode()
    assert "微信 · Android" in html
    officer.post("/accounts/sessions/")
    assert other.get("/accounts/sessions/").status_code == 302
    assert officer.get("/accounts/sessions/").status_code == 200


def test_an_answer_that_comes_late_does_not_sign_out_again(officer: Client) -> None:
    """A page asked for its progress with the session that the next sign-in replaced, and is answered after it."""
    before = officer.cookies["sessionid"].value
    user = User.objects.get(username__startswith="officer")
    officer.post("/accounts/logout/")
    officer.post("/accounts/login/", {"login": user.username, "password": "a long enough one"})
    after = officer.cookies["sessionid"].value
    assert after not in (before, "")
    late = Client()
    late.cookies["sessionid"] = before
    for path in ("/desk/", "/accounts/login/", "/"):
        assert "sessionid" not in late.get(path).cookies
    officer.cookies["sessionid"] = after
    assert officer.get("/accounts/sessions/").status_code == 200


def test_signing_out_takes_the_cookie_away(officer: Client) -> None:
    assert officer.post("/accounts/logout/").cookies["sessionid"].value == ""
