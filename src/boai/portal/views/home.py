"""Front page, choosing a branch, explanations, what robots may read."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from boai.governance.queries import notices_public
from boai.kernel.clock import now
from boai.portal import queries, texts
from boai.portal.queries.notices import lines
from boai.portal.views.common import PLACE_COOKIE, YEAR, PlaceRequest, at_place, page, secret_cookie

NEWEST = 3


@require_safe
@at_place
def home(request: PlaceRequest) -> HttpResponseBase:
    """Four doors, the newest notices, how help works, where the office is."""
    lo, hi = request.place.span
    context = {
        "newest": lines(notices_public(lo=lo, hi=hi, size=NEWEST).rows, below=request.place.code, at=now()),
        "steps": texts.way_of_help(),
        "several": len(queries.places()) > 1,
    }
    answer = page(request, "portal/home.html", context)
    if request.GET.get("at"):
        secret_cookie(answer, PLACE_COOKIE, request.place.code, path="/", seconds=YEAR)
    return answer


@require_safe
def places(request: HttpRequest) -> HttpResponseBase:
    """Which branch? Asked once, where there are several."""
    found = queries.places()
    if len(found) == 1:
        return redirect("portal:home")
    return page(request, "portal/places.html", {"places": found})


@require_safe
@at_place
def help_page(request: PlaceRequest) -> HttpResponseBase:
    """Questions that people ask at the counter."""
    return page(request, "portal/help.html", {"steps": texts.way_of_help()})


@require_safe
@at_place
def privacy(request: PlaceRequest) -> HttpResponseBase:
    """What is stored, who sees it, what is published where and how long, which rights there are."""
    return page(request, "portal/privacy.html", {"notice": texts.privacy(request.place.branch)})


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """What machines may read: the explanations, nothing about single persons."""
    closed = [reverse(f"portal:{name}") for name in ("apply", "follow", "notices", "objection", "verify")]
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed), "Disallow: /accounts/", "Disallow: /desk/"]
    answer = HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
    answer["Cache-Control"] = "public, max-age=3600"
    return answer
