"""Correcting many rows at once: what was done, a dry run, the deed, back again."""

from __future__ import annotations

from collections.abc import Callable
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
from boai.kernel.errors import BadInput, StalePage
from boai.kernel.policy import require
from boai.people.access import StaffRequest, signed_in
from boai.regions.queries import full_names
from boai.registry import policies, queries, services
from boai.registry.enums import BulkKind, Category
from boai.registry.forms.bulk import BulkReasonForm, CloseForm, EndForm, GiveForm, VillageForm
from boai.registry.forms.lives import UndoForm
from boai.registry.models import BulkChange
from boai.registry.services.bulk_give import Given
from boai.registry.services.bulk_shared import DryRun
from boai.registry.services.intakes import Division
from boai.registry.views import shared

SHOWN = 50


@signed_in
@require_GET
def bulk_list(request: StaffRequest) -> HttpResponseBase:
    """What was corrected at once, and what can be."""
    require(policies.may_write, request.actor, Division(request.actor.region_code))
    changes = list(queries.bulk_changes(actor=request.actor)[:SHOWN])
    codes = {one.region_code for one in changes} | {c for one in changes if (c := one.wanted.get("target"))}
    places = full_names(codes, below=request.actor.region_code)
    context = {
        "rows": [{"change": one, "what": _what(one, places)} for one in changes],
        "columns": [_("Correction"), {"label": _("Rows"), "align": "num"}, _("Reason"), _("By"), _("State")],
        "crumbs": [_crumbs()[0], {"label": _("Bulk corrections"), "url": ""}],
    }
    return render(request, "registry/bulk_list.html", context)


def _what(one: BulkChange, places: dict[str, str]) -> str:
    place = places.get(one.region_code, one.region_code)
    if one.kind == BulkKind.VILLAGE:
        return f"{place} → {places.get(one.wanted['target'], one.wanted['target'])}"
    if one.kind == BulkKind.CLOSE:
        return _("Households closed in %(place)s on %(day)s") % {"place": place, "day": one.wanted["on"]}
    if one.kind == BulkKind.GIVE:
        return _("%(kind)s given in %(place)s, from %(day)s") % {
            "kind": Category(one.wanted["kind"]).label, "place": place, "day": one.wanted["first_day"],
        }  # fmt: skip
    kind = Category(one.wanted["kind"]).label if one.wanted["kind"] else _("a sensitive category")
    return _("%(kind)s ended in %(place)s, last day %(day)s") % {
        "kind": kind, "place": place, "day": one.wanted["last_day"],
    }  # fmt: skip


@signed_in
def village(request: StaffRequest) -> HttpResponseBase:
    """All households of a village to another one."""
    require(policies.may_write, request.actor, Division(request.actor.region_code))
    actor = request.actor
    form = VillageForm(request.POST or None, villages=queries.villages_held(actor=actor), root=actor.region_code)
    title = _("Households to another village")
    if not (request.method == "POST" and form.is_valid()):
        return _first(request, form, title, _("For villages that were merged or renumbered."))
    at, data = now(), form.cleaned_data
    wanted = {"source": data["source"], "target": data["target"], "on": data["on"], "actor": actor, "at": at}

    def say(run: DryRun) -> str:
        return _("%(count)s households with %(people)s people move to %(target)s.") % {
            "count": run.count, "people": run.people, "target": full_names([data["target"]])[data["target"]],
        }  # fmt: skip

    def left(run: DryRun) -> list[dict[str, Any]]:
        why = _("They are closed, or came to this village after that day.")
        return [{"count": run.left, "reason": why, "names": []}] if run.left else []

    def deed(expected: int, reason: str) -> BulkChange:
        return services.village_change(**wanted, expected=expected, reason=reason)

    return _second(request, form, title, lambda: services.village_dry_run(**wanted), say, left, deed)


@signed_in
def category(request: StaffRequest) -> HttpResponseBase:
    """End a category for a place or a list."""
    require(policies.may_write, request.actor, Division(request.actor.region_code))
    actor, at = request.actor, now()
    may_open = bool(policies.may_read_sensitive(actor, Division(actor.region_code)))
    form = EndForm(request.POST or None, root=actor.region_code, today=local_date(at), sensitive=may_open,
                   initial={"last_day": local_date(at)})  # fmt: skip
    title = _("End a category")
    if not (request.method == "POST" and form.is_valid()):
        return _first(request, form, title, _("For a place, or for the people of a list."))
    wanted = {**form.cleaned_data, "actor": actor, "at": at}

    def say(run: DryRun) -> str:
        return _("%(count)s entries of %(kind)s end on %(day)s.") % {
            "count": run.count, "kind": Category(wanted["kind"]).label, "day": wanted["last_day"].isoformat(),
        }  # fmt: skip

    def left(run: DryRun) -> list[dict[str, Any]]:
        return _left(run, _("They are in the register, but not of this category on that day."))

    def deed(expected: int, reason: str) -> BulkChange:
        return services.category_change(**wanted, expected=expected, reason=reason)

    return _second(request, form, title, lambda: services.category_dry_run(**wanted), say, left, deed)


