"""Payment batches, the bank's answers, receipts."""

from __future__ import annotations

from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from boai.kernel.clock import now
from boai.kernel.errors import BadInput, UnableTo
from boai.kernel.money import format_fen
from boai.kernel.policy import require
from boai.kernel.sheets import XLSX_TYPE
from boai.people.access import StaffRequest, signed_in
from boai.relief import policies
from boai.relief.enums import BatchState, LineVerdict
from boai.relief.errors import AlreadyDone
from boai.relief.forms.payments import BatchForm, StatementForm
from boai.relief.queries import payments as payment_queries
from boai.relief.services import batches, payment, receipts, statements
from boai.relief.services.statements import SameFile
from boai.relief.views.steps import fill

TONES = {
    LineVerdict.PAID: "ok",
    LineVerdict.PARTIAL: "wait",
    LineVerdict.OVER: "wait",
    LineVerdict.FAILED: "stop",
    LineVerdict.UNKNOWN: "stop",
    LineVerdict.CONFLICT: "stop",
    LineVerdict.REPEATED: "info",
}


@signed_in
def batch_list(request: StaffRequest) -> HttpResponseBase:
    """What waits to be paid, what is with the bank, what the bank has answered."""
    require(policies.may_see_payments, request.actor, request.actor.branch_id)
    queued = payment_queries.payments_queued(actor=request.actor, after=request.GET.get("after", ""))
    context = {
        "queued": queued,
        "contradictions": payment_queries.contradictions_of(actor=request.actor),
        "failed": payment_queries.payments_failed(actor=request.actor),
        "batches": payment_queries.batches_of(actor=request.actor),
        "statements": payment_queries.statements_of(actor=request.actor),
        "next_url": f"?after={queued.after}" if queued.after else "",
        "may_prepare": bool(policies.may_prepare(request.actor, request.actor.branch_id)),
        "may_book": bool(policies.may_book(request.actor, request.actor.branch_id)),
        "actions": [{"name": "do", "value": "prepare", "label": _("Put into a batch"), "kind": "primary"}],
        "queue_columns": [_("To"), _("Case"), _("Programme"), _("Attempt"), {"label": _("Amount"), "align": "num"}],
        "batch_columns": [
            _("Batch"), _("State"), _("Prepared"), _("Released"), {"label": _("Number of payments"), "align": "num"},
            {"label": _("Sum"), "align": "num"},
        ],
        "crumbs": [{"label": _("Payments")}],
    }  # fmt: skip
    return render(request, "relief/batch_list.html", context)


@signed_in
@require_POST
def batch_prepare(request: StaffRequest) -> HttpResponseBase:
    """First the dry run, then the batch."""
    require(policies.may_prepare, request.actor, request.actor.branch_id)
    ids = _ids(request)
    if request.POST.get("all"):
        ids = payment_queries.queued_ids(actor=request.actor)
    plan = batches.batch_plan(payment_ids=ids, actor=request.actor)
    banks = payment_queries.bank_accounts(actor=request.actor)
    form = BatchForm(request.POST if "confirm" in request.POST else None, banks=banks)
    if form.is_bound and form.is_valid():
        try:
            batch = batches.batch_prepare(
                payment_ids=ids, bank_account_id=form.cleaned_data["bank_account"].id, note=form.cleaned_data["note"],
                actor=request.actor, at=now(),
            )  # fmt: skip
        except BadInput as error:
            fill(form, error)
        except UnableTo as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, _("Batch {code} waits for the cashier.").format(code=batch.code))
            return redirect("relief:batch", batch_id=batch.id)
    will = {
        "count": len(plan.will),
        "text": ngettext(
            "{n} payment, {sum} in all, goes into the batch.", "{n} payments, {sum} in all, go into the batch.",
            len(plan.will),
        ).format(n=len(plan.will), sum=format_fen(plan.total_fen)),
        "names": [f"{p.case.code} {p.payee_name} {format_fen(p.amount_fen)}" for p in plan.will[:20]],
    }  # fmt: skip
    context = {
        "form": form,
        "will": will,
        "wont": grouped([(p.case.code, why) for p, why in plan.wont]),
        "hidden": [("id", str(i)) for i in ids] + [("confirm", "1")],
        "title": _("Put into a batch"),
        "submit": _("Make the batch"),
        "action": reverse("relief:batch_prepare"),
        "cancel_url": reverse("relief:batch_list"),
        "crumbs": [{"label": _("Payments"), "url": reverse("relief:batch_list")}, {"label": _("New batch")}],
    }
    return render(request, "relief/confirm.html", context, status=422 if form.errors else 200)


