"""A notice in public: the clock, the board, and its end (governance §5)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from boai.audit.services import record, record_many
from boai.files.enums import PHOTOS
from boai.files.services import Upload, file_store
from boai.governance import policies, queries
from boai.governance.enums import (
    ENTRY_TRANSITIONS,
    NOTICE_TRANSITIONS,
    EntryState,
    NoticeState,
    PhotoKind,
)
from boai.governance.models import BoardPhoto, Notice, NoticeEntry, NoticeExtension, PublicNotice
from boai.governance.queries.notices import clear_blockers
from boai.governance.rules import days
from boai.governance.rules.rendering import strike
from boai.governance.services.hashing import hash_of
from boai.governance.services.notices import UNPUBLISHED, discard, notice_preview, send_to_drafter
from boai.governance.services.reviews import reason_needed
from boai.kernel.clock import local_date
from boai.kernel.errors import BadInput, NotFound, UnableTo
from boai.kernel.policy import require
from boai.kernel.transition import transition
from boai.people.actor import Actor


@transaction.atomic
def notice_publish(*, notice_id: UUID, actor: Actor, at: datetime) -> Notice:
    """Publish an approved notice and start its clock; the notice that it corrects ends.

    Raises UnableTo when the rendering would differ from the approved one (another notice with an equal masked name
    went up in between): return it, submit and approve again.
    """
    notice = queries.notice_get(notice_id=notice_id, actor=actor, lock=True)
    require(policies.may_publish_notice, actor, notice)
    notice.state = transition(NOTICE_TRANSITIONS, notice.state, "publish")
    if hash_of(list(notice_preview(notice=notice))) != notice.approved_hash:
        raise UnableTo(_("The text would differ from the one that was approved. Return it and have it approved again."))
    rules = notice.notice_rules
    period = days.notice_deadline(published_at=at, days=rules.days, mode=rules.mode, shift=rules.shift)
    notice.published_by_id, notice.published_at = actor.user_id, at
    _period_set(notice, period)
    notice.save(update_fields=["state", "published_by", "published_at", *_PERIOD])
    if notice.previous_id is not None:
        _supersede(notice, actor=actor, at=at)
    entry = record("governance.notice.published", notice, actor=actor, at=at, notice=notice.code,
                   hash=notice.approved_hash, first_day=period.first_day.isoformat(),
                   last_day=period.last_day.isoformat(), provisional=period.provisional)  # fmt: skip
    PublicNotice.objects.create(
        notice=notice, code=notice.code, kind=notice.kind, region_code=notice.region_code,
        branch_name=notice.branch.name, title=notice.title, document=notice.public, published_at=at,
        first_day=period.first_day, last_day=period.last_day, ends_at=period.ends_at, provisional=period.provisional,
        entry_id=entry.pk,
    )  # fmt: skip
    return notice


_PERIOD = ["first_day", "last_day", "ends_at", "provisional", "withdraw_on"]


def _period_set(notice: Notice, period: days.Deadline) -> None:
    """Dates of the period. `withdraw_on` is the first day on which nothing is shown any more."""
    notice.first_day, notice.last_day, notice.ends_at = period.first_day, period.last_day, period.ends_at
    notice.provisional = period.provisional
    notice.withdraw_on = period.last_day + timedelta(days=notice.notice_rules.withdraw_after + 1)


def _supersede(notice: Notice, *, actor: Actor, at: datetime) -> None:
    assert notice.previous_id is not None, "only a correction supersedes"
    old = Notice.objects.select_for_update().get(id=notice.previous_id)
    if old.entries.filter(state=EntryState.CLEARED).exists():
        raise UnableTo(_("A grant on this notice has already been approved; it can no longer be corrected."))
    old.state = transition(NOTICE_TRANSITIONS, old.state, "supersede")
    old.ended_at, old.ended_note = at, notice.correction
    old.save(update_fields=["state", "ended_at", "ended_note"])
    PublicNotice.objects.filter(notice=old).update(
        ended=NoticeState.SUPERSEDED, ended_at=at, document=None, replaced_by=notice.code
    )
    record("governance.notice.superseded", old, actor=actor, at=at, notice=old.code, replaced_by=notice.code,
           correction=notice.correction)  # fmt: skip


@transaction.atomic
def notice_extend(*, notice_id: UUID, actor: Actor, extra: int, reason: str, at: datetime) -> Notice:
    """Site or board was down for more than a day: the notice runs `extra` calendar days longer, its approval waits."""
    notice = queries.notice_get(notice_id=notice_id, actor=actor, lock=True)
    require(policies.may_end_notice, actor, notice)
    notice.state = transition(NOTICE_TRANSITIONS, notice.state, "extend")
    if not 1 <= extra <= 60:
        raise BadInput(fields={"extra": [_("Between 1 and 60 days.")]})
    if notice.entries.filter(state=EntryState.CLEARED).exists():
        raise UnableTo(_("A grant on this notice has already been approved; its time can no longer change."))
    assert notice.first_day is not None, "a published notice has its period"
    assert notice.last_day is not None, "a published notice has its period"
    rules, before = notice.notice_rules, notice.last_day
    period = days.extended(first_day=notice.first_day, last_day=before, days=extra, mode=rules.mode, shift=rules.shift)
    NoticeExtension.objects.create(
        notice=notice, region_code=notice.region_code, days=extra, reason=reason_needed(reason)[:300],
        old_last_day=before, new_last_day=period.last_day, by_id=policies.person(actor), at=at,
    )  # fmt: skip
    _period_set(notice, period)
    notice.save(update_fields=_PERIOD)
    PublicNotice.objects.filter(notice=notice).update(
        last_day=period.last_day, ends_at=period.ends_at, provisional=period.provisional, extended=True
    )
    record("governance.notice.extended", notice, actor=actor, at=at, notice=notice.code, days=extra,
           last_day=period.last_day.isoformat(), reason=reason.strip()[:300])  # fmt: skip
    return notice


@transaction.atomic
def board_photo_add(
    *, notice_id: UUID, actor: Actor, kind: str, place: str, on: date, upload: Upload, at: datetime
) -> BoardPhoto:
    """Keep the photo of the posted or removed paper as evidence."""
    notice = queries.notice_get(notice_id=notice_id, actor=actor, lock=True)
    require(policies.may_add_photo, actor, notice)
    transition(NOTICE_TRANSITIONS, notice.state, "photo")
    assert notice.published_at is not None, "only a published notice hangs on a board"
    if not place.strip():
        raise BadInput(fields={"place": [_("Where does the board hang?")]})
    if not local_date(notice.published_at) <= on <= local_date(at):
        raise BadInput(fields={"on": [_("The day lies before the publication or in the future.")]})
    if kind == PhotoKind.POSTED and notice.first_day is not None and on > notice.first_day:
        raise BadInput(
            fields={
                "on": [
                    _("It was posted after the first day. Extend the notice first, so that residents have their time.")
                ]
            }
        )
    file = file_store(upload=upload, purpose="governance.board", region_code=notice.region_code, actor=actor, at=at,
                      allow=PHOTOS)  # fmt: skip
    photo = BoardPhoto.objects.create(
        notice=notice, region_code=notice.region_code, kind=PhotoKind(kind), place=place.strip()[:80], on=on,
        file=file, by_id=policies.person(actor), at=at,
    )  # fmt: skip
    record("governance.notice.photo_added", notice, actor=actor, at=at, notice=notice.code, kind=str(kind),
           sha256=file.sha256)  # fmt: skip
    return photo


@transaction.atomic
def notice_lock_clear(*, notice_id: UUID, subject_id: UUID, actor: Actor, at: datetime) -> NoticeEntry:
    """For the approval upstairs, in its transaction: lock the notice and settle the subject as clear.

    Raises UnableTo when the days have not run out, the board photo is missing, an objection is open, or one was upheld.
    `objection_file` takes the same lock: an objection filed before this makes it raise, one filed after it is refused.
    Calling it again is harmless as long as the subject is still clear.
    """
    notice = Notice.objects.select_for_update().filter(id=notice_id).first()
    if notice is None:
        raise NotFound
    entry = NoticeEntry.objects.filter(notice=notice, subject_id=subject_id).first()
    objections = len(queries.open_objections(notice_id=notice_id, subject_id=subject_id))
    why = clear_blockers(notice, states={entry.state} if entry else set(), objections=objections, at=at)
    if why or entry is None:
        raise UnableTo(" ".join(why))
    before = entry.state
    entry.state = transition(ENTRY_TRANSITIONS, before, "clear")
    if before != EntryState.CLEARED:
        entry.settled_at = at
        entry.save(update_fields=["state", "settled_at"])
        record("governance.notice.cleared", notice, actor=actor, at=at, notice=notice.code, subject=entry.subject_code)
    return entry


@transaction.atomic
def entry_retract(*, notice_id: UUID, subject_id: UUID, actor: Actor, reason: str, at: datetime) -> NoticeEntry:
    """A subject leaves the notice (withdrawn, sent back): its public line keeps the code with 已撤回, the rest goes.

    What has not been published yet simply loses the line (`entry_drop`). The caller has decided that it leaves; staff
    must reach the division, an applicant on the website is let through. Harmless when it has left already.
    """
    notice = Notice.objects.select_for_update().filter(id=notice_id).first()
    entry = NoticeEntry.objects.filter(notice_id=notice_id, subject_id=subject_id).first()
    if notice is None or entry is None:
        raise NotFound
    require(policies.may_retract_entry, actor, notice)
    before = entry.state
    entry.state = transition(ENTRY_TRANSITIONS, before, "retract")
    if entry.state == before:
        return entry
    entry.settled_at, entry.note = at, reason_needed(reason)[:300]
    if notice.state in UNPUBLISHED:
        entry_drop(notice, entry, actor=actor, at=at)
        return entry
    entry.save(update_fields=["state", "settled_at", "note"])
    line_strike(entry)
    record("governance.notice.entry_retracted", notice, actor=actor, at=at, notice=notice.code,
           subject=entry.subject_code, reason=entry.note)  # fmt: skip
    return entry


def entry_drop(notice: Notice, entry: NoticeEntry, *, actor: Actor, at: datetime) -> None:
    """Take a line off a notice that nobody has seen yet: back to the drafter, or away with it when nothing is left.

    What a second person has approved is then no longer what would be published, so it is approved once more.
    """
    code = entry.subject_code
    entry.delete()
    record("governance.notice.entry_dropped", notice, actor=actor, at=at, notice=notice.code, subject=code)
    if not notice.entries.exists():
        discard(notice, actor=actor, at=at)
    elif notice.state != NoticeState.DRAFT:
        send_to_drafter(notice, why=_("%(code)s has left this notice; submit it again.") % {"code": code})


def line_strike(entry: NoticeEntry) -> None:
    """Take everything but the code off an entry's line, on the board version and in public. The notice is locked."""
    notice = Notice.objects.get(id=entry.notice_id)
    if notice.board is None or notice.public is None:
        return
    left = notice.entries.filter(state__in=[EntryState.LISTED, EntryState.CLEARED])
    total = sum(int(fields["amount_fen"]) for fields in left.values_list("fields", flat=True))
    upheld = entry.state != EntryState.RETRACTED
    notice.board = strike(notice.board, code=entry.subject_code, total_fen=total, upheld=upheld)
    notice.public = strike(notice.public, code=entry.subject_code, total_fen=total, upheld=upheld)
    notice.save(update_fields=["board", "public"])
    PublicNotice.objects.filter(notice=notice, ended="").update(document=notice.public)


