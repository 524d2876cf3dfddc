"""A case that leaves a step leaves nothing of itself behind there: no line on a draft, no ballot on old facts, no
objection that nobody answers."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from boai.governance import services as governance
from boai.governance.enums import Choice, ObjectionChannel, ObjectionOutcome
from boai.governance.models import Notice, NoticeEntry, PublicNotice, Review
from boai.journeys import services as journeys
from boai.journeys.tests.county import FullCounty, known
from boai.kernel.errors import UnableTo
from boai.people.actor import Actor
from boai.relief.enums import Action, State
from boai.relief.models import Case, Payment
from boai.relief.services import acceptance, decision, verification
from boai.relief.tests.factories import YUAN, fake_number, make_household, rules_of, sheet

pytestmark = pytest.mark.django_db


def another(tongwei: FullCounty, name: str) -> Case:
    """A second case that the panel has passed."""
    number = fake_number()
    home = make_household(at=tongwei.at, number=number, name=name)
    return tongwei.reviewed(tongwei.verified(household=home, id_number=number, beneficiary_name=name))


def drafted(tongwei: FullCounty, *cases: Case, until: str) -> Notice:
    """A notice that has come as far as `until`."""
    notice = journeys.notice_draft(case_ids=[c.id for c in cases], actor=tongwei.officer, at=tongwei.at)
    if until in ("submitted", "approved"):
        governance.notice_submit(notice_id=notice.id, actor=tongwei.officer, at=tongwei.at)
        notice.refresh_from_db()
    if until == "approved":
        governance.notice_approve(
            notice_id=notice.id, actor=tongwei.supervisor, rendered_hash=notice.rendered_hash, at=tongwei.at
        )
    return notice


def leave(tongwei: FullCounty, case: Case, how: str) -> None:
    """The case leaves the step before its notice is up."""
    if how == "withdraw":
        acceptance.case_withdraw(case_id=case.id, note="家属放弃申请", actor=tongwei.officer, at=tongwei.at)
    else:
        decision.case_send_back(
            case_id=case.id, action=Action.REREVIEW, note="材料有新情况", actor=tongwei.deputy, at=tongwei.at
        )


@pytest.mark.parametrize("until", ["draft", "submitted", "approved"])
@pytest.mark.parametrize("how", ["withdraw", "rereview"])
def test_who_leaves_before_the_notice_is_up_is_never_published(tongwei: FullCounty, until: str, how: str) -> None:
    gone, stays = tongwei.reviewed(tongwei.verified()), another(tongwei, "孙大勇")
    notice = drafted(tongwei, gone, stays, until=until)
    leave(tongwei, gone, how)
    notice.refresh_from_db()
    if notice.state == "draft":
        governance.notice_submit(notice_id=notice.id, actor=tongwei.officer, at=tongwei.at)
        notice.refresh_from_db()
    governance.notice_approve(
        notice_id=notice.id, actor=tongwei.supervisor, rendered_hash=notice.rendered_hash, at=tongwei.at
    )
    journeys.notice_publish(notice_id=notice.id, actor=tongwei.supervisor, at=tongwei.at)
    notice.refresh_from_db()
    shown = json.dumps([notice.board, notice.public], ensure_ascii=False)
    assert "魏建国" not in shown
    assert gone.code not in shown, "it was never public, so nothing of it is struck in public either"
    assert stays.code in shown
    gone.refresh_from_db()
    assert (gone.state, gone.notice_id) == (State.WITHDRAWN if how == "withdraw" else State.REVIEWING, None)


def test_the_only_line_of_a_draft_leaves_and_the_draft_goes(tongwei: FullCounty) -> None:
    case = tongwei.reviewed(tongwei.verified())
    notice = drafted(tongwei, case, until="approved")
    leave(tongwei, case, "withdraw")
    notice.refresh_from_db()
    assert notice.state == "discarded"
    assert not PublicNotice.objects.exists()


def test_a_ballot_on_old_facts_decides_nothing(tongwei: FullCounty) -> None:
    """Sent back to verification with the ballot open; the panel's vote is on the household as it was found before."""
    case = tongwei.verified()
    meeting = tongwei.meeting()
    journeys.agenda_add(case_ids=[case.id], meeting_id=meeting.id, actor=tongwei.officer, at=tongwei.at)
    case.refresh_from_db()
    old = known(case.review_id)
    governance.ballot_open(review_id=old, actor=tongwei.supervisor, at=tongwei.at)
    decision.case_send_back(
        case_id=case.id, action=Action.RECHECK, note="收入存疑", actor=tongwei.deputy, at=tongwei.at
    )
    found = sheet(income_fen=3_000 * YUAN, second_id=tongwei.verifier2.user_id)
    advice = verification.advise(found, kind=case.programme.kind, rules=rules_of(case, tongwei.at))
    verification.case_verify(
        case_id=case.id, sheet=replace(found, proposed_fen=advice.amount_fen), actor=tongwei.verifier, at=tongwei.at
    )
    for member in tongwei.panel():
        governance.ballot_cast(review_id=old, actor=member, choice=Choice.YES)
    governance.ballot_close(review_id=old, actor=tongwei.supervisor, at=tongwei.at)
    journeys.review_declare(review_id=old, reason="", actor=tongwei.supervisor, at=tongwei.at)
    case.refresh_from_db()
    assert (case.state, case.panel_passed) == (State.REVIEWING, None)
    case = tongwei.reviewed(case)
    assert (case.state, case.panel_passed) == (State.NOTICING, True)
    assert Review.objects.get(id=known(case.review_id)).previous_id == old, "the new item leads to the old one"


