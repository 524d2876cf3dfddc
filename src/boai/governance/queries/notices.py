"""Notices: where they stand at a moment, what blocks, who had a hand in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from boai.governance.enums import BLOCKING, EntryState, NoticeState, PhotoKind
from boai.governance.models import BoardPhoto, Notice, NoticeEntry, Objection, RollEntry
from boai.kernel.errors import NotFound
from boai.people.actor import Actor

_ENDED = (NoticeState.WITHDRAWN, NoticeState.RETRACTED, NoticeState.SUPERSEDED, NoticeState.DISCARDED)
_UPHELD = (EntryState.REMANDED, EntryState.VOID)
_LONGEST_CHAIN = 50


@dataclass(frozen=True, slots=True)
class NoticeStatus:
    """Where a notice stands at a moment, for the apps above and their pages.

    `stage` is "draft", "submitted", "approved", "open" (days are running), "objected" (an objection is open), "clean"
    (days over, nothing open), "upheld" (an objection was upheld) or "ended" (taken down, retracted, superseded,
    discarded). `blockers` are the sentences why `notice_lock_clear` would refuse now; empty means that it would not.
    """

    notice_id: UUID
    code: str
    stage: str
    last_day: date | None
    ends_at: datetime | None
    provisional: bool
    open_objections: int
    blockers: tuple[str, ...]


def notice_get(*, notice_id: UUID, actor: Actor, lock: bool = False) -> Notice:
    """A notice within the actor's reach. Raises NotFound."""
    notices = Notice.objects.filter(id=notice_id, region_code__range=(actor.scope.lo, actor.scope.hi))
    found = (notices.select_for_update(of=("self",)) if lock else notices).select_related("branch").first()
    if found is None:
        raise NotFound
    return found


def notices_of(*, subject_kind: str, subject_id: UUID) -> list[NoticeEntry]:
    """Every listing of a subject, newest first, with its notice."""
    found = NoticeEntry.objects.filter(subject_kind=subject_kind, subject_id=subject_id)
    return list(found.select_related("notice").order_by("-notice_id"))


def chain_ids(notice: Notice) -> list[UUID]:
    """The notice and those that it corrects, newest first: objections to the old text go on against the new one."""
    ids, previous = [notice.id], notice.previous_id
    while previous is not None and len(ids) < _LONGEST_CHAIN:
        ids.append(previous)
        previous = Notice.objects.values_list("previous_id", flat=True).get(id=previous)
    return ids


def open_objections(*, notice_id: UUID, subject_id: UUID | None = None) -> list[Objection]:
    """Objections that block: against the notice and what it corrects, or against one subject wherever it was listed."""
    notice = Notice.objects.filter(id=notice_id).first()
    if notice is None:
        raise NotFound
    found = Objection.objects.filter(state__in=BLOCKING)
    here = Q(notice_id__in=chain_ids(notice))
    if subject_id is not None:
        # An objection goes with its subject: taking the notice down and drafting another does not answer it.
        listed = NoticeEntry.objects.filter(subject_id=subject_id).values("notice_id")
        whole = Q(entry__isnull=True) & (here | Q(notice_id__in=listed))
        return list(found.filter(whole | Q(entry__subject_id=subject_id)).order_by("id"))
    return list(found.filter(here).order_by("id"))


def notice_state(*, notice_id: UUID, at: datetime, subject_id: UUID | None = None) -> NoticeStatus:
    """Where the notice (or one subject on it) stands at this moment."""
    notice = Notice.objects.filter(id=notice_id).first()
    if notice is None:
        raise NotFound
    entries = NoticeEntry.objects.filter(notice=notice)
    if subject_id is not None:
        entries = entries.filter(subject_id=subject_id)
    states = set(entries.values_list("state", flat=True))
    objections = len(open_objections(notice_id=notice_id, subject_id=subject_id))
    blockers = clear_blockers(notice, states=states, objections=objections, at=at)
    return NoticeStatus(
        notice_id=notice.id,
        code=notice.code,
        stage=_stage(notice, states, objections, at),
        last_day=notice.last_day,
        ends_at=notice.ends_at,
        provisional=notice.provisional,
        open_objections=objections,
        blockers=tuple(blockers),
    )


