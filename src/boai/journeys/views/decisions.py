"""Decisions taken on governance's pages that move a case. Each is one POST and one answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from boai.journeys import services as journeys
from boai.kernel.clock import now
from boai.kernel.errors import BadInput, NotFound, UnableTo
from boai.people.access import StaffRequest, signed_in


def _take(request: StaffRequest, act: Callable[[], Any], *, done: str, back: str) -> HttpResponseBase:
    """Do it and go back; say in a sentence what happened or why not."""
    try:
        act()
    except BadInput as error:
        sentences = [error.message] if error.message else []
        sentences += [sentence for each in error.fields.values() for sentence in each if sentence != error.message]
        messages.error(request, " ".join(sentences))
    except UnableTo as error:
        messages.error(request, error.message)
    else:
        messages.success(request, done)
    return redirect(back)


@signed_in
@require_POST
def review_declare(request: StaffRequest, review_id: UUID) -> HttpResponseBase:
    """The chair declares the outcome of an item."""
    reason = request.POST.get("reason", "")
    return _take(
        request,
        lambda: journeys.review_declare(review_id=review_id, reason=reason, actor=request.actor, at=now()),
        done=_("The outcome is declared; the case has moved on."),
        back=reverse("governance:review", args=[review_id]),
    )


@signed_in
@require_POST
def conflict_report(request: StaffRequest, review_id: UUID) -> HttpResponseBase:
    """A conflict that was found after the ballot."""
    try:
        member_id = UUID(request.POST.get("member", ""))
    except ValueError:
        raise NotFound from None
    return _take(
        request,
        lambda: journeys.conflict_report(
            review_id=review_id, member_id=member_id, ground=request.POST.get("ground", ""),
            note=request.POST.get("note", ""), actor=request.actor, at=now(),
        ),
        done=_("The conflict is recorded."),
        back=reverse("governance:review", args=[review_id]),
    )  # fmt: skip


@signed_in
@require_POST
def notice_publish(request: StaffRequest, notice_id: UUID) -> HttpResponseBase:
    """Publish an approved notice."""
    return _take(
        request,
        lambda: journeys.notice_publish(notice_id=notice_id, actor=request.actor, at=now()),
        done=_("The notice is published; its days count from tomorrow."),
        back=reverse("governance:notice", args=[notice_id]),
    )


@signed_in
@require_POST
def notice_extend(request: StaffRequest, notice_id: UUID) -> HttpResponseBase:
    """Let a notice run longer."""
    extra = request.POST.get("extra", "")
    return _take(
        request,
        lambda: journeys.notice_extend(
            notice_id=notice_id, extra=int(extra) if extra.isdigit() else 0, reason=request.POST.get("reason", ""),
            actor=request.actor, at=now(),
        ),
        done=_("The notice runs longer."),
        back=reverse("governance:notice", args=[notice_id]),
    )  # fmt: skip


@signed_in
@require_POST
def notice_retract(request: StaffRequest, notice_id: UUID) -> HttpResponseBase:
    """Take a notice down before its time."""
    return _take(
        request,
        lambda: journeys.notice_retract(
            notice_id=notice_id, reason=request.POST.get("reason", ""), actor=request.actor, at=now()
        ),
        done=_("The notice is taken down; its cases wait for a new one."),
        back=reverse("governance:notice", args=[notice_id]),
    )


@signed_in
@require_POST
def objection_decide(request: StaffRequest, objection_id: UUID) -> HttpResponseBase:
    """The handler decides an objection."""
    return _take(
        request,
        lambda: journeys.objection_decide(
            objection_id=objection_id, outcome=request.POST.get("outcome", ""),
            reasons=request.POST.get("reasons", ""), actor=request.actor, at=now(),
        ),
        done=_("The objection is decided; its cases have moved."),
        back=reverse("governance:objection", args=[objection_id]),
    )  # fmt: skip


@signed_in
@require_POST
def appeal_decide(request: StaffRequest, objection_id: UUID) -> HttpResponseBase:
    """The branch above decides an appeal."""
    return _take(
        request,
        lambda: journeys.appeal_decide(
            objection_id=objection_id, outcome=request.POST.get("outcome", ""),
            reasons=request.POST.get("reasons", ""), actor=request.actor, at=now(),
        ),
        done=_("The appeal is decided; its cases have moved."),
        back=reverse("governance:objection", args=[objection_id]),
    )  # fmt: skip
