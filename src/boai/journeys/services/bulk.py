"""The same step for many cases: first a dry run, then each case in a transaction of its own."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from boai.governance import queries as governance_queries
from boai.kernel.errors import BoaiError
from boai.people.actor import Actor
from boai.relief import policies
from boai.relief.enums import Action, Level, State
from boai.relief.models import Case
from boai.relief.services import aftercare, decision


@dataclass(frozen=True)
class Plan:
    """Which cases the step would take, and why it would not take the others."""

    will: tuple[Case, ...]
    wont: tuple[tuple[Case, str], ...]

    @property
    def total_fen(self) -> int:
        """The amounts of the cases that would go, as proposed."""
        return sum(c.proposed_fen or 0 for c in self.will)


@dataclass(frozen=True)
class Report:
    """What became of each case."""

    done: tuple[Case, ...]
    failed: tuple[tuple[Case, str], ...]


def _chosen(case_ids: Collection[UUID]) -> Sequence[Case]:
    return list(Case.objects.filter(id__in=case_ids).select_related("branch", "programme").order_by("due_on", "id"))


def _plan(case_ids: Collection[UUID], why_not: Callable[[Case], str]) -> Plan:
    will: list[Case] = []
    wont: list[tuple[Case, str]] = []
    for case in _chosen(case_ids):
        why = why_not(case)
        if why:
            wont.append((case, why))
        else:
            will.append(case)
    return Plan(tuple(will), tuple(wont))


def archive_plan(*, case_ids: Collection[UUID], actor: Actor) -> Plan:
    """What archiving these cases would do."""

    def why_not(case: Case) -> str:
        if case.state != State.CLOSING:
            return _("does not wait to be archived")
        return policies.may(Action.ARCHIVE)(actor, case).why

    return _plan(case_ids, why_not)


def approve_plan(*, case_ids: Collection[UUID], actor: Actor, at: datetime) -> Plan:
    """What approving these cases at the proposed amounts would do; others are decided one by one."""

    def why_not(case: Case) -> str:
        if case.state != State.APPROVING:
            return _("does not wait for approval")
        if not case.panel_passed or case.notice_id is None:
            return _("was not passed by the panel: decide it on its own page")
        if case.proposed_fen != case.advised_fen:
            return _("proposes another amount than advised: decide it on its own page")
        if case.level == Level.COUNCIL:
            return _("needs the council's resolution: decide it on its own page")
        verdict = policies.may(Action.APPROVE)(actor, case)
        if verdict:
            verdict = policies.may_approve_at(case.level)(actor, case)
        if not verdict:
            return verdict.why
        return " ".join(governance_queries.notice_state(notice_id=case.notice_id, at=at, subject_id=case.id).blockers)

    return _plan(case_ids, why_not)


def cases_archive(*, case_ids: Collection[UUID], actor: Actor, at: datetime) -> Report:
    """Archive what can be archived."""
    plan = archive_plan(case_ids=case_ids, actor=actor)
    return _each(plan, lambda case: aftercare.case_archive(case_id=case.id, version=case.version, actor=actor, at=at))


def cases_approve(*, case_ids: Collection[UUID], note: str, actor: Actor, at: datetime) -> Report:
    """Approve at the proposed amounts what can be approved; the budget may run out on the way."""
    plan = approve_plan(case_ids=case_ids, actor=actor, at=at)
    return _each(
        plan,
        lambda case: decision.case_approve(
            case_id=case.id, amount_fen=case.proposed_fen or 0, note=note, version=case.version, actor=actor, at=at
        ),
    )


def _each(plan: Plan, act: Callable[[Case], Case]) -> Report:
    """One case after the other: what fails says why and holds nobody else up."""
    done: list[Case] = []
    failed = list(plan.wont)
    for case in plan.will:
        try:
            done.append(act(case))
        except BoaiError as error:
            failed.append((case, error.message))
    return Report(tuple(done), tuple(failed))
