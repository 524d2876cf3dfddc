"""Lists taken out of the register: ask, agree, fetch."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from boai.files.services import file_open
from boai.files.web import file_response
from boai.kernel.clock import now
from boai.kernel.policy import require
from boai.people.access import StaffRequest, signed_in
from boai.registry import policies, services
from boai.registry.enums import ExportState
from boai.registry.forms.exports import ExportForm
from boai.registry.queries import exports as queries
from boai.registry.services.intakes import Division
from boai.registry.views import shared


@signed_in
def export_list(request: StaffRequest) -> HttpResponseBase:
    """What was taken out and what waits for a second person; a form for a new one."""
    here = Division(request.actor.region_code)
    require(policies.may_see_requests, request.actor, here)
    form = ExportForm(request.POST or None, root=request.actor.region_code)
    if request.method == "POST" and form.is_valid():
        with shared.errors_into(form):
            made = services.export_ask(
                region_code=form.cleaned_data["region"] or request.actor.region_code,
                category=form.cleaned_data["category"], purpose=form.cleaned_data["purpose"],
                outside=form.cleaned_data["outside"] == "outside", actor=request.actor,
                at=now(),
            )  # fmt: skip
            if made.needs_second:
                messages.info(request, _("So large a list needs a second person. They have a message in their inbox."))
            else:
                messages.success(request, _("The list is being written. Reload this page in a moment."))
            return redirect("registry:export_list")
    rows = [
        {
            "export": one,
            "may_decide": one.state == ExportState.ASKED and bool(policies.may_decide_export(request.actor, one)),
            "may_fetch": one.state == ExportState.READY and bool(policies.may_fetch_export(request.actor, one)),
        }
        for one in queries.exports_page(actor=request.actor)
    ]
    context = {
        "rows": rows,
        "form": form if policies.may_write(request.actor, here) else None,
        "columns": [_("What the list is for"), {"label": _("People"), "align": "num"}, _("Taken by"), _("State"),
                    {"label": _("Actions"), "hidden_label": True}],
        "crumbs": [
            {"label": _("Register"), "url": reverse("registry:household_list")},
            {"label": _("Lists taken out"), "url": ""},
        ],
    }  # fmt: skip
    return render(request, "registry/export_list.html", context, status=422 if form.errors else 200)


@signed_in
@require_POST
def export_decide(request: StaffRequest, export_id: UUID) -> HttpResponseBase:
    """The second person's word."""
    services.export_decide(export_id=export_id, action=request.POST.get("action", ""), actor=request.actor, at=now())
    messages.success(request, _("The decision is written down."))
    return redirect("registry:export_list")


@signed_in
@require_POST
def export_fetch(request: StaffRequest, export_id: UUID) -> HttpResponseBase:
    """The file, for the one who asked for it."""
    file_id = services.export_fetch(export_id=export_id, actor=request.actor, at=now())
    return file_response(file_open(file_id=file_id), download=True)
