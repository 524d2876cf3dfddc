"""The way of a visitor through a day, on the screen and on paper."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from boai.kernel.clock import local_date, now
from boai.kernel.policy import require
from boai.people.access import StaffRequest, signed_in
from boai.visits import policies, queries, services
from boai.visits.forms.planning import DayForm
from boai.visits.services.phone import Here
from boai.visits.views import shared


def _context(request: StaffRequest) -> dict[str, Any]:
    require(policies.may_make, request.actor, Here(request.actor.region_code))
    today = local_date(now())
    day = shared.day_asked(request, today)
    assert request.actor.user_id is not None, "the door lets only staff through"
    found = queries.route_of(user_id=request.actor.user_id, day=day, actor=request.actor)
    return {
        "route": found,
        "day": day,
        "is_today": day == today,
        "day_form": DayForm(initial={"day": day}),
        "before": day - timedelta(days=1),
        "after": day + timedelta(days=1),
        "crumbs": shared.crumbs({"label": _("My day"), "url": ""}),
        "columns": [_("No."), _("Household"), _("Address"), _("Purpose"), _("What to ask"), _("Who visits"),
                    {"label": _("Actions"), "hidden_label": True}],
    }  # fmt: skip


@signed_in
def route(request: StaffRequest) -> HttpResponseBase:
    """One's own visits of a day in order; entries can be moved."""
    return render(request, "visits/route.html", _context(request))


@signed_in
def sheet(request: StaffRequest) -> HttpResponseBase:
    """The same on paper, with room to write."""
    context = _context(request)
    context["columns"] = [_("No."), _("Household"), _("Address"), _("Purpose and question"), _("Who visits"),
                          _("Found, signature")]  # fmt: skip
    return render(request, "visits/route_print.html", context)


@signed_in
@require_POST
def move(request: StaffRequest, visit_id: UUID) -> HttpResponseBase:
    """A place earlier or later."""
    at = now()
    day = shared.day_asked(request, local_date(at))
    services.stop_move(
        visit_id=visit_id, day=day, up=request.POST.get("way") == "up", actor=request.actor, at=at
    )  # fmt: skip
    return redirect(f"{reverse('visits:route')}?day={day.isoformat()}")
