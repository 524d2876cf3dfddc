"""What applicants do themselves, through the open door: they show the case code and the last digits of their phone."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from boai.files.services import Upload
from boai.kernel.errors import BadInput
from boai.kernel.text.folding import squeeze
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
def applicant_withdraw(*, code: str, phone_tail: str, proof: str, note: str, actor: Actor, at: datetime) -> Case:
    """The applicant no longer wants it.

    `proof` is the ID number of the person in need, or where they have none the whole telephone number: the code stands
    on the public notice, and neighbours know the last digits of a telephone.

    Raises NotFound as `case_by_code`, BadInput for a wrong proof, UnableTo once the money is on its way.
    """
    case = case_lock(queries.case_by_code(code=code, phone_tail=phone_tail).id)
    if not _proves(case, proof):
        raise BadInput(fields={"proof": [_("This does not fit what was given with the application.")]})
    return withdraw(case, note=note, actor=actor, at=at, by_rule=True)


def _proves(case: Case, proof: str) -> bool:
    given = squeeze(proof).upper()
    known = case.application.id_number or case.application.phone
    return hmac.compare_digest(given.encode(), known.upper().encode())
