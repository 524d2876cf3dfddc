"""What a household received, on one page."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from boai.kernel.clock import local_date, now
from boai.kernel.policy import require
from boai.people.access import StaffRequest, signed_in
from boai.people.roles import Duty
from boai.registry import policies, queries


@signed_in
@require_GET
def received(request: StaffRequest, household_id: UUID) -> HttpResponseBase:
    """Money and goods from any programme, newest first."""
    today = local_date(now())
    view = queries.household_page(household_id=household_id, actor=request.actor, on=today)
    require(policies.may_read, request.actor, view.household)
    name = view.head.name if view.head else view.household.code
    context = {
        "view": view,
        "name": name,
        "received": queries.household_received(household_id=household_id, on=today),
        "may_follow": request.actor.has(Duty.CASE_READ),
        "columns": [_("Day"), _("Programme"), {"label": _("Money"), "align": "num"}, _("Goods"), _("State"),
                    _("Case or receipt")],
        "crumbs": [
            {"label": _("Register"), "url": reverse("registry:household_list")},
            {"label": name, "url": reverse("registry:household", args=[household_id])},
            {"label": _("What was received"), "url": ""},
        ],
    }  # fmt: skip
    return render(request, "registry/received.html", context)
