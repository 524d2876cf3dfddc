"""The counts of a checked file, and whether it looks broken: computed here alone, whatever made them change."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from boai.registry.models import Intake
from boai.registry.services import checks, comparing

ENOUGH_TO_LOOK_BROKEN = 40


def counted(*, intake: Intake, at: datetime | None = None) -> dict[str, Any]:
    """The counts of a register file as it is staged, with the word whether it looks broken by the rule of the day on
    which it was checked (`at`, where that is now)."""
    counts = checks.counts(intake_id=intake.id)
    day = at or intake.checked_at or intake.uploaded_at
    bars = comparing.thresholds(region_code=intake.region_code, at=day)
    return counts | {"broken": looks_broken(counts, bars.broken_percent)}


def looks_broken(counts: dict[str, Any], percent: int) -> bool:
    """Does so much of the file stand twice that it was put together wrongly? Small files may."""
    return bool(counts["people"] >= ENOUGH_TO_LOOK_BROKEN and counts["doubled"] * 100 > counts["people"] * percent)
