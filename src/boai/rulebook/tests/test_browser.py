"""An administrator sets a rule for one township, with the place picker, in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.conf import settings

from boai.people.actor import Actor
from boai.rulebook.models import RuleVersion
from boai.rulebook.tests.test_views import enter

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

TOWN = "621121105000"


def sign_in(page: Page, live: str, actor: Actor) -> None:
    cookie = enter(actor).cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie.value, "url": live}])


def violations(page: Page) -> list[str]:
    """What axe finds wrong, rule and place."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [f"{v['id']}: {v['nodes'][0]['html'][:120]}" for v in found]


def test_axe_finds_nothing_at_any_width(live: str, page: Page, phone: Page, actor_for: Callable[..., Actor]) -> None:
    actor = actor_for("admin")
    for screen in (page, phone):
        sign_in(screen, live, actor)
        for path in ("", "notice.days", "relief.approval_ladder", "relief.papers.illness", "relief.score"):
            screen.goto(f"{live}/rules/{path}")
            assert violations(screen) == [], path
            assert screen.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), path


def test_a_rule_for_one_township(live: str, page: Page, actor_for: Callable[..., Actor]) -> None:
    sign_in(page, live, actor_for("admin"))
    page.goto(f"{live}/rules/")
    page.get_by_role("link", name="公示天数", exact=True).click()
    page.get_by_label("公示天数").fill("8")
    page.get_by_label("依据").fill("义岗川镇公示办法")
    page.get_by_label("确定：已查阅正式文本").check()
    page.get_by_label("或直接输入地名").fill("ygcz")
    page.get_by_role("button", name="义岗川镇").click()
    page.get_by_label("村级").wait_for()
    page.get_by_role("button", name="设定", exact=True).click()
    page.get_by_text("规则已设定").wait_for()
    assert RuleVersion.objects.get(key="notice.days", region_code=TOWN).value == 8


def test_without_javascript_the_place_is_chosen_step_by_step(
    live: str, browser: Browser, actor_for: Callable[..., Actor]
) -> None:
    context = browser.new_context(java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    sign_in(page, live, actor_for("admin"))
    page.goto(f"{live}/rules/notice.days")
    page.get_by_label("公示天数").fill("9")
    page.get_by_label("依据").fill("明星村公示办法")
    page.get_by_label("确定：已查阅正式文本").check()
    page.get_by_label("乡级").select_option(label="义岗川镇")
    page.get_by_role("button", name="显示下一级").click()
    assert page.get_by_label("依据").input_value() == "明星村公示办法"
    page.get_by_label("村级").select_option(label="明星村民委员会")
    page.get_by_role("button", name="设定", exact=True).click()
    assert page.get_by_text("规则已设定").is_visible()
    assert RuleVersion.objects.get(key="notice.days", region_code="621121105201").value == 9
    context.close()
