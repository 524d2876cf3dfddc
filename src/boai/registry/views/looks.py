"""Who looked: the household's own list, what the supervisor asks about, the watch list."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from boai.kernel.clock import now
from boai.kernel.policy import require
from boai.people.access import StaffRequest, signed_in
from boai.registry import policies, services
from boai.registry.forms.looks import AnswerForm, WatchForm
from boai.registry.queries import household_get
from boai.registry.queries import looks as queries
from boai.registry.services.intakes import Division
from boai.registry.views import shared


@signed_in
@require_GET
def household_looks(request: StaffRequest, household_id: UUID) -> HttpResponseBase:
    """Everybody who opened this household's sensitive facts."""
    household = household_get(household_id=household_id, actor=request.actor)
    require(policies.may_tell_looks, request.actor, household)
    context = {
        "household": household,
        "looks": queries.looks_of(household=household),
        "columns": [_("When"), _("By whom"), _("Post"), _("In which work"), _("Reason given")],
        "crumbs": [
            {"label": _("Register"), "url": reverse("registry:household_list")},
            {"label": household.code, "url": reverse("registry:household", args=[household_id])},
            {"label": _("Who looked"), "url": ""},
        ],
    }
    return render(request, "registry/household_looks.html", context)


@signed_in
@require_POST
def household_looks_print(request: StaffRequest, household_id: UUID) -> HttpResponseBase:
    """The same as a paper for the person; that it was given out is recorded."""
    pdf = services.looks_tell(household_id=household_id, actor=request.actor, at=now())
    answer = HttpResponse(pdf, content_type="application/pdf")
    answer["Content-Disposition"] = 'attachment; filename="looks.pdf"'
    answer["Cache-Control"] = "no-store"
    return answer


@signed_in
@require_GET
def flag_list(request: StaffRequest) -> HttpResponseBase:
    """What the supervisor has to ask about, and what was answered."""
    require(policies.may_watch, request.actor, Division(request.actor.region_code))
    context = {
        "open": queries.flags_open(actor=request.actor),
        "answered": queries.flags_answered(actor=request.actor),
        "watched": queries.watched(actor=request.actor),
        "watch_form": WatchForm(),
        "columns": [_("What"), _("By whom"), _("Day"), {"label": _("Looks that day"), "align": "num"}],
        "answered_columns": [_("What"), _("By whom"), _("Day"), _("Outcome")],
    }
    return render(request, "registry/look_list.html", context)


@signed_in
def flag(request: StaffRequest, flag_id: UUID) -> HttpResponseBase:
    """One unusual look: what happened that day, and the answer."""
    view = queries.flag_view(flag_id=flag_id, actor=request.actor)
    require(policies.may_watch, request.actor, Division(view.flag.region_code))
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with shared.errors_into(form):
            services.flag_answer(
                flag_id=flag_id, action=form.cleaned_data["action"], words=form.cleaned_data["words"],
                actor=request.actor, at=now(),
            )  # fmt: skip
            messages.success(request, _("The answer is written down."))
            return redirect("registry:flag_list")
    verdict = policies.may_answer_flag(request.actor, view.flag)
    context = {
        "view": view,
        "form": form if verdict else None,
        "why": verdict.why,
        "facts": [
            {"label": _("What"), "value": view.flag.get_kind_display(), "tone": "wait"},
            {"label": _("By whom"), "value": view.who},
            {"label": _("Day"), "value": view.flag.day.isoformat()},
            _household(view),
        ],
        "columns": [_("When"), _("In which work"), _("Reason given")],
        "crumbs": [
            {"label": _("Unusual looks"), "url": reverse("registry:flag_list")},
            {"label": view.flag.get_kind_display(), "url": ""},
        ],
    }  # fmt: skip
    return render(request, "registry/look_flag.html", context, status=422 if form.errors else 200)


def _household(view: queries.FlagView) -> dict[str, str]:
    """The household that was looked at; nothing when its file was taken out of the register again."""
    if view.household is None:
        return {"label": _("Household"), "value": ""}
    url = reverse("registry:household", args=[view.household.id])
    return {"label": _("Household"), "value": view.head or view.household.code, "url": url}


@signed_in
@require_POST
def watched_add(request: StaffRequest) -> HttpResponseBase:
    """Put a name on the watch list."""
    require(policies.may_watch, request.actor, Division(request.actor.region_code))
    form = WatchForm(request.POST)
    if form.is_valid():
        services.watched_add(
            name=form.cleaned_data["name"], note=form.cleaned_data["note"], actor=request.actor, at=now()
        )
        messages.success(request, _("The name is on the list."))
    else:
        messages.error(request, _("Give the whole name."))
    return redirect("registry:flag_list")


@signed_in
@require_POST
def watched_end(request: StaffRequest, person_id: UUID) -> HttpResponseBase:
    """Take a name off the watch list."""
    services.watched_end(person_id=person_id, actor=request.actor, at=now())
    messages.success(request, _("The name is off the list."))
    return redirect("registry:flag_list")
