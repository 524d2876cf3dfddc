"""What every page of the shell needs to know."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from boai.messages.queries import unread_count
from boai.people.actor import Actor
from boai.people.roles import ROLES, Duty


def _entries() -> list[tuple[str, str, str, set[Duty]]]:
    return [
        (_("Desk"), "relief:desk", "desk", {Duty.CASE_READ, Duty.REVIEW_VOTE}),
        (_("Cases"), "relief:case_list", "case", {Duty.CASE_READ}),
        (_("Register"), "registry:household_list", "household", {Duty.REGISTER_READ}),
        (_("Register import"), "registry:intake_list", "intake", {Duty.REGISTER_WRITE}),
        (_("Visits"), "visits:list", "pin", {Duty.VISIT_PLAN, Duty.VISIT_MAKE}),
        (_("Reviews"), "governance:review_list", "review", {Duty.REVIEW_HOLD, Duty.REVIEW_VOTE}),
        (_("Notices"), "governance:notice_list", "notice",
         {Duty.NOTICE_DRAFT, Duty.NOTICE_PUBLISH, Duty.OBJECTION_HANDLE}),
        (_("Payments"), "relief:batch_list", "payment", {Duty.PAY_PREPARE, Duty.PAY_RELEASE}),
        (_("Funds"), "relief:fund_list", "fund", {Duty.FUND_BOOK, Duty.CASE_APPROVE}),
        (_("Rules"), "rulebook:rule_list", "rule", {Duty.RULES_WRITE}),
        (_("People and posts"), "people:post_list", "people", {Duty.PEOPLE_WRITE}),
        (_("Unusual looks"), "registry:flag_list", "lock", {Duty.AUDIT_READ}),
        (_("Log"), "log", "log", {Duty.AUDIT_READ}),
    ]  # fmt: skip


def shell(request: HttpRequest) -> dict[str, Any]:
    """Navigation by duties, the actor, the posts to choose from."""
    actor: Actor = getattr(request, "actor", None) or Actor.public()
    inbox = None
    if user_id := actor.user_id:  # counted when a page asks: error pages must stand without the database
        inbox = {"url": reverse("messages:inbox"), "count": cache(lambda: unread_count(user_id=user_id))}
    return {
        "actor": actor,
        "inbox": inbox,
        "role_name": str(ROLES[actor.role].name) if actor.role in ROLES else "",
        "posts": getattr(request, "posts", []),
        "nav": navigation(actor, request.path) if actor.post_id else [],
        "demo": settings.DEMO,
        "boai_version": settings.BOAI_VERSION,
    }


def navigation(actor: Actor, here: str) -> list[dict[str, Any]]:
    """The entries that the actor's duties open; the one with the longest address that leads here is active."""
    entries = [(label, reverse(name), icon) for label, name, icon, duties in _entries() if duties & actor.duties]
    active = max((url for _label, url, _icon in entries if here.startswith(url)), key=len, default="")
    return [{"label": label, "url": url, "icon": icon, "active": url == active} for label, url, icon in entries]
