"""The story in a real browser: each person in front of the real pages, every deciding button double-clicked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.test import Client

from boai.journeys.tests.county import FullCounty, known
from boai.kernel.clock import now
from boai.people.actor import Actor
from boai.people.models import User
from boai.relief.enums import State
from boai.relief.models import Batch, Case, Payment, Step
from boai.relief.tests.factories import fake_number, make_household

if TYPE_CHECKING:
    from playwright.sync_api import Page


class Desk:
    """One browser in which one person after the other sits down."""

    def __init__(self, page: Page, live: str) -> None:
        self.page, self.live = page, live

    def sit(self, actor: Actor, path: str) -> Page:
        """Sign in and open a page; nothing may overflow it sideways."""
        client = Client()
        user = User.objects.get(id=known(actor.user_id))
        client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
        self.page.context.clear_cookies()
        session = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": self.live}
        self.page.context.add_cookies([session])  # type: ignore[list-item]  # a dict of the right keys
        answer = self.page.goto(self.live + path)
        assert answer is not None
        assert answer.status == 200, (path, answer.status, self.page.inner_text("body")[:300])
        wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth + 1"
        assert not self.page.evaluate(wide), path
        return self.page

    def press(self, name: str) -> None:
        """Double-click a button, as impatient people do, and wait for what comes."""
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=name, exact=True).first.dblclick()
        self.page.wait_for_load_state()


@pytest.fixture
def desk(page: Page, live: str, own_database: str) -> Desk:
    """A browser at 1440 px."""
    return Desk(page, live)


def test_five_people_and_a_phone(desk: Desk, phone: Page, tongwei: FullCounty) -> None:
    tongwei.at = now()
    number = fake_number()
    case = tongwei.submit(
        household=make_household(at=tongwei.at, number=number, name="温小兰"), id_number=number,
        beneficiary_name="温小兰",
    )  # fmt: skip
    accept_and_verify(desk, tongwei, case)
    vote(desk, phone, tongwei, case)
    publish(desk, tongwei, case)
    assert list(Step.objects.filter(case=case).order_by("version").values_list("action", flat=True)) == [
        "submit", "accept", "verify", "pass", "publish",
    ]  # fmt: skip


def accept_and_verify(desk: Desk, tongwei: FullCounty, case: Case) -> None:
    page = desk.sit(tongwei.officer2, f"/cases/{case.id}/")
    page.get_by_label("仍予受理的理由").fill("情况属实")
    desk.press("受理")
    page = desk.sit(tongwei.verifier, f"/cases/{case.id}/verify/")
    page.get_by_label("第二位入户人（村社）").fill("村主任")
    for label, value in {"家庭人口": "4", "需照料或在读人数": "2", "月人均收入": "400", "费用总额": "20000",
                         "其中家庭自付": "10000"}.items():  # fmt: skip
        page.get_by_label(label).fill(value)
    page.get_by_label("最高残疾等级").select_option(index=2)
    page.get_by_label("住房").select_option("poor")
    page.get_by_label("受影响程度").select_option("severe")
    page.get_by_label("核查情况").fill("土坯房三间，老人常年服药。")
    page.get_by_label("是", exact=True).check()
    page.get_by_label("拟救助金额").fill("1400")
    desk.press("提交核查结果")
    case.refresh_from_db()
    assert case.state == State.REVIEWING


def vote(desk: Desk, phone: Page, tongwei: FullCounty, case: Case) -> None:
    meeting = tongwei.meeting()
    desk.sit(tongwei.officer2, f"/cases/{case.id}/")
    desk.press("提交评议会")
    desk.press("提交评议会")
    case.refresh_from_db()
    item = f"/meetings/items/{known(case.review_id)}/"
    desk.sit(tongwei.supervisor, item)
    desk.press("开始表决")
    mobile = Desk(phone, desk.live)
    for member in tongwei.panel():
        mobile.sit(member, f"{item}ballot/").get_by_label("同意", exact=True).check()
        mobile.press("投票")
        assert "已投入票箱" in phone.inner_text("main")
    desk.sit(tongwei.supervisor, item)
    desk.press("结束表决")
    desk.press("宣布结果")
    case.refresh_from_db()
    assert (case.state, meeting.code != "") == (State.NOTICING, True)


def publish(desk: Desk, tongwei: FullCounty, case: Case) -> None:
    desk.sit(tongwei.officer2, f"/cases/{case.id}/")
    desk.press("拟公示")
    desk.press("拟公示")
    address = desk.page.url.removeprefix(desk.live)
    desk.press("生成、检查并送审签")
    desk.sit(tongwei.supervisor, address)
    desk.press("按此审签")
    desk.press("发布")
    case.refresh_from_db()
    assert case.state == State.PUBLISHING
    assert "温**" in desk.page.inner_text("main")


def test_the_money_goes_once(desk: Desk, tongwei: FullCounty) -> None:
    tongwei.at = now()
    case = tongwei.approved()
    desk.sit(tongwei.accountant, "/payments/")
    desk.press("制单")
    desk.press("生成付款批次")
    batch = Batch.objects.get()
    desk.sit(tongwei.cashier, f"/payments/batches/{batch.id}/")
    desk.press("复核付款")
    batch.refresh_from_db()
    assert (batch.state, batch.version) == ("released", 1)
    assert Payment.objects.get(case=case).state == "sent"
    with desk.page.expect_download() as waiting:
        desk.page.get_by_role("button", name="导出银行文件").click()
    assert waiting.value.suggested_filename.endswith(".xlsx")
