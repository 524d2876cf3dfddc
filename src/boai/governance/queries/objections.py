"""Objections on the officer's side."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Q

from boai.governance.enums import BLOCKING, EntryState, ObjectionState
from boai.governance.models import Notice, NoticeEntry, Objection
from boai.governance.queries.notices import chain_ids
from boai.governance.rules.subjects import Subject
from boai.kernel.errors import NotFound
from boai.people.actor import Actor


def objection_get(*, objection_id: UUID, actor: Actor, lock: bool = False) -> Objection:
    """An objection within the actor's reach, with notice and entry. Raises NotFound."""
    found = Objection.objects.filter(id=objection_id, region_code__range=(actor.scope.lo, actor.scope.hi))
    if lock:
        found = found.select_for_update(of=("self",))
    objection = found.select_related("notice__branch", "entry", "handler", "appeal_handler").first()
    if objection is None:
        raise NotFound
    return objection


def objections_page(
    *, actor: Actor, at: datetime, which: str = "open", after: UUID | None = None, size: int = 30
) -> tuple[list[Objection], UUID | None]:
    """Objections within the actor's reach, newest first; `which` is "open", "late", "mine" or "all". One query."""
    rows = Objection.objects.filter(region_code__range=(actor.scope.lo, actor.scope.hi))
    if which == "open":
        rows = rows.filter(state__in=BLOCKING)
    elif which == "late":
        rows = rows.filter(late_filter(at))
    elif which == "mine":
        rows = rows.filter(Q(handler_id=actor.user_id) | Q(appeal_handler_id=actor.user_id), state__in=BLOCKING)
    if after:
        rows = rows.filter(id__lt=after)
    found = list(
        rows.select_related("notice", "entry", "handler").defer("text", "appeal_text").order_by("-id")[: size + 1]
    )
    return found[:size], found[size - 1].id if len(found) > size else None


def late_filter(at: datetime) -> Q:
    """Not acknowledged or not decided in time."""
    return (
        Q(state=ObjectionState.FILED, acknowledge_by__lt=at)
        | Q(state__in=[ObjectionState.FILED, ObjectionState.ACKNOWLEDGED, ObjectionState.ASSIGNED], decide_by__lt=at)
        | Q(state=ObjectionState.APPEALED, appeal_decide_by__lt=at)
    )


def entries_concerned(objection: Objection) -> list[NoticeEntry]:
    """Lines that an outcome can still change: those of the objection's subjects, on whatever notice they stand now."""
    keys = {(s.kind, s.id) for s in _subjects(objection)}
    entries = NoticeEntry.objects.filter(
        subject_id__in=[key for _kind, key in keys], state__in=[EntryState.LISTED, EntryState.CLEARED]
    ).select_related("notice")
    return [e for e in entries.order_by("-notice_id", "number") if (e.subject_kind, e.subject_id) in keys]


def _subjects(objection: Objection) -> list[Subject]:
    """Whom the objection is about: one line, or all that stood on the notice (or its corrections) when it was filed."""
    if objection.entry is not None:
        return [objection.entry.subject]
    entries = NoticeEntry.objects.filter(notice_id__in=_successor_ids(objection.notice) + chain_ids(objection.notice))
    entries = entries.exclude(state=EntryState.RETRACTED, settled_at__lt=objection.filed_at)
    return list({e.subject_id: e.subject for e in entries.order_by("-notice_id", "number")}.values())


def _successor_ids(notice: Notice) -> list[UUID]:
    ids: list[UUID] = []
    later = Notice.objects.filter(previous=notice).first()
    while later is not None and len(ids) < 50:
        ids.append(later.id)
        later = Notice.objects.filter(previous=later).first()
    return ids


def objection_subjects(*, objection_id: UUID) -> list[Subject]:
    """Whom an upheld objection sends back, even when they stand on no notice at this moment.

    A journey locks them *before* it calls `objection_decide`: approvals lock first the case, then the notice; who takes
    them the other way round can run into a deadlock.
    """
    objection = Objection.objects.filter(id=objection_id).select_related("notice", "entry").first()
    if objection is None:
        raise NotFound
    return sorted(_subjects(objection), key=lambda subject: subject.id)


def is_late(objection: Objection, at: datetime) -> bool:
    """As `late_filter`, for one row."""
    if objection.state == ObjectionState.APPEALED:
        return objection.appeal_decide_by is not None and at > objection.appeal_decide_by
    if objection.state not in BLOCKING:
        return False
    return at > objection.decide_by or (objection.state == ObjectionState.FILED and at > objection.acknowledge_by)
