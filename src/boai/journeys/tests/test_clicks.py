"""Every button of the story is pressed twice: the second click gets a sentence, and nothing is done a second time."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import URLPattern, resolve, reverse

from boai.audit.models import AuditEntry
from boai.governance.models import Meeting, Notice, Objection
from boai.journeys.services import notices_follow
from boai.journeys.tests.county import FullCounty, answer, known, picture
from boai.journeys.urls import urlpatterns
from boai.kernel.clock import local_date, now
from boai.kernel.scope import EVERYWHERE, set_scope
from boai.people.actor import Actor
from boai.people.models import User
from boai.relief.enums import State
from boai.relief.models import Batch, Case, Payment, Statement, Step
from boai.relief.tests.factories import VILLAGE, fake_number, make_household

pytestmark = pytest.mark.django_db


@dataclass
class Office:
    """The county as browsers, one for each person."""

    county: FullCounty
    move_clock: Callable[[timedelta], None]

    def client(self, actor: Actor) -> Client:
        """A signed-in browser."""
        client = Client()
        user = User.objects.get(id=known(actor.user_id))
        client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
        return client

    def see(self, actor: Actor, view: str, *args: Any) -> str:
        """A page as text."""
        response = self.client(actor).get(reverse(view, args=args))
        set_scope(EVERYWHERE)
        assert response.status_code == 200, (view, response.status_code)
        return response.content.decode()

    def key(self, actor: Actor, view: str, *args: Any) -> str:
        """The hidden key of a form that makes something new."""
        return self.see(actor, view, *args).split('name="key" value="')[1].split('"')[0]

    def press(self, actor: Actor, view: str, /, *args: Any, **data: Any) -> None:
        """Press a button twice with the same page before one's eyes. The first works; the second changes nothing and
        says so in a sentence.
        """
        client, url = self.client(actor), reverse(view, args=args)
        first = client.post(url, _fresh(data))
        set_scope(EVERYWHERE)
        assert first.status_code in (200, 302), (view, first.status_code, _sentences(first))
        before = AuditEntry.objects.count()
        second = client.post(url, _fresh(data))
        set_scope(EVERYWHERE)
        assert second.status_code in (200, 302, 409, 422), (view, second.status_code)
        assert AuditEntry.objects.count() == before, (view, "something was done a second time")
        assert _sentences(second).strip(), (view, "the second click is told nothing")


def _fresh(data: dict[str, Any]) -> dict[str, Any]:
    """The same form again; a file is chosen anew."""
    return {k: v() if callable(v) else v for k, v in data.items()}


def _sentences(response: Any) -> str:
    if response.status_code == 302:
        return " ".join(str(m) for m in get_messages(response.wsgi_request))
    text = unescape(response.content.decode())
    main = text.partition("<main")[2].partition("</main>")[0]
    found = re.findall(r'<div class="alert.*?</div>', main, re.DOTALL) or [main]
    return " ".join(re.sub(r"<[^>]+>|\s+", " ", part) for part in found)


@pytest.fixture
def office(tongwei: FullCounty, monkeypatch: pytest.MonkeyPatch) -> Office:
    """The pages at a time that the test can push on."""
    passed = [timedelta(0)]

    def later() -> Any:
        return now() + passed[0]

    for module in ("relief.views.cases", "relief.views.steps", "relief.views.payments", "journeys.views.decisions",
                   "journeys.views.bulk", "governance.views.notices", "governance.views.objections"):  # fmt: skip
        monkeypatch.setattr(f"boai.{module}.now", later)

    def move_clock(by: timedelta) -> None:
        passed[0] += by

    tongwei.at = now()
    return Office(tongwei, move_clock)


def version(case: Case) -> int:
    case.refresh_from_db()
    return case.version


def csv(row: str) -> Callable[[], SimpleUploadedFile]:
    head = "付款参考号,收款人姓名,收款账号,金额(元),处理结果,失败原因"
    return lambda: SimpleUploadedFile("回盘.csv", f"{head}\n{row}".encode(), "text/csv")


def test_the_whole_story_with_two_clicks_on_every_button(office: Office) -> None:
    c = office.county
    case = apply_and_verify(office)
    review(office, case)
    publish_and_object(office, case)
    approve_and_pay(office, case)
    today = local_date(now()).isoformat()
    office.press(
        c.officer2, "relief:visit", case.id, version=version(case), visited_on=today, method="home", received="1400",
        satisfaction="5", effect="eased", words="",
    )  # fmt: skip
    office.press(c.officer2, "relief:step", case.id, action="archive", version=version(case))
    case.refresh_from_db()
    assert case.state == State.ARCHIVED
    assert list(Step.objects.filter(case=case).order_by("version").values_list("action", flat=True)) == [
        "submit", "return", "supply", "accept", "verify", "pass", "publish", "clear", "approve", "pay", "visit",
        "archive",
    ]  # fmt: skip


def apply_and_verify(office: Office) -> Case:
    c = office.county
    number = fake_number()
    make_household(at=c.at, number=number, name="温小兰")
    key = office.key(c.officer, "relief:case_new")
    office.press(
        c.officer, "relief:case_new", programme=str(c.programme().id), village=VILLAGE, applicant_kind="self",
        beneficiary_name="温小兰", id_number=number, phone="13800138001", cause="hardship", story="家中缺少劳力",
        requested="1000", payee_kind="beneficiary", account="6228480402564890018", bank="农业银行", consent_keep="on",
        consent_publish="on", papers=["form"], key=key,
    )  # fmt: skip
    case = Case.objects.get()
    office.press(
        c.officer2, "relief:step", case.id, action="return", version=version(case), missing=["id_card"], note="缺身份证"
    )
    kinds = list(case.papers.filter(required=True, received_at=None).values_list("kind", flat=True))
    office.press(c.officer2, "relief:step", case.id, action="supply", version=version(case), received=kinds, note="")
    office.press(
        c.officer2, "relief:step", case.id, action="accept", version=version(case), received=kinds, note="情况属实"
    )
    office.press(
        c.verifier, "relief:verify", case.id, version=version(case), visited_on=local_date(now()).isoformat(),
        method="home", second=str(c.verifier2.user_id), members="4", dependants="2", income="400", cost_total="20000",
        cost_own="10000", prior_help="0", disability_grade="2", dwelling="poor", severity="severe",
        findings="土坯房三间", neighbours="属实", fit="1", proposed="1400", override_reason="",
    )  # fmt: skip
    case.refresh_from_db()
    assert case.state == State.REVIEWING
    return case


def review(office: Office, case: Case) -> None:
    c = office.county
    start = now() + timedelta(days=1)
    members = [str(a.user_id) for a in c.panel()]
    key = office.key(c.officer2, "governance:meeting_new")
    office.press(
        c.officer2, "governance:meeting_new", key=key, title="冬季评议会", place="三楼", day=local_date(start).isoformat(),
        time="09:30", members=members, chair=str(c.supervisor.user_id), recorder=str(c.deputy.user_id),
    )  # fmt: skip
    meeting = Meeting.objects.get()
    office.press(c.officer2, "journeys:bulk", do="agenda", id=str(case.id), confirm="1", meeting=str(meeting.id))
    for member in meeting.members.all():
        office.press(c.officer2, "governance:attendance", meeting.id, member=str(member.id))
    office.press(c.supervisor, "governance:meeting_open", meeting.id)
    case.refresh_from_db()
    office.press(c.supervisor, "governance:ballot_open", case.review_id)
    for actor in c.panel():
        office.press(actor, "governance:ballot", case.review_id, choice="yes")
    office.press(c.supervisor, "governance:ballot_close", case.review_id)
    office.press(c.supervisor, "journeys:review_declare", case.review_id)
    office.press(c.supervisor, "governance:meeting_close", meeting.id)
    case.refresh_from_db()
    assert case.state == State.NOTICING


def publish_and_object(office: Office, case: Case) -> None:
    c = office.county
    office.press(c.officer2, "journeys:bulk", do="notice", id=str(case.id), confirm="1")
    notice = Notice.objects.get()
    office.press(c.officer2, "governance:notice_submit", notice.id)
    notice.refresh_from_db()
    office.press(c.supervisor, "governance:notice_approve", notice.id, hash=notice.rendered_hash)
    office.press(c.supervisor, "journeys:notice_publish", notice.id)
    today = local_date(now()).isoformat()
    response = office.client(c.officer2).post(
        reverse("governance:notice_photo", args=[notice.id]),
        {"photo": picture(), "kind": "posted", "place": "村委会", "on": today},
    )
    assert response.status_code == 302
    set_scope(EVERYWHERE)
    key = office.key(c.officer2, "governance:objection_new", notice.id)
    office.press(
        c.officer2, "governance:objection_new", notice.id, key=key, channel="phone", code=case.code, text="此户有小汽车一辆",
        name="", contact="",
    )  # fmt: skip
    objection = Objection.objects.get()
    handler = c.deputy5
    office.press(handler, "governance:objection_acknowledge", objection.id)
    office.press(handler, "governance:objection_assign", objection.id, handler=str(handler.user_id))
    office.press(handler, "journeys:objection_decide", objection.id, outcome="dismissed", reasons="车辆系邻居所有")
    notice.refresh_from_db()
    office.move_clock(known_period(notice))
    assert notices_follow(at=now() + known_period(notice)) == 1
    case.refresh_from_db()
    assert case.state == State.APPROVING


def known_period(notice: Notice) -> timedelta:
    assert notice.ends_at is not None
    return notice.ends_at - now() + timedelta(hours=1)


def approve_and_pay(office: Office, case: Case) -> None:
    c = office.county
    office.press(
        c.secretary, "relief:step", case.id, action="approve", version=version(case), amount_fen="1400",
        override_reason="", resolution="", note="同意",
    )  # fmt: skip
    bank = str(c.bank().id)
    first = Payment.objects.get(case=case)
    office.press(c.accountant, "relief:batch_prepare", id=str(first.id), confirm="1", bank_account=bank)
    batch = Batch.objects.get()
    office.press(c.cashier, "relief:batch_release", batch.id, version=batch.version)
    file = csv(answer(first, result="失败", why="账号不存在"))
    office.press(c.accountant, "relief:statement_new", file=file)
    change = {"payee_kind": "beneficiary", "account": "6228480402564890026", "bank": "农行", "why": "原账户已销户"}
    office.press(c.officer2, "relief:account", case.id, **change)
    office.press(c.accountant, "relief:payment_retry", case.id)
    second = Payment.objects.get(case=case, attempt=2)
    office.press(c.accountant, "relief:batch_prepare", id=str(second.id), confirm="1", bank_account=bank)
    batch = Batch.objects.exclude(id=batch.id).get()
    office.press(c.cashier, "relief:batch_release", batch.id, version=batch.version)
    office.press(c.accountant, "relief:statement_new", file=csv(answer(second)))
    assert Statement.objects.count() == 2
    case.refresh_from_db()
    assert case.state == State.VISITING


def test_a_stale_page_keeps_the_text_and_shows_where_the_case_stands(office: Office) -> None:
    """Two people with the same page: one refuses, the other's approval is not done, and what was written is kept."""
    c = office.county
    case = c.cleared()
    office.move_clock(timedelta(days=60))
    old = case.version
    rival = c.make("secretary")
    office.press(rival, "relief:step", case.id, action="rereview", version=old, note="材料须补充后再议")
    client = office.client(c.secretary)
    response = client.post(
        reverse("relief:step", args=[case.id]),
        {"action": "approve", "version": old, "amount_fen": "1400", "note": "同意并请尽快发放"},
    )
    set_scope(EVERYWHERE)
    text = response.content.decode()
    assert response.status_code == 409
    assert "同意并请尽快发放" in text, "what was typed is kept"
    assert "待评议" in text, "where the case stands now"
    assert not Payment.objects.filter(case=case).exists()


