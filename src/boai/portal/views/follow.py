"""Following a case: code and tail of the phone, shown once, then a pass in a cookie; no address names anybody."""

from __future__ import annotations

import time
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from boai.kernel.clock import now
from boai.kernel.errors import BadInput, NotFound
from boai.portal.forms.follow import FollowForm, WithdrawForm
from boai.portal.limits import knock
from boai.portal.passes import LASTS, pass_make, pass_read
from boai.portal.queries.cases import followed
from boai.portal.services.cases import case_supply, case_withdraw
from boai.portal.services.drafts import MOST_PAPERS
from boai.portal.views.common import PlaceRequest, at_place, page, person_level, secret_cookie
from boai.relief.enums import State

COOKIE = "boai_follow"
PATH = "/follow/"
PURPOSE = "follow"
FLOOR = 0.25
"""Seconds before a refusal is answered, so that its time does not tell a wrong code from a wrong tail."""


@person_level
@at_place
def follow(request: PlaceRequest) -> HttpResponseBase:
    """Ask for code and tail. Wrong code and wrong tail get the same answer after the same time."""
    form = FollowForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        began = time.monotonic()
        code, tail = form.cleaned_data["code"], form.cleaned_data["tail"]
        knock("follow", actor=request.actor, at=now(), code=code)
        try:
            followed(code=code, tail=tail)
        except NotFound:
            form.add_error(None, _("Code and telephone do not fit together. Please compare with your paper."))
            time.sleep(max(0.0, FLOOR - (time.monotonic() - began)))
        else:
            answer = redirect("portal:case")
            passed = pass_make(PURPOSE, {"code": code, "tail": tail}, at=now())
            secret_cookie(answer, COOKIE, passed, path=PATH, seconds=int(LASTS.total_seconds()))
            return answer
    return page(request, "portal/follow.html", {"form": form}, status=422 if form.errors else 200)


def _shown(request: HttpRequest) -> dict[str, str] | None:
    return pass_read(PURPOSE, request.COOKIES.get(COOKIE, ""), at=now())


def _ask_again(request: HttpRequest) -> HttpResponseBase:
    messages.info(request, _("For your protection the page closes after half an hour. Please write the code again."))
    return redirect("portal:follow")


@person_level
@at_place
@require_safe
def case(request: PlaceRequest) -> HttpResponseBase:
    """Where the case stands, who has it, by when, what is missing; the receipt once paid."""
    shown = _shown(request)
    if shown is None:
        return _ask_again(request)
    return page(request, "portal/case.html", {"case": followed(**shown)})


@person_level
@at_place
def withdraw(request: PlaceRequest) -> HttpResponseBase:
    """Ask once more, then withdraw."""
    shown = _shown(request)
    if shown is None:
        return _ask_again(request)
    found = followed(**shown)
    if found.facts.state == State.WITHDRAWN:  # a second click
        return redirect("portal:case")
    form = WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        knock("withdraw", actor=request.actor, at=now(), code=shown["code"])
        try:
            case_withdraw(**shown, **form.cleaned_data, actor=request.actor, at=now())
        except BadInput as error:
            form.add_error("proof", " ".join(error.fields["proof"]))
        else:
            messages.success(request, _("Your application has been withdrawn."))
            return redirect("portal:case")
    context: dict[str, Any] = {"form": form, "case": found, "back": reverse("portal:case")}
    return page(request, "portal/withdraw.html", context, status=422 if form.errors else 200)


@person_level
@at_place
@require_POST
def supply(request: PlaceRequest) -> HttpResponseBase:
    """Photos of the papers that were asked for."""
    shown = _shown(request)
    if shown is None:
        return _ask_again(request)
    uploads = [(request.POST.get("kind", ""), upload) for upload in request.FILES.getlist("photos")]
    knock("apply-photo", actor=request.actor, at=now(), times=max(1, min(len(uploads), MOST_PAPERS)))
    if not followed(**shown).facts.may_supply:  # a second click, or a page that was open for long
        messages.info(request, _("At the moment no papers are asked for. The page shows how your case stands."))
        return redirect("portal:case")
    try:
        case_supply(**shown, uploads=uploads, actor=request.actor, at=now())
    except BadInput as error:
        sentences = [sentence for found in error.fields.values() for sentence in found] or [str(error)]
        messages.error(request, " ".join(sentences))
    else:
        messages.success(request, _("Your papers have arrived. It goes on."))
    return redirect("portal:case")


@person_level
@require_POST
def leave(request: HttpRequest) -> HttpResponseBase:
    """Close the case's page on this device, at once."""
    answer = redirect("portal:home")
    answer.delete_cookie(COOKIE, path=PATH)
    return answer
