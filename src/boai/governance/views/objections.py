"""Objections on the officer's side."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from boai.governance import forms, policies, queries, services
from boai.governance.enums import BLOCKING, ObjectionChannel, ObjectionState
from boai.governance.models import Objection
from boai.governance.queries.objections import is_late
from boai.governance.queries.pages import handlers
from boai.governance.views.common import carried_out, key
from boai.kernel.clock import local_date, now
from boai.kernel.errors import StalePage
from boai.kernel.policy import require
from boai.people.access import StaffRequest, signed_in

TONES = {
    "filed": "wait",
    "acknowledged": "wait",
    "assigned": "info",
    "appealed": "wait",
    "decided": "ok",
    "closed": "ok",
}


@signed_in
@require_safe
def objection_list(request: StaffRequest) -> HttpResponseBase:
    """Objections of my division: open, late, mine, all."""
    at = now()
    labels = {"open": _("Not settled"), "late": _("Late"), "mine": _("Mine"), "all": _("All")}
    which = request.GET.get("which", "open")
    which = which if which in labels else "open"
    rows, after = queries.objections_page(actor=request.actor, at=at, which=which, after=key(request.GET.get("after")))
    context = {
        "rows": [(row, TONES[row.state], is_late(row, at)) for row in rows],
        "columns": [_("Receipt number"), _("Against"), _("Came by"), _("State"), _("Handler"), _("Decide by")],
        "tabs": [{"label": label, "url": f"?which={w}", "active": w == which} for w, label in labels.items()],
        "next_url": f"?which={which}&after={after}" if after else "",
    }
    return render(request, "governance/objection_list.html", context)


@signed_in
def objection_new(request: StaffRequest, notice_id: UUID) -> HttpResponseBase:
    """Enter an objection that came by telephone or on paper, and read out its receipt number."""
    found = queries.notice_get(notice_id=notice_id, actor=request.actor)
    require(policies.may_file, request.actor, (found, ObjectionChannel.PHONE))
    codes = [(e.subject_code, e.subject_code) for e in found.entries.filter(state="listed")]
    form, made = forms.ObjectionForm(request.POST if request.method == "POST" else None, codes=codes), list[Objection]()
    try:
        if request.method == "POST" and carried_out(
            form,
            lambda data: made.append(
                services.objection_file(notice_id=notice_id, actor=request.actor, at=now(), **data)[0]
            ),
        ):
            messages.success(request, _("Received. Tell the caller the receipt number."))
            return redirect("governance:objection", made[0].id)
    except StalePage as error:
        messages.info(request, error.message)
        return redirect("governance:objection", form.cleaned_data["key"])
    context = {"form": form, "notice": found}
    return render(request, "governance/objection_new.html", context, status=422 if form.errors else 200)


@signed_in
@require_safe
def objection(request: StaffRequest, objection_id: UUID) -> HttpResponseBase:
    """One objection and the next step."""
    return _page(request, objection_id)


def _page(request: StaffRequest, objection_id: UUID, status: int = 200, **bound: Any) -> HttpResponseBase:
    actor, at = request.actor, now()
    found = queries.objection_get(objection_id=objection_id, actor=actor)
    require(policies.may_read_objection, actor, found)
    decides = found.state == ObjectionState.ASSIGNED and policies.may_decide(actor, found)
    judges = found.state == ObjectionState.APPEALED and policies.may_decide_appeal(actor, found)
    assigns = found.state in ("acknowledged", "assigned") and policies.may_handle(actor, found)
    context = {
        "objection": found,
        "notice": found.notice,
        "state_tone": TONES[found.state],
        "late": is_late(found, at),
        "blocks": found.state in BLOCKING,
        "may_acknowledge": found.state == ObjectionState.FILED and policies.may_handle(actor, found),
        "may_reveal": policies.may_know_objector(actor, found),
        "assign": forms.AssignForm(
            handlers=handlers(found, on=local_date(at)), initial={"handler": str(found.handler_id or "")}
        )
        if assigns
        else None,
        "decide": forms.DecideForm() if decides else None,
        "judge": forms.DecideForm() if judges else None,
        **bound,
    }
    return render(request, "governance/objection.html", context, status=status)


@signed_in
@require_POST
def objection_acknowledge(request: StaffRequest, objection_id: UUID) -> HttpResponseBase:
    """Confirm receipt."""
    services.objection_acknowledge(objection_id=objection_id, actor=request.actor, at=now())
    messages.success(request, _("Acknowledged. The objector sees it under the receipt number."))
    return redirect("governance:objection", objection_id)


@signed_in
@require_POST
def objection_assign(request: StaffRequest, objection_id: UUID) -> HttpResponseBase:
    """Choose the handler."""
    found = queries.objection_get(objection_id=objection_id, actor=request.actor)
    form = forms.AssignForm(request.POST, handlers=handlers(found, on=local_date(now())))
    if carried_out(
        form,
        lambda data: services.objection_assign(
            objection_id=objection_id, handler_id=UUID(data["handler"]), actor=request.actor, at=now()
        ),
    ):
        messages.success(request, _("Assigned."))
        return redirect("governance:objection", objection_id)
    return _page(request, objection_id, status=422, assign=form)


@signed_in
@require_POST
def objection_reveal(request: StaffRequest, objection_id: UUID) -> HttpResponseBase:
    """Who objects; the look is recorded."""
    name, contact = services.objector_reveal(objection_id=objection_id, actor=request.actor, at=now())
    return _page(request, objection_id, identity={"name": name, "contact": contact})
