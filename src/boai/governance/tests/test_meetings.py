"""Meetings: who may call them, when they may open, and what stays undone when somebody may not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from boai.audit.models import AuditEntry
from boai.governance import queries, services
from boai.governance.enums import Channel
from boai.governance.models import Meeting
from boai.governance.rules.subjects import Member
from boai.governance.tests.factories import AT, MakeActor, member_of, panel, photo, uid
from boai.kernel.errors import BadInput, NotAllowed, NotFound, StalePage, UnableTo
from boai.people.models import Branch


def test_a_meeting_opens_with_two_thirds_and_not_with_less(actor_for: MakeActor, county: Branch) -> None:
    cast = panel(actor_for, county, size=9)
    meeting = cast.convene()
    cast.sign_in(meeting, cast.members[:5])
    with pytest.raises(UnableTo, match="5"):
        services.meeting_open(meeting_id=meeting.id, actor=cast.chair, at=AT)
    assert Meeting.objects.get().state == "convened"
    assert Meeting.objects.get().roll_hash == ""
    cast.sign_in(meeting, [cast.members[5]])
    opened = services.meeting_open(meeting_id=meeting.id, actor=cast.chair, at=AT)
    assert opened.state == "open"
    assert len(opened.roll_hash) == 64
    assert AuditEntry.objects.filter(type="governance.meeting.opened").count() == 1


def test_only_chair_or_recorder_open_and_only_members_sign_themselves_in(actor_for: MakeActor, county: Branch) -> None:
    cast = panel(actor_for, county)
    meeting = cast.convene()
    stranger = actor_for("cashier")
    first = member_of(meeting, cast.members[0])
    for actor in (stranger, cast.members[1]):
        with pytest.raises(NotAllowed):
            services.member_sign_in(meeting_id=meeting.id, member_id=first.id, actor=actor, at=AT)
    assert not member_of(meeting, cast.members[0]).is_present
    services.member_sign_in(meeting_id=meeting.id, member_id=first.id, actor=cast.officer, at=AT)
    with pytest.raises(StalePage):
        services.member_sign_in(meeting_id=meeting.id, member_id=first.id, actor=cast.members[0], at=AT)
    cast.sign_in(meeting, cast.members[1:])
    with pytest.raises(NotAllowed):
        services.meeting_open(meeting_id=meeting.id, actor=cast.members[3], at=AT)
    assert Meeting.objects.get().state == "convened"


def test_another_county_sees_nothing(actor_for: MakeActor, county: Branch) -> None:
    cast = panel(actor_for, county)
    meeting = cast.convene()
    elsewhere = Branch.objects.create(region_code="430121000000", name="长沙县红十字会", kind="society")
    with pytest.raises(NotFound):
        services.meeting_open(meeting_id=meeting.id, actor=actor_for("officer", elsewhere), at=AT)
    with pytest.raises(NotAllowed):
        services.meeting_convene(
            actor=actor_for("officer", elsewhere), branch_id=county.id, region_code=county.region_code, title="x",
            place="y", starts_at=AT, members=[], rules=cast.rules, chair_id=uid(cast.chair),
            recorder_id=uid(cast.officer), at=AT,
        )  # fmt: skip
    assert Meeting.objects.count() == 1


def test_four_offices_are_four_people_in_the_service_and_in_the_database(
    actor_for: MakeActor, county: Branch
) -> None:  # fmt: skip
    cast = panel(actor_for, county)
    meeting = cast.convene()
    chair, recorder = cast.chair.user_id, cast.officer.user_id
    assert chair
    assert recorder
    with pytest.raises(BadInput):
        services.meeting_officers_set(meeting_id=meeting.id, actor=cast.officer, chair_id=chair, recorder_id=chair,
                                      teller_id=None, scrutineer_id=None, witnesses=[], at=AT)  # fmt: skip
    for field in ("recorder", "teller", "scrutineer"):
        with pytest.raises(IntegrityError, match="officers_distinct"), transaction.atomic():
            Meeting.objects.filter(id=meeting.id).update(**{f"{field}_id": chair})
    assert Meeting.objects.get().recorder_id == recorder


def test_the_roll_is_checked(actor_for: MakeActor, county: Branch) -> None:
    cast = panel(actor_for, county, size=6)
    with pytest.raises(BadInput, match="6"):
        cast.convene()
    cast = panel(actor_for, county)
    twice = [Member("甲", cast.members[0].user_id)] * 2 + [Member("乙", channel=Channel.ONLINE)]
    with pytest.raises(BadInput) as error:
        services.meeting_convene(
            actor=cast.officer, branch_id=county.id, region_code=county.region_code, title="x", place="y", starts_at=AT,
            members=twice, rules=cast.rules, chair_id=uid(cast.chair), recorder_id=uid(cast.officer), at=AT,
        )  # fmt: skip
    assert len(error.value.fields["members"]) == 3
    assert not Meeting.objects.exists()


def test_paper_needs_teller_scrutineer_and_two_witnesses(actor_for: MakeActor, county: Branch) -> None:
    cast = panel(actor_for, county, paper=3)
    meeting = cast.convene()
    Meeting.objects.filter(id=meeting.id).update(teller=None, witnesses=["见证甲"])
    for actor in cast.members:
        services.member_sign_in(meeting_id=meeting.id, member_id=member_of(meeting, actor).id, actor=actor, at=AT)
    missing = queries.meeting_missing(Meeting.objects.get(), list(meeting.members.all()))
    assert len(missing) == 2
    with pytest.raises(UnableTo):
        services.meeting_open(meeting_id=meeting.id, actor=cast.chair, at=AT)


def test_a_meeting_closes_only_when_every_item_is_declared(actor_for: MakeActor, county: Branch) -> None:
    cast = panel(actor_for, county)
    meeting = cast.opened()
    review = cast.review(meeting)
    with pytest.raises(UnableTo, match=review.subject_code):
        services.meeting_close(meeting_id=meeting.id, actor=cast.chair, at=AT)
    services.review_declare(review_id=review.id, actor=cast.chair, reason="缺诊断证明", at=AT)
    closed = services.meeting_close(meeting_id=meeting.id, actor=cast.chair, at=AT)
    assert closed.state == "closed"
    assert services.meeting_minutes(meeting_id=meeting.id, actor=cast.officer).startswith(b"%PDF")
    with pytest.raises(UnableTo):
        cast.review(meeting)


def test_signed_minutes_keep_hash_pages_and_signers(actor_for: MakeActor, county: Branch) -> None:
    cast = panel(actor_for, county)
    review = cast.decided()
    services.meeting_close(meeting_id=review.meeting_id, actor=cast.chair, at=AT)
    with pytest.raises(BadInput):
        services.meeting_sign(
            meeting_id=review.meeting_id, actor=cast.officer, upload=photo(), pages=1, signers=[" "], at=AT
        )
    signed = services.meeting_sign(meeting_id=review.meeting_id, actor=cast.officer, upload=photo(), pages=2,
                                   signers=["委员01", "干事王"], at=AT)  # fmt: skip
    assert signed.minutes_file is not None
    facts = AuditEntry.objects.get(type="governance.meeting.signed").contents()["facts"]
    assert facts["sha256"] == signed.minutes_file.sha256
    assert facts["pages"] == 2
    assert facts["signers"] == ["委员01", "干事王"]


def test_who_left_and_came_back_is_present_once(actor_for: MakeActor, county: Branch) -> None:
    cast = panel(actor_for, county)
    meeting = cast.opened()
    member = member_of(meeting, cast.members[2])
    later = AT + timedelta(minutes=20)
    services.member_sign_out(meeting_id=meeting.id, member_id=member.id, actor=cast.members[2], at=later)
    with pytest.raises(StalePage):
        services.member_sign_out(meeting_id=meeting.id, member_id=member.id, actor=cast.members[2], at=later)
    back = services.member_sign_in(meeting_id=meeting.id, member_id=member.id, actor=cast.members[2], at=later)
    assert back.is_present
