"""The register list, a household's page, and what is changed about the household as a whole."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from boai.kernel.clock import local_date, now
from boai.kernel.errors import BadInput
from boai.kernel.money import format_fen
from boai.kernel.policy import require
from boai.people.access import StaffRequest, signed_in
from boai.people.roles import Duty
from boai.registry import policies, queries, services
from boai.registry.calls import calls_of
from boai.registry.forms.households import FilterForm, HouseholdForm, LeaveForm, NewHouseholdForm, ReasonForm
from boai.registry.forms.lives import NewHeadForm, OnForm
from boai.registry.queries.households import HouseholdView
from boai.registry.services.intakes import Division
from boai.registry.views import shared


@signed_in
def household_list(request: StaffRequest) -> HttpResponseBase:
    """Search the register: by name, pinyin, identity number, telephone, code; by village and category."""
    here = Division(request.actor.region_code)
    require(policies.may_read, request.actor, here)
    form = FilterForm(request.GET or None, root=request.actor.region_code)
    page = queries.household_list(
        actor=request.actor,
        on=local_date(now()),
        text=form.said("q"),
        category=form.said("category"),
        region=form.said("region"),
        key=request.GET.get("key", ""),
    )
    may_write = bool(policies.may_write(request.actor, here))
    context = {
        "form": form,
        "page": page,
        "may_write": may_write,
        "rechecks": queries.rechecks_count(actor=request.actor) if may_write else 0,
        "columns": [_("Head of household"), _("Household code"), _("Village or community"),
                    {"label": _("People"), "align": "num"}, _("Categories")],
        "previous_url": shared.page_url(request, page.before),
        "next_url": shared.page_url(request, page.after),
    }  # fmt: skip
    return render(request, "registry/household_list.html", context)


@signed_in
def household(request: StaffRequest, household_id: UUID) -> HttpResponseBase:
    """A household's page: people, categories with dates, what is sealed behind a click."""
    return render(request, "registry/household.html", _page(request, household_id))


def _page(request: StaffRequest, household_id: UUID, reason_form: ReasonForm | None = None) -> dict[str, Any]:
    today = local_date(now())
    view = queries.household_page(household_id=household_id, actor=request.actor, on=today)
    require(policies.may_read, request.actor, view.household)
    may_open = bool(policies.may_read_sensitive(request.actor, view.household))
    open_page = view.household.ended_on is None
    return {
        "view": view,
        "today": today,
        "facts": _facts(view),
        "may_write": open_page and bool(policies.may_write(request.actor, view.household)),
        "may_return": bool(policies.may_write(request.actor, view.household)),
        "may_open": may_open,
        "may_tell_looks": bool(policies.may_tell_looks(request.actor, view.household)),
        "reason_form": reason_form or ReasonForm(),
        "crumbs": [
            {"label": _("Register"), "url": reverse("registry:household_list")},
            {"label": view.head.name if view.head else view.household.code, "url": ""},
        ],
        "columns": [
            _("Name"),
            _("Relation"),
            _("Sex and age"),
            _("Identity number"),
            _("Telephone"),
            _("Categories"),
            {"label": _("Actions"), "hidden_label": True},
        ],
        "former_columns": [_("Name"), _("Reason"), _("On"), {"label": _("Actions"), "hidden_label": True}],
        "history": queries.household_history(household_id=household_id),
        "received": queries.household_received(household_id=household_id, on=today),
        "calls": calls_of(household_id, queries.whose(household_id=household_id).households),
        "may_plan_call": open_page and request.actor.has(Duty.VISIT_PLAN),
        "on_form": OnForm(initial={"on": today}),
    }


def _facts(view: HouseholdView) -> list[dict[str, Any]]:
    row = view.household
    income = format_fen(row.income_fen) if row.income_fen is not None else None
    facts: list[dict[str, Any]] = [
        {"label": _("Village or community"), "value": view.place},
        {"label": _("Home address"), "value": row.address},
        {"label": _("People"), "value": len(view.members)},
        {"label": _("Yearly income"), "value": income},
        {"label": _("Household code"), "value": row.code, "mono": True},
        {"label": _("Household number of the office"), "value": row.office_number, "mono": True},
    ]
    if row.ended_on:
        facts.append({"label": _("Closed on"), "value": row.ended_on.isoformat(), "tone": "wait"})
    return facts