@pytest.mark.parametrize(
    ("who", "action"),
    [("cadre", "approve"), ("officer", "approve"), ("verifier", "approve"), ("accountant", "approve"),
     ("deputy7", "recall"), ("cashier", "refuse"), ("auditor", "withdraw"), ("reviewer1", "rereview")],
)  # fmt: skip
def test_the_wrong_hand_is_refused_on_the_page_too(office: Office, who: str, action: str) -> None:
    c = office.county
    case = c.cleared()
    office.move_clock(timedelta(days=60))
    before = AuditEntry.objects.count()
    client = office.client(getattr(c, who))
    data = {"action": action, "version": case.version, "amount_fen": "1400", "note": "越权尝试"}
    response = client.post(reverse("relief:step", args=[case.id]), data)
    set_scope(EVERYWHERE)
    assert response.status_code in (403, 404, 409)
    case.refresh_from_db()
    assert (case.state, Payment.objects.filter(case=case).exists()) == (State.APPROVING, False)
    assert AuditEntry.objects.count() == before


def test_the_doors_of_the_journeys_lead_to_the_journeys() -> None:
    """A page of another app under the same address would take the step without moving the case."""
    for pattern in urlpatterns:
        assert isinstance(pattern, URLPattern)
        names = pattern.pattern.regex.groupindex
        address = reverse(f"journeys:{pattern.name}", kwargs=dict.fromkeys(names, uuid4()))
        assert resolve(address).app_names == ["journeys"], address
