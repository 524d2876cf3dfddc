"""Data go after their time, with true counts, also when the job is killed; households only when a person says so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from boai.audit.models import AuditEntry
from boai.files.models import StoredFile
from boai.kernel.errors import BadInput, NotAllowed, NotFound, UnableTo
from boai.kernel.scope import EVERYWHERE, set_scope
from boai.people.actor import Actor
from boai.people.models import Branch
from boai.registry import keepers, services
from boai.registry.enums import IntakeState
from boai.registry.keepers import Kept
from boai.registry.models import (
    DataRequest,
    Emergency,
    EmergencyTag,
    Finding,
    Household,
    Intake,
    Resident,
    RetentionCount,
    RetentionProposal,
    RetentionRun,
    SensitiveLook,
    StagedRow,
)
from boai.registry.services import retention
from boai.registry.tests.factories import COUNTY, checked
from boai.registry.tests.register_files import table, xlsx
from boai.registry.tests.test_killed import killed
from boai.registry.tests.test_pages import make_household
from boai.registry.tests.test_patch import people
from boai.rulebook.services import rule_set

Make = Callable[..., Actor]
YEAR = timedelta(days=366)


def _file(actor: Actor, at: datetime, seed: int, *, commit: bool = False) -> Intake:
    lines = people(2, seed=seed)
    lines[1].cells |= {"phone": "139"}
    intake = checked(xlsx(table(lines)), actor=actor, at=at, name=f"{seed}.xlsx")
    if commit:
        services.intake_commit(intake_id=intake.id, actor=actor, at=at, queue=False)
        services.intake_commit_run(intake_id=intake.id, actor=actor, at=at)
    intake.refresh_from_db()
    return intake


def _counts() -> dict[str, int]:
    return {one.rule: one.count for one in RetentionCount.objects.all()}


@pytest.mark.django_db
class TestNight:
    def test_files_go_after_the_rulebooks_time(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        entered, unused = _file(officer, at, 6, commit=True), _file(officer, at, 7)
        assert StagedRow.objects.exists()
        assert Finding.objects.exists()
        services.retention_run(at=at + timedelta(days=29))
        assert _counts() == {}
        services.retention_run(at=at + timedelta(days=32))
        assert _counts() == {"unused": 1}
        assert StoredFile.objects.get(id=unused.files.get().stored_id).erased_at is not None
        assert StoredFile.objects.get(id=entered.files.get().stored_id).erased_at is None
        assert set(StagedRow.objects.values_list("intake_id", flat=True)) == {entered.id}
        services.retention_run(at=at + timedelta(days=182))
        assert not StagedRow.objects.exists()
        assert not Finding.objects.exists()
        gone = StoredFile.objects.get(id=entered.files.get().stored_id)
        assert gone.erased_at is not None
        assert len(gone.sha256) == 64
        assert Resident.objects.count() == 6, "the people stay"
        with pytest.raises(UnableTo):
            services.intake_undo(intake_id=entered.id, actor=officer, at=at, queue=False)
        with pytest.raises(UnableTo):
            services.intake_again(intake_id=unused.id, actor=officer, at=at, queue=False)
        assert Intake.objects.get(id=unused.id).state == IntakeState.CHECKED
        marks = AuditEntry.objects.filter(type="registry.retention.finished")
        assert marks.count() == RetentionRun.objects.count() == 3

    def test_a_county_sets_its_own_time(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        rule_set(key="files.unused_days", value=3, region_code=COUNTY, valid_from=date(2026, 1, 1), source="测试规定",
                 confidence="A", actor=actor_for("admin"), at=datetime(2025, 12, 1, tzinfo=UTC))  # fmt: skip
        _file(officer, at, 7)
        services.retention_run(at=at + timedelta(days=5))
        assert _counts() == {"unused": 1}

    def test_looks_and_the_words_of_requests(self, actor_for: Make, at: datetime) -> None:
        officer, supervisor = actor_for("officer"), actor_for("supervisor")
        home = make_household(officer, at)
        head = Resident.objects.get(household=home)
        services.sensitive_open(household_id=home.id, reason="核对", actor=officer, at=at)
        opened = services.request_receive(
            resident_id=head.id, kind="see", words="想看", asked_by="本人到场", actor=officer, at=at
        )
        closed = services.request_receive(
            resident_id=head.id, kind="see", words="想看", asked_by="本人到场", actor=officer, at=at
        )
        services.request_decide(request_id=closed.id, action="refuse", answer="已经看过", actor=supervisor, at=at)
        services.retention_run(at=at + 2 * YEAR)
        assert SensitiveLook.objects.count() == 1
        services.retention_run(at=at + 3 * YEAR)
        assert not SensitiveLook.objects.exists()
        assert DataRequest.objects.get(id=opened.id).words == "想看"
        kept = DataRequest.objects.get(id=closed.id)
        assert (kept.words, kept.answer, kept.state, kept.decided_by_id) == ("", "", "refused", supervisor.user_id)

    def test_looks_go_by_no_other_door(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        home = make_household(officer, at)
        services.sensitive_open(household_id=home.id, reason="核对", actor=officer, at=at)
        with pytest.raises(Exception, match="permission denied"), transaction.atomic():
            SensitiveLook.objects.all()._raw_delete("default")

    def test_what_fails_stops_nothing_else_and_is_carried_on(
        self, actor_for: Make, at: datetime, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        officer = actor_for("officer")
        _file(officer, at, 7)
        services.sensitive_open(household_id=make_household(officer, at).id, reason="核对", actor=officer, at=at)
        later = at + 4 * YEAR

        def breaks(*_args: Any) -> int:
            raise RuntimeError("the store is away")

        with monkeypatch.context() as broken:
            broken.setitem(vars(retention)["_BATCHES"], "unused", breaks)
            services.retention_run(at=later)
        assert not SensitiveLook.objects.exists()
        assert RetentionRun.objects.get().finished_at is None
        services.retention_run(at=later + timedelta(hours=1))
        assert RetentionRun.objects.get().finished_at is not None
        assert _counts() == {"looks": 1, "unused": 1}

    def test_one_unfinished_night_at_a_time(self, at: datetime) -> None:
        RetentionRun.objects.create(region_code="000000000000", started_at=at)
        with pytest.raises(IntegrityError), transaction.atomic():
            RetentionRun.objects.create(region_code="000000000000", started_at=at)
        services.retention_run(at=at)
        assert RetentionRun.objects.get().finished_at == at


def test_a_killed_night_is_carried_on_with_true_counts(own_database: str, actor_for: Make, at: datetime) -> None:
    set_scope(EVERYWHERE)
    officer = actor_for("officer")
    for seed in range(1, 5):
        _file(officer, at, seed)
    later = at + timedelta(days=40)
    killed(own_database, "destroying", later, after=4)  # in the middle of the second batch
    run = RetentionRun.objects.get()
    assert (run.finished_at, _counts()) == (None, {"unused": 2})
    assert StoredFile.objects.filter(purpose="registry.intake", erased_at__isnull=True).count() == 2
    services.retention_run(at=later + timedelta(hours=1))
    run.refresh_from_db()
    assert run.finished_at is not None
    assert _counts() == {"unused": 4}
    assert RetentionRun.objects.count() == 1
    assert not StagedRow.objects.exists()


@pytest.mark.django_db
class TestProposals:
    def _idle(self, officer: Actor, at: datetime) -> tuple[Household, RetentionProposal]:
        home = make_household(officer, at)
        held = make_household(officer, at, sequence=2, place=1)
        services.category_add(resident_id=Resident.objects.get(household=held).id, kind="low_income", detail="",
                              valid_from=date(2026, 1, 1), source="民政", evidence="", actor=officer, at=at)  # fmt: skip
        services.retention_run(at=at + 4 * YEAR)
        assert not RetentionProposal.objects.exists()
        services.retention_run(at=at + 5 * YEAR + timedelta(days=2))
        services.retention_run(at=at + 5 * YEAR + timedelta(days=3))
        return home, RetentionProposal.objects.get()

    def test_nothing_goes_before_a_person_says_so(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        home, proposal = self._idle(officer, at)
        later = at + 6 * YEAR
        assert proposal.household_id == home.id
        assert Resident.objects.get(household=home).name == "张小三"
        other = Branch.objects.create(region_code="430121000000", name="长沙县红十字会", kind="society")
        for stranger in (actor_for("cadre"), actor_for("officer", other)):
            with pytest.raises(NotAllowed):
                services.proposal_decide(proposal_id=proposal.id, action="confirm", reason="", actor=stranger, at=later)
        for wrong in ({"action": "keep", "reason": ""}, {"action": "burn", "reason": "随便"}):
            with pytest.raises(BadInput):
                services.proposal_decide(proposal_id=proposal.id, actor=officer, at=later, **wrong)
        assert Resident.objects.get(household=home).name == "张小三"
        services.proposal_decide(proposal_id=proposal.id, action="confirm", reason="", actor=officer, at=later)
        assert Resident.objects.get(household=home).name == "已删除"
        with pytest.raises(UnableTo):
            services.proposal_decide(proposal_id=proposal.id, action="keep", reason="还要用", actor=officer, at=later)

    def test_a_kept_household_is_asked_for_again_after_the_time(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        home, proposal = self._idle(officer, at)
        decided = at + 6 * YEAR
        services.proposal_decide(proposal_id=proposal.id, action="keep", reason="仍住本村", actor=officer, at=decided)
        services.retention_run(at=decided + 4 * YEAR)
        assert RetentionProposal.objects.count() == 1
        services.retention_run(at=decided + 6 * YEAR)
        assert set(RetentionProposal.objects.filter(household_id=home.id).values_list("state", flat=True)) == {
            "kept", "proposed"}  # fmt: skip


@pytest.mark.django_db
class TestEmergency:
    def _response(self, officer: Actor, at: datetime) -> Emergency:
        return services.emergency_open(
            region_code=COUNTY, name="11·24暴雨", started_on=date(2026, 11, 24), actor=officer, at=at
        )

    def test_what_was_collected_for_it_goes_with_it(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        before = make_household(officer, at - timedelta(days=300), name="王老五", sequence=9, place=5)
        response = self._response(officer, at)
        home = make_household(officer, at)
        intake = _file(officer, at, 6, commit=True)
        services.household_tag(emergency_id=response.id, household_id=home.id, actor=officer, at=at)
        services.intake_tag(emergency_id=response.id, intake_id=intake.id, actor=officer, at=at)
        services.retention_run(at=at + timedelta(days=100))
        assert not Resident.objects.filter(name="已删除").exists(), "it goes on"
        ended = at + timedelta(days=100)
        services.emergency_end(emergency_id=response.id, actor=officer, at=ended)
        services.retention_run(at=ended + timedelta(days=29))
        assert not Resident.objects.filter(name="已删除").exists(), "its time is not over"
        services.retention_run(at=ended + timedelta(days=32))
        assert set(Resident.objects.exclude(name="已删除").values_list("name", flat=True)) == {"王老五"}
        response.refresh_from_db()
        assert (response.gone, response.kept) == (7, 0)
        assert response.destroyed_at is not None
        assert StoredFile.objects.get(id=intake.files.get().stored_id).erased_at is not None
        assert not StagedRow.objects.exists()
        assert _counts()["emergency"] == 7
        assert Household.objects.get(id=before.id).ended_on is None
        assert AuditEntry.objects.filter(type="registry.emergency.destroyed").count() == 1

    def test_what_a_case_needs_stays_and_is_tried_again(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        response = self._response(officer, at)
        home = make_household(officer, at)
        services.household_tag(emergency_id=response.id, household_id=home.id, actor=officer, at=at)
        services.emergency_end(emergency_id=response.id, actor=officer, at=at)
        keepers.keeper_register("test", lambda _r, _on: [Kept("救助档案", 1, "规定", under_way=True)])
        try:
            services.retention_run(at=at + timedelta(days=40))
        finally:
            keepers.keeper_forget("test")
        response.refresh_from_db()
        assert (response.gone, response.kept, response.destroyed_at) == (0, 1, None)
        assert Resident.objects.get(household=home).name == "张小三"
        services.retention_run(at=at + timedelta(days=41))
        response.refresh_from_db()
        assert (response.gone, response.kept) == (1, 0)
        assert response.destroyed_at is not None

    def test_denials_change_nothing(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        other = actor_for(
            "officer", Branch.objects.create(region_code="430121000000", name="长沙县红十字会", kind="society")
        )
        with pytest.raises(NotAllowed):
            self._response(actor_for("cadre"), at)
        with pytest.raises(BadInput):
            services.emergency_open(region_code=COUNTY, name=" ", started_on=date(2027, 1, 1), actor=officer, at=at)
        assert not Emergency.objects.exists()
        old = make_household(officer, at - timedelta(days=30))
        home = make_household(officer, at, sequence=2, place=1)
        response = self._response(officer, at)
        with pytest.raises(UnableTo):
            services.household_tag(emergency_id=response.id, household_id=old.id, actor=officer, at=at)
        with pytest.raises((NotAllowed, NotFound)):
            services.household_tag(emergency_id=response.id, household_id=home.id, actor=other, at=at)
        with pytest.raises(NotAllowed):
            services.emergency_end(emergency_id=response.id, actor=other, at=at)
        assert not EmergencyTag.objects.exists()
        assert Emergency.objects.get().ended_at is None
        services.household_tag(emergency_id=response.id, household_id=home.id, actor=officer, at=at)
        with pytest.raises(UnableTo):
            services.household_tag(emergency_id=response.id, household_id=home.id, actor=officer, at=at)
        services.emergency_end(emergency_id=response.id, actor=officer, at=at)
        with pytest.raises(UnableTo):
            services.emergency_end(emergency_id=response.id, actor=officer, at=at)
        assert EmergencyTag.objects.count() == 1
