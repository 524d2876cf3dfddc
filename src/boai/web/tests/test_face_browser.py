"""The face in a real browser: axe, widths, weight, CSP, and what the scripts promise."""

from __future__ import annotations

import gzip
import itertools
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Literal

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Response

    from boai.people.actor import Actor

FACES = {
    "office": "/styleguide/",
    "portal": "/styleguide/?face=public",
    "paper": "/styleguide/?face=print",
    "sign-in": "/accounts/login/",
    "503": "/styleguide/?page=503&kept=1",
    "signed out": "/styleguide/?page=signed_out&kept=1",
}
BUSY_FACES = {"office", "portal"}
KILOBYTE = 1024
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


@pytest.fixture
def complaints(page: Page) -> Iterator[list[str]]:
    """What the browser complains about, a refused inline style or script first of all. Must stay empty."""
    found: list[str] = []
    page.on("console", lambda m: found.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda e: found.append(str(e)))
    yield found
    assert found == []


def axe_violations(page: Page) -> list[str]:
    """One line per violation: rule, and the first places."""
    from axe_playwright_python.sync_playwright import Axe

    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": tags}}).response["violations"]
    return [f"{v['id']}: {[n['html'][:120] for n in v['nodes'][:4]]}" for v in found]


def test_axe_finds_nothing(live: str, browser: Browser) -> None:
    """Both themes, phone and desk, every face."""
    found = {}
    for scheme, width in itertools.product(SCHEMES, (360, 1440)):
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, locale="zh-CN")
        page = context.new_page()
        for name, path in FACES.items():
            if name in BUSY_FACES or (scheme, width) in (("light", 360), ("dark", 1440)):
                page.goto(live + path)
                found[scheme, width, name] = axe_violations(page)
        context.close()
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_nothing_sticks_out_at_360(live: str, phone: Page) -> None:
    for name, path in FACES.items():
        phone.goto(live + path)
        root = "document.documentElement"
        assert phone.evaluate(f"{root}.scrollWidth - {root}.clientWidth") == 0, name


def test_targets_are_large_enough_for_a_thumb(live: str, phone: Page) -> None:
    phone.goto(live + "/styleguide/")
    small = phone.evaluate(
        """() => Array.from(document.querySelectorAll('.button, .input, .option, .dock a, .dock summary, .chips a, .tile'))
        .filter(e => e.offsetParent && e.getBoundingClientRect().height < 44).map(e => e.outerHTML.slice(0, 90))"""
    )
    assert small == []


def test_weight_of_a_first_visit(live: str, page: Page) -> None:
    """Static files as they are sent (WhiteNoise compresses them), the page itself raw."""
    sizes: dict[str, int] = {}

    def weigh(answer: Response) -> None:
        body = answer.body()
        sizes[answer.url] = len(gzip.compress(body) if "/static/" in answer.url else body)

    page.on("response", weigh)
    for path, limit in (("/styleguide/?face=public", 60), ("/styleguide/", 150)):
        sizes.clear()
        page.goto(live + path, wait_until="networkidle")
        assert sum(sizes.values()) <= limit * KILOBYTE, sizes
        assert all(url.startswith((live, "data:")) for url in sizes)


def test_the_csp_has_nothing_to_refuse(live: str, page: Page, complaints: list[str]) -> None:
    for path in FACES.values():
        answer = page.goto(live + path, wait_until="networkidle")
        assert answer
        assert "script-src 'self'" in answer.headers["content-security-policy"]
        assert complaints == [], path


def test_a_double_click_sends_once(live: str, page: Page) -> None:
    page.goto(live + "/styleguide/")
    looks = page.evaluate(
        """() => {
            let sent = 0;
            window.addEventListener("submit", event => { if (!event.defaultPrevented) sent += 1; });
            const button = document.querySelector("form[action='/styleguide/'] .buttons .primary");
            button.click(); button.click(); button.click();
            return [sent, button.textContent, button.getAttribute("aria-disabled"), button.className];
        }"""
    )
    assert looks == [1, "请稍候…", "true", "button primary busy"]
    page.get_by_text("样式指南不保存任何内容").wait_for()
    page.go_back()
    assert page.locator(".busy").count() == 0, "who comes back can press again"


def test_typed_text_outlives_a_reload_and_a_lost_session(live: str, page: Page) -> None:
    page.goto(live + "/styleguide/")
    page.get_by_label("困难情况").first.fill("屋顶漏雨，急需修缮")
    page.get_by_label("身份证号").first.fill("11010519491231002X")
    page.wait_for_timeout(500)
    page.goto(live + "/accounts/login/")
    page.goto(live + "/styleguide/")
    assert page.get_by_label("困难情况").first.input_value() == "屋顶漏雨，急需修缮"
    assert page.get_by_label("身份证号").first.input_value() == "", "an ID number is never kept"
    assert "1101051949" not in page.evaluate("JSON.stringify(sessionStorage) + JSON.stringify(localStorage)")
    assert page.get_by_text("已恢复您上次填写的内容").is_visible()
    page.get_by_role("button", name="重新填写").click()
    assert page.get_by_label("困难情况").first.input_value() == ""


