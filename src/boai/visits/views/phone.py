"""The phone: a shell that holds nobody's data, and the few calls that it makes when there is a network."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.cache import add_never_cache_headers, patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from boai.files.errors import FileRefused
from boai.kernel.clock import local_date, now
from boai.kernel.errors import BadInput, BoaiError
from boai.kernel.policy import require
from boai.people.access import StaffRequest, signed_in
from boai.people.actor import Actor
from boai.visits import policies, queries, services
from boai.visits.enums import Entry, House, Missed, Need
from boai.visits.forms.records import MOST_NOTES, PhotoForm, said_form
from boai.visits.models import Report
from boai.visits.services.phone import Here, phone_rules
from boai.visits.shell import shell_files, shell_version

P = ParamSpec("P")


def phone_call(
    view: Callable[Concatenate[StaffRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """The door of the phone's calls: as every officer page, but each answer is JSON that a script can tell apart."""
    inside = signed_in(view)

    @wraps(view)
    def door(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        actor: Actor = getattr(request, "actor", None) or Actor.public()
        if actor.user_id is None:
            return _said(_("Sign in first. Nothing is lost: your records stay on this phone."), status=401)
        try:
            answer = inside(request, *args, **kwargs)
        except BoaiError as error:
            return _said(error.message or _("There is nothing at this address, or it is outside your division."),
                         status=error.status)  # fmt: skip
        if not isinstance(answer, JsonResponse):
            return _said(_("Open Boai in the browser once: your post or second factor needs attention."), status=401)
        add_never_cache_headers(answer)
        return answer

    return cast(Callable[Concatenate[HttpRequest, P], HttpResponseBase], door)


def _said(sentence: str, *, status: int) -> JsonResponse:
    answer = JsonResponse({"error": sentence}, status=status)
    add_never_cache_headers(answer)
    return answer


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """The shell. It is the same for everybody and is kept on the phone, so it names nobody."""
    context = {"houses": House.choices, "needs": Need.choices, "entries": Entry.choices, "missed": Missed.choices,
               "most_notes": MOST_NOTES}  # fmt: skip
    answer = render(request, "visits/phone.html", context)
    patch_cache_control(answer, no_cache=True, private=True)
    return answer


@require_GET
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker of the phone page; its scope is the folder that it lies in."""
    context = {
        "version": shell_version(),
        "files": [reverse("visits:phone"), *shell_files()],
        "worker_script": f"{settings.STATIC_URL}web/phone/worker.js?{shell_version()}",
    }
    answer = render(request, "visits/worker.js", context, content_type="text/javascript")
    patch_cache_control(answer, no_cache=True, private=True)
    return answer


@require_GET
def manifest(request: HttpRequest) -> HttpResponse:
    """What the phone needs to put the page on its home screen."""
    icons = [
        {"src": static(f"visits/icon-{n}.png"), "sizes": f"{n}x{n}", "type": "image/png", "purpose": "any maskable"}
        for n in (192, 512)
    ]
    return JsonResponse(
        {
            "name": _("Boai visits"),
            "short_name": _("Visits"),
            "lang": "zh-CN",
            "start_url": reverse("visits:phone"),
            "scope": reverse("visits:phone"),
            "display": "standalone",
            "background_color": "#f8f5ef",
            "theme_color": "#f8f5ef",
            "icons": icons,
        },
        content_type="application/manifest+json",
    )


@require_GET
@phone_call
def session(request: StaffRequest) -> HttpResponseBase:
    """Who is signed in, the token for sending, the rules, and on which days they have visits."""
    require(policies.may_make, request.actor, Here(request.actor.region_code))
    today = local_date(now())
    rules = phone_rules(region_code=request.actor.region_code, on=today)
    return JsonResponse(
        {
            "user": str(request.actor.user_id),
            "name": request.actor.name,
            "csrf": get_token(request),
            "today": today.isoformat(),
            "rules": rules,
            "days": queries.days_of(actor=request.actor, on=today, keep_days=rules["keep_days"]),
        }
    )


@require_POST
@phone_call
def take(request: StaffRequest) -> HttpResponseBase:
    """A day's visits, the least that is needed."""
    try:
        day = date.fromisoformat(request.POST.get("day", ""))
    except ValueError:
        raise BadInput(_("Choose a day.")) from None
    return JsonResponse(services.route_take(day=day, actor=request.actor, at=now()).as_json())


@require_POST
@phone_call
def record(request: StaffRequest) -> HttpResponseBase:
    """A record of a visit. The same one twice is one."""
    visit_id, said = _parsed(request.body)
    form = said_form(said)
    if not form.is_valid():
        raise BadInput(" ".join(str(s) for errors in form.errors.values() for s in errors))
    sent = services.report_receive(visit_id=visit_id, said=form.record(), actor=request.actor, at=now())
    return JsonResponse(_became(sent.report), status=200 if sent.again else 201)


def _became(report: Report) -> dict[str, Any]:
    return {
        "state": "conflict" if report.clash else "sent",
        "why": report.get_clash_display() if report.clash else "",
        "settled": report.settled_reason,
    }


def _parsed(body: bytes) -> tuple[UUID, object]:
    try:
        said = json.loads(body)
        return UUID(str(said["visit"])), said
    except (ValueError, KeyError, TypeError, RecursionError):
        raise BadInput(_("This record cannot be read.")) from None


@require_POST
@phone_call
def photo(request: StaffRequest) -> HttpResponseBase:
    """A photo of a record that has arrived. The same one twice is one."""
    form = PhotoForm(request.POST, request.FILES)
    if not form.is_valid():
        raise BadInput(_("This photo cannot be read."))
    record_id, client_id = form.ids()
    try:
        services.photo_add(
            report_client_id=record_id, client_id=client_id, upload=form.cleaned_data["photo"], actor=request.actor,
            at=now(),
        )  # fmt: skip
    except FileRefused as error:
        return _said(error.message, status=422)
    return JsonResponse({"state": "sent"}, status=201)
