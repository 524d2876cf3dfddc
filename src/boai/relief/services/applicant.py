"""What applicants do themselves, through the open door: they show the case code and the last digits of their phone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from boai.files.services import Upload
from boai.people.actor import Actor
from boai.relief import queries
from boai.relief.models import Case
from boai.relief.services.acceptance import supply, withdraw
from boai.relief.services.core import case_lock


@transaction.atomic
def applicant_supply(
    *,
    code: str,
    phone_tail: str,
    uploads: Sequence[tuple[str, Upload]],
    note: str,
    actor: Actor,
    at: datetime,
) -> Case:
    """The papers that were asked for, as photos. Raises NotFound as `case_by_code`, BadInput when there are none."""
    case = case_lock(queries.case_by_code(code=code, phone_tail=phone_tail).id)
    return supply(case, received=(), uploads=uploads, note=note, actor=actor, at=at, by_rule=True)


@transaction.atomic
def applicant_withdraw(*, code: str, phone_tail: str, note: str, actor: Actor, at: datetime) -> Case:
    """The applicant no longer wants it. Raises NotFound as `case_by_code`, UnableTo once the money is on its way."""
    case = case_lock(queries.case_by_code(code=code, phone_tail=phone_tail).id)
    return withdraw(case, note=note, actor=actor, at=at, by_rule=True)