def _ids(request: StaffRequest) -> list[UUID]:
    found = []
    for text in request.POST.getlist("id"):
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


def grouped(pairs: list[tuple[str, str]]) -> list[dict[str, Any]]:
    """(name, reason) pairs by reason, as the dry run shows them."""
    by_reason: dict[str, list[str]] = {}
    for name, reason in pairs:
        by_reason.setdefault(reason, []).append(name)
    return [{"count": len(n), "reason": reason, "names": n[:20]} for reason, n in by_reason.items()]


@signed_in
def batch(request: StaffRequest, batch_id: UUID) -> HttpResponseBase:
    """A batch with its payments, and what can be done with it."""
    page = payment_queries.batch_page(batch_id=batch_id, actor=request.actor)
    require(policies.may_see_payments, request.actor, page.batch.branch_id)
    release = policies.may_release(request.actor, page.batch)
    context = {
        "page": page,
        "batch": page.batch,
        "prepared_by": page.people.get(page.batch.prepared_by_id, ""),
        "released_by": page.people.get(page.batch.released_by_id, "") if page.batch.released_by_id else "",
        "may_release": bool(release) and page.batch.state == BatchState.PREPARED,
        "why_not": release.why if page.batch.state == BatchState.PREPARED else "",
        "may_cancel": bool(policies.may_cancel(request.actor, page.batch)) and page.batch.state == BatchState.PREPARED,
        "may_file": bool(policies.may_take_file(request.actor, page.batch))
        and page.batch.state in (BatchState.RELEASED, BatchState.SETTLED),
        "columns": [_("To"), _("Case"), _("Reference"), {"label": _("Amount"), "align": "num"},
                    {"label": _("Paid"), "align": "num"}, _("State")],
        "crumbs": [{"label": _("Payments"), "url": reverse("relief:batch_list")}, {"label": page.batch.code}],
    }  # fmt: skip
    return render(request, "relief/batch.html", context)


@signed_in
@require_POST
def batch_release(request: StaffRequest, batch_id: UUID) -> HttpResponseBase:
    """The cashier releases."""
    return _on_batch(
        request, batch_id, _("The batch is released. Take the bank file now."),
        lambda version: batches.batch_release(batch_id=batch_id, actor=request.actor, at=now(), version=version),
    )  # fmt: skip


@signed_in
@require_POST
def batch_cancel(request: StaffRequest, batch_id: UUID) -> HttpResponseBase:
    """Take an unreleased batch apart."""
    note = request.POST.get("note", "")
    return _on_batch(
        request, batch_id, _("The batch is cancelled; its payments wait again."),
        lambda version: batches.batch_cancel(
            batch_id=batch_id, note=note, actor=request.actor, at=now(), version=version
        ),
    )  # fmt: skip


def _on_batch(request: StaffRequest, batch_id: UUID, done: str, act: Any) -> HttpResponse:
    text = request.POST.get("version", "")
    try:
        act(int(text) if text.isdigit() else None)
    except AlreadyDone as error:
        messages.info(request, error.message)
    except UnableTo as error:
        messages.error(request, error.message)
    else:
        messages.success(request, done)
    return redirect("relief:batch", batch_id=batch_id)


@signed_in
@require_POST
def batch_file(request: StaffRequest, batch_id: UUID) -> HttpResponseBase:
    """The workbook for the bank."""
    name, content = batches.batch_file(batch_id=batch_id, actor=request.actor, at=now())
    response = HttpResponse(content, content_type=XLSX_TYPE)
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response["Cache-Control"] = "private, no-store"
    return response


