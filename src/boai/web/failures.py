"""Pages that say what went wrong, what was kept, and what to do."""

from __future__ import annotations

import sys
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation, TooManyFieldsSent
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from boai.kernel.errors import BoaiError
from boai.people.access import HIDDEN, kept_fields
from boai.people.actor import Actor
from boai.web.oversize import fields_of, sentence

LONGEST_SHOWN = 20_000  # characters


def failure_page(request: HttpRequest, error: BoaiError) -> HttpResponse:
    """An anticipated failure: its own sentence, under its own status, and what was typed so that it can be copied."""
    message = error.message or (nothing_here(request) if error.status == 404 else _("This is not possible."))
    if request.headers.get("HX-Request"):
        return render(request, "web/components/alert.html", {"kind": "error", "text": message}, status=error.status)
    context: dict[str, Any] = {"message": message, "status": error.status, "back": back(request)}
    if error.status == 429:  # the same form may be sent once more when the time has passed
        return _page(request, "429", context | {"kept": kept(request)})
    name = {403: "403", 404: "404", 409: "409"}.get(error.status, "400")
    return _page(request, name, context | {"typed": typed(request)}, status=error.status)


def nothing_here(request: HttpRequest) -> str:
    """What a 404 says: staff may stand outside their division, the public has none."""
    actor: Actor | None = getattr(request, "actor", None)
    if actor is not None and actor.user_id:
        return _("There is nothing at this address, or it is outside your division.")
    return _("There is nothing at this address.")


def back(request: HttpRequest) -> str:
    """The page before, when it was one of ours; the front page otherwise."""
    before = request.headers.get("Referer", "")
    return before if url_has_allowed_host_and_scheme(before, allowed_hosts={request.get_host()}) else "/"


def kept(request: HttpRequest) -> list[tuple[str, str]]:
    """The fields of a form that could not be taken; none when the form itself cannot be read."""
    try:
        return kept_fields(request) if request.method == "POST" else []
    except (SuspiciousOperation, OSError):  # too large, too many fields, cut off on its way
        return []


def typed(request: HttpRequest) -> list[str]:
    """What a person wrote into such a form: sentences and names, not codes, ticks and tokens."""
    return texts(kept(request))


def texts(fields: list[tuple[str, str]]) -> list[str]:
    """Of the fields of a form those that hold words; a text of many pages is not shown again."""
    short = (value for name, value in fields if name not in HIDDEN and len(value) <= LONGEST_SHOWN)
    return [value for value in short if not value.isascii() or len(value.split()) > 1]


def _page(request: HttpRequest, name: str, context: dict[str, Any], *, status: int = 0) -> HttpResponse:
    """An error page. Nobody keeps it: it may hold what somebody typed, and the next try may go well."""
    answer = render(request, f"web/errors/{name}.html", context, status=status or int(name))
    add_never_cache_headers(answer)
    return answer


def unavailable(request: HttpRequest) -> HttpResponse:
    """The database is away for a moment: the form stays on the page and can be sent again."""
    guard = CsrfViewMiddleware(lambda _request: HttpResponse())
    if "CSRF_COOKIE" not in request.META:  # the failure came before the guard; the form has to bear its token
        guard.process_request(request)
    answer = _page(request, "503", {"kept": kept(request)})
    answer["Retry-After"] = "10"
    guard.process_response(request, answer)
    return answer


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500; a lost database is told apart from a fault of ours."""
    if isinstance(sys.exc_info()[1], (OperationalError, InterfaceError)):
        return unavailable(request)
    return _page(request, "500", {"typed": typed(request)})


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler404."""
    return _page(request, "404", {"message": nothing_here(request)})


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler403."""
    return _page(request, "403", {"message": ""})


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler400; a form that is too large is told what of it is, and its other texts are kept."""
    if isinstance(exception, (RequestDataTooBig, TooManyFieldsSent)):
        fields, size = fields_of(request)
        context = {"message": sentence(exception, fields, size), "back": back(request), "typed": texts(fields)}
        return _page(request, "400", context, status=413)
    return _page(request, "400", {"message": ""})


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page was open too long or cookies are off: keep the text, offer to send it again."""
    message = _("This page was open for too long. Send it once more.")
    if not request.COOKIES:
        message = _("Your browser sent no cookie. Send it once more; if this page comes again, allow cookies for us.")
    return _page(request, "403", {"message": message, "kept": kept(request), "back": back(request)})
