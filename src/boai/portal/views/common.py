"""What every public page shares: whose page it is, its head and foot, how long it may be kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from boai.people.actor import Actor
from boai.portal import queries
from boai.portal.queries import Place

P = ParamSpec("P")
PLACE_COOKIE = "boai_place"
YEAR = 365 * 86400
LIVE = "private, no-store"
"""Nobody keeps it: a notice that was taken down is never shown again from somebody's cache."""
NOBODY_INDEXES = "noindex, nofollow, noarchive, noimageindex"


class PlaceRequest(HttpRequest):
    """A request on the pages of one branch."""

    actor: Actor
    place: Place


View = Callable[Concatenate[PlaceRequest, P], HttpResponseBase]


def place_of(request: HttpRequest) -> Place | None:
    """The branch asked for (?at=), remembered (cookie), or the only one there is."""
    for code in (request.GET.get("at", ""), request.COOKIES.get(PLACE_COOKIE, "")):
        found = queries.place_at(code) if code else None
        if found:
            return found
    all_places = queries.places()
    return all_places[0] if len(all_places) == 1 else None


def at_place(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Find the branch before the view runs; where there are several and none is chosen, ask first."""

    @wraps(view)
    def found(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        place = place_of(request)
        if place is None:
            return redirect("portal:places")
        request.place, request.actor = place, actor_of(request)  # type: ignore[attr-defined]  # PlaceRequest
        return view(cast(PlaceRequest, request), *args, **kwargs)

    return cast(Callable[Concatenate[HttpRequest, P], HttpResponseBase], found)


def person_level(
    view: Callable[Concatenate[HttpRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """A page about single persons: never stored by anybody, never indexed."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        answer = view(request, *args, **kwargs)
        answer["Cache-Control"] = LIVE
        answer["X-Robots-Tag"] = NOBODY_INDEXES
        return answer

    return cast(Callable[Concatenate[HttpRequest, P], HttpResponseBase], guarded)


def page(
    request: HttpRequest, template: str, context: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """Render a public page with its head and foot. `request.place` may be missing (the page that asks for it)."""
    place: Place | None = getattr(request, "place", None)
    head = queries.head()
    shell: dict[str, Any] = {
        "place": place,
        "branch_name": place.branch if place else "",
        "home_url": reverse("portal:home"),
        "portal_nav": _nav(request.path),
        "checkpoint": head and {**vars(head), "url": reverse("portal:checkpoints")},
    }
    answer = render(request, template, shell | (context or {}), status=status)
    answer.setdefault("Cache-Control", LIVE)
    patch_vary_headers(answer, ["Cookie", "Accept-Language"])
    return answer


def _nav(path: str) -> list[dict[str, Any]]:
    entries = [
        (_("Apply"), "portal:apply"),
        (_("Public notices"), "portal:notices"),
        (_("Follow my case"), "portal:follow"),
        (_("Verify"), "portal:verify"),
        (_("Help"), "portal:help"),
    ]
    urls = [(label, reverse(name)) for label, name in entries]
    return [{"label": label, "url": url, "active": path.startswith(url)} for label, url in urls]


def actor_of(request: HttpRequest) -> Actor:
    """Who asks: the public. A member of staff who is signed in on the same device acts here as anybody would."""
    actor: Actor = getattr(request, "actor", None) or Actor.public()
    return Actor.public(network=str(actor.user_id)) if actor.user_id else actor


def secret_cookie(answer: HttpResponseBase, name: str, value: str, *, path: str, seconds: int) -> None:
    """A cookie for one way only: not for scripts, not for other sites, not beyond its path."""
    answer.set_cookie(
        name, value, max_age=seconds, path=path, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
    )


def number(text: str) -> int:
    """A number from an address; 0 for what is none or longer than any of ours."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 15 else 0


def json_file(content: dict[str, Any], name: str) -> HttpResponse:
    """A JSON document to be saved."""
    text = json.dumps(content, ensure_ascii=False, indent=1)
    answer = HttpResponse(text, content_type="application/json; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = LIVE
    return answer
