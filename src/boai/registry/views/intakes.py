"""Register files: upload, watch, look at the findings, decide."""

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

from boai.files.services import file_open
from boai.files.uploads import SizeGuard
from boai.files.web import file_response
from boai.kernel.clock import local_date, now
from boai.kernel.errors import BadInput
from boai.kernel.policy import require
from boai.people.access import StaffRequest, signed_in
from boai.registry import policies, queries, services
from boai.registry.enums import BUSY, SETTLED, IntakeKind, IntakeState, Severity
from boai.registry.forms.households import FindingFilterForm, ReasonForm
from boai.registry.forms.intakes import IntakeForm
from boai.registry.intake.rules import file_sentence
from boai.registry.models import Intake
from boai.registry.services.intakes import Division
from boai.registry.views import shared

SHOWN = 30
FULL_FILES = 10  # as much as so many files of the largest size can be sent at once
_OUTSIDE = ("place.outside", "place.unknown_county")
_TONES = {
    IntakeState.CHECKED: "wait",
    IntakeState.COMMITTED: "ok",
    IntakeState.FAILED: "stop",
    IntakeState.CANCELLED: "",
}
_SEVERITY_TONES = {
    Severity.ERROR: "stop", Severity.WARNING: "wait", Severity.ASK: "wait", Severity.REPEAT: "info",
}  # fmt: skip


@csrf_exempt
def intake_list(request: HttpRequest) -> HttpResponseBase:
    """The files of the division, and the door for a new one. The size is guarded before the form is read."""
    request.upload_handlers = [SizeGuard(request, files=FULL_FILES)]
    return _intake_list(request)


@csrf_protect
@signed_in
def _intake_list(request: StaffRequest) -> HttpResponseBase:
    here = Division(request.actor.region_code)
    require(policies.may_write, request.actor, here)
    form = IntakeForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            intake, new = services.files_upload(
                sent=[services.Sent(one, one.name or "") for one in form.uploads()],
                region_code=request.actor.region_code,
                actor=request.actor,
                at=now(),
                kind=form.cleaned_data["kind"],
            )
        except services.FileTaken as error:
            messages.warning(request, _("%(sentence)s Here is what became of it.") % {"sentence": error.message})
            return redirect("registry:intake", error.intake_id)
        except BadInput as error:
            shared.add_errors(form, error)
        else:
            if not new:
                messages.info(request, _("This was uploaded before; here is what became of it."))
            return redirect("registry:intake", intake.id)
    rows = [_row(one) for one in queries.intake_list(actor=request.actor)[:SHOWN]]
    context = {
        "form": form,
        "rows": rows,
        "columns": [_("File"), _("Uploaded"), {"label": _("People"), "align": "num"}, _("State")],
    }
    return render(request, "registry/intake_list.html", context, status=422 if form.errors else 200)


def _row(intake: Intake) -> dict[str, Any]:
    return {
        "intake": intake,
        "patch": intake.kind == IntakeKind.PATCH,
        "tone": _TONES.get(IntakeState(intake.state), "info"),
        "people": intake.counts.get("people"),
    }


@signed_in
def intake(request: StaffRequest, intake_id: UUID) -> HttpResponseBase:
    """Where a file stands: progress while it is read, then what was found and what can be decided."""
    found = _get(request, intake_id)
    context = {
        "intake": found,
        "tone": _TONES.get(IntakeState(found.state), "info"),
        "progress": _progress(found),
        "busy": found.state in BUSY,
        "failure": ""
        if _gave_up(found) or found.state != IntakeState.FAILED
        else file_sentence(found.error, found.error_file),
        "gave_up": _gave_up(found),
        "bookless": found.attempts >= queries.MOST_ATTEMPTS,
        "trouble": _trouble(found),
        "stats": _stats(found),
        "rules": _rules(found),
        "outside": sum(found.counts.get("rules", {}).get(rule, 0) for rule in _OUTSIDE),
        "patch": found.kind == IntakeKind.PATCH,
        "patch_fields": queries.patch_fields(intake=found),
        "asked": queries.pairs_open(actor=request.actor, intake_id=found.id).first(),
        "has_findings": found.state in SETTLED and bool(found.counts.get("rules")),
        "unread": _unread(found),
        "files": _files(found),
        "unknown": [one for one in queries.columns_view(intake=found) if one.asked],
        "crumbs": _crumbs(found),
        "columns": [_("Kind of finding"), _("What it means"), {"label": _("Findings"), "align": "num"}],
        **_may(request, found),
    }
    return render(request, "registry/intake.html", context)


