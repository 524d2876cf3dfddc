"""The steps of a case as forms: one table says which form and which service belong to an action."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import HiddenInput
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from boai.kernel.clock import now
from boai.kernel.errors import BadInput, NotFound, StalePage, UnableTo
from boai.kernel.transition import actions_from
from boai.people.access import StaffRequest, signed_in
from boai.people.actor import Actor
from boai.relief import policies
from boai.relief.enums import TRANSITIONS, Action, Level, PaperKind, State
from boai.relief.errors import AlreadyDone
from boai.relief.forms import cases as forms
from boai.relief.models import BankAccount, Case, Paper
from boai.relief.queries.case_page import case_get
from boai.relief.services import acceptance, aftercare, decision

PRIMARY: dict[str, str] = {
    State.APPLIED: Action.ACCEPT,
    State.RETURNED: Action.SUPPLY,
    State.VERIFYING: Action.VERIFY,
    State.APPROVING: Action.APPROVE,
    State.URGENT: Action.APPROVE_URGENT,
    State.COMPLETING: Action.VERIFY,
    State.RECLAIMING: Action.RECLAIM,
    State.VISITING: Action.VISIT,
    State.CLOSING: Action.ARCHIVE,
}
"""The one next action of a state; where there is none, a journey or the bank moves the case."""


@dataclass(frozen=True)
class StepPage:
    """How an action is asked for: its form, its service, the sentence when it is done."""

    form: type[forms.StepForm]
    service: Callable[..., Case]
    done: Callable[[], str]
    kind: str = ""


def _back(action: str) -> Callable[..., Case]:
    def service(**values: Any) -> Case:
        return decision.case_send_back(action=action, **values)

    return service


STEPS: Mapping[str, StepPage] = {
    Action.ACCEPT: StepPage(forms.AcceptForm, acceptance.case_accept, lambda: _("Accepted."), "primary"),
    Action.ACCEPT_URGENT: StepPage(forms.UrgentForm, acceptance.case_accept, lambda: _("Accepted as an emergency.")),
    Action.RETURN: StepPage(forms.ReturnForm, acceptance.case_return, lambda: _("Returned; the applicant is told.")),
    Action.DECLINE: StepPage(forms.ReasonForm, acceptance.case_decline, lambda: _("Not accepted.")),
    Action.SUPPLY: StepPage(forms.SupplyForm, acceptance.case_supply, lambda: _("The papers are recorded."), "primary"),
    Action.LAPSE: StepPage(forms.ReasonForm, acceptance.case_lapse, lambda: _("Closed.")),
    Action.APPROVE: StepPage(
        forms.ApproveForm, decision.case_approve, lambda: _("Approved; payment is next."), "primary"
    ),
    Action.APPROVE_URGENT: StepPage(
        forms.ApproveUrgentForm, decision.case_approve_urgent, lambda: _("Approved; payment is next."), "primary"
    ),
    Action.REFUSE: StepPage(forms.ReasonForm, decision.case_refuse, lambda: _("Not approved; the reason is kept.")),
    Action.RECHECK: StepPage(forms.ReasonForm, _back(Action.RECHECK), lambda: _("Back to verification.")),
    Action.REREVIEW: StepPage(forms.ReasonForm, _back(Action.REREVIEW), lambda: _("Back to review.")),
    Action.TO_ORDINARY: StepPage(forms.ReasonForm, _back(Action.TO_ORDINARY), lambda: _("Back to the ordinary steps.")),
    Action.RECALL: StepPage(forms.ReasonForm, decision.case_recall, lambda: _("The approval is taken back.")),
    Action.WITHDRAW: StepPage(forms.ReasonForm, acceptance.case_withdraw, lambda: _("Withdrawn.")),
    Action.REOPEN: StepPage(forms.ReasonForm, acceptance.case_reopen, lambda: _("Open again.")),
    Action.RECLAIM: StepPage(forms.ReclaimForm, aftercare.case_reclaim, lambda: _("The money is booked."), "primary"),
    Action.FORGIVE: StepPage(forms.ReasonForm, aftercare.case_forgive, lambda: _("Not reclaimed; the reason is kept.")),
    Action.ARCHIVE: StepPage(forms.NoteForm, aftercare.case_archive, lambda: _("Archived."), "primary"),
}


@dataclass(frozen=True)
class Offered:
    """An action of the present state as the page offers it, or says why it does not."""

    action: str
    label: str
    allowed: bool
    why: str


def offered(case: Case, actor: Actor) -> list[Offered]:
    """Every action that the table allows now and that has a form here."""
    rows = []
    for action in actions_from(TRANSITIONS, case.state):
        if action in STEPS:
            verdict = policies.may(action)(actor, case)
            rows.append(Offered(action, str(Action(action).label), verdict.allowed, verdict.why))
    return rows


def step_form(
    case: Case, action: str, data: QueryDict | None = None, files: Any = None, *, short: bool = False
) -> forms.StepForm:
    """The form of an action, empty or filled; `short` leaves out what this case hardly needs."""
    page = STEPS[action]
    initial: dict[str, Any] = {"version": case.version}
    options: dict[str, Any] = {}
    if issubclass(page.form, forms.PapersForm):
        options["papers"] = _paper_choices(case, only_missing=action == Action.SUPPLY)
        initial["received"] = _received(case)
    if action in (Action.APPROVE, Action.APPROVE_URGENT):
        initial["amount_fen"] = case.proposed_fen or case.requested_fen or None
    if action == Action.RECLAIM:
        initial["amount_fen"] = aftercare.paid_fen(case)
        options["banks"] = BankAccount.objects.filter(branch_id=case.branch_id).order_by("name")
    form = page.form(data, files, initial=initial, **options)
    if short and "resolution" in form.fields and case.level != Level.COUNCIL:
        form.fields["resolution"].widget = HiddenInput()
    return form


def _paper_choices(case: Case, *, only_missing: bool) -> list[tuple[str, str]]:
    papers = Paper.objects.filter(case=case, required=True).order_by("id")
    if only_missing:
        papers = papers.filter(received_at=None)
    choices = [(p.kind, p.get_kind_display()) for p in papers]
    return choices or [(PaperKind.OTHER, str(PaperKind.OTHER.label))]


def _received(case: Case) -> list[str]:
    return list(
        Paper.objects.filter(case=case, required=True, received_at__isnull=False).values_list("kind", flat=True)
    )


@signed_in
def case_step(request: StaffRequest, case_id: UUID, action: str = "") -> HttpResponseBase:
    """Take a step, or show its form. The form of the case page posts here with the action's name."""
    action = action or request.POST.get("action", "")
    case = case_get(case_id)
    if action not in STEPS:
        raise NotFound
    if request.method != "POST":
        return _page(request, case, action, step_form(case, action))
    form = step_form(case, action, request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, case, action, form)
    try:
        STEPS[action].service(case_id=case.id, actor=request.actor, at=now(), **form.arguments())
    except AlreadyDone as error:
        messages.info(request, error.message)
    except StalePage as error:
        return _stale(request, case_id, action, error)
    except BadInput as error:
        fill(form, error)
        return _page(request, case, action, form)
    except UnableTo as error:
        form.add_error(None, error.message)
        return _page(request, case, action, form, status=409)
    else:
        messages.success(request, STEPS[action].done())
    return redirect("relief:case", case_id=case.id)


