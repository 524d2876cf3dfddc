"""Requests of people about their own data: the list with its clock, a new one, the page where it is decided."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from boai.kernel.clock import local_date, now
from boai.kernel.money import format_fen
from boai.kernel.policy import require
from boai.people.access import StaffRequest, signed_in
from boai.registry import policies, services
from boai.registry.enums import RequestKind, RequestState
from boai.registry.forms.households import HouseholdForm, ResidentForm
from boai.registry.forms.requests import DecisionForm, RequestForm
from boai.registry.models import DataRequest, Household, Resident
from boai.registry.queries import household_page
from boai.registry.queries import requests as queries
from boai.registry.services.intakes import Division
from boai.registry.views import shared

_TYPES = {"json": "application/json", "pdf": "application/pdf"}


@signed_in
@require_GET
def request_list(request: StaffRequest) -> HttpResponseBase:
    """What waits, the most urgent first, and what was answered."""
    require(policies.may_see_requests, request.actor, Division(request.actor.region_code))
    context = {
        "open": queries.requests_open(actor=request.actor),
        "closed": queries.requests_closed(actor=request.actor),
        "today": local_date(now()),
        "columns": [_("Person"), _("What is asked for"), _("State"), _("Answer by")],
        "crumbs": [
            {"label": _("Register"), "url": reverse("registry:household_list")},
            {"label": _("Requests of people"), "url": ""},
        ],
    }
    return render(request, "registry/request_list.html", context)


@signed_in
def request_new(request: StaffRequest, household_id: UUID) -> HttpResponseBase:
    """Write down what a person of this household asks for."""
    at = now()
    view = household_page(household_id=household_id, actor=request.actor, on=local_date(at))
    require(policies.may_write, request.actor, view.household)
    people = [(str(one.id), f"{one.name}（{one.relation}）") for one in (*view.members, *view.former)]
    form = RequestForm(request.POST or None, members=people)
    back = reverse("registry:household", args=[household_id])
    if request.method == "POST" and form.is_valid():
        with shared.errors_into(form):
            made = services.request_receive(
                resident_id=UUID(form.cleaned_data["resident_id"]), kind=form.cleaned_data["kind"],
                words=form.cleaned_data["words"], asked_by=form.cleaned_data["asked_by"],
                purpose=form.cleaned_data["purpose"], actor=request.actor, at=at,
            )  # fmt: skip
            messages.success(request, _("The request is written down; the clock runs."))
            return redirect("registry:request", made.id)
    lead = _("People may see, copy, correct and delete their data, and object to a use.")
    return shared.form_page(request, form, title=_("Request about one's own data"), back=back, lead=lead)


@signed_in
def person_request(request: StaffRequest, request_id: UUID) -> HttpResponseBase:
    """One request: what was asked, until when, the decision, the copy."""
    row = queries.request_get(request_id=request_id, actor=request.actor)
    require(policies.may_see_requests, request.actor, row)
    form = DecisionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with shared.errors_into(form):
            services.request_decide(
                request_id=request_id, action=form.cleaned_data["action"], answer=form.cleaned_data["answer"],
                actor=request.actor, at=now(),
            )  # fmt: skip
            messages.success(request, _("The decision is written down."))
            return redirect("registry:request", request_id)
    verdict = policies.may_decide_request(request.actor, row)
    granted = row.state in (RequestState.GRANTED, RequestState.DONE)
    context = {
        "row": row,
        "facts": _facts(row),
        "form": form if verdict and row.state == RequestState.RECEIVED else None,
        "why": verdict.why if row.state == RequestState.RECEIVED else "",
        "may_copy": granted
        and row.kind in (RequestKind.SEE, RequestKind.COPY)
        and bool(policies.may_read_sensitive(request.actor, row)),
        "may_finish": row.state == RequestState.GRANTED and bool(policies.may_write(request.actor, row)),
        "changed": _changed(row),
        "crumbs": [
            {"label": _("Requests of people"), "url": reverse("registry:request_list")},
            {"label": row.code, "url": ""},
        ],
    }
    return render(request, "registry/request.html", context, status=422 if form.errors else 200)


def _facts(row: DataRequest) -> list[dict[str, str]]:
    return [
        {"label": _("Person"), "value": row.resident.name,
         "url": reverse("registry:household", args=[row.resident.household_id])},
        {"label": _("What is asked for"), "value": row.get_kind_display()},
        *([{"label": _("Use"), "value": row.get_purpose_display()}] if row.purpose else []),
        {"label": _("Taken in by"), "value": row.received_by.name},
        {"label": _("Answer by"), "value": row.due_on.isoformat(), "tone": "wait"},
        {"label": _("Decided by"), "value": row.decided_by.name if row.decided_by else ""},
    ]  # fmt: skip


def _changed(row: DataRequest) -> list[str]:
    """What a correction changed, in the words of the forms."""
    labels = {
        **{field.name: str(getattr(field, "verbose_name", field.name)) for field in Household._meta.local_fields},
        **{field.name: str(getattr(field, "verbose_name", field.name)) for field in Resident._meta.local_fields},
    }
    return [labels.get(name, name) for name in row.changed]


@signed_in
def request_correct(request: StaffRequest, request_id: UUID) -> HttpResponseBase:
    """Correct the person's facts as the request asks."""
    row = queries.request_get(request_id=request_id, actor=request.actor)
    require(policies.may_write, request.actor, row)
    person = row.resident
    initial = {name: getattr(person, name) for name in ("name", "relation", "sex", "born_on", "bank", "version")}
    tails = {"number": person.number_tail, "phone": person.phone_tail, "account": person.account_tail}
    at = now()
    form = ResidentForm(request.POST or None, today=local_date(at), of_head=person.is_head, tails=tails,
                        initial=initial, keeps_version=True)  # fmt: skip
    back = reverse("registry:request", args=[request_id])
    if request.method == "POST" and form.is_valid():
        with shared.errors_into(form):
            services.correction_make(
                request_id=request_id, version=form.cleaned_data["version"], facts=form.facts(), actor=request.actor,
                at=at,
            )  # fmt: skip
            messages.success(request, _("Corrected; the request says what was changed."))
            return redirect(back)
    return shared.form_page(request, form, title=_("Correct %(name)s") % {"name": person.name}, back=back,
                            lead=row.words)  # fmt: skip


