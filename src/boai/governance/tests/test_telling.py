"""Who hears of what: only who can act, never the drafter of a notice nor the subject of an objection, never twice."""

from __future__ import annotations

from boai.governance import services
from boai.governance.tests.factories import AT, MakeActor, desk, panel, uid
from boai.kernel.scope import NOWHERE, scoped
from boai.messages.models import Message
from boai.people.actor import Actor
from boai.people.models import Branch


def told(template: str) -> set[object]:
    """The people who got this letter."""
    return set(Message.objects.filter(template=f"governance.{template}").values_list("user_id", flat=True))


def test_members_and_officers_hear_of_the_meeting(actor_for: MakeActor, county: Branch) -> None:
    cast = panel(actor_for, county)
    cast.convene()
    people = [*cast.members, cast.officer, cast.teller, cast.scrutineer]
    assert told("meeting_convened") == {uid(a) for a in people}
    assert Message.objects.count() == len(people)


def test_a_rendered_notice_is_told_to_who_may_approve_it_once(actor_for: MakeActor, county: Branch) -> None:
    office = desk(actor_for, county)
    city = Branch.objects.create(region_code="621100000000", name="定西市红十字会", kind="society")
    actor_for("secretary", city)
    notice = office.submitted()
    assert told("notice_waiting") == {uid(office.approver), uid(office.supervisor), uid(office.deputy)}
    services.notice_return(notice_id=notice.id, actor=office.approver, reason="再看", at=AT)
    services.notice_submit(notice_id=notice.id, actor=office.drafter, at=AT)
    assert Message.objects.count() == 3, "the same text is told once"


def test_an_objection_is_told_to_clean_hands_and_an_appeal_upstairs(actor_for: MakeActor, county: Branch) -> None:
    office = desk(actor_for, county)
    city = Branch.objects.create(region_code="621100000000", name="定西市红十字会", kind="society")
    judge = actor_for("supervisor", city)
    notice = office.published()
    with scoped(NOWHERE):
        objection, receipt = services.objection_file(
            notice_id=notice.id, channel="web", text="这户有两套房", actor=Actor.public(), at=AT, name="李四"
        )
    assert told("objection_filed") == {uid(office.supervisor), uid(office.deputy)}
    services.objection_acknowledge(objection_id=objection.id, actor=office.supervisor, at=AT)
    services.objection_assign(objection_id=objection.id, handler_id=uid(office.supervisor), actor=office.deputy, at=AT)
    assert told("objection_assigned") == {uid(office.supervisor)}
    services.objection_decide(
        objection_id=objection.id, actor=office.supervisor, outcome="dismissed", reasons="不属实", at=AT
    )
    with scoped(NOWHERE):
        services.objection_appeal(receipt_no=receipt, text="没有来看过", actor=Actor.public(), at=AT)
    assert told("objection_appealed") == {uid(judge)}
    letters = " ".join(f"{m.subject} {m.body} {m.words}" for m in Message.objects.all())
    assert "李四" not in letters
    assert "两套房" not in letters
    assert "2026-11-26" in letters
