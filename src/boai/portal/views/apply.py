"""The application, page by page. Works without scripts; survives a lost cookie, as each page carries the token."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from boai.kernel.clock import local_date, now
from boai.kernel.errors import NotFound, UnableTo
from boai.portal import texts
from boai.portal.forms.apply import StepForm, WhereForm
from boai.portal.limits import knock
from boai.portal.services import drafts
from boai.portal.services.applications import application_forget, application_send
from boai.portal.services.drafts import Contents
from boai.portal.services.photos import photo_drop, photos_add
from boai.portal.summary import facts
from boai.portal.views.common import PlaceRequest, actor_of, at_place, page, person_level, secret_cookie
from boai.portal.wizard import STEPS, Wizard, after, before

COOKIE = "boai_apply"
PATH = "/apply/"
CHECK = "check"


def _token(request: HttpRequest) -> str:
    """The draft's token: from the page that was sent, else from the cookie."""
    return request.POST.get("draft", "") or request.COOKIES.get(COOKIE, "")


def _keep(answer: HttpResponseBase, token: str) -> HttpResponseBase:
    secret_cookie(answer, COOKIE, token, path=PATH, seconds=int(drafts.KEPT.total_seconds()))
    return answer


@person_level
@at_place
def start(request: PlaceRequest) -> HttpResponseBase:
    """What will be asked, what happens with it, and the button that begins."""
    if request.method == "POST":
        knock("apply-start", actor=request.actor, at=now())
        token = drafts.draft_start(region_code=request.place.code, at=now())
        return _keep(redirect("portal:apply_step", next(iter(STEPS))), token)
    contents = drafts.draft_contents(token=_token(request), at=now())
    context = {
        "unfinished": bool(contents and contents.steps and not contents.code),
        "steps": list(STEPS.values())[:-1],
        "stored": texts.stored(),
        "seen_by": texts.seen_by(),
    }
    return page(request, "portal/apply/start.html", context)


@person_level
@at_place
@require_http_methods(["GET", "HEAD", "POST"])
def step(request: PlaceRequest, name: str) -> HttpResponseBase:
    """One page: show what was written, or keep what was sent and go on."""
    if name not in STEPS:
        raise Http404
    at, token = now(), _token(request)
    contents = drafts.draft_contents(token=token, at=at)
    if contents is None and request.method == "POST":
        # The day is over or the cookie was lost together with the page's token: begin anew with what was just sent.
        knock("apply-start", actor=request.actor, at=at)
        token = drafts.draft_start(region_code=request.place.code, at=at)
        contents = Contents()
        messages.info(request, _("What you had written before is no longer kept here. We go on with this page."))
    if contents is None:
        messages.info(request, _("Please begin here. An unfinished application is kept for 24 hours only."))
        return redirect("portal:apply")
    if contents.code:
        return redirect("portal:apply_done")
    wizard = Wizard(contents, request.place, local_date(at))
    if name == CHECK:
        return _keep(_check(request, wizard, token), token)
    if request.method != "POST":
        return _keep(_show(request, wizard, token, name, wizard.form(name)), token)
    return _keep(_photos(request, token) or _take(request, wizard, token, name), token)


def _take(request: PlaceRequest, wizard: Wizard, token: str, name: str) -> HttpResponseBase:
    """Keep what was sent, right or wrong; go on when it is right."""
    form = wizard.form(name, request.POST)
    right = form.is_valid()
    drafts.draft_save(token=token, step=name, values=form.raw(), at=now())
    if not right:
        further = isinstance(form, WhereForm) and form.only_one_level_more
        return _show(request, wizard, token, name, form, further=further)
    to_check = request.POST.get("then") == CHECK
    return redirect("portal:apply_step", CHECK if to_check else after(name))