def test_a_draft_is_dropped_when_the_server_has_confirmed(live: str, page: Page) -> None:
    page.goto(live + "/styleguide/")
    page.get_by_label("困难情况").first.fill("屋顶漏雨")
    page.evaluate("document.getElementById('sample').noValidate = true")
    page.locator("#sample button.primary").click()
    page.get_by_text("样式指南不保存任何内容").wait_for()
    assert page.get_by_label("困难情况").first.input_value() == ""
    assert page.evaluate("Object.keys(sessionStorage).filter(k => k.startsWith('boai:'))") == []


def test_without_network_nothing_is_sent_and_the_text_stays(live: str, page: Page) -> None:
    page.goto(live + "/styleguide/")
    page.get_by_label("困难情况").first.fill("屋顶漏雨")
    page.evaluate("document.getElementById('sample').noValidate = true")
    page.context.set_offline(True)
    page.locator("#sample button.primary").click()
    page.get_by_text("现在没有网络").wait_for()
    assert page.get_by_label("困难情况").first.input_value() == "屋顶漏雨"
    page.context.set_offline(False)


def test_rows_can_be_ticked_walked_and_opened_by_key(live: str, page: Page) -> None:
    page.goto(live + "/styleguide/")
    page.get_by_label("选择本页全部").check()
    assert page.get_by_text("已选 4 条").is_visible()
    page.get_by_label("选择 B4TN8WRC").uncheck()
    assert page.get_by_text("已选 3 条").is_visible()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("x")
    assert page.get_by_text("已选 4 条").is_visible()
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?case=7KQ2MX9P")


def test_keys_are_explained_and_can_be_switched_off(live: str, page: Page) -> None:
    page.goto(live + "/styleguide/")
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("在这台设备上使用快捷键").uncheck()
    dialog.get_by_role("button", name="关闭").click()
    page.keyboard.press("j")
    assert page.locator("tr.cursor").count() == 0


def test_the_theme_is_remembered_by_the_server(live: str, page: Page) -> None:
    page.goto(live + "/styleguide/")
    before = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_role("button", name="浅色／深色").first.click()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != before
    page.reload()
    assert page.locator("html").get_attribute("data-theme") == "dark"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != before


def test_everything_is_there_without_javascript(live: str, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    page.goto(live + "/styleguide/?refresh=1")
    assert page.get_by_text("请先勾选，再选择要办的事。").is_visible()
    assert not page.get_by_label("选择本页全部").is_visible(), "a box that does nothing is not shown"
    page.get_by_label("选择 B4TN8WRC").check()
    page.get_by_role("button", name="批量受理").click()
    page.get_by_text("样式指南不保存任何内容").wait_for()
    context.close()


def test_a_passkey_is_set_up_and_signs_in(live: str, page: Page, actor_for: Callable[..., Actor]) -> None:
    """With Chromium's virtual authenticator: password once, then the passkey alone."""
    from boai.people.models import User

    user = User.objects.get(pk=str(actor_for("officer").user_id))
    user.set_password("a long enough one")
    user.save()
    keys = page.context.new_cdp_session(page)
    keys.send("WebAuthn.enable")
    device = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
              "isUserVerified": True, "automaticPresenceSimulation": True}  # fmt: skip
    keys.send("WebAuthn.addVirtualAuthenticator", {"options": device})

    page.goto(live + "/accounts/login/")
    page.get_by_label("用户名").fill(user.username)
    page.get_by_label("密码", exact=True).fill("a long enough one")
    page.get_by_role("button", name="登录", exact=True).click()
    page.goto(live + "/accounts/2fa/webauthn/add/")
    page.get_by_label("密码", exact=True).fill("a long enough one")
    page.get_by_role("button", name="继续").click()
    page.get_by_label("设备名称").fill("我的手机")
    page.get_by_label("可以代替用户名和密码登录").check()
    page.get_by_role("button", name="设置").click()
    page.get_by_role("heading", name="恢复码").wait_for()
    page.goto(live + "/accounts/2fa/webauthn/")
    assert page.get_by_text("我的手机").is_visible()
    assert axe_violations(page) == []
    page.goto(live + "/accounts/2fa/")
    assert axe_violations(page) == []

    page.goto(live + "/accounts/logout/")
    page.get_by_role("button", name="退出登录").click()
    page.goto(live + "/accounts/login/?next=/accounts/sessions/")
    page.get_by_role("button", name="用通行密钥登录").click()
    page.get_by_role("heading", name="已登录的设备").wait_for()


def test_on_paper_nothing_is_folded_away(live: str, page: Page) -> None:
    page.goto(live + "/styleguide/")
    page.evaluate("document.querySelectorAll('main details').forEach(fold => { fold.open = false; })")
    folded = "document.querySelectorAll('main details:not([open])').length"
    before = page.evaluate(folded)
    assert before > 0
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate(folded) == 0
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.evaluate(folded) == before
