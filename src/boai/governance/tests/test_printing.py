"""Papers: they hold what they must, in Chinese, the same bytes every time."""

from __future__ import annotations

import pytest

from boai.audit.models import Checkpoint
from boai.governance import services
from boai.governance.models import Notice
from boai.governance.services import printing
from boai.governance.services.printing import _board, _minutes, proof_block
from boai.governance.tests.factories import AT, MakeActor, desk, entry, panel
from boai.kernel.errors import NotAllowed, UnableTo
from boai.kernel.print import qr_svg, render_pdf
from boai.people.models import Branch


def test_the_board_paper_has_names_dates_and_the_way_to_object(actor_for: MakeActor, county: Branch) -> None:
    office = desk(actor_for, county)
    notice = office.published(entry("欧阳修"), entry("买买提·艾合买提"))
    data = _board(notice)
    assert [row[1] for row in data["rows"]] == ["欧阳修", "买买提·艾合买提"]
    assert "2026-11-25" in str(data["facts"])
    assert "2026-12-01" in str(data["facts"])
    assert notice.code in data["proof"]["address"]
    pdf = services.notice_print(notice_id=notice.id, actor=office.drafter)
    assert pdf.startswith(b"%PDF-")
    assert pdf == services.notice_print(notice_id=notice.id, actor=office.drafter)


def test_only_what_is_on_display_is_printed_and_only_for_staff(actor_for: MakeActor, county: Branch) -> None:
    office = desk(actor_for, county)
    draft = office.approve(office.submitted())
    with pytest.raises(UnableTo):
        services.notice_print(notice_id=draft.id, actor=office.drafter)
    services.notice_publish(notice_id=draft.id, actor=office.approver, at=AT)
    with pytest.raises(NotAllowed):
        services.notice_print(notice_id=draft.id, actor=actor_for("reviewer"))


def test_minutes_hold_roll_ballots_and_recusals(actor_for: MakeActor, county: Branch) -> None:
    cast = panel(actor_for, county, size=8)
    meeting = cast.opened()
    review = cast.review(meeting)
    services.recusal_declare(review_id=review.id, actor=cast.members[7], note="同村", at=AT)
    cast.vote(review, "yyyyyna")
    services.review_declare(review_id=review.id, actor=cast.chair, at=AT)
    meeting = services.meeting_close(meeting_id=meeting.id, actor=cast.chair, at=AT)
    data = _minutes(meeting)
    assert len(data["roll"]) == 8
    assert data["items"][0]["rows"] == [["1", "8", "1", "7", "5", "1", "1", "0", "0"]]
    assert "委员08" in str(data["items"][0]["notes"])
    assert services.meeting_minutes(meeting_id=meeting.id, actor=cast.members[3]).startswith(b"%PDF-")
    with pytest.raises(NotAllowed):
        services.meeting_minutes(meeting_id=meeting.id, actor=actor_for("cashier"))


def test_minutes_wait_for_the_close(actor_for: MakeActor, county: Branch) -> None:
    cast = panel(actor_for, county)
    with pytest.raises(UnableTo):
        services.meeting_minutes(meeting_id=cast.opened().id, actor=cast.officer)


def test_the_checkpoint_is_on_the_paper(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert proof_block()["address"].endswith("/checkpoints/")
    head = Checkpoint(size=12345, root=bytes.fromhex("ab" * 32))
    monkeypatch.setattr(printing, "latest_checkpoint", lambda: head)
    block = proof_block()
    assert "12345" in block["lines"][0]
    assert "ab" * 10 in block["lines"][0]
    assert "ab" * 11 not in block["lines"][0]
    assert block["address"].endswith("/checkpoints/12345.txt")


@pytest.mark.parametrize("name", ["#panic()", "= 标题", "$x$", "*粗*", "\\", '"; #let x = 1', "<script>", "名\u3000字"])
def test_a_name_never_becomes_a_command(name: str) -> None:
    proof = {"address": name, "qr": qr_svg("x"), "lines": [name]}
    data = {"title": name, "under": name, "intro": name, "correction": name, "head": [name] * 6, "rows": [[name] * 6],
            "reviews": [name], "facts": [{"label": name, "value": name}], "objection": name, "branch": name, "date": name,
            "proof": proof}  # fmt: skip
    assert render_pdf("governance/notice", data).startswith(b"%PDF-")


def test_a_long_notice_runs_over_pages(actor_for: MakeActor, county: Branch) -> None:
    office = desk(actor_for, county)
    notice = office.published(*(entry(f"李{chr(0x4E00 + n)}") for n in range(120)))
    pdf = services.notice_print(notice_id=notice.id, actor=office.drafter)
    assert pdf.count(b"/Type /Page\n") + pdf.count(b"/Type/Page/") + pdf.count(b"/Type /Page ") != 1
    assert Notice.objects.get().entries.count() == 120
