"""Who may plan visits, make them, read about them, and settle what contradicts itself."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from django.utils.translation import gettext as _

from boai.kernel.policy import ALLOWED, Verdict, deny
from boai.people.actor import SYSTEM_ROLE, Actor
from boai.people.roles import Duty
from boai.visits.enums import Standing
from boai.visits.models import Report, Visit


class Placed(Protocol):
    """Anything that lies in a division."""

    @property
    def region_code(self) -> str: ...


@dataclass(frozen=True)
class Trip:
    """A visit with those who took it along on a phone, whatever its plan says now."""

    visit: Visit
    taken_by: frozenset[UUID] = frozenset()

    @property
    def region_code(self) -> str:
        """The village of the visit."""
        code: str = self.visit.region_code
        return code


@dataclass(frozen=True)
class Dispute:
    """A visit with all that was reported about it."""

    visit: Visit
    reports: Collection[Report]

    @property
    def region_code(self) -> str:
        """The village of the visit."""
        code: str = self.visit.region_code
        return code


def may_plan(actor: Actor, place: Placed) -> Verdict:
    """Posts with the duty plan visits in their own division."""
    if actor.role == SYSTEM_ROLE:
        return ALLOWED
    if not actor.has(Duty.VISIT_PLAN):
        return deny(_("Your post does not include planning visits."))
    return _within(actor, place)


def may_make(actor: Actor, place: Placed) -> Verdict:
    """Posts with the duty make visits and take them along on a phone."""
    if not actor.has(Duty.VISIT_MAKE):
        return deny(_("Your post does not include visits."))
    return _within(actor, place)


def may_read(actor: Actor, trip: Trip) -> Verdict:
    """Planners and those who may read the log see every visit of their division; visitors see their own."""
    if actor.has(Duty.VISIT_PLAN) or actor.has(Duty.AUDIT_READ):
        return _within(actor, trip)
    if actor.user_id not in trip.visit.visitor_ids and actor.user_id not in trip.taken_by:
        return deny(_("Only its visitors and its planner see this visit."))
    return _within(actor, trip)


def may_report(actor: Actor, trip: Trip) -> Verdict:
    """Its visitors report, and those who were its visitors when they took it along: nothing of theirs is lost."""
    if actor.user_id not in trip.visit.visitor_ids and actor.user_id not in trip.taken_by:
        return deny(_("Only a visitor of this visit can report on it."))
    return may_make(actor, trip)


def may_add_photo(actor: Actor, report: Report) -> Verdict:
    """Photos come from whoever wrote the report."""
    if report.by_id != actor.user_id:
        return deny(_("Only who wrote the report can add photos to it."))
    return may_make(actor, report)


def may_declare(actor: Actor, visit: Visit) -> Verdict:
    """A visitor says that they are related to the household."""
    if actor.user_id not in visit.visitor_ids:
        return deny(_("Only a visitor of this visit can say that."))
    return may_make(actor, visit)


def may_settle(actor: Actor, dispute: Dispute) -> Verdict:
    """A planner who wrote none of the reports."""
    if any(report.by_id == actor.user_id for report in dispute.reports):
        return deny(_("Somebody else has to settle it: one of the reports is yours."))
    if not any(report.standing == Standing.CONFLICT for report in dispute.reports):
        return deny(_("There is nothing to settle."))
    return may_plan(actor, dispute)


def _within(actor: Actor, place: Placed) -> Verdict:
    return ALLOWED if actor.reaches(place.region_code) else deny(_("This lies outside your division."))