@signed_in
@require_GET
def progress(request: StaffRequest, intake_id: UUID) -> HttpResponseBase:
    """What htmx asks every two seconds: the progress; when it is over, the whole page anew."""
    found = _get(request, intake_id)
    if found.state not in BUSY:
        answer = HttpResponse(status=204)
        answer["HX-Refresh"] = "true"
        return answer
    return render(request, "web/components/progress.html", _progress(found))


@signed_in
@require_GET
def findings(request: StaffRequest, intake_id: UUID) -> HttpResponseBase:
    """The findings in the order of the rows, of all rules or of one."""
    found = _get(request, intake_id)
    form = FindingFilterForm(request.GET, rules=queries.rules_found(intake=found),
                             villages=queries.villages_found(intake=found))  # fmt: skip
    form.is_valid()
    _findings_opened(request, found)
    rule, village = form.cleaned_data.get("rule", ""), form.cleaned_data.get("village", "")
    page = queries.findings_page(intake=found, rule=rule, village=village, key=request.GET.get("key", ""))
    context = {
        "intake": found,
        "page": page,
        "form": form,
        "rule": rule,
        "village": village,
        "changeable": found.state == IntakeState.CHECKED,
        "here": request.get_full_path(),
        "several_sheets": len(found.layout) > 1,
        "columns": [_("Place in the file"), _("Column"), _("Value"), _("What is wrong and what to do")],
        "previous_url": shared.page_url(request, page.before),
        "next_url": shared.page_url(request, page.after),
        "crumbs": [*_crumbs(found, link=True), {"label": _("Findings"), "url": ""}],
    }
    return render(request, "registry/findings.html", context)


@signed_in
@require_GET
def workbook(request: StaffRequest, intake_id: UUID) -> HttpResponseBase:
    """The file back with red cells and a column that says what is wrong."""
    stored = services.workbook_open(intake_id=intake_id, actor=request.actor, at=now())
    return file_response(file_open(file_id=stored), download=True)


@signed_in
def original(request: StaffRequest, intake_id: UUID, position: int) -> HttpResponseBase:
    """A file as it came, for whoever says why."""
    one = queries.intake_file(intake=_get(request, intake_id), position=position)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            stored = services.original_open(
                intake_id=intake_id,
                position=position,
                reason=form.cleaned_data["reason"],
                actor=request.actor,
                at=now(),
            )
        except BadInput as error:
            shared.add_errors(form, error)
        else:
            return file_response(file_open(file_id=stored), download=True)
    lead = _("The file holds whole identity numbers and illnesses, as the office wrote them.")
    back = reverse("registry:intake", args=[intake_id])
    return shared.form_page(request, form, title=one.name, back=back, submit=_("Download the file"), lead=lead)


@signed_in
def commit(request: StaffRequest, intake_id: UUID) -> HttpResponseBase:
    """First what would happen to how many and why not to the others; then it happens."""
    found = _get(request, intake_id)
    if request.method == "POST":
        services.intake_commit(intake_id=intake_id, actor=request.actor, at=now())
        patch = found.kind == IntakeKind.PATCH
        messages.info(request, _("The people are being changed.") if patch else _("The households are being entered."))
        return redirect("registry:intake", intake_id)
    counts = found.counts
    if found.kind == IntakeKind.PATCH:
        return render(request, "registry/intake_commit.html", _patch_confirm(found))
    households, entering = counts.get("households", 0), counts.get("entering_households", 0)
    will = {
        "count": entering,
        "text": _("%(households)s households with %(people)s people enter the register.")
        % {"households": entering, "people": counts.get("entering_people", 0)},
    }
    wont = []
    if households > entering:
        wont.append({"count": households - entering,
                     "reason": _("These households have an error or are in the register already. They stay out; mend "
                                 "the file and upload it again, the others will not enter twice.")})  # fmt: skip
    context = {"intake": found, "will": will, "wont": wont,
               "crumbs": [*_crumbs(found, link=True), {"label": _("Enter into the register"), "url": ""}]}  # fmt: skip
    return render(request, "registry/intake_commit.html", context)


