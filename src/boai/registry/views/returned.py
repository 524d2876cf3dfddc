"""A findings workbook comes back: upload, what the village has changed, take it over or not."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_POST

from boai.files.uploads import SizeGuard
from boai.kernel.clock import now
from boai.kernel.errors import BadInput, StalePage, UnableTo
from boai.kernel.policy import require
from boai.people.access import StaffRequest, signed_in
from boai.registry import policies, queries, services
from boai.registry.enums import IntakeState, ReturnState
from boai.registry.forms.intakes import ReturnForm
from boai.registry.intake.rules import file_sentence
from boai.registry.models import Intake, ReturnedWorkbook
from boai.registry.views import shared

_TONES = {ReturnState.READY: "wait", ReturnState.APPLIED: "ok", ReturnState.REFUSED: "stop", ReturnState.DISCARDED: ""}


@csrf_exempt
def workbook_return(request: HttpRequest, intake_id: UUID) -> HttpResponseBase:
    """The door for a corrected workbook. The size is guarded before the form is read."""
    request.upload_handlers = [SizeGuard(request)]
    return _workbook_return(request, intake_id)


@csrf_protect
@signed_in
def _workbook_return(request: StaffRequest, intake_id: UUID) -> HttpResponseBase:
    found = _get(request, intake_id)
    form = ReturnForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        upload = form.upload()
        try:
            returned = services.workbook_return(
                intake_id=intake_id, upload=upload, file_name=upload.name or "", actor=request.actor, at=now()
            )
        except BadInput as error:
            form.add_error("workbook", error.message)
        except UnableTo as error:
            form.add_error(None, error.message)
        else:
            return redirect("registry:returned", intake_id, returned.id)
    context = {
        "intake": found,
        "form": form,
        "changeable": found.state == IntakeState.CHECKED,
        "waiting": queries.returned_open(intake=found),
        "crumbs": _crumbs(found, _("Corrected workbook")),
    }
    return render(request, "registry/workbook_return.html", context, status=422 if form.errors else 200)


@signed_in
@require_GET
def returned(request: StaffRequest, intake_id: UUID, returned_id: UUID) -> HttpResponseBase:
    """What the village has changed, before and after, and what could not be taken."""
    found = _get(request, intake_id)
    one = queries.returned_get(intake=found, returned_id=returned_id)
    page = queries.returned_page(intake=found, returned=one, key=request.GET.get("key", ""))
    busy = one.state == ReturnState.RECEIVED
    ready = one.state == ReturnState.READY and found.state == IntakeState.CHECKED
    context = {
        "intake": found,
        "returned": one,
        "tone": _TONES.get(ReturnState(one.state), "info"),
        "busy": busy,
        "progress": _progress(found, one),
        "failure": file_sentence(one.error) if one.state == ReturnState.REFUSED else "",
        "page": page,
        "stats": [] if busy or one.error else _stats(one),
        "problems": queries.returned_problems(returned=one),
        "unread": one.counts.get("unread", 0),
        "may_apply": ready and one.counts.get("cells", 0) > 0,
        "may_discard": one.state in (ReturnState.RECEIVED, ReturnState.READY),
        "several_sheets": len(found.layout) > 1,
        "columns": [_("Place in the file"), _("Column"), _("Before"), _("After")],
        "next_url": shared.page_url(request, page.after),
        "crumbs": _crumbs(found, _("Corrected workbook")),
    }
    return render(request, "registry/returned.html", context)


@signed_in
@require_GET
def progress(request: StaffRequest, intake_id: UUID, returned_id: UUID) -> HttpResponseBase:
    """What htmx asks every two seconds; when it is over, the whole page anew."""
    found = _get(request, intake_id)
    one = queries.returned_get(intake=found, returned_id=returned_id)
    if one.state != ReturnState.RECEIVED:
        answer = HttpResponse(status=204)
        answer["HX-Refresh"] = "true"
        return answer
    return render(request, "web/components/progress.html", _progress(found, one))


@signed_in
@require_POST
def apply(request: StaffRequest, intake_id: UUID, returned_id: UUID) -> HttpResponseBase:
    """Take over what was changed; where cells were corrected meanwhile, compare once more and show it again."""
    queries.returned_get(intake=_get(request, intake_id), returned_id=returned_id)
    try:
        services.returned_apply(returned_id=returned_id, actor=request.actor, at=now())
    except StalePage as error:
        services.returned_compare_again(returned_id=returned_id, actor=request.actor, at=now())
        messages.warning(request, error.message)
        return redirect("registry:returned", intake_id, returned_id)
    messages.success(request, _("Taken over. The whole file is being checked again."))
    return redirect("registry:intake", intake_id)


@signed_in
@require_POST
def discard(request: StaffRequest, intake_id: UUID, returned_id: UUID) -> HttpResponseBase:
    """Take nothing over."""
    queries.returned_get(intake=_get(request, intake_id), returned_id=returned_id)
    services.returned_discard(returned_id=returned_id, actor=request.actor, at=now())
    messages.info(request, _("Nothing of this workbook was taken over."))
    return redirect("registry:findings", intake_id)


def _get(request: StaffRequest, intake_id: UUID) -> Intake:
    found = queries.intake_get(intake_id=intake_id, actor=request.actor)
    require(policies.may_write, request.actor, found)
    return found


def _progress(found: Intake, one: ReturnedWorkbook) -> dict[str, Any]:
    return {
        "id": "returned-progress",
        "label": _("Being compared with what was sent"),
        "note": _("You can leave this page; the work goes on."),
        "poll_url": reverse("registry:returned_progress", args=[found.id, one.id]),
    }


def _stats(one: ReturnedWorkbook) -> list[dict[str, Any]]:
    counts = one.counts
    conflicts = counts.get("conflicts", 0)
    return [
        {"label": _("Rows with a mark"), "value": counts.get("rows", 0), "unit": pgettext("unit", "rows")},
        {"label": _("Changed rows"), "value": counts.get("changed", 0), "unit": pgettext("unit", "rows"),
         "tone": "ok" if counts.get("changed") else ""},
        {"label": _("Changed cells"), "value": counts.get("cells", 0)},
        {"label": _("Conflicts"), "value": conflicts, "tone": "wait" if conflicts else ""},
    ]  # fmt: skip


def _crumbs(found: Intake, here: str) -> list[dict[str, str]]:
    return [
        {"label": _("Register import"), "url": reverse("registry:intake_list")},
        {"label": found.file_name, "url": reverse("registry:intake", args=[found.id])},
        {"label": _("Findings"), "url": reverse("registry:findings", args=[found.id])},
        {"label": here, "url": ""},
    ]
