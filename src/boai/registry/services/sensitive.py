"""Looking at sensitive facts: allowed to few, recorded every time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from boai.audit.services import record
from boai.kernel.clock import local_date
from boai.kernel.errors import BadInput, NotFound
from boai.kernel.policy import require
from boai.people.actor import Actor
from boai.registry import policies
from boai.registry.models import Household, Resident
from boai.registry.purposes import Purpose
from boai.registry.queries.consents import allowed_among
from boai.registry.queries.households import SensitiveFacts, sensitive_facts
from boai.registry.services.looks import look_note

SHORTEST_REASON = 2
LONGEST_REASON = 120


@transaction.atomic
def sensitive_open(*, household_id: UUID, reason: str, actor: Actor, at: datetime) -> SensitiveFacts:
    """Unseal a household's sensitive facts, full numbers and notes for an actor who says why; leaves a mark. Of people
    who have said no to that use, facts, account and note stay sealed.

    Raises NotFound, NotAllowed, BadInput (no reason given).
    """
    household = Household.objects.filter(id=household_id).first()
    if household is None:
        raise NotFound
    require(policies.may_read_sensitive, actor, household)
    reason = reason.strip()
    if not SHORTEST_REASON <= len(reason) <= LONGEST_REASON:
        raise BadInput(fields={"reason": [_("Say briefly why you need to look.")]})

    def open_to(people: Sequence[Resident]) -> set[UUID]:
        return allowed_among(
            resident_ids=[one.id for one in people], purpose=Purpose.SENSITIVE, region_code=household.region_code,
            on=local_date(at),
        )  # fmt: skip

    facts = sensitive_facts(household_id=household_id, open_to=open_to, on=local_date(at))
    record("registry.sensitive.read", household, actor=actor, at=at, reason=reason, facts=len(facts.categories))
    look_note(household=household, reason=reason, actor=actor, at=at)
    return facts