def _photos(request: PlaceRequest, token: str) -> HttpResponseBase | None:
    """Photos that were chosen are kept, one that was crossed out goes; None when it is time for the next page."""
    uploads, gone = request.FILES.getlist("photos"), request.POST.get("drop", "")
    if not uploads and not gone:
        return None
    at, actor = now(), request.actor
    if gone:
        photo_drop(token=token, file_id=gone, actor=actor, at=at)
    if uploads:
        knock("apply-photo", actor=actor, at=at, times=min(len(uploads), drafts.MOST_PAPERS))
        try:
            _contents, refused = photos_add(
                token=token, kind=request.POST.get("kind", ""), uploads=uploads, actor=actor, at=at
            )
        except UnableTo as error:
            refused = [str(error)]
        for sentence in refused:
            messages.error(request, sentence)
        kept = len(uploads) - len(refused)
        if kept > 0:
            messages.success(request, _("%(count)s kept.") % {"count": kept})
        if "go" in request.POST and not refused:  # chosen, and Next pressed without the button beside them
            return None
    query = f"?then={CHECK}" if request.POST.get("then") == CHECK else ""
    return redirect(reverse("portal:apply_step", args=["photos"]) + query)


def _show(
    request: PlaceRequest, wizard: Wizard, token: str, name: str, form: StepForm, *, further: bool = False
) -> HttpResponseBase:
    if further:  # not a fault: without scripts the village's list comes after the township was chosen
        form = wizard.form(name, None)
        form.initial = {bound.name: bound.data for bound in wizard.form(name, request.POST)}
    context: dict[str, Any] = {
        "name": name,
        "form": form,
        "token": token,
        "further": further,
        "labels": list(STEPS.values()),
        "number": list(STEPS).index(name) + 1,
        "back_url": reverse("portal:apply_step", args=[before(name)]) if before(name) else reverse("portal:apply"),
        "then": request.POST.get("then") or request.GET.get("then", ""),
        "kind": wizard.kind,
    }
    if name == "consent":
        context["consents"] = [(form[c.name], c) for c in texts.consents(request.place.branch, wizard.kind)]
    if name == "photos":
        context["papers"] = _papers(wizard)
        context["wanted"] = [label for kind, label in wizard.paper_kinds if kind in wizard.papers]
    if name == "need":
        context["programmes"] = [(p[1], p[3]) for p in wizard.programmes if p[3]]
    status = 422 if form.errors else 200
    return page(request, f"portal/apply/{name}.html", context, status=status)


def _papers(wizard: Wizard) -> list[dict[str, Any]]:
    labels = dict(wizard.paper_kinds)
    return [
        {"id": p.file_id, "label": labels.get(p.kind, ""), "name": p.name, "size": p.size}
        for p in wizard.contents.papers
    ]


def _check(request: PlaceRequest, wizard: Wizard, token: str) -> HttpResponseBase:
    """All answers on one page; the button sends them, once."""
    if request.method == "POST":
        knock("apply-send", actor=request.actor, at=now(), code=wizard.phone)
        try:
            application_send(token=token, place=request.place, actor=request.actor, at=now())
            return redirect("portal:apply_done")
        except UnableTo as error:
            messages.error(request, str(error))
    faulty = wizard.faulty()
    sections = [
        {
            "name": name,
            "label": label,
            "faulty": name in faulty,
            "facts": _section(wizard, name),
            "url": reverse("portal:apply_step", args=[name]) + "?then=check",
        }
        for name, label in STEPS.items()
        if name != CHECK
    ]
    context = {
        "sections": sections,
        "faulty": faulty,
        "token": token,
        "labels": list(STEPS.values()),
        "number": len(STEPS),
        "back_url": reverse("portal:apply_step", args=[before(CHECK)]),
    }
    return page(request, "portal/apply/check.html", context)


def _section(wizard: Wizard, name: str) -> list[dict[str, Any]]:
    if name == "photos":
        return [{"label": paper["label"], "value": paper["name"]} for paper in _papers(wizard)]
    return facts(wizard.bound(name)) if name in wizard.contents.steps else []


@person_level
@at_place
def done(request: PlaceRequest) -> HttpResponseBase:
    """The case code, big; what comes next."""
    contents = drafts.draft_contents(token=_token(request), at=now())
    if contents is None or not contents.code:
        raise NotFound(_("This page is shown for two hours after sending. Use the case code you wrote down."))
    return page(request, "portal/apply/done.html", {"code": contents.code, "tail": contents.tail})


@person_level
@require_POST
def forget(request: HttpRequest) -> HttpResponseBase:
    """Delete what was written and not sent, at once."""
    application_forget(token=_token(request), actor=actor_of(request), at=now())
    messages.success(request, _("What you had written has been deleted."))
    answer = redirect("portal:apply")
    answer.delete_cookie(COOKIE, path=PATH)
    return answer
