"""The open door in a real browser: axe, weight, widths, by keyboard alone, without scripts, on an old phone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.db import transaction

from boai.audit.tests.factories import logged
from boai.governance.models import Notice
from boai.journeys.tests.county import FullCounty
from boai.kernel.scope import EVERYWHERE, set_scope
from boai.people.actor import Actor
from boai.people.models import Branch
from boai.portal.tests.test_apply import NUMBER, VILLAGE
from boai.relief.models import Case, Programme, Receipt
from boai.relief.tests.factories import fake_number, make_household

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Response

FIRST_VISIT = 60_000  # bytes, everything included
NEXT_VISIT = 15_000


@pytest.fixture
def town(
    live: str, office: Branch, actor_for: Callable[..., Actor], at: datetime, tmp_path: Path
) -> tuple[FullCounty, Case, Case]:
    """A county with one paid case and one on public notice, in a signed log."""
    tongwei = FullCounty(office, actor_for, at)
    with transaction.atomic():
        home = make_household(at=at)
    paid = tongwei.paid(tmp_path, household=home)
    number = fake_number()
    with transaction.atomic():
        other = make_household(at=at, name="欧阳小春", number=number)
    noticed = tongwei.noticed(
        tongwei.reviewed(tongwei.verified(household=other, id_number=number, beneficiary_name="欧阳小春"))
    )
    Programme.objects.update(name="困难救助")
    logged(at=tongwei.at)
    return tongwei, paid, noticed


@pytest.fixture
def without_scripts(browser: Browser) -> Iterator[Page]:
    """A phone on which no script runs."""
    context = browser.new_context(
        viewport={"width": 360, "height": 740},
        locale="zh-CN",
        java_script_enabled=False,
        has_touch=True,
        is_mobile=True,
    )
    yield context.new_page()
    context.close()


def notice_of(case: Case) -> str:
    """The number of the notice that a case stands on."""
    return str(Notice.objects.get(entries__subject_id=case.id).code)


def axe(page: Page) -> list[str]:
    """What axe finds wrong, rule and place."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [f"{rule['id']}: {node['target']}" for rule in found for node in rule["nodes"]]


def fits(page: Page) -> bool:
    """Does nothing stick out sideways?"""
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def addresses(notice: str, receipt: str) -> list[str]:
    return ["/", "/help/", "/privacy/", "/apply/", "/follow/", "/notices/", f"/notices/{notice}",
            f"/notices/{notice}/object", "/objection/", "/verify/", f"/verify/{receipt}", "/verify/2222222222",
            "/checkpoints/", "/given/"]  # fmt: skip


def test_axe_finds_nothing_and_every_page_fits_the_phone(
    live: str, page: Page, phone: Page, town: tuple[FullCounty, Case, Case], clock: Callable[[], datetime]
) -> None:
    _tongwei, paid, noticed = town
    notice, receipt = notice_of(noticed), Receipt.objects.get(case=paid).code
    wrong: dict[str, list[str]] = {}
    for where in addresses(notice, receipt):
        for browser_page in (page, phone):
            browser_page.goto(live + where)
            wrong[f"{where} {browser_page.viewport_size}"] = axe(browser_page)
        assert fits(phone), where
        small = phone.evaluate(
            """() => [...document.querySelectorAll('a.button, button, input:not([type=hidden]), select')]
                     .filter(e => e.getClientRects().length && e.getBoundingClientRect().height < 24)
                     .map(e => e.outerHTML.slice(0, 80))"""
        )
        assert not [s for s in small if "checkbox" not in s and "radio" not in s], where
    assert {k: v for k, v in wrong.items() if v} == {}


