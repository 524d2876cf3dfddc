"""What the register shows of visits, and what a person is told of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.urls import reverse

from boai.people.queries import names
from boai.registry.calls import Call
from boai.registry.models import Resident
from boai.visits.enums import Purpose, Standing, State
from boai.visits.models import Report, Visit
from boai.visits.queries.pages import answers_in_words

_TONES = {State.PLANNED: "wait", State.DONE: "ok", State.NOT_MET: "stop"}
_MOST = 50


def calls_of(household_id: UUID, joined: frozenset[UUID]) -> tuple[list[Call], str]:
    """The visits of a household and of those that were joined with it, newest first. Two queries."""
    visits = list(Visit.objects.filter(household_id__in={household_id, *joined}).order_by("-day", "-id")[:_MOST])
    people = names({key for visit in visits for key in (visit.first_id, visit.second_id) if key is not None})
    rows = [
        Call(
            on=visit.day,
            what=str(Purpose(visit.purpose).label),
            state=str(State(visit.state).label),
            tone=_TONES.get(State(visit.state), ""),
            who=tuple(people.get(key, "") for key in (visit.first_id, visit.second_id) if key is not None),
            url=reverse("visits:visit", args=[visit.id]),
        )
        for visit in visits
    ]
    return rows, reverse("visits:plan_one", args=[household_id])


def visits_of_person(resident_id: UUID) -> list[dict[str, Any]]:
    """The visits to a person's household with what was written about it, for the copy that the person takes along."""
    home = Resident.objects.filter(id=resident_id).values("household_id")
    return list(_told(Visit.objects.filter(household_id__in=home).order_by("day", "id")))


def _told(visits: Any) -> Iterator[dict[str, Any]]:
    reports: dict[UUID, list[Report]] = {}
    for report in Report.objects.filter(visit__in=visits).order_by("received_at"):
        reports.setdefault(report.visit_id, []).append(report)
    for visit in visits:
        yield {
            "day": visit.day.isoformat(),
            "purpose": str(Purpose(visit.purpose).label),
            "state": str(State(visit.state).label),
            "asked": visit.ask,
            "reports": [
                {
                    "counts": str(Standing(report.standing).label),
                    "notes": report.notes,
                    "answers": [f"{question}：{answer}" for question, answer in answers_in_words(report.answers)],
                    "photos": report.photos.count(),
                }
                for report in reports.get(visit.id, [])
            ],
        }
