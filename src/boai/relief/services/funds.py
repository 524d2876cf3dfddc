"""Funds, budgets and programmes: where the money comes from and what it may be spent on."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from boai.audit import services as audit
from boai.kernel.clock import local_date
from boai.kernel.errors import BadInput, NotFound, UnableTo
from boai.kernel.ids import new_id
from boai.kernel.money import format_fen
from boai.kernel.policy import require
from boai.ledger import money as books
from boai.ledger import queries as ledger
from boai.ledger.errors import NotEnough
from boai.people.actor import Actor
from boai.relief import policies
from boai.relief.enums import ProgrammeKind
from boai.relief.errors import AlreadyDone
from boai.relief.models import BankAccount, Fund, Programme


@transaction.atomic
def bank_account_open(*, name: str, last4: str, actor: Actor, at: datetime) -> BankAccount:
    """Enter a bank account of the branch. Raises UnableTo when it has one by that name."""
    require(policies.may_book, actor, actor.branch_id)
    key = new_id()
    title = f"{name} …{last4}"
    account = books.bank_open(code=str(key), region_code=actor.region_code, at=at, title=title)
    try:
        with transaction.atomic():
            bank = BankAccount.objects.create(
                id=key, region_code=actor.region_code, branch_id=_branch(actor), name=name, last4=last4, account=account
            )
    except IntegrityError:
        raise UnableTo(_("The branch already has a bank account by this name.")) from None
    audit.record("relief.bank_account.opened", bank, actor=actor, at=at, name=name, last4=last4)
    return bank


@transaction.atomic
def fund_open(*, name: str, restriction: str = "", actor: Actor, at: datetime) -> Fund:
    """Open a fund of the branch. Raises UnableTo when it has one by that name."""
    require(policies.may_book, actor, actor.branch_id)
    key = new_id()
    account = books.fund_open(code=str(key), region_code=actor.region_code, at=at, title=name)
    try:
        with transaction.atomic():
            fund = Fund.objects.create(
                id=key, region_code=actor.region_code, branch_id=_branch(actor), name=name, restriction=restriction,
                account=account,
            )  # fmt: skip
    except IntegrityError:
        raise UnableTo(_("The branch already has a fund by this name.")) from None
    audit.record("relief.fund.opened", fund, actor=actor, at=at, name=name, restriction=restriction)
    return fund


@transaction.atomic
def fund_receive(
    *, fund_id: UUID, bank_account_id: UUID, amount_fen: int, occurred_on: date, source: str, actor: Actor,
    at: datetime, key: UUID | None = None,
) -> Fund:  # fmt: skip
    """Money has come into the bank for a fund. `source` says from whom; `key` makes a second click harmless."""
    fund, bank = _fund(fund_id), _bank(bank_account_id)
    require(policies.may_book, actor, fund.branch_id)
    if amount_fen <= 0:
        raise BadInput(fields={"amount": [_("Enter an amount above zero.")]})
    if occurred_on > local_date(at):
        raise BadInput(fields={"occurred_on": [_("The day can't lie in the future.")]})
    if not source.strip():
        raise BadInput(fields={"source": [_("Say where the money comes from.")]})
    if key is not None and ledger.document_for(key) is not None:
        raise AlreadyDone(_("This is already booked; nothing was booked twice."))
    books.money_receive(
        key=key or new_id(), bank_id=bank.account_id, fund_id=fund.account_id, amount_fen=amount_fen,
        occurred_on=occurred_on, actor=actor, at=at, kind="relief.fund.received",
    )  # fmt: skip
    audit.record("relief.fund.received", fund, actor=actor, at=at, amount_fen=amount_fen, source=source.strip())
    return fund


@transaction.atomic
def programme_create(
    *, name: str, kind: str, fund_id: UUID | None, starts_on: date, ends_on: date | None, note: str = "",
    public_name: str = "", actor: Actor, at: datetime,
) -> Programme:  # fmt: skip
    """Set up a programme of the branch, with an empty budget of its own."""
    if kind not in ProgrammeKind.values:
        raise BadInput(fields={"kind": [_("Choose a kind from the list.")]})
    if ends_on is not None and ends_on < starts_on:
        raise BadInput(fields={"ends_on": [_("The end lies before the beginning.")]})
    programme = Programme(
        region_code=actor.region_code, branch_id=_branch(actor), kind=kind, name=name, note=note, starts_on=starts_on,
        ends_on=ends_on, fund_id=fund_id, public_name=public_name or _default_public_name(kind),
    )  # fmt: skip
    require(policies.may_edit_programme, actor, programme)
    programme.budget = books.fund_open(
        code=f"budget:{programme.id}", region_code=actor.region_code, at=at, title=_("Budget: {name}").format(name=name)
    )
    try:
        with transaction.atomic():
            programme.save(force_insert=True)
    except IntegrityError:
        raise UnableTo(_("The branch already has a programme by this name.")) from None
    audit.record("relief.programme.created", programme, actor=actor, at=at, name=name, kind=kind)
    return programme


def _default_public_name(kind: str) -> str:
    """On a public notice a programme for the ill bears a name that does not say so (PIPL Art.28)."""
    return _("Humanitarian relief") if kind == ProgrammeKind.ILLNESS else ""


@transaction.atomic
def budget_allot(
    *, programme_id: UUID, amount_fen: int, actor: Actor, at: datetime, key: UUID | None = None
) -> Programme:
    """Move money from the programme's fund into its budget. Raises UnableTo when the fund has less."""
    programme = Programme.objects.select_for_update(of=("self",)).select_related("fund").filter(id=programme_id).first()
    if programme is None:
        raise NotFound
    require(policies.may_book, actor, programme.branch_id)
    if programme.fund is None or programme.budget_id is None:
        raise UnableTo(_("The programme has no fund yet."))
    if amount_fen <= 0:
        raise BadInput(fields={"amount": [_("Enter an amount above zero.")]})
    if key is not None and ledger.document_for(key) is not None:
        raise AlreadyDone(_("This is already booked; nothing was booked twice."))
    try:
        books.money_allocate(
            key=key or new_id(), from_id=programme.fund.account_id, to_id=programme.budget_id, amount_fen=amount_fen,
            occurred_on=local_date(at), actor=actor, at=at, kind="relief.budget.allotted",
        )  # fmt: skip
    except NotEnough:
        left = format_fen(ledger.balance(programme.fund.account_id).available)
        raise UnableTo(_("The fund “{fund}” has {left} left.").format(fund=programme.fund.name, left=left)) from None
    audit.record(
        "relief.budget.allotted", programme, actor=actor, at=at, amount_fen=amount_fen, fund=programme.fund.name
    )
    return programme


def _branch(actor: Actor) -> UUID:
    if actor.branch_id is None:
        raise NotFound
    return actor.branch_id


def _fund(fund_id: UUID) -> Fund:
    fund = Fund.objects.filter(id=fund_id).first()
    if fund is None:
        raise NotFound
    return fund


def _bank(bank_account_id: UUID) -> BankAccount:
    bank = BankAccount.objects.filter(id=bank_account_id).first()
    if bank is None:
        raise NotFound
    return bank
