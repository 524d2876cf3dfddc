"""Funds, budgets, programmes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from boai.kernel.clock import local_date, now
from boai.kernel.errors import BadInput, NotFound, UnableTo
from boai.kernel.policy import require
from boai.ledger import queries as ledger
from boai.people.access import StaffRequest, signed_in
from boai.relief import policies
from boai.relief.errors import AlreadyDone
from boai.relief.forms.payments import AllotForm, BankForm, FundForm, ProgrammeForm, ReceiveForm
from boai.relief.models import Programme
from boai.relief.queries import payments as payment_queries
from boai.relief.services import funds
from boai.relief.views.steps import fill


@signed_in
def fund_list(request: StaffRequest) -> HttpResponseBase:
    """Bank accounts, funds and programmes of the branch with what the books say."""
    require(policies.may_see_funds, request.actor, request.actor.branch_id)
    num = {"align": "num"}
    may_book = bool(policies.may_book(request.actor, request.actor.branch_id))
    does = [{"label": _("Action"), "hidden_label": True}] if may_book else []
    context = {
        "money": payment_queries.branch_money(actor=request.actor),
        "may_book": may_book,
        "bank_columns": [_("Bank account of the branch"), num | {"label": _("In the books")}],
        "fund_columns": [_("Fund"), _("Bound to"), num | {"label": _("Not yet allotted")}, *does],
        "programme_columns": [_("Programme"), _("Kind"), _("Fund"), _("From–to"), num | {"label": _("Money left")},
                              num | {"label": _("Reserved")}, *does],
        "crumbs": [{"label": _("Funds")}],
    }  # fmt: skip
    return render(request, "relief/fund_list.html", context)


@signed_in
def fund(request: StaffRequest, fund_id: UUID) -> HttpResponseBase:
    """A fund: every movement with what was left after it."""
    require(policies.may_see_funds, request.actor, request.actor.branch_id)
    found = payment_queries.funds_of(actor=request.actor).filter(id=fund_id).first()
    if found is None:
        raise NotFound
    statement = ledger.statement(found.account_id)
    kinds = {
        "relief.fund.received": _("Received"),
        "relief.budget.allotted": _("Allotted to a programme"),
    }
    context = {
        "fund": found,
        "statement": statement,
        "entries": [{"entry": e, "kind": kinds.get(e.kind, e.kind)} for e in reversed(statement.entries)],
        "columns": [
            _("Booked on"),
            _("What"),
            {"label": _("Amount moved"), "align": "num"},
            {"label": _("Money left"), "align": "num"},
        ],
        "crumbs": [{"label": _("Funds"), "url": reverse("relief:fund_list")}, {"label": found.name}],
    }
    return render(request, "relief/fund.html", context)


def _booking(
    request: StaffRequest, form: forms.Form, *, title: str, done: str, act: Callable[[dict[str, Any]], Any]
) -> HttpResponseBase:
    """A form that books something, then back to the funds."""
    require(policies.may_book, request.actor, request.actor.branch_id)
    if request.method == "POST" and form.is_valid():
        try:
            act(form.cleaned_data)
        except AlreadyDone as error:
            messages.info(request, error.message)
            return redirect("relief:fund_list")
        except BadInput as error:
            fill(form, error)
        except UnableTo as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, done)
            return redirect("relief:fund_list")
    crumbs = [{"label": _("Funds"), "url": reverse("relief:fund_list")}, {"label": title}]
    context = {"form": form, "title": title, "crumbs": crumbs}
    return render(request, "relief/booking.html", context, status=422 if form.errors else 200)


@signed_in
def bank_new(request: StaffRequest) -> HttpResponseBase:
    """Enter a bank account."""
    return _booking(
        request, BankForm(request.POST or None), title=_("New bank account"), done=_("The bank account is entered."),
        act=lambda c: funds.bank_account_open(name=c["name"], last4=c["last4"], actor=request.actor, at=now()),
    )  # fmt: skip


@signed_in
def fund_new(request: StaffRequest) -> HttpResponseBase:
    """Open a fund."""
    return _booking(
        request, FundForm(request.POST or None), title=_("New fund"), done=_("The fund is open."),
        act=lambda c: funds.fund_open(
            name=c["name"], restriction=c["restriction"], actor=request.actor, at=now()
        ),
    )  # fmt: skip


@signed_in
def fund_receive(request: StaffRequest, fund_id: UUID) -> HttpResponseBase:
    """Book money that has come in."""
    banks = payment_queries.bank_accounts(actor=request.actor)
    form = ReceiveForm(request.POST or None, banks=banks, initial={"occurred_on": local_date(now())})
    return _booking(
        request, form, title=_("Book a receipt of money"), done=_("The money is booked."),
        act=lambda c: funds.fund_receive(
            fund_id=fund_id, bank_account_id=c["bank_account"].id, amount_fen=c["amount"], occurred_on=c["occurred_on"],
            source=c["source"], actor=request.actor, at=now(), key=c["key"],
        ),
    )  # fmt: skip


@signed_in
def programme_new(request: StaffRequest) -> HttpResponseBase:
    """Set up a programme."""
    form = ProgrammeForm(
        request.POST or None,
        funds=payment_queries.funds_of(actor=request.actor),
        initial={"starts_on": local_date(now())},
    )
    return _booking(
        request, form, title=_("New programme"), done=_("The programme is set up. Allot it a budget next."),
        act=lambda c: funds.programme_create(
            name=c["name"], kind=c["kind"], fund_id=c["fund"].id if c["fund"] else None, starts_on=c["starts_on"],
            ends_on=c["ends_on"], note=c["note"], public_name=c["public_name"], actor=request.actor, at=now(),
        ),
    )  # fmt: skip


@signed_in
def budget_allot(request: StaffRequest, programme_id: UUID) -> HttpResponseBase:
    """Move money from the fund into a programme's budget."""
    programme = Programme.objects.filter(id=programme_id).first()
    if programme is None:
        raise NotFound
    return _booking(
        request, AllotForm(request.POST or None), title=_("Budget of {name}").format(name=programme.name),
        done=_("The budget is allotted."),
        act=lambda c: funds.budget_allot(
            programme_id=programme_id, amount_fen=c["amount"], actor=request.actor, at=now(), key=c["key"]
        ),
    )  # fmt: skip
