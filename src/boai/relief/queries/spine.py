"""The spine of a case: which step is done, by whom and when; who has it now, by when; what comes next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from boai.kernel.clock import local_date
from boai.relief.enums import Action, State, Track
from boai.relief.models import Case, Step

A, S = Action, State


@dataclass(frozen=True)
class Phase:
    """A step as people name it: the states in which it is waited for, the actions that end it."""

    key: str
    label: str | Promise
    states: frozenset[str]
    done: frozenset[str]


def _phase(key: str, label: str | Promise, states: Iterable[str], done: Iterable[str]) -> Phase:
    return Phase(key, label, frozenset(states), frozenset(done))


_APPLY = _phase("apply", _("Application"), (), (A.SUBMIT,))
_ACCEPT = _phase("accept", _("Acceptance"), (S.APPLIED, S.RETURNED), (A.ACCEPT, A.ACCEPT_URGENT))
_PAY = _phase("pay", _("Payment"), (S.PAYING,), (A.PAY, A.PAY_URGENT))
_VISIT = _phase("visit", _("Follow-up visit"), (S.VISITING,), (A.VISIT,))
_ARCHIVE = _phase("archive", _("Archive"), (S.CLOSING,), (A.ARCHIVE,))

ORDINARY = (
    _APPLY,
    _ACCEPT,
    _phase("verify", _("Verification"), (S.VERIFYING,), (A.VERIFY, A.FIND_UNFIT)),
    _phase("review", _("Review"), (S.REVIEWING,), (A.PASS, A.NOT_PASS)),
    _phase("notice", _("Public notice"), (S.NOTICING, S.PUBLISHING), (A.CLEAR,)),
    _phase("approve", _("Approval"), (S.APPROVING,), (A.APPROVE,)),
    _PAY,
    _VISIT,
    _ARCHIVE,
)

EMERGENCY = (
    _APPLY,
    _ACCEPT,
    _phase("approve", _("Urgent approval"), (S.URGENT, S.APPROVING), (A.APPROVE_URGENT, A.APPROVE)),
    _PAY,
    _phase(
        "verify",
        _("Papers and verification afterwards"),
        (S.COMPLETING, S.RECLAIMING),
        (A.VERIFY, A.FORGIVE, A.RECLAIM),
    ),
    _VISIT,
    _ARCHIVE,
)


@dataclass(frozen=True)
class SpineStep:
    """One step as the component `spine` shows it."""

    key: str
    label: str
    state: str
    who: str = ""
    at: str = ""
    due: str = ""
    late: bool = False
    note: str = ""
    rule: str = ""
    rule_url: str = ""
    url: str = ""


def spine(case: Case, steps: Sequence[Step], *, holders: str, rule: str, on: date) -> list[SpineStep]:
    """The steps of the case's present round. `holders`: who has it now; `rule`: what sets the time."""
    phases = EMERGENCY if case.track == Track.EMERGENCY else ORDINARY
    now = _now(case, steps, phases)
    last = {phase.key: _last(phase, steps) for phase in phases}
    made = []
    for number, phase in enumerate(phases):
        step = last[phase.key]
        if number == now:
            made.append(_present(case, phase, steps, holders=holders, rule=rule, on=on))
        elif number < now:
            state = "done" if step is not None else "skipped"
            made.append(_past(phase, state, step))
        else:
            made.append(SpineStep(phase.key, str(phase.label), "next"))
    return made


def _now(case: Case, steps: Sequence[Step], phases: Sequence[Phase]) -> int:
    """Where the case stands; an ended one stands where it ended, an archived one behind the last step."""
    if case.state == S.ARCHIVED:
        return len(phases)
    state = steps[-1].from_state if case.state in (S.REFUSED, S.WITHDRAWN) and steps else case.state
    return next((n for n, phase in enumerate(phases) if state in phase.states), len(phases))


def _last(phase: Phase, steps: Sequence[Step]) -> Step | None:
    return next((s for s in reversed(steps) if s.action in phase.done), None)


def _past(phase: Phase, state: str, step: Step | None) -> SpineStep:
    if step is None:
        return SpineStep(phase.key, str(phase.label), state)
    return SpineStep(phase.key, str(phase.label), state, who=step.actor_name, at=_day(step.at))


def _present(case: Case, phase: Phase, steps: Sequence[Step], *, holders: str, rule: str, on: date) -> SpineStep:
    if case.state in (S.REFUSED, S.WITHDRAWN):
        last = steps[-1] if steps else None
        return SpineStep(
            phase.key, str(phase.label), "stopped", who=last.actor_name if last else "",
            at=_day(last.at) if last else "", note=str(State(case.state).label),
        )  # fmt: skip
    return SpineStep(
        phase.key, str(phase.label), "now", who=holders, due=case.due_on.isoformat() if case.due_on else "",
        late=bool(case.due_on and case.due_on < on), note=str(State(case.state).label), rule=rule,
    )  # fmt: skip


def _day(at: datetime) -> str:
    return local_date(at).isoformat()
