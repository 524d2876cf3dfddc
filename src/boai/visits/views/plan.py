"""Planning visits: for one household, for many of a village, once more, differently."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from boai.kernel.clock import local_date, now
from boai.kernel.errors import StalePage
from boai.kernel.policy import require
from boai.people.access import StaffRequest, signed_in
from boai.registry.queries import household_get
from boai.visits import policies, queries, services
from boai.visits.forms.planning import ChangeForm, PlanForm, VillageForm, initial_of, uuids
from boai.visits.services.phone import Here
from boai.visits.views import shared


def _form(request: StaffRequest, kind: type[PlanForm] = PlanForm, **initial: Any) -> PlanForm:
    today = local_date(now())
    visitors = list(queries.visitors_on(today, actor=request.actor).values())
    data = request.POST if request.method == "POST" else None
    return kind(data, visitors=visitors, initial={"day": today + timedelta(days=1)} | initial)


@signed_in
def village(request: StaffRequest) -> HttpResponseBase:
    """Choose a village, then households of it, then the day and the visitors."""
    require(policies.may_plan, request.actor, Here(request.actor.region_code))
    chooser = VillageForm(request.GET or None, root=request.actor.region_code)
    code = chooser.cleaned_data["village"] if chooser.is_bound and chooser.is_valid() else ""
    form = _form(request)
    chosen = request.POST.getlist("households")
    if request.method == "POST" and form.is_valid():
        with shared.errors_into(form):
            made = services.visits_plan(
                household_ids=uuids(",".join(chosen)), plan=form.plan(), actor=request.actor, at=now()
            )
            messages.success(request, ngettext("%(n)s visit is planned.", "%(n)s visits are planned.", len(made))
                             % {"n": len(made)})  # fmt: skip
            return redirect("visits:list")
    homes = queries.village_homes(region_code=code, actor=request.actor, on=local_date(now())) if code else []
    context = {
        "chooser": chooser,
        "form": form,
        "code": code,
        "homes": [(home, day, str(home.id) in chosen) for home, day in homes],
        "columns": [_("Head of household"), _("Home address"), _("Last or next visit")],
        "crumbs": shared.crumbs({"label": _("Plan visits"), "url": ""}),
    }
    return render(request, "visits/plan.html", context, status=422 if form.errors else 200)


@signed_in
def one(request: StaffRequest, household_id: UUID) -> HttpResponseBase:
    """Plan a visit to one household."""
    home = household_get(household_id=household_id, actor=request.actor)
    require(policies.may_plan, request.actor, home)
    form = _form(request)
    if request.method == "POST" and form.is_valid():
        with shared.errors_into(form):
            made = services.visits_plan(household_ids=[home.id], plan=form.plan(), actor=request.actor, at=now())
            messages.success(request, _("The visit is planned."))
            return redirect("visits:visit", made[0].id)
    return shared.form_page(request, form, title=_("Plan a visit"), submit=_("Plan the visit"),
                            back=reverse("registry:household", args=[home.id]), draft="visit-plan")  # fmt: skip


@signed_in
def again(request: StaffRequest, visit_id: UUID) -> HttpResponseBase:
    """Plan a visit once more."""
    visit = queries.visit_get(visit_id=visit_id, actor=request.actor)
    require(policies.may_plan, request.actor, visit)
    first = initial_of(visit, day=local_date(now()) + timedelta(days=1))
    form = _form(request, **first)
    form.fields["purpose"].disabled = True
    if request.method == "POST" and form.is_valid():
        with shared.errors_into(form):
            made = services.visit_again(visit_id=visit.id, plan=form.plan(), actor=request.actor, at=now())
            messages.success(request, _("The visit is planned."))
            return redirect("visits:visit", made.id)
    return shared.form_page(request, form, title=_("Plan once more"), submit=_("Plan the visit"),
                            back=reverse("visits:visit", args=[visit.id]))  # fmt: skip


@signed_in
def change(request: StaffRequest, visit_id: UUID) -> HttpResponseBase:
    """Change the plan of a visit."""
    visit = queries.visit_get(visit_id=visit_id, actor=request.actor)
    require(policies.may_plan, request.actor, visit)
    form = _form(request, ChangeForm, **initial_of(visit))
    if request.method == "POST" and form.is_valid():
        try:
            with shared.errors_into(form):
                services.visit_change(
                    visit_id=visit.id, version=form.cleaned_data["version"], plan=form.plan(), actor=request.actor,
                    at=now(),
                )  # fmt: skip
                messages.success(request, _("Saved."))
                return redirect("visits:visit", visit.id)
        except StalePage as error:
            form.add_error(None, error.message)
    lead = _("Whoever has this visit on a phone already will be told of the change when their record arrives.")
    return shared.form_page(request, form, title=_("Change the plan"), submit=_("Save"), lead=lead,
                            back=reverse("visits:visit", args=[visit.id]))  # fmt: skip