@transaction.atomic
def notice_retract(*, notice_id: UUID, actor: Actor, reason: str, at: datetime) -> Notice:
    """Take a whole notice down before its time, with the reason. Its subjects need a new notice."""
    notice = queries.notice_get(notice_id=notice_id, actor=actor, lock=True)
    require(policies.may_end_notice, actor, notice)
    notice.state = transition(NOTICE_TRANSITIONS, notice.state, "retract")
    notice.ended_at, notice.ended_note = at, reason_needed(reason)[:300]
    notice.save(update_fields=["state", "ended_at", "ended_note"])
    PublicNotice.objects.filter(notice=notice).update(ended=NoticeState.RETRACTED, ended_at=at, document=None)
    record("governance.notice.retracted", notice, actor=actor, at=at, notice=notice.code, reason=notice.ended_note)
    return notice


@transaction.atomic
def notice_withdraw_due(*, at: datetime) -> int:
    """Take down every notice whose days of display are over; how many. A periodic job under Actor.system().

    Set-based; a notice that somebody else holds at this moment is taken next time.
    """
    state = transition(NOTICE_TRANSITIONS, NoticeState.PUBLISHED, "withdraw")
    due = list(
        Notice.objects.select_for_update(skip_locked=True)
        .filter(state=NoticeState.PUBLISHED, withdraw_on__lte=local_date(at))
        .order_by("id")[:1000]
    )
    ids = [notice.id for notice in due]
    Notice.objects.filter(id__in=ids).update(state=state, ended_at=at)
    PublicNotice.objects.filter(notice_id__in=ids).update(ended=state, ended_at=at, document=None)
    record_many("governance.notice.withdrawn", [(n, {"notice": n.code}) for n in due], actor=Actor.system(), at=at)
    return len(due)
