"""回访与归档: how the help has worked, money that has to come back, and the end of the file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from boai.kernel.clock import local_date
from boai.kernel.errors import BadInput, UnableTo
from boai.kernel.policy import require
from boai.people.actor import Actor
from boai.relief import policies
from boai.relief.enums import Action, Level
from boai.relief.models import Case, Payment, ReturnVisit
from boai.relief.services import money
from boai.relief.services.core import case_lock, move, reason, rules_for, version_check


@dataclass(frozen=True)
class Answer:
    """What the household says of the help. `received_fen` is what reached it by its own words."""

    visited_on: date
    method: str
    received_fen: int
    satisfaction: int
    effect: str
    words: str


@transaction.atomic
def case_visit(*, case_id: UUID, answer: Answer, actor: Actor, at: datetime, version: int | None = None) -> Case:
    """Record the return visit. A different amount than was paid needs a word about it in `answer.words`."""
    case = case_lock(case_id)
    version_check(case, version=version, action=Action.VISIT, actor=actor)
    require(policies.may(Action.VISIT), actor, case)
    assert actor.user_id is not None, "policies let only staff visit"
    paid = paid_fen(case)
    if answer.visited_on > local_date(at):
        raise BadInput(fields={"visited_on": [_("The visit can't lie in the future.")]})
    if answer.received_fen != paid and not answer.words.strip():
        raise BadInput(
            fields={"words": [_("The household names another amount than was paid. Write down what it says.")]}
        )
    ReturnVisit.objects.create(
        case=case, region_code=case.region_code, visited_on=answer.visited_on, method=answer.method,
        visitor_id=actor.user_id, received_fen=answer.received_fen, satisfaction=answer.satisfaction,
        effect=answer.effect, words=answer.words, at=at,
    )  # fmt: skip
    facts = {
        "satisfaction": answer.satisfaction, "effect": answer.effect, "paid_fen": paid,
        "received_fen": answer.received_fen,
    }  # fmt: skip
    return move(case, Action.VISIT, actor=actor, at=at, rules=rules_for(case, at=at), facts=facts)


def paid_fen(case: Case) -> int:
    """What has reached the account, over-payment included."""
    return sum(p.paid_fen + p.over_fen for p in Payment.objects.filter(case=case, round=case.round))


@transaction.atomic
def case_archive(*, case_id: UUID, note: str = "", actor: Actor, at: datetime, version: int | None = None) -> Case:
    """Close the file. Raises UnableTo while a payment is under way."""
    case = case_lock(case_id)
    version_check(case, version=version, action=Action.ARCHIVE, actor=actor)
    if Payment.objects.filter(case=case, state__in=("queued", "batched", "sent")).exists():
        raise UnableTo(_("A payment of this case is still under way."))
    return move(case, Action.ARCHIVE, actor=actor, at=at, rules=rules_for(case, at=at), note=note.strip())


@transaction.atomic
def case_reclaim(
    *, case_id: UUID, amount_fen: int, bank_account_id: UUID, note: str, actor: Actor, at: datetime,
    version: int | None = None,
) -> Case:  # fmt: skip
    """Money paid ahead to somebody who did not meet the conditions has come back to the bank (慈善法 Art.60)."""
    case = case_lock(case_id)
    version_check(case, version=version, action=Action.RECLAIM, actor=actor)
    require(policies.may(Action.RECLAIM), actor, case)
    paid = paid_fen(case)
    if not 0 < amount_fen <= paid:
        raise BadInput(fields={"amount_fen": [_("Enter what came back: above zero, at most what was paid.")]})
    if amount_fen < paid:
        reason(note)
    money.reclaim_post(case, bank_id=bank_account_id, amount_fen=amount_fen, actor=actor, at=at)
    facts = {"amount_fen": amount_fen, "paid_fen": paid}
    return move(
        case, Action.RECLAIM, actor=actor, at=at, rules=rules_for(case, at=at), note=note.strip(), facts=facts
    )  # fmt: skip


@transaction.atomic
def case_forgive(*, case_id: UUID, note: str, actor: Actor, at: datetime, version: int | None = None) -> Case:
    """Do not reclaim, with the reason; decided by who could have approved the amount."""
    case = case_lock(case_id)
    version_check(case, version=version, action=Action.FORGIVE, actor=actor)
    require(policies.may_approve_at(case.level or Level.LEAD), actor, case)
    return move(case, Action.FORGIVE, actor=actor, at=at, rules=rules_for(case, at=at), note=note)
