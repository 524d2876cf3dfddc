"""Notices: the list, one notice with both versions, its way to the board and off it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from boai.files.services import file_open
from boai.files.web import file_response
from boai.governance import forms, policies, queries, services
from boai.governance.enums import NoticeState
from boai.governance.models import BoardPhoto, Notice
from boai.governance.queries.pages import NoticePage, notice_page
from boai.governance.views.common import carried_out, key, pdf
from boai.governance.views.spines import notice_steps
from boai.kernel.clock import local_date, now
from boai.kernel.errors import BadInput, NotFound
from boai.kernel.policy import require
from boai.people.access import StaffRequest, signed_in

TONES = {"published": "info", "submitted": "wait", "approved": "wait", "draft": "wait", "withdrawn": "ok"}
ENTRY_TONES = {"cleared": "ok", "remanded": "stop", "void": "stop"}


@signed_in
@require_safe
def notice_list(request: StaffRequest) -> HttpResponseBase:
    """Notices of my division."""
    state = request.GET.get("state", "")
    state = state if state in NoticeState.values else ""
    rows, after = queries.notices_page(actor=request.actor, state=state, after=key(request.GET.get("after")))
    tabs = [{"label": _("All"), "url": "?", "active": not state}]
    tabs += [
        {"label": label, "url": f"?state={value}", "active": value == state} for value, label in NoticeState.choices
    ]
    context = {
        "rows": [(row, TONES.get(row.state, "")) for row in rows],
        "columns": [
            _("Notice"),
            _("Issuing branch"),
            {"label": _("Number of lines"), "align": "num"},
            _("State"),
            _("On display until"),
        ],
        "tabs": tabs,
        "next_url": f"?state={state}&after={after}" if after else "",
    }
    return render(request, "governance/notice_list.html", context)


@signed_in
@require_safe
def notice(request: StaffRequest, notice_id: UUID) -> HttpResponseBase:
    """One notice: what the board shows, what the internet shows, what happened to it."""
    return _page(request, notice_id)


def _page(request: StaffRequest, notice_id: UUID, **bound: Any) -> HttpResponseBase:
    actor, at = request.actor, now()
    found = queries.notice_get(notice_id=notice_id, actor=actor)
    require(policies.may_see_notice, actor, found)
    page, status = notice_page(found), queries.notice_state(notice_id=notice_id, at=at)
    context = {
        "notice": found,
        "state_tone": TONES.get(found.state, ""),
        "page": page,
        "entries": [(entry, ENTRY_TONES.get(entry.state, "")) for entry in page.entries],
        "status": status,
        "versions": _versions(found),
        "steps": notice_steps(found, page, status, at),
        "address": queries.notice_address(found.code),
        "may_change": policies.may_change_draft(actor, found),
        "may_approve": policies.may_approve_notice(actor, found),
        "may_publish": policies.may_publish_notice(actor, found),
        "may_end": policies.may_end_notice(actor, found),
        "row_columns": [
            _("Case code"),
            _("Name"),
            _("Village and group"),
            _("Programme"),
            _("Why help is needed"),
            {"label": _("Amount"), "align": "num"},
        ],
        **_forms(request, found, page),
        **bound,
    }
    return render(request, "governance/notice.html", context, status=422 if bound else 200)


def _versions(found: Notice) -> tuple[Any, Any]:
    """(board, public): as rendered and read by the second person; of a draft as they would be rendered now."""
    if found.state == NoticeState.DRAFT:
        return services.notice_preview(notice=found)
    return found.board, found.public


def _forms(request: StaffRequest, found: Notice, page: NoticePage) -> dict[str, Any]:
    """The forms that make sense now, for who may send them."""
    actor, shown = request.actor, dict[str, Any]()
    if found.state in ("submitted", "approved") and policies.may_approve_notice(actor, found):
        shown["back"] = forms.ReasonForm(auto_id="back_%s")
    if found.published_at is not None and policies.may_add_photo(actor, found):
        shown["photo"] = forms.PhotoForm(
            initial={"on": local_date(now()), "kind": "removed" if page.photos else "posted"}
        )
    if found.state == "published" and policies.may_end_notice(actor, found):
        shown["extend"] = forms.ExtendForm(auto_id="extend_%s")
        shown["retract"] = forms.ReasonForm(auto_id="retract_%s")
    if found.state == "published" and page.successor is None and policies.may_change_draft(actor, found):
        shown["correct"] = forms.CorrectForm()
    return shown


def _step(
    request: StaffRequest,
    notice_id: UUID,
    name: str,
    form: django_forms.Form,
    call: Callable[[dict[str, Any]], Any],
    done: str,
) -> HttpResponseBase:
    """Carry a form out and come back to the notice, or show it again with what was wrong."""
    if carried_out(form, call):
        messages.success(request, done)
        return redirect("governance:notice", notice_id)
    return _page(request, notice_id, **{name: form})


@signed_in
def notice_edit(request: StaffRequest, notice_id: UUID, entry_id: UUID) -> HttpResponseBase:
    """Change a line of a draft: place, group, reason, guardian."""
    found = queries.notice_get(notice_id=notice_id, actor=request.actor)
    require(policies.may_change_draft, request.actor, found)
    rows = list(found.entries.all())
    row = next((r for r in rows if r.id == entry_id), None)
    if row is None or found.state != NoticeState.DRAFT:
        raise NotFound
    form = forms.EntryForm(request.POST if request.method == "POST" else None, entry=row)
    others = [forms.entry_of(r) for r in rows]
    if request.method == "POST" and carried_out(
        form,
        lambda _data: services.notice_edit(
            notice_id=notice_id,
            actor=request.actor,
            at=now(),
            entries=[form.changed_entry() if r.id == entry_id else o for r, o in zip(rows, others, strict=True)],
        ),
    ):
        messages.success(request, _("The line is changed."))
        return redirect("governance:notice", notice_id)
    context = {"form": form, "notice": found, "entry": row}
    return render(request, "governance/notice_edit.html", context, status=422 if form.errors else 200)


@signed_in
@require_POST
def notice_submit(request: StaffRequest, notice_id: UUID) -> HttpResponseBase:
    """Render, scan, ask for approval."""
    try:
        services.notice_submit(notice_id=notice_id, actor=request.actor, at=now())
    except BadInput as error:
        return _page(request, notice_id, finds=error.fields.get("text") or [error.message])
    messages.success(request, _("Rendered and scanned, nothing found. A second person reads it now."))
    return redirect("governance:notice", notice_id)


@signed_in
@require_POST
def notice_return(request: StaffRequest, notice_id: UUID) -> HttpResponseBase:
    """Send it back to the drafter."""
    return _step(
        request,
        notice_id,
        "back",
        forms.ReasonForm(request.POST, auto_id="back_%s"),
        lambda data: services.notice_return(notice_id=notice_id, actor=request.actor, reason=data["reason"], at=now()),
        _("Returned to the drafter."),
    )


@signed_in
@require_POST
def notice_approve(request: StaffRequest, notice_id: UUID) -> HttpResponseBase:
    """Approve what was read."""
    services.notice_approve(
        notice_id=notice_id, actor=request.actor, rendered_hash=request.POST.get("hash", ""), at=now()
    )
    messages.success(request, _("Approved as rendered. It can be published now."))
    return redirect("governance:notice", notice_id)


@signed_in
@require_POST
def notice_publish(request: StaffRequest, notice_id: UUID) -> HttpResponseBase:
    """Publish."""
    services.notice_publish(notice_id=notice_id, actor=request.actor, at=now())
    messages.success(request, _("Published. Print it for the village board and add the photo of the board."))
    return redirect("governance:notice", notice_id)


@signed_in
@require_POST
def notice_discard(request: StaffRequest, notice_id: UUID) -> HttpResponseBase:
    """Throw a draft away."""
    services.notice_discard(notice_id=notice_id, actor=request.actor, at=now())
    messages.success(request, _("The draft is discarded."))
    return redirect("governance:notice", notice_id)


@signed_in
@require_POST
def notice_correct(request: StaffRequest, notice_id: UUID) -> HttpResponseBase:
    """Draft a correction from what is on display."""
    found = queries.notice_get(notice_id=notice_id, actor=request.actor)
    form, made = forms.CorrectForm(request.POST), list[Notice]()
    entries = [forms.entry_of(row) for row in found.entries.filter(state="listed")]
    if carried_out(
        form,
        lambda data: made.append(
            services.notice_correct(
                notice_id=notice_id, actor=request.actor, entries=entries, correction=data["correction"], at=now()
            )
        ),
    ):
        messages.success(request, _("This is the draft of the correction. Until it is published the old text stays."))
        return redirect("governance:notice", made[0].id)
    return _page(request, notice_id, correct=form)


@signed_in
@require_POST
def notice_extend(request: StaffRequest, notice_id: UUID) -> HttpResponseBase:
    """Let it run longer."""
    return _step(
        request,
        notice_id,
        "extend",
        forms.ExtendForm(request.POST, auto_id="extend_%s"),
        lambda data: services.notice_extend(
            notice_id=notice_id, actor=request.actor, extra=data["extra"], reason=data["reason"], at=now()
        ),
        _("The notice runs longer."),
    )


@signed_in
@require_POST
def notice_retract(request: StaffRequest, notice_id: UUID) -> HttpResponseBase:
    """Take it down before its time."""
    return _step(
        request,
        notice_id,
        "retract",
        forms.ReasonForm(request.POST, auto_id="retract_%s"),
        lambda data: services.notice_retract(notice_id=notice_id, actor=request.actor, reason=data["reason"], at=now()),
        _("Taken down."),
    )


@signed_in
@require_POST
def notice_photo(request: StaffRequest, notice_id: UUID) -> HttpResponseBase:
    """Keep a photo of the board."""
    return _step(
        request,
        notice_id,
        "photo",
        forms.PhotoForm(request.POST, request.FILES),
        lambda data: services.board_photo_add(
            notice_id=notice_id,
            actor=request.actor,
            kind=data["kind"],
            place=data["place"],
            on=data["on"],
            upload=data["photo"],
            at=now(),
        ),
        _("The photo is kept as evidence."),
    )


@signed_in
@require_safe
def photo(request: StaffRequest, notice_id: UUID, photo_id: UUID) -> HttpResponseBase:
    """A photo of the board."""
    found = queries.notice_get(notice_id=notice_id, actor=request.actor)
    require(policies.may_see_notice, request.actor, found)
    kept = BoardPhoto.objects.filter(id=photo_id, notice=found).first()
    if kept is None:
        raise NotFound
    return file_response(file_open(file_id=kept.file_id), download=False)


@signed_in
@require_safe
def board(request: StaffRequest, notice_id: UUID) -> HttpResponseBase:
    """The paper for the village board."""
    return pdf(services.notice_print(notice_id=notice_id, actor=request.actor), _("Notice"))
