"""评议: cases come onto an agenda, the chair declares, cases move."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from boai.governance import queries as governance_queries
from boai.governance import services as governance
from boai.governance.enums import ReviewState
from boai.governance.models import Meeting, Review
from boai.governance.models.meetings import LIVE
from boai.journeys.services.subjects import (
    KIND,
    facts_of,
    latest_reviews,
    latest_snapshots,
    latest_visits,
    recusals_of,
    subject_of,
    verifiers_of,
)
from boai.kernel.errors import UnableTo
from boai.people.actor import Actor
from boai.regions.codes import contains, span
from boai.relief.enums import Action, State
from boai.relief.models import Case
from boai.relief.queries.desk import Page, case_rows
from boai.relief.services.outcomes import case_agenda, case_objected, case_reviewed, cases_lock

MOST_OFFERED = 100


@dataclass(frozen=True)
class Agenda:
    """A dry run: which cases would come onto the agenda, and why the others would not."""

    meeting: Meeting
    will: tuple[Case, ...]
    wont: tuple[tuple[Case, str], ...]


def agenda_plan(*, case_ids: Collection[UUID], meeting_id: UUID, actor: Actor) -> Agenda:
    """What `agenda_add` would do."""
    meeting = governance_queries.meeting_get(meeting_id=meeting_id, actor=actor)
    cases = list(Case.objects.filter(id__in=case_ids).select_related("branch", "programme").order_by("id"))
    return _plan(cases, meeting)


def _plan(cases: Sequence[Case], meeting: Meeting) -> Agenda:
    live = set(
        Review.objects.filter(subject_kind=KIND, subject_id__in=[c.id for c in cases], state__in=LIVE).values_list(
            "subject_id", flat=True
        )
    )
    will: list[Case] = []
    wont: list[tuple[Case, str]] = []
    for case in cases:
        if case.state != State.REVIEWING:
            wont.append((case, _("is not waiting for review")))
        elif case.id in live:
            wont.append((case, _("stands on an agenda already")))
        elif not contains(meeting.region_code, case.region_code):
            wont.append((case, _("belongs to another division than the panel")))
        else:
            will.append(case)
    return Agenda(meeting, tuple(will), tuple(wont))


def agenda_choice(*, meeting_id: UUID, actor: Actor, on: date) -> tuple[Meeting, Page]:
    """A meeting and the cases of its division that wait for review and stand on no agenda, the most urgent first."""
    meeting = governance_queries.meeting_get(meeting_id=meeting_id, actor=actor)
    live = Review.objects.filter(subject_kind=KIND, state__in=LIVE).values("subject_id")
    waiting = Case.objects.filter(state=State.REVIEWING, region_code__range=span(meeting.region_code)).exclude(
        id__in=live
    )
    return meeting, Page(case_rows(waiting.order_by("due_on", "id")[:MOST_OFFERED], on=on, below=actor.region_code), "")


@transaction.atomic
def agenda_add(*, case_ids: Collection[UUID], meeting_id: UUID, actor: Actor, at: datetime) -> Agenda:
    """Put cases that wait for review onto the agenda of a convened or open meeting.

    The panel sees what the visitors found; who visited leaves the item. Raises UnableTo when none can go.
    """
    cases = cases_lock(case_ids)
    plan = _plan(cases, governance_queries.meeting_get(meeting_id=meeting_id, actor=actor))
    if not plan.will:
        raise UnableTo(_("None of these cases can be put on the agenda."))
    visits, snapshots = latest_visits(plan.will), latest_snapshots(plan.will)
    before = latest_reviews(plan.will)
    for case in plan.will:
        review = governance.review_open(
            actor=actor, meeting_id=meeting_id, subject=subject_of(case),
            facts=facts_of(case, visits[case.id], snapshots[case.id]), recusals=recusals_of(case),
            verifier_ids=verifiers_of(case), previous_id=before.get(case.id), at=at,
        )  # fmt: skip
        case_agenda(case, review_id=review.id, meeting=plan.meeting.code, actor=actor, at=at)
    return plan


DECLARED = {
    ReviewState.PASSED: Action.PASS,
    ReviewState.NOT_PASSED: Action.NOT_PASS,
    ReviewState.ADJOURNED: Action.ADJOURN,
    ReviewState.ESCALATED: Action.ADJOURN,
    ReviewState.VOID: Action.ADJOURN,
}


@transaction.atomic
def review_declare(*, review_id: UUID, reason: str, actor: Actor, at: datetime) -> Review:
    """The chair declares, and the case moves: on to the notice, to who may refuse it, or to the next sitting."""
    before = governance_queries.review_get(review_id=review_id, actor=actor)
    cases = cases_lock([before.subject_id] if before.subject_kind == KIND else [])
    review = governance.review_declare(review_id=review_id, actor=actor, reason=reason, at=at)
    for case in cases:
        if case.review_id == review.id and case.state == State.REVIEWING:
            action = DECLARED[ReviewState(review.state)]
            note = review.reason or ("" if action == Action.PASS else str(review.get_state_display()))
            case_reviewed(case, action=action, note=note, actor=actor, at=at)
    return review


@transaction.atomic
def conflict_report(*, review_id: UUID, member_id: UUID, ground: str, note: str, actor: Actor, at: datetime) -> Review:
    """A conflict found after the ballot. When the outcome does not survive it, the case goes back to the panel.

    Money that has already gone stays where it is: a void ballot alone makes nobody ineligible.
    """
    before = governance_queries.review_get(review_id=review_id, actor=actor)
    cases = cases_lock([before.subject_id] if before.subject_kind == KIND else [])
    review = governance.recusal_late(
        review_id=review_id, member_id=member_id, actor=actor, ground=ground, note=note, at=at
    )  # fmt: skip
    for case in cases:
        if review.state != ReviewState.VOID or case.review_id != review.id:
            continue
        why = _("The ballot is void: {note}").format(note=note)
        if case.state == State.REVIEWING:
            case_reviewed(case, action=Action.ADJOURN, note=why, actor=actor, at=at)
        elif case.state in (State.NOTICING, State.PUBLISHING, State.APPROVING, State.PAYING):
            if case.notice_id is not None:
                governance.entry_retract(
                    notice_id=case.notice_id, subject_id=case.id, actor=Actor.system(), reason=why, at=at
                )  # fmt: skip
            case_objected(case, action=Action.REREVIEW, note=why, actor=actor, at=at)
    return review
