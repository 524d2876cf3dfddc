"""Objections: from anybody, to somebody with clean hands, with one appeal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from boai.audit.models import AuditEntry
from boai.governance import queries, services
from boai.governance.models import MeetingMember, NoticeEntry, Objection, ObjectionIdentity, PublicNotice
from boai.governance.tests.factories import AT, Desk, MakeActor, desk, entry, panel, subject, uid
from boai.kernel.errors import BadInput, NotAllowed, NotFound, UnableTo
from boai.people.actor import Actor
from boai.people.models import Branch

TEXT = "这户在县城有两套房,去年刚买了车。"
AFTER = datetime(2026, 12, 1, 16, 0, 1, tzinfo=UTC)


@pytest.fixture
def city(db: None) -> Branch:
    """The branch above the county's."""
    return Branch.objects.create(region_code="621100000000", name="定西市红十字会", kind="society")


def file(notice_id: Any, **changes: Any) -> Objection:
    """An anonymous objection on the web."""
    words: dict[str, Any] = {"channel": "web", "text": TEXT, "actor": Actor.public(), "at": AT} | changes
    return services.objection_file(notice_id=notice_id, **words)[0]


def decide(office: Desk, objection: Objection, outcome: str, at: datetime = AT) -> Objection:
    """The supervisor decides."""
    return services.objection_decide(objection_id=objection.id, actor=office.supervisor, outcome=outcome,
                                     reasons="经查证属实" if outcome != "dismissed" else "经查不属实", at=at)  # fmt: skip


def test_anybody_may_object_and_keeps_a_receipt(actor_for: MakeActor, county: Branch) -> None:
    notice = desk(actor_for, county).published()
    objection, receipt = services.objection_file(
        notice_id=notice.id, channel="web", text=TEXT, actor=Actor.public(), at=AT, name="李四", contact="13800001111"
    )
    assert len(receipt) == 10
    assert objection.acknowledge_by == datetime(2026, 11, 26, 15, 59, 59, tzinfo=UTC)
    status = queries.objection_status(receipt_no=f" {receipt[:5].lower()} {receipt[5:]}")
    assert (status.state, status.notice_code) == ("filed", notice.code)
    assert queries.notice_state(notice_id=notice.id, at=AT).stage == "objected"
    facts = AuditEntry.objects.get(type="governance.objection.filed").contents()
    assert "李四" not in str(facts)
    assert "13800001111" not in str(facts)


def test_who_objects_is_sealed_and_each_look_is_recorded(actor_for: MakeActor, county: Branch) -> None:
    office = desk(actor_for, county)
    objection = office.assigned(office.published(), name="李四", contact="13800001111")
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, contact FROM governance_objectionidentity")
        stored = b"".join(bytes(v) for v in cursor.fetchone() or ())
        cursor.execute("SELECT text FROM governance_objection")
        stored += bytes((cursor.fetchone() or (b"",))[0])
    for word in ("李四", "13800001111", "两套房"):
        assert word.encode() not in stored
    for actor in (office.drafter, office.approver, office.deputy, actor_for("cadre")):
        with pytest.raises(NotAllowed):
            services.objector_reveal(objection_id=objection.id, actor=actor, at=AT)
    assert not AuditEntry.objects.filter(type="governance.objection.identity_read").exists()
    assert services.objector_reveal(objection_id=objection.id, actor=office.supervisor, at=AT) == (
        "李四",
        "13800001111",
    )
    assert AuditEntry.objects.filter(type="governance.objection.identity_read").count() == 1


@pytest.mark.parametrize(
    "changes",
    [{"text": "不"}, {"text": "坏" * 5000}, {"text": TEXT + "\x00"}, {"text": TEXT + "\u202e"}, {"name": "张" * 60},
     {"contact": "\x07"}],
)  # fmt: skip
def test_text_that_cannot_be_taken(actor_for: MakeActor, county: Branch, changes: dict[str, str]) -> None:
    notice = desk(actor_for, county).published()
    with pytest.raises(BadInput):
        file(notice.id, **changes)
    assert not Objection.objects.exists()
    assert not ObjectionIdentity.objects.exists()


def test_phone_and_paper_are_entered_by_officers_of_the_division(actor_for: MakeActor, county: Branch) -> None:
    office = desk(actor_for, county)
    notice = office.published()
    elsewhere = Branch.objects.create(region_code="430121000000", name="长沙县红十字会", kind="society")
    for actor in (Actor.public(), actor_for("reviewer"), actor_for("officer", elsewhere)):
        with pytest.raises(NotAllowed):
            file(notice.id, channel="phone", actor=actor)
    assert not Objection.objects.exists()
    assert file(notice.id, channel="phone", actor=office.drafter).entered_by_id == office.drafter.user_id


