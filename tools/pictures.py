#!/usr/bin/env python3
"""Take the pictures of docs/pictures from a running demo: `tools/pictures.py http://localhost:8000 [CHROMIUM]`."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

PICTURES = Path(__file__).resolve().parent.parent / "docs" / "pictures"
PASSWORD = "boai-demo-2026"
PHONE: ViewportSize = {"width": 360, "height": 740}
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip


def sign_in(browser: Browser, base: str, username: str, width: int, height: int) -> Page:
    """A page on which `username` has signed in."""
    page = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN").new_page()
    page.goto(f"{base}/accounts/login/")
    page.fill("input[name=login]", username)
    page.fill("input[name=password]", PASSWORD)
    page.locator("main button[type=submit]").first.click()
    page.wait_for_url("**/desk/**")
    return page


def desk(browser: Browser, base: str) -> None:
    """What the officer sees: desk, case, a register file and its findings, the asking page, a household."""
    page = sign_in(browser, base, "jingban", 1440, 900)
    page.screenshot(path=PICTURES / "desk.png")
    page.goto(f"{base}/cases/?state=publishing")
    page.locator("main table tbody tr a").first.click()
    page.screenshot(path=PICTURES / "case.png")
    page.goto(f"{base}/register/intakes/")
    page.locator("main table tbody tr a").first.click()
    page.wait_for_load_state()
    page.screenshot(path=PICTURES / "intake.png")
    page.goto(f"{page.url}findings/")
    page.screenshot(path=PICTURES / "intake-findings.png")
    page.goto(f"{base}/register/duplicates/")
    page.locator("main table tbody tr a").first.click()
    page.wait_for_load_state()
    page.screenshot(path=PICTURES / "duplicate.png")
    page.goto(f"{base}/cases/?state=closed")
    page.locator("main table tbody tr a").first.click()
    page.wait_for_load_state()
    page.locator("main a[href*='/register/households/']").first.click()
    page.wait_for_load_state()
    page.screenshot(path=PICTURES / "household.png")


def visit(browser: Browser, base: str) -> None:
    """A visitor's phone: the day that was taken along, and a record that waits for a signal."""
    context = browser.new_context(viewport=PHONE, device_scale_factor=2, locale="zh-CN", has_touch=True)
    page = context.new_page()
    page.goto(f"{base}/accounts/login/?next=/visits/phone/")
    page.fill("input[name=login]", "hecha")
    page.fill("input[name=password]", PASSWORD)
    page.locator("main button[type=submit]").first.click()
    page.wait_for_url("**/visits/phone/")
    for label in ("PIN码或一句话", "再输一遍"):
        page.get_by_label(label).fill("739154")
    page.get_by_role("button", name="设定PIN码").click()
    page.get_by_role("button", name="带走一天的走访").click()
    page.get_by_role("button", name=re.compile(r"20\d\d-")).last.click()
    page.locator("main button").nth(1).wait_for()
    page.wait_for_timeout(500)
    page.screenshot(path=PICTURES / "visit-day-phone.png")
    context.set_offline(True)
    page.locator("main button").first.click()
    page.get_by_role("button", name="记录走访").click()
    page.get_by_text("见到人了", exact=True).click()
    page.get_by_label("住房情况").select_option(index=2)
    page.get_by_label("备注").fill("屋顶漏雨，需要两卷油毡。")
    page.get_by_role("button", name="存到本机").click()
    page.get_by_text("只存在本机").first.wait_for()
    page.screenshot(path=PICTURES / "visit-kept-phone.png")
    context.close()


def portal(browser: Browser, base: str) -> None:
    """Home and a notice on a resident's phone."""
    phone = browser.new_context(viewport=PHONE, device_scale_factor=2, locale="zh-CN").new_page()
    phone.goto(f"{base}/")
    phone.screenshot(path=PICTURES / "portal-home-phone.png")
    phone.goto(f"{base}/notices/")
    phone.locator("main a[href*='/notices/']:visible:not([href$='/notices/'])").first.click()
    phone.screenshot(path=PICTURES / "notice-phone.png")


def main() -> None:
    """Every picture, from the demo at the address given."""
    base = sys.argv[1].rstrip("/")
    chromium = sys.argv[2] if len(sys.argv) > 2 else shutil.which("chromium")
    PICTURES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        for take in (desk, visit, portal):
            take(browser, base)
        browser.close()


if __name__ == "__main__":
    main()
