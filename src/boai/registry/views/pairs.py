"""Two people that may be one: the list of what waits, and the page that asks."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from boai.kernel.clock import now
from boai.kernel.errors import BadInput, UnableTo
from boai.kernel.policy import require
from boai.people.access import StaffRequest, signed_in
from boai.registry import policies, queries, services
from boai.registry.forms.pairs import AnswerForm
from boai.registry.linkage.words import lines, names_agree, verdict
from boai.registry.models import DuplicatePair
from boai.registry.queries.facts import BOTH, facts, seen_mark
from boai.registry.queries.pairs import PAGE
from boai.registry.services.intakes import Division

MERGES = 10


@signed_in
@require_GET
def pair_list(request: StaffRequest) -> HttpResponseBase:
    """What waits for a word, the likeliest first."""
    require(policies.may_write, request.actor, Division(request.actor.region_code))
    waiting = queries.pairs_open(actor=request.actor).select_related("intake")
    context = {
        "rows": queries.pair_rows(waiting[:PAGE]),
        "count": waiting.count(),
        "merges": queries.merges_lately(actor=request.actor)[:MERGES],
        "merge_columns": [_("Name"), _("Merged by"), _("When")],
        "columns": [_("The two"), _("From which file"), {"label": _("Likeness"), "align": "num"}],
    }
    return render(request, "registry/pair_list.html", context)


@signed_in
@require_POST
def compare(request: StaffRequest) -> HttpResponseBase:
    """Compare the register of the division with itself."""
    services.register_compare(region_code=request.actor.region_code, actor=request.actor, at=now())
    messages.info(request, _("The register is being compared with itself. What is doubtful appears here."))
    return redirect("registry:pair_list")


@signed_in
@require_GET
def pair(request: StaffRequest, pair_id: int) -> HttpResponseBase:
    """Both side by side, why we ask, and three answers."""
    return _page(request, _get(request, pair_id), AnswerForm())


@signed_in
@require_POST
def decide(request: StaffRequest, pair_id: int) -> HttpResponseBase:
    """One of the three answers; then the next pair. What is refused keeps everything that was chosen."""
    found = _get(request, pair_id)
    following = queries.pair_after(pair=found, actor=request.actor)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        raise BadInput(_("Choose one of the answers."))
    answer = form.cleaned_data["answer"]
    try:
        if answer in ("left", "right"):
            services.pair_same(
                pair_id=pair_id, keep=answer, picks=form.picks(), seen=form.cleaned_data["seen"], actor=request.actor,
                at=now(),
            )  # fmt: skip
        elif answer == "different":
            services.pair_differ(pair_id=pair_id, actor=request.actor, at=now())
    except UnableTo as error:
        return _page(request, _get(request, pair_id), form, refused=error)
    if following is not None:
        return redirect("registry:pair", following.id)
    messages.success(request, _("Nobody else waits for a word."))
    return _back(found)


@signed_in
@require_GET
def merges(request: StaffRequest) -> HttpResponseBase:
    """Every merge of the division, or those of a household (`?household=`): who, when, taken apart or not."""
    require(policies.may_write, request.actor, Division(request.actor.region_code))
    household, before = (_uuid(request.GET.get(name, "")) for name in ("household", "before"))
    found = queries.merges_page(actor=request.actor, household_id=household, before=before)
    rows, more = found[:PAGE], len(found) > PAGE
    older = {"household": str(household)} if household else {}
    context = {
        "rows": rows,
        "household": household,
        "older": urlencode(older | {"before": str(rows[-1].id)}) if more else "",
        "columns": [_("Name"), _("Merged by"), _("When"), _("State")],
        "crumbs": [*_crumbs(None), {"label": _("Merges of two people"), "url": ""}],
    }
    return render(request, "registry/merges.html", context)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@signed_in
def merge(request: StaffRequest, merge_id: UUID) -> HttpResponseBase:
    """A merge that was made: who was joined into whom, and taking it apart."""
    found = queries.merge_get(merge_id=merge_id, actor=request.actor)
    require(policies.may_write, request.actor, found)
    refused = ""
    if request.method == "POST":
        try:
            services.merge_undo(merge_id=merge_id, actor=request.actor, at=now())
        except UnableTo as error:
            refused = error.message
        else:
            messages.success(request, _("Both stand in the register again as they were before."))
            return redirect("registry:household", found.gone.household_id)
    context = {"merge": found, "refused": refused, "crumbs": [*_crumbs(None), {"label": _("A merge"), "url": ""}]}
    return render(request, "registry/merge.html", context, status=409 if refused else 200)


def _page(
    request: StaffRequest, found: DuplicatePair, form: AnswerForm, *, refused: UnableTo | None = None
) -> HttpResponse:
    """The page that asks; after a refusal with its sentence and with what was chosen still there."""
    both = queries.sides(pair=found)
    lines_of_both = facts(*both) if both else []
    picks = form.picks()
    following = None if both else queries.pair_after(pair=found, actor=request.actor)
    context: dict[str, Any] = {
        "pair": found,
        "onward": reverse("registry:pair", args=[following.id]) if following else reverse("registry:pair_list"),
        "open": found.decided_at is None,
        "sides": both,
        "rows": [(fact, picks.get(fact.key, BOTH if fact.all_of_both else "")) for fact in lines_of_both],
        "choosing": any(fact.choice for fact in lines_of_both),
        "seen": seen_mark(*both) if both else "",
        "refused": refused.message if refused else "",
        "chosen": form.said() if refused else [],
        "lines": lines(found.parts, weight=found.weight),
        "reason": _reason(found),
        "weight": f"{found.weight:+.1f}",
        "left_over": queries.pairs_beside(pair=found, actor=request.actor).count(),
        "crumbs": [*_crumbs(found), {"label": _("The same person?"), "url": ""}],
    }
    return render(request, "registry/pair.html", context, status=refused.status if refused else 200)


def _reason(found: DuplicatePair) -> str:
    """Why somebody is asked."""
    if found.torn:
        return _("The same person stands in two households: to which do they belong?")
    if not names_agree(found.parts):
        return _("Much agrees, but not the name; only a person can tell")
    return verdict(found.weight)


def _get(request: StaffRequest, pair_id: int) -> DuplicatePair:
    found = queries.pair_get(pair_id=pair_id, actor=request.actor)
    require(policies.may_write, request.actor, found)
    return found


def _back(found: DuplicatePair) -> HttpResponseBase:
    if found.intake_id is not None:
        return redirect("registry:intake", found.intake_id)
    return redirect("registry:pair_list")


def _crumbs(found: DuplicatePair | None) -> list[dict[str, str]]:
    crumbs = [{"label": _("Possible duplicates"), "url": reverse("registry:pair_list")}]
    if found is not None and found.intake is not None:
        crumbs.append({"label": found.intake.file_name, "url": _intake_url(found.intake.id)})
    return crumbs


def _intake_url(intake_id: UUID) -> str:
    return reverse("registry:intake", args=[intake_id])
