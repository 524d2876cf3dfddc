"""A case: entering it, its page, the visit sheet, the return visit, its files, what is sealed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from boai.files.services import file_open
from boai.files.web import file_response
from boai.kernel.clock import local_date, now
from boai.kernel.errors import BadInput, NotFound, StalePage, UnableTo
from boai.kernel.policy import require
from boai.people.access import StaffRequest, signed_in
from boai.people.models import User
from boai.people.queries import holders
from boai.people.roles import Duty
from boai.registry.queries.households import household_list
from boai.relief import policies, queries
from boai.relief.enums import Action, PaymentState, State
from boai.relief.errors import AlreadyDone
from boai.relief.forms.cases import AccountForm, CaseForm
from boai.relief.forms.visits import AnswerForm, SheetForm
from boai.relief.models import Case
from boai.relief.queries.case_page import CasePage, case_get, case_page
from boai.relief.queries.checks import Check, case_checks
from boai.relief.services import aftercare, links, payment, sight, verification
from boai.relief.services.application import case_submit, channel_of
from boai.relief.services.core import rules_for
from boai.relief.views import show
from boai.relief.views.steps import PRIMARY, fill, offered, step_form


@dataclass(frozen=True)
class Next:
    """The next action as the page offers it: a form here, a page of its own, or nobody's here and why."""

    action: str = ""
    label: str = ""
    form: Any = None
    url: str = ""
    why: str = ""


@signed_in
def case(request: StaffRequest, case_id: UUID) -> HttpResponseBase:
    """The page of a case: spine, facts, papers and marks, the next action."""
    at = now()
    page = case_page(case_id=case_id, actor=request.actor, at=at)
    require(policies.may_see, request.actor, page.case)
    rows = offered(page.case, request.actor)
    following = _next(request, page)
    context = {
        "page": page,
        "case": page.case,
        "said": page.application,
        "next": following,
        "others": [
            {"label": o.label, "name": "action", "value": o.action, "kind": "quiet"}
            for o in rows
            if o.allowed and o.action != following.action
        ],
        "checks": _checks(page.case, request, at) if page.case.state == State.APPLIED else [],
        "facts": show.facts(page),
        "amounts": show.amounts(page),
        "sealed": show.sealed(page, request.actor),
        "papers": show.papers(page),
        "timeline": show.timeline(page),
        "payments": show.payments(page),
        **show.visit_context(page),
        **show.governance_context(page),
        "may_retry": show.may_retry(page, request.actor),
        "may_link": bool(policies.may_link(request.actor, page.case)) and page.case.state in links.OPEN,
        "may_account": bool(policies.may_change_account(request.actor, page.case)) and payment.account_open(page.case),
        "may_agenda": request.actor.has(Duty.REVIEW_HOLD) and page.case.state == State.REVIEWING,
        "may_notice": request.actor.has(Duty.NOTICE_DRAFT) and page.case.state == State.NOTICING,
        "crumbs": [{"label": _("Cases"), "url": reverse("relief:case_list")}, {"label": page.case.code}],
    }
    return render(request, "relief/case.html", context)


def _checks(case: Case, request: StaffRequest, at: Any) -> list[Check]:
    return case_checks(case, rules=rules_for(case, at=at), on=local_date(at))


def _next(request: StaffRequest, page: CasePage) -> Next:
    action = PRIMARY.get(page.case.state, "")
    if page.case.state == State.PAYING:
        return _next_payment(request, page)
    if not action:
        return Next()
    label = str(Action(action).label)
    verdict = policies.may(action)(request.actor, page.case)
    if not verdict:
        return Next(action, label, why=verdict.why)
    pages = {Action.VERIFY: "relief:verify", Action.VISIT: "relief:visit"}
    if action in pages:
        return Next(action, label, url=reverse(pages[Action(action)], args=[page.case.id]))
    return Next(action, label, form=step_form(page.case, action, short=True))


def _next_payment(request: StaffRequest, page: CasePage) -> Next:
    """Who prepares or releases finds the batch, or the queue, from here."""
    last = page.payments[-1] if page.payments else None
    if last is None or show.may_retry(page, request.actor):
        return Next()
    if last.state == PaymentState.QUEUED and policies.may_prepare(request.actor, page.case.branch_id):
        return Next(label=_("Put into a batch"), url=reverse("relief:batch_list"))
    if last.batch is not None and policies.may_take_file(request.actor, last.batch):
        if last.state == PaymentState.BATCHED:
            return Next(label=_("Open the batch"), url=reverse("relief:batch", args=[last.batch_id]))
        if last.state == PaymentState.SENT and policies.may_book(request.actor, page.case.branch_id):
            return Next(label=_("Take in the bank's answer"), url=reverse("relief:statement_new"))
    return Next()


