"""The weights by which people are compared: versions, learning anew, going back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from boai.kernel.clock import now
from boai.kernel.errors import UnableTo
from boai.kernel.policy import require
from boai.people.access import StaffRequest, signed_in
from boai.registry import policies, services
from boai.registry.enums import LearningStep
from boai.registry.models import LearningRun
from boai.registry.queries import learning as queries
from boai.registry.services.intakes import Division

_STEPS = [LearningStep.WAITING, LearningStep.READING, LearningStep.LEARNING]


@signed_in
@require_GET
def weights(request: StaffRequest) -> HttpResponseBase:
    """Every version with its day, its people and whose word it was; a job on its way."""
    _allowed(request)
    last = queries.learning_last(actor=request.actor)
    context = {
        "versions": queries.versions(actor=request.actor),
        "columns": [_("Learnt on"), {"label": _("People"), "align": "num"}, _("Learnt by"), _("State"), ""],
        "run": last,
        "busy": last is not None and last.ended_at is None,
        "progress": _progress(last) if last is not None else {},
        "crumbs": [{"label": _("Possible duplicates"), "url": reverse("registry:pair_list")},
                   {"label": _("Weights of the comparison"), "url": ""}],
    }  # fmt: skip
    return render(request, "registry/weights.html", context)


@signed_in
@require_POST
def learn(request: StaffRequest) -> HttpResponseBase:
    """Learn anew from the register."""
    try:
        services.learning_ask(region_code=request.actor.region_code, actor=request.actor, at=now())
    except UnableTo as error:
        messages.info(request, error.message)
    return redirect("registry:weights")


@signed_in
@require_POST
def hold(request: StaffRequest, model_id: UUID) -> HttpResponseBase:
    """Go back to a version."""
    try:
        services.weights_hold(model_id=model_id, actor=request.actor, at=now())
    except UnableTo as error:
        messages.info(request, error.message)
    else:
        messages.success(request, _("From now on people are compared by these weights."))
    return redirect("registry:weights")


@signed_in
@require_GET
def progress(request: StaffRequest) -> HttpResponseBase:
    """What htmx asks every two seconds; when it is over, the whole page anew."""
    _allowed(request)
    last = queries.learning_last(actor=request.actor)
    if last is None or last.ended_at is not None:
        answer = HttpResponse(status=204)
        answer["HX-Refresh"] = "true"
        return answer
    return render(request, "web/components/progress.html", _progress(last))


def _progress(run: LearningRun) -> dict[str, Any]:
    step = LearningStep(run.step)
    done = _STEPS.index(step) if step in _STEPS else len(_STEPS)
    return {
        "id": "learning", "label": str(step.label), "done": done, "total": len(_STEPS), "unit": _("steps"),
        "note": _("You can leave this page; the work goes on."), "poll_url": reverse("registry:weights_progress"),
    }  # fmt: skip


def _allowed(request: StaffRequest) -> None:
    require(policies.may_learn, request.actor, Division(request.actor.region_code))
