"""审核批复: approve within the ladder, the band and the budget; refuse in writing; send back; take back."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from boai.governance import services as governance
from boai.kernel.errors import BadInput, UnableTo
from boai.kernel.money import format_fen
from boai.kernel.policy import require
from boai.kernel.transition import transition
from boai.people.actor import Actor
from boai.relief import policies
from boai.relief import rules as rulebook
from boai.relief.enums import TRANSITIONS, Action, Level, State
from boai.relief.models import Case
from boai.relief.rules import Rules
from boai.relief.services import payment
from boai.relief.services.core import case_lock, move, notice_leave, reason, rules_for, version_check


@transaction.atomic
def case_approve(
    *, case_id: UUID, amount_fen: int, override_reason: str = "", resolution: str = "", note: str = "", actor: Actor,
    at: datetime, version: int | None = None,
) -> Case:  # fmt: skip
    """Approve a case that the panel passed and whose notice has run out without an open objection.

    Reserves the amount in the programme's budget and queues the payment. Raises UnableTo (no passed review, an
    objection is open, the budget is spent), BadInput (another amount than advised without a reason) and NotAllowed.
    """
    case = case_lock(case_id)
    version_check(case, version=version, action=Action.APPROVE, actor=actor)
    rules = rules_for(case, at=at)
    level = _may_decide(case, Action.APPROVE, amount_fen=amount_fen, resolution=resolution, rules=rules, actor=actor)
    if not case.panel_passed:
        raise UnableTo(_("The review has not passed this case, so it can only be refused or sent back."))
    if case.notice_id is None:
        raise UnableTo(_("There is no public notice for this case."))
    _amount_check(case, amount_fen=amount_fen, override_reason=override_reason, rules=rules)
    if case.state == State.APPROVING:
        governance.notice_lock_clear(notice_id=case.notice_id, subject_id=case.id, actor=actor, at=at)
    case.notice_clear = True
    return _grant(
        case, Action.APPROVE, amount_fen=amount_fen, level=level, override_reason=override_reason,
        resolution=resolution, note=note, rules=rules, actor=actor, at=at,
    )  # fmt: skip


@transaction.atomic
def case_approve_urgent(
    *, case_id: UUID, amount_fen: int, resolution: str = "", note: str = "", actor: Actor, at: datetime,
    version: int | None = None,
) -> Case:  # fmt: skip
    """Approve an emergency before verification, within the cap of the emergency track (社会救助暂行办法 Art.48)."""
    case = case_lock(case_id)
    version_check(case, version=version, action=Action.APPROVE_URGENT, actor=actor)
    rules = rules_for(case, at=at)
    level = _may_decide(
        case, Action.APPROVE_URGENT, amount_fen=amount_fen, resolution=resolution, rules=rules, actor=actor
    )
    cap = rulebook.emergency(rules).most_fen
    if amount_fen > cap:
        raise BadInput(
            fields={"amount_fen": [_("In an emergency at most {cap} can be paid ahead.").format(cap=format_fen(cap))]}
        )
    return _grant(
        case, Action.APPROVE_URGENT, amount_fen=amount_fen, level=level, override_reason="", resolution=resolution,
        note=note, rules=rules, actor=actor, at=at,
    )  # fmt: skip


@transaction.atomic
def case_refuse(*, case_id: UUID, note: str, actor: Actor, at: datetime, version: int | None = None) -> Case:
    """不予批准, with the reason that the applicant is told in writing."""
    case = case_lock(case_id)
    version_check(case, version=version, action=Action.REFUSE, actor=actor)
    require(policies.may(Action.REFUSE), actor, case)
    require(policies.may_approve_at(case.level or Level.LEAD), actor, case)
    reason(note)
    notice_leave(case, note=note, actor=actor, at=at)
    case.decided_at = at
    return move(case, Action.REFUSE, actor=actor, at=at, rules=rules_for(case, at=at), note=note)


@transaction.atomic
def case_send_back(
    *, case_id: UUID, action: str, note: str, actor: Actor, at: datetime, version: int | None = None
) -> Case:
    """Back to verification (`recheck`), to the panel (`rereview`) or to the ordinary steps (`to_ordinary`)."""
    if action not in (Action.RECHECK, Action.REREVIEW, Action.TO_ORDINARY):
        raise UnableTo(_("This is not possible."))
    case = case_lock(case_id)
    version_check(case, version=version, action=action, actor=actor)
    require(policies.may(action), actor, case)
    reason(note)
    notice_leave(case, note=note, actor=actor, at=at)
    return send_back(case, action=action, note=note, actor=actor, at=at)


def send_back(case: Case, *, action: str, note: str, actor: Actor, at: datetime, by_rule: bool = False) -> Case:
    """As `case_send_back`, on a locked case whose notice has been settled."""
    case.panel_passed, case.notice_clear = None, False
    if action == Action.RECHECK:
        case.verified_by_id = case.verified_with_id = None
        # A panel that is just now voting votes on what was found before: its outcome no longer decides about this case.
        case.review_id = None
    if action == Action.TO_ORDINARY:
        case.track = "ordinary"
    return move(
        case, action, actor=actor, at=at, rules=rules_for(case, at=at), note=note, by_rule=by_rule
    )  # fmt: skip


@transaction.atomic
def case_recall(*, case_id: UUID, note: str, actor: Actor, at: datetime, version: int | None = None) -> Case:
    """Take an approval back as long as its payment is in no batch; the reserved money returns to the budget."""
    case = case_lock(case_id)
    version_check(case, version=version, action=Action.RECALL, actor=actor)
    require(policies.may(Action.RECALL), actor, case)
    transition(TRANSITIONS, case.state, Action.RECALL)  # before any money moves
    reason(note)
    payment.payment_stop(case, actor=actor, at=at)
    case.approved_by_id = case.approved_fen = case.decided_at = None
    case.override_reason = case.resolution = ""
    return move(case, Action.RECALL, actor=actor, at=at, rules=rules_for(case, at=at), note=note, by_rule=True)


def _may_decide(case: Case, action: str, *, amount_fen: int, resolution: str, rules: Rules, actor: Actor) -> str:
    """The level of the amount, after the permission for it. The council's resolution is named where it decides."""
    require(policies.may(action), actor, case)
    if amount_fen <= 0:
        raise BadInput(fields={"amount_fen": [_("Enter an amount above zero.")]})
    level = rulebook.level_for(rules, amount_fen=amount_fen)
    require(policies.may_approve_at(level), actor, case)
    if level == Level.COUNCIL and not resolution.strip():
        raise BadInput(
            fields={"resolution": [_("An amount of this size needs the council's resolution: enter its number.")]}
        )
    return level


