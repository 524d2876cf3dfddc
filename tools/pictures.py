#!/usr/bin/env python3
"""Take the pictures of docs/pictures from a running demo: `tools/pictures.py http://localhost:8000 [CHROMIUM]`."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

PICTURES = Path(__file__).resolve().parent.parent / "docs" / "pictures"
PASSWORD = "boai-demo-2026"
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


def main() -> None:
    """Desk, case, findings as the officer; portal home and notice on a phone."""
    base = sys.argv[1].rstrip("/")
    chromium = sys.argv[2] if len(sys.argv) > 2 else shutil.which("chromium")
    PICTURES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        page = sign_in(browser, base, "jingban", 1440, 900)
        page.screenshot(path=PICTURES / "desk.png")
        page.goto(f"{base}/cases/?state=publishing")
        page.locator("main table tbody tr a").first.click()
        page.screenshot(path=PICTURES / "case.png")
        page.goto(f"{base}/register/intakes/")
        page.locator("main table tbody tr a").first.click()
        page.screenshot(path=PICTURES / "intake-findings.png")
        phone = browser.new_context(
            viewport={"width": 360, "height": 740}, device_scale_factor=2, locale="zh-CN"
        ).new_page()
        phone.goto(f"{base}/")
        phone.screenshot(path=PICTURES / "portal-home-phone.png")
        phone.goto(f"{base}/notices/")
        phone.locator("main a[href*='/notices/']:visible:not([href$='/notices/'])").first.click()
        phone.screenshot(path=PICTURES / "notice-phone.png")
        browser.close()


if __name__ == "__main__":
    main()
