"""One item on the agenda: who steps aside, the ballot, the count; and the ballot paper on a phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from boai.governance import forms, policies, queries, services
from boai.governance.models import Review, TallySheet
from boai.governance.queries.pages import ItemPage, item_page, result_line
from boai.governance.services.printing import rules_text
from boai.governance.views.common import carried_out
from boai.governance.views.meetings import ITEM_TONES
from boai.governance.views.spines import review_steps
from boai.kernel.clock import now
from boai.kernel.policy import require
from boai.people.access import StaffRequest, signed_in


@signed_in
@require_safe
def review(request: StaffRequest, review_id: UUID) -> HttpResponseBase:
    """The item, with the one next step that the reader may take."""
    return _page(request, review_id)


def _page(request: StaffRequest, review_id: UUID, **bound: Any) -> HttpResponseBase:
    actor = request.actor
    found = queries.review_get(review_id=review_id, actor=actor)
    require(policies.may_see_meeting, actor, found.meeting)
    page = item_page(found, actor)
    context = {
        "review": found,
        "meeting": found.meeting,
        "state_tone": ITEM_TONES.get(found.state, ""),
        "page": page,
        "facts": found.facts,
        "steps": review_steps(found, page.poll),
        "result": result_line(found),
        "rules": rules_text(page.poll.review_rules if page.poll else found.meeting.review_rules),
        "me": next((m for m in page.members if m.user_id == actor.user_id), None),
        "missing": queries.ballot_missing(found, page.members) if found.state == "presented" else [],
        "presides": policies.may_preside(actor, found.meeting),
        "settled": found.state == "counted" or (found.state == "disputed" and bool(page.poll and page.poll.void)),
        "declares": found.state in ("presented", "ballot_open"),
        "sheet_rows": _sheet_rows(page.sheets),
        "sheet_columns": [
            _("Figure"),
            *({"label": f"{s.keyed_by.name} ({s.count_number})", "align": "num"} for s in page.sheets),
        ],
        **_forms(request, found, page),
        **bound,
    }
    return render(request, "governance/review.html", context, status=422 if bound else 200)


def _sheet_rows(sheets: list[TallySheet]) -> list[tuple[str, list[object]]]:
    """One line per figure, one column per reader: differences leap to the eye."""
    lines: list[tuple[str, str]] = [
        (_("Ballots issued"), "issued"), (_("Spoiled and replaced"), "spoiled"), (_("Not returned"), "not_returned"),
        (_("Returned"), "returned"), (_("Agree"), "yes"), (_("Disagree"), "no"), (_("Abstain"), "abstain"),
        (_("Blank"), "blank"), (_("Invalid"), "invalid"), (_("Discrepancy"), "discrepancy"),
    ]  # fmt: skip
    return [(label, [getattr(sheet, name) for sheet in sheets]) for label, name in lines]


def _forms(request: StaffRequest, found: Review, page: ItemPage) -> dict[str, Any]:
    """The forms that make sense now, for who may send them."""
    actor, state = request.actor, found.state
    presides, mine = policies.may_preside(actor, found.meeting), any(m.user_id == actor.user_id for m in page.members)
    aside = {r.member_id for r in page.recusals if r.state != "rejected"}
    others = [m for m in page.members if m.id not in aside]
    shown: dict[str, Any] = {}
    if state == "presented":
        shown["recuse"] = forms.RecuseForm() if mine and any(m.user_id == actor.user_id for m in others) else None
        shown["challenge"] = (
            forms.ChallengeForm(members=others) if mine or policies.may_organise(actor, found.meeting) else None
        )
        shown["ruling"] = forms.RulingForm() if presides else None
    elif state == "ballot_open" and presides:
        shown["close"] = forms.CloseForm()
    elif state == "ballot_closed" and policies.may_key_tally(actor, found) and page.my_sheet is None:
        shown["tally"] = forms.TallyForm(initial={"issued": page.poll.paper_voters if page.poll else None})
    elif state == "disputed" and policies.may_settle_dispute(actor, found) and page.poll and not page.poll.void:
        shown["settle"] = forms.SettleForm()
    if state in ("counted", "passed", "not_passed") and policies.may_report_conflict(actor, found):
        shown["conflict"] = forms.ConflictForm(members=others)
    if state == "counted" and presides and found.round == 1:
        result = queries.review_result(review_id=found.id)
        shown["repeat"] = forms.RepeatForm() if result and not result.passes else None
    return shown


def _step(
    request: StaffRequest,
    review_id: UUID,
    name: str,
    form: django_forms.Form,
    call: Callable[[dict[str, Any]], Any],
    done: str,
) -> HttpResponseBase:
    """Carry a form out and come back to the item, or show it again with what was wrong."""
    if carried_out(form, call):
        messages.success(request, done)
        return redirect("governance:review", review_id)
    return _page(request, review_id, **{name: form})


@signed_in
@require_POST
def recuse(request: StaffRequest, review_id: UUID) -> HttpResponseBase:
    """I step aside."""
    return _step(
        request,
        review_id,
        "recuse",
        forms.RecuseForm(request.POST),
        lambda data: services.recusal_declare(
            review_id=review_id, actor=request.actor, note=data["note"], ground=data["ground"], at=now()
        ),
        _("You have stepped aside from this item. Please leave the discussion."),
    )


@signed_in
@require_POST
def challenge(request: StaffRequest, review_id: UUID) -> HttpResponseBase:
    """Somebody should step aside."""
    found = queries.review_get(review_id=review_id, actor=request.actor)
    form = forms.ChallengeForm(request.POST, members=list(found.meeting.members.all()))
    return _step(
        request,
        review_id,
        "challenge",
        form,
        lambda data: services.recusal_challenge(
            review_id=review_id, member_id=UUID(data["member"]), actor=request.actor, note=data["note"], at=now()
        ),
        _("The challenge is in the minutes; the chair rules on it before the ballot."),
    )


@signed_in
@require_POST
def ruling(request: StaffRequest, review_id: UUID, recusal_id: UUID) -> HttpResponseBase:
    """The chair rules."""
    return _step(
        request,
        review_id,
        "ruling",
        forms.RulingForm(request.POST),
        lambda data: services.recusal_rule(
            recusal_id=recusal_id, actor=request.actor, upheld=data["upheld"] == "1", ruling=data["ruling"], at=now()
        ),
        _("The ruling is in the minutes."),
    )


@signed_in
@require_POST
def ballot_open(request: StaffRequest, review_id: UUID) -> HttpResponseBase:
    """Open the ballot."""
    services.ballot_open(review_id=review_id, actor=request.actor, at=now())
    messages.success(request, _("The ballot is open. Members vote on their phones or on paper."))
    return redirect("governance:review", review_id)


@signed_in
@require_POST
def ballot_close(request: StaffRequest, review_id: UUID) -> HttpResponseBase:
    """Close the ballot."""
    return _step(
        request,
        review_id,
        "close",
        forms.CloseForm(request.POST),
        lambda data: services.ballot_close(
            review_id=review_id, actor=request.actor, seal_number=data["seal_number"], at=now()
        ),
        _("The ballot is closed and shuffled."),
    )


@signed_in
@require_POST
def ballot_repeat(request: StaffRequest, review_id: UUID) -> HttpResponseBase:
    """Move the one second ballot."""
    return _step(
        request,
        review_id,
        "repeat",
        forms.RepeatForm(request.POST),
        lambda data: services.ballot_repeat(
            review_id=review_id, actor=request.actor, moved_by=data["moved_by"], reason=data["reason"], at=now()
        ),
        _("Back to discussion; the second ballot is final."),
    )


@signed_in
@require_POST
def tally(request: StaffRequest, review_id: UUID) -> HttpResponseBase:
    """Key my reading of the paper ballots."""
    return _step(
        request,
        review_id,
        "tally",
        forms.TallyForm(request.POST),
        lambda data: services.tally_key(review_id=review_id, actor=request.actor, at=now(), **data),
        _("Your reading is kept."),
    )


@signed_in
@require_POST
def settle(request: StaffRequest, review_id: UUID) -> HttpResponseBase:
    """A supervisor decides about the count."""
    return _step(
        request,
        review_id,
        "settle",
        forms.SettleForm(request.POST),
        lambda data: services.tally_dispute_settle(
            review_id=review_id, actor=request.actor, recount=data["recount"] == "1", reason=data["reason"], at=now()
        ),
        _("Your decision is in the minutes."),
    )


@signed_in
def ballot(request: StaffRequest, review_id: UUID) -> HttpResponseBase:
    """The ballot paper, one task on the screen of a phone. After the vote the page knows that, not what, one voted."""
    found = queries.review_get(review_id=review_id, actor=request.actor)
    form = forms.BallotForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and carried_out(
        form, lambda data: services.ballot_cast(review_id=review_id, actor=request.actor, choice=data["choice"])
    ):
        return redirect("governance:ballot", review_id)
    require(policies.may_see_meeting, request.actor, found.meeting)
    entry = queries.my_ballot(review=found, actor=request.actor)
    context = {
        "review": found,
        "meeting": found.meeting,
        "form": form,
        "facts": found.facts,
        "open": found.state == "ballot_open",
        "entry": entry,
    }
    response = render(request, "governance/ballot.html", context, status=422 if form.errors else 200)
    response["Cache-Control"] = "private, no-store"
    return response