def test_every_page_of_the_application_passes_axe_with_and_without_errors(
    live: str, phone: Page, programme: Programme
) -> None:
    wrong: dict[str, list[str]] = {}

    def look(name: str) -> None:
        wrong[name] = axe(phone)
        assert fits(phone), name

    phone.goto(live + "/apply/")
    phone.get_by_role("button", name="开始填写").click()
    for name in ("who", "person", "where", "need", "photos", "consent", "check"):
        phone.goto(f"{live}/apply/{name}/")
        look(name)
        if name not in ("photos", "check"):
            phone.get_by_role("button", name="下一步").click()
            look(f"{name} with errors")
    assert {k: v for k, v in wrong.items() if v} == {}


def test_first_visit_and_next_visit_are_light(live: str, browser: Browser, town: tuple[FullCounty, Case, Case]) -> None:
    notice = notice_of(town[2])
    for where in ("/", f"/notices/{notice}", "/apply/"):
        context = browser.new_context(viewport={"width": 360, "height": 740}, locale="zh-CN")
        page = context.new_page()
        sizes: dict[str, int] = {}

        def note(response: Response, sizes: dict[str, int] = sizes) -> None:
            sizes[response.url] = len(response.body())

        page.on("response", note)
        page.goto(live + where, wait_until="networkidle")
        assert sum(sizes.values()) <= FIRST_VISIT, sizes
        assert sizes[live + where] <= NEXT_VISIT, sizes
        assert all(url.startswith(live + "/") for url in sizes)
        context.close()


def test_an_application_by_keyboard_alone(live: str, page: Page, programme: Programme) -> None:
    """Tab, arrows, space, Enter: from the front page to the case code, focus always visible."""

    def tab_to(role: str, name: str) -> None:
        target = page.get_by_role(role, name=name).first  # type: ignore[arg-type]  # roles by name
        for _ in range(80):
            page.keyboard.press("Tab")
            if target.evaluate("e => e === document.activeElement"):
                outline = target.evaluate("e => getComputedStyle(e).outlineStyle + getComputedStyle(e).boxShadow")
                assert outline != "nonenone", f"no visible focus on {name}"
                return
        raise AssertionError(f"the keyboard never reaches {role} {name}")

    def press(name: str) -> None:
        tab_to("button", name)
        page.keyboard.press("Enter")
        page.wait_for_load_state()

    page.goto(live + "/")
    tab_to("link", "申请救助")
    page.keyboard.press("Enter")
    page.wait_for_url("**/apply/")
    press("开始填写")
    page.wait_for_url("**/apply/who/")
    tab_to("radio", "我自己")
    page.keyboard.press("Space")
    press("下一步")
    page.wait_for_url("**/apply/person/")
    for label, text in (("姓名", "王小明"), ("您的电话", "13800138000"), ("身份证号", NUMBER)):
        tab_to("textbox", label)
        page.keyboard.type(text)
    press("下一步")
    page.wait_for_url("**/apply/where/")
    tab_to("searchbox", "或直接输入地名")
    page.keyboard.type("牛坡村")
    press("下一步")
    page.wait_for_url("**/apply/need/")
    tab_to("radio", "困难救助")
    page.keyboard.press("Space")
    tab_to("radio", "大病")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    tab_to("textbox", "遇到了什么困难？")
    page.keyboard.type("儿子受伤,家里没有收入。")
    press("下一步")
    page.wait_for_url("**/apply/photos/")
    press("下一步")
    page.wait_for_url("**/apply/consent/")
    for label in ("我同意保存这些信息", "我同意为办理申请使用敏感信息", "我同意按上面说的内容公示"):
        tab_to("checkbox", label)
        page.keyboard.press("Space")
    press("下一步")
    page.wait_for_url("**/apply/check/")
    press("提交申请")
    page.wait_for_url("**/apply/done/")
    set_scope(EVERYWHERE)
    case = Case.objects.get(beneficiary_name="王小明")
    assert case.region_code == VILLAGE
    assert case.cause == "accident"
    assert f"{case.code[:4]} {case.code[4:]}" in page.content()