@signed_in
def case_new(request: StaffRequest) -> HttpResponseBase:
    """Enter an application, possibly for a person chosen in the register."""
    at = now()
    region = request.GET.get("village") or request.actor.region_code
    form = CaseForm(
        request.POST or None,
        request.FILES or None,
        programmes=queries.programmes_open(region_code=region, on=local_date(at)),
        root=request.actor.region_code,
        on=local_date(at),
        initial=show.prefill(request),
    )
    if request.method == "POST" and form.is_valid():
        data = form.applied()
        kinds = form.cleaned_data["papers"]
        uploads = [
            (kinds[min(n, len(kinds) - 1)] if kinds else "other", f) for n, f in enumerate(form.cleaned_data["uploads"])
        ]
        try:
            made = case_submit(
                data=data, channel=channel_of(request.actor, applicant_kind=data.applicant_kind), actor=request.actor,
                at=at, papers=kinds, uploads=uploads, key=form.cleaned_data["key"],
                despite=form.cleaned_data["despite"],
            )  # fmt: skip
        except AlreadyDone as error:
            messages.info(request, error.message)
            return redirect("relief:case", case_id=form.cleaned_data["key"])
        except BadInput as error:
            fill(form, error)
        else:
            messages.success(request, _("The application is in. Case code: {code}").format(code=made.code))
            return redirect("relief:case", case_id=made.id)
    context = {"form": form, "crumbs": [{"label": _("Cases"), "url": reverse("relief:case_list")}, {"label": _("New")}]}
    return render(request, "relief/case_new.html", context, status=422 if form.errors else 200)


@signed_in
def verify(request: StaffRequest, case_id: UUID) -> HttpResponseBase:
    """The visit sheet. “Compute” shows what the score advises before anything is kept."""
    at = now()
    case = case_get(case_id)
    require(policies.may(Action.VERIFY), request.actor, case)
    colleagues = User.objects.filter(
        id__in=holders(Duty.CASE_VERIFY, region_code=case.region_code, on=local_date(at)).values("user_id")
    ).exclude(id__in=[request.actor.user_id])
    form = SheetForm(
        request.POST or None, request.FILES or None, colleagues=colleagues, initial=show.sheet_initial(case, at)
    )
    advice = None
    if request.method == "POST" and form.is_valid():
        sheet = form.sheet()
        advice = verification.advise(sheet, kind=case.programme.kind, rules=rules_for(case, at=at))
        if request.POST.get("do") != "compute":
            answer = _verify(request, case, form, at)
            if answer is not None:
                return answer
    context = {
        "case": case,
        "form": form,
        "advice": advice,
        "lines": show.score_lines(advice.score.as_json()) if advice else [],
        "score_columns": show.score_columns(),
        "compute": [{"label": _("Compute the score"), "name": "do", "value": "compute"}],
        "draft": f"sheet-{case.id}",
        "crumbs": _crumbs(case, _("Verify on site")),
    }
    return render(request, "relief/verify.html", context, status=422 if form.errors else 200)


def _verify(request: StaffRequest, case: Case, form: SheetForm, at: Any) -> HttpResponse | None:
    try:
        verification.case_verify(
            case_id=case.id, sheet=form.sheet(), photos=form.cleaned_data["photos"], actor=request.actor, at=at,
            version=form.cleaned_data["version"],
        )  # fmt: skip
    except AlreadyDone as error:
        messages.info(request, error.message)
    except BadInput as error:
        fill(form, error)
        return None
    except (StalePage, UnableTo) as error:
        form.add_error(None, error.message)
        return None
    else:
        messages.success(request, _("The visit is recorded."))
    return redirect("relief:case", case_id=case.id)


