"""The inbox of a member of staff, and the outbox of the office."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from boai.kernel.clock import now
from boai.kernel.errors import NotFound
from boai.kernel.policy import require
from boai.kernel.templatetags.boai import moment
from boai.messages import policies, queries, services
from boai.messages.enums import Channel, Fault, State
from boai.messages.models import Attempt, Message
from boai.people.access import StaffRequest, signed_in

TONES = {State.SENT: "ok", State.FAILED: "stop", State.HELD: "wait", State.WAITING: "wait", State.SENDING: "wait"}
SHOWN_FIRST = (State.FAILED, State.HELD, State.WAITING, State.SENT)


@signed_in
@require_GET
def inbox(request: StaffRequest) -> HttpResponseBase:
    """Messages to me, newest first."""
    user_id = _user(request)
    page = queries.inbox_page(user_id=user_id, before=_before(request))
    context = {
        "rows": page.rows,
        "unread": queries.unread_count(user_id=user_id),
        "may_see_outbox": bool(policies.may_see_outbox(request.actor)),
        **_pages(request, page),
    }
    return render(request, "boai_messages/inbox.html", context)


@signed_in
@require_POST
def open_message(request: StaffRequest, message_id: UUID) -> HttpResponseBase:
    """Mark a message as read and go where it leads."""
    message = services.inbox_open(message_id=message_id, actor=request.actor, at=now())
    return redirect(message.path or "messages:inbox")


@signed_in
@require_POST
def read_all(request: StaffRequest) -> HttpResponseBase:
    """Mark everything as read."""
    services.inbox_read_all(actor=request.actor, at=now())
    return redirect("messages:inbox")


@signed_in
@require_GET
def outbox(request: StaffRequest) -> HttpResponseBase:
    """What was sent, what waits, what failed, within my division."""
    require(policies.may_see_outbox, request.actor, None)
    state = request.GET.get("state", "")
    chosen = state if state in State.values else ""
    page = queries.outbox_page(actor=request.actor, state=chosen, before=_before(request))
    counts = queries.outbox_counts(actor=request.actor)
    context = {
        "rows": [{"message": m, "tone": TONES[State(m.state)]} for m in page.rows],
        "tabs": _tabs(chosen, counts),
        "held": counts.get(State.HELD, 0),
        "columns": [
            _("Kind of message"),
            _("Sent by"),
            _("Sent to"),
            _("State of sending"),
            _("Written at"),
            _("Tries"),
        ],
        **_pages(request, page),
    }
    return render(request, "boai_messages/outbox.html", context)


@signed_in
@require_GET
def outgoing(request: StaffRequest, message_id: UUID) -> HttpResponseBase:
    """One message: what it says, to whom it goes, what was tried."""
    require(policies.may_see_outbox, request.actor, None)
    message = queries.outgoing_message(message_id=message_id, actor=request.actor)
    context = {
        "message": message,
        "tone": TONES[State(message.state)],
        "fault": message.get_fault_display() if message.fault else "",
        "may_send_again": message.state in (State.FAILED, State.HELD) and bool(message.address),
        "facts": _facts(message),
        "attempts": [
            {"at": moment(attempt.at), "title": attempt.get_outcome_display(), "text": _why(attempt)}
            for attempt in queries.attempts_of(message)
        ],
        "crumbs": [{"label": _("Messages sent"), "url": reverse("messages:outbox")}, {"label": message.name}],
    }
    return render(request, "boai_messages/outgoing.html", context)


@signed_in
@require_POST
def send_again(request: StaffRequest, message_id: UUID) -> HttpResponseBase:
    """Try a failed or held message once more."""
    services.message_resend(message_id=message_id, actor=request.actor, at=now())
    messages.success(request, _("The message is in the queue again."))
    return redirect("messages:outgoing", message_id)


@signed_in
@require_POST
def send_held(request: StaffRequest) -> HttpResponseBase:
    """Send everything that waited for a gateway."""
    count = services.held_send(actor=request.actor, at=now())
    messages.success(
        request, ngettext("%(n)s message is in the queue.", "%(n)s messages are in the queue.", count) % {"n": count}
    )
    return redirect("messages:outbox")


def _user(request: StaffRequest) -> UUID:
    if request.actor.user_id is None:
        raise NotFound
    return request.actor.user_id


def _before(request: StaffRequest) -> UUID | None:
    try:
        return UUID(request.GET["before"])
    except (KeyError, ValueError):
        return None


def _pages(request: StaffRequest, page: queries.Page) -> dict[str, Any]:
    """The addresses of the newest and of the next page; the rest of the query string stays."""
    query: QueryDict = request.GET.copy()
    began = query.pop("before", None)
    first = f"?{query.urlencode()}" if query else request.path
    query["before"] = str(page.next)
    return {"prev_url": first if began else "", "next_url": f"?{query.urlencode()}" if page.next else ""}


def _tabs(chosen: str, counts: dict[str, int]) -> list[dict[str, Any]]:
    home = reverse("messages:outbox")
    first = {"label": _("All messages"), "url": home, "active": not chosen, "count": sum(counts.values())}
    rest = [
        {"label": s.label, "url": f"{home}?state={s}", "active": chosen == s, "count": counts.get(s, 0)}
        for s in SHOWN_FIRST
    ]
    return [first, *rest]


def _facts(message: Message) -> list[dict[str, Any]]:
    return [
        {"label": _("Sent by"), "value": Channel(message.channel).label},
        {"label": _("Sent to"), "value": message.address_shown or "—", "mono": True},
        {"label": _("Written at"), "value": moment(message.created_at)},
        {"label": _("Sent at"), "value": moment(message.sent_at)},
        {"label": _("Next try"), "value": moment(message.next_try_at)},
    ]


def _why(attempt: Attempt) -> str:
    fault = str(Fault(attempt.fault).label) if attempt.fault else ""
    return " ".join(part for part in (fault, attempt.answer) if part)
