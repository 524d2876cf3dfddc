"""Visits as a list: what is coming, what is late, what contradicts itself."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from boai.kernel.clock import local_date, now
from boai.kernel.errors import NotAllowed
from boai.people.access import StaffRequest, signed_in
from boai.people.roles import Duty
from boai.visits import queries


@signed_in
def visit_list(request: StaffRequest) -> HttpResponseBase:
    """Visits by day; planners see all of their division, visitors their own."""
    actor = request.actor
    if not (actor.has(Duty.VISIT_PLAN) or actor.has(Duty.VISIT_MAKE) or actor.has(Duty.AUDIT_READ)):
        raise NotAllowed(_("Your post does not include visits."))
    chosen = request.GET.get("show", "coming")
    chosen = chosen if chosen in queries.FILTERS else "coming"
    mine = request.GET.get("mine") == "1"
    page = queries.visit_list(
        actor=actor, chosen=chosen, on=local_date(now()), after=request.GET.get("after", ""), mine=mine
    )
    conflicts = queries.conflicts_open(actor=actor)
    kept = "&mine=1" if mine else ""
    labels = {"coming": _("Coming"), "late": _("Late"), "again": _("To be planned again"), "conflict": _("In conflict"),
              "done": _("Visited"), "all": _("All")}  # fmt: skip
    tabs = [
        {"label": label, "url": f"?show={code}{kept}", "active": code == chosen,
         "count": conflicts if code == "conflict" and conflicts else ""}
        for code, label in labels.items()
    ]  # fmt: skip
    context = {
        "page": page,
        "tabs": tabs,
        "chosen": chosen,
        "mine": mine,
        "conflicts": conflicts,
        "may_plan": actor.has(Duty.VISIT_PLAN),
        "may_make": actor.has(Duty.VISIT_MAKE),
        "next_url": f"?show={chosen}{kept}&after={page.after}" if page.after else "",
        "columns": [_("Day of visit"), _("Household"), _("Address"), _("Purpose"), _("Who visits"), _("State")],
    }
    return render(request, "visits/list.html", context)