def _amount_check(case: Case, *, amount_fen: int, override_reason: str, rules: Rules) -> None:
    if case.advised_fen is not None and amount_fen != case.advised_fen and not override_reason.strip():
        raise BadInput(
            fields={"override_reason": [
                _("The score advises {advised}. Say why you approve another amount.").format(
                    advised=format_fen(case.advised_fen)
                )
            ]}
        )  # fmt: skip
    most = max(band.most_fen for band in rulebook.bands(rules, kind=case.programme.kind))
    if amount_fen > most:
        raise BadInput(fields={"amount_fen": [_("The programme gives {most} at most.").format(most=format_fen(most))]})


def _grant(
    case: Case, action: str, *, amount_fen: int, level: str, override_reason: str, resolution: str, note: str,
    rules: Rules, actor: Actor, at: datetime,
) -> Case:  # fmt: skip
    case.approved_by_id, case.approved_fen, case.decided_at = actor.user_id, amount_fen, at
    case.level, case.override_reason, case.resolution = level, override_reason.strip(), resolution.strip()
    facts = {"amount_fen": amount_fen, "level": level, "resolution": resolution.strip()}
    text = "\n".join(part for part in (note.strip(), override_reason.strip()) if part)
    move(case, action, actor=actor, at=at, rules=rules, note=text, facts=facts)
    payment.payment_order(case, actor=actor, at=at)
    return case
