"""Two people that may be one: the list of what waits, and the page that asks."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_POST

from boai.kernel.clock import now
from boai.kernel.errors import BadInput
from boai.kernel.policy import require
from boai.people.access import StaffRequest, signed_in
from boai.registry import policies, queries, services
from boai.registry.linkage.words import lines, names_agree, verdict
from boai.registry.models import DuplicatePair
from boai.registry.queries.pairs import PAGE, Side
from boai.registry.services.intakes import Division


@signed_in
@require_GET
def pair_list(request: StaffRequest) -> HttpResponseBase:
    """What waits for a word, the likeliest first."""
    require(policies.may_write, request.actor, Division(request.actor.region_code))
    waiting = queries.pairs_open(actor=request.actor).select_related("intake")
    context = {
        "rows": queries.pair_rows(waiting[:PAGE]),
        "count": waiting.count(),
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
    found = _get(request, pair_id)
    both = queries.sides(pair=found)
    waiting = queries.pairs_beside(pair=found, actor=request.actor)
    context: dict[str, Any] = {
        "pair": found,
        "open": found.decided_at is None,
        "sides": both,
        "rows": _compared(*both) if both else [],
        "lines": lines(found.parts),
        "reason": _reason(found),
        "weight": f"{found.weight:+.1f}",
        "left_over": waiting.count(),
        "crumbs": _crumbs(found),
    }
    return render(request, "registry/pair.html", context)


@signed_in
@require_POST
def decide(request: StaffRequest, pair_id: int) -> HttpResponseBase:
    """One of the three answers; then the next pair."""
    found = _get(request, pair_id)
    following = queries.pair_after(pair=found, actor=request.actor)
    answer = request.POST.get("answer", "")
    if answer in ("left", "right"):
        services.pair_same(pair_id=pair_id, keep=answer, actor=request.actor, at=now())
    elif answer == "different":
        services.pair_differ(pair_id=pair_id, actor=request.actor, at=now())
    elif answer != "later":
        raise BadInput(_("Choose one of the answers."))
    if following is not None:
        return redirect("registry:pair", following.id)
    messages.success(request, _("Nobody else waits for a word."))
    return _back(found)


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


def _crumbs(found: DuplicatePair) -> list[dict[str, str]]:
    crumbs = [{"label": _("Possible duplicates"), "url": reverse("registry:pair_list")}]
    if found.intake is not None:
        crumbs.append({"label": found.intake.file_name, "url": _intake_url(found.intake.id)})
    return [*crumbs, {"label": _("The same person?"), "url": ""}]


def _intake_url(intake_id: UUID) -> str:
    return reverse("registry:intake", args=[intake_id])


def _compared(left: Side, right: Side) -> list[dict[str, Any]]:
    """The facts of both, line by line, and whether they agree. What neither has is left out."""
    made = []
    for label, one, other in (
        (_("Name"), left.name, right.name),
        (_("Sex"), left.sex, right.sex),
        (_("Born on"), left.born_on, right.born_on),
        (_("Relation to the head"), left.relation, right.relation),
        (_("Identity number"), _tail(left.number_tail), _tail(right.number_tail)),
        (_("Telephone"), _tail(left.phone_tail), _tail(right.phone_tail)),
        (_("Bank account"), _tail(left.account_tail), _tail(right.account_tail)),
        (pgettext("person", "Village"), left.place, right.place),
        (pgettext("person", "Address"), left.address, right.address),
        (_("Household number of the office"), left.office_number, right.office_number),
    ):
        if one or other:
            made.append({"label": label, "left": one or "", "right": other or "", "same": one == other,
                         "missing": not one or not other})  # fmt: skip
    return made


def _tail(digits: str) -> str:
    return f"…{digits}" if digits else ""
