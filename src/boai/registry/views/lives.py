"""What happens to households, one page each; the household and the register as they were on a day."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from boai.kernel.clock import local_date, now
from boai.kernel.errors import NotFound
from boai.kernel.policy import require
from boai.people.access import StaffRequest, signed_in
from boai.registry import policies, queries, services
from boai.registry.forms.lives import (
    FindHouseholdForm,
    JoinedForm,
    MoveHouseForm,
    MovePersonForm,
    OnForm,
    RegisterOnForm,
    ReturnForm,
    SplitForm,
    UndoForm,
)
from boai.registry.models import Household
from boai.registry.queries import HouseholdView
from boai.registry.services.intakes import Division
from boai.registry.views import shared


@signed_in
def split(request: StaffRequest, household_id: UUID) -> HttpResponseBase:
    """Some members found a household of their own."""
    at = now()
    view = _writable(request, household_id, local_date(at))
    row = view.household
    initial = {"version": row.version, "on": local_date(at), "region_code": row.region_code, "address": row.address}
    form = SplitForm(request.POST or None, people=[m for m in view.members if not m.is_head], today=local_date(at),
                     root=request.actor.region_code, initial=initial)  # fmt: skip
    if request.method == "POST" and form.is_valid():
        with shared.errors_into(form):
            data = form.cleaned_data
            fresh = services.household_split(
                household_id=household_id, version=data["version"], goes=form.relations(), on=data["on"],
                region_code=data["region_code"], address=data["address"], note=data["event_note"],
                actor=request.actor, at=at,
            )  # fmt: skip
            messages.success(request, _("The new household is in the register. This is its page."))
            return redirect("registry:household", fresh.id)
    lead = _("Choose for everybody who goes what they are in the new household; exactly one is its head.")
    return _page(request, form, title=_("Divide the household"), household_id=household_id, lead=lead)


@signed_in
def join(request: StaffRequest, household_id: UUID) -> HttpResponseBase:
    """Another household comes into this one: first which, then what everybody is to the head."""
    at = now()
    view = _writable(request, household_id, local_date(at))
    finder = FindHouseholdForm(request.GET or None)
    other = _other(request, finder) if request.GET and finder.is_valid() else None
    if other is not None and other.id == household_id:
        finder.add_error("q", _("This is the household itself."))
    if other is None or finder.errors:
        return shared.find_page(request, finder, title=_("Join another household with this one"),
                                back=reverse("registry:household", args=[household_id]),
                                lead=_("Which household comes into this one and is closed?"))  # fmt: skip
    coming = queries.household_page(household_id=other.id, actor=request.actor, on=local_date(at))
    form = JoinedForm(request.POST or None, people=coming.members, today=local_date(at),
                      initial={"version": view.household.version, "on": local_date(at)})  # fmt: skip
    if request.method == "POST" and form.is_valid():
        with shared.errors_into(form):
            data = form.cleaned_data
            services.households_join(
                household_id=household_id, version=data["version"], other_id=other.id, relations=form.relations(),
                on=data["on"], note=data["event_note"], actor=request.actor, at=at,
            )  # fmt: skip
            messages.success(request, _("The two households are one. The other one is closed; its history stays."))
            return redirect("registry:household", household_id)
    lead = _("What is each of them to %(head)s, the head of this household?") % {"head": _name(view)}
    title = _("Household of %(name)s comes into this one") % {"name": _name(coming)}
    return _page(request, form, title=title, household_id=household_id, lead=lead)


@signed_in
def move(request: StaffRequest, household_id: UUID) -> HttpResponseBase:
    """The whole household moves house."""
    at = now()
    row = _writable(request, household_id, local_date(at)).household
    initial = {"version": row.version, "on": local_date(at), "region_code": row.region_code, "address": row.address}
    form = MoveHouseForm(request.POST or None, today=local_date(at), root=request.actor.region_code, initial=initial)
    if request.method == "POST" and form.is_valid():
        with shared.errors_into(form):
            data = form.cleaned_data
            services.household_move(
                household_id=household_id, version=data["version"], region_code=data["region_code"],
                address=data["address"], on=data["on"], note=data["event_note"], actor=request.actor, at=at,
            )  # fmt: skip
            messages.success(request, _("Recorded. Where the household lived before stays in its history."))
            return redirect("registry:household", household_id)
    lead = _("To mend an address that was typed wrongly, use “Change” instead: that leaves no history.")
    return _page(request, form, title=_("The household moves house"), household_id=household_id, lead=lead)


@signed_in
def resident_move(request: StaffRequest, resident_id: UUID) -> HttpResponseBase:
    """A person goes to another household of the register."""
    at = now()
    row = queries.resident_get(resident_id=resident_id, actor=request.actor)
    require(policies.may_write, request.actor, row)
    form = MovePersonForm(request.POST or None, today=local_date(at),
                          initial={"version": row.version, "on": local_date(at)})  # fmt: skip
    if request.method == "POST" and form.is_valid() and (other := _other(request, form)) is not None:
        with shared.errors_into(form):
            data = form.cleaned_data
            services.resident_move(
                resident_id=resident_id, version=data["version"], to_id=other.id, relation=data["relation"],
                kind=data["how"], on=data["on"], note=data["event_note"], actor=request.actor, at=at,
            )  # fmt: skip
            messages.success(request, _("Recorded. This is the household in which the person lives now."))
            return redirect("registry:household", other.id)
    title = _("%(name)s goes to another household") % {"name": row.name}
    return _page(request, form, title=title, household_id=row.household_id)


@signed_in
def resident_return(request: StaffRequest, resident_id: UUID) -> HttpResponseBase:
    """A person who had left comes back."""
    at = now()
    row = queries.resident_get(resident_id=resident_id, actor=request.actor)
    require(policies.may_write, request.actor, row)
    code = queries.household_get(household_id=row.household_id, actor=request.actor).code
    form = ReturnForm(request.POST or None, today=local_date(at),
                      initial={"version": row.version, "on": local_date(at), "q": code})  # fmt: skip
    if request.method == "POST" and form.is_valid() and (other := _other(request, form)) is not None:
        with shared.errors_into(form):
            data = form.cleaned_data
            services.resident_return(
                resident_id=resident_id, version=data["version"], to_id=other.id, relation=data["relation"],
                on=data["on"], note=data["event_note"], actor=request.actor, at=at,
            )  # fmt: skip
            messages.success(request, _("Recorded. This is the household in which the person lives now."))
            return redirect("registry:household", other.id)
    title = _("%(name)s comes back") % {"name": row.name}
    return _page(request, form, title=title, household_id=row.household_id)


@signed_in
def event_undo(request: StaffRequest, household_id: UUID, event_id: UUID) -> HttpResponseBase:
    """Take back what was recorded by mistake."""
    view = _seen(request, household_id)
    require(policies.may_write, request.actor, view)
    found = next((e for e in queries.household_history(household_id=household_id) if e.id == event_id), None)
    if found is None:
        raise NotFound
    if merge := queries.merge_of_event(event_id=event_id):
        return redirect("registry:merge", merge)
    form = UndoForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        form.is_valid()
        with shared.errors_into(form):
            services.event_undo(household_id=household_id, event_id=event_id, actor=request.actor, at=now())
            messages.success(request, _("Taken back. Everybody belongs where they belonged before."))
            return redirect("registry:household", household_id)
    lead = f"{found.day.isoformat()} {found.kind} {'、'.join(found.people)}"
    return _page(request, form, title=_("Take this event back?"), household_id=household_id, lead=lead, kind="danger",
                 submit=_("Take it back"))  # fmt: skip


@signed_in
@require_GET
def household_on(request: StaffRequest, household_id: UUID) -> HttpResponseBase:
    """The household as it was on a day."""
    row = _seen(request, household_id)
    require(policies.may_read, request.actor, row)
    form, day = _day(request)
    then = queries.household_on(household_id=household_id, day=day)
    context = {
        "form": form,
        "day": day,
        "then": then,
        "household": row,
        "columns": [_("Name"), _("Relation"), _("Sex and age"), _("Categories")],
        "crumbs": [
            {"label": _("Register"), "url": reverse("registry:household_list")},
            {"label": row.code, "url": reverse("registry:household", args=[row.id])},
            {"label": _("As it was"), "url": ""},
        ],
    }
    return render(request, "registry/household_on.html", context)


@signed_in
@require_GET
def register_on(request: StaffRequest) -> HttpResponseBase:
    """The register as it was on a day."""
    require(policies.may_read, request.actor, Division(request.actor.region_code))
    today, root = local_date(now()), request.actor.region_code
    given = {"on": today.isoformat(), **request.GET.dict()}
    form = RegisterOnForm(given if request.GET else None, root=root, initial={"on": today})
    day = form.cleaned_data["on"] if form.is_valid() else today
    page = queries.register_on(
        day=day, region_code=form.said("region") or root, text=form.said("q"), actor=request.actor,
        key=request.GET.get("key", ""),
    )  # fmt: skip
    context = {
        "form": form,
        "day": day,
        "page": page,
        "columns": [_("Head of household"), _("Village or community"), _("Home address"),
                    {"label": _("People"), "align": "num"}],
        "next_url": shared.page_url(request, page.after),
        "crumbs": [
            {"label": _("Register"), "url": reverse("registry:household_list")},
            {"label": _("As it was"), "url": ""},
        ],
    }  # fmt: skip
    return render(request, "registry/register_on.html", context)


def _day(request: StaffRequest) -> tuple[OnForm, date]:
    """The day that was asked for; today when none was, or none that can be read."""
    today = local_date(now())
    form = OnForm(request.GET if "on" in request.GET else None, initial={"on": today})
    return form, form.cleaned_data["on"] if form.is_valid() else today


def _seen(request: StaffRequest, household_id: UUID) -> Household:
    return queries.household_get(household_id=household_id, actor=request.actor)


def _writable(request: StaffRequest, household_id: UUID, today: date) -> HouseholdView:
    view = queries.household_page(household_id=household_id, actor=request.actor, on=today)
    require(policies.may_write, request.actor, view.household)
    return view


def _name(view: HouseholdView) -> str:
    return view.head.name if view.head else view.household.code


def _other(request: StaffRequest, form: BaseForm) -> Household | None:
    """The one living household that fits what was typed; else the form says how many there are."""
    text = form.cleaned_data["q"]
    page = queries.household_list(actor=request.actor, on=local_date(now()), text=text)
    rows = [one for one in page.rows if one.ended_on is None]
    if len(rows) == 1:
        return _seen(request, rows[0].id)
    if rows:
        found = "、".join(f"{r.head} {r.place} {r.code}" for r in rows[:5])
        form.add_error("q", _("Several households fit. Type the code of the right one: %(found)s") % {"found": found})
    else:
        form.add_error("q", _("No living household fits. Its code stands on its page."))
    return None


def _page(
    request: StaffRequest, form: BaseForm, *, title: str, household_id: UUID, lead: str = "", **more: Any
) -> HttpResponseBase:
    back = reverse("registry:household", args=[household_id])
    return shared.form_page(request, form, title=title, back=back, lead=lead, **more)
