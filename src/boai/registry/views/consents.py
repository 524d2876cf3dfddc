"""Uses of personal data: what for, on which basis, and what each person has said."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from boai.kernel.clock import local_date, now
from boai.kernel.errors import NotFound
from boai.kernel.policy import require
from boai.people.access import StaffRequest, signed_in
from boai.registry import policies, queries, services
from boai.registry.forms.consents import ConsentForm, WithdrawForm, first_values
from boai.registry.models import Resident
from boai.registry.purposes import ABOUT, VERSIONS, Purpose
from boai.registry.queries import consents as consent_queries
from boai.registry.services.intakes import Division
from boai.registry.views import shared


@signed_in
@require_GET
def purposes(request: StaffRequest) -> HttpResponseBase:
    """Every use with its basis, its source, the data, the time: for a clerk to read out, and to print."""
    here = Division(request.actor.region_code)
    require(policies.may_read, request.actor, here)
    context = {
        "rows": consent_queries.purposes_page(region_code=request.actor.region_code, on=local_date(now())),
        "crumbs": _crumbs(_("Uses of personal data")),
    }
    return render(request, "registry/purposes.html", context)


@signed_in
@require_GET
def household_consents(request: StaffRequest, household_id: UUID) -> HttpResponseBase:
    """What each person of a household has said about each use."""
    household, people = consent_queries.household_standings(
        household_id=household_id, actor=request.actor, on=local_date(now())
    )
    require(policies.may_read, request.actor, household)
    context = {
        "household": household,
        "people": people,
        "may_write": household.ended_on is None and bool(policies.may_write(request.actor, household)),
        "columns": [_("Use"), _("What holds"), _("Said by"), {"label": _("Actions"), "hidden_label": True}],
        "crumbs": [
            {"label": _("Register"), "url": reverse("registry:household_list")},
            {"label": household.code, "url": reverse("registry:household", args=[household_id])},
            {"label": _("Consents"), "url": ""},
        ],
    }
    return render(request, "registry/consents.html", context)


@signed_in
@require_GET
def consent_history(request: StaffRequest, resident_id: UUID) -> HttpResponseBase:
    """Every answer that a person has ever given."""
    row = queries.resident_get(resident_id=resident_id, actor=request.actor)
    require(policies.may_read, request.actor, row)
    back = reverse("registry:household_consents", args=[row.household_id])
    context = {
        "person": row,
        "rows": consent_queries.consent_history(resident_id=resident_id),
        "columns": [
            _("Use"),
            _("What they answered"),
            _("Said by"),
            _("How"),
            _("Said on"),
            _("Text of"),
            _("Written down by"),
        ],
        "crumbs": [{"label": _("Consents"), "url": back}, {"label": row.name, "url": ""}],
    }
    return render(request, "registry/consent_history.html", context)


@signed_in
def consent(request: StaffRequest, resident_id: UUID, purpose: str) -> HttpResponseBase:
    """Read the question out, write the answer down."""
    at = now()
    row = _person(request, resident_id, purpose)
    initial = first_values(version=VERSIONS[Purpose(purpose)], today=local_date(at))
    form = ConsentForm(request.POST or None, request.FILES or None, initial=initial)
    back = reverse("registry:household_consents", args=[row.household_id])
    if request.method == "POST" and form.is_valid():
        with shared.errors_into(form):
            services.consent_record(
                resident_id=resident_id, purpose=purpose, answer=form.cleaned_data["answer"], said=form.said(),
                photo=form.cleaned_data["photo"], actor=request.actor, at=at,
            )  # fmt: skip
            messages.success(request, _("Written down. It holds from now on."))
            return redirect(back)
    return _ask(request, form, row, purpose, back, submit=_("Write the answer down"))


@signed_in
def consent_withdraw(request: StaffRequest, resident_id: UUID, purpose: str) -> HttpResponseBase:
    """Take a consent back: works at once, needs no reason."""
    at = now()
    row = _person(request, resident_id, purpose)
    initial = first_values(version=VERSIONS[Purpose(purpose)], today=local_date(at))
    form = WithdrawForm(request.POST or None, initial=initial)
    back = reverse("registry:household_consents", args=[row.household_id])
    if request.method == "POST" and form.is_valid():
        with shared.errors_into(form):
            services.consent_withdraw(
                resident_id=resident_id, purpose=purpose, said=form.said(), actor=request.actor, at=at
            )
            messages.success(request, _("The consent is withdrawn; from this moment the data are not used for it."))
            return redirect(back)
    return _ask(request, form, row, purpose, back, submit=_("Withdraw the consent"), withdrawing=True)


def _person(request: StaffRequest, resident_id: UUID, purpose: str) -> Resident:
    if purpose not in VERSIONS:
        raise NotFound
    row = queries.resident_get(resident_id=resident_id, actor=request.actor)
    require(policies.may_write, request.actor, row)
    return row


def _ask(
    request: StaffRequest, form: ConsentForm | WithdrawForm, row: Resident, purpose: str, back: str, *, submit: str,
    withdrawing: bool = False,
) -> HttpResponse:  # fmt: skip
    context = {
        "form": form,
        "person": row,
        "use": Purpose(purpose).label,
        "about": ABOUT[purpose],
        "version": VERSIONS[Purpose(purpose)],
        "back": back,
        "submit": submit,
        "withdrawing": withdrawing,
        "crumbs": [{"label": _("Consents"), "url": back}, {"label": row.name, "url": ""}],
    }
    return render(request, "registry/consent.html", context, status=422 if form.errors else 200)


def _crumbs(title: str) -> list[dict[str, str]]:
    return [{"label": _("Register"), "url": reverse("registry:household_list")}, {"label": title, "url": ""}]