def fill(form: Any, error: BadInput) -> None:
    """Tie a service's sentences to the fields of a form; sentences without a field go on top."""
    for name, sentences in error.fields.items():
        field = next((n for n in (name, name.removesuffix("_fen"), name.removesuffix("_id")) if n in form.fields), None)
        field = field or ("note" if name in ("exception", "urgent_reason") and "note" in form.fields else None)
        for sentence in sentences:
            form.add_error(field, sentence)
    if error.message:
        form.add_error(None, error.message)


def _stale(request: HttpRequest, case_id: UUID, action: str, error: StalePage) -> HttpResponse:
    """Somebody was faster: show where the case stands now, with the text still in the form."""
    case = case_get(case_id)
    data = request.POST.copy()
    data["version"] = str(case.version)
    form = step_form(case, action, data, request.FILES)
    form.is_valid()
    form.add_error(None, error.message)
    return _page(request, case, action, form, status=409)


def _page(
    request: HttpRequest, case: Case, action: str, form: forms.StepForm, status: int | None = None
) -> HttpResponse:
    possible = (case.state, action) in TRANSITIONS
    context = {
        "case": case,
        "action": action,
        "label": Action(action).label,
        "form": form,
        "possible": possible,
        "state_label": case.get_state_display(),
        "crumbs": [
            {"label": _("Cases"), "url": reverse("relief:case_list")},
            {"label": case.code, "url": reverse("relief:case", args=[case.id])},
            {"label": Action(action).label},
        ],
    }
    return render(request, "relief/step.html", context, status=status or (422 if form.errors else 200))