@signed_in
def visit(request: StaffRequest, case_id: UUID) -> HttpResponseBase:
    """The return visit."""
    at = now()
    case = case_get(case_id)
    require(policies.may(Action.VISIT), request.actor, case)
    paid = aftercare.paid_fen(case)
    form = AnswerForm(request.POST or None, today=local_date(at), initial={"version": case.version, "received": paid})
    if request.method == "POST" and form.is_valid():
        try:
            aftercare.case_visit(
                case_id=case.id, answer=form.answer(), actor=request.actor, at=at, version=form.cleaned_data["version"]
            )
        except AlreadyDone as error:
            messages.info(request, error.message)
            return redirect("relief:case", case_id=case.id)
        except BadInput as error:
            fill(form, error)
        except (StalePage, UnableTo) as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, _("The return visit is recorded."))
            return redirect("relief:case", case_id=case.id)
    context = {
        "case": case, "form": form, "paid_fen": paid, "draft": f"visit-{case.id}",
        "crumbs": _crumbs(case, _("Follow-up visit")),
    }  # fmt: skip
    return render(request, "relief/visit.html", context, status=422 if form.errors else 200)


def _crumbs(case: Case, label: str) -> list[dict[str, str]]:
    return [
        {"label": _("Cases"), "url": reverse("relief:case_list")},
        {"label": case.code, "url": reverse("relief:case", args=[case.id])},
        {"label": label},
    ]


@signed_in
@require_POST
def reveal(request: StaffRequest, case_id: UUID, field: str) -> HttpResponseBase:
    """One sealed fact, after a click that the log records."""
    value = sight.case_reveal(case_id=case_id, field=field, actor=request.actor, at=now())
    context = {"label": show.sealed_label(field), "value": value or "—", "id": f"sealed-{field}", "revealed": True}
    if request.headers.get("HX-Request"):
        return render(request, "web/components/masked.html", context)
    return render(request, "relief/revealed.html", context | {"case": case_get(case_id)})


@signed_in
def file(request: StaffRequest, case_id: UUID, file_id: UUID) -> HttpResponseBase:
    """A paper or a photo of the case; opening it is recorded."""
    opened = sight.case_file(case_id=case_id, file_id=file_id, actor=request.actor, at=now())
    return file_response(file_open(file_id=opened), download="download" in request.GET)


@signed_in
def link(request: StaffRequest, case_id: UUID) -> HttpResponseBase:
    """Choose the household of the register that a case belongs to."""
    case = case_get(case_id)
    require(policies.may_link, request.actor, case)
    if request.method == "POST":
        try:
            household_id = UUID(request.POST.get("household", ""))
        except ValueError:
            raise NotFound from None
        links.case_link(case_id=case.id, household_id=household_id, actor=request.actor, at=now())
        messages.success(request, _("Linked to the household."))
        return redirect("relief:case", case_id=case.id)
    text = request.GET.get("q", case.beneficiary_name).strip()
    context = {
        "case": case,
        "q": text,
        "columns": [
            _("Head of household"),
            _("Village or community"),
            _("Household code"),
            {"label": _("Members"), "align": "num"},
        ],
        "rows": household_list(actor=request.actor, on=local_date(now()), text=text).rows if text else [],
        "crumbs": _crumbs(case, _("Household")),
    }
    return render(request, "relief/link.html", context)


@signed_in
def account(request: StaffRequest, case_id: UUID) -> HttpResponseBase:
    """Put the account right."""
    case = case_get(case_id)
    require(policies.may_change_account, request.actor, case)
    said = case.application
    form = AccountForm(request.POST or None, initial={"payee_kind": said.payee_kind, "bank": said.bank})
    if request.method == "POST" and form.is_valid():
        try:
            payment.account_change(case_id=case.id, actor=request.actor, at=now(), **form.cleaned_data)
        except AlreadyDone as error:
            messages.info(request, error.message)
            return redirect("relief:case", case_id=case.id)
        except BadInput as error:
            fill(form, error)
        except UnableTo as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, _("The account is changed."))
            return redirect("relief:case", case_id=case.id)
    context = {"case": case, "form": form, "said": said, "crumbs": _crumbs(case, _("Receiving account"))}
    return render(request, "relief/account.html", context, status=422 if form.errors else 200)


@signed_in
def visit_sheet(request: StaffRequest, case_id: UUID) -> HttpResponseBase:
    """The visit sheet on paper, empty or filled, to be signed by two visitors and the household."""
    at = now()
    page = case_page(case_id=case_id, actor=request.actor, at=at)
    require(policies.may_see, request.actor, page.case)
    context = {
        "page": page,
        "case": page.case,
        "lines": show.sheet_lines(page),
        "score_columns": show.score_columns(),
        "blanks": show.sheet_blanks(),
        "signers": [_("Visitor"), _("Visitor"), _("Household"), _("Village or community committee")],
        "on": local_date(at).isoformat(),
    }
    return render(request, "relief/visit_sheet.html", context)
