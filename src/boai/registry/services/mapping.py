"""What the columns of register files mean: guessed by us, corrected by a person, remembered for their division."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from boai.audit.services import record
from boai.kernel.errors import BadInput
from boai.kernel.policy import require
from boai.people.actor import Actor
from boai.registry import policies
from boai.registry.enums import IntakeState
from boai.registry.intake.meanings import code_of, guess_of, meaning_from
from boai.registry.intake.samples import Sample
from boai.registry.models import ColumnChoice, ColumnSample, Intake
from boai.registry.queries.mapping import ColumnView, columns_view
from boai.registry.services.intakes import intake_for_update, intake_move
from boai.registry.services.jobs import CHECK, job_enqueue


@transaction.atomic
def samples_keep(*, intake_id: UUID, samples: Sequence[Sample]) -> None:
    """Keep what the columns of a file look like, unless somebody has cancelled it meanwhile."""
    intake = intake_for_update(intake_id=intake_id)
    if intake.state != IntakeState.READING:
        return
    sheets = json.dumps([sample.as_json() for sample in samples], ensure_ascii=False)
    ColumnSample.objects.update_or_create(intake=intake, defaults={"region_code": intake.region_code, "sheets": sheets})


@transaction.atomic
def columns_decide(
    *, intake_id: UUID, choices: Mapping[str, str], actor: Actor, at: datetime, queue: bool = True
) -> bool:
    """Say what the headings of a file mean; `choices` are codes of meanings by the heading's key.

    Remembered for the file's division: what differs from what we took the heading for, and every heading that we did
    not know. The file is read once more when that changes anything; whether it is, is returned. Raises NotAllowed,
    BadInput (no such meaning, no column with a name) and UnableTo (the file has entered the register, or is busy).
    """
    intake = intake_for_update(intake_id=intake_id)
    require(policies.may_write, actor, intake)
    columns = [one for one in columns_view(intake=intake) if one.key in choices]
    changed = [one for one in columns if choices[one.key] != one.meaning]
    for one in [*changed, *(one for one in columns if one.asked and one not in changed)]:
        _remember(intake, one, choices[one.key], actor, at)
    again = bool(changed) or intake.state == IntakeState.FAILED
    if again:
        intake_move(intake=intake, action="again", error="", beat_at=at)
        if queue:
            job_enqueue(name=CHECK, intake_id=intake.id)
    else:
        _answered(intake, columns)
    record("registry.columns.decided", intake, actor=actor, at=at, headings=len(columns), changed=len(changed))
    return again


def _remember(intake: Intake, column: ColumnView, code: str, actor: Actor, at: datetime) -> None:
    """Keep the choice, or forget an older one where it is what we would have guessed."""
    try:
        meaning = meaning_from(code)
    except ValueError:
        raise BadInput(_("Choose a meaning from the list.")) from None
    if meaning == guess_of(column.heading):
        ColumnChoice.objects.filter(region_code=intake.region_code, heading=column.key).delete()
        return
    ColumnChoice.objects.update_or_create(
        region_code=intake.region_code, heading=column.key,
        defaults={"meaning": code_of(meaning), "decided_by_id": actor.user_id, "decided_at": at},
    )  # fmt: skip


def _answered(intake: Intake, columns: Sequence[ColumnView]) -> None:
    """Nothing has to be read again, and nobody is asked about these headings any more."""
    said = {one.heading.strip()[:30] for one in columns}
    for layout in intake.layout:
        layout["unread"] = [heading for heading in layout["unread"] if heading not in said]
    intake.save(update_fields=["layout"])