def test_a_resident_without_scripts_applies_follows_and_objects(
    live: str, without_scripts: Page, town: tuple[FullCounty, Case, Case], clock: Callable[[], datetime]
) -> None:
    page = without_scripts
    page.goto(live + "/")
    page.get_by_role("link", name="申请救助 为自己").click()
    page.get_by_role("button", name="开始填写").click()
    page.get_by_label("我自己").check()
    page.get_by_role("button", name="下一步").click()
    page.get_by_label("姓名").fill("王小明")
    page.get_by_label("您的电话").fill("138 0013 8000")
    page.get_by_label("身份证号", exact=True).fill("11010519491231002")
    page.get_by_role("button", name="下一步").click()
    assert "身份证号是18位" in page.content()
    page.get_by_label("身份证号", exact=True).fill(NUMBER)
    page.get_by_role("button", name="下一步").click()
    page.locator("select").first.select_option("621121102000")
    page.get_by_role("button", name="下一步").click()
    page.locator("select").nth(1).select_option(VILLAGE)
    page.get_by_role("button", name="下一步").click()
    page.get_by_label("困难救助").check()
    page.get_by_label("意外事故").check()
    page.get_by_label("遇到了什么困难？").fill("儿子受伤,家里没有收入。")
    page.get_by_role("button", name="下一步").click()
    page.get_by_role("button", name="下一步").click()
    for label in ("我同意保存这些信息", "我同意为办理申请使用敏感信息"):
        page.get_by_label(label).check()
    page.get_by_role("button", name="下一步").click()
    page.wait_for_url("**/apply/check/")
    page.go_back()
    page.wait_for_url("**/apply/consent/")
    assert page.get_by_label("我同意保存这些信息").is_checked()
    page.go_forward()
    page.wait_for_url("**/apply/check/")
    page.get_by_role("button", name="提交申请").click()
    code = page.locator(".code-box b").inner_text().replace(" ", "")

    page.goto(live + "/follow/")
    page.get_by_label("申请编号").fill(code.lower())
    page.get_by_label("申请时留的电话的后四位").fill("8000")
    page.get_by_role("button", name="查看").click()
    assert "已收到,等待受理" in page.locator("h1").inner_text().replace("，", ",")
    page.reload()
    assert code[:4] in page.content()

    notice = notice_of(town[2])
    page.goto(live + "/")
    page.locator(f'a[href="/notices/{notice}"]').first.click()
    assert "欧阳**" in page.content()
    assert "欧阳小春" not in page.content()
    page.get_by_role("link", name="提异议").first.click()
    page.get_by_label("哪里不对？").fill("这家去年刚买了小汽车,村里都知道。")
    page.get_by_role("button", name="提交异议").click()
    assert "您的异议" in page.locator("h1").inner_text()
    assert not [e for e in page.context.cookies() if "name" not in e]


def test_a_double_click_makes_one_case(live: str, page: Page, programme: Programme) -> None:
    page.goto(live + "/apply/")
    page.get_by_role("button", name="开始填写").click()
    page.get_by_label("我自己").check()
    page.get_by_role("button", name="下一步").click()
    page.get_by_label("姓名").fill("王小明")
    page.get_by_label("您的电话").fill("13800138000")
    page.get_by_label("身份证号", exact=True).fill(NUMBER)
    page.get_by_role("button", name="下一步").click()
    page.get_by_label("或直接输入地名").fill("牛坡村")
    page.get_by_role("button", name="下一步").click()
    page.get_by_label("困难救助").check()
    page.get_by_label("意外事故").check()
    page.get_by_label("遇到了什么困难？").fill("儿子受伤,家里没有收入。")
    page.get_by_role("button", name="下一步").click()
    page.get_by_role("button", name="下一步").click()
    page.get_by_label("我同意保存这些信息").check()
    page.get_by_label("我同意为办理申请使用敏感信息").check()
    page.get_by_role("button", name="下一步").click()
    page.get_by_role("button", name="提交申请").dblclick()
    page.wait_for_url("**/apply/done/")
    set_scope(EVERYWHERE)
    assert Case.objects.filter(beneficiary_name="王小明").count() == 1
