"""What relief holds of a person, for the copy that the person takes along."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from boai.kernel.clock import local_date
from boai.relief.models import Case


def cases_of_person(resident_id: UUID) -> list[dict[str, Any]]:
    """The person's cases: what was asked for, what was decided, what was paid (fen)."""
    cases = Case.objects.filter(resident_id=resident_id).select_related("programme").order_by("id")
    return [
        {
            "case": case.code,
            "programme": case.programme.name,
            "state": str(case.get_state_display()),
            "asked_for_fen": case.requested_fen,
            "approved_fen": case.approved_fen,
            "decided_on": local_date(case.decided_at).isoformat() if case.decided_at else None,
        }
        for case in cases
    ]
