"""Posts, invitations, and choosing in which post to act."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from boai.kernel.clock import local_date, now
from boai.kernel.errors import BadInput
from boai.kernel.rate import rate_hit
from boai.kernel.scope import SIGNING_IN, Scope, scoped
from boai.people import queries, services
from boai.people.access import StaffRequest, signed_in
from boai.people.actor import Actor
from boai.people.forms import AcceptForm, InviteForm
from boai.people.roles import Duty
from boai.regions.codes import span


@signed_in
def post_list(request: StaffRequest) -> HttpResponseBase:
    """Who holds which post in my division; open invitations."""
    context = {
        "rows": queries.posts_in_reach(actor=request.actor),
        "invitations": queries.invitations_open(actor=request.actor),
        "today": local_date(now()),
        "may_manage": request.actor.has(Duty.PEOPLE_WRITE),
        "columns": [_("Name"), _("Role"), _("Branch"), _("Term"), {"label": _("Actions"), "hidden_label": True}],
        "invitation_columns": [
            _("Name"),
            _("Role"),
            _("Branch"),
            _("Valid until"),
            {"label": _("Actions"), "hidden_label": True},
        ],
    }
    return render(request, "people/post_list.html", context)


@signed_in
def invite(request: StaffRequest) -> HttpResponseBase:
    """Invite a person; the link is shown once."""
    form = InviteForm(
        request.POST or None,
        branches=queries.branches_in_reach(actor=request.actor),
        initial={"starts_on": local_date(now())},
    )
    if request.method == "POST" and form.is_valid():
        invitation, token = services.invitation_create(actor=request.actor, at=now(), **form.cleaned())
        link = request.build_absolute_uri(reverse("people:accept", args=[token]))
        return render(request, "people/invited.html", {"invitation": invitation, "link": link})
    return render(request, "people/invite.html", {"form": form}, status=422 if form.errors else 200)


@signed_in
@require_POST
def invitation_withdraw(request: StaffRequest, invitation_id: UUID) -> HttpResponseBase:
    """Withdraw an open invitation."""
    services.invitation_withdraw(actor=request.actor, invitation_id=invitation_id, at=now())
    messages.success(request, _("The invitation is withdrawn; its link no longer works."))
    return redirect("people:post_list")


@signed_in
@require_POST
def post_end(request: StaffRequest, post_id: UUID) -> HttpResponseBase:
    """End a post today."""
    services.post_end(actor=request.actor, post_id=post_id, at=now())
    messages.success(request, _("The post has ended; its rights ended with it."))
    return redirect("people:post_list")


@signed_in
@require_POST
def act_as(request: StaffRequest) -> HttpResponseBase:
    """Choose in which of one's posts to act from now on."""
    request.session["post"] = request.POST.get("post", "")
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()})
    return redirect(target if safe else "/start/")


def accept(request: HttpRequest, token: str) -> HttpResponse:
    """The invited person chooses a user name and a password."""
    at = now()
    rate_hit(what="invitation", who=_who_asks(request), limit=30, seconds=600, at=at)
    with scoped(Scope(user=SIGNING_IN)):  # whoever holds the link may see what it says, also somebody else signed in
        invitation = services.invitation_open(token=token, at=at)
    form = AcceptForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            with scoped(Scope(*span(invitation.branch.region_code), SIGNING_IN)):
                services.invitation_accept(
                    token=token, username=form.cleaned_data["username"], password=form.cleaned_data["password"], at=at
                )
        except BadInput as error:
            for field, sentences in error.fields.items():
                form.add_error(field, sentences)
        else:
            messages.success(request, _("Your account is ready. Sign in with the user name and password you chose."))
            return redirect("account_login")
    context = {"form": form, "invitation": invitation}
    return render(request, "people/accept.html", context, status=422 if form.errors else 200)


def _who_asks(request: HttpRequest) -> str:
    """For limiting the rate: the account that is signed in, else the address behind the proxies that we trust."""
    actor: Actor = request.actor  # type: ignore[attr-defined]  # set for every request
    return str(actor.user_id or actor.network)
