"""What reviews, notices and objections do to a case. Called by journeys, which hold the other half of the story.

The case is locked by the caller, and the decision behind the move has been permitted there.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from boai.audit import services as audit
from boai.people.actor import Actor
from boai.relief.enums import TRANSITIONS, Action, State
from boai.relief.models import Case
from boai.relief.services import payment
from boai.relief.services.core import move, rules_for
from boai.relief.services.decision import send_back


def cases_lock(case_ids: Collection[UUID]) -> list[Case]:
    """Several cases under lock, in key order, so that two journeys never wait for each other in a circle."""
    rows = Case.objects.select_for_update(of=("self",)).filter(id__in=case_ids).order_by("id")
    return list(rows.select_related("branch", "programme", "application"))


def case_agenda(case: Case, *, review_id: UUID, meeting: str, actor: Actor, at: datetime) -> Case:
    """The case stands on the agenda of a meeting; its state does not change."""
    case.review_id = review_id
    case.save(update_fields=["review"])
    audit.record("relief.case.on_agenda", case, actor=actor, at=at, code=case.code, meeting=meeting)
    return case


def case_reviewed(case: Case, *, action: str, note: str, actor: Actor, at: datetime) -> Case:
    """The panel has declared: `pass`, `not_pass` or `adjourn`."""
    assert action in (Action.PASS, Action.NOT_PASS, Action.ADJOURN), "what a panel can declare"
    if action != Action.ADJOURN:
        case.panel_passed = action == Action.PASS
    return move(case, action, actor=actor, at=at, rules=rules_for(case, at=at), note=note, by_rule=True)


def case_noticed(case: Case, *, notice_id: UUID, actor: Actor, at: datetime) -> Case:
    """A notice that lists the case has been drafted; its state does not change before it is published."""
    case.notice_id = notice_id
    case.save(update_fields=["notice"])
    audit.record("relief.case.notice_drafted", case, actor=actor, at=at, code=case.code)
    return case


def case_published(case: Case, *, notice_id: UUID, last_day: date, actor: Actor, at: datetime) -> Case:
    """The notice is up (or a correction of it, and the days start anew)."""
    case.notice_id = notice_id
    return move(
        case, Action.PUBLISH, actor=actor, at=at, rules=rules_for(case, at=at), due_on=last_day, by_rule=True,
        facts={"last_day": last_day.isoformat()},
    )  # fmt: skip


def case_notice_extended(case: Case, *, last_day: date) -> Case:
    """The notice runs longer; only the day changes."""
    case.due_on = last_day
    case.save(update_fields=["due_on"])
    return case


def case_cleared(case: Case, *, actor: Actor, at: datetime) -> Case:
    """The days are over and nothing is open: on to the approval."""
    return move(case, Action.CLEAR, actor=actor, at=at, rules=rules_for(case, at=at), by_rule=True)


def case_unlisted(case: Case, *, note: str, actor: Actor, at: datetime) -> Case:
    """The notice was taken down before its time; the case needs a new one."""
    case.notice_id = None
    return move(case, Action.REDRAFT, actor=actor, at=at, rules=rules_for(case, at=at), note=note, by_rule=True)


def case_objected(case: Case, *, action: str, note: str, actor: Actor, at: datetime) -> Case:
    """An objection was upheld: verify again, review again, or not eligible.

    After the approval the money is stopped as long as it is in no batch; once it is paid, it is to be reclaimed. There
    is nothing to do where the case is on its way through that step already, or has ended.
    """
    if case.state == State.PAYING:
        payment.payment_stop(case, actor=actor, at=at)
        case.approved_by_id = case.approved_fen = case.decided_at = None
        case.override_reason = case.resolution = ""
        move(case, Action.RECALL, actor=actor, at=at, rules=rules_for(case, at=at), note=note, by_rule=True)
    if action != Action.VOID and case.state in _ON_THE_WAY[Action(action)]:
        return case
    if (case.state, action) not in TRANSITIONS:
        action = Action.VOID
    if (case.state, action) not in TRANSITIONS:
        return case
    if case.state in _BEFORE_PAYMENT:
        case.notice_id = None
        if action == Action.VOID:
            case.panel_passed, case.notice_clear = False, False
        else:
            return send_back(case, action=action, note=note, actor=actor, at=at, by_rule=True)
    return move(case, action, actor=actor, at=at, rules=rules_for(case, at=at), note=note, by_rule=True)


_AT_THE_DOOR = frozenset({State.APPLIED, State.RETURNED, State.VERIFYING})
_ON_THE_WAY = {Action.RECHECK: _AT_THE_DOOR, Action.REREVIEW: _AT_THE_DOOR | {State.REVIEWING}}
"""States from which the case passes through the step anyway."""

_BEFORE_PAYMENT = frozenset({State.VERIFYING, State.REVIEWING, State.NOTICING, State.PUBLISHING, State.APPROVING})
