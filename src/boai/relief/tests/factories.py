"""A county ready to give relief: funds, a programme with a budget, a household, and the people who act."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from django.db import transaction

from boai.people.actor import Actor
from boai.people.models import Branch
from boai.registry.enums import BirthPrecision, NumberKind, Relation
from boai.registry.models import Household, Resident
from boai.relief.enums import ApplicantKind, Cause, Channel, Dwelling, Severity, VisitMethod
from boai.relief.models import BankAccount, Case, Fund, Programme
from boai.relief.services import acceptance, application, funds, verification
from boai.relief.services.application import Applied, person_blind
from boai.relief.services.verification import Sheet

VILLAGE = "621121102207"
OTHER_VILLAGE = "621121104200"
NUMBER = "110105194912310021"
YUAN = 100


@dataclass
class County:
    """Everybody and everything that a case needs; people are made when they are first asked for."""

    branch: Branch
    make: Callable[..., Actor]
    at: datetime
    people: dict[str, Actor] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Actor:
        role = name.rstrip("0123456789")
        if role not in ("officer", "verifier", "deputy", "secretary", "accountant", "cashier", "supervisor", "cadre",
                        "reviewer", "auditor", "admin"):  # fmt: skip
            raise AttributeError(name)
        if name not in self.people:
            self.people[name] = self.make(role, name=f"{role}{len(self.people)}")
        return self.people[name]

    def bank(self) -> BankAccount:
        """The branch's bank account."""
        found = BankAccount.objects.filter(branch=self.branch).first()
        return found or funds.bank_account_open(name="农行基本户", last4="8888", actor=self.accountant, at=self.at)

    def fund(self, fen: int = 1_000_000 * YUAN) -> Fund:
        """A fund with money in it."""
        fund = Fund.objects.filter(branch=self.branch).first()
        if fund is None:
            fund = funds.fund_open(name="人道救助金", restriction="", actor=self.accountant, at=self.at)
            funds.fund_receive(
                fund_id=fund.id, bank_account_id=self.bank().id, amount_fen=fen, occurred_on=date(2026, 1, 5),
                source="年度拨款", actor=self.accountant, at=self.at,
            )  # fmt: skip
        return fund

    def programme(self, kind: str = "hardship", budget_fen: int = 100_000 * YUAN, name: str = "") -> Programme:
        """An open programme with a budget."""
        found = Programme.objects.filter(branch=self.branch, kind=kind, name=name or f"{kind}项目").first()
        if found is not None:
            return found
        programme = funds.programme_create(
            name=name or f"{kind}项目", kind=kind, fund_id=self.fund().id, starts_on=date(2026, 1, 1), ends_on=None,
            actor=self.accountant, at=self.at,
        )  # fmt: skip
        if budget_fen:
            funds.budget_allot(programme_id=programme.id, amount_fen=budget_fen, actor=self.accountant, at=self.at)
        return programme

    # --- a case, step by step --------------------------------------------------------------------------------------

    def submit(self, *, kind: str = "hardship", household: Household | None = None, **changes: Any) -> Case:
        """An application at the desk, complete."""
        programme = self.programme(kind)
        home = household or make_household(at=self.at)
        head = home.residents.get()
        data = applied(programme, household_id=home.id, resident_id=head.id, **changes)
        return application.case_submit(
            data=data, channel=Channel.DESK, actor=self.officer, at=self.at, papers=ALL_PAPERS
        )

    def accepted(self, **changes: Any) -> Case:
        """An accepted case."""
        case = self.submit(**changes)
        return acceptance.case_accept(
            case_id=case.id, received=(), exception="情况属实", actor=self.officer2, at=self.at
        )

    def verified(self, *, fit: bool = True, proposed_fen: int | None = None, **changes: Any) -> Case:
        """A case that two visitors have verified."""
        case = self.accepted(**changes)
        advice = verification.advise(sheet(), kind=case.programme.kind, rules=rules_of(case, self.at))
        amount = proposed_fen or advice.amount_fen
        return verification.case_verify(
            case_id=case.id,
            sheet=sheet(
                fit=fit, proposed_fen=amount if fit else None, second_id=self.verifier2.user_id,
                override_reason="" if fit and amount == advice.amount_fen else "情况特殊",
            ),
            actor=self.verifier, at=self.at,
        )  # fmt: skip


ALL_PAPERS = (
    "form",
    "id_card",
    "household_book",
    "income",
    "account",
    "diagnosis",
    "bills",
    "insurance",
    "school",
    "disaster",
)


def rules_of(case: Case, at: datetime) -> Any:
    """The rulebook for a case."""
    from boai.relief.services.core import rules_for

    return rules_for(case, at=at)


def applied(programme: Programme, **changes: Any) -> Applied:
    """An application with everything that is needed."""
    values: dict[str, Any] = {
        "programme_id": programme.id, "region_code": VILLAGE, "applicant_kind": ApplicantKind.SELF,
        "beneficiary_name": "魏建国", "cause": Cause.HARDSHIP, "story": "家中缺少劳力", "requested_fen": 1_000 * YUAN,
        "phone": "13800138001", "id_number": NUMBER, "born_on": date(1949, 12, 31), "account": "6228480402564890018",
        "bank": "农业银行通渭支行", "consent_keep": True, "consent_sensitive": True, "consent_publish": True,
        "consent_compare": True,
    }  # fmt: skip
    return Applied(**(values | changes))


def sheet(**changes: Any) -> Sheet:
    """A visit sheet."""
    values: dict[str, Any] = {
        "visited_on": date(2026, 11, 23), "method": VisitMethod.HOME, "second_id": None, "second_name": "",
        "second_office": "", "members": 4, "dependants": 2, "income_fen": 400 * YUAN, "cost_total_fen": 20_000 * YUAN,
        "cost_own_fen": 10_000 * YUAN, "disability_grade": 2, "dwelling": Dwelling.POOR, "severity": Severity.SEVERE,
        "prior_help_fen": 0, "findings": "土坯房三间,老人常年服药。", "neighbours": "邻里反映属实。", "fit": True,
        "proposed_fen": 1_000 * YUAN,
    }  # fmt: skip
    return Sheet(**(values | changes))


@transaction.atomic
def make_household(
    *, at: datetime, region_code: str = VILLAGE, name: str = "魏建国", number: str = NUMBER
) -> Household:
    """A household of one in the register."""
    home = Household.objects.create(region_code=region_code, address="二组18号", created_at=at, changed_at=at)
    Resident.objects.create(
        household=home, region_code=region_code, name=name, relation=Relation.HEAD, born_on=date(1949, 12, 31),
        born_precision=BirthPrecision.DAY, number_kind=NumberKind.RESIDENT, number=number, number_tail=number[-4:],
        number_blind=person_blind(number), created_at=at, changed_at=at,
    )  # fmt: skip
    return home


def fake_number() -> str:
    """Another valid ID number of an invented person."""
    from boai.kernel.text.identity import check_character

    first = f"110105{1950 + uuid4().int % 40}0{1 + uuid4().int % 9}1{uuid4().int % 10}{uuid4().int % 1000:03d}"
    return first + check_character(first)
