"""Pages that say what went wrong, what was kept, and what to do."""

from __future__ import annotations

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from boai.kernel.errors import BoaiError
from boai.people.access import kept_fields


def failure_page(request: HttpRequest, error: BoaiError) -> HttpResponse:
    """An anticipated failure: its own sentence, under its own status."""
    message = error.message or (_("There is nothing at this address, or it is outside your division.")
                                if error.status == 404 else _("This is not possible."))  # fmt: skip
    context = {"message": message, "status": error.status, "back": request.headers.get("Referer", "/")}
    if request.headers.get("HX-Request"):
        return render(request, "web/components/alert.html", {"kind": "error", "text": message}, status=error.status)
    name = {403: "403", 404: "404", 409: "409", 429: "429"}.get(error.status, "400")
    return render(request, f"web/errors/{name}.html", context, status=error.status)


def unavailable(request: HttpRequest) -> HttpResponse:
    """The database is away for a moment: the form stays on the page and can be sent again."""
    return render(request, "web/errors/503.html", {"kept": kept_fields(request)}, status=503)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500; a lost database is told apart from a fault of ours."""
    if isinstance(sys.exc_info()[1], (OperationalError, InterfaceError)):
        return unavailable(request)
    return render(request, "web/errors/500.html", status=500)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler404."""
    return render(request, "web/errors/404.html", {"message": ""}, status=404)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler403."""
    return render(request, "web/errors/403.html", {"message": ""}, status=403)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler400."""
    return render(request, "web/errors/400.html", {"message": ""}, status=400)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page was open too long or cookies are off: keep the text, offer to send it again."""
    return render(
        request,
        "web/errors/403.html",
        {"message": _("This page was open for too long. Send it once more."), "kept": kept_fields(request)},
        status=403,
    )
