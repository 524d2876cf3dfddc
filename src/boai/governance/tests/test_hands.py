"""Two people read a notice: neither who drafted it nor who changed the draft and submitted it approves it."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from boai.governance import services
from boai.governance.models import Notice
from boai.governance.rules.rendering import names_in
from boai.governance.tests.factories import AT, MakeActor, desk, entry
from boai.kernel.errors import BadInput, NotAllowed
from boai.people.models import Branch

pytestmark = pytest.mark.django_db


def test_who_submitted_a_colleagues_draft_does_not_approve_it(actor_for: MakeActor, county: Branch) -> None:
    office = desk(actor_for, county)
    notice = office.draft()
    both = actor_for("officer")
    services.notice_submit(notice_id=notice.id, actor=both, at=AT)
    notice.refresh_from_db()
    with pytest.raises(IntegrityError), transaction.atomic():
        Notice.objects.filter(id=notice.id).update(approved_by=notice.submitted_by_id)
    Notice.objects.filter(id=notice.id).update(submitted_by=office.approver.user_id)
    with pytest.raises(NotAllowed):
        services.notice_approve(notice_id=notice.id, actor=office.approver, rendered_hash=notice.rendered_hash, at=AT)
    notice.refresh_from_db()
    assert (notice.state, notice.approved_by_id) == ("submitted", None)


def test_a_correction_names_nobody_in_full(actor_for: MakeActor, county: Branch) -> None:
    office = desk(actor_for, county)
    line = entry("张三丰")
    notice = office.published(line)
    fixed = services.notice_correct(
        notice_id=notice.id, actor=office.drafter, entries=[line], correction="张三丰的金额有误", at=AT
    )
    with pytest.raises(BadInput):
        services.notice_submit(notice_id=fixed.id, actor=office.drafter, at=AT)
    fixed.refresh_from_db()
    assert (fixed.state, fixed.public) == ("draft", None)


def test_spaces_hide_no_name() -> None:
    assert len(names_in("更正:欧 阳 小 红的金额", {"欧阳小红", "李"})) == 1
    assert names_in("更正:案件编号有误", {"欧阳小红"}) == []
