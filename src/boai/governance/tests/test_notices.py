"""A notice from draft to its end."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from boai.audit.models import AuditEntry
from boai.governance import queries, services
from boai.governance.enums import DayMode, PhotoKind, Shift
from boai.governance.models import BoardPhoto, Notice, NoticeEntry, PublicNotice
from boai.governance.rules.publication import NoticeRules
from boai.governance.tests.factories import (
    AT,
    NATURAL,
    MakeActor,
    board_photo,
    desk,
    entry,
    panel,
    photo,
    subject,
)
from boai.kernel.errors import BadInput, NotAllowed, NotFound, StalePage, UnableTo
from boai.people.actor import Actor
from boai.people.models import Branch

ENDS = datetime(2026, 12, 1, 16, 0, tzinfo=UTC)
AFTER = ENDS + timedelta(seconds=1)


def only(notice: Notice) -> NoticeEntry:
    """The single entry of a notice."""
    return NoticeEntry.objects.get(notice=notice)


def clear(notice: Notice, at: datetime = AFTER) -> NoticeEntry:
    """What an approval upstairs does."""
    return services.notice_lock_clear(
        notice_id=notice.id, subject_id=only(notice).subject_id, actor=Actor.system(), at=at
    )  # fmt: skip


def test_the_way_of_a_notice(actor_for: MakeActor, county: Branch) -> None:
    office = desk(actor_for, county)
    notice = office.published()
    shown = PublicNotice.objects.get()
    assert (notice.first_day, notice.last_day, notice.ends_at) == (date(2026, 11, 25), date(2026, 12, 1), ENDS)
    assert shown.document == notice.public
    assert shown.entry_id == AuditEntry.objects.get(type="governance.notice.published").pk
    assert queries.notice_state(notice_id=notice.id, at=AT).stage == "open"
    with pytest.raises(UnableTo, match="2026-12-01"):
        clear(notice, ENDS - timedelta(seconds=1))
    assert only(notice).state == "listed"
    assert queries.notice_state(notice_id=notice.id, at=ENDS).stage == "clean"
    assert clear(notice, ENDS).state == "cleared"
    assert clear(notice).state == "cleared", "asking again does no harm"
    assert AuditEntry.objects.filter(type="governance.notice.cleared").count() == 1


def test_the_drafter_does_not_approve_in_the_service_nor_in_the_database(actor_for: MakeActor, county: Branch) -> None:
    office = desk(actor_for, county)
    notice = office.submitted()
    Notice.objects.filter(id=notice.id).update(drafted_by_id=office.approver.user_id)
    with pytest.raises(NotAllowed):
        office.approve(notice)
    with pytest.raises(IntegrityError, match="second_person"), transaction.atomic():
        Notice.objects.filter(id=notice.id).update(approved_by_id=office.approver.user_id)
    assert Notice.objects.get().state == "submitted"


def test_officers_draft_and_leaders_approve(actor_for: MakeActor, county: Branch) -> None:
    office = desk(actor_for, county)
    for actor in (office.approver, actor_for("cashier"), Actor.public()):
        with pytest.raises(NotAllowed):
            services.notice_draft(actor=actor, branch_id=county.id, region_code=county.region_code,
                                  kind="relief_proposed", entries=[entry()], rules=NATURAL, at=AT)  # fmt: skip
    assert not Notice.objects.exists()
    notice = office.submitted()
    for actor in (office.drafter, actor_for("officer"), actor_for("cashier")):
        with pytest.raises(NotAllowed):
            services.notice_approve(notice_id=notice.id, actor=actor, rendered_hash=notice.rendered_hash, at=AT)
    with pytest.raises(NotAllowed):
        services.notice_publish(notice_id=office.approve(notice).id, actor=office.drafter, at=AT)
    assert not PublicNotice.objects.exists()


def test_what_was_read_is_what_is_published(actor_for: MakeActor, county: Branch) -> None:
    office = desk(actor_for, county)
    notice = office.submitted()
    old = notice.rendered_hash
    services.notice_return(notice_id=notice.id, actor=office.approver, reason="地名有误", at=AT)
    case = only(notice).subject
    services.notice_edit(notice_id=notice.id, actor=office.drafter, entries=[entry(what=case, place="另一村")], at=AT)
    notice = services.notice_submit(notice_id=notice.id, actor=office.drafter, at=AT)
    assert notice.rendered_hash != old
    with pytest.raises(StalePage):
        services.notice_approve(notice_id=notice.id, actor=office.approver, rendered_hash=old, at=AT)
    office.approve(notice)
    NoticeEntry.objects.filter(notice=notice).update(fields={**only(notice).fields, "amount_fen": 900000})
    with pytest.raises(UnableTo):
        services.notice_publish(notice_id=notice.id, actor=office.approver, at=AT)
    assert not PublicNotice.objects.exists()
    with pytest.raises(IntegrityError, match="approved_as_rendered"), transaction.atomic():
        Notice.objects.filter(id=notice.id).update(rendered_hash="0" * 64)


def test_an_equal_name_published_in_between_asks_for_a_new_look(actor_for: MakeActor, county: Branch) -> None:
    office = desk(actor_for, county)
    first = office.approve(office.submitted(entry("张三")))
    office.published(entry("张四"))
    with pytest.raises(UnableTo):
        services.notice_publish(notice_id=first.id, actor=office.approver, at=AT)
    services.notice_return(notice_id=first.id, actor=office.approver, reason="与另一公示重名", at=AT)
    office.approve(services.notice_submit(notice_id=first.id, actor=office.drafter, at=AT))
    services.notice_publish(notice_id=first.id, actor=office.approver, at=AT)
    assert PublicNotice.objects.get(notice=first).document["rows"][0]["name"] == "张*(乙)"  # type: ignore[index]  # on display


def test_numbers_in_the_text_stop_the_submission(actor_for: MakeActor, county: Branch) -> None:
    office = desk(actor_for, county)
    notice = office.draft(entry(place="某村 电话13812345678"))
    with pytest.raises(BadInput) as error:
        services.notice_submit(notice_id=notice.id, actor=office.drafter, at=AT)
    assert "13812345678" not in str(error.value)
    assert Notice.objects.get().state == "draft"
    assert Notice.objects.get().board is None


def test_a_subject_is_on_one_live_notice_only(actor_for: MakeActor, county: Branch) -> None:
    office = desk(actor_for, county)
    case = subject()
    first = office.draft(entry(what=case))
    with pytest.raises(UnableTo, match=case.code):
        office.draft(entry(what=case))
    with pytest.raises(BadInput):
        services.notice_edit(notice_id=first.id, actor=office.drafter, entries=[entry(what=case)] * 2, at=AT)
    services.notice_discard(notice_id=first.id, actor=office.drafter, at=AT)
    assert office.draft(entry(what=case)).state == "draft"
    assert [e.notice.state for e in queries.notices_of(subject_kind=case.kind, subject_id=case.id)] == [
        "draft",
        "discarded",
    ]


def test_a_notice_and_its_subjects_share_a_division(actor_for: MakeActor, county: Branch) -> None:
    office = desk(actor_for, county)
    with pytest.raises(BadInput):
        office.draft(entry(what=subject("430121001001")))
    with pytest.raises(BadInput):
        services.notice_draft(actor=office.drafter, branch_id=county.id, region_code=county.region_code,
                              kind="relief_proposed", entries=[], rules=NATURAL, at=AT)  # fmt: skip
    assert not Notice.objects.exists()


def test_the_totals_of_the_review_are_printed_and_no_more(actor_for: MakeActor, county: Branch) -> None:
    office, case = desk(actor_for, county), subject()
    review = panel(actor_for, county).decided("yyyyyna", what=case)
    notice = office.published(entry(what=case, review_id=review.id))
    line = PublicNotice.objects.get().document["rows"][0]["review"]  # type: ignore[index]  # on display
    assert all(n in line for n in ("7", "5", "1"))
    assert "委员" not in line
    with pytest.raises(NotFound):
        office.draft(entry(what=subject(), review_id=review.id))
    assert notice.state == "published"


# --- the board ---------------------------------------------------------------------------------------


def test_approval_waits_for_the_photo_of_the_board(actor_for: MakeActor, county: Branch) -> None:
    office = desk(actor_for, county)
    rules = NoticeRules(days=7, mode=DayMode.NATURAL, board_photo=True)
    notice = office.published(rules=rules)
    with pytest.raises(UnableTo):
        clear(notice)
    assert len(queries.notice_state(notice_id=notice.id, at=AFTER).blockers) == 1
    board_photo(notice, actor_for("cadre"))
    assert clear(notice).state == "cleared"


def test_a_photo_is_evidence(actor_for: MakeActor, county: Branch) -> None:
    office = desk(actor_for, county)
    notice = office.published()

    def add(on: date, kind: PhotoKind = PhotoKind.POSTED, place: str = "村委会") -> None:
        services.board_photo_add(notice_id=notice.id, actor=office.drafter, kind=kind, place=place, on=on,
                                 upload=photo(), at=AT + timedelta(days=3))  # fmt: skip

    for wrong in (date(2026, 11, 23), date(2026, 11, 28), date(2026, 11, 26)):
        with pytest.raises(BadInput):
            add(wrong)
    with pytest.raises(BadInput):
        add(date(2026, 11, 24), place=" ")
    assert not BoardPhoto.objects.exists()
    add(date(2026, 11, 25))
    for sql in ("DELETE FROM governance_boardphoto", 'UPDATE governance_boardphoto SET "on" = now()'):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)


# --- longer, corrected, ended ----------------------------------------------------------------------------


def test_an_extension_moves_the_end_and_says_so(actor_for: MakeActor, county: Branch) -> None:
    office = desk(actor_for, county)
    notice = office.published()
    with pytest.raises(NotAllowed):
        services.notice_extend(notice_id=notice.id, actor=office.drafter, extra=2, reason="网站停机", at=AT)
    with pytest.raises(BadInput):
        services.notice_extend(notice_id=notice.id, actor=office.approver, extra=2, reason="", at=AT)
    services.notice_extend(notice_id=notice.id, actor=office.approver, extra=2, reason="网站停机两天", at=AT)
    shown = PublicNotice.objects.get()
    assert (shown.last_day, shown.extended) == (date(2026, 12, 3), True)
    with pytest.raises(UnableTo):
        clear(notice)
    clear(notice, AFTER + timedelta(days=2))
    with pytest.raises(UnableTo):
        services.notice_extend(notice_id=notice.id, actor=office.approver, extra=2, reason="又停机", at=AFTER)


def test_a_material_correction_starts_the_days_anew(actor_for: MakeActor, county: Branch) -> None:
    office, case = desk(actor_for, county), subject()
    old = office.published(entry(what=case))
    later = AT + timedelta(days=3)
    new = services.notice_correct(notice_id=old.id, actor=office.drafter, entries=[entry(what=case, amount_fen=200000)],
                                  correction="原公示金额有误", at=later)  # fmt: skip
    assert PublicNotice.objects.get().code == old.code, "until the correction is published the old text stays"
    with pytest.raises(UnableTo):
        services.notice_correct(
            notice_id=old.id, actor=office.drafter, entries=[entry(what=case)], correction="x", at=later
        )
    new = services.notice_submit(notice_id=new.id, actor=office.drafter, at=later)
    new = services.notice_publish(notice_id=office.approve(new, later).id, actor=office.approver, at=later)
    assert new.last_day == date(2026, 12, 4)
    gone = queries.notice_public(code=old.code)
    assert (gone.ended, gone.document, gone.replaced_by) == ("superseded", None, new.code)
    assert "原公示金额有误" in str(queries.notice_public(code=new.code).document)
    with pytest.raises(UnableTo):
        clear(old, AFTER + timedelta(days=9))
    assert clear(new, AFTER + timedelta(days=3)).state == "cleared"


def test_a_discarded_correction_leaves_the_old_notice_as_it_was(actor_for: MakeActor, county: Branch) -> None:
    office, case = desk(actor_for, county), subject()
    old = office.published(entry(what=case))
    new = services.notice_correct(
        notice_id=old.id, actor=office.drafter, entries=[entry(what=case)], correction="误", at=AT
    )
    services.notice_discard(notice_id=new.id, actor=office.drafter, at=AT)
    assert services.notice_correct(
        notice_id=old.id, actor=office.drafter, entries=[entry(what=case)], correction="误", at=AT
    )
    assert Notice.objects.get(id=old.id).state == "published"


def test_notices_end_by_themselves_and_only_number_and_dates_stay(actor_for: MakeActor, county: Branch) -> None:
    office = desk(actor_for, county)
    notice, young = office.published(), office.published(at=AT + timedelta(days=1))
    last = datetime(2026, 12, 31, 15, 59, tzinfo=UTC)  # 23:59 of the 30th day after the end
    assert services.notice_withdraw_due(at=last) == 0
    assert services.notice_withdraw_due(at=last + timedelta(minutes=1)) == 1
    assert services.notice_withdraw_due(at=last + timedelta(minutes=2)) == 0
    gone = queries.notice_public(code=notice.code)
    assert (gone.ended, gone.document) == ("withdrawn", None)
    assert gone.entry_id is not None, "the proof stays"
    assert queries.notice_public(code=young.code).document is not None
    assert AuditEntry.objects.filter(type="governance.notice.withdrawn").count() == 1
    with pytest.raises(IntegrityError, match="nothing_left"), transaction.atomic():
        PublicNotice.objects.filter(code=notice.code).update(document={"rows": []})
    assert clear(notice, last + timedelta(days=1)).state == "cleared", "an approval may come after the taking down"


def test_taken_down_before_its_time_a_notice_is_worth_nothing(actor_for: MakeActor, county: Branch) -> None:
    office = desk(actor_for, county)
    notice = office.published()
    services.notice_retract(notice_id=notice.id, actor=office.approver, reason="公示了不该公示的内容", at=AT)
    assert queries.notice_public(code=notice.code).document is None
    with pytest.raises(UnableTo):
        clear(notice)


def test_an_applicant_who_withdraws_keeps_only_the_code(actor_for: MakeActor, county: Branch) -> None:
    office = desk(actor_for, county)
    going, staying = entry("王五"), entry("赵六")
    notice = office.published(going, staying)
    for _time in range(2):
        services.entry_retract(
            notice_id=notice.id, subject_id=going.subject.id, actor=Actor.public(), reason="本人撤回", at=AT
        )
    rows = PublicNotice.objects.get().document["rows"]  # type: ignore[index]  # on display
    assert [r["code"] for r in rows] == [going.subject.code, staying.subject.code]
    assert rows[0]["place"] == rows[0]["amount"] == "—"
    assert "王" not in str(rows)
    assert "王五" not in str(Notice.objects.get().board)
    assert rows[1]["name"] == "赵*"
    assert AuditEntry.objects.filter(type="governance.notice.entry_retracted").count() == 1
    state = queries.notice_state(notice_id=notice.id, subject_id=going.subject.id, at=AFTER)
    assert state.blockers


def test_another_county_takes_nothing_off(actor_for: MakeActor, county: Branch) -> None:
    office = desk(actor_for, county)
    notice = office.published()
    elsewhere = Branch.objects.create(region_code="430121000000", name="长沙县红十字会", kind="society")
    with pytest.raises(NotAllowed):
        services.entry_retract(notice_id=notice.id, subject_id=only(notice).subject_id,
                               actor=actor_for("secretary", elsewhere), reason="x", at=AT)  # fmt: skip
    with pytest.raises(NotFound):
        services.notice_retract(notice_id=notice.id, actor=actor_for("secretary", elsewhere), reason="x", at=AT)
    assert only(notice).state == "listed"
    assert PublicNotice.objects.get().ended == ""


def test_a_provisional_period_says_so_in_public(actor_for: MakeActor, county: Branch) -> None:
    office = desk(actor_for, county)
    rules = NoticeRules(days=5, mode=DayMode.WORKING, shift=Shift.HOLIDAY, board_photo=False)
    notice = office.published(rules=rules, at=datetime(2035, 5, 30, 2, tzinfo=UTC))
    assert PublicNotice.objects.get().provisional
    assert queries.notice_state(notice_id=notice.id, at=AT).provisional


def test_the_state_is_asked_in_few_queries(
    actor_for: MakeActor, county: Branch, django_assert_max_num_queries: object
) -> None:  # fmt: skip
    notice = desk(actor_for, county).published()
    with django_assert_max_num_queries(4):  # type: ignore[operator]  # pytest-django's fixture
        queries.notice_state(notice_id=notice.id, at=AT)
