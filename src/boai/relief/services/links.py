"""Tying a case to its household in the register."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from boai.audit import services as audit
from boai.kernel.errors import NotFound, UnableTo
from boai.kernel.policy import require
from boai.people.actor import Actor
from boai.registry.models import Household, Resident
from boai.relief import policies
from boai.relief.enums import State
from boai.relief.models import Case
from boai.relief.services.core import case_lock

OPEN = (State.APPLIED, State.RETURNED, State.VERIFYING, State.URGENT, State.COMPLETING, State.PAYING)


@transaction.atomic
def case_link(*, case_id: UUID, household_id: UUID, actor: Actor, at: datetime) -> Case:
    """Tie a case to a household before it is verified, and to the person in it who bears the name.

    Raises UnableTo afterwards, NotFound for a household outside the division.
    """
    case = case_lock(case_id)
    require(policies.may_link, actor, case)
    if case.state not in OPEN:
        raise UnableTo(_("The case has been verified; its household is frozen with it."))
    household = Household.objects.filter(id=household_id, ended_on=None).first()
    if household is None:
        raise NotFound
    namesakes = Resident.objects.filter(household=household, name=case.beneficiary_name, ended_on=None)[:2]
    resident = namesakes[0] if len(namesakes) == 1 else None
    case.household_id, case.resident_id = household.id, resident.id if resident else None
    case.save(update_fields=["household", "resident"])
    audit.record("relief.case.linked", case, actor=actor, at=at, code=case.code, household=household.code)
    return case