@signed_in
def statement_new(request: StaffRequest) -> HttpResponseBase:
    """Take in the bank's answer."""
    require(policies.may_book, request.actor, request.actor.branch_id)
    form = StatementForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            found = _import(form.cleaned_data["file"], request)
        except SameFile as error:
            messages.info(request, error.message)
            return redirect("relief:statement", statement_id=error.statement_id)
        except BadInput as error:
            fill(form, error)
        except UnableTo as error:
            form.add_error(None, error.message)
        else:
            return redirect("relief:statement", statement_id=found.id)
    crumbs = [{"label": _("Payments"), "url": reverse("relief:batch_list")}, {"label": _("Bank's answer")}]
    context = {"form": form, "crumbs": crumbs}
    return render(request, "relief/statement_new.html", context, status=422 if form.errors else 200)


def _import(upload: UploadedFile, request: StaffRequest) -> Any:
    with NamedTemporaryFile(suffix=".bank") as file:
        for chunk in upload.chunks():
            file.write(chunk)
        file.flush()
        return statements.statement_import(
            path=Path(file.name), name=upload.name or "", actor=request.actor, at=now()
        )  # fmt: skip


@signed_in
def statement(request: StaffRequest, statement_id: UUID) -> HttpResponseBase:
    """What became of every line of a file."""
    found, lines = payment_queries.statement_page(statement_id=statement_id)
    require(policies.may_see_payments, request.actor, found.branch_id)
    may_book = bool(policies.may_book(request.actor, found.branch_id))
    context = {
        "statement": found,
        "lines": [
            {
                "line": line,
                "label": line.get_verdict_display(),
                "tone": TONES[LineVerdict(line.verdict)],
                "asks": may_book and line.verdict == LineVerdict.CONFLICT and line.answered_at is None,
            }
            for line in lines
        ],
        "stats": [
            {"label": str(LineVerdict(v).label), "value": n, "tone": TONES[LineVerdict(v)]}
            for v, n in found.counts.items()
        ],
        "columns": [
            _("Name"),
            {"label": _("Row"), "align": "num"},
            _("Case"),
            {"label": _("Amount"), "align": "num"},
            _("Outcome"),
            _("Explanation"),
        ],
        "crumbs": [{"label": _("Payments"), "url": reverse("relief:batch_list")}, {"label": found.file_name}],
    }
    return render(request, "relief/statement.html", context)


@signed_in
@require_POST
def line_answer(request: StaffRequest, line_id: UUID) -> HttpResponseBase:
    """What the bank said of a line that contradicts what is recorded."""
    statement_id = payment_queries.statement_of(line_id)
    try:
        statements.line_answer(
            line_id=line_id, paid=request.POST.get("paid") == "yes", answer=request.POST.get("answer", ""),
            actor=request.actor, at=now(),
        )  # fmt: skip
    except BadInput as error:
        messages.error(request, " ".join(s for each in error.fields.values() for s in each))
    except AlreadyDone as error:
        messages.info(request, error.message)
    except UnableTo as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("The bank's word is recorded."))
    return redirect("relief:statement", statement_id=statement_id)


@signed_in
@require_POST
def payment_retry(request: StaffRequest, case_id: UUID) -> HttpResponseBase:
    """Queue a failed payment once more."""
    try:
        payment.payment_retry(case_id=case_id, actor=request.actor, at=now())
    except UnableTo as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("The payment waits for the next batch."))
    return redirect("relief:case", case_id=case_id)


@signed_in
def receipt(request: StaffRequest, receipt_id: UUID) -> HttpResponseBase:
    """The receipt as a PDF to be signed."""
    name, content = receipts.receipt_print(
        receipt_id=receipt_id, actor=request.actor, at=now(), address=settings.BOAI_PUBLIC_URL
    )
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = content_disposition_header(False, name) or "inline"
    response["Cache-Control"] = "private, no-store"
    return response
