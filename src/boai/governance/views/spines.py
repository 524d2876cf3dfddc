"""Where it is, what comes next: the left column of an item and of a notice."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from boai.governance.models import Notice, Poll, Review
from boai.governance.queries.notices import NoticeStatus
from boai.governance.queries.pages import NoticePage
from boai.kernel.clock import SHANGHAI

_REVIEW = ("presented", "ballot_open", "ballot_closed", "counted")
_DECIDED = ("passed", "not_passed", "adjourned", "escalated", "void")
_NOTICE = ("draft", "submitted", "approved", "published")


def _moment(at: datetime | None) -> str:
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M") if at else ""


def _state(place: int, now: int) -> str:
    return "done" if place < now else "now" if place == now else "next"


def review_steps(review: Review, poll: Poll | None) -> list[dict[str, Any]]:
    """Discussion, ballot, count, outcome."""
    here = {"disputed": "ballot_closed"}.get(review.state, review.state)
    now = len(_REVIEW) if here in _DECIDED else _REVIEW.index(here)
    labels = [_("Discussion and recusals"), _("Secret ballot"), _("Counting"), _("Outcome of the item")]
    times = [review.opened_at, poll.opened_at if poll else None, poll.counted_at if poll else None, review.declared_at]
    steps = [
        {"label": label, "state": _state(n, now), "at": _moment(times[n]) if n < now else ""}
        for n, label in enumerate(labels)
    ]
    if here in _DECIDED:
        steps[3]["note"] = review.get_state_display()
        if here not in ("passed", "not_passed"):
            for step, at in zip(steps[1:3], times[1:3], strict=True):
                step["state"] = "done" if at else "skipped"
            steps[3]["state"] = "stopped"
    return steps


def notice_steps(notice: Notice, page: NoticePage, status: NoticeStatus, at: datetime) -> list[dict[str, Any]]:
    """Draft, approval, publication, the days, the end."""
    ended = status.stage == "ended"
    over = notice.ends_at is not None and at >= notice.ends_at
    now = 4 if ended else (4 if over else 3) if notice.published_at else _NOTICE.index(notice.state)
    who = page.people
    steps: list[dict[str, Any]] = [
        {"label": _("Draft"), "who": who.get(notice.drafted_by_id, ""), "at": _moment(notice.drafted_at)},
        {"label": _("Second person reads and approves"), "at": _moment(notice.approved_at),
         "who": who.get(notice.approved_by_id, "") if notice.approved_by_id else ""},
        {"label": _("Publication"), "at": _moment(notice.published_at),
         "who": who.get(notice.published_by_id, "") if notice.published_by_id else ""},
        {"label": _("On display"), "note": f"{notice.first_day} — {notice.last_day}" if notice.first_day else ""},
        {"label": _("Ended and taken down"), "at": _moment(notice.ended_at), "note": "" if ended or not
         notice.withdraw_on else _("taken down by itself on %(day)s") % {"day": notice.withdraw_on}},
    ]  # fmt: skip
    for n, step in enumerate(steps):
        step["state"] = _state(n, now)
        if step["state"] == "next" and n < 4:
            step["at"] = ""
    if ended:
        steps[4]["state"] = "done" if notice.state == "withdrawn" else "stopped"
        steps[4]["note"] = notice.get_state_display()
        if notice.published_at is None:
            for step in steps[1:4]:
                step["state"] = "skipped"
    return steps
