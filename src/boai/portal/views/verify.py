"""Verifying: a receipt, a notice, a signed state of the log; the proofs and the tool to check them elsewhere."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from boai.audit.queries import checkpoint_at, consistency_bundle, latest_checkpoint, proof_bundle
from boai.kernel.clock import local_date, now
from boai.kernel.errors import NotFound
from boai.portal.forms.follow import VerifyForm
from boai.portal.limits import knock
from boai.portal.queries import given as given_queries
from boai.portal.queries import proofs
from boai.portal.suppression import LEAST
from boai.portal.views.common import PlaceRequest, actor_of, at_place, json_file, number, page, person_level

HEADS_A_PAGE = 20
TOOL = settings.ROOT / "tools" / "boai_verify.py"


@person_level
@at_place
def verify(request: PlaceRequest) -> HttpResponseBase:
    """Paste or type anything; codes lead to their own page, signed states are answered here."""
    form = VerifyForm(request.POST or None)
    context: dict[str, Any] = {"form": form}
    if request.method == "POST" and form.is_valid():
        knock("verify", actor=request.actor, at=now())
        text = form.cleaned_data["text"]
        if code := proofs.looks_like_code(text):
            return redirect("portal:verify_code", code)
        context["head"] = proofs.by_head(text)
        if context["head"] is None:
            form.add_error("text", _("This is neither a code of ours nor a signed state of the log."))
    return page(request, "portal/verify.html", context, status=422 if form.errors else 200)


@person_level
@at_place
@require_safe
def verify_code(request: PlaceRequest, code: str) -> HttpResponseBase:
    """What this code is and whether it stands. A QR code leads here."""
    knock("verify", actor=request.actor, at=now())
    try:
        found = proofs.by_code(proofs.looks_like_code(code))
    except NotFound:
        return page(request, "portal/verified.html", {"code": code[:16]}, status=404)
    if found.notice is not None:
        return redirect("portal:notice", found.notice.code)
    context = {
        "code": code,
        "receipt": found.receipt,
        "inclusion": proofs.inclusion(found.entry_id),
        "proof_url": reverse("portal:verify_proof", args=[code]),
    }
    return page(request, "portal/verified.html", context)


@person_level
@require_safe
def verify_proof(request: HttpRequest, code: str) -> HttpResponseBase:
    """The proof as a file for boai_verify.py. Holds nothing of a person."""
    knock("verify", actor=actor_of(request), at=now())
    found = proofs.by_code(proofs.looks_like_code(code))
    if found.entry_id is None:
        raise NotFound
    return json_file(proof_bundle(found.entry_id), f"proof-{code}.json")


@at_place
@require_safe
def checkpoints(request: PlaceRequest) -> HttpResponseBase:
    """The history of signed states, the result of the last complete check, the key, the tool."""
    found = proofs.heads_page(before=number(request.GET.get("before", "")), size=HEADS_A_PAGE, at=now())
    return page(request, "portal/checkpoints.html", {"found": found})


@require_safe
def checkpoint(request: HttpRequest, size: int) -> HttpResponseBase:
    """One signed state as text. It never changes, so everybody may keep it."""
    answer = HttpResponse(checkpoint_at(size).note, content_type="text/plain; charset=utf-8")
    answer["Cache-Control"] = "public, max-age=31536000, immutable"
    return answer


@require_safe
def consistency(request: HttpRequest, old: int) -> HttpResponseBase:
    """The proof that the newest signed state goes on from an older one."""
    knock("verify", actor=actor_of(request), at=now())
    newest = latest_checkpoint()
    if newest is None:
        raise NotFound
    return json_file(consistency_bundle(old, newest.size), f"consistency-{old}-{newest.size}.json")


@require_safe
def tool(request: HttpRequest) -> HttpResponseBase:
    """The one-file verifier, to run where we are not."""
    answer = HttpResponse(TOOL.read_bytes(), content_type="text/x-python; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="boai_verify.py"'
    answer["Cache-Control"] = "public, max-age=3600"
    return answer


@at_place
@require_safe
def given(request: PlaceRequest) -> HttpResponseBase:
    """What the branch gave in a year, by programme and township."""
    this_year = local_date(now())
    years = given_queries.years(place=request.place, on=this_year)
    asked = number(request.GET.get("year", ""))
    year = asked if asked in years else this_year.year
    found = given_queries.given(place=request.place, year=year)
    context = {
        "given": found,
        "towns": found.by_town(),
        "programmes": found.by_programme(),
        "columns": [
            _("Township or street"),
            {"label": _("People helped"), "align": "num"},
            {"label": _("Grants made"), "align": "num"},
            {"label": _("Amount"), "align": "num"},
        ],
        "years": [{"label": str(y), "url": f"?year={y}", "active": y == year} for y in years],
        "least": LEAST,
    }
    return page(request, "portal/given.html", context)
