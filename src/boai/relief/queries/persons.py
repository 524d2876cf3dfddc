"""What relief holds of a person, for the copy that the person takes along."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from boai.kernel.clock import local_date
from boai.kernel.crypto import blinds
from boai.registry.keepers import Kept
from boai.registry.models import Resident
from boai.registry.models.people import NUMBER as PERSON_NUMBER
from boai.relief.enums import State
from boai.relief.models import Case
from boai.rulebook.queries import rule

_OVER = (State.ARCHIVED, State.REFUSED, State.WITHDRAWN)


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


def relief_keeps(resident: Resident, on: date) -> list[Kept]:
    """The person's case files, with their reviews, notices and vouchers, and those of the household in which the person
    is listed: until the time of the rulebook is over. An open case is work under way."""
    mine = Q(resident_id=resident.id)
    if resident.number:
        mine |= Q(person_blind__in=blinds(resident.number, PERSON_NUMBER))
    own = list(Case.objects.filter(mine))
    near = list(Case.objects.filter(household_id=resident.household_id).exclude(id__in=[case.id for case in own]))
    kept = [_kept(_("Relief files of the person"), own, resident, on)] if own else []
    if near:
        listed = _kept(_("Relief files of the household that list the person"), near, resident, on)
        kept.append(replace(listed, under_way=False))
    return kept


def _kept(what: str, cases: list[Case], resident: Resident, on: date) -> Kept:
    known = rule("files.retention_years", region_code=resident.region_code, on=on)
    last = max(local_date(case.since) for case in cases)
    under_way = any(case.state not in _OVER for case in cases)
    year = last.year + known.value
    until = last.replace(year=year) if (last.month, last.day) != (2, 29) else last.replace(year=year, day=28)
    return Kept(what, len(cases), known.source, until, under_way)
