"""A visit's page: its plan, and what was reported about it, side by side."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.utils.translation import gettext as _

from boai.kernel.errors import NotFound
from boai.people.actor import Actor
from boai.people.queries import names
from boai.visits.enums import Clash, Entry, House, Missed, Need, Outcome, Standing
from boai.visits.models import Report, ReportPhoto, Visit
from boai.visits.policies import Dispute, Trip
from boai.visits.queries.visits import Home, VisitRow, homes_of, trip_get, visit_rows

_TONES = {Standing.ACCEPTED: "ok", Standing.JOINT: "ok", Standing.CONFLICT: "stop"}


@dataclass(frozen=True)
class ReportView:
    """A report in words."""

    id: UUID
    by: str
    made_at: datetime
    received_at: datetime
    outcome: str
    there: tuple[str, ...]
    notes: str
    answers: tuple[tuple[str, str], ...]
    standing: str
    standing_code: str
    tone: str
    clash: str
    settled: str
    photos: tuple[UUID, ...]


@dataclass(frozen=True)
class VisitPage:
    """Everything on one page."""

    trip: Trip
    dispute: Dispute
    row: VisitRow
    home: Home | None
    reports: list[ReportView]
    planned_by: str
    again: UUID | None

    @property
    def visit(self) -> Visit:
        return self.trip.visit

    @property
    def open_conflict(self) -> bool:
        """Does something wait to be settled?"""
        return any(report.standing_code == Standing.CONFLICT for report in self.reports)


def visit_page(*, visit_id: UUID, actor: Actor, on: date) -> VisitPage:
    """A visit's page. Raises NotFound. Nine queries, however many reports."""
    trip = trip_get(visit_id=visit_id, actor=actor)
    visit = trip.visit
    reports = list(Report.objects.filter(visit=visit).order_by("received_at", "id"))
    planner = names({visit.planned_by_id})
    return VisitPage(
        trip=trip,
        dispute=Dispute(visit, reports),
        row=visit_rows([visit], on=on, below=actor.region_code)[0],
        home=homes_of([visit.household_id]).get(visit.household_id),
        reports=report_views(reports),
        planned_by=planner.get(visit.planned_by_id, ""),
        again=Visit.objects.filter(again_of=visit).values_list("id", flat=True).first(),
    )


def report_views(reports: Sequence[Report]) -> list[ReportView]:
    """Reports in words. Two queries."""
    photos: dict[UUID, list[UUID]] = defaultdict(list)
    for report_id, photo_id in (
        ReportPhoto.objects.filter(report__in=reports).order_by("id").values_list("report_id", "id")
    ):
        photos[report_id].append(photo_id)
    users = {report.by_id for report in reports} | {r.settled_by_id for r in reports if r.settled_by_id}
    people = names(users | {key for report in reports for key in report.there})
    return [_view(report, people, tuple(photos[report.id])) for report in reports]


def _view(report: Report, people: dict[UUID, str], photos: tuple[UUID, ...]) -> ReportView:
    missed = f"：{Missed(report.missed).label}" if report.missed else ""
    settled = ""
    if report.settled_by_id:
        settled = _("Settled by %(who)s: %(why)s") % {
            "who": people.get(report.settled_by_id, ""),
            "why": report.settled_reason,
        }
    return ReportView(
        id=report.id,
        by=people.get(report.by_id, ""),
        made_at=report.made_at,
        received_at=report.received_at,
        outcome=f"{Outcome(report.outcome).label}{missed}",
        there=tuple(people.get(key, "") for key in report.there),
        notes=report.notes,
        answers=answers_in_words(report.answers),
        standing=str(Standing(report.standing).label),
        standing_code=report.standing,
        tone=_TONES.get(Standing(report.standing), ""),
        clash=str(Clash(report.clash).label) if report.clash else "",
        settled=settled,
        photos=photos,
    )


def answers_in_words(sealed: str) -> tuple[tuple[str, str], ...]:
    """The checklist as (question, answer)."""
    said = json.loads(sealed) if sealed else {}
    lines: list[tuple[str, str]] = []
    if said.get("house"):
        lines.append((_("Condition of the house"), str(House(said["house"]).label)))
    needs = [str(Need(code).label) for code in said.get("needs", [])]
    if said.get("needs_words"):
        needs.append(said["needs_words"])
    if needs:
        lines.append((_("What is needed"), "；".join(needs)))
    if said.get("entry"):
        words = f"：{said['entry_words']}" if said.get("entry_words") else ""
        lines.append((_("Is the register right?"), f"{Entry(said['entry']).label}{words}"))
    return tuple(lines)


def photo_get(*, photo_id: UUID, actor: Actor) -> tuple[ReportPhoto, Trip]:
    """A photo with the trip that it belongs to. Raises NotFound."""
    reach = ReportPhoto.objects.filter(region_code__range=(actor.scope.lo, actor.scope.hi))
    found = reach.select_related("report").filter(id=photo_id).first()
    if found is None:
        raise NotFound
    return found, trip_get(visit_id=found.report.visit_id, actor=actor)
