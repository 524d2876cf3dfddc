"""Deleting a person: what stops it, what it leaves, and what happens meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest

from boai.files.models import StoredFile
from boai.kernel.errors import NotAllowed, UnableTo
from boai.people.actor import Actor
from boai.registry import keepers, services
from boai.registry.enums import ExportState, IntakeState
from boai.registry.keepers import Kept
from boai.registry.models import Consent, DataRequest, Household, Intake, RegisterExport, Resident
from boai.registry.services import exports as export_services
from boai.registry.tests.factories import COUNTY, checked
from boai.registry.tests.register_files import table, xlsx
from boai.registry.tests.test_pages import make_household
from boai.registry.tests.test_patch import people

pytestmark = pytest.mark.django_db
Make = Callable[..., Actor]


class TestDeleting:
    def test_work_under_way_stops_it_and_nothing_changes(self, actor_for: Make, at: datetime) -> None:
        officer, supervisor = actor_for("officer"), actor_for("supervisor")
        head = Resident.objects.get(household=make_household(officer, at))
        request = services.request_receive(
            resident_id=head.id, kind="delete", words="", asked_by="本人，出示身份证", actor=officer, at=at
        )
        keepers.keeper_register("test", lambda _r, _on: [Kept("救助档案", 1, "规定", under_way=True)])
        try:
            with pytest.raises(UnableTo):
                services.request_decide(request_id=request.id, action="grant", answer="", actor=supervisor, at=at)
            assert Resident.objects.get(id=head.id).name == "张小三"
            keepers.keeper_register("test", lambda _r, _on: [Kept("救助档案", 2, "规定", date(2036, 1, 1))])
            done = services.request_decide(request_id=request.id, action="grant", answer="", actor=supervisor, at=at)
        finally:
            keepers.keeper_forget("test")
        assert done.kept == [{"what": "救助档案", "count": 2, "rule": "规定", "until": "2036-01-01"}]
        assert Resident.objects.get(id=head.id).name == "已删除"

    def test_a_file_that_is_being_read_stops_it(self, actor_for: Make, at: datetime) -> None:
        officer, supervisor = actor_for("officer"), actor_for("supervisor")
        lines = people(3)
        intake = checked(xlsx(table(lines)), actor=officer, at=at)
        services.intake_commit(intake_id=intake.id, actor=officer, at=at, queue=False)
        services.intake_commit_run(intake_id=intake.id, actor=officer, at=at)
        child = Resident.objects.exclude(relation="head").order_by("id")[0]
        request = services.request_receive(
            resident_id=child.id, kind="delete", words="", asked_by="本人，出示身份证", actor=officer, at=at
        )
        Intake.objects.filter(id=intake.id).update(state=IntakeState.UNDOING)
        with pytest.raises(UnableTo):
            services.request_decide(request_id=request.id, action="grant", answer="", actor=supervisor, at=at)
        assert Resident.objects.get(id=child.id).name == child.name
        assert StoredFile.objects.get(id=intake.files.get().stored_id).erased_at is None

    def test_the_same_file_can_come_again_and_the_old_one_cannot_be_taken_out(
        self, actor_for: Make, at: datetime
    ) -> None:
        officer, supervisor = actor_for("officer"), actor_for("supervisor")
        content = xlsx(table(people(3)))
        intake = checked(content, actor=officer, at=at)
        services.intake_commit(intake_id=intake.id, actor=officer, at=at, queue=False)
        services.intake_commit_run(intake_id=intake.id, actor=officer, at=at)
        child = Resident.objects.exclude(relation="head").order_by("id")[0]
        request = services.request_receive(
            resident_id=child.id, kind="delete", words="", asked_by="本人，出示身份证", actor=officer, at=at
        )
        services.request_decide(request_id=request.id, action="grant", answer="", actor=supervisor, at=at)
        with pytest.raises(UnableTo):
            services.intake_undo(intake_id=intake.id, actor=officer, at=at, queue=False)
        content.seek(0)
        other = checked(content, actor=officer, at=at)
        assert other.id != intake.id
        assert other.state == IntakeState.CHECKED

    def test_a_list_that_is_being_written_begins_anew(
        self, actor_for: Make, at: datetime, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        officer, supervisor = actor_for("officer"), actor_for("supervisor")
        heads = [Resident.objects.get(household=make_household(officer, at, name=f"张小{c}", sequence=i, place=i))
                 for i, c in enumerate("甲乙", 1)]  # fmt: skip
        request = services.request_receive(
            resident_id=heads[0].id, kind="delete", words="", asked_by="本人，出示身份证", actor=officer, at=at
        )
        asked = services.export_ask(region_code=COUNTY, category="", purpose="本会走访", actor=officer, at=at)
        written = export_services._write
        seen: list[int] = []

        def while_writing(*args: Any) -> int:
            people = written(*args)
            if not seen:
                services.request_decide(request_id=request.id, action="grant", answer="", actor=supervisor, at=at)
            seen.append(people)
            return people

        monkeypatch.setattr(export_services, "_write", while_writing)
        assert services.export_write(export_id=asked.id, at=at).people == 1
        assert seen == [2, 1]

    def test_one_pair_of_hands_is_not_enough(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        head = Resident.objects.get(household=make_household(officer, at))
        request = services.request_receive(
            resident_id=head.id, kind="delete", words="", asked_by="本人，出示身份证", actor=officer, at=at
        )
        with pytest.raises(NotAllowed):
            services.request_decide(request_id=request.id, action="grant", answer="", actor=officer, at=at)
        assert (DataRequest.objects.get().state, Household.objects.get().ended_on) == ("received", None)
        assert not Consent.objects.exists()
        assert not RegisterExport.objects.filter(state=ExportState.GONE).exists()
