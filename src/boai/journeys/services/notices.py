"""公示: passed cases are drafted onto a notice, it goes up and comes down, and the cases follow."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from boai.governance import queries as governance_queries
from boai.governance import services as governance
from boai.governance.enums import DayMode, EntryState, NoticeKind, NoticeState, Shift
from boai.governance.models import Notice, NoticeEntry
from boai.governance.rules.publication import NoticeRules
from boai.journeys.services.subjects import KIND, entry_of, latest_snapshots, may_be_named
from boai.kernel.clock import local_date
from boai.kernel.errors import UnableTo
from boai.people.actor import Actor
from boai.regions.codes import ancestor, contains, level
from boai.relief.enums import State
from boai.relief.models import Case
from boai.relief.services.outcomes import (
    case_cleared,
    case_notice_extended,
    case_noticed,
    case_published,
    case_unlisted,
    cases_lock,
)
from boai.rulebook.queries import rules as rulebook

KEYS = (
    "notice.days", "notice.mode", "notice.shift", "notice.withdraw_after_days", "notice.board_photo",
    "objection.acknowledge_days", "objection.decide_days",
)  # fmt: skip
LISTED = [NoticeState.DRAFT, NoticeState.SUBMITTED, NoticeState.APPROVED, NoticeState.PUBLISHED]


@dataclass(frozen=True)
class Listing:
    """A dry run: which cases would stand on one notice, for which division, and why the others would not."""

    region_code: str
    will: tuple[Case, ...]
    wont: tuple[tuple[Case, str], ...]


def notices_plan(*, case_ids: Collection[UUID], actor: Actor) -> Listing:
    """What `notice_draft` would do."""
    rows = Case.objects.filter(id__in=case_ids).select_related("branch", "programme", "application").order_by("id")
    return _plan(list(rows), actor)


def _plan(cases: Sequence[Case], actor: Actor) -> Listing:
    listed = set(
        NoticeEntry.objects.filter(
            subject_kind=KIND, subject_id__in=[c.id for c in cases], notice__state__in=LISTED,
            state__in=[EntryState.LISTED, EntryState.CLEARED],
        ).values_list("subject_id", flat=True)
    )  # fmt: skip
    will: list[Case] = []
    wont: list[tuple[Case, str]] = []
    for case in cases:
        if case.state != State.NOTICING:
            wont.append((case, _("is not waiting for a notice")))
        elif case.id in listed:
            wont.append((case, _("stands on a notice already")))
        elif not contains(case.branch.region_code, actor.region_code):
            wont.append((case, _("is handled by another branch")))
        else:
            will.append(case)
    return Listing(common_division([c.region_code for c in will]), tuple(will), tuple(wont))


def common_division(codes: Sequence[str]) -> str:
    """The smallest division that holds all of them: the village, the township, the county…; "" for none."""
    if not codes:
        return ""
    depths = range(level(codes[0]), 0, -1)
    return next((a for d in depths if all(contains(a := ancestor(codes[0], d), code) for code in codes)), "")


def notice_rules(*, region_code: str, at: datetime) -> NoticeRules:
    """The rulebook's values for a notice in a division, as they hold today."""
    found = rulebook(KEYS, region_code=region_code, on=local_date(at))
    return NoticeRules(
        days=found["notice.days"].value,
        mode=DayMode(found["notice.mode"].value),
        shift=Shift(found["notice.shift"].value),
        withdraw_after=found["notice.withdraw_after_days"].value,
        board_photo=found["notice.board_photo"].value,
        acknowledge_days=found["objection.acknowledge_days"].value,
        decide_days=found["objection.decide_days"].value,
        versions=tuple(str(found[key].version_id) for key in KEYS),
        citation=found["notice.days"].source,
    )


@transaction.atomic
def notice_draft(*, case_ids: Collection[UUID], actor: Actor, at: datetime) -> Notice:
    """Draft one notice for cases that the panel has passed. Raises UnableTo when none can go."""
    cases = cases_lock(case_ids)
    plan = _plan(cases, actor)
    if not plan.will:
        raise UnableTo(_("None of these cases can be put on a notice."))
    branch = plan.will[0].branch
    snapshots = latest_snapshots(plan.will)
    notice = governance.notice_draft(
        actor=actor, branch_id=branch.id, region_code=plan.region_code, kind=NoticeKind.RELIEF_PROPOSED,
        entries=[entry_of(case, snapshots[case.id], below=branch.region_code, on=local_date(at)) for case in plan.will],
        rules=notice_rules(region_code=plan.region_code, at=at), at=at,
    )  # fmt: skip
    for case in plan.will:
        case_noticed(case, notice_id=notice.id, actor=actor, at=at)
    return notice


def _cases_on(notice_id: UUID) -> list[Case]:
    """The cases that still stand on a notice, under lock."""
    ids = NoticeEntry.objects.filter(
        notice_id=notice_id, subject_kind=KIND, state__in=[EntryState.LISTED, EntryState.CLEARED]
    )
    return cases_lock(list(ids.values_list("subject_id", flat=True)))


