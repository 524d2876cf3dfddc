"""Weights of the comparison: learnt anew from the register, taken into force, and gone back to an earlier version."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from boai.audit.services import record
from boai.kernel.errors import NotFound, UnableTo
from boai.kernel.policy import require
from boai.kernel.rekeying import require_settled
from boai.people.actor import Actor
from boai.registry import policies
from boai.registry.enums import LearningStep
from boai.registry.models import Intake, LearningRun, LinkageModel
from boai.registry.queries.learning import model_held
from boai.registry.services.comparing import Learnt, weights_learn
from boai.registry.services.intakes import Division

LEARN = "registry.learn"
LOST_AFTER = timedelta(hours=2)


@transaction.atomic
def learning_ask(*, region_code: str, actor: Actor, at: datetime, queue: bool = True) -> LearningRun:
    """Ask to learn the weights of a division anew from its register; the job does it.

    Raises NotAllowed, UnableTo (it is under way). One that was lost with its worker is given up after a while.
    """
    require(policies.may_learn, actor, Division(region_code))
    require_settled()
    under_way = LearningRun.objects.select_for_update().filter(region_code=region_code, ended_at__isnull=True).first()
    if under_way is not None:
        if at - under_way.asked_at < LOST_AFTER:
            raise UnableTo(_("The weights are being learnt already."))
        _end(under_way, LearningStep.FAILED, at)
    run, made = LearningRun.objects.get_or_create(
        region_code=region_code, ended_at=None, defaults={"asked_by_id": actor.user_id, "asked_at": at}
    )
    if not made:
        raise UnableTo(_("The weights are being learnt already."))
    record("registry.weights.asked", run, actor=actor, at=at)
    if queue:
        app.configure_task(LEARN).defer(run_id=str(run.id))
    return run


def learning_run(*, run_id: UUID, at: datetime) -> LearningRun:
    """Learn, and take what was learnt into force. Not one transaction: the page shows each step. Does nothing when the
    run has ended."""
    run = LearningRun.objects.get(id=run_id)
    if run.ended_at is not None:
        return run
    try:
        learnt = weights_learn(region_code=run.region_code, tell=lambda step: _tell(run, step))
    except Exception:
        _end(run, LearningStep.FAILED, at)
        raise
    return _keep(run_id, learnt, at)


@transaction.atomic
def _keep(run_id: UUID, learnt: Learnt | None, at: datetime) -> LearningRun:
    run = LearningRun.objects.select_for_update().get(id=run_id)
    if run.ended_at is not None:  # given up meanwhile, and asked for anew
        return run
    if learnt is None:
        return _end(run, LearningStep.TOO_FEW, at)
    weights, people = learnt
    model = LinkageModel.objects.create(
        region_code=run.region_code, weights=weights, people=people, learnt_at=at, learnt_by_id=run.asked_by_id,
        held_at=at, held_by_id=run.asked_by_id,
    )  # fmt: skip
    record("registry.weights.learnt", model, actor=Actor.system(), at=at, people=people)
    return _end(run, LearningStep.DONE, at)


@transaction.atomic
def weights_hold(*, model_id: UUID, actor: Actor, at: datetime) -> LinkageModel:
    """Go back to an earlier version. Pairs that were judged keep what they were judged by.

    Raises NotFound (also a version learnt from a file that is not in the register), NotAllowed, UnableTo (in force
    already).
    """
    model = LinkageModel.objects.select_for_update().filter(id=model_id, held_at__isnull=False).first()
    if model is None:
        raise NotFound
    require(policies.may_learn, actor, model)
    held = model_held(region_code=model.region_code)
    if held is not None and held.id == model.id:
        raise UnableTo(_("These weights are in force already."))
    model.held_at, model.held_by_id = at, actor.user_id
    model.save(update_fields=["held_at", "held_by"])
    record("registry.weights.held", model, actor=actor, at=at, people=model.people,
           learnt_at=model.learnt_at.isoformat())  # fmt: skip
    return model


def weights_of_file_hold(*, intake: Intake, at: datetime) -> None:
    """A file has entered the register: the weights that were learnt from it hold, where there are none yet."""
    if intake.counts.get("broken") or model_held(region_code=intake.region_code) is not None:
        return
    model = LinkageModel.objects.filter(intake=intake, held_at__isnull=True).order_by("-learnt_at", "-id").first()
    if model is not None:
        model.held_at, model.held_by_id = at, intake.committed_by_id
        model.save(update_fields=["held_at", "held_by"])
        record("registry.weights.learnt", model, actor=Actor.system(), at=at, people=model.people)


def weights_of_file_drop(*, intake: Intake) -> None:
    """A file has left the register: what was learnt from it judges that file alone again."""
    LinkageModel.objects.filter(intake=intake).update(held_at=None, held_by=None)


@transaction.atomic
def _tell(run: LearningRun, step: LearningStep) -> None:
    LearningRun.objects.filter(id=run.id, ended_at__isnull=True).update(step=step)


def _end(run: LearningRun, step: LearningStep, at: datetime) -> LearningRun:
    run.step, run.ended_at = step, at
    run.save(update_fields=["step", "ended_at"])
    return run
