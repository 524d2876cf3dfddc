"""Search first; a list takes a second person, carries its mark and holds no secret."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from python_calamine import CalamineWorkbook

from boai.files.services import file_open
from boai.kernel.errors import BadInput, NotAllowed, UnableTo
from boai.kernel.scope import EVERYWHERE, set_scope
from boai.messages.models import Message
from boai.people.actor import Actor
from boai.people.models import Branch
from boai.registry import services
from boai.registry.enums import ExportState
from boai.registry.models import RegisterExport, RetentionCount
from boai.registry.queries import household_list
from boai.registry.tests.factories import COUNTY, signed_in, villages
from boai.registry.tests.test_pages import make_household
from boai.rulebook.services import rule_set

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 24)
Make = Callable[..., Actor]


def _ask(actor: Actor, at: datetime, category: str = "") -> RegisterExport:
    return services.export_ask(region_code=COUNTY, category=category, purpose="冬季走访，交各乡镇", actor=actor, at=at)


def _threshold(people: int, actor: Actor) -> None:
    rule_set(key="register.export_people", value=people, region_code=COUNTY, valid_from=date(2026, 1, 1),
             source="测试", confidence="A", actor=actor, at=datetime(2025, 12, 1, tzinfo=UTC))  # fmt: skip


class TestSearchFirst:
    def test_a_county_shows_nobody_before_somebody_is_looked_for(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        made = make_household(officer, at)
        page = household_list(actor=officer, on=TODAY)
        assert (page.rows, page.asked) == ([], False)
        assert household_list(actor=officer, on=TODAY, category="low_income").rows == []
        assert household_list(actor=officer, on=TODAY, region=COUNTY).rows == []
        assert [row.id for row in household_list(actor=officer, on=TODAY, text="张小").rows] == [made.id]
        township = made.region_code[:9] + "000"
        assert [row.id for row in household_list(actor=officer, on=TODAY, region=township).rows] == [made.id]
        assert "先搜索" in signed_in(officer).get("/register/").content.decode()

    def test_a_village_sees_its_own(self, actor_for: Make, at: datetime) -> None:
        made = make_household(actor_for("officer"), at)
        village = Branch.objects.create(region_code=made.region_code, name="某村红十字会", kind="community")
        assert [row.id for row in household_list(actor=actor_for("cadre", village), on=TODAY).rows] == [made.id]

    def test_a_surname_alone_shows_one_page_and_no_next(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        for i in range(32):
            make_household(officer, at, sequence=i, place=i)
        page = household_list(actor=officer, on=TODAY, text="张")
        assert (len(page.rows), page.after, page.narrow) == (30, "", True)
        assert household_list(actor=officer, on=TODAY, text="张小").after


class TestLists:
    def test_a_small_list_is_written_at_once_with_its_mark(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer", name="王办事")
        for i in range(3):
            make_household(officer, at, sequence=i, place=i)
        export = services.export_write(export_id=_ask(officer, at).id, at=at)
        assert (export.state, export.people, export.needs_second) == (ExportState.READY, 3, False)
        file_id = services.export_fetch(export_id=export.id, actor=officer, at=at)
        content = file_open(file_id=file_id).read()
        rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
        assert "王办事" in str(rows[0][0])
        assert export.code in str(rows[0][0])
        assert [row[-1] for row in rows[2:]] == [export.code] * 3
        said = str(rows)
        assert "13800138000" not in said
        assert "622848001234567" not in said
        assert "****8000" in said

    def test_a_large_list_takes_two(self, actor_for: Make, at: datetime) -> None:
        officer, second = actor_for("officer"), actor_for("supervisor")
        for i in range(3):
            make_household(officer, at, sequence=i, place=i)
        _threshold(2, actor_for("secretary"))
        export = _ask(officer, at)
        assert export.state == ExportState.ASKED
        assert Message.objects.get(template="registry.export_asked").user_id == second.user_id
        assert services.export_write(export_id=export.id, at=at).file_id is None
        with pytest.raises(NotAllowed):
            services.export_decide(export_id=export.id, action="allow", actor=officer, at=at)
        with pytest.raises(NotAllowed):
            services.export_decide(export_id=export.id, action="allow", actor=actor_for("cadre"), at=at)
        for change in ({"state": "writing"}, {"decided_by": export.asked_by}):
            with pytest.raises(IntegrityError), transaction.atomic():
                RegisterExport.objects.filter(id=export.id).update(**change)
        assert RegisterExport.objects.get().state == ExportState.ASKED
        assert signed_in(second).get(reverse("registry:export_list")).status_code == 200
        signed_in(second).post(reverse("registry:export_decide", args=[export.id]), {"action": "allow"})
        set_scope(EVERYWHERE)
        services.export_write(export_id=export.id, at=at)
        assert signed_in(second).post(reverse("registry:export_fetch", args=[export.id])).status_code == 403
        assert signed_in(officer).post(reverse("registry:export_fetch", args=[export.id])).status_code == 200

    def test_what_a_list_is_for_has_to_be_said(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        with pytest.raises(UnableTo):
            _ask(officer, at)
        make_household(officer, at)
        with pytest.raises(BadInput):
            services.export_ask(region_code=COUNTY, category="", purpose=" ", actor=officer, at=at)
        with pytest.raises(BadInput):
            _ask(officer, at, category="disability")
        with pytest.raises(NotAllowed):
            _ask(actor_for("cadre"), at)
        with pytest.raises(NotAllowed):
            services.export_ask(region_code="430121000000", category="", purpose="冬季走访", actor=officer, at=at)
        assert not RegisterExport.objects.exists()
        assert villages(1)

    def test_after_a_week_the_file_is_gone(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        make_household(officer, at)
        export = services.export_write(export_id=_ask(officer, at).id, at=at)
        services.retention_run(at=at + timedelta(days=6))
        assert RegisterExport.objects.get(id=export.id).state == ExportState.READY
        services.retention_run(at=at + timedelta(days=8))
        assert RegisterExport.objects.get(id=export.id).state == ExportState.GONE
        assert RetentionCount.objects.get(rule="exports").count == 1
        with pytest.raises(UnableTo):
            services.export_fetch(export_id=export.id, actor=officer, at=at)
