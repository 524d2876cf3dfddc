"""What a file of corrections changes, before and after."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from boai.kernel.errors import NotFound
from boai.kernel.policy import require
from boai.people.access import StaffRequest, signed_in
from boai.registry import policies, queries
from boai.registry.enums import IntakeKind
from boai.registry.views import shared


@signed_in
@require_GET
def rows(request: StaffRequest, intake_id: UUID) -> HttpResponseBase:
    """The people of the file whose facts change, in the order of its rows."""
    found = queries.intake_get(intake_id=intake_id, actor=request.actor)
    require(policies.may_write, request.actor, found)
    if found.kind != IntakeKind.PATCH:
        raise NotFound
    page = queries.patch_page(intake=found, key=request.GET.get("key", ""))
    context = {
        "intake": found,
        "page": page,
        "columns": [_("Row"), _("Name"), _("Before and after")],
        "next_url": shared.page_url(request, page.after),
        "crumbs": [
            {"label": _("Register import"), "url": reverse("registry:intake_list")},
            {"label": found.file_name, "url": reverse("registry:intake", args=[found.id])},
            {"label": _("Before and after"), "url": ""},
        ],
    }
    return render(request, "registry/patch_rows.html", context)
