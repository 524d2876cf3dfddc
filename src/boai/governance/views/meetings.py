"""Meetings: the list, a new one, the sitting itself, its minutes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from boai.files.services import file_open
from boai.files.web import file_response
from boai.governance import policies, queries, services
from boai.governance.enums import MeetingState
from boai.governance.forms import MeetingForm, OfficersForm, ReasonForm, SignForm
from boai.governance.models import Meeting
from boai.governance.queries.pages import items_of, panel_and_staff
from boai.governance.services.printing import rules_text
from boai.governance.views.common import carried_out, key, pdf
from boai.kernel.clock import local_date, now
from boai.kernel.errors import NotFound, StalePage
from boai.kernel.policy import require
from boai.people.access import StaffRequest, signed_in
from boai.people.queries import names

TONES = {"open": "info", "convened": "wait", "closed": "wait", "signed": "ok", "adjourned": "", "cancelled": ""}
ITEM_TONES = {
    "passed": "ok",
    "not_passed": "stop",
    "disputed": "stop",
    "ballot_open": "info",
    "counted": "wait",
    "ballot_closed": "wait",
}


@signed_in
@require_safe
def review_list(request: StaffRequest) -> HttpResponseBase:
    """Meetings of my division, or those that I sit on."""
    state = request.GET.get("state", "")
    state = state if state in MeetingState.values else ""
    rows, after = queries.meetings_page(actor=request.actor, state=state, after=key(request.GET.get("after")))
    tabs = [{"label": _("All"), "url": "?", "active": not state}]
    tabs += [
        {"label": label, "url": f"?state={value}", "active": value == state} for value, label in MeetingState.choices
    ]
    context = {
        "rows": [(row, TONES[row.state]) for row in rows],
        "columns": [
            _("Meeting"),
            _("When"),
            _("Meeting place"),
            _("State"),
            {"label": _("Items"), "align": "num"},
            {"label": _("Items waiting"), "align": "num"},
        ],
        "tabs": tabs,
        "next_url": f"?state={state}&after={after}" if after else "",
        "may_convene": policies.may_convene(request.actor, request.actor.region_code),
    }
    return render(request, "governance/review_list.html", context)


@signed_in
def meeting_new(request: StaffRequest) -> HttpResponseBase:
    """Call a panel together."""
    actor, at = request.actor, now()
    require(policies.may_convene, actor, actor.region_code)
    panel, staff = panel_and_staff(actor=actor, on=local_date(at))
    form = MeetingForm(
        request.POST if request.method == "POST" else None,
        panel=panel,
        staff=staff,
        initial={"day": local_date(at), "time": "09:00", "recorder": str(actor.user_id)},
    )
    made: list[Meeting] = []
    sent = request.method == "POST"
    try:
        if sent and carried_out(form, lambda data: made.append(_convene(request, form, data))):
            done = _("The meeting is called. Put cases on its agenda, then open it with the quorum.")
            messages.success(request, done)
            return redirect("governance:meeting", made[0].id)
    except StalePage as error:
        messages.info(request, error.message)
        return redirect("governance:meeting", form.cleaned_data["key"])
    rules = queries.review_rules(region_code=actor.region_code, on=local_date(at))
    context = {"form": form, "rules": rules_text(rules), "citation": rules.citation}
    return render(request, "governance/meeting_new.html", context, status=422 if form.errors else 200)


def _convene(request: StaffRequest, form: MeetingForm, data: dict[str, Any]) -> Meeting:
    actor, at = request.actor, now()
    assert actor.branch_id is not None, "a post is at a branch"
    return services.meeting_convene(
        actor=actor,
        branch_id=actor.branch_id,
        region_code=actor.region_code,
        title=data["title"],
        place=data["place"],
        starts_at=form.starts_at(),
        members=form.roll(),
        rules=queries.review_rules(region_code=actor.region_code, on=local_date(at)),
        at=at,
        key=data["key"],
        **form.officers(),
    )


@signed_in
@require_safe
def meeting(request: StaffRequest, meeting_id: UUID) -> HttpResponseBase:
    """The sitting: who is there, what is on the agenda, what is missing."""
    return _page(request, meeting_id)


def _page(request: StaffRequest, meeting_id: UUID, **bound: Any) -> HttpResponseBase:
    actor = request.actor
    found = queries.meeting_get(meeting_id=meeting_id, actor=actor)
    require(policies.may_see_meeting, actor, found)
    members, people = list(found.members.all()), names(found.officer_ids)
    organises = policies.may_organise(actor, found)
    waits = found.state in ("convened", "open")
    staff = panel_and_staff(actor=actor, on=local_date(now()))[1] if organises and waits else []
    context = {
        "meeting": found,
        "state_tone": TONES[found.state],
        "members": members,
        "me": next((m for m in members if m.user_id == actor.user_id), None),
        "present": sum(m.is_present for m in members),
        "items": [(item, ITEM_TONES.get(item.review.state, "")) for item in items_of(found, actor)],
        "missing": queries.meeting_missing(found, members) if found.state == "convened" else [],
        "facts": _facts(found, people),
        "organises": organises,
        "presides": policies.may_preside(actor, found),
        "officers": OfficersForm(staff=staff, initial=_officers(found)) if staff else None,
        "end": ReasonForm() if organises and found.state == "convened" else None,
        "sign": SignForm() if organises and found.state == "closed" else None,
        "member_columns": [
            _("Name"),
            _("Votes"),
            _("Attendance"),
            _("Sign this member in"),
        ],
        "item_columns": [{"label": _("No."), "align": "num"}, _("Subject"), _("Stepped aside"), _("State")],
        **bound,
    }
    return render(request, "governance/meeting.html", context, status=422 if bound else 200)


def _officers(found: Meeting) -> dict[str, str]:
    ids = {name: str(getattr(found, f"{name}_id") or "") for name in ("chair", "recorder", "teller", "scrutineer")}
    return ids | {"witnesses": "\n".join(found.witnesses)}


def _facts(found: Meeting, people: dict[UUID, str]) -> list[dict[str, Any]]:
    officers = [
        (_("Chair"), found.chair_id),
        (_("Recorder"), found.recorder_id),
        (_("Teller"), found.teller_id),
        (_("Scrutineer"), found.scrutineer_id),
    ]
    rows: list[dict[str, Any]] = [{"label": label, "value": people[who]} for label, who in officers if who]
    if found.witnesses:
        rows.append({"label": _("Witnesses"), "value": "、".join(found.witnesses)})
    rows.append(
        {
            "label": _("Rules of the meeting"),
            "value": rules_text(found.review_rules),
            "note": found.review_rules.citation,
        }
    )
    if found.roll_hash:
        rows.append({"label": _("Hash of the roll"), "value": found.roll_hash[:20], "mono": True})
    return rows


@signed_in
@require_POST
def attendance(request: StaffRequest, meeting_id: UUID) -> HttpResponseBase:
    """Sign a member in or out."""
    member_id = key(request.POST.get("member"))
    if member_id is None:
        raise NotFound
    service = services.member_sign_out if request.POST.get("way") == "out" else services.member_sign_in
    service(meeting_id=meeting_id, member_id=member_id, actor=request.actor, at=now())
    return redirect("governance:meeting", meeting_id)


@signed_in
@require_POST
def meeting_open(request: StaffRequest, meeting_id: UUID) -> HttpResponseBase:
    """Open the sitting."""
    services.meeting_open(meeting_id=meeting_id, actor=request.actor, at=now())
    messages.success(request, _("The meeting is open; its roll is frozen."))
    return redirect("governance:meeting", meeting_id)


@signed_in
@require_POST
def meeting_close(request: StaffRequest, meeting_id: UUID) -> HttpResponseBase:
    """Close the sitting."""
    services.meeting_close(meeting_id=meeting_id, actor=request.actor, at=now())
    messages.success(request, _("The meeting is closed. Print the minutes and have them signed."))
    return redirect("governance:meeting", meeting_id)


@signed_in
@require_POST
def meeting_end(request: StaffRequest, meeting_id: UUID) -> HttpResponseBase:
    """Adjourn or cancel a meeting that did not open."""
    form = ReasonForm(request.POST)
    service = services.meeting_cancel if request.POST.get("how") == "cancel" else services.meeting_adjourn
    done = carried_out(
        form, lambda data: service(meeting_id=meeting_id, actor=request.actor, reason=data["reason"], at=now())
    )
    return redirect("governance:meeting", meeting_id) if done else _page(request, meeting_id, end=form)


@signed_in
@require_POST
def meeting_officers(request: StaffRequest, meeting_id: UUID) -> HttpResponseBase:
    """Appoint others."""
    staff = panel_and_staff(actor=request.actor, on=local_date(now()))[1]
    form = OfficersForm(request.POST, staff=staff)
    done = carried_out(
        form,
        lambda _data: services.meeting_officers_set(
            meeting_id=meeting_id, actor=request.actor, at=now(), **form.officers()
        ),
    )
    return redirect("governance:meeting", meeting_id) if done else _page(request, meeting_id, officers=form)


@signed_in
@require_safe
def minutes(request: StaffRequest, meeting_id: UUID) -> HttpResponseBase:
    """The minutes to print."""
    return pdf(services.meeting_minutes(meeting_id=meeting_id, actor=request.actor), _("Minutes"))


@signed_in
@require_POST
def meeting_sign(request: StaffRequest, meeting_id: UUID) -> HttpResponseBase:
    """Keep the signed minutes."""
    form = SignForm(request.POST, request.FILES)
    done = carried_out(
        form,
        lambda data: services.meeting_sign(
            meeting_id=meeting_id,
            actor=request.actor,
            upload=data["scan"],
            pages=data["pages"],
            signers=form.signer_names(),
            at=now(),
        ),
    )
    return redirect("governance:meeting", meeting_id) if done else _page(request, meeting_id, sign=form)


@signed_in
@require_safe
def minutes_scan(request: StaffRequest, meeting_id: UUID) -> HttpResponseBase:
    """The scan of the signed minutes."""
    found = queries.meeting_get(meeting_id=meeting_id, actor=request.actor)
    require(policies.may_see_meeting, request.actor, found)
    if found.minutes_file_id is None:
        raise NotFound
    return file_response(file_open(file_id=found.minutes_file_id), download=False)
