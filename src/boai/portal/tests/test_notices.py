"""Public notices: masked while on display, gone afterwards, never from a cache; objections counted once."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from boai.governance import services as governance
from boai.governance.models import Notice, Objection
from boai.journeys import services as journeys
from boai.journeys.tests.county import FullCounty
from boai.kernel.scope import EVERYWHERE, NOWHERE, scoped, set_scope
from boai.portal.tests.conftest import Clock
from boai.portal.views import objection
from boai.relief.models import Case
from boai.relief.tests.factories import fake_number, make_household

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(tongwei: FullCounty) -> Case:
    """A case on public notice."""
    return tongwei.noticed(tongwei.reviewed(tongwei.verified()))


@pytest.fixture
def code(case: Case) -> str:
    """The notice's number."""
    return str(Notice.objects.get().code)


def read(public: Client, address: str, **data: str) -> tuple[int, str]:
    """A stranger reads a page: without any scope."""
    with scoped(NOWHERE):
        answer = public.get(address, data)
    set_scope(EVERYWHERE)
    return answer.status_code, answer.content.decode()


def test_a_notice_shows_the_masked_line_and_nothing_else(public: Client, case: Case, code: str) -> None:
    status, page = read(public, f"/notices/{code}")
    assert status == 200
    assert "魏**" in page
    assert "还剩" in page
    for secret in (
        "魏建国",
        "110105194912310021",
        "1949",
        "13800138001",
        "二组18号",
        "家中缺少劳力",
        "土坯房",
        "8890018",
    ):
        assert secret not in page
    assert code in read(public, "/")[1]
    assert code in read(public, "/notices/")[1]


@pytest.mark.parametrize(
    "address", ["/notices/", "/notices/{code}", "/notices/{code}/object", "/objection/", "/follow/"]
)
def test_pages_about_persons_are_neither_kept_nor_indexed(public: Client, code: str, address: str) -> None:
    with scoped(NOWHERE):
        answer = public.get(address.format(code=code))
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "private, no-store"
    assert "noindex" in answer["X-Robots-Tag"]
    assert not answer.has_header("ETag")


def test_a_withdrawn_notice_is_gone_at_once_and_keeps_its_proof(
    public: Client, tongwei: FullCounty, case: Case, code: str, clock: Clock
) -> None:
    journeys.notice_retract(
        notice_id=Notice.objects.get().id, reason="有误", actor=tongwei.supervisor, at=tongwei.at + timedelta(hours=1)
    )
    status, page = read(public, f"/notices/{code}")
    assert status == 200
    assert "公示已结束" in page
    assert "魏" not in page
    assert case.code not in page
    assert "与公开日志核对" in page
    assert code not in read(public, "/")[1]
    assert code not in read(public, "/notices/")[1]


def test_after_the_days_it_is_taken_down_by_itself(public: Client, case: Case, code: str, clock: Clock) -> None:
    notice = Notice.objects.get()
    assert notice.ends_at is not None
    clock.at = notice.ends_at
    assert "提异议的时间已过" in read(public, f"/notices/{code}")[1]
    with scoped(NOWHERE):
        assert public.get(f"/notices/{code}/object").status_code == 409
    set_scope(EVERYWHERE)
    assert governance.notice_withdraw_due(at=notice.ends_at + timedelta(days=40)) == 1
    assert "魏" not in read(public, f"/notices/{code}")[1]


def test_only_my_village(public: Client, case: Case, code: str) -> None:
    assert code in read(public, "/notices/", village=case.region_code)[1]
    assert code in read(public, "/notices/", village=case.region_code[:9] + "000")[1]
    assert code not in read(public, "/notices/", village="621121100201")[1]
    assert code in read(public, "/notices/", village="430121100001")[1]  # elsewhere: as if none was chosen


def test_there_is_no_search_by_name_and_no_way_to_more_than_a_page(public: Client, case: Case, code: str) -> None:
    assert code in read(public, "/notices/", q="李", name="李", size="100000")[1]
    assert 'name="q"' not in read(public, "/notices/")[1]
    assert read(public, "/notices/", after="nonsense")[0] == 404


def test_reading_in_bulk_ends(public: Client, code: str) -> None:
    with scoped(NOWHERE):
        seen = [public.get(f"/notices/{code}").status_code for _ in range(241)]
    assert seen == [200] * 240 + [429]


def test_queries_do_not_grow_with_the_rows(public: Client, tongwei: FullCounty, case: Case, code: str) -> None:
    def count(address: str) -> int:
        with scoped(NOWHERE), CaptureQueriesContext(connection) as queries:
            assert public.get(address).status_code == 200
        set_scope(EVERYWHERE)
        return len(queries)

    one, listed, front = count(f"/notices/{code}"), count("/notices/"), count("/")
    for n in range(3):
        number = fake_number()
        home = make_household(at=tongwei.at, name=f"赵{n}明", number=number)
        tongwei.noticed(tongwei.reviewed(tongwei.verified(household=home, id_number=number, cause="other")))
    assert count("/notices/") == listed
    assert count("/") == front
    assert one <= 12


