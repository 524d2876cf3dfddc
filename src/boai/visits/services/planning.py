"""Planning visits: one household or many of a village, two visitors, a day."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from boai.audit.services import record_many
from boai.kernel.clock import local_date
from boai.kernel.errors import BadInput, NotFound, UnableTo
from boai.kernel.policy import require
from boai.people.actor import Actor
from boai.registry.models import Household
from boai.visits import policies
from boai.visits.enums import AGAIN, Purpose, State
from boai.visits.models import Visit
from boai.visits.queries.kin import kin_of
from boai.visits.queries.people import visitors_on
from boai.visits.queries.visits import MOST_HOMES, homes_of, visit_get

AHEAD = timedelta(days=366)  # a typing error in the year, not a plan
SHORTEST_REASON = 2


@dataclass(frozen=True)
class Plan:
    """What is planned: the same for every household that it is for."""

    purpose: str
    day: date
    first_id: UUID
    second_id: UUID | None
    alone_reason: str = ""
    ask: str = ""
    with_phone: bool = False


@transaction.atomic
def visits_plan(*, household_ids: Sequence[UUID], plan: Plan, actor: Actor, at: datetime) -> list[Visit]:
    """Plan a visit to each household, all or none.

    Raises NotFound, NotAllowed, BadInput (the day, the visitors, a visitor related to a household), UnableTo (a
    household is closed, or has the same visit on that day already).
    """
    homes = _homes(household_ids, actor=actor)
    for home in homes:
        require(policies.may_plan, actor, home)
    visitors_check(plan, homes=homes, actor=actor, on=local_date(at))
    _not_twice(homes, plan)
    return _make(homes, plan, actor=actor, at=at)


@transaction.atomic
def visit_again(*, visit_id: UUID, plan: Plan, actor: Actor, at: datetime) -> Visit:
    """Plan a visit once more that met nobody or was called off. Raises as `visits_plan`."""
    visit = visit_get(visit_id=visit_id, actor=actor, lock=True)
    require(policies.may_plan, actor, visit)
    if visit.state not in AGAIN:
        raise UnableTo(_("Only a visit that met nobody or was called off is planned again."))
    if Visit.objects.filter(again_of=visit).exists():
        raise UnableTo(_("This visit has already been planned again."))
    homes = _homes([visit.household_id], actor=actor)
    visitors_check(plan, homes=homes, actor=actor, on=local_date(at))
    _not_twice(homes, plan)
    return _make(homes, replace(plan, purpose=visit.purpose), again_of=visit, actor=actor, at=at)[0]


def visitors_check(plan: Plan, *, homes: Collection[Household], actor: Actor, on: date) -> None:
    """Two different people who reach the place and are not related to the household, on a day to come.

    Raises BadInput with a sentence for each field.
    """
    faults: dict[str, list[str]] = {}
    if plan.purpose not in Purpose.values:
        faults["purpose"] = [_("Choose what the visit is for.")]
    if plan.day < on:
        faults["day"] = [_("The day lies in the past.")]
    elif plan.day > on + AHEAD:
        faults["day"] = [_("The day lies more than a year ahead.")]
    if plan.second_id is None and len(plan.alone_reason.strip()) < SHORTEST_REASON:
        faults["alone_reason"] = [_("Two people visit together. If one goes alone, say why.")]
    if plan.second_id == plan.first_id:
        faults["second"] = [_("The two visitors must be two people.")]
    known = visitors_on(plan.day, actor=actor)
    for field, user_id in (("first", plan.first_id), ("second", plan.second_id)):
        if user_id is None or field in faults:
            continue
        visitor = known.get(user_id)
        if visitor is None or not all(visitor.reaches(home.region_code) for home in homes):
            faults[field] = [_("This person does not make visits there on that day.")]
    faults |= _related(plan, homes, skip=set(faults))
    if faults:
        raise BadInput(fields=faults)


def _related(plan: Plan, homes: Collection[Household], *, skip: set[str]) -> dict[str, list[str]]:
    users = {plan.first_id: "first"} | ({plan.second_id: "second"} if plan.second_id else {})
    kin = kin_of(user_ids=set(users), household_ids={home.id for home in homes})
    heads = homes_of({one.household_id for one in kin})
    found: dict[str, list[str]] = {}
    for one in kin:
        field = users[one.user_id]
        if field in skip:
            continue
        name = heads[one.household_id].head
        sentence = (
            _("Has declared to be related to the household of %(name)s.")
            if one.declared
            else _("The household of %(name)s has a member with the name or telephone of this visitor.")
        )
        found.setdefault(field, []).append(sentence % {"name": name})
    return {field: sorted(set(sentences)) for field, sentences in found.items()}


def _homes(household_ids: Sequence[UUID], *, actor: Actor) -> list[Household]:
    """The households under a lock, in the order of their keys. Raises BadInput (none, too many), NotFound, UnableTo."""
    wanted = set(household_ids)
    if not wanted:
        raise BadInput(fields={"households": [_("Choose at least one household.")]})
    if len(wanted) > MOST_HOMES:
        raise BadInput(fields={"households": [_("At most %(n)s households at once.") % {"n": MOST_HOMES}]})
    reach = Household.objects.filter(id__in=wanted, region_code__range=(actor.scope.lo, actor.scope.hi))
    homes = list(reach.order_by("id").select_for_update())
    if len(homes) != len(wanted):
        raise NotFound
    if any(home.ended_on is not None for home in homes):
        raise UnableTo(_("One of these households has been closed."))
    return homes


def _not_twice(homes: Collection[Household], plan: Plan) -> None:
    there = Visit.objects.filter(
        household__in=homes, day=plan.day, purpose=plan.purpose, state=State.PLANNED
    ).values_list("household_id", flat=True)
    if names := [home.head for home in homes_of(there).values()]:
        raise UnableTo(_("Already planned for that day: %(names)s") % {"names": "、".join(sorted(names))})


def _make(
    homes: Collection[Household], plan: Plan, *, actor: Actor, at: datetime, again_of: Visit | None = None
) -> list[Visit]:
    assert actor.user_id is not None, "policies let only staff plan"
    made = Visit.objects.bulk_create(
        Visit(
            region_code=home.region_code, household=home, purpose=plan.purpose, day=plan.day, first_id=plan.first_id,
            second_id=plan.second_id, alone_reason="" if plan.second_id else plan.alone_reason.strip(),
            ask=plan.ask.strip(), with_phone=plan.with_phone, again_of=again_of, planned_by_id=actor.user_id,
            planned_at=at, changed_at=at,
        )
        for home in homes
    )  # fmt: skip
    facts = {"day": plan.day.isoformat(), "purpose": str(Purpose(plan.purpose).label)}
    record_many("visits.visit.planned", [(visit, facts) for visit in made], actor=actor, at=at)
    return made
