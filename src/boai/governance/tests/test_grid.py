"""Every state × every action: what the table allows happens, everything else is refused and nothing changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import transaction

from boai.audit.models import AuditEntry
from boai.governance import services
from boai.governance.enums import (
    ENTRY_TRANSITIONS,
    MEETING_TRANSITIONS,
    NOTICE_TRANSITIONS,
    OBJECTION_TRANSITIONS,
    REVIEW_TRANSITIONS,
    EntryState,
    Ground,
    MeetingState,
    NoticeState,
    ObjectionState,
    ReviewState,
)
from boai.governance.models import Meeting, Notice, NoticeEntry, Objection, Review
from boai.governance.rules.subjects import MustRecuse
from boai.governance.tests.factories import AT, Desk, MakeActor, Panel, desk, entry, member_of, panel, photo, uid
from boai.kernel.errors import UnableTo
from boai.kernel.transition import TransitionTable
from boai.people.actor import Actor
from boai.people.models import Branch

AFTER = datetime(2026, 12, 1, 16, 0, 1, tzinfo=UTC)
GOOD: dict[str, Any] = {"issued": 4, "returned": 4, "spoiled": 0, "not_returned": 0, "yes": 4, "no": 0, "abstain": 0, "blank": 0,
        "invalid": 0}  # fmt: skip
Step = Callable[[], Any]


def tried(table: TransitionTable, state: str, action: str, step: Step, row: Any) -> None:
    """Take one step from one state and hold it against the table; then take it back."""
    wanted = table.get((str(state), action))
    marks, refusal = AuditEntry.objects.count(), ""
    try:
        with transaction.atomic():
            step()
            row.refresh_from_db()
            assert wanted is not None, f"{action} went through in {state}"
            assert row.state == wanted, f"{action} in {state} led to {row.state}"
            assert AuditEntry.objects.count() > marks or action == "cast", f"{action} left no mark"
            raise _Back
    except _Back:
        row.refresh_from_db()
    except UnableTo as error:
        refusal = str(error)
    assert wanted is None or not refusal, f"{action} was refused in {state}: {refusal}"
    row.refresh_from_db()
    assert row.state == state
    assert AuditEntry.objects.count() == marks


class _Back(Exception):
    """Roll the savepoint back."""


# --- reviews -------------------------------------------------------------------------------------------


@dataclass
class Case:
    """A review and the people around it."""

    cast: Panel
    review: Review
    supervisor: Actor


def review_in(state: str, actor_for: MakeActor, county: Branch) -> Case:
    """A review brought to a state by the services, as in life."""
    paper = 4 if state in ("ballot_closed", "disputed") else 0
    cast = panel(actor_for, county, size=8, paper=paper)
    meeting = cast.opened()
    hits = (
        [MustRecuse(a.user_id, Ground.RELATIVE) for a in cast.members[1:5] if a.user_id] if state == "escalated" else []
    )
    review = cast.review(meeting, hits)
    case = Case(cast, review, actor_for("supervisor"))
    chair = cast.chair
    if state == "ballot_open":
        services.ballot_open(review_id=review.id, actor=chair, at=AT)
    elif state in ("ballot_closed", "disputed", "counted", "passed", "not_passed", "void"):
        cast.vote(review, {"passed": "yyyyyyyy", "void": "yyyyy---"}.get(state, "yyyy----" if paper else "ynnnnnnn"))
    if state == "disputed":
        services.tally_key(review_id=review.id, actor=cast.teller, at=AT, discrepancy="少一张", **(GOOD | {"yes": 3}))
    if state == "void":
        services.recusal_late(review_id=review.id, member_id=member_of(meeting, cast.members[1]).id, actor=cast.officer,
                              ground="relative", note="妹夫", at=AT)  # fmt: skip
    if state in ("passed", "not_passed", "adjourned", "escalated", "void"):
        services.review_declare(review_id=review.id, actor=chair, reason="缺件" if state == "adjourned" else "", at=AT)
    review.refresh_from_db()
    assert review.state == state
    return case


def review_steps(case: Case) -> dict[str, Step]:
    """Every action of the table as somebody would take it now."""
    cast, id_ = case.cast, case.review.id

    def declare(reason: str) -> Review:
        return services.review_declare(review_id=id_, actor=cast.chair, reason=reason, at=AT)

    paper = cast.paper > 0

    def settle(recount: bool) -> Review:
        return services.tally_dispute_settle(
            review_id=id_, actor=case.supervisor, recount=recount, reason="查明", at=AT
        )  # fmt: skip

    def agree() -> None:
        for actor in (cast.teller, cast.scrutineer):
            services.tally_key(review_id=id_, actor=actor, at=AT, **GOOD)

    def adjourn() -> None:
        if declare("缺件").state != "adjourned":
            raise UnableTo("the outcome of the count was declared instead")

    last = member_of(case.review.meeting, cast.members[-1])
    steps: dict[str, Step] = {
        "recuse": lambda: services.recusal_declare(review_id=id_, actor=cast.members[-1], note="回避", at=AT),
        "open_ballot": lambda: services.ballot_open(review_id=id_, actor=cast.chair, at=AT),
        "adjourn": adjourn,
        "cast": lambda: services.ballot_cast(review_id=id_, actor=cast.members[0], choice="yes"),
        "key": lambda: services.tally_key(review_id=id_, actor=cast.teller, at=AT, **GOOD),
        "agree": agree,
        "dispute": lambda: services.tally_key(review_id=id_, actor=cast.teller, at=AT, discrepancy="少一张", **GOOD),
        "recount": lambda: settle(True),
        "settle_void": lambda: settle(False),
        "repeat": lambda: services.ballot_repeat(review_id=id_, actor=cast.chair, moved_by="甲", reason="补件", at=AT),
        "conflict": lambda: services.recusal_late(review_id=id_, member_id=last.id, actor=cast.officer, ground="relative",
                                                  note="远房", at=AT),
    }  # fmt: skip
    steps["close_paper" if paper else "close_online"] = lambda: services.ballot_close(
        review_id=id_, actor=cast.chair, seal_number="封-02", at=AT
    )
    return steps


@pytest.mark.parametrize("state", ReviewState.values)
def test_reviews(actor_for: MakeActor, county: Branch, state: str) -> None:
    case = review_in(state, actor_for, county)
    for action, step in review_steps(case).items():
        tried(REVIEW_TRANSITIONS, state, action, step, case.review)


@pytest.mark.parametrize("state", [s for s in ReviewState.values if s not in ("presented", "ballot_open", "counted")])
def test_declaring_has_no_effect_where_nothing_is_to_declare(actor_for: MakeActor, county: Branch, state: str) -> None:
    case = review_in(state, actor_for, county)
    for reason in ("", "理由"):
        with pytest.raises(UnableTo):
            services.review_declare(review_id=case.review.id, actor=case.cast.chair, reason=reason, at=AT)
    case.review.refresh_from_db()
    assert case.review.state == state


# --- meetings ------------------------------------------------------------------------------------------


def meeting_in(state: str, actor_for: MakeActor, county: Branch) -> tuple[Panel, Meeting]:
    """A meeting brought to a state by the services."""
    cast = panel(actor_for, county)
    if state in ("convened", "adjourned", "cancelled"):
        meeting = cast.convene()
        cast.sign_in(meeting)
    else:
        meeting = cast.opened()
    words: dict[str, Any] = {"meeting_id": meeting.id, "at": AT}
    if state == "adjourned":
        services.meeting_adjourn(actor=cast.officer, reason="人数不足", **words)
    elif state == "cancelled":
        services.meeting_cancel(actor=cast.officer, reason="改期", **words)
    elif state in ("closed", "signed"):
        services.meeting_close(actor=cast.chair, **words)
    if state == "signed":
        services.meeting_sign(actor=cast.officer, upload=photo(), pages=1, signers=["甲"], **words)
    meeting.refresh_from_db()
    assert meeting.state == state
    return cast, meeting


@pytest.mark.parametrize("state", MeetingState.values)
def test_meetings(actor_for: MakeActor, county: Branch, state: str) -> None:
    cast, meeting = meeting_in(state, actor_for, county)
    member = member_of(meeting, cast.members[-1])
    chair, recorder = cast.chair.user_id, cast.officer.user_id
    assert chair
    assert recorder
    steps: dict[str, Step] = {
        "agenda": lambda: cast.review(meeting),
        "officers": lambda: services.meeting_officers_set(
            meeting_id=meeting.id, actor=cast.officer, chair_id=chair, recorder_id=recorder, teller_id=None,
            scrutineer_id=None, witnesses=[], at=AT,
        ),
        "attendance": lambda: services.member_sign_out(
            meeting_id=meeting.id, member_id=member.id, actor=cast.members[-1], at=AT
        ),
        "open": lambda: services.meeting_open(meeting_id=meeting.id, actor=cast.chair, at=AT),
        "adjourn": lambda: services.meeting_adjourn(meeting_id=meeting.id, actor=cast.officer, reason="无法召开", at=AT),
        "cancel": lambda: services.meeting_cancel(meeting_id=meeting.id, actor=cast.officer, reason="改期", at=AT),
        "close": lambda: services.meeting_close(meeting_id=meeting.id, actor=cast.chair, at=AT),
        "sign": lambda: services.meeting_sign(
            meeting_id=meeting.id, actor=cast.officer, upload=photo(), pages=1, signers=["甲"], at=AT
        ),
    }  # fmt: skip
    assert {action for _state, action in MEETING_TRANSITIONS} == set(steps)
    for action, step in steps.items():
        tried(MEETING_TRANSITIONS, state, action, step, meeting)


# --- notices -------------------------------------------------------------------------------------------


def notice_in(state: str, office: Desk) -> Notice:
    """A notice brought to a state by the services."""
    line = entry()
    if state in ("draft", "discarded"):
        notice = office.draft(line)
    elif state == "submitted":
        notice = office.submitted(line)
    elif state == "approved":
        notice = office.approve(office.submitted(line))
    else:
        notice = office.published(line)
    if state == "discarded":
        services.notice_discard(notice_id=notice.id, actor=office.drafter, at=AT)
    elif state == "withdrawn":
        services.notice_withdraw_due(at=datetime(2027, 3, 1, tzinfo=UTC))
    elif state == "retracted":
        services.notice_retract(notice_id=notice.id, actor=office.approver, reason="误发", at=AT)
    elif state == "superseded":
        new = services.notice_correct(notice_id=notice.id, actor=office.drafter, entries=[line], correction="误", at=AT)
        new = office.approve(services.notice_submit(notice_id=new.id, actor=office.drafter, at=AT))
        services.notice_publish(notice_id=new.id, actor=office.approver, at=AT)
    notice.refresh_from_db()
    assert notice.state == state
    return notice


@pytest.mark.parametrize("state", NoticeState.values)
def test_notices(actor_for: MakeActor, county: Branch, state: str) -> None:
    office = desk(actor_for, county)
    notice = notice_in(state, office)
    id_, lines = notice.id, [entry(what=e.subject) for e in notice.entries.all()]

    def supersede() -> None:
        new = services.notice_correct(notice_id=id_, actor=office.drafter, entries=lines, correction="误", at=AT)
        new = office.approve(services.notice_submit(notice_id=new.id, actor=office.drafter, at=AT))
        services.notice_publish(notice_id=new.id, actor=office.approver, at=AT)

    def withdraw() -> None:
        if not services.notice_withdraw_due(at=datetime(2027, 3, 1, tzinfo=UTC)):
            raise UnableTo("nothing was due")

    steps: dict[str, Step] = {
        "edit": lambda: services.notice_edit(notice_id=id_, actor=office.drafter, entries=[entry()], at=AT),
        "submit": lambda: services.notice_submit(notice_id=id_, actor=office.drafter, at=AT),
        "discard": lambda: services.notice_discard(notice_id=id_, actor=office.drafter, at=AT),
        "return": lambda: services.notice_return(notice_id=id_, actor=office.approver, reason="改", at=AT),
        "approve": lambda: services.notice_approve(
            notice_id=id_, actor=office.approver, rendered_hash=notice.rendered_hash, at=AT
        ),
        "publish": lambda: services.notice_publish(notice_id=id_, actor=office.approver, at=AT),
        "photo": lambda: services.board_photo_add(notice_id=id_, actor=office.drafter, kind="posted", place="村委会",
                                                  on=AT.date(), upload=photo(), at=AT),
        "extend": lambda: services.notice_extend(notice_id=id_, actor=office.approver, extra=1, reason="停机", at=AT),
        "correct": lambda: services.notice_correct(
            notice_id=id_, actor=office.drafter, entries=lines, correction="误", at=AT
        ),
        "supersede": supersede,
        "withdraw": withdraw,
        "retract": lambda: services.notice_retract(notice_id=id_, actor=office.approver, reason="误发", at=AT),
    }  # fmt: skip
    assert {action for _state, action in NOTICE_TRANSITIONS} == set(steps)
    for action, step in steps.items():
        if (state, action) in [("superseded", "withdraw"), ("superseded", "retract")]:
            continue  # its correction is on display and may well end; the old notice does not move: see below
        tried(NOTICE_TRANSITIONS, state, action, step, notice)


@pytest.mark.parametrize("state", ["listed", "cleared", "remanded", "void", "retracted"])
def test_entries(actor_for: MakeActor, county: Branch, state: str) -> None:
    office = desk(actor_for, county)
    notice = office.published()
    row = NoticeEntry.objects.get()
    if state == "cleared":
        services.notice_lock_clear(notice_id=notice.id, subject_id=row.subject_id, actor=office.approver, at=AFTER)
    elif state == "retracted":
        services.entry_retract(
            notice_id=notice.id, subject_id=row.subject_id, actor=office.approver, reason="撤", at=AT
        )
    elif state in ("remanded", "void"):
        services.objection_decide(
            objection_id=office.assigned(notice).id, actor=office.supervisor, reasons="属实", at=AT,
            outcome="void" if state == "void" else "re_verify",
        )  # fmt: skip
    row.refresh_from_db()
    assert row.state == state
    assert state in EntryState.values
    steps: dict[str, Step] = {
        "clear": lambda: services.notice_lock_clear(
            notice_id=notice.id, subject_id=row.subject_id, actor=office.approver, at=AFTER
        ),
        "retract": lambda: services.entry_retract(
            notice_id=notice.id, subject_id=row.subject_id, actor=office.approver, reason="撤", at=AT
        ),
    }
    for action, step in steps.items():
        if ENTRY_TRANSITIONS.get((state, action)) == state:
            step()  # harmless, no new mark
            row.refresh_from_db()
            assert row.state == state
        else:
            tried(ENTRY_TRANSITIONS, state, action, step, row)


# --- objections ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ObjectionState.values)
def test_objections(actor_for: MakeActor, county: Branch, state: str) -> None:
    office = desk(actor_for, county)
    city = Branch.objects.create(region_code="621100000000", name="定西市红十字会", kind="society")
    judge, notice = actor_for("supervisor", city), office.published()
    row, receipt = services.objection_file(
        notice_id=notice.id, channel="web", text="这户有两套房", actor=Actor.public(), at=AT
    )
    id_, handler = row.id, office.supervisor.user_id
    assert handler
    chosen = [handler]
    steps: dict[str, Step] = {
        "acknowledge": lambda: services.objection_acknowledge(objection_id=id_, actor=office.deputy, at=AT),
        "assign": lambda: services.objection_assign(
            objection_id=id_, handler_id=chosen[-1], actor=office.deputy, at=AT
        ),
        "decide": lambda: services.objection_decide(
            objection_id=id_, actor=office.supervisor, outcome="dismissed", reasons="不属实", at=AT
        ),
        "appeal": lambda: services.objection_appeal(receipt_no=receipt, text="没有来看过", actor=Actor.public(), at=AT),
        "decide_appeal": lambda: services.appeal_decide(
            objection_id=id_, actor=judge, outcome="dismissed", reasons="维持", at=AT
        ),
    }
    assert {action for _state, action in OBJECTION_TRANSITIONS} == set(steps)
    for action in steps:
        if row.state == state:
            break
        steps[action]()
        row.refresh_from_db()
    assert row.state == state
    if state in ("filed", "acknowledged"):
        Objection.objects.filter(id=id_).update(handler_id=handler)  # so that only the state refuses, not the policy
    if state == "assigned":  # to somebody else: the same person once more is a second click
        chosen.append(uid(actor_for("supervisor")))
    for action, step in steps.items():
        tried(OBJECTION_TRANSITIONS, state, action, step, row)
