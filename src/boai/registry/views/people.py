"""What is changed about one person: their facts, leaving, categories."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from boai.kernel.clock import local_date, now
from boai.kernel.policy import require
from boai.people.access import StaffRequest, signed_in
from boai.registry import policies, queries, services
from boai.registry.enums import EndReason
from boai.registry.forms.households import CategoryForm, EndCategoryForm, LeaveForm, ResidentForm
from boai.registry.forms.lives import JoinForm
from boai.registry.views import shared


@signed_in
def resident_new(request: StaffRequest, household_id: UUID) -> HttpResponseBase:
    """Add a person to a household."""
    at = now()
    row = queries.household_get(household_id=household_id, actor=request.actor)
    require(policies.may_write, request.actor, row)
    form = JoinForm(request.POST or None, today=local_date(at), initial={"on": local_date(at)})
    back = reverse("registry:household", args=[household_id])
    if request.method == "POST" and form.is_valid():
        with shared.errors_into(form):
            data = form.cleaned_data
            services.resident_add(household_id=household_id, facts=form.facts(), kind=data["how"], on=data["on"],
                                  note=data["event_note"], actor=request.actor, at=at)  # fmt: skip
            messages.success(request, _("The person has been added."))
            return redirect(back)
    return shared.form_page(request, form, title=_("Add a person"), back=back, draft="resident-new")


@signed_in
def resident_edit(request: StaffRequest, resident_id: UUID) -> HttpResponseBase:
    """Correct a person's facts. Numbers are shown by their last four; an empty field leaves them as they are."""
    at = now()
    row = queries.resident_get(resident_id=resident_id, actor=request.actor)
    require(policies.may_write, request.actor, row)
    initial = {
        "name": row.name,
        "relation": row.relation,
        "sex": row.sex,
        "born_on": row.born_on,
        "bank": row.bank,
        "version": row.version,
    }
    tails = {"number": row.number_tail, "phone": row.phone_tail, "account": row.account_tail}
    form = ResidentForm(
        request.POST or None,
        today=local_date(at),
        of_head=row.is_head,
        tails=tails,
        initial=initial,
        keeps_version=True,
    )
    back = reverse("registry:household", args=[row.household_id])
    if request.method == "POST" and form.is_valid():
        with shared.errors_into(form):
            services.resident_change(
                resident_id=resident_id,
                version=form.cleaned_data["version"],
                facts=form.facts(),
                actor=request.actor,
                at=at,
            )
            messages.success(request, _("Saved."))
            return redirect(back)
    return shared.form_page(request, form, title=_("Correct %(name)s") % {"name": row.name}, back=back)


@signed_in
def resident_leave(request: StaffRequest, resident_id: UUID) -> HttpResponseBase:
    """A person dies, moves or marries out."""
    at = now()
    today = local_date(at)
    row = queries.resident_get(resident_id=resident_id, actor=request.actor)
    require(policies.may_write, request.actor, row)
    initial = {"version": row.version, "on": today, "reason": EndReason.MOVED}
    form = LeaveForm(request.POST or None, today=today, initial=initial)
    back = reverse("registry:household", args=[row.household_id])
    if request.method == "POST" and form.is_valid():
        with shared.errors_into(form):
            services.resident_leave(
                resident_id=resident_id,
                version=form.cleaned_data["version"],
                reason=form.cleaned_data["reason"],
                on=form.cleaned_data["on"],
                actor=request.actor,
                at=at,
            )
            messages.success(request, _("Recorded. The person stays in the history of the household."))
            return redirect(back)
    return shared.form_page(
        request, form, title=_("%(name)s leaves the household") % {"name": row.name}, back=back, kind="danger"
    )


@signed_in
def category_new(request: StaffRequest, resident_id: UUID) -> HttpResponseBase:
    """Add a dated category."""
    at = now()
    row = queries.resident_get(resident_id=resident_id, actor=request.actor)
    require(policies.may_write, request.actor, row)
    may_open = bool(policies.may_read_sensitive(request.actor, row))
    form = CategoryForm(request.POST or None, sensitive=may_open, initial={"valid_from": local_date(at)})
    back = reverse("registry:household", args=[row.household_id])
    if request.method == "POST" and form.is_valid():
        with shared.errors_into(form):
            services.category_add(resident_id=resident_id, actor=request.actor, at=at, **form.cleaned_data)
            messages.success(request, _("The category has been added."))
            return redirect(back)
    lead = _("Health, mental health and justice are sealed and shown only behind a recorded click.")
    title = _("Category of %(name)s") % {"name": row.name}
    return shared.form_page(request, form, title=title, back=back, lead=lead)


@signed_in
def category_end(request: StaffRequest, entry_id: UUID) -> HttpResponseBase:
    """A category no longer holds."""
    at = now()
    entry = queries.category_get(entry_id=entry_id, actor=request.actor)
    require(policies.may_write, request.actor, entry)
    form = EndCategoryForm(request.POST or None, initial={"on": local_date(at)})
    back = reverse("registry:household", args=[entry.resident.household_id])
    if request.method == "POST" and form.is_valid():
        with shared.errors_into(form):
            services.category_end(entry_id=entry_id, on=form.cleaned_data["on"], actor=request.actor, at=at)
            messages.success(request, _("The category has ended; its history stays."))
            return redirect(back)
    title = _("End a category of %(name)s") % {"name": entry.resident.name}
    return shared.form_page(request, form, title=title, back=back)