def test_only_in_time_and_only_about_what_is_listed(actor_for: MakeActor, county: Branch) -> None:
    office = desk(actor_for, county)
    going, staying = entry("王五"), entry("赵六")
    notice = office.published(going, staying)
    services.entry_retract(notice_id=notice.id, subject_id=going.subject.id, actor=Actor.system(), reason="撤回", at=AT)
    with pytest.raises(UnableTo):
        file(notice.id, subject_id=going.subject.id)
    with pytest.raises(NotFound):
        file(notice.id, code="2345CDFG")
    with pytest.raises(UnableTo):
        file(notice.id, at=AFTER)
    with pytest.raises(NotFound):
        file(office.submitted().id)
    assert not Objection.objects.exists()
    assert file(notice.id, code=staying.subject.code.lower()).entry is not None


def test_an_objection_suspends_its_own_entry_alone(actor_for: MakeActor, county: Branch) -> None:
    office = desk(actor_for, county)
    one, two = entry("王五"), entry("赵六")
    notice = office.published(one, two)
    file(notice.id, subject_id=one.subject.id)
    with pytest.raises(UnableTo):
        services.notice_lock_clear(notice_id=notice.id, subject_id=one.subject.id, actor=office.approver, at=AFTER)
    services.notice_lock_clear(notice_id=notice.id, subject_id=two.subject.id, actor=office.approver, at=AFTER)
    assert NoticeEntry.objects.get(subject_id=one.subject.id).state == "listed"


def test_nobody_handles_an_objection_to_their_own_work(actor_for: MakeActor, county: Branch) -> None:
    """Drafter, approver, publisher, voter, verifier, relative: refused by the service and by the database."""
    office, case = desk(actor_for, county), subject()
    cast = panel(actor_for, county)
    review = cast.decided(what=case)
    voter, verifier, relative = (actor_for("supervisor", name=n) for n in ("投票的", "核查的", "亲戚"))
    assert verifier.user_id
    assert relative.user_id
    type(review).objects.filter(id=review.id).update(barred_ids=[verifier.user_id])
    line = entry(what=case, review_id=review.id, excluded=frozenset([relative.user_id]))
    notice = office.published(line)
    MeetingMember.objects.filter(user_id=uid(cast.members[1])).update(user_id=uid(voter))
    objection = file(notice.id, subject_id=case.id)
    services.objection_acknowledge(objection_id=objection.id, actor=office.supervisor, at=AT)
    for actor in (office.approver, voter, verifier, relative):
        with pytest.raises(NotAllowed):
            services.objection_assign(objection_id=objection.id, handler_id=uid(actor), actor=office.deputy, at=AT)
        with pytest.raises(DatabaseError, match="had a hand"), transaction.atomic():
            Objection.objects.filter(id=objection.id).update(handler_id=actor.user_id)
    with pytest.raises(BadInput):
        services.objection_assign(objection_id=objection.id, handler_id=uid(office.drafter), actor=office.deputy, at=AT)
    assert Objection.objects.get().handler is None
    assert Objection.objects.get().state == "acknowledged"


def test_only_the_handler_decides_and_gives_reasons(actor_for: MakeActor, county: Branch) -> None:
    office = desk(actor_for, county)
    objection = office.assigned(office.published())
    for actor in (office.deputy, office.approver, office.drafter):
        with pytest.raises(NotAllowed):
            services.objection_decide(
                objection_id=objection.id, actor=actor, outcome="dismissed", reasons="不属实", at=AT
            )
    for outcome, reasons in (("dismissed", " "), ("maybe", "不属实")):
        with pytest.raises(BadInput):
            services.objection_decide(
                objection_id=objection.id, actor=office.supervisor, outcome=outcome, reasons=reasons, at=AT
            )
    assert Objection.objects.get().state == "assigned"
    assert decide(office, objection, "dismissed").state == "decided"


def test_dismissed_the_way_is_free_again(actor_for: MakeActor, county: Branch) -> None:
    office = desk(actor_for, county)
    notice = office.published()
    decide(office, office.assigned(notice), "dismissed")
    case = NoticeEntry.objects.get().subject_id
    assert queries.notice_state(notice_id=notice.id, at=AFTER).stage == "clean"
    assert (
        services.notice_lock_clear(notice_id=notice.id, subject_id=case, actor=office.approver, at=AFTER).state
        == "cleared"
    )


@pytest.mark.parametrize(("outcome", "state"), [("re_verify", "remanded"), ("re_ballot", "remanded"), ("void", "void")])
def test_upheld_the_entry_goes_back_and_its_line_is_struck(
    actor_for: MakeActor, county: Branch, outcome: str, state: str
) -> None:  # fmt: skip
    office = desk(actor_for, county)
    one, two = entry("王五"), entry("赵六")
    notice = office.published(one, two)
    objection = office.assigned(notice, subject_id=one.subject.id)
    assert queries.objection_subjects(objection_id=objection.id) == [one.subject]
    decide(office, objection, outcome)
    assert NoticeEntry.objects.get(subject_id=one.subject.id).state == state
    assert NoticeEntry.objects.get(subject_id=two.subject.id).state == "listed"
    rows = PublicNotice.objects.get().document["rows"]  # type: ignore[index]  # on display
    assert "王" not in str(rows)
    assert rows[1]["name"] == "赵*"
    with pytest.raises(UnableTo):
        services.notice_lock_clear(notice_id=notice.id, subject_id=one.subject.id, actor=office.approver, at=AFTER)
    assert services.entry_retract(notice_id=notice.id, subject_id=one.subject.id, actor=office.approver, reason="退回核查",
                                  at=AT).state == state  # fmt: skip