def test_a_case_opened_again_does_not_follow_its_old_notice(tongwei: FullCounty) -> None:
    case = tongwei.noticed(tongwei.reviewed(tongwei.verified()))
    acceptance.case_withdraw(case_id=case.id, note="家属放弃申请", actor=tongwei.officer, at=tongwei.at)
    acceptance.case_reopen(case_id=case.id, note="家属改变主意", actor=tongwei.officer, at=tongwei.at)
    acceptance.case_accept(case_id=case.id, received=(), exception="情况属实", actor=tongwei.officer2, at=tongwei.at)
    advice = verification.advise(sheet(), kind=case.programme.kind, rules=rules_of(case, tongwei.at))
    verification.case_verify(
        case_id=case.id, sheet=sheet(second_id=tongwei.verifier2.user_id, proposed_fen=advice.amount_fen),
        actor=tongwei.verifier, at=tongwei.at,
    )  # fmt: skip
    case.refresh_from_db()
    case = tongwei.reviewed(case)
    assert journeys.notices_follow(at=tongwei.at) == 0
    case.refresh_from_db()
    assert (case.state, case.notice_id) == (State.NOTICING, None)


@pytest.mark.parametrize("about", ["the line", "the whole notice"])
@pytest.mark.parametrize("way", ["taken down", "sent back"])
def test_an_open_objection_follows_the_case_to_its_next_notice(tongwei: FullCounty, way: str, about: str) -> None:
    case = tongwei.noticed(tongwei.reviewed(tongwei.verified()))
    objection, _receipt = governance.objection_file(
        notice_id=known(case.notice_id), channel=ObjectionChannel.WEB, text="此户有小汽车一辆", actor=Actor.public(),
        at=tongwei.at, subject_id=case.id if about == "the line" else None,
    )  # fmt: skip
    if way == "taken down":
        journeys.notice_retract(
            notice_id=known(case.notice_id), reason="表述不当", actor=tongwei.supervisor, at=tongwei.at
        )  # fmt: skip
    else:
        decision.case_send_back(
            case_id=case.id, action=Action.REREVIEW, note="重新评议", actor=tongwei.deputy, at=tongwei.at
        )
        case = tongwei.reviewed(case)
    case = tongwei.noticed(case)
    after = tongwei.after_notice(case)
    assert journeys.notices_follow(at=after) == 0
    Case.objects.filter(id=case.id).update(state=State.APPROVING)
    with pytest.raises(UnableTo):
        decision.case_approve(case_id=case.id, amount_fen=case.advised_fen or 0, actor=tongwei.secretary, at=after)
    assert not Payment.objects.filter(case=case).exists()
    Case.objects.filter(id=case.id).update(state=State.PUBLISHING)
    handler = tongwei.deputy5
    governance.objection_acknowledge(objection_id=objection.id, actor=handler, at=after)
    governance.objection_assign(
        objection_id=objection.id, handler_id=known(handler.user_id), actor=handler, at=after
    )  # fmt: skip
    journeys.objection_decide(
        objection_id=objection.id, outcome=ObjectionOutcome.RE_VERIFY, reasons="属实", actor=handler, at=after
    )
    case.refresh_from_db()
    assert case.state == State.VERIFYING, "upheld against the old text, the case goes back from the new one"
    assert not NoticeEntry.objects.filter(subject_id=case.id, state="listed").exists()
