"""评议、公示、异议、批复: what each decides, and what it never does."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from boai.governance import services as governance
from boai.governance.enums import ObjectionChannel, ObjectionOutcome
from boai.governance.models import NoticeEntry, Objection, PublicNotice, Recusal
from boai.journeys import services as journeys
from boai.journeys.services import bulk
from boai.journeys.tests.county import FullCounty, known
from boai.kernel.clock import local_date
from boai.kernel.errors import BadInput, NotAllowed, UnableTo
from boai.ledger import queries as ledger
from boai.people.actor import Actor
from boai.registry.purposes import VERSIONS, Purpose
from boai.registry.services import consent_withdraw
from boai.registry.services.consents import Said
from boai.relief.enums import State
from boai.relief.errors import AlreadyDone
from boai.relief.models import Case, Payment, Programme, Step
from boai.relief.services import acceptance, decision
from boai.relief.tests.factories import YUAN, fake_number, make_household

pytestmark = pytest.mark.django_db


def approve(tongwei: FullCounty, case: Case, **changes: object) -> Case:
    values: dict[str, Any] = {"amount_fen": case.advised_fen, "actor": tongwei.secretary, "at": tongwei.at}
    return decision.case_approve(case_id=case.id, **(values | changes))


def object_to(tongwei: FullCounty, case: Case) -> Objection:
    objection, _receipt = governance.objection_file(
        notice_id=known(case.notice_id), channel=ObjectionChannel.WEB, text="此户有小汽车一辆", actor=Actor.public(),
        at=tongwei.at, subject_id=case.id,
    )  # fmt: skip
    return objection


def decide(tongwei: FullCounty, objection: Objection, outcome: str) -> None:
    handler = tongwei.deputy5
    governance.objection_acknowledge(objection_id=objection.id, actor=handler, at=tongwei.at)
    governance.objection_assign(
        objection_id=objection.id, handler_id=known(handler.user_id), actor=handler, at=tongwei.at
    )
    journeys.objection_decide(
        objection_id=objection.id, outcome=outcome, reasons="已入户复核", actor=handler, at=tongwei.at
    )


# --- review --------------------------------------------------------------------------------------------------------


def test_who_visited_leaves_the_item(tongwei: FullCounty) -> None:
    case = tongwei.verified()
    meeting = tongwei.meeting()
    member = meeting.members.first()
    assert member is not None
    Case.objects.filter(id=case.id).update(verified_with=member.user_id)
    journeys.agenda_add(case_ids=[case.id], meeting_id=meeting.id, actor=tongwei.officer, at=tongwei.at)
    assert Recusal.objects.get(review__subject_id=case.id).member_id == member.id


def test_not_passed_can_only_be_refused(tongwei: FullCounty) -> None:
    case = tongwei.reviewed(tongwei.verified(), yes=3)
    assert (case.state, case.panel_passed) == (State.APPROVING, False)
    with pytest.raises(UnableTo):
        approve(tongwei, case)
    case.refresh_from_db()
    assert (case.state, case.approved_fen, Payment.objects.count()) == (State.APPROVING, None, 0)
    with pytest.raises(BadInput):
        decision.case_refuse(case_id=case.id, note="", actor=tongwei.secretary, at=tongwei.at)
    case = decision.case_refuse(
        case_id=case.id, note="评议未通过:家庭收入高于标准", actor=tongwei.secretary, at=tongwei.at
    )
    assert case.state == State.REFUSED


def test_an_adjourned_case_waits_for_the_next_sitting(tongwei: FullCounty) -> None:
    case = tongwei.verified()
    meeting = tongwei.meeting()
    journeys.agenda_add(case_ids=[case.id], meeting_id=meeting.id, actor=tongwei.officer, at=tongwei.at)
    case.refresh_from_db()
    journeys.review_declare(
        review_id=known(case.review_id), reason="材料存疑,下次再议", actor=tongwei.supervisor, at=tongwei.at
    )
    case.refresh_from_db()
    assert (case.state, case.panel_passed) == (State.REVIEWING, None)
    assert tongwei.reviewed(case).state == State.NOTICING


def test_the_agenda_says_why_not(tongwei: FullCounty) -> None:
    ready, early = (
        tongwei.verified(),
        tongwei.submit(household=make_household(at=tongwei.at, number=fake_number()), cause="other"),
    )
    meeting = tongwei.meeting()
    plan = journeys.agenda_plan(case_ids=[ready.id, early.id], meeting_id=meeting.id, actor=tongwei.officer)
    assert [c.id for c in plan.will] == [ready.id]
    assert [c.id for c, _why in plan.wont] == [early.id]
    journeys.agenda_add(case_ids=[ready.id], meeting_id=meeting.id, actor=tongwei.officer, at=tongwei.at)
    with pytest.raises(UnableTo):
        journeys.agenda_add(case_ids=[ready.id], meeting_id=meeting.id, actor=tongwei.officer, at=tongwei.at)


# --- notice --------------------------------------------------------------------------------------------------------


def test_an_illness_is_never_published(tongwei: FullCounty) -> None:
    case = tongwei.noticed(tongwei.reviewed(tongwei.verified(kind="illness", cause="illness", diagnosis="白血病")))
    shown = str(PublicNotice.objects.get(notice_id=known(case.notice_id)).document)
    for secret in ("白血病", "大病", "illness", "魏建国", "13800138001"):
        assert secret not in shown
    assert case.code in shown


def test_without_consent_only_the_code_is_published(tongwei: FullCounty) -> None:
    case = tongwei.noticed(tongwei.reviewed(tongwei.verified(consent_publish=False)))
    entry = NoticeEntry.objects.get(subject_id=case.id)
    assert entry.shielded
    assert set(entry.fields) == {"place", "amount_fen"}


def withdraw_publishing(tongwei: FullCounty, case: Case) -> None:
    said = Said(VERSIONS[Purpose.PUBLISH], "person", "screen", local_date(tongwei.at))
    consent_withdraw(
        resident_id=known(case.resident_id), purpose=Purpose.PUBLISH, said=said, actor=tongwei.officer,
        at=tongwei.at + timedelta(minutes=1),
    )  # fmt: skip


def test_a_no_in_the_register_ends_the_yes_of_the_application(tongwei: FullCounty) -> None:
    case = tongwei.reviewed(tongwei.verified())
    withdraw_publishing(tongwei, case)
    entry = NoticeEntry.objects.get(subject_id=tongwei.noticed(case).id)
    assert entry.shielded
    assert set(entry.fields) == {"place", "amount_fen"}


def test_a_no_between_draft_and_publication_stops_the_notice(tongwei: FullCounty) -> None:
    case = tongwei.reviewed(tongwei.verified())
    notice = journeys.notice_draft(case_ids=[case.id], actor=tongwei.officer, at=tongwei.at)
    governance.notice_submit(notice_id=notice.id, actor=tongwei.officer, at=tongwei.at)
    notice.refresh_from_db()
    governance.notice_approve(
        notice_id=notice.id, actor=tongwei.supervisor, rendered_hash=notice.rendered_hash, at=tongwei.at
    )
    withdraw_publishing(tongwei, case)
    case.refresh_from_db()
    before = case.state
    with pytest.raises(UnableTo):
        journeys.notice_publish(notice_id=notice.id, actor=tongwei.supervisor, at=tongwei.at)
    assert not PublicNotice.objects.filter(notice_id=notice.id).exists()
    case.refresh_from_db()
    assert case.state == before


def test_approval_waits_for_the_last_day(tongwei: FullCounty) -> None:
    case = tongwei.noticed(tongwei.reviewed(tongwei.verified()))
    assert (case.state, case.due_on) == (State.PUBLISHING, tongwei.after_notice(case).date() - timedelta(days=1))
    assert journeys.notices_follow(at=tongwei.at) == 0
    with pytest.raises(UnableTo):
        approve(tongwei, case)
    tongwei.at = tongwei.after_notice(case)
    assert journeys.notices_follow(at=tongwei.at) == 1
    assert journeys.notices_follow(at=tongwei.at) == 0, "following twice moves nothing"


def test_without_the_boards_photo_nothing_is_clear(tongwei: FullCounty) -> None:
    case = tongwei.noticed(tongwei.reviewed(tongwei.verified()), photo=False)
    assert journeys.notices_follow(at=tongwei.after_notice(case)) == 0
    case.refresh_from_db()
    assert case.state == State.PUBLISHING


def test_a_notice_taken_down_needs_a_new_one(tongwei: FullCounty) -> None:
    case = tongwei.noticed(tongwei.reviewed(tongwei.verified()))
    journeys.notice_retract(notice_id=known(case.notice_id), reason="金额有误", actor=tongwei.supervisor, at=tongwei.at)
    case.refresh_from_db()
    assert (case.state, case.notice_id) == (State.NOTICING, None)
    assert tongwei.noticed(case).state == State.PUBLISHING


def test_governance_alone_takes_it_down_and_the_case_follows(tongwei: FullCounty) -> None:
    case = tongwei.noticed(tongwei.reviewed(tongwei.verified()))
    governance.notice_retract(
        notice_id=known(case.notice_id), reason="金额有误", actor=tongwei.supervisor, at=tongwei.at
    )
    assert journeys.notices_follow(at=tongwei.at) == 1
    case.refresh_from_db()
    assert case.state == State.NOTICING


def test_withdrawn_while_on_notice(tongwei: FullCounty) -> None:
    case = tongwei.noticed(tongwei.reviewed(tongwei.verified()))
    acceptance.case_withdraw(case_id=case.id, note="本人放弃", actor=tongwei.officer, at=tongwei.at)
    shown = str(PublicNotice.objects.get(notice_id=known(case.notice_id)).document)
    assert case.code in shown
    assert "魏" not in shown
    assert NoticeEntry.objects.get(subject_id=case.id).state == "retracted"


# --- objection -----------------------------------------------------------------------------------------------------


def test_an_open_objection_blocks_the_approval(tongwei: FullCounty) -> None:
    case = tongwei.noticed(tongwei.reviewed(tongwei.verified()))
    object_to(tongwei, case)
    tongwei.at = tongwei.after_notice(case)
    assert journeys.notices_follow(at=tongwei.at) == 0
    Case.objects.filter(id=case.id).update(state=State.APPROVING)  # even if somebody pushed it on
    with pytest.raises(UnableTo):
        approve(tongwei, case)
    case.refresh_from_db()
    assert (case.approved_fen, case.notice_clear, Payment.objects.count()) == (None, False, 0)


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (ObjectionOutcome.DISMISSED, State.PUBLISHING),
        (ObjectionOutcome.RE_VERIFY, State.VERIFYING),
        (ObjectionOutcome.RE_BALLOT, State.REVIEWING),
        (ObjectionOutcome.VOID, State.APPROVING),
    ],
)
def test_what_an_objection_leads_to(tongwei: FullCounty, outcome: str, state: str) -> None:
    case = tongwei.noticed(tongwei.reviewed(tongwei.verified()))
    decide(tongwei, object_to(tongwei, case), outcome)
    case.refresh_from_db()
    assert case.state == state
    if outcome == ObjectionOutcome.DISMISSED:
        tongwei.at = tongwei.after_notice(case)
        assert journeys.notices_follow(at=tongwei.at) == 1
    if outcome == ObjectionOutcome.VOID:
        with pytest.raises(UnableTo):
            approve(tongwei, case)


def test_upheld_and_reviewed_again(tongwei: FullCounty) -> None:
    case = tongwei.noticed(tongwei.reviewed(tongwei.verified()))
    decide(tongwei, object_to(tongwei, case), ObjectionOutcome.RE_BALLOT)
    case.refresh_from_db()
    case = tongwei.noticed(tongwei.reviewed(case))
    tongwei.at = tongwei.after_notice(case)
    journeys.notices_follow(at=tongwei.at)
    case.refresh_from_db()
    assert approve(tongwei, case).state == State.PAYING


# --- approval ------------------------------------------------------------------------------------------------------


def test_the_ladder(tongwei: FullCounty) -> None:
    """Up to 2,000 the deputy, up to 30,000 the secretary, above it the council's resolution."""
    case = tongwei.cleared(kind="illness", cause="illness")
    assert case.level == "executive"
    assert case.waits_for == "case.approve.high"
    with pytest.raises(NotAllowed):
        approve(tongwei, case, actor=tongwei.deputy)
    case.refresh_from_db()
    assert case.state == State.APPROVING
    assert approve(tongwei, case).level == "executive"


