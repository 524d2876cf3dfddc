"""Weights of the comparison: kept from a file only when it has entered, learnt anew, gone back to; by whom."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from boai.audit.models import AuditEntry
from boai.kernel.errors import NotAllowed, NotFound, UnableTo
from boai.kernel.scope import EVERYWHERE, set_scope
from boai.people.actor import Actor
from boai.people.models import Branch
from boai.registry import services
from boai.registry.enums import LearningStep
from boai.registry.linkage import engine
from boai.registry.models import DuplicatePair, Intake, LearningRun, LinkageModel
from boai.registry.queries.learning import model_held
from boai.registry.tests.factories import COUNTY, checked, signed_in, villages
from boai.registry.tests.register_files import Line, household, table, xlsx

pytestmark = pytest.mark.django_db
Make = Callable[..., Actor]
TEACHES = engine.Linkage.teaches


@pytest.fixture
def officer(actor_for: Make) -> Actor:
    return actor_for("officer")


@pytest.fixture
def little_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine.Linkage, "teaches", lambda _linkage, _known=0: True)


@pytest.fixture
def take(officer: Actor, at: datetime, little_is_enough: None) -> Callable[..., Intake]:
    """Check a file of some households, each person twice if `doubled`."""

    def take(count: int = 6, *, seed: int = 3, doubled: bool = False) -> Intake:
        rng, places = random.Random(seed), villages(4)
        lines = [
            line for i in range(count) for line in household(rng, i, places[i % 4][:2], size=2, key=f"{seed}{i:09d}")
        ]
        if doubled:
            lines = [copy for line in lines for copy in (line, Line(dict(line.cells) | {"number": ""}))]
        return checked(xlsx(table(lines)), actor=officer, at=at)

    return take


class TestFiles:
    def test_what_a_file_teaches_judges_that_file_until_it_has_entered(
        self, take: Callable[..., Intake], officer: Actor, at: datetime
    ) -> None:
        intake = take()
        learnt = LinkageModel.objects.get()
        assert (learnt.intake_id, model_held(region_code=COUNTY)) == (intake.id, None)
        services.intake_commit(intake_id=intake.id, actor=officer, at=at, queue=False)
        services.intake_commit_run(intake_id=intake.id, actor=officer, at=at)
        assert model_held(region_code=COUNTY) == learnt
        services.intake_undo(intake_id=intake.id, actor=officer, at=at, queue=False)
        services.intake_undo_run(intake_id=intake.id, actor=officer, at=at)
        assert model_held(region_code=COUNTY) is None

    def test_a_file_of_doubles_that_was_cancelled_judges_nobody_else(
        self, take: Callable[..., Intake], officer: Actor, at: datetime
    ) -> None:
        intake = take(12, doubled=True)
        assert set(DuplicatePair.objects.values_list("model__intake", flat=True)) == {intake.id}
        services.intake_cancel(intake_id=intake.id, actor=officer, at=at)
        other = take(seed=4)
        assert model_held(region_code=COUNTY) is None
        assert set(LinkageModel.objects.values_list("intake", flat=True)) == {intake.id, other.id}


class TestAnew:
    @pytest.fixture
    def register(self, take: Callable[..., Intake], officer: Actor, at: datetime) -> LinkageModel:
        intake = take()
        services.intake_commit(intake_id=intake.id, actor=officer, at=at, queue=False)
        services.intake_commit_run(intake_id=intake.id, actor=officer, at=at)
        return LinkageModel.objects.get()

    def test_learnt_anew_and_gone_back(self, register: LinkageModel, officer: Actor, at: datetime) -> None:
        later, client = at + timedelta(hours=1), signed_in(officer)
        run = services.learning_ask(region_code=COUNTY, actor=officer, at=later, queue=False)
        shown = client.get(reverse("registry:weights")).content.decode()
        assert 'hx-trigger="every 2s"' in shown
        assert "排队等候" in client.get(reverse("registry:weights_progress")).content.decode()
        set_scope(EVERYWHERE)
        with pytest.raises(UnableTo):
            services.learning_ask(region_code=COUNTY, actor=officer, at=later, queue=False)
        assert services.learning_run(run_id=run.id, at=later).step == LearningStep.DONE
        fresh = model_held(region_code=COUNTY)
        assert fresh is not None
        assert (fresh.people, fresh.learnt_by_id, fresh.held_at) == (12, officer.user_id, later)
        assert services.learning_run(run_id=run.id, at=later).step == LearningStep.DONE
        assert LinkageModel.objects.count() == 2, "the job can come twice"
        assert client.get(reverse("registry:weights_progress"))["HX-Refresh"] == "true"
        assert client.post(reverse("registry:weights_hold", args=[register.id])).status_code == 302
        set_scope(EVERYWHERE)
        assert model_held(region_code=COUNTY) == register
        page = client.get(reverse("registry:weights")).content.decode()
        assert page.count("使用中") == 1
        assert reverse("registry:weights_hold", args=[fresh.id]) in page
        kinds = set(AuditEntry.objects.filter(type__startswith="registry.weights").values_list("type", flat=True))
        assert kinds == {"registry.weights.asked", "registry.weights.learnt", "registry.weights.held"}

    def test_a_pair_says_by_which_version_it_was_judged(self, register: LinkageModel, officer: Actor) -> None:
        pair = DuplicatePair.objects.create(region_code=COUNTY, left_id=register.id, right_id=uuid4(),
                                            weight=1.0, state="asked", model=register)  # fmt: skip
        page = signed_in(officer).get(reverse("registry:pair", args=[pair.id])).content.decode()
        assert f"从 {register.people} 人中学得" in page

    def test_a_run_that_was_lost_is_given_up(self, register: LinkageModel, officer: Actor, at: datetime) -> None:
        lost = services.learning_ask(region_code=COUNTY, actor=officer, at=at, queue=False)
        fresh = services.learning_ask(region_code=COUNTY, actor=officer, at=at + timedelta(hours=3), queue=False)
        lost.refresh_from_db()
        assert (lost.step, fresh.step) == (LearningStep.FAILED, LearningStep.WAITING)

    def test_too_little_changes_nothing(
        self, register: LinkageModel, officer: Actor, at: datetime, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(engine.Linkage, "teaches", TEACHES)
        run = services.learning_ask(region_code=COUNTY, actor=officer, at=at, queue=False)
        assert services.learning_run(run_id=run.id, at=at).step == LearningStep.TOO_FEW
        assert LinkageModel.objects.get() == register

    def test_a_fall_is_told_and_changes_nothing(
        self, register: LinkageModel, officer: Actor, at: datetime, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fall(*_args: Any, **_more: Any) -> None:
            raise MemoryError

        monkeypatch.setattr(engine.Linkage, "train", fall)
        run = services.learning_ask(region_code=COUNTY, actor=officer, at=at, queue=False)
        with pytest.raises(MemoryError):
            services.learning_run(run_id=run.id, at=at)
        run.refresh_from_db()
        assert (run.step, LinkageModel.objects.get()) == (LearningStep.FAILED, register)

    def test_strangers_change_nothing(
        self, register: LinkageModel, actor_for: Make, officer: Actor, at: datetime
    ) -> None:
        services.learning_ask(region_code=COUNTY, actor=officer, at=at, queue=False)
        LearningRun.objects.update(ended_at=at, step="failed")
        elsewhere = Branch.objects.create(region_code="430121000000", name="长沙县红十字会", kind="society")
        auditor, stranger = actor_for("auditor"), actor_for("officer", elsewhere)
        for actor in (auditor, stranger):
            with pytest.raises(NotAllowed):
                services.learning_ask(region_code=COUNTY, actor=actor, at=at, queue=False)
            with pytest.raises(NotAllowed):
                services.weights_hold(model_id=register.id, actor=actor, at=at)
        client = signed_in(auditor)
        assert client.get(reverse("registry:weights")).status_code == 403
        assert client.post(reverse("registry:weights_learn")).status_code == 403
        page = signed_in(stranger).get(reverse("registry:weights")).content.decode()
        assert str(register.id) not in page
        assert signed_in(stranger).post(reverse("registry:weights_hold", args=[register.id])).status_code == 404
        set_scope(EVERYWHERE)
        assert LearningRun.objects.count() == 1
        assert LinkageModel.objects.get().held_at == register.held_at

    def test_versions_of_files_outside_the_register_are_not_taken(
        self, take: Callable[..., Intake], officer: Actor, at: datetime
    ) -> None:
        take()
        with pytest.raises(NotFound):
            services.weights_hold(model_id=LinkageModel.objects.get().id, actor=officer, at=at)
        assert model_held(region_code=COUNTY) is None