def _stage(notice: Notice, states: set[str], objections: int, at: datetime) -> str:
    if notice.state in _ENDED:
        return "ended"
    if notice.state != NoticeState.PUBLISHED:
        return str(notice.state)
    if objections:
        return "objected"
    if states and states <= set(_UPHELD):
        return "upheld"
    return "open" if notice.ends_at is None or at < notice.ends_at else "clean"


def clear_blockers(notice: Notice, *, states: set[str], objections: int, at: datetime) -> list[str]:
    """Why a subject cannot be approved on this notice now, one sentence each."""
    why = []
    if notice.state in (NoticeState.SUPERSEDED, NoticeState.RETRACTED, NoticeState.DISCARDED):
        why.append(_("The notice is no longer valid; the subject needs a new one."))
    elif notice.state not in (NoticeState.PUBLISHED, NoticeState.WITHDRAWN) or notice.ends_at is None:
        why.append(_("The notice has not been published."))
    elif at < notice.ends_at:
        why.append(_("The notice runs until the end of %(day)s.") % {"day": notice.last_day})
    if not states:
        why.append(_("The subject is not on this notice."))
    if states & set(_UPHELD):
        why.append(_("An objection was upheld; the matter has to be reviewed and published again."))
    if EntryState.RETRACTED in states:
        why.append(_("The application was withdrawn while on notice."))
    if objections:
        why.append(
            ngettext("%(n)s objection is still open.", "%(n)s objections are still open.", objections)
            % {"n": objections}
        )
    if notice.published_at and notice.notice_rules.board_photo and not _posted(notice):
        why.append(_("The photo of the posted notice on the village board is missing."))
    return why


def _posted(notice: Notice) -> bool:
    return BoardPhoto.objects.filter(notice=notice, kind=PhotoKind.POSTED).exists()


def involved_ids(notice: Notice, entry: NoticeEntry | None = None) -> frozenset[UUID]:
    """Who may not handle an objection: drafter, approver, publisher, voters, verifiers, relatives (governance §5)."""
    chain = chain_ids(notice)
    ids: set[UUID | None] = set()
    hands = ("drafted_by_id", "submitted_by_id", "approved_by_id", "published_by_id")
    for row in Notice.objects.filter(id__in=chain).values_list(*hands):
        ids |= set(row)
    entries = NoticeEntry.objects.filter(notice_id__in=chain)
    if entry is not None:
        entries = entries.filter(subject_kind=entry.subject_kind, subject_id=entry.subject_id)
    reviews = []
    for excluded, review_id, barred in entries.values_list("excluded", "review_id", "review__barred_ids"):
        ids |= {*excluded, *(barred or ())}
        reviews.append(review_id)
    voters = RollEntry.objects.filter(poll__review_id__in=[r for r in reviews if r], member__user__isnull=False)
    ids |= set(voters.values_list("member__user_id", flat=True))
    return frozenset(i for i in ids if i is not None)


def notices_page(
    *, actor: Actor, state: str = "", after: UUID | None = None, size: int = 30
) -> tuple[list[Any], UUID | None]:  # fmt: skip
    """Notices within the actor's reach, newest first, with `entry_count` and `objected`; the next key. One query."""
    notices: QuerySet[Notice] = Notice.objects.filter(region_code__range=(actor.scope.lo, actor.scope.hi))
    if state:
        notices = notices.filter(state=state)
    if after:
        notices = notices.filter(id__lt=after)
    open_ones = Objection.objects.filter(notice=OuterRef("pk"), state__in=BLOCKING)
    rows = list(
        notices.select_related("branch")
        .annotate(entry_count=Count("entries"), objected=Exists(open_ones))
        .order_by("-id")[: size + 1]
    )
    return rows[:size], rows[size - 1].id if len(rows) > size else None