def _patch_confirm(found: Intake) -> dict[str, Any]:
    """What a file of corrections would change, and for whom it can't."""
    counts = found.counts
    will = {
        "count": counts.get("changing", 0),
        "text": _("%(people)s people in %(households)s households are changed.")
        % {"people": counts.get("changing", 0), "households": counts.get("households", 0)},
        "names": [f"{label} · {number}" for label, number in queries.patch_fields(intake=found)],
    }
    wont = []
    if counts.get("refused"):
        wont.append({"count": counts["refused"], "reason": _("These rows can't be applied; the findings say why.")})
    if counts.get("same"):
        wont.append({"count": counts["same"], "reason": _("The register says the same already.")})
    return {"intake": found, "will": will, "wont": wont, "patch": True,
            "crumbs": [*_crumbs(found, link=True), {"label": _("Change the register"), "url": ""}]}  # fmt: skip


@signed_in
@require_POST
def undo(request: StaffRequest, intake_id: UUID) -> HttpResponseBase:
    """Take what the file brought out of the register again."""
    _get(request, intake_id)
    services.intake_undo(intake_id=intake_id, actor=request.actor, at=now())
    messages.info(request, _("The households of this file are being taken out again."))
    return redirect("registry:intake", intake_id)


@signed_in
@require_POST
def cancel(request: StaffRequest, intake_id: UUID) -> HttpResponseBase:
    """Stop reading, or throw away what was checked."""
    _get(request, intake_id)
    services.intake_cancel(intake_id=intake_id, actor=request.actor, at=now())
    messages.success(request, _("Cancelled. Nothing of the file has entered the register."))
    return redirect("registry:intake", intake_id)


@signed_in
@require_POST
def again(request: StaffRequest, intake_id: UUID) -> HttpResponseBase:
    """Read and check the file once more."""
    _get(request, intake_id)
    services.intake_again(intake_id=intake_id, actor=request.actor, at=now())
    return redirect("registry:intake", intake_id)


def _findings_opened(request: StaffRequest, found: Intake) -> None:
    """Recorded once a day and session, not with every page that is turned."""
    key, day = f"findings:{found.id}", local_date(now()).isoformat()
    if request.session.get(key) != day:
        services.findings_open(intake_id=found.id, actor=request.actor, at=now())
        request.session[key] = day


def _get(request: StaffRequest, intake_id: UUID) -> Intake:
    found = queries.intake_get(intake_id=intake_id, actor=request.actor)
    require(policies.may_write, request.actor, found)
    return found


def _may(request: StaffRequest, found: Intake) -> dict[str, bool]:
    """Which buttons the page shows."""
    checked = found.state == IntakeState.CHECKED
    return {
        "may_commit": checked and bool(policies.may_commit(request.actor, found)),
        "may_cancel": found.state
        in (IntakeState.RECEIVED, IntakeState.READING, IntakeState.COMPARING, IntakeState.CHECKED),
        "may_again": found.state in (IntakeState.CHECKED, IntakeState.FAILED, IntakeState.CANCELLED),
        "may_undo": found.state == IntakeState.COMMITTED,
    }


def _files(found: Intake) -> list[dict[str, Any]]:
    """The files as they came, to be downloaded."""
    return [
        {"name": one.name, "size": one.size, "kind": "file",
         "url": reverse("registry:intake_file", args=[found.id, one.position])}
        for one in queries.intake_files(intake=found)
    ]  # fmt: skip


