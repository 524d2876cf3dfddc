"""A day without signal in a real browser: take along, record, close, open again, send; and what lies on the phone."""

from __future__ import annotations

import base64
import io
import os
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.hashers import make_password
from django.db import connection
from PIL import Image

from boai.kernel.clock import local_date, now
from boai.kernel.scope import EVERYWHERE, set_scope
from boai.people.actor import Actor
from boai.people.models import User
from boai.visits import services
from boai.visits.enums import Standing, State
from boai.visits.models import Report, ReportPhoto, Visit
from boai.visits.tests.factories import Team, home, key_of, planned, said, team

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, Route

PIN = "739154"
PASSWORD = "only-for-this-test-2026"
NAME, NOTE = "魏建国", "屋顶漏雨，老人独自在家。"
SHOTS = os.environ.get("BOAI_SHOTS", "")

# Everything that the browser keeps of our address, as one binary string: rows of IndexedDB, and the kept pages.
RAW = """async () => {
  const text = value => value instanceof ArrayBuffer ? String.fromCharCode(...new Uint8Array(value))
    : value instanceof Uint8Array ? String.fromCharCode(...value)
    : value && typeof value === 'object' ? Object.entries(value).map(([k, v]) => k + '=' + text(v)).join(';') : String(value);
  const db = await new Promise((good, bad) => { const r = indexedDB.open('boai-visits'); r.onsuccess = () => good(r.result); r.onerror = bad; });
  let found = '';
  for (const name of db.objectStoreNames) {
    const rows = await new Promise(good => { const r = db.transaction(name).objectStore(name).getAll(); r.onsuccess = () => good(r.result); });
    found += rows.map(text).join('\\n');
  }
  db.close();
  for (const key of await caches.keys()) {
    const cache = await caches.open(key);
    for (const request of await cache.keys()) found += await (await cache.match(request)).text();
  }
  return found + JSON.stringify(localStorage) + JSON.stringify(sessionStorage);
}"""


@pytest.fixture
def today() -> date:
    return local_date(now())


@pytest.fixture
def people(live: str, actor_for: Callable[..., Actor]) -> Team:
    made = team(actor_for)
    User.objects.filter(id__in=[made.one.user_id, made.two.user_id, made.planner.user_id]).update(
        password=make_password(PASSWORD)
    )
    return made


