"""Following an objection by its receipt number, and the one appeal."""

from __future__ import annotations

import time
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from boai.governance.queries import objection_status
from boai.kernel.clock import now
from boai.kernel.errors import BadInput, NotFound
from boai.portal import plain
from boai.portal.forms.follow import AppealForm, ReceiptNumberForm
from boai.portal.limits import knock
from boai.portal.passes import LASTS, pass_make, pass_read
from boai.portal.services.objections import appeal_send
from boai.portal.views.common import PlaceRequest, at_place, page, person_level, secret_cookie
from boai.portal.views.follow import FLOOR

COOKIE = "boai_objection"
PATH = "/objection/"
PURPOSE = "objection"


def passed(answer: HttpResponseBase, number: str) -> HttpResponseBase:
    """Let the browser show this objection for half an hour."""
    sealed = pass_make(PURPOSE, {"number": number}, at=now())
    secret_cookie(answer, COOKIE, sealed, path=PATH, seconds=int(LASTS.total_seconds()))
    return answer


def _shown(request: HttpRequest) -> str:
    found = pass_read(PURPOSE, request.COOKIES.get(COOKIE, ""), at=now())
    return found["number"] if found else ""


@person_level
@at_place
def ask(request: PlaceRequest) -> HttpResponseBase:
    """Ask for the receipt number."""
    form = ReceiptNumberForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        began = time.monotonic()
        number = form.cleaned_data["number"]
        knock("object-status", actor=request.actor, at=now(), code=number)
        try:
            objection_status(receipt_no=number)
            return passed(redirect("portal:objection_case"), number)
        except NotFound:
            form.add_error(
                "number", _("There is no objection with this number. Please compare with what you wrote down.")
            )
            time.sleep(max(0.0, FLOOR - (time.monotonic() - began)))
    return page(request, "portal/objection.html", {"form": form}, status=422 if form.errors else 200)


@person_level
@at_place
def case(request: PlaceRequest) -> HttpResponseBase:
    """Where the objection stands; after an answer, the appeal."""
    number = _shown(request)
    if not number:
        messages.info(
            request, _("For your protection the page closes after half an hour. Please write the number again.")
        )
        return redirect("portal:objection")
    form = AppealForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        knock("object", actor=request.actor, at=now())
        try:
            appeal_send(number=number, text=form.cleaned_data["text"], actor=request.actor, at=now())
        except BadInput as error:
            form.add_error("text", " ".join(s for found in error.fields.values() for s in found) or str(error))
        else:
            messages.success(request, _("Your appeal has gone to the branch above."))
            return redirect("portal:objection_case")
    status = objection_status(receipt_no=number)
    context: dict[str, Any] = {"objection": status, "words": plain.OBJECTIONS[status.state], "form": form}
    return page(request, "portal/objection_case.html", context, status=422 if form.errors else 200)