@signed_in
def give(request: StaffRequest) -> HttpResponseBase:
    """Give a category to a place or a list."""
    require(policies.may_write, request.actor, Division(request.actor.region_code))
    actor, at = request.actor, now()
    form = GiveForm(request.POST or None, root=actor.region_code, today=local_date(at),
                    initial={"valid_from": local_date(at)})  # fmt: skip
    title = _("Give a category")
    if not (request.method == "POST" and form.is_valid()):
        return _first(request, form, title, _("For a place, or for the people of a list."))
    data = form.cleaned_data
    given = Given(data["kind"], data["valid_from"], data["valid_to"], data["source"], data["evidence"] or "")
    wanted = {"given": given, "region_code": data["region_code"], "numbers": data["numbers"], "actor": actor, "at": at}

    def say(run: DryRun) -> str:
        return _("%(count)s people get %(kind)s from %(day)s on.") % {
            "count": run.count, "kind": Category(given.kind).label, "day": given.valid_from.isoformat(),
        }  # fmt: skip

    def left(run: DryRun) -> list[dict[str, Any]]:
        return _left(run, _("They have this category already."))

    def deed(expected: int, reason: str) -> BulkChange:
        return services.give_change(**wanted, expected=expected, reason=reason)

    return _second(request, form, title, lambda: services.give_dry_run(**wanted), say, left, deed)


@signed_in
def close(request: StaffRequest) -> HttpResponseBase:
    """Close the households of a village or of a list."""
    require(policies.may_write, request.actor, Division(request.actor.region_code))
    actor, at = request.actor, now()
    form = CloseForm(request.POST or None, root=actor.region_code, villages=queries.villages_held(actor=actor),
                     today=local_date(at), initial={"on": local_date(at)})  # fmt: skip
    title = _("Close households")
    if not (request.method == "POST" and form.is_valid()):
        return _first(request, form, title, _("With everybody who still lives in them. For a village, or for a list."))
    wanted = {**form.cleaned_data, "actor": actor, "at": at}

    def say(run: DryRun) -> str:
        return _("%(count)s households with %(people)s people are closed on %(day)s.") % {
            "count": run.count, "people": run.people, "day": wanted["on"].isoformat(),
        }  # fmt: skip

    def left(run: DryRun) -> list[dict[str, Any]]:
        return _left(run, _("Something is recorded of them after that day."))

    def deed(expected: int, reason: str) -> BulkChange:
        return services.close_change(**wanted, expected=expected, reason=reason)

    return _second(request, form, title, lambda: services.close_dry_run(**wanted), say, left, deed)


def _left(run: DryRun, why: str) -> list[dict[str, Any]]:
    found = []
    if run.unknown:
        found.append({"count": len(run.unknown), "names": run.unknown[:SHOWN],
                      "reason": _("Nobody here has this identity number:")})  # fmt: skip
    if run.left > 0:
        found.append({"count": run.left, "names": [], "reason": why})
    return found


@signed_in
def undo(request: StaffRequest, change_id: UUID) -> HttpResponseBase:
    """Put everything back."""
    change = queries.bulk_get(change_id=change_id, actor=request.actor)
    require(policies.may_write, request.actor, change)
    form = UndoForm(request.POST or None)
    back = reverse("registry:bulk_list")
    if request.method == "POST":
        form.is_valid()
        with shared.errors_into(form):
            undone = services.bulk_undo(change_id=change_id, actor=request.actor, at=now())
            messages.success(request, _("%(count)s rows are as they were.") % {"count": undone.count - undone.left})
            if undone.left:
                text = _("%(count)s rows were changed again since and stay as they are.")
                messages.warning(request, text % {"count": undone.left})
            return redirect(back)
    lead = _("%(count)s rows. What was changed again since stays as it is.") % {"count": change.count}
    return shared.form_page(request, form, title=_("Undo this correction?"), back=back, lead=lead, kind="danger",
                            submit=_("Undo"))  # fmt: skip


def _first(request: StaffRequest, form: BaseForm, title: str, lead: str) -> HttpResponseBase:
    return shared.form_page(request, form, title=title, back=reverse("registry:bulk_list"), lead=lead,
                            submit=_("Dry run"))  # fmt: skip


def _second(
    request: StaffRequest, form: BaseForm, title: str, run: Callable[[], DryRun], say: Callable[[DryRun], str],
    left: Callable[[DryRun], list[dict[str, Any]]], deed: Callable[[int, str], BulkChange],
) -> HttpResponseBase:  # fmt: skip
    """The dry run with the reason to give, then the deed."""
    asked = BulkReasonForm(request.POST if "reason" in request.POST else None)
    try:
        if asked.is_bound and asked.is_valid():
            with shared.errors_into(asked):
                change = deed(asked.cleaned_data["expected"], asked.cleaned_data["reason"])
                messages.success(
                    request, _("%(count)s rows corrected. It can be undone here.") % {"count": change.count}
                )
                return redirect("registry:bulk_list")
    except StalePage as error:
        messages.warning(request, error.message)
        asked = BulkReasonForm(initial={"reason": asked.cleaned_data["reason"]})
    try:
        dry = run()
    except BadInput as error:
        shared.add_errors(form, error)
        return _first(request, form, title, "")
    if not asked.is_bound:
        asked.initial["expected"] = dry.count
    hidden = [(name, value) for name, values in request.POST.lists() for value in values
              if name not in ("reason", "expected", "csrfmiddlewaretoken")]  # fmt: skip
    context = {
        "page_title": title,
        "form": asked,
        "will": {"count": dry.count, "text": say(dry), "names": dry.names},
        "wont": left(dry),
        "hidden": hidden,
        "back": reverse("registry:bulk_list"),
        "crumbs": [*_crumbs(), {"label": _("Dry run"), "url": ""}],
    }
    return render(request, "registry/bulk_confirm.html", context, status=422 if asked.errors else 200)


def _crumbs() -> list[dict[str, str]]:
    return [
        {"label": _("Register"), "url": reverse("registry:household_list")},
        {"label": _("Bulk corrections"), "url": reverse("registry:bulk_list")},
    ]