@signed_in
def household_new(request: StaffRequest) -> HttpResponseBase:
    """Enter a household with its head by hand."""
    require(policies.may_write, request.actor, Division(request.actor.region_code))
    at = now()
    form = NewHouseholdForm(request.POST or None, root=request.actor.region_code, today=local_date(at))
    if request.method == "POST" and form.is_valid():
        with shared.errors_into(form):
            made = services.household_create(
                facts=form.household(), head=form.person("head"), actor=request.actor, at=at
            )
            messages.success(request, _("The household is in the register."))
            return redirect("registry:household", made.id)
    return shared.form_page(request, form, title=_("New household"), back=reverse("registry:household_list"),
                            draft="household-new", submit=_("Enter the household"))  # fmt: skip


@signed_in
def household_edit(request: StaffRequest, household_id: UUID) -> HttpResponseBase:
    """Change address, income, number or village."""
    row = queries.household_get(household_id=household_id, actor=request.actor)
    require(policies.may_write, request.actor, row)
    initial = {
        "region_code": row.region_code,
        "address": row.address,
        "office_number": row.office_number,
        "income_fen": format_fen(row.income_fen, sign=False) if row.income_fen is not None else "",
        "version": row.version,
    }
    form = HouseholdForm(request.POST or None, root=request.actor.region_code, initial=initial)
    back = reverse("registry:household", args=[household_id])
    if request.method == "POST" and form.is_valid():
        with shared.errors_into(form):
            services.household_change(
                household_id=household_id,
                version=form.cleaned_data["version"],
                facts=form.household(),
                actor=request.actor,
                at=now(),
            )
            messages.success(request, _("Saved."))
            return redirect(back)
    return shared.form_page(request, form, title=_("Change the household"), back=back)


@signed_in
def head(request: StaffRequest, household_id: UUID) -> HttpResponseBase:
    """Make another member the head."""
    at = now()
    view = queries.household_page(household_id=household_id, actor=request.actor, on=local_date(at))
    require(policies.may_write, request.actor, view.household)
    others = [(str(m.id), f"{m.name}({m.relation})") for m in view.members if not m.is_head]
    initial = {"version": view.household.version, "on": local_date(at)}
    form = NewHeadForm(request.POST or None, members=others, today=local_date(at), initial=initial)
    back = reverse("registry:household", args=[household_id])
    if request.method == "POST" and form.is_valid():
        with shared.errors_into(form):
            services.head_change(
                household_id=household_id,
                version=form.cleaned_data["version"],
                new_head_id=UUID(form.cleaned_data["new_head_id"]),
                former_becomes=form.cleaned_data["former_becomes"],
                former_leaves=form.cleaned_data["former_leaves"],
                on=form.cleaned_data["on"],
                note=form.cleaned_data["event_note"],
                actor=request.actor,
                at=at,
            )
            messages.success(request, _("The household has a new head. Please check the other members' relations."))
            return redirect(back)
    return shared.form_page(request, form, title=_("Change the head"), back=back)


@signed_in
def household_close(request: StaffRequest, household_id: UUID) -> HttpResponseBase:
    """Close a household that has nobody left but its head."""
    at = now()
    row = queries.household_get(household_id=household_id, actor=request.actor)
    require(policies.may_write, request.actor, row)
    today = local_date(at)
    form = LeaveForm(request.POST or None, today=today, initial={"version": row.version, "on": today})
    back = reverse("registry:household", args=[household_id])
    if request.method == "POST" and form.is_valid():
        with shared.errors_into(form):
            services.household_end(
                household_id=household_id,
                version=form.cleaned_data["version"],
                reason=form.cleaned_data["reason"],
                on=form.cleaned_data["on"],
                actor=request.actor,
                at=at,
            )
            messages.success(request, _("The household is closed; its history stays."))
            return redirect(back)
    lead = _("For a household that has died out or moved away. Only its head may still be in it.")
    return shared.form_page(request, form, title=_("Close the household"), back=back, lead=lead, kind="danger")


@signed_in
@require_POST
def sensitive(request: StaffRequest, household_id: UUID) -> HttpResponseBase:
    """Show sensitive facts, full numbers and notes; the look is recorded with its reason."""
    form = ReasonForm(request.POST)
    if form.is_valid():
        try:
            facts = services.sensitive_open(
                household_id=household_id, reason=form.cleaned_data["reason"], actor=request.actor, at=now()
            )
        except BadInput as error:
            shared.add_errors(form, error)
        else:
            answer = render(request, "registry/household.html", _page(request, household_id) | {"sensitive": facts})
            return _not_kept(answer)
    context = _page(request, household_id, reason_form=form)
    return render(request, "registry/household.html", context, status=422)


def _not_kept(answer: HttpResponse) -> HttpResponse:
    """Opened secrets stay in no cache, not even behind the back button."""
    answer["Cache-Control"] = "no-store"
    return answer