def test_hands_that_touched_it_do_not_approve(tongwei: FullCounty) -> None:
    case = tongwei.cleared()
    for hand in ("created_by", "accepted_by", "verified_by", "verified_with"):
        before = getattr(case, f"{hand}_id")
        Case.objects.filter(id=case.id).update(**{hand: tongwei.secretary.user_id})
        with pytest.raises(NotAllowed):
            approve(tongwei, case)
        Case.objects.filter(id=case.id).update(**{hand: before})
    assert Payment.objects.count() == 0


def test_the_branch_above_does_not_decide(tongwei: FullCounty) -> None:
    from boai.people.models import Branch

    city = Branch.objects.create(region_code="621100000000", name="定西市红十字会", kind="society")
    case = tongwei.cleared()
    with pytest.raises(NotAllowed):
        approve(tongwei, case, actor=tongwei.make("secretary", city))


def test_another_amount_needs_a_reason_and_stays_in_the_band(tongwei: FullCounty) -> None:
    case = tongwei.cleared()
    other = (case.advised_fen or 0) - 100 * YUAN
    with pytest.raises(BadInput):
        approve(tongwei, case, amount_fen=other)
    with pytest.raises(BadInput):
        approve(tongwei, case, amount_fen=2_001 * YUAN, override_reason="特殊困难")
    assert approve(tongwei, case, amount_fen=other, override_reason="已获其他救助").approved_fen == other


