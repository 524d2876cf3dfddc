"""What anybody may read, and that nobody reads more: under no scope, a narrow one, another county's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from boai.governance import queries, services
from boai.governance.models import (
    BoardPhoto,
    Meeting,
    MeetingMember,
    Notice,
    NoticeEntry,
    NoticeExtension,
    Objection,
    ObjectionIdentity,
    Poll,
    PublicNotice,
    Recusal,
    Review,
    RollEntry,
    TallySheet,
)
from boai.governance.tests.factories import AT, Desk, MakeActor, desk, entry, panel
from boai.kernel.errors import NotFound
from boai.kernel.scope import EVERYWHERE, NOWHERE, Scope, scoped, set_scope
from boai.people.actor import Actor
from boai.people.models import Branch

ELSEWHERE = Scope("430121000000", "430121999999", "somebody")
PRIVATE = [Meeting, MeetingMember, Review, Recusal, Poll, RollEntry, TallySheet, Notice, NoticeEntry, NoticeExtension,
           BoardPhoto, Objection, ObjectionIdentity]  # fmt: skip


@pytest.fixture
def office(actor_for: MakeActor, county: Branch) -> Iterator[Desk]:
    """A desk; the scope is wide open again afterwards."""
    yield desk(actor_for, county)
    set_scope(EVERYWHERE)


@pytest.mark.parametrize("scope", [NOWHERE, ELSEWHERE], ids=["nobody", "another county"])
def test_without_scope_a_published_notice_is_read_and_a_draft_is_not(office: Desk, scope: Scope) -> None:
    shown, draft = office.published(), office.submitted()
    with scoped(scope):
        assert queries.notice_public(code=shown.code.lower()).title == shown.title
        assert [r.code for r in queries.notices_public(lo="621121000000", hi="621121999999").rows] == [shown.code]
        with pytest.raises(NotFound):
            queries.notice_public(code=draft.code)
        assert PublicNotice.objects.update(title="变") == 0, "reading is all that is allowed"
        assert not Notice.objects.exists()


@pytest.mark.parametrize("scope", [NOWHERE, ELSEWHERE], ids=["nobody", "another county"])
@pytest.mark.parametrize("model", PRIVATE, ids=lambda m: m.__name__)
def test_raw_sql_from_elsewhere_sees_nothing_private(
    actor_for: MakeActor, county: Branch, office: Desk, scope: Scope, model: type
) -> None:
    panel(actor_for, county).decided()
    office.assigned(office.published())
    with scoped(scope), connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {model._meta.db_table}")  # type: ignore[attr-defined]  # a model
        assert cursor.fetchone() == (0,)


def test_every_table_with_a_division_has_a_policy(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'region_code'
               WHERE c.relname LIKE 'governance\\_%%' AND c.relkind = 'r' AND NOT c.relrowsecurity"""
        )
        assert cursor.fetchall() == []


@pytest.mark.parametrize("scope", [NOWHERE, ELSEWHERE], ids=["nobody", "another county"])
def test_an_objection_is_filed_followed_and_appealed_without_scope(office: Desk, scope: Scope) -> None:
    notice = office.published()
    with scoped(scope):
        objection, receipt = services.objection_file(
            notice_id=notice.id, channel="web", text="这户有两套房", actor=Actor.public(), at=AT
        )
        assert queries.objection_status(receipt_no=receipt).state == "filed"
        assert not Objection.objects.exists(), "the scope is as narrow as before"
    services.objection_acknowledge(objection_id=objection.id, actor=office.supervisor, at=AT)
    assert office.supervisor.user_id
    services.objection_assign(
        objection_id=objection.id, handler_id=office.supervisor.user_id, actor=office.deputy, at=AT
    )
    services.objection_decide(
        objection_id=objection.id, actor=office.supervisor, outcome="dismissed", reasons="不属实", at=AT
    )
    with scoped(scope):
        services.objection_appeal(receipt_no=receipt, text="没有来看过", actor=Actor.public(), at=AT)
        assert queries.objection_status(receipt_no=receipt).state == "appealed"
        assert queries.objection_figures(lo="621121000000", hi="621121999999", since=AT.date())["appealed"] == 1
        assert not Objection.objects.exists()


def test_a_refused_objection_leaves_the_scope_as_it_was(office: Desk) -> None:
    notice = office.published()
    with scoped(NOWHERE):
        with pytest.raises(NotFound):
            services.objection_file(notice_id=notice.id, channel="web", text="这户有两套房", actor=Actor.public(), at=AT,
                                    code="2345CDFG")  # fmt: skip
        assert not Objection.objects.exists()
    assert not Objection.objects.exists()


def test_pages_of_public_notices_follow_a_key(office: Desk, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    codes = [office.published(entry(f"张{n}")).code for n in range(5)]
    got, after = [], ""
    with scoped(NOWHERE):
        for _page in range(3):
            with django_assert_num_queries(1):
                page = queries.notices_public(lo="621121000000", hi="621121999999", after=after, size=2)
            got += [r.code for r in page.rows]
            after = page.after
    assert got == codes[::-1]
    assert after == ""
    with pytest.raises(NotFound):
        queries.notices_public(lo="621121000000", hi="621121999999", after="nonsense")


def test_what_is_public_holds_no_name_of_the_private_table(office: Desk) -> None:
    office.published(entry("司马相如"), entry("买买提·艾合买提"), entry("张三"))
    with scoped(NOWHERE):
        row = PublicNotice.objects.values().get()
    for name in ("司马相如", "相如", "艾合买提", "张三", "三组"):
        assert name not in str(row), name
