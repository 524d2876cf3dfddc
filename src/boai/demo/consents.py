"""What the people of the demo have said about the uses of their data: most agree, some do not, one takes it back."""

from __future__ import annotations

from datetime import datetime

from boai.kernel.clock import local_date
from boai.people.actor import Actor
from boai.registry.models import Resident
from boai.registry.purposes import VERSIONS, Answer, Giver, Purpose, Way
from boai.registry.services import consent_record, consent_withdraw
from boai.registry.services.consents import Said

EVERY = 3  # every third household has been asked so far
ASKED = (Purpose.SENSITIVE, Purpose.PUBLISH, Purpose.SHARE)


def consents_ask(*, actor: Actor, at: datetime) -> int:
    """Ask the heads of some households; how many were asked."""
    heads = list(Resident.objects.filter(relation="head", ended_on=None).order_by("region_code", "id")[::EVERY])
    for number, head in enumerate(heads):
        for purpose in ASKED:
            agrees = purpose != Purpose.SHARE or number % 4 != 1
            consent_record(
                resident_id=head.id, purpose=purpose, answer=Answer.GIVEN if agrees else Answer.REFUSED,
                said=_said(purpose, at), actor=actor, at=at,
            )  # fmt: skip
    if heads:
        consent_withdraw(
            resident_id=heads[0].id, purpose=Purpose.SHARE, said=_said(Purpose.SHARE, at), actor=actor, at=at
        )
    return len(heads)


def _said(purpose: Purpose, at: datetime) -> Said:
    return Said(VERSIONS[purpose], Giver.PERSON, Way.SCREEN, local_date(at))
