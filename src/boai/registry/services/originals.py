"""Opening a register file again: it holds whole numbers and illnesses, so every time is recorded with its reason."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from boai.audit.services import record
from boai.kernel.errors import BadInput, NotFound
from boai.kernel.policy import require
from boai.people.actor import Actor
from boai.registry import policies
from boai.registry.models import Intake
from boai.registry.queries.intakes import intake_file, intake_get
from boai.registry.services.sensitive import LONGEST_REASON, SHORTEST_REASON

FINDINGS = "findings"  # the reason of whoever goes through what is wrong in a file


@transaction.atomic
def original_open(*, intake_id: UUID, position: int, reason: str, actor: Actor, at: datetime) -> UUID:
    """The stored file as it came, for an actor who says why. Raises NotFound, NotAllowed, BadInput (no reason)."""
    intake = _read(intake_id, actor)
    one = intake_file(intake=intake, position=position)
    reason = reason.strip()
    if not SHORTEST_REASON <= len(reason) <= LONGEST_REASON:
        raise BadInput(fields={"reason": [_("Say briefly why you need to look.")]})
    record("registry.intake.original_read", intake, actor=actor, at=at, position=position, sha256=one.sha256,
           reason=reason)  # fmt: skip
    return one.stored_id


@transaction.atomic
def workbook_open(*, intake_id: UUID, actor: Actor, at: datetime) -> UUID:
    """The findings workbook: its reason is what it is for. Raises NotFound (also when not written yet), NotAllowed."""
    intake = _read(intake_id, actor)
    if intake.workbook_id is None:
        raise NotFound(_("The workbook is still being written. Try again in a moment."))
    record("registry.intake.workbook_read", intake, actor=actor, at=at, reason=FINDINGS)
    return intake.workbook_id


@transaction.atomic
def findings_open(*, intake_id: UUID, actor: Actor, at: datetime) -> None:
    """The values that are wrong are shown as they stand in the file. Raises NotFound, NotAllowed."""
    record("registry.intake.findings_read", _read(intake_id, actor), actor=actor, at=at, reason=FINDINGS)


def _read(intake_id: UUID, actor: Actor) -> Intake:
    intake = intake_get(intake_id=intake_id, actor=actor)
    require(policies.may_write, actor, intake)
    return intake
