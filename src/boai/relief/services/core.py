"""The one place where a case changes its state: lock, page version, permission, table, row, history, audit entry."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from boai.audit import services as audit
from boai.governance import services as governance
from boai.kernel.clock import local_date
from boai.kernel.errors import BadInput, NotFound
from boai.kernel.policy import require
from boai.kernel.transition import transition
from boai.people.actor import Actor
from boai.people.roles import Duty
from boai.relief import policies
from boai.relief.enums import REASON_NEEDED, TRANSITIONS, WAITS_FOR, Action, Level, State
from boai.relief.errors import AlreadyDone, MovedOn
from boai.relief.models import Case, Step
from boai.relief.rules import Rules, due

UNSET: Any = object()

DONE: dict[str, str] = {
    Action.SUBMIT: "submitted",
    Action.ACCEPT: "accepted",
    Action.ACCEPT_URGENT: "accepted_urgent",
    Action.RETURN: "returned",
    Action.DECLINE: "declined",
    Action.SUPPLY: "supplied",
    Action.LAPSE: "lapsed",
    Action.VERIFY: "verified",
    Action.PASS: "review_passed",
    Action.NOT_PASS: "review_not_passed",
    Action.ADJOURN: "review_adjourned",
    Action.PUBLISH: "notice_published",
    Action.REDRAFT: "notice_taken_down",
    Action.CLEAR: "notice_cleared",
    Action.RECHECK: "sent_to_verification",
    Action.REREVIEW: "sent_to_review",
    Action.VOID: "objection_upheld",
    Action.APPROVE: "approved",
    Action.APPROVE_URGENT: "approved_urgent",
    Action.TO_ORDINARY: "made_ordinary",
    Action.REFUSE: "refused",
    Action.RECALL: "approval_recalled",
    Action.PAY: "paid",
    Action.PAY_URGENT: "paid_urgent",
    Action.FIND_UNFIT: "found_unfit",
    Action.RECLAIM: "reclaimed",
    Action.FORGIVE: "forgiven",
    Action.VISIT: "visited",
    Action.ARCHIVE: "archived",
    Action.WITHDRAW: "withdrawn",
    Action.REOPEN: "reopened",
}
"""The last word of each action's audit type, `relief.case.<word>`."""


def case_lock(case_id: UUID) -> Case:
    """The case under a row lock until the transaction ends. Raises NotFound (also outside the division)."""
    case = Case.objects.select_for_update(of=("self",)).select_related("branch", "programme").filter(id=case_id).first()
    if case is None:
        raise NotFound
    return case


def version_check(case: Case, *, version: int | None, action: str, actor: Actor) -> None:
    """Refuse a page that is no longer the present one. Raises AlreadyDone for a second click, MovedOn otherwise."""
    if version is None or version == case.version:
        return
    last = Step.objects.filter(case=case, version=version + 1).first()
    if last is not None and last.action == action and last.actor_id == actor.user_id:
        raise AlreadyDone(_("This is already done; nothing was done twice."))
    raise MovedOn(
        _("Somebody has moved this case on since you opened the page. See where it stands now; your text is kept.")
    )


def reason(text: str, *, field: str = "note") -> str:
    """A written reason, trimmed. Raises BadInput when there is none."""
    text = text.strip()
    if len(text) < 2:
        raise BadInput(fields={field: [_("Write down the reason: it becomes part of the file.")]})
    return text


def rules_for(case: Case, *, at: datetime) -> Rules:
    """The rulebook for the case's village today."""
    return Rules(region_code=case.region_code, on=local_date(at))


def waits_for(case: Case, state: str) -> str:
    """The duty that has to act next; approvals above the lead's limit wait for the secretary."""
    high = state in (State.APPROVING, State.URGENT) and case.level not in ("", Level.LEAD)
    return Duty.CASE_APPROVE_HIGH if high else WAITS_FOR.get(state, "")


def notice_leave(case: Case, *, note: str, actor: Actor, at: datetime) -> None:
    """A case that goes back or ends leaves the notice it is on: of a public one its line keeps the case code only, a
    draft loses the line."""
    if case.notice_id is not None and case.state in (State.NOTICING, State.APPROVING, State.PUBLISHING):
        governance.entry_retract(
            notice_id=case.notice_id, subject_id=case.id, actor=actor, reason=reason(note), at=at
        )  # fmt: skip
        case.notice_id = None


def move(
    case: Case,
    action: str,
    *,
    actor: Actor,
    at: datetime,
    rules: Rules,
    note: str = "",
    facts: dict[str, Any] | None = None,
    due_on: date | None = UNSET,
    by_rule: bool = False,
) -> Case:
    """Take one row of TRANSITIONS: permit, move, save the whole case, write its history and its audit entry.

    The caller holds the row lock and has set whatever else changes on `case`. `by_rule` marks a move that follows from
    a decision already permitted elsewhere (a declared review, a decided objection, the bank's answer).
    """
    if not by_rule:
        require(policies.may(action), actor, case)
    before = case.state
    case.state = transition(TRANSITIONS, before, action)
    if action in REASON_NEEDED:
        note = reason(note)
    case.version += 1
    case.since = at
    case.waits_for = waits_for(case, case.state)
    case.due_on = due(rules, state=case.state, start=local_date(at)) if due_on is UNSET else due_on
    case.rules = {**case.rules, **rules.versions}
    case.save(force_insert=not before)
    Step.objects.create(
        case=case, region_code=case.region_code, version=case.version, round=case.round, action=action,
        from_state=before, to_state=case.state, actor_id=actor.user_id, actor_name=actor.name, actor_role=actor.role,
        at=at, due_on=case.due_on, note=note, rules=rules.versions, facts=facts or {},
    )  # fmt: skip
    audit.record(
        f"relief.case.{DONE[action]}", case, actor=actor, at=at,
        code=case.code, state=case.state, version=case.version, note=note, rules=rules.versions, **(facts or {}),
    )  # fmt: skip
    return case
