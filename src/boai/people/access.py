"""The door of every officer page: signed in, with a post, with the second factor where the role demands it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from boai.people.actor import Actor
from boai.people.roles import ROLES

P = ParamSpec("P")
HIDDEN = frozenset(("csrfmiddlewaretoken", "password", "password1", "password2"))
"""Fields of a form that no page carries on or shows."""


class StaffRequest(HttpRequest):
    """A request that has passed the door."""

    actor: Actor


def signed_in(
    view: Callable[Concatenate[StaffRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Let only members of staff with a post of today through.

    A form that arrives after the session has ended is not lost: the page that asks to sign in carries it on.
    """

    @wraps(view)
    def door(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        actor: Actor = getattr(request, "actor", None) or Actor.public()
        if actor.user_id is None:
            if request.method == "POST":
                return signed_out(request)
            return redirect_to_login(request.get_full_path())
        if actor.post_id is None:
            return render(request, "people/no_post.html", status=403)
        if _lacks_second_factor(actor):
            return redirect("mfa_index")
        request.actor = actor  # type: ignore[attr-defined]  # StaffRequest declares it
        return view(request, *args, **kwargs)  # type: ignore[arg-type]  # it is a StaffRequest from here on

    return cast(Callable[Concatenate[HttpRequest, P], HttpResponseBase], door)


def _lacks_second_factor(actor: Actor) -> bool:
    """Asked anew each time: whoever removes the factor in another window loses the pages that demand it at once."""
    if not settings.BOAI_SECOND_FACTOR or not ROLES[actor.role].second_factor:
        return False
    factors = Authenticator.objects.filter(user_id=actor.user_id).exclude(type=Authenticator.Type.RECOVERY_CODES)
    return not factors.exists()


def signed_out(request: HttpRequest) -> HttpResponse:
    """The session has ended in mid-form: keep what was typed on the page and offer to send it again."""
    return render(request, "web/errors/signed_out.html", {"kept": kept_fields(request)}, status=401)


def kept_fields(request: HttpRequest) -> list[tuple[str, str]]:
    """The text fields of a form that could not be taken, to be carried on by the page that says so."""
    return [(k, v) for k, values in request.POST.lists() if k not in HIDDEN for v in values]
