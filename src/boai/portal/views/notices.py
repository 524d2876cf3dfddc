"""Public notices: by village, one by one, with the way to object. Nothing here is kept by anybody or indexed."""

from __future__ import annotations

import re
import secrets
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from boai.audit.queries import proof_bundle
from boai.governance.models import PublicNotice
from boai.governance.queries import notice_public, notices_public
from boai.kernel.clock import now
from boai.kernel.errors import BadInput, NotFound, UnableTo
from boai.portal.forms.follow import ObjectionForm, VillageForm
from boai.portal.limits import knock
from boai.portal.queries import proofs
from boai.portal.queries.notices import days_left, lines
from boai.portal.services.objections import objection_send
from boai.portal.views import objection
from boai.portal.views.common import PlaceRequest, actor_of, at_place, json_file, page, person_level
from boai.regions import codes
from boai.regions.queries import full_name

A_PAGE = 20
_PAGE_ID, _LONG = re.compile(r"[^A-Za-z0-9_-]"), 32


@person_level
@at_place
@require_safe
def notices(request: PlaceRequest) -> HttpResponseBase:
    """What is on display in my township or village, newest first."""
    knock("notices", actor=request.actor, at=now())
    form = VillageForm(request.GET if "village" in request.GET else None, root=request.place.code)
    chosen = form.cleaned_data["village"] if form.is_bound and form.is_valid() else ""
    lo, hi = codes.span(chosen or request.place.code)
    found = notices_public(lo=lo, hi=hi, after=request.GET.get("after", ""), size=A_PAGE)
    more = f"?village={chosen}&after={found.after}" if chosen else f"?after={found.after}"
    context = {
        "form": form,
        "chosen": chosen,
        "rows": lines(found.rows, below=request.place.code, at=now()),
        "next_url": more if found.after else "",
        "prev_url": reverse("portal:notices") + (f"?village={chosen}" if chosen else "")
        if "after" in request.GET
        else "",
    }
    return page(request, "portal/notices.html", context, status=422 if form.errors else 200)


def _notice(code: str) -> PublicNotice:
    """The notice with this code. Raises NotFound."""
    return notice_public(code=proofs.looks_like_code(code))


@person_level
@at_place
@require_safe
def notice(request: PlaceRequest, code: str) -> HttpResponseBase:
    """One notice: masked rows while it is on display, number and dates afterwards; its place in the log."""
    knock("notices", actor=request.actor, at=now())
    found = _notice(code)
    context = {
        "notice": found,
        "where": full_name(found.region_code, below=request.place.code),
        "document": found.document,
        "left": days_left(found, at=now()),
        "inclusion": proofs.inclusion(found.entry_id),
        "branch_name": found.branch_name,
    }
    return page(request, "portal/notice.html", context)


@person_level
@require_safe
def notice_proof(request: HttpRequest, code: str) -> HttpResponseBase:
    """The proof of the publication as a file for boai_verify.py."""
    knock("verify", actor=actor_of(request), at=now())
    found = _notice(code)
    if found.entry_id is None:
        raise NotFound
    return json_file(proof_bundle(found.entry_id), f"proof-{found.code}.json")


@person_level
@at_place
def object_(request: PlaceRequest, code: str) -> HttpResponseBase:
    """Object to a notice or to one line of it; who will see it is said before."""
    found = _notice(code)
    if not days_left(found, at=now()) or found.document is None:
        raise UnableTo(_("The days of this notice are over. If you know of a wrong, please call us all the same."))
    rows = found.document["rows"]
    form = ObjectionForm(
        request.POST or None,
        subjects=[(row["code"], f"{row['name']} {row['place']} {row['code']}") for row in rows],
        initial={"subject": request.GET.get("line", "")},
    )
    page_id = _PAGE_ID.sub("", request.POST.get("page", ""))[:_LONG] or secrets.token_urlsafe(16)
    if request.method == "POST" and form.is_valid():
        answer = _send(request, form, found, page_id)
        if answer is not None:
            return answer
    context: dict[str, Any] = {"form": form, "notice": found, "page_id": page_id, "left": days_left(found, at=now())}
    return page(request, "portal/object.html", context, status=422 if form.errors else 200)


def _send(request: PlaceRequest, form: ObjectionForm, found: PublicNotice, page_id: str) -> HttpResponseBase | None:
    knock("object", actor=request.actor, at=now())
    said = form.cleaned_data
    try:
        number = objection_send(
            page_id=page_id, notice_id=found.notice_id, code=said["subject"], text=said["text"], name=said["name"],
            contact=said["contact"], actor=request.actor, at=now(),
        )  # fmt: skip
    except BadInput as error:
        for field, sentences in error.fields.items():
            for sentence in sentences:
                form.add_error(field if field in form.fields else None, sentence)
        return None
    return objection.passed(redirect("portal:objection_case"), number)