def _refuse_withdrawn(notice_id: UUID, cases: Sequence[Case], *, on: date) -> None:
    entries = NoticeEntry.objects.filter(notice_id=notice_id)
    named_ids = set(
        entries.filter(Q(shielded=False) | Q(fields__has_key="guardian")).values_list("subject_id", flat=True)
    )
    withdrawn = [case.code for case in cases if case.id in named_ids and not may_be_named(case, on=on)]
    if withdrawn:
        raise UnableTo(
            _("Consent to the name being published was withdrawn since this notice was drafted: %(codes)s. Discard it "
              "and draft it anew; then only the case code stands there.")
            % {"codes": "、".join(withdrawn)}
        )  # fmt: skip


@transaction.atomic
def notice_publish(*, notice_id: UUID, actor: Actor, at: datetime) -> Notice:
    """Publish an approved notice; its cases are on public notice from now on. Raises UnableTo when somebody whose name
    stands on it has said no since it was drafted."""
    cases = _cases_on(notice_id)
    _refuse_withdrawn(notice_id, cases, on=local_date(at))
    notice = governance.notice_publish(notice_id=notice_id, actor=actor, at=at)
    _follow_publication(notice, cases, actor=actor, at=at)
    return notice


def _follow_publication(notice: Notice, cases: Sequence[Case], *, actor: Actor, at: datetime) -> int:
    assert notice.last_day is not None, "a published notice has its period"
    moved = 0
    for case in cases:
        corrected = case.state in (State.PUBLISHING, State.APPROVING) and case.notice_id == notice.previous_id
        if case.state == State.NOTICING or corrected:
            case_published(case, notice_id=notice.id, last_day=notice.last_day, actor=actor, at=at)
            moved += 1
    return moved


@transaction.atomic
def notice_extend(*, notice_id: UUID, extra: int, reason: str, actor: Actor, at: datetime) -> Notice:
    """Site or board was down: the notice and the waiting of its cases last longer."""
    cases = _cases_on(notice_id)
    notice = governance.notice_extend(notice_id=notice_id, actor=actor, extra=extra, reason=reason, at=at)
    assert notice.last_day is not None, "a published notice has its period"
    for case in cases:
        if case.state == State.PUBLISHING:
            case_notice_extended(case, last_day=notice.last_day)
    return notice


@transaction.atomic
def notice_retract(*, notice_id: UUID, reason: str, actor: Actor, at: datetime) -> Notice:
    """Take a notice down before its time; its cases wait for a new one."""
    cases = _cases_on(notice_id)
    notice = governance.notice_retract(notice_id=notice_id, actor=actor, reason=reason, at=at)
    for case in cases:
        if case.state in (State.PUBLISHING, State.APPROVING) and case.notice_id == notice.id:
            case_unlisted(case, note=reason, actor=actor, at=at)
    return notice


def notices_follow(*, at: datetime) -> int:
    """Cases follow what has happened to their notices: gone up, extended, taken down, run out. How many moved.

    A periodic job under Actor.system(); each case in a transaction of its own. Doing it again moves nothing.
    """
    waiting = Case.objects.filter(state__in=[State.NOTICING, State.PUBLISHING], notice__isnull=False)
    return sum(_follow(case_id, at=at) for case_id in list(waiting.values_list("id", flat=True)))


@transaction.atomic
def _follow(case_id: UUID, *, at: datetime) -> int:
    case = next(iter(cases_lock([case_id])), None)
    if case is None or case.notice_id is None or case.state not in (State.NOTICING, State.PUBLISHING):
        return 0
    actor = Actor.system()
    notice = Notice.objects.get(id=case.notice_id)
    if case.state == State.NOTICING:
        if notice.state == NoticeState.PUBLISHED:
            return _follow_publication(notice, [case], actor=actor, at=at)
        return 0
    if notice.state in (NoticeState.RETRACTED, NoticeState.SUPERSEDED):
        return _follow_end(case, notice, actor=actor, at=at)
    if notice.last_day is not None and case.due_on != notice.last_day:
        case_notice_extended(case, last_day=notice.last_day)
    status = governance_queries.notice_state(notice_id=notice.id, at=at, subject_id=case.id)
    if status.stage == "clean" and not status.blockers:
        case_cleared(case, actor=actor, at=at)
        return 1
    return 0


def _follow_end(case: Case, notice: Notice, *, actor: Actor, at: datetime) -> int:
    """The notice ended while the case was on it: on with its correction, or back to a new draft."""
    newer = Notice.objects.filter(previous=notice, state=NoticeState.PUBLISHED).first()
    if newer is not None:
        return _follow_publication(newer, [case], actor=actor, at=at)
    case_unlisted(case, note=notice.ended_note or str(notice.get_state_display()), actor=actor, at=at)
    return 1