def test_a_spent_budget_refuses(tongwei: FullCounty) -> None:
    programme = tongwei.programme(budget_fen=100 * YUAN)
    case = tongwei.cleared()
    with pytest.raises(UnableTo, match="100"):
        approve(tongwei, case)
    case.refresh_from_db()
    assert (case.state, case.approved_fen, case.notice_clear, Payment.objects.count()) == (
        State.APPROVING,
        None,
        False,
        0,
    )
    assert ledger.balance(known(programme.budget_id)).reserved == 0
    assert not Step.objects.filter(case=case, action="approve").exists()


def test_approval_reserves_and_recall_releases(tongwei: FullCounty) -> None:
    case = tongwei.approved()
    budget = known(Programme.objects.get().budget_id)
    assert ledger.balance(budget).reserved == case.approved_fen
    with pytest.raises(AlreadyDone):
        approve(tongwei, case, version=case.version - 1)
    case = decision.case_recall(case_id=case.id, note="发现重复救助", actor=tongwei.secretary, at=tongwei.at)
    assert (case.state, case.approved_fen) == (State.APPROVING, None)
    assert ledger.balance(budget).reserved == 0
    assert approve(tongwei, case, override_reason="复核无误").state == State.PAYING, "it can be approved again"
    assert ledger.fold_check() == []


def test_sent_back_leaves_the_notice(tongwei: FullCounty) -> None:
    case = tongwei.cleared()
    case = decision.case_send_back(
        case_id=case.id, action="recheck", note="住房情况不清", actor=tongwei.secretary, at=tongwei.at
    )
    assert (case.state, case.notice_id, case.panel_passed, case.verified_by_id) == (State.VERIFYING, None, None, None)


def test_bulk_approval_says_what_it_would_do(tongwei: FullCounty) -> None:
    ready = tongwei.cleared()
    other = tongwei.submit(household=make_household(at=tongwei.at, number=fake_number()), cause="other")
    plan = bulk.approve_plan(case_ids=[ready.id, other.id], actor=tongwei.secretary, at=tongwei.at)
    assert [c.id for c in plan.will] == [ready.id]
    assert [c.id for c, _why in plan.wont] == [other.id]
    assert Payment.objects.count() == 0, "a dry run does nothing"
    report = bulk.cases_approve(case_ids=[ready.id, other.id], note="", actor=tongwei.secretary, at=tongwei.at)
    assert [c.id for c in report.done] == [ready.id]
    assert [c.id for c, _why in report.failed] == [other.id]
