"""Bulk steps from the desk and the case list: the dry run as a page, then the step."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from boai.governance.models import Meeting
from boai.journeys import services as journeys
from boai.journeys.forms import AgendaForm, NoteForm
from boai.journeys.services import bulk as bulk_services
from boai.kernel.clock import local_date, now
from boai.kernel.errors import BadInput, NotFound, UnableTo
from boai.kernel.money import format_fen
from boai.people.access import StaffRequest, signed_in
from boai.relief.models import Case

MOST = 500
SHOWN = 20
Pairs = Sequence[tuple[Case, str]]


@signed_in
@require_POST
def bulk(request: StaffRequest) -> HttpResponseBase:
    """`do` names the step, `id` the cases; with `confirm` it is done."""
    steps = {"agenda": _agenda, "notice": _notice, "approve": _approve, "archive": _archive}
    step = steps.get(request.POST.get("do", ""))
    if step is None:
        raise NotFound
    ids = _ids(request)
    if not ids:
        messages.info(request, _("Choose at least one case first."))
        return redirect("relief:desk")
    return step(request, ids)


def _ids(request: StaffRequest) -> list[UUID]:
    found = []
    for text in request.POST.getlist("id")[:MOST]:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


def _page(
    request: StaffRequest, ids: list[UUID], *, do: str, title: str, submit: str, will: Sequence[Case], sentence: str,
    wont: Pairs, form: forms.Form | None = None,
) -> HttpResponseBase:  # fmt: skip
    by_reason: dict[str, list[str]] = {}
    for case, reason in wont:
        by_reason.setdefault(reason, []).append(case.code)
    context = {
        "title": title,
        "submit": submit,
        "action": reverse("journeys:bulk"),
        "form": form,
        "will": {
            "count": len(will),
            "text": sentence,
            "names": [f"{c.code} {c.beneficiary_name}" for c in will[:SHOWN]],
        },
        "wont": [{"count": len(n), "reason": r, "names": n[:SHOWN]} for r, n in by_reason.items()],
        "hidden": [("id", str(i)) for i in ids] + [("do", do), ("confirm", "1")],
        "cancel_url": reverse("relief:desk"),
        "crumbs": [{"label": _("Desk"), "url": reverse("relief:desk")}, {"label": title}],
    }
    status = 422 if form is not None and form.errors else 200
    return render(request, "journeys/bulk.html", context, status=status)


def _said(request: StaffRequest, report: bulk_services.Report, done: str) -> HttpResponseBase:
    """What happened to how many, and why not to the others."""
    if report.done:
        messages.success(request, done)
    for case, reason in report.failed[:SHOWN]:
        messages.warning(request, f"{case.code}: {reason}")
    return redirect("relief:desk")


def _agenda(request: StaffRequest, ids: list[UUID]) -> HttpResponseBase:
    meetings = Meeting.objects.filter(branch_id__in=[request.actor.branch_id], state__in=("convened", "open")).order_by(
        "-id"
    )
    first = meetings.first()
    if first is None:
        messages.info(request, _("Call a meeting first; then cases can be put on its agenda."))
        return redirect("governance:review_list")
    confirmed = "confirm" in request.POST
    form = AgendaForm(request.POST if confirmed else None, meetings=meetings)
    chosen = form.cleaned_data["meeting"] if confirmed and form.is_valid() else first
    if confirmed and form.is_valid():
        try:
            plan = journeys.agenda_add(case_ids=ids, meeting_id=chosen.id, actor=request.actor, at=now())
        except UnableTo as error:
            form.add_error(None, error.message)
        else:
            text = ngettext("{n} case is on the agenda.", "{n} cases are on the agenda.", len(plan.will))
            messages.success(request, text.format(n=len(plan.will)))
            return redirect("governance:meeting", meeting_id=chosen.id)
    plan = journeys.agenda_plan(case_ids=ids, meeting_id=chosen.id, actor=request.actor)
    text = ngettext("{n} case comes onto the agenda.", "{n} cases come onto the agenda.", len(plan.will))
    return _page(
        request, ids, do="agenda", title=_("Put on the agenda"), submit=_("Put on the agenda"), will=plan.will,
        sentence=text.format(n=len(plan.will)), wont=plan.wont, form=form,
    )  # fmt: skip


def _notice(request: StaffRequest, ids: list[UUID]) -> HttpResponseBase:
    if "confirm" in request.POST:
        try:
            notice = journeys.notice_draft(case_ids=ids, actor=request.actor, at=now())
        except BadInput as error:
            messages.error(request, error.message or " ".join(s for each in error.fields.values() for s in each))
        except UnableTo as error:
            messages.error(request, error.message)
        else:
            messages.success(request, _("The notice is drafted. Check it, then ask a second person to approve it."))
            return redirect("governance:notice", notice_id=notice.id)
    plan = journeys.notices_plan(case_ids=ids, actor=request.actor)
    text = ngettext("{n} case goes onto one notice.", "{n} cases go onto one notice.", len(plan.will))
    return _page(
        request, ids, do="notice", title=_("Draft a public notice"), submit=_("Draft the notice"), will=plan.will,
        sentence=text.format(n=len(plan.will)), wont=plan.wont,
    )  # fmt: skip


def _approve(request: StaffRequest, ids: list[UUID]) -> HttpResponseBase:
    form = NoteForm(request.POST if "confirm" in request.POST else None)
    if form.is_bound and form.is_valid():
        report = bulk_services.cases_approve(
            case_ids=ids, note=form.cleaned_data["note"], actor=request.actor, at=now()
        )  # fmt: skip
        text = ngettext("{n} case is approved.", "{n} cases are approved.", len(report.done))
        return _said(request, report, text.format(n=len(report.done)))
    plan = bulk_services.approve_plan(case_ids=ids, actor=request.actor, at=now())
    text = ngettext(
        "{n} case is approved as proposed, {sum} in all.", "{n} cases are approved as proposed, {sum} in all.",
        len(plan.will),
    )  # fmt: skip
    return _page(
        request, ids, do="approve", title=_("Approve as proposed"), submit=_("Approve"), will=plan.will,
        sentence=text.format(n=len(plan.will), sum=format_fen(plan.total_fen)), wont=plan.wont, form=form,
    )  # fmt: skip


def _archive(request: StaffRequest, ids: list[UUID]) -> HttpResponseBase:
    if "confirm" in request.POST:
        report = bulk_services.cases_archive(case_ids=ids, actor=request.actor, at=now())
        text = ngettext("{n} case is archived.", "{n} cases are archived.", len(report.done))
        return _said(request, report, text.format(n=len(report.done)))
    plan = bulk_services.archive_plan(case_ids=ids, actor=request.actor)
    text = ngettext("{n} case is archived.", "{n} cases are archived.", len(plan.will))
    return _page(
        request, ids, do="archive", title=_("Archive"), submit=_("Archive"), will=plan.will,
        sentence=text.format(n=len(plan.will)), wont=plan.wont,
    )  # fmt: skip


@signed_in
def agenda_add(request: StaffRequest, meeting_id: UUID) -> HttpResponseBase:
    """From a meeting: choose cases that wait for review and put them on its agenda."""
    if request.method == "POST":
        ids = _ids(request)
        try:
            plan = journeys.agenda_add(case_ids=ids, meeting_id=meeting_id, actor=request.actor, at=now())
        except UnableTo as error:
            messages.error(request, error.message)
        else:
            text = ngettext("{n} case is on the agenda.", "{n} cases are on the agenda.", len(plan.will))
            messages.success(request, text.format(n=len(plan.will)))
        return redirect("governance:meeting", meeting_id=meeting_id)
    meeting, page = journeys.agenda_choice(meeting_id=meeting_id, actor=request.actor, on=local_date(now()))
    context = {
        "meeting": meeting,
        "page": page,
        "columns": [
            _("Person in need"), _("Case"), _("Programme"), _("Village or community"),
            {"label": _("Amount"), "align": "num"}, _("State"), _("Due"),
        ],
        "actions": [{"label": _("Put on the agenda"), "name": "do", "value": "agenda", "kind": "primary"}],
        "crumbs": [
            {"label": meeting.title, "url": reverse("governance:meeting", args=[meeting.id])},
            {"label": _("Put on the agenda")},
        ],
    }  # fmt: skip
    return render(request, "journeys/agenda.html", context)
