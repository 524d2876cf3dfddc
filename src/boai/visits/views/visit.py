"""A visit's page and what is done on it."""

from __future__ import annotations

import uuid
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from boai.files.services import file_open
from boai.files.web import file_response
from boai.kernel.clock import local_date, now
from boai.kernel.errors import StalePage
from boai.kernel.policy import require
from boai.people.access import StaffRequest, signed_in
from boai.people.queries import names
from boai.visits import policies, queries, services
from boai.visits.enums import AGAIN, State
from boai.visits.forms.planning import CancelForm, SettleForm
from boai.visits.forms.records import RecordForm
from boai.visits.queries.pages import VisitPage, photo_get
from boai.visits.views import shared


@signed_in
def show(request: StaffRequest, visit_id: UUID) -> HttpResponseBase:
    """The plan, the reports, what contradicts itself."""
    return render(request, "visits/visit.html", _context(request, _page(request, visit_id)))


def _page(request: StaffRequest, visit_id: UUID) -> VisitPage:
    page = queries.visit_page(visit_id=visit_id, actor=request.actor, on=local_date(now()))
    require(policies.may_read, request.actor, page.trip)
    return page


def _context(request: StaffRequest, page: VisitPage, settle_form: SettleForm | None = None) -> dict[str, Any]:
    actor, visit = request.actor, page.visit
    planned = visit.state == State.PLANNED
    may_plan = bool(policies.may_plan(actor, visit))
    may_settle = policies.may_settle(actor, page.dispute)
    home_url = reverse("registry:household", args=[visit.household_id])
    facts = [
        {"label": _("Household"), "value": page.row.head, "url": home_url},
        {"label": _("Village or community"), "value": page.row.place},
        {"label": _("Home address"), "value": page.row.address},
        {"label": _("Day of visit"), "value": visit.day.isoformat()},
        {"label": _("Purpose"), "value": page.row.purpose},
        {"label": _("Who visits"), "value": "、".join(page.row.who), "note": visit.alone_reason},
        {"label": _("What to ask"), "value": visit.ask},
        {"label": _("Planned by"), "value": page.planned_by},
        {"label": _("Reason"), "value": visit.reason},
    ]  # fmt: skip
    return {
        "page": page,
        "visit": visit,
        "facts": [fact for fact in facts if fact["value"]],
        "may_change": planned and may_plan,
        "may_report": planned and bool(policies.may_report(actor, page.trip)),
        "may_declare": planned and bool(policies.may_declare(actor, visit)),
        "may_again": visit.state in AGAIN and may_plan and page.again is None,
        "settle_form": settle_form or (_settle_form(page) if may_settle else None),
        "settle_why": may_settle.why if page.open_conflict and not may_settle else "",
        "crumbs": shared.crumbs({"label": page.row.head, "url": ""}),
    }


def _settle_form(page: VisitPage, data: Any = None) -> SettleForm:
    choices = [
        (str(one.id), _("Only the report of %(who)s, received %(when)s") % {
            "who": one.by, "when": one.received_at.astimezone().strftime("%m-%d %H:%M")})
        for one in page.reports
    ]  # fmt: skip
    if len(page.reports) > 1:
        choices.append((",".join(str(one.id) for one in page.reports), _("All of them, as one joint report")))
    if page.visit.state in (State.PLANNED, State.CANCELLED):
        choices.append(("-", _("None of them; the plan stays as it is")))
    first = {"version": page.visit.version, "seen": ",".join(str(one.id) for one in page.reports)}
    return SettleForm(data, choices=choices, initial=first)


@signed_in
@require_POST
def settle(request: StaffRequest, visit_id: UUID) -> HttpResponseBase:
    """Say which reports count."""
    page = _page(request, visit_id)
    require(policies.may_settle, request.actor, page.dispute)
    form = _settle_form(page, request.POST)
    if form.is_valid():
        try:
            with shared.errors_into(form):
                services.visit_settle(
                    visit_id=visit_id, version=form.cleaned_data["version"], seen=form.seen_ids(),
                    kept=[] if form.cleaned_data["kept"] == "-" else form.kept_ids(),
                    reason=form.cleaned_data["reason"], actor=request.actor, at=now(),
                )  # fmt: skip
                messages.success(request, _("Settled. Both reports stay readable."))
                return redirect("visits:visit", visit_id)
        except StalePage as error:
            form.add_error(None, error.message)
    return render(request, "visits/visit.html", _context(request, page, form), status=422)


@signed_in
def cancel(request: StaffRequest, visit_id: UUID) -> HttpResponseBase:
    """Call a visit off."""
    visit = queries.visit_get(visit_id=visit_id, actor=request.actor)
    require(policies.may_plan, request.actor, visit)
    form = CancelForm(request.POST or None, initial={"version": visit.version})
    if request.method == "POST" and form.is_valid():
        try:
            with shared.errors_into(form):
                services.visit_cancel(
                    visit_id=visit_id, version=form.cleaned_data["version"], reason=form.cleaned_data["reason"],
                    actor=request.actor, at=now(),
                )  # fmt: skip
                messages.success(request, _("The visit is called off."))
                return redirect("visits:visit", visit_id)
        except StalePage as error:
            form.add_error(None, error.message)
    return shared.form_page(request, form, title=_("Call the visit off"), submit=_("Call the visit off"), kind="danger",
                            back=reverse("visits:visit", args=[visit_id]))  # fmt: skip


@signed_in
@require_POST
def tie(request: StaffRequest, visit_id: UUID) -> HttpResponseBase:
    """A visitor declares to be related to the household."""
    services.tie_declare(visit_id=visit_id, actor=request.actor, at=now())
    messages.success(request, _("Thank you. The visit is called off; others will be sent."))
    return redirect("visits:list")


@signed_in
def report(request: StaffRequest, visit_id: UUID) -> HttpResponseBase:
    """Record a visit at the desk, when no phone was along."""
    page = _page(request, visit_id)
    require(policies.may_report, request.actor, page.trip)
    at = now()
    visit = page.visit
    people = names({key for key in (visit.first_id, visit.second_id) if key is not None})
    first = people.get(visit.first_id, "")
    second = people.get(visit.second_id, "") if visit.second_id else ""
    initial = {"client_id": uuid.uuid4(), "based_on": visit.version, "made_at": at,
               "there": ["first", "second"] if second else ["first"]}  # fmt: skip
    form = RecordForm(request.POST or None, first=first, second=second, initial=initial)
    if request.method == "POST" and form.is_valid():
        with shared.errors_into(form):
            sent = services.report_receive(visit_id=visit_id, said=form.record(), actor=request.actor, at=at)
            if sent.report.clash:
                messages.warning(
                    request, _("Your record is kept, in conflict with what stood there. A planner decides.")
                )
            else:
                messages.success(request, _("The record of the visit is saved."))
            return redirect("visits:visit", visit_id)
    return shared.form_page(request, form, title=_("Record the visit"), submit=_("Save the record"),
                            back=reverse("visits:visit", args=[visit_id]), draft=f"visit-{visit_id}")  # fmt: skip


@signed_in
def photo(request: StaffRequest, photo_id: UUID) -> HttpResponseBase:
    """A photo of a report."""
    found, trip = photo_get(photo_id=photo_id, actor=request.actor)
    require(policies.may_read, request.actor, trip)
    return file_response(file_open(file_id=found.file_id), download=False)