@pytest.fixture
def visit(people: Team, today: date) -> Visit:
    at = now()
    planned(people, at, home(at, name="李四", address="一组2号"), day=today)
    return planned(
        people, at, home(at, name=NAME, phone="13800138001"), day=today, ask="屋顶修好了吗？", with_phone=True
    )


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A phone of its own; kept, so that pages can be closed and opened again."""
    made = browser.new_context(viewport={"width": 360, "height": 740}, locale="zh-CN", has_touch=True, is_mobile=True)
    yield made
    made.close()


def sign_in(page: Page, live: str, actor: Actor) -> None:
    page.goto(f"{live}/accounts/login/?next=/visits/phone/")
    page.locator("[name=login]").fill(User.objects.get(id=key_of(actor)).username)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("button[type=submit]").first.click()
    page.wait_for_url("**/visits/phone/")


def shot(page: Page, name: str) -> None:
    """A picture of the screen, when somebody wants to look (BOAI_SHOTS names a folder)."""
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"), full_page=False)


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def axe(page: Page) -> list[str]:
    from axe_playwright_python.sync_playwright import Axe

    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": tags}}).response["violations"]
    return [f"{rule['id']}: {[n['html'][:100] for n in rule['nodes'][:3]]}" for rule in found]


def looked_at(page: Page, name: str) -> None:
    shot(page, name)
    assert fits(page), name
    assert axe(page) == [], name


def take_along(page: Page, day: date, pin: str = PIN) -> None:
    page.get_by_label("PIN码或一句话").fill(pin)
    page.get_by_label("再输一遍").fill(pin)
    page.get_by_role("button", name="设定PIN码").click()
    page.get_by_role("button", name="带走一天的走访").click()
    page.get_by_role("button", name=day.isoformat()).click()
    page.get_by_role("button", name=NAME).wait_for()
    page.evaluate("navigator.serviceWorker.ready.then(r => r.active.state)")
    page.wait_for_function("navigator.serviceWorker.ready.then(r => r.active && r.active.state === 'activated')")


def unlock(page: Page, pin: str = PIN) -> None:
    page.get_by_label("PIN码或一句话").fill(pin)
    page.get_by_role("button", name="打开").click()


def jpeg(*, place: bool = False) -> bytes:
    out = io.BytesIO()
    exif = Image.Exif()
    if place:
        exif[0x0110] = "PhoneModelX"
    Image.new("RGB", (2400, 1800), (190, 140, 90)).save(out, "JPEG", exif=exif)
    return out.getvalue()


def record(page: Page, *, photo: bool = False) -> None:
    page.get_by_role("button", name=NAME).click()
    page.get_by_role("button", name="记录走访").click()
    page.get_by_text("见到人了", exact=True).click()
    page.get_by_label("住房情况").select_option("worn")
    page.get_by_label("修房").check()
    page.get_by_label("备注").fill(NOTE)
    if photo:
        page.locator("[data-camera]").set_input_files(
            {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": jpeg(place=True)}
        )
        page.get_by_role("img", name="照片1").wait_for()


def test_a_day_without_signal(live: str, context: BrowserContext, people: Team, visit: Visit, today: date) -> None:
    complaints: list[str] = []
    context.on("console", lambda m: complaints.append(m.text) if "Content Security Policy" in m.text else None)
    page = context.new_page()
    page.goto(f"{live}/visits/phone/")
    page.get_by_role("link", name="登录").wait_for()
    looked_at(page, "1-signin")
    sign_in(page, live, people.one)
    page.get_by_label("再输一遍").wait_for()
    looked_at(page, "2-pin")
    take_along(page, today)
    looked_at(page, "3-day")

    context.set_offline(True)
    page.get_by_text("没有信号").wait_for()
    page.get_by_role("button", name=NAME).click()
    page.get_by_text("屋顶修好了吗？").wait_for()
    looked_at(page, "4-door")
    page.get_by_role("button", name="返回").click()
    record(page, photo=True)
    looked_at(page, "5-record")
    page.get_by_role("button", name="存到本机").click()
    page.get_by_text("只存在本机").wait_for()
    looked_at(page, "6-kept")

    raw = page.evaluate(RAW)
    seen = raw.encode("latin-1", "replace").decode("utf-8", "replace") + raw
    for secret in (NAME, NOTE, "李四", "13800138001", "二组18号", "屋顶", PIN, "PhoneModelX"):
        assert secret not in seen, secret
        assert base64.b64encode(secret.encode()).decode().rstrip("=") not in seen
    page.close()

    page = context.new_page()
    page.goto(f"{live}/visits/phone/")
    page.get_by_text("还没送出：1份记录、1张照片").wait_for()
    looked_at(page, "7-locked")
    unlock(page, "000001")
    page.get_by_text("还可以试4次").wait_for()
    shot(page, "8-wrong-pin")
    unlock(page)
    page.get_by_text("还没送出：1份记录、1张照片").wait_for()
    page.get_by_role("button", name="还没送出").click()
    page.get_by_text("只存在本机").wait_for()
    assert Report.objects.count() == 0

    context.set_offline(False)
    page.get_by_text("已送达", exact=True).wait_for()
    page.get_by_text("全部已送达").wait_for()
    looked_at(page, "9-sent")
    set_scope(EVERYWHERE)
    report = Report.objects.get()
    visit.refresh_from_db()
    assert (report.notes, report.by_id, visit.state) == (NOTE, people.one.user_id, State.DONE)
    photo = ReportPhoto.objects.select_related("file").get()
    assert (photo.file.width, photo.file.height) == (1600, 1200)
    assert complaints == []


def test_sent_twice_is_one(live: str, context: BrowserContext, people: Team, visit: Visit, today: date) -> None:
    """The answer to the first sending never arrives; the phone sends again."""
    page = context.new_page()
    sign_in(page, live, people.one)
    take_along(page, today)
    lost: list[str] = []

    def lose(route: Any) -> None:
        route.fetch()
        lost.append(route.request.url)
        route.abort()

    page.route("**/visits/phone/records/", lose, times=1)
    record(page)
    page.get_by_role("button", name="存到本机").click()
    page.get_by_text("只存在本机").wait_for()
    page.get_by_text("刚才没有送出去").wait_for()
    assert len(lost) == 1
    page.get_by_role("button", name="现在送出").click()
    page.get_by_text("已送达", exact=True).wait_for()
    set_scope(EVERYWHERE)
    assert Report.objects.count() == 1


def test_a_connection_that_breaks_between_record_and_photo_loses_nothing(
    live: str, context: BrowserContext, people: Team, visit: Visit, today: date
) -> None:
    page = context.new_page()
    sign_in(page, live, people.one)
    take_along(page, today)
    page.route("**/visits/phone/photos/", lambda route: route.abort())
    record(page, photo=True)
    page.get_by_role("button", name="存到本机").click()
    page.get_by_text("已送达", exact=True).wait_for()
    page.get_by_text("还有1张照片没送到").wait_for()
    looked_at(page, "15-photo-waits")
    set_scope(EVERYWHERE)
    assert (Report.objects.count(), ReportPhoto.objects.count()) == (1, 0)
    assert NOTE not in page.evaluate(RAW)
    page.unroute("**/visits/phone/photos/")
    page.get_by_role("button", name="现在送出").click()
    page.get_by_text("全部已送达").wait_for()
    set_scope(EVERYWHERE)
    assert (Report.objects.count(), ReportPhoto.objects.count()) == (1, 1)


def test_what_was_begun_survives_and_the_ended_session_loses_nothing(
    live: str, context: BrowserContext, people: Team, visit: Visit, today: date
) -> None:
    page = context.new_page()
    sign_in(page, live, people.one)
    take_along(page, today)
    record(page, photo=True)
    page.wait_for_timeout(300)
    page.reload()  # as a phone does when the camera needs the memory
    unlock(page)
    page.get_by_text("已开始，未保存").wait_for()
    page.get_by_role("button", name=NAME).click()
    page.get_by_role("button", name="记录走访").click()
    page.get_by_role("img", name="照片1").wait_for()
    assert page.get_by_label("备注").input_value() == NOTE
    context.clear_cookies()
    page.get_by_role("button", name="存到本机").click()
    page.get_by_text("请先登录").wait_for()
    page.get_by_text("只存在本机").wait_for()
    looked_at(page, "10-sign-in-first")
    set_scope(EVERYWHERE)
    assert not Report.objects.exists()
    sign_in(page, live, people.one)
    unlock(page)
    page.get_by_text("全部已送达").wait_for()
    set_scope(EVERYWHERE)
    assert (Report.objects.count(), ReportPhoto.objects.count()) == (1, 1)


def test_a_conflict_is_shown_to_both(
    live: str, context: BrowserContext, people: Team, visit: Visit, today: date
) -> None:
    page = context.new_page()
    sign_in(page, live, people.one)
    take_along(page, today)
    context.set_offline(True)
    record(page)
    page.get_by_role("button", name="存到本机").click()
    page.get_by_text("只存在本机").wait_for()
    services.report_receive(visit_id=visit.id, said=said(visit, now(), notes="同伴写的"), actor=people.two, at=now())
    context.set_offline(False)
    page.get_by_text("有冲突").wait_for()
    page.get_by_text("这次走访已经有人记录过。").wait_for()
    looked_at(page, "11-conflict")
    set_scope(EVERYWHERE)
    assert sorted(Report.objects.values_list("standing", flat=True)) == [Standing.ACCEPTED, Standing.CONFLICT]
    for actor in (people.one, people.two, people.planner):
        other = context.browser.new_context(viewport={"width": 360, "height": 740}, locale="zh-CN")  # type: ignore[union-attr]  # a context that a browser made has one
        desk = other.new_page()
        sign_in(desk, live, actor)
        desk.goto(f"{live}/visits/{visit.id}/")
        assert desk.get_by_text(NOTE).is_visible()
        assert desk.get_by_text("同伴写的").is_visible()
        assert desk.get_by_text("这些记录互相冲突").is_visible()
        assert (desk.get_by_role("button", name="处理冲突").count() == 1) == (actor is people.planner)
        if actor is people.planner:
            looked_at(desk, "12-side-by-side")
            desk.get_by_label("都算，合为一份记录").check()
            desk.get_by_label("原因").fill("两人先后到的，都属实")
            desk.get_by_role("button", name="处理冲突").click()
            desk.get_by_text("已处理").first.wait_for()
        other.close()
    set_scope(EVERYWHERE)
    assert set(Report.objects.values_list("standing", flat=True)) == {Standing.JOINT}


def test_wrong_pins_wipe_everything_and_a_reload_wins_no_try(
    live: str, context: BrowserContext, people: Team, visit: Visit, today: date
) -> None:
    page = context.new_page()
    sign_in(page, live, people.one)
    take_along(page, today)
    page.reload()
    unlock(page, "111112")
    page.wait_for_function(f"({RAW})().then(raw => raw.includes('tries=1'))")
    page.reload()  # closed before the phone could say that the PIN was wrong: the try counts all the same
    for left in (3, 2, 1):
        page.reload()
        unlock(page, "111112")
        page.get_by_text(f"还可以试{left}次").wait_for()
    page.reload()
    assert "id=vault" in page.evaluate(RAW)
    unlock(page, "111112")
    page.get_by_text("本机上的走访已全部清除").wait_for()
    assert "id=vault" not in page.evaluate(RAW)


def test_what_is_too_old_goes(live: str, context: BrowserContext, people: Team, visit: Visit, today: date) -> None:
    page = context.new_page()
    sign_in(page, live, people.one)
    take_along(page, today)
    page.clock.install(time=now() + timedelta(days=8))
    page.reload()
    page.get_by_text("过期的姓名和住址已从这台手机上清除").wait_for()
    assert f"id={today.isoformat()}" not in page.evaluate(RAW)


def test_turning_the_clock_back_keeps_nothing_alive(
    live: str, context: BrowserContext, people: Team, visit: Visit, today: date
) -> None:
    page = context.new_page()
    sign_in(page, live, people.one)
    take_along(page, today)
    page.evaluate(
        """async () => {
          const {Store} = await import('/static/web/phone/store.js');
          const store = await Store.open('boai-visits', ['meta', 'packs', 'entries', 'photos', 'drafts']);
          const meta = await store.get('meta', 'vault');
          await store.put('meta', {...meta, seen: Date.now() + 8 * 86400000});  // it has been later here already
        }"""
    )
    page.reload()
    page.get_by_text("过期的姓名和住址已从这台手机上清除").wait_for()
    unlock(page)
    page.get_by_text("这台手机上还没有走访").wait_for()


def test_a_signal_that_was_too_weak_is_tried_again_by_itself(
    live: str, context: BrowserContext, people: Team, visit: Visit, today: date
) -> None:
    page = context.new_page()
    sign_in(page, live, people.one)
    take_along(page, today)
    lost: list[str] = []

    def weak(route: Route) -> None:
        if route.request.method == "POST" and len(lost) < 2:
            lost.append(route.request.url)
            route.abort("connectionfailed")
        else:
            route.continue_()

    page.route("**/visits/phone/**", weak)
    record(page)
    page.get_by_role("button", name="存到本机").click()
    page.get_by_text("已送达", exact=True).wait_for()
    assert len(lost) == 2
    assert Report.objects.count() == 1


def test_a_refused_record_stays_with_its_reason(
    live: str, context: BrowserContext, people: Team, visit: Visit, today: date
) -> None:
    page = context.new_page()
    sign_in(page, live, people.one)
    take_along(page, today)
    context.set_offline(True)
    record(page)
    page.get_by_role("button", name="存到本机").click()
    page.get_by_text("只存在本机").wait_for()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE people_post SET role = 'auditor' WHERE user_id = %s", [people.one.user_id])
    context.set_offline(False)
    page.get_by_text("被拒绝", exact=True).wait_for()
    page.get_by_text("您的岗位不包括走访。").wait_for()
    looked_at(page, "13-refused")
    set_scope(EVERYWHERE)
    assert not Report.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE people_post SET role = 'verifier' WHERE user_id = %s", [people.one.user_id])
    page.get_by_role("button", name="再试一次").click()
    page.get_by_text("已送达", exact=True).wait_for()


def test_without_webcrypto_nothing_is_taken_along(live: str, context: BrowserContext, people: Team) -> None:
    page = context.new_page()
    page.add_init_script("Object.defineProperty(window, 'isSecureContext', {value: false})")
    page.goto(f"{live}/visits/phone/")
    page.get_by_text("这个浏览器不能安全保存走访").wait_for()
    looked_at(page, "14-unable")
    assert page.get_by_role("button", name="设定PIN码").count() == 0


def test_another_person_cannot_send_what_lies_on_the_phone(
    live: str, context: BrowserContext, people: Team, visit: Visit, today: date
) -> None:
    page = context.new_page()
    sign_in(page, live, people.one)
    take_along(page, today)
    context.set_offline(True)
    record(page)
    page.get_by_role("button", name="存到本机").click()
    page.get_by_text("只存在本机").wait_for()
    context.set_offline(False)
    page.get_by_text("已送达", exact=True).wait_for()
    context.clear_cookies()
    sign_in(page, live, people.two)
    unlock(page)
    page.get_by_role("button", name="带走一天的走访").click()
    page.get_by_text("另一个人的走访").wait_for()
    assert page.get_by_role("button", name=today.isoformat()).count() == 0


def test_the_kept_shell_names_nobody(live: str, context: BrowserContext, people: Team, visit: Visit) -> None:
    page = context.new_page()
    sign_in(page, live, people.one)
    html = page.evaluate("fetch('/visits/phone/').then(r => r.text())")
    assert people.one.name not in html
    assert "csrf" not in html.lower()
