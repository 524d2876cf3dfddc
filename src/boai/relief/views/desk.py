"""The desk and the case list, with saved filters."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from boai.kernel.clock import local_date, now
from boai.kernel.errors import NotAllowed
from boai.people.access import StaffRequest, signed_in
from boai.people.roles import Duty
from boai.relief import queries
from boai.relief.forms.desk import FilterForm, SaveForm, person_in
from boai.relief.queries import desk as desk_queries
from boai.relief.queries.desk import MOST_COUNTED, Counts, Page
from boai.relief.services.filters import filter_forget, filter_save, filters_of

TABS = ("waiting", "late", "decided")


@signed_in
def desk(request: StaffRequest) -> HttpResponseBase:
    """What waits for this post, what is late, what was decided."""
    at = now()
    on = local_date(at)
    tab = request.GET.get("tab", "waiting")
    tab = tab if tab in TABS else "waiting"
    counts = desk_queries.desk_counts(actor=request.actor, on=on)
    page = _page(request, tab, on)
    context = {
        "tab": tab,
        "tabs": _tabs(tab, counts),
        "page": page,
        "columns": _columns(decided=tab == "decided"),
        "next_url": _after(request, page),
        "duties": _other_work(request, at),
        "actions": bulk_actions(request) if tab != "decided" else [],
        "saved": _saved(request, ""),
        "may_create": request.actor.has(Duty.CASE_CREATE),
    }
    return render(request, "relief/desk.html", context)


def _page(request: StaffRequest, tab: str, on: Any) -> Page:
    after = request.GET.get("after", "")
    if tab == "decided":
        return desk_queries.desk_decided(actor=request.actor, on=on, after=after)
    return desk_queries.desk_waiting(actor=request.actor, on=on, late_only=tab == "late", after=after)


def _tabs(tab: str, counts: Counts) -> list[dict[str, Any]]:
    labels = {"waiting": _("Waiting for me"), "late": _("Late"), "decided": _("Decided")}
    shown = {"waiting": _count(counts.waiting), "late": _count(counts.late), "decided": ""}
    return [
        {"label": labels[name], "url": f"?tab={name}", "active": name == tab, "count": shown[name]} for name in TABS
    ]


def _count(number: int) -> str:
    return f"{MOST_COUNTED}+" if number >= MOST_COUNTED else str(number)


def _columns(*, decided: bool) -> list[Any]:
    last = _("Decided on") if decided else _("Due")
    amount = {"label": _("Amount"), "align": "num"}
    return [_("Person in need"), _("Case"), _("Programme"), _("Village or community"), amount, _("State"), last]


def _after(request: StaffRequest, page: Page) -> str:
    if not page.after:
        return ""
    values: QueryDict = request.GET.copy()
    values["after"] = page.after
    return f"?{values.urlencode()}"


def _other_work(request: StaffRequest, at: Any) -> list[dict[str, Any]]:
    """What waits outside of the case table: ballots, notices to approve, objections, batches."""
    return [
        {"label": label, "value": _count(count), "url": url, "tone": "wait" if count else ""}
        for label, count, url in desk_queries.desk_elsewhere(actor=request.actor, at=at)
    ]


def bulk_actions(request: StaffRequest) -> list[dict[str, str]]:
    """What can be done with several chosen cases; each shows a dry run first."""
    wanted = [
        (Duty.REVIEW_HOLD, "agenda", _("Put on the agenda of a review")),
        (Duty.NOTICE_DRAFT, "notice", _("Draft a public notice")),
        (Duty.CASE_APPROVE, "approve", _("Approve as proposed")),
        (Duty.CASE_ACCEPT, "archive", _("Archive")),
    ]
    return [{"name": "do", "value": value, "label": label} for duty, value, label in wanted if request.actor.has(duty)]


@signed_in
def case_list(request: StaffRequest) -> HttpResponseBase:
    """Every case within reach, narrowed by a filter that can be kept under a name."""
    if not request.actor.has(Duty.CASE_READ):
        raise NotAllowed(_("Your post does not include reading cases."))
    on = local_date(now())
    person = person_in(request.GET.get("q", ""), on=on)
    if person:
        return redirect(f"{reverse('relief:case_list')}?person={person}")
    form = FilterForm(
        request.GET or None, programmes=queries.programmes_in_reach(actor=request.actor), root=request.actor.region_code
    )
    wanted = form.wanted()
    page = desk_queries.case_list(
        actor=request.actor, wanted=wanted, on=on, after=request.GET.get("after", "")
    )  # fmt: skip
    values = request.GET.copy()
    values.pop("after", None)
    context = {
        "form": form,
        "page": page,
        "columns": _columns(decided=False),
        "next_url": _after(request, page),
        "saved": _saved(request, values.urlencode()),
        "query": values.urlencode(),
        "save_form": SaveForm(initial={"query": values.urlencode()}),
        "actions": bulk_actions(request),
        "may_create": request.actor.has(Duty.CASE_CREATE),
        "crumbs": [{"label": _("Cases")}],
    }
    return render(request, "relief/case_list.html", context)


def _saved(request: StaffRequest, present: str) -> list[dict[str, Any]]:
    rows = filters_of(actor=request.actor)
    address = reverse("relief:case_list")
    return [
        {"id": r.id, "label": r.name, "url": f"{address}?{r.query}", "active": r.query == present} for r in rows
    ]  # fmt: skip


@signed_in
@require_POST
def filter_keep(request: StaffRequest) -> HttpResponseBase:
    """Keep the present filter under a name."""
    form = SaveForm(request.POST)
    query = request.POST.get("query", "")
    if form.is_valid():
        filter_save(actor=request.actor, name=form.cleaned_data["name"], query=form.cleaned_data["query"])
        messages.success(request, _("The filter is saved."))
        query = form.cleaned_data["query"]
    else:
        messages.error(request, _("Give the filter a short name."))
    return redirect(f"{reverse('relief:case_list')}?{QueryDict(query).urlencode()}")


@signed_in
@require_POST
def filter_drop(request: StaffRequest, filter_id: UUID) -> HttpResponseBase:
    """Forget a saved filter."""
    filter_forget(actor=request.actor, filter_id=filter_id)
    return redirect("relief:case_list")