def test_an_objection_outlives_the_correction_of_its_notice(actor_for: MakeActor, county: Branch) -> None:
    office, case = desk(actor_for, county), subject()
    old = office.published(entry(what=case))
    objection = office.assigned(old, subject_id=case.id)
    new = services.notice_correct(notice_id=old.id, actor=office.drafter, entries=[entry(what=case, amount_fen=1)],
                                  correction="金额有误", at=AT)  # fmt: skip
    new = office.approve(services.notice_submit(notice_id=new.id, actor=office.drafter, at=AT))
    services.notice_publish(notice_id=new.id, actor=office.approver, at=AT)
    assert [o.id for o in queries.open_objections(notice_id=new.id)] == [objection.id]
    with pytest.raises(UnableTo):
        services.notice_lock_clear(notice_id=new.id, subject_id=case.id, actor=office.approver, at=AFTER)
    decide(office, objection, "void")
    assert {e.state for e in NoticeEntry.objects.all()} == {"void"}


# --- appeal --------------------------------------------------------------------------------------------


def test_one_appeal_to_the_branch_above_which_blocks_again(actor_for: MakeActor, county: Branch, city: Branch) -> None:
    office = desk(actor_for, county)
    notice = office.published()
    objection = office.assigned(notice)
    receipt = objection.receipt_no
    with pytest.raises(UnableTo):
        services.objection_appeal(receipt_no=receipt, text="还没有答复", actor=Actor.public(), at=AT)
    decide(office, objection, "dismissed")
    assert queries.objection_status(receipt_no=receipt).can_appeal
    services.objection_appeal(receipt_no=receipt.lower(), text="没有到户里看过", actor=Actor.public(), at=AT)
    case = NoticeEntry.objects.get().subject_id
    with pytest.raises(UnableTo):
        services.notice_lock_clear(notice_id=notice.id, subject_id=case, actor=office.approver, at=AFTER)
    for actor in (office.supervisor, office.deputy, actor_for("officer", city)):
        with pytest.raises(NotAllowed):
            services.appeal_decide(objection_id=objection.id, actor=actor, outcome="dismissed", reasons="维持", at=AT)
    assert Objection.objects.get().state == "appealed"
    judge = actor_for("supervisor", city)
    services.appeal_decide(objection_id=objection.id, actor=judge, outcome="dismissed", reasons="已复核,维持", at=AT)
    services.notice_lock_clear(notice_id=notice.id, subject_id=case, actor=office.approver, at=AFTER)
    with pytest.raises(UnableTo):
        services.objection_appeal(receipt_no=receipt, text="还是不服,再次申诉", actor=Actor.public(), at=AFTER)
    assert Objection.objects.get().state == "closed"


def test_an_appeal_after_the_approval_can_still_undo_it(actor_for: MakeActor, county: Branch, city: Branch) -> None:
    office = desk(actor_for, county)
    notice = office.published()
    objection = decide(office, office.assigned(notice), "dismissed")
    services.notice_lock_clear(
        notice_id=notice.id, subject_id=NoticeEntry.objects.get().subject_id, actor=office.approver, at=AFTER
    )
    services.objection_appeal(receipt_no=objection.receipt_no, text="我有新的证据", actor=Actor.public(), at=AFTER)
    services.appeal_decide(objection_id=objection.id, actor=actor_for("supervisor", city), outcome="void",
                           reasons="证据属实", at=AFTER)  # fmt: skip
    assert NoticeEntry.objects.get().state == "void"


@pytest.mark.django_db
@pytest.mark.parametrize("wrong", ["", "2345CDFGHJ", "' OR 1=1 --", "x" * 5000])
def test_a_wrong_receipt_is_nothing_at_all(wrong: str) -> None:
    with pytest.raises(NotFound):
        queries.objection_status(receipt_no=wrong)


def test_lists_show_open_late_and_mine(actor_for: MakeActor, county: Branch) -> None:
    office = desk(actor_for, county)
    notice = office.published()
    mine, other = office.assigned(notice), file(notice.id)

    def ids(which: str, at: datetime = AT) -> set[Any]:
        return {o.id for o in queries.objections_page(actor=office.supervisor, at=at, which=which)[0]}

    assert ids("open") == ids("all") == {mine.id, other.id}
    assert ids("mine") == {mine.id}
    assert ids("late") == set()
    assert ids("late", AT + timedelta(days=3)) == {other.id}
    assert ids("late", AT + timedelta(days=20)) == {mine.id, other.id}
    decide(office, mine, "dismissed")
    figures = queries.objection_figures(lo="621121000000", hi="621121999999", since=AT.date())
    assert (figures["filed"], figures["open"], figures["dismissed"], figures["upheld"]) == (2, 1, 1, 0)
