"""Officer pages: who sees them, what they post, and how many queries they take."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from boai.governance import services
from boai.governance.enums import Ground
from boai.governance.models import Meeting, Notice, Objection, Recusal, Review, TallySheet
from boai.governance.rules.subjects import MustRecuse
from boai.governance.tests.factories import (
    AT,
    MakeActor,
    board_photo,
    desk,
    entry,
    member_of,
    panel,
    photo,
    subject,
    uid,
)
from boai.kernel.clock import now
from boai.kernel.scope import EVERYWHERE, set_scope
from boai.people.actor import Actor
from boai.people.models import Branch, User

Visit = Callable[[Actor], Client]


@pytest.fixture
def visit() -> Visit:
    """A signed-in browser for an actor."""

    def make(actor: Actor) -> Client:
        client = Client()
        client.force_login(User.objects.get(id=uid(actor)), "allauth.account.auth_backends.AuthenticationBackend")
        return client

    return make


def get(client: Client, view: str, *args: Any, status: int = 200) -> str:
    """A page as text; the scope is wide open again afterwards."""
    answer = client.get(reverse(f"governance:{view}", args=args))
    set_scope(EVERYWHERE)
    assert answer.status_code == status, (view, answer.status_code, answer.content.decode()[:400])
    return answer.content.decode() if status != 302 else ""


def post(client: Client, view: str, /, *args: Any, status: int = 302, **data: Any) -> str:
    """Send a form; a redirect unless told."""
    answer = client.post(reverse(f"governance:{view}", args=args), data)
    set_scope(EVERYWHERE)
    assert answer.status_code == status, (view, answer.status_code, answer.content.decode()[:400])
    return answer.content.decode()


# --- meetings ------------------------------------------------------------------------------------------


def test_a_meeting_is_called_and_held_on_the_pages(actor_for: MakeActor, county: Branch, visit: Visit) -> None:
    cast = panel(actor_for, county)
    officer, chair = visit(cast.officer), visit(cast.chair)
    form: dict[str, Any] = {"title": "冬季评议会", "place": "三楼会议室", "day": "2026-12-01", "time": "09:30",
            "members": [str(a.user_id) for a in cast.members], "chair": str(cast.chair.user_id),
            "recorder": str(cast.officer.user_id)}  # fmt: skip
    assert "field" in get(officer, "meeting_new")
    wrong = post(officer, "meeting_new", status=422, **{**form, "recorder": form["chair"]})
    assert "四个不同的人" in wrong
    assert not Meeting.objects.exists()
    post(officer, "meeting_new", **form)
    meeting = Meeting.objects.get()
    assert meeting.members.count() == 7
    review = cast.review(meeting, at=now())
    for actor in cast.members:
        post(visit(actor), "attendance", meeting.id, member=str(member_of(meeting, actor).id))
    post(chair, "meeting_open", meeting.id)
    assert review.subject_title in get(chair, "meeting", meeting.id)
    post(chair, "ballot_open", review.id)
    for actor in cast.members:
        client = visit(actor)
        assert "投票" in get(client, "ballot", review.id)
        post(client, "ballot", review.id, choice="yes")
        done = get(client, "ballot", review.id)
        assert "已投入票箱" in done
        assert 'name="choice"' not in done
    assert "同意" not in get(chair, "review", review.id).split("评议材料")[0].split("正在表决")[-1].split("回避")[0]
    post(chair, "ballot_close", review.id)
    page = get(chair, "review", review.id)
    assert "第 1 次表决结果" in page
    services.review_declare(review_id=review.id, actor=cast.chair, at=now())
    post(chair, "meeting_close", meeting.id)
    answer = officer.get(reverse("governance:minutes", args=[meeting.id]))
    assert answer.content.startswith(b"%PDF-")
    set_scope(EVERYWHERE)
    scan = SimpleUploadedFile("minutes.jpg", photo().getvalue(), "image/jpeg")
    post(officer, "meeting_sign", meeting.id, scan=scan, pages="2", signers="委员01\n委员02")
    assert Meeting.objects.get().state == "signed"
    assert officer.get(reverse("governance:minutes_scan", args=[meeting.id])).status_code == 200


def test_strangers_see_no_meeting(actor_for: MakeActor, county: Branch, visit: Visit) -> None:
    cast = panel(actor_for, county)
    meeting = cast.opened()
    review = cast.review(meeting)
    elsewhere = Branch.objects.create(region_code="430121000000", name="长沙县红十字会", kind="society")
    far, near = visit(actor_for("officer", elsewhere)), visit(actor_for("reviewer"))
    for name, key in (("meeting", meeting.id), ("review", review.id), ("ballot", review.id)):
        get(far, name, key, status=404)
        get(near, name, key, status=403)
    assert meeting.title not in get(near, "review_list")
    assert Client().get(reverse("governance:review_list")).status_code == 302
    post(near, "meeting_new", status=403, title="x")


def test_recusals_on_the_page(actor_for: MakeActor, county: Branch, visit: Visit) -> None:
    cast = panel(actor_for, county, size=9)
    meeting = cast.opened()
    review = cast.review(meeting, [MustRecuse(uid(cast.members[8]), Ground.RELATIVE, "堂弟")])
    assert "堂弟" in get(visit(cast.officer), "review", review.id)
    post(visit(cast.members[1]), "recuse", review.id, ground="declared", note="邻居")
    target = member_of(meeting, cast.members[2])
    post(visit(cast.members[3]), "challenge", review.id, member=str(target.id), note="", status=422)
    post(visit(cast.members[3]), "challenge", review.id, member=str(target.id), note="妹夫")
    challenge = Recusal.objects.get(state="challenged")
    post(visit(cast.members[3]), "ruling", review.id, challenge.id, upheld="1", ruling="属实", status=403)
    post(visit(cast.chair), "ruling", review.id, challenge.id, upheld="1", ruling="属实")
    assert Recusal.objects.filter(state="stands").count() == 3


def test_the_second_reader_does_not_see_the_first_reading(actor_for: MakeActor, county: Branch, visit: Visit) -> None:
    cast = panel(actor_for, county, paper=4)
    review = cast.vote(cast.review(cast.opened()), "yyy----")
    figures = {"issued": 4, "spoiled": 0, "not_returned": 0, "returned": 4, "yes": 3, "no": 1, "abstain": 0, "blank": 0,
               "invalid": 0}  # fmt: skip
    teller, scrutineer = visit(cast.teller), visit(cast.scrutineer)
    assert "≠" in post(teller, "tally", review.id, status=422, **{**figures, "yes": 2})
    post(teller, "tally", review.id, **figures)
    assert not TallySheet.objects.filter(discrepancy__gt="").exists()
    page = get(scrutineer, "review", review.id)
    assert "计票赵" in page, "who has keyed is known"
    assert 'value="3"' not in page, "what they keyed is not"
    assert "计票单</h2>" not in page
    post(scrutineer, "tally", review.id, **figures)
    assert Review.objects.get().state == "counted"
    assert "计票单</h2>" in get(scrutineer, "review", review.id)


def test_a_double_click_and_a_stale_page_are_told_calmly(actor_for: MakeActor, county: Branch, visit: Visit) -> None:
    cast = panel(actor_for, county)
    review = cast.review(cast.opened())
    chair = visit(cast.chair)
    post(chair, "ballot_open", review.id)
    post(chair, "ballot_open", review.id, status=409)
    voter = visit(cast.members[2])
    post(voter, "ballot", review.id, choice="no")
    post(voter, "ballot", review.id, choice="yes", status=409)
    post(voter, "ballot", review.id, status=422)
    assert Review.objects.get().state == "ballot_open"


# --- notices -------------------------------------------------------------------------------------------


def test_a_notice_is_made_on_the_pages(actor_for: MakeActor, county: Branch, visit: Visit) -> None:
    office = desk(actor_for, county)
    drafter, approver = visit(office.drafter), visit(office.approver)
    notice = office.draft(entry("张小三", place="某村 13812345678"), at=now())
    row = notice.entries.get()
    page = post(drafter, "notice_submit", notice.id, status=422)
    assert "手机号码：某村 ****" in page
    get(drafter, "notice_edit", notice.id, row.id)
    post(drafter, "notice_edit", notice.id, row.id, place="某村", group="三组", reason="hardship")
    post(drafter, "notice_submit", notice.id)
    notice = Notice.objects.get()
    post(drafter, "notice_approve", notice.id, hash=notice.rendered_hash, status=403)
    page = get(approver, "notice", notice.id)
    assert "张**" in page
    assert "张小三" in page
    post(approver, "notice_approve", notice.id, hash="0" * 64, status=409)
    post(approver, "notice_approve", notice.id, hash=notice.rendered_hash)
    post(approver, "notice_publish", notice.id)
    answer = drafter.get(reverse("governance:board", args=[notice.id]))
    assert answer.content.startswith(b"%PDF-")
    assert "no-store" in answer["Cache-Control"]
    set_scope(EVERYWHERE)
    picture = SimpleUploadedFile("board.jpg", photo().getvalue(), "image/jpeg")
    today = now().astimezone().date()
    post(drafter, "notice_photo", notice.id, photo=picture, kind="posted", place="村委会", on=today.isoformat())
    kept = Notice.objects.get().photos.get()
    assert drafter.get(reverse("governance:photo", args=[notice.id, kept.id])).status_code == 200
    set_scope(EVERYWHERE)
    post(drafter, "notice_extend", notice.id, extra="2", reason="停机", status=403)
    post(approver, "notice_extend", notice.id, extra="2", reason="停机")
    post(drafter, "notice_correct", notice.id, correction="金额有误")
    assert Notice.objects.filter(previous=notice).count() == 1
    post(approver, "notice_retract", notice.id, reason="误发")
    assert Notice.objects.get(id=notice.id).state == "retracted"


def test_a_file_that_is_no_photo_is_refused_on_the_form(actor_for: MakeActor, county: Branch, visit: Visit) -> None:
    office = desk(actor_for, county)
    notice = office.published(at=now())
    today = now().astimezone().date().isoformat()
    for content in (b"<svg onload=alert(1)>", b"%PDF-1.4\n", b"GIF89a"):
        fake = SimpleUploadedFile("board.jpg", content, "image/jpeg")
        post(
            visit(office.drafter),
            "notice_photo",
            notice.id,
            photo=fake,
            kind="posted",
            place="村委会",
            on=today,
            status=422,
        )
    assert not notice.photos.exists()


def test_strangers_see_no_notice(actor_for: MakeActor, county: Branch, visit: Visit) -> None:
    notice = desk(actor_for, county).published()
    elsewhere = Branch.objects.create(region_code="430121000000", name="长沙县红十字会", kind="society")
    get(visit(actor_for("officer", elsewhere)), "notice", notice.id, status=404)
    get(visit(actor_for("reviewer")), "notice", notice.id, status=403)
    get(visit(actor_for("reviewer")), "board", notice.id, status=403)


# --- objections ----------------------------------------------------------------------------------------


def test_an_objection_is_handled_on_the_pages(actor_for: MakeActor, county: Branch, visit: Visit) -> None:
    office = desk(actor_for, county)
    notice = office.published(at=now())
    clerk, supervisor = visit(office.drafter), visit(office.supervisor)
    get(clerk, "objection_new", notice.id)
    post(clerk, "objection_new", notice.id, channel="phone", text="这", status=422)
    post(clerk, "objection_new", notice.id, channel="phone", text="这户有两套房", name="李四", contact="13800001111")
    objection = Objection.objects.get()
    page = get(supervisor, "objection", objection.id)
    assert "这户有两套房" in page
    assert "李四" not in page
    post(supervisor, "objection_acknowledge", objection.id)
    page = get(supervisor, "objection", objection.id)
    assert str(office.supervisor.user_id) in page
    assert str(office.approver.user_id) not in page, "who approved the notice is not offered"
    post(supervisor, "objection_assign", objection.id, handler=str(office.supervisor.user_id))
    assert "李四" in post(supervisor, "objection_reveal", objection.id, status=200)
    post(visit(office.approver), "objection_reveal", objection.id, status=403)
    assert objection.receipt_no[:5] in get(supervisor, "objection_list")
    get(visit(actor_for("cadre")), "objection", objection.id, status=403)


# --- queries -------------------------------------------------------------------------------------------


def count(client: Client, address: str) -> int:
    """How many queries a page takes."""
    client.get(address)
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert client.get(address).status_code == 200
    set_scope(EVERYWHERE)
    return len(seen)


def test_lists_take_the_same_queries_for_one_row_and_for_thirty(
    actor_for: MakeActor, county: Branch, visit: Visit
) -> None:  # fmt: skip
    office, cast = desk(actor_for, county), panel(actor_for, county)
    client = visit(office.supervisor)
    notice = office.published()
    lists = [reverse(f"governance:{name}") for name in ("review_list", "notice_list")] + [
        reverse("governance:objection_list") + "?which=all"
    ]

    def grow() -> None:
        cast.review(cast.convene())
        office.published(entry(what=subject()))
        services.objection_file(notice_id=notice.id, channel="web", text="这户有两套房", actor=Actor.public(), at=AT)

    grow()
    few = [count(client, address) for address in lists]
    for _row in range(29):
        grow()
    assert [count(client, address) for address in lists] == few
    assert max(few) <= 12, few


def test_a_meeting_with_many_items_and_a_notice_with_many_lines(
    actor_for: MakeActor, county: Branch, visit: Visit
) -> None:  # fmt: skip
    office, cast = desk(actor_for, county), panel(actor_for, county)
    chair, drafter = visit(cast.chair), visit(office.drafter)
    meeting = cast.opened()
    cast.review(meeting)
    one_line, many_lines = office.published(), office.published(*(entry(f"李{n}") for n in range(30)))
    board_photo(many_lines, office.drafter)
    few = count(chair, reverse("governance:meeting", args=[meeting.id]))
    for _item in range(29):
        cast.review(meeting)
    assert count(chair, reverse("governance:meeting", args=[meeting.id])) == few
    notice = count(drafter, reverse("governance:notice", args=[one_line.id]))
    assert count(drafter, reverse("governance:notice", args=[many_lines.id])) <= notice
    assert max(few, notice) <= 24, (few, notice)


def test_pages_of_a_list_follow_a_key(actor_for: MakeActor, county: Branch, visit: Visit) -> None:
    office = desk(actor_for, county)
    for n in range(31):
        office.draft(entry(f"李{n}"), at=AT + timedelta(minutes=n))
    client = visit(office.drafter)
    first = get(client, "notice_list")
    assert "after=" in first
    assert client.get(reverse("governance:notice_list") + "?after=nonsense").status_code == 404
