"""The way of a request: who looks, as which post, and how a failure is said calmly."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.conf import settings
from django.contrib.sessions.middleware import SessionMiddleware
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from boai.kernel.clock import local_date, now
from boai.kernel.errors import BoaiError
from boai.kernel.scope import NOWHERE, SIGNING_IN, Scope, set_scope
from boai.people.actor import Actor
from boai.people.queries import actor_of, posts_of
from boai.web.failures import failure_page, unavailable

GetResponse = Callable[[HttpRequest], HttpResponseBase]
# Pages before sign-in that must read the staff directory.
ENTRANCES = ("/accounts/", "/people/join/")
log = logging.getLogger(__name__)


class CalmFailures:
    """Anticipated failures become a page with a sentence; a database that is away becomes "try again"."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponseBase | None:
        if isinstance(error, BoaiError):
            return failure_page(request, error)
        if isinstance(error, (OperationalError, InterfaceError)):
            log.warning("database unavailable: %s", error)
            return unavailable(request)
        return None


class Sessions(SessionMiddleware):
    """Django's, but a request whose session has ended meanwhile takes no cookie away.

    A page asks for its progress while its owner signs in anew in the same browser; on a busy server that question may
    be answered last, and with the cookie of the new session gone the very next page would ask to sign in.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Only whoever ends a session (signs out) ends its cookie: that leaves the session changed."""
        answer = super().process_response(request, response)
        session = getattr(request, "session", None)
        if session is not None and session.is_empty() and not session.modified:
            answer.cookies.pop(settings.SESSION_COOKIE_NAME, None)
        return answer


class WhoLooks:
    """Open the connection's scope as far as the session alone tells, and close it when the request is done."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        user = request.session.get("_auth_user_id", "")
        if not user and request.path.startswith(ENTRANCES):
            user = SIGNING_IN
        set_scope(Scope(user=str(user)))
        try:
            return self.get_response(request)
        finally:
            _close_scope()


class ActAsPost:
    """Find the posts the person holds today, act in the chosen one, and open the scope to its division."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.actor, request.posts = Actor.public(network=network_of(request)), []  # type: ignore[attr-defined]  # StaffRequest
        if request.user.is_authenticated:
            posts = posts_of(user_id=request.user.pk, on=local_date(now()))
            chosen = request.session.get("post")
            post = next((p for p in posts if str(p.id) == chosen), posts[0] if posts else None)
            actor = actor_of(post) if post else Actor(request.user.pk, str(request.user), "")
            request.actor, request.posts = actor, posts  # type: ignore[attr-defined]  # StaffRequest
            set_scope(actor.scope)
        return self.get_response(request)


def network_of(request: HttpRequest) -> str:
    """The address a request came from, as far as the proxies that we trust tell; only for limiting rates."""
    hops = [h.strip() for h in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if h.strip()]
    trusted: int = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    if trusted and len(hops) >= trusted:
        return str(hops[-trusted])
    return str(request.META.get("REMOTE_ADDR", ""))


def _close_scope() -> None:
    try:
        if connection.connection is not None and not connection.in_atomic_block:
            set_scope(NOWHERE)
    except (OperationalError, InterfaceError):
        connection.close()
