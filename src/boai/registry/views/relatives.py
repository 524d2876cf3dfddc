"""My relatives: what I declare about myself, so that nobody has to guess."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from boai.kernel.clock import local_date, now
from boai.kernel.policy import require
from boai.people.access import StaffRequest, signed_in
from boai.registry import policies, services
from boai.registry.forms.looks import RelativeForm
from boai.registry.queries import looks as queries
from boai.registry.services.intakes import Division
from boai.registry.views import shared


@signed_in
def relative_list(request: StaffRequest) -> HttpResponseBase:
    """Whom I declared, and one more."""
    require(policies.may_declare, request.actor, Division(request.actor.region_code))
    at = now()
    form = RelativeForm(request.POST if request.method == "POST" else None, today=local_date(at))
    if request.method == "POST" and form.is_valid():
        with shared.errors_into(form):
            data = form.cleaned_data
            services.relative_declare(
                name=data["name"], number=data["number"], relation=data["relation"], actor=request.actor, at=at
            )
            messages.success(request, _("It is written down. Only you see this list."))
            return redirect("registry:relative_list")
    context = {
        "form": form,
        "rows": queries.relatives(actor=request.actor),
        "columns": [_("Name"), _("What this person is to you"), _("Identity number"),
                    {"label": _("Actions"), "hidden_label": True}],
        "crumbs": [
            {"label": _("Register"), "url": reverse("registry:household_list")},
            {"label": _("My relatives"), "url": ""},
        ],
    }  # fmt: skip
    return render(request, "registry/relative_list.html", context, status=422 if form.errors else 200)


@signed_in
@require_POST
def relative_end(request: StaffRequest, relative_id: UUID) -> HttpResponseBase:
    """Take one back."""
    services.relative_end(relative_id=relative_id, actor=request.actor, at=now())
    messages.success(request, _("It is taken back."))
    return redirect("registry:relative_list")
