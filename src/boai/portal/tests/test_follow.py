"""Following a case: for whoever knows code and phone, and for nobody else; a stranger cannot even tell what exists."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image

from boai.journeys.tests.county import FullCounty
from boai.kernel.ids import new_code
from boai.kernel.scope import EVERYWHERE, NOWHERE, scoped, set_scope
from boai.portal import plain
from boai.portal.passes import LASTS
from boai.portal.tests.conftest import Clock
from boai.portal.views import follow
from boai.relief.enums import Action, State
from boai.relief.models import Paper, Receipt, Step
from boai.relief.services import acceptance
from boai.relief.tests.factories import NUMBER

pytestmark = pytest.mark.django_db
TAIL = "8001"


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "FLOOR", 0.0)


def look(public: Client, code: str, tail: str = TAIL) -> str:
    """Ask for a case and read its page, as a stranger would: without any scope."""
    with scoped(NOWHERE):
        answer = public.post("/follow/", {"code": code, "tail": tail}, follow=True)
    set_scope(EVERYWHERE)
    return str(answer.content.decode())


def test_the_page_says_where_it_is_who_has_it_and_by_when(public: Client, tongwei: FullCounty) -> None:
    case = tongwei.accepted()
    page = look(public, case.code.lower()[:4] + "-" + case.code[4:])
    assert "正在核查" in page
    assert "核查人员" in page
    assert case.due_on is not None
    assert case.due_on.isoformat() in page
    for secret in ("魏建国", "13800138001", "110105194912310021", "家中缺少劳力", "6228480402564890018"):
        assert secret not in page
    for person in tongwei.people.values():
        assert person.name not in page


def test_every_state_and_step_has_plain_words() -> None:
    assert set(plain.STANDINGS) == set(State)
    untold = {action for action in Action if action not in plain.STEPS}
    assert untold == {Action.ARCHIVE, Action.FORGIVE}


def test_wrong_code_and_wrong_tail_are_the_same_to_a_stranger(public: Client, tongwei: FullCounty) -> None:
    case = tongwei.submit()
    answers, statements = [], []
    for code, tail in (("7KQ2MX9P", "8001"), (case.code, "9999")):
        with (
            scoped(NOWHERE),
            CaptureQueriesContext(
                connection,
            ) as queries,
        ):
            answer = public.post("/follow/", {"code": code, "tail": tail})
        assert answer.status_code == 422
        assert not public.cookies.get(follow.COOKIE)
        answers.append(answer.content.decode().replace(code, "CODE").replace(tail, "TAIL"))
        statements.append(len(queries))
    strip = [_without_tokens(text) for text in answers]
    assert strip[0] == strip[1]
    assert statements[0] == statements[1]


def _without_tokens(page: str) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", page)


def test_a_refusal_takes_its_time(public: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(follow, "FLOOR", 0.25)
    monkeypatch.setattr("time.sleep", slept.append)
    public.post("/follow/", {"code": "7KQ2MX9P", "tail": "8001"})
    assert len(slept) == 1
    assert 0 < slept[0] <= 0.25


def test_guessing_tails_of_one_code_ends_soon(public: Client, tongwei: FullCounty, clock: Clock) -> None:
    case = tongwei.submit()
    seen = [public.post("/follow/", {"code": case.code, "tail": f"{n:04d}"}).status_code for n in range(11)]
    assert seen == [422] * 10 + [429]
    elsewhere = Client(REMOTE_ADDR="198.51.100.7")
    assert elsewhere.post("/follow/", {"code": case.code, "tail": TAIL}).status_code == 429
    assert elsewhere.post("/follow/", {"code": "7KQ2MX9P", "tail": TAIL}).status_code == 422


def test_guessing_codes_from_one_network_ends_soon(public: Client) -> None:
    seen = [public.post("/follow/", {"code": new_code(), "tail": TAIL}).status_code for _ in range(61)]
    assert seen == [422] * 60 + [429]


def test_nothing_personal_stands_in_an_address_or_in_the_clear_cookie(public: Client, tongwei: FullCounty) -> None:
    case = tongwei.submit()
    with scoped(NOWHERE):
        answer = public.post("/follow/", {"code": case.code, "tail": TAIL})
    assert answer["Location"] == "/follow/case/"
    cookie = public.cookies[follow.COOKIE]
    assert case.code not in cookie.value
    assert cookie["httponly"]
    assert cookie["path"] == "/follow/"


def test_the_page_closes_by_itself_and_on_demand(public: Client, tongwei: FullCounty, clock: Clock) -> None:
    case = tongwei.submit()
    assert "等待受理" in look(public, case.code)
    clock.at += LASTS
    assert public.get("/follow/case/")["Location"] == "/follow/"
    clock.at -= LASTS
    public.post("/follow/leave/")
    assert public.get("/follow/case/")["Location"] == "/follow/"


@pytest.mark.parametrize("forged", ["", "x", "AAAA", "boai", "A" * 200])
def test_a_forged_pass_opens_nothing(public: Client, forged: str) -> None:
    public.cookies[follow.COOKIE] = forged
    assert public.get("/follow/case/")["Location"] == "/follow/"
    assert public.post("/follow/withdraw/", {"note": "不要了"})["Location"] == "/follow/"


def test_the_applicant_can_withdraw(public: Client, tongwei: FullCounty) -> None:
    case = tongwei.accepted()
    look(public, case.code)
    with scoped(NOWHERE):
        assert "要撤回申请吗" in public.get("/follow/withdraw/").content.decode()
        assert public.post("/follow/withdraw/", {"note": "", "proof": NUMBER}).status_code == 422
        wrong = public.post("/follow/withdraw/", {"note": "已经好转", "proof": "110105194912310048"})
        assert wrong.status_code == 422, "a neighbour knows the code from the notice and the tail of the telephone"
        assert "与申请时所填不符" in wrong.content.decode()
        set_scope(EVERYWHERE)
        case.refresh_from_db()
        assert case.state == State.VERIFYING
        set_scope(NOWHERE)
        right = {"note": "已经好转", "proof": f" {NUMBER[:6]} {NUMBER[6:]}"}
        page = public.post("/follow/withdraw/", right, follow=True).content.decode()
    assert "已撤回" in page
    set_scope(EVERYWHERE)
    case.refresh_from_db()
    assert case.state == State.WITHDRAWN
    before = Step.objects.filter(case=case).count()
    with scoped(NOWHERE):
        assert public.post("/follow/withdraw/", {"note": "已经好转", "proof": NUMBER})["Location"] == "/follow/case/", (
            "a second click"
        )
        assert public.get("/follow/withdraw/")["Location"] == "/follow/case/"
    set_scope(EVERYWHERE)
    assert Step.objects.filter(case=case).count() == before


def test_a_paid_case_cannot_be_withdrawn_and_shows_its_receipt(
    public: Client, tongwei: FullCounty, tmp_path: Path
) -> None:
    case = tongwei.paid(tmp_path)
    page = look(public, case.code)
    receipt = Receipt.objects.get(case=case)
    assert f"/verify/{receipt.code}" in page
    assert "撤回申请" not in page
    before = Step.objects.filter(case=case).count()
    with scoped(NOWHERE):
        assert public.post("/follow/withdraw/", {"note": "不要了", "proof": NUMBER}).status_code == 409
    set_scope(EVERYWHERE)
    case.refresh_from_db()
    assert case.state == State.VISITING
    assert Step.objects.filter(case=case).count() == before


def test_missing_papers_are_named_and_can_be_sent(public: Client, tongwei: FullCounty) -> None:
    case = tongwei.submit()
    acceptance.case_return(
        case_id=case.id, missing=["income"], note="请补收入证明", actor=tongwei.officer2, at=tongwei.at
    )
    page = look(public, case.code)
    assert "请您补材料" in page
    assert "收入证明" in page
    assert "请补收入证明" in page
    picture = io.BytesIO()
    Image.new("RGB", (30, 20), "white").save(picture, "PNG")
    upload = SimpleUploadedFile("收入.png", picture.getvalue(), "image/png")
    with scoped(NOWHERE):
        nothing = public.post("/follow/supply/", {"kind": "income"}, follow=True).content.decode()
        done = public.post("/follow/supply/", {"kind": "income", "photos": [upload]}, follow=True).content.decode()
        upload.seek(0)
        again = public.post("/follow/supply/", {"kind": "income", "photos": [upload]}, follow=True).content.decode()
    assert "目前没有要求补材料" in again
    assert "请至少选一张照片" in nothing
    assert "材料已收到" in done
    set_scope(EVERYWHERE)
    case.refresh_from_db()
    assert case.state == State.APPLIED
    assert Paper.objects.filter(case=case, kind="income", file_id__isnull=False).exists()


def test_the_number_of_queries_does_not_grow_with_the_story(public: Client, tongwei: FullCounty) -> None:
    short = tongwei.submit()
    look(public, short.code)
    with CaptureQueriesContext(connection) as few:
        public.get("/follow/case/")
    set_scope(EVERYWHERE)
    for _ in range(5):
        acceptance.case_return(case_id=short.id, missing=["income"], note="请补", actor=tongwei.officer2, at=tongwei.at)
        acceptance.case_supply(case_id=short.id, received=["income"], note="", actor=tongwei.officer, at=tongwei.at)
    with CaptureQueriesContext(connection) as many:
        public.get("/follow/case/")
    assert len(many) == len(few)
