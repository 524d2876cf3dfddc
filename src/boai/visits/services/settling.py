"""Settling reports that contradict each other: a planner decides which counts, and none is lost."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from boai.audit.services import record
from boai.kernel.errors import BadInput, StalePage, UnableTo
from boai.kernel.policy import require
from boai.kernel.transition import transition
from boai.people.actor import Actor
from boai.visits import policies
from boai.visits.enums import TRANSITIONS, Action, Outcome, Standing, State
from boai.visits.models import Report, Visit
from boai.visits.queries.visits import visit_get

SHORTEST_REASON = 2


@transaction.atomic
def visit_settle(
    *, visit_id: UUID, version: int, seen: Collection[UUID], kept: Collection[UUID], reason: str, actor: Actor,
    at: datetime,
) -> Visit:  # fmt: skip
    """Say which reports count: one, several as a joint report, or none. The others are kept and do not count.

    `seen` are the reports that stood on the page: one that came in since is not decided unread (StalePage). Raises
    NotFound, NotAllowed, BadInput, UnableTo (none of them counts, but the visit was already recorded).
    """
    visit = visit_get(visit_id=visit_id, actor=actor, lock=True)
    reports = list(Report.objects.select_for_update(of=("self",)).filter(visit=visit).order_by("id"))
    require(policies.may_settle, actor, policies.Dispute(visit, reports))
    if version != visit.version or set(seen) != {report.id for report in reports}:
        raise StalePage(_("This visit has changed since you opened the page. See how it stands now."))
    if not set(kept) <= {report.id for report in reports}:
        raise BadInput(fields={"kept": [_("Choose which report counts.")]})
    if len(reason.strip()) < SHORTEST_REASON:
        raise BadInput(fields={"reason": [_("Say why: it stands beside both reports.")]})
    if not kept and visit.state in (State.DONE, State.NOT_MET):
        raise UnableTo(_("The visit was made: at least one report has to count."))
    counting = Standing.JOINT if len(kept) > 1 else Standing.ACCEPTED
    for report in reports:
        report.standing = counting if report.id in kept else Standing.SET_ASIDE
        report.settled_by_id, report.settled_at, report.settled_reason = actor.user_id, at, reason.strip()
    Report.objects.bulk_update(reports, ["standing", "settled_by", "settled_at", "settled_reason"])
    if kept:
        met = any(report.outcome == Outcome.MET for report in reports if report.id in kept)
        visit.state = transition(TRANSITIONS, visit.state, Action.SETTLE_MET if met else Action.SETTLE_MISSED)
    visit.version, visit.changed_at = visit.version + 1, at
    visit.save(update_fields=["state", "version", "changed_at"])
    record("visits.visit.settled", visit, actor=actor, at=at, reason=reason.strip(), version=visit.version,
           kept=sorted(str(key) for key in kept))  # fmt: skip
    return visit