def object_to(public: Client, code: str, **changes: str) -> tuple[int, str]:
    data = {"subject": "", "text": "这家去年刚买了小汽车,村里都知道。", "name": "", "contact": "", "page": "p" * 20}
    with scoped(NOWHERE):
        answer = public.post(f"/notices/{code}/object", data | changes)
    set_scope(EVERYWHERE)
    return answer.status_code, answer.headers.get("Location", "") or answer.content.decode()


def test_an_anonymous_objection_blocks_and_gives_a_receipt(public: Client, case: Case, code: str) -> None:
    assert object_to(public, code, subject=case.code) == (302, "/objection/case/")
    found = Objection.objects.get()
    assert found.anonymous
    assert found.entry is not None
    assert found.entry.subject_code == case.code
    page = read(public, "/objection/case/")[1]
    assert f"{found.receipt_no[:4]} {found.receipt_no[4:8]}" in page
    assert "小汽车" not in page


def test_a_signed_objection_is_sealed(public: Client, code: str) -> None:
    object_to(public, code, name="孙小红", contact="13900139000")
    found = Objection.objects.get()
    assert not found.anonymous
    page = read(public, "/objection/case/")[1]
    assert "孙小红" not in page
    assert "13900139000" not in page


def test_a_double_click_objects_once_and_a_second_thought_twice(public: Client, code: str) -> None:
    assert object_to(public, code)[0] == 302
    first = Objection.objects.get().receipt_no
    assert object_to(public, code)[0] == 302
    assert Objection.objects.get().receipt_no == first
    assert object_to(public, code, page="q" * 20)[0] == 302
    assert Objection.objects.count() == 2


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"text": ""}, "text"),
        ({"text": "不对"}, "text"),
        ({"text": "他家\u202e有车,村里都知道这件事情"}, "text"),
        ({"text": "字" * 5000}, "text"),
        ({"contact": "13900139000"}, "name"),
        ({"subject": "AAAA2222"}, "subject"),
    ],
)
def test_a_faulty_objection_is_refused_at_its_field_and_nothing_is_filed(
    public: Client, code: str, changes: dict[str, str], field: str
) -> None:
    status, page = object_to(public, code, **changes)
    assert status == 422
    assert f"id_{field}_error" in page
    assert "p" * 20 in page
    assert not Objection.objects.exists()


def test_objections_are_counted_per_network(public: Client, code: str) -> None:
    seen = [object_to(public, code, page=f"{n:020d}")[0] for n in range(21)]
    assert seen == [302] * 20 + [429]
    assert Objection.objects.count() == 20


def test_the_receipt_number_opens_the_status_and_a_wrong_one_does_not(
    public: Client, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(objection, "FLOOR", 0.0)
    object_to(public, code)
    number = Objection.objects.get().receipt_no
    stranger = Client(REMOTE_ADDR="198.51.100.8", HTTP_ACCEPT_LANGUAGE="zh-CN")
    with scoped(NOWHERE):
        assert stranger.post("/objection/", {"number": "2222222222"}).status_code == 422
        assert "已收到" in stranger.post("/objection/", {"number": number.lower()}, follow=True).content.decode()


def test_the_answer_and_the_one_appeal(public: Client, tongwei: FullCounty, case: Case, code: str) -> None:
    object_to(public, code, subject=case.code)
    found = Objection.objects.get()
    handler = tongwei.secretary
    assert handler.user_id is not None
    governance.objection_acknowledge(objection_id=found.id, actor=handler, at=tongwei.at)
    governance.objection_assign(
        objection_id=found.id, handler_id=handler.user_id, actor=tongwei.supervisor, at=tongwei.at
    )
    journeys.objection_decide(
        objection_id=found.id, outcome="dismissed", reasons="经查,车辆系亲戚借用。", actor=handler, at=tongwei.at
    )
    page = read(public, "/objection/case/")[1]
    assert "经查,车辆系亲戚借用。" in page
    assert handler.name not in page
    assert "向上级红十字会申诉" in page
    with scoped(NOWHERE):
        assert public.post("/objection/case/", {"text": ""}).status_code == 422
        appealed = public.post("/objection/case/", {"text": "借用的说法不对,车是他家的。"}, follow=True)
    assert "您的申诉已送到上级红十字会" in appealed.content.decode()
    set_scope(EVERYWHERE)
    found.refresh_from_db()
    assert found.state == "appealed"
    with scoped(NOWHERE):
        assert public.post("/objection/case/", {"text": "再申诉一次,还是不对。"}).status_code == 409


def test_the_proof_of_a_notice_holds_nothing_of_a_person(public: Client, case: Case, code: str) -> None:
    """Before the log has signed it, the page says so and there is nothing to download yet."""
    page = read(public, f"/notices/{code}")[1]
    assert "正在等日志下一次签名" in page
    with scoped(NOWHERE):
        answer = public.get(f"/notices/{code}/proof.json")
    assert answer.status_code == 409
    assert not re.search("魏", json.dumps(answer.content.decode()))
