"""What applicants do to their own case from outside: take it back, send the papers that were asked for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from boai.kernel.errors import BadInput
from boai.people.actor import Actor
from boai.portal.queries.cases import door
from boai.portal.services.drafts import MOST_PAPERS
from boai.relief.services.applicant import applicant_supply, applicant_withdraw


@transaction.atomic
def case_withdraw(*, code: str, tail: str, proof: str, note: str, actor: Actor, at: datetime) -> None:
    """Take the application back. Raises NotFound as the case's page does, BadInput for a wrong proof, UnableTo once the
    money is on its way."""
    with door(code):
        applicant_withdraw(code=code, phone_tail=tail, proof=proof, note=note, actor=actor, at=at)


@transaction.atomic
def case_supply(
    *, code: str, tail: str, uploads: Sequence[tuple[str, UploadedFile]], actor: Actor, at: datetime
) -> None:
    """Send photos of the papers that were asked for. Raises NotFound, BadInput (none, too many, not a photo)."""
    if not uploads:
        raise BadInput(fields={"photos": [_("Please choose at least one photo.")]})
    if len(uploads) > MOST_PAPERS:
        raise BadInput(fields={"photos": [_("No more than 20 photos, please. Bring the rest to the office.")]})
    with door(code):
        applicant_supply(code=code, phone_tail=tail, uploads=uploads, note="", actor=actor, at=at)