@signed_in
def request_correct_home(request: StaffRequest, request_id: UUID) -> HttpResponseBase:
    """Correct address, income and number of the person's household."""
    row = queries.request_get(request_id=request_id, actor=request.actor)
    require(policies.may_write, request.actor, row)
    home = row.resident.household
    initial = {
        "region_code": home.region_code,
        "address": home.address,
        "office_number": home.office_number,
        "income_fen": format_fen(home.income_fen, sign=False) if home.income_fen is not None else "",
        "version": home.version,
    }
    form = HouseholdForm(request.POST or None, root=request.actor.region_code, initial=initial)
    back = reverse("registry:request", args=[request_id])
    if request.method == "POST" and form.is_valid():
        with shared.errors_into(form):
            services.home_correction_make(
                request_id=request_id, version=form.cleaned_data["version"], facts=form.household(),
                actor=request.actor, at=now(),
            )  # fmt: skip
            messages.success(request, _("Corrected; the request says what was changed."))
            return redirect(back)
    return shared.form_page(request, form, title=_("Change the household"), back=back, lead=row.words)


@signed_in
@require_POST
def request_copy(request: StaffRequest, request_id: UUID, form: str) -> HttpResponseBase:
    """The copy for the person, as a file that other systems read or as a paper."""
    content = services.copy_make(request_id=request_id, form=form, actor=request.actor, at=now())
    answer = HttpResponse(content, content_type=_TYPES[form])
    answer["Content-Disposition"] = f'attachment; filename="copy.{form}"'
    answer["Cache-Control"] = "no-store"
    return answer


@signed_in
@require_POST
def request_finish(request: StaffRequest, request_id: UUID) -> HttpResponseBase:
    """What was granted is done."""
    services.request_finish(request_id=request_id, actor=request.actor, at=now())
    messages.success(request, _("The request is closed."))
    return redirect("registry:request", request_id)
