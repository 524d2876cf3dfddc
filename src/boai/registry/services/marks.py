"""How far an intake has been read: a mark with every batch of staged rows, so that a killed worker's work goes on.

A mark says where reading stands and what has come to be known since the mark before (tables, households, places), so
that the marks of a million rows together are no longer than what they hold. They are taken up in their order, and go
when everything is staged.
"""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from boai.registry.intake.wire import plain_cell, revive
from boai.registry.models import Intake, ReadingMark


def mark_keep(*, intake: Intake, number: int, state: dict[str, Any]) -> None:
    """Write a mark, in the transaction that stages the rows before it."""
    text = json.dumps(state, default=plain_cell, separators=(",", ":"))  # ASCII: cells may hold halves of characters
    ReadingMark.objects.create(intake=intake, region_code=intake.region_code, number=number, state=text)


def marks_kept(*, intake_id: UUID) -> list[dict[str, Any]]:
    """The marks of an intake in their order; none when nothing of it is staged."""
    found = ReadingMark.objects.filter(intake_id=intake_id).order_by("number").values_list("state", flat=True)
    return [json.loads(text, object_hook=revive) for text in found]


def marks_forget(*, intake_id: UUID) -> None:
    """Everything is staged: nobody goes on from here."""
    ReadingMark.objects.filter(intake_id=intake_id)._raw_delete("default")