def _progress(found: Intake) -> dict[str, Any]:
    labels = {
        IntakeState.RECEIVED: _("Waiting to be read"),
        IntakeState.READING: _("Reading and checking"),
        IntakeState.COMPARING: _("Looking for people who stand twice"),
        IntakeState.COMMITTING: _("Entering the register"),
        IntakeState.UNDOING: _("Being taken out of the register"),
    }
    reading = found.state == IntakeState.READING
    return {
        "id": "intake-progress",
        "label": labels.get(IntakeState(found.state), found.get_state_display()),
        "done": found.rows_read if reading else None,
        "total": found.rows_total if reading else None,
        "unit": _("rows of the file"),
        "note": _so_far(found),
        "poll_url": reverse("registry:intake_progress", args=[found.id]),
    }


def _so_far(found: Intake) -> str:
    """What the job has done: rows read, people checked, being compared; which of several files it is at."""
    if found.state == IntakeState.COMPARING:
        return _("%(rows)s rows read; %(people)s people are compared with each other and with the register") % {
            "rows": found.rows_read, "people": found.rows_checked,
        }  # fmt: skip
    if found.state != IntakeState.READING:
        return _("You can leave this page; the work goes on.")
    done = _("%(rows)s rows read, %(people)s people checked") % {"rows": found.rows_read, "people": found.rows_checked}
    files = len(queries.intake_files(intake=found))
    if files == 1 or not found.files_read:
        return done
    return _("File %(file)s of %(files)s · %(done)s") % {"file": found.files_read, "files": files, "done": done}


def _gave_up(found: Intake) -> bool:
    """The last step fell over a fault of ours, again and again."""
    return found.error == "gave_up" and found.state not in BUSY


def _trouble(found: Intake) -> str:
    """What kept the last step from being done."""
    return {
        "register_changed": _("Somebody entered some of the same people meanwhile, so nothing was entered. The numbers "
                              "below are up to date; decide once more."),
        "in_use": _("People of this file are already in use or have been changed, so it stays in the register."),
    }.get(found.error, "")  # fmt: skip


def _stats(found: Intake) -> list[dict[str, Any]]:
    counts = found.counts
    if not counts:
        return []
    if found.kind == IntakeKind.PATCH:
        return _patch_stats(found)
    stats = [
        {"label": _("People"), "value": counts["people"]},
        {"label": _("Households"), "value": counts["households"]},
        {"label": _("Findings"), "value": sum(counts["rules"].values()),
         "url": reverse("registry:findings", args=[found.id]) if counts["rules"] else ""},
    ]  # fmt: skip
    entered = counts.get("entered")
    if found.state in (IntakeState.COMMITTED, IntakeState.UNDOING) and entered:
        stats.append({"label": _("Entered"), "value": entered["households"], "unit": _("households"), "tone": "ok"})
    else:
        ready = counts["entering_households"]
        stats.append(
            {"label": _("Can enter"), "value": ready, "unit": _("households"), "tone": "ok" if ready else "stop"}
        )
    return stats


def _patch_stats(found: Intake) -> list[dict[str, Any]]:
    counts, changed = found.counts, found.state == IntakeState.COMMITTED
    findings, rows = reverse("registry:findings", args=[found.id]), reverse("registry:patch_rows", args=[found.id])
    return [
        {"label": _("Changed") if changed else _("Will change"), "value": counts["changing"], "unit": _("people"),
         "tone": "ok" if counts["changing"] else "stop", "url": rows if counts["changing"] else ""},
        {"label": _("Nothing new"), "value": counts["same"], "unit": pgettext("unit", "rows")},
        {"label": _("Can't be applied"), "value": counts["refused"], "unit": pgettext("unit", "rows"),
         "tone": "wait" if counts["refused"] else "", "url": findings if counts["refused"] else ""},
    ]  # fmt: skip


def _rules(found: Intake) -> list[dict[str, Any]]:
    base = reverse("registry:findings", args=[found.id])
    return [
        {"rule": one, "url": f"{base}?rule={one.rule}", "tone": _SEVERITY_TONES[one.severity]}
        for one in queries.rules_found(intake=found)
    ]


def _unread(found: Intake) -> list[str]:
    return [heading for layout in found.layout for heading in layout["unread"]]


def _crumbs(found: Intake, *, link: bool = False) -> list[dict[str, str]]:
    here = reverse("registry:intake", args=[found.id]) if link else ""
    return [
        {"label": _("Register import"), "url": reverse("registry:intake_list")},
        {"label": found.file_name, "url": here},
    ]
