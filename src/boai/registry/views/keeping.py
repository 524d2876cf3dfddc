"""How long data are kept, what the nights destroyed, what waits for a word; responses and what belongs to them."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from boai.kernel.clock import local_date, now
from boai.kernel.policy import require
from boai.people.access import StaffRequest, signed_in
from boai.registry import policies, services
from boai.registry.forms.consents import EmergencyForm, ProposalForm, TagForm
from boai.registry.queries import household_get
from boai.registry.queries import keeping as queries
from boai.registry.services.intakes import Division
from boai.registry.views import shared


@signed_in
@require_GET
def keeping(request: StaffRequest) -> HttpResponseBase:
    """The rules, the nights, and the households that wait for a word."""
    here = Division(request.actor.region_code)
    require(policies.may_see_requests, request.actor, here)
    today = local_date(now())
    context = {
        "rules": queries.keep_rules(actor=request.actor, on=today),
        "nights": queries.nights(actor=request.actor),
        "proposals": queries.proposals_open(actor=request.actor),
        "rule_columns": [_("What"), _("Kept for"), _("Next due")],
        "night_columns": [_("What"), _("Place"), {"label": _("How many"), "align": "num"}],
        "proposal_columns": [_("Household"), _("Village or community"), _("Last changed")],
        "crumbs": _crumbs(_("Keeping and destroying")),
    }
    return render(request, "registry/keeping.html", context)


@signed_in
def proposal(request: StaffRequest, proposal_id: UUID) -> HttpResponseBase:
    """Does this household go?"""
    row = queries.proposal_get(proposal_id=proposal_id, actor=request.actor)
    require(policies.may_decide_proposal, request.actor, row)
    form = ProposalForm(request.POST or None)
    back = reverse("registry:keeping")
    if request.method == "POST" and form.is_valid():
        with shared.errors_into(form):
            services.proposal_decide(
                proposal_id=proposal_id, action=form.cleaned_data["action"], reason=form.cleaned_data["reason"],
                actor=request.actor, at=now(),
            )  # fmt: skip
            messages.success(request, _("The decision is written down."))
            return redirect(back)
    lead = _("Nobody of this household holds a category or received help for the time of the rulebook. A deletion "
             "can't be undone.")  # fmt: skip
    return shared.form_page(request, form, title=_("Does this household stay in the register?"), back=back, lead=lead,
                            kind="danger", submit=_("Write the decision down"))  # fmt: skip


@signed_in
def emergencies(request: StaffRequest) -> HttpResponseBase:
    """The responses of the division; a form for a new one."""
    here = Division(request.actor.region_code)
    require(policies.may_see_requests, request.actor, here)
    at = now()
    form = EmergencyForm(request.POST or None, initial={"started_on": local_date(at)})
    if request.method == "POST" and form.is_valid():
        with shared.errors_into(form):
            made = services.emergency_open(
                region_code=request.actor.region_code, name=form.cleaned_data["name"],
                started_on=form.cleaned_data["started_on"], actor=request.actor, at=at,
            )  # fmt: skip
            messages.success(request, _("The response is open."))
            return redirect("registry:emergency", made.id)
    context = {
        "rows": queries.emergencies_in_reach(actor=request.actor),
        "form": form if policies.may_run_emergency(request.actor, here) else None,
        "columns": [_("Response"), _("Began on"), _("State")],
        "crumbs": _crumbs(_("Emergency responses")),
    }
    return render(request, "registry/emergencies.html", context, status=422 if form.errors else 200)


@signed_in
def emergency(request: StaffRequest, emergency_id: UUID) -> HttpResponseBase:
    """One response: what was collected for it, what becomes of it."""
    row = queries.emergency_get(emergency_id=emergency_id, actor=request.actor)
    require(policies.may_see_requests, request.actor, row)
    files = queries.intakes_to_tag(emergency=row, actor=request.actor)
    form = TagForm(request.POST or None, label=_("Register file"), things=[(str(f.id), f.file_name) for f in files])
    if request.method == "POST" and form.is_valid():
        with shared.errors_into(form):
            services.intake_tag(
                emergency_id=emergency_id, intake_id=UUID(form.cleaned_data["thing"]), actor=request.actor, at=now()
            )
            messages.success(request, _("Its people will be deleted with the response."))
            return redirect("registry:emergency", emergency_id)
    open_ = row.ended_at is None and bool(policies.may_run_emergency(request.actor, row))
    context = {
        "row": row,
        "things": queries.emergency_things(emergency=row),
        "days": queries.emergency_days(emergency=row, on=local_date(now())),
        "form": form if open_ and files else None,
        "may_end": open_,
        "crumbs": [{"label": _("Emergency responses"), "url": reverse("registry:emergencies")},
                   {"label": row.name, "url": ""}],
    }  # fmt: skip
    return render(request, "registry/emergency.html", context, status=422 if form.errors else 200)


@signed_in
@require_POST
def emergency_end(request: StaffRequest, emergency_id: UUID) -> HttpResponseBase:
    """The response is over."""
    services.emergency_end(emergency_id=emergency_id, actor=request.actor, at=now())
    messages.success(request, _("The response has ended. What was collected for it alone will be destroyed."))
    return redirect("registry:emergency", emergency_id)


@signed_in
def household_tag(request: StaffRequest, household_id: UUID) -> HttpResponseBase:
    """This household was entered for a response alone."""
    row = household_get(household_id=household_id, actor=request.actor)
    require(policies.may_write, request.actor, row)
    open_ = [(str(one.id), one.name) for one in queries.emergencies_open(actor=request.actor)]
    if not open_:
        messages.info(request, _("No response is open. Open one first."))
        return redirect("registry:emergencies")
    form = TagForm(request.POST or None, label=_("Response"), things=open_)
    back = reverse("registry:household", args=[household_id])
    if request.method == "POST" and form.is_valid():
        with shared.errors_into(form):
            services.household_tag(
                emergency_id=UUID(form.cleaned_data["thing"]), household_id=household_id, actor=request.actor, at=now()
            )
            messages.success(request, _("This household will be deleted with the response."))
            return redirect(back)
    lead = _("When the response has ended, this household is deleted, except what a case needs.")
    return shared.form_page(request, form, title=_("Entered for a response alone"), back=back, lead=lead)


def _crumbs(title: str) -> list[dict[str, str]]:
    return [{"label": _("Register"), "url": reverse("registry:household_list")}, {"label": title, "url": ""}]
