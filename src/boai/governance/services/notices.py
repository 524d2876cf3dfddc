"""A notice up to its approval: draft, render, scan, a second person reads what was rendered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from boai.audit.services import record
from boai.governance import policies, queries
from boai.governance.enums import NOTICE_TRANSITIONS, EntryState, NoticeState
from boai.governance.models import Notice, NoticeEntry, Review
from boai.governance.rules.publication import Entry, NoticeRules
from boai.governance.rules.rendering import (
    Line,
    Office,
    fields_checked,
    masked,
    names_in,
    notice_title,
    render,
    scan,
)
from boai.governance.services.hashing import hash_of
from boai.governance.services.reviews import reason_needed
from boai.governance.services.telling import notice_told
from boai.kernel.errors import BadInput, NotFound, StalePage, UnableTo
from boai.kernel.policy import require
from boai.kernel.transition import transition
from boai.people.actor import Actor
from boai.people.models import Branch
from boai.regions.codes import span

UNPUBLISHED = (NoticeState.DRAFT, NoticeState.SUBMITTED, NoticeState.APPROVED)
_LIVE = [*UNPUBLISHED, NoticeState.PUBLISHED]


@transaction.atomic
def notice_draft(
    *, actor: Actor, branch_id: UUID, region_code: str, kind: str, entries: Sequence[Entry], rules: NoticeRules,
    at: datetime,
) -> Notice:  # fmt: skip
    """Draft a notice about one or several subjects. A field outside of the type's list raises BadInput.

    `region_code` is the division whose residents the notice is for. `rules` are frozen here. A subject can be on one
    live notice only.
    """
    require(policies.may_draft, actor, region_code)
    branch = Branch.objects.filter(id=branch_id).first()
    if branch is None:
        raise NotFound
    notice = Notice.objects.create(
        region_code=region_code, branch=branch, kind=kind, title=notice_title(kind), rules=rules.as_json(),
        drafted_by_id=policies.person(actor), drafted_at=at,
    )  # fmt: skip
    _entries_set(notice, entries)
    record("governance.notice.drafted", notice, actor=actor, at=at, notice=notice.code, rules=list(rules.versions),
           subjects=[e.subject.code for e in entries])  # fmt: skip
    return notice


def _entries_set(notice: Notice, entries: Sequence[Entry]) -> None:
    """Write the entries of a draft, every field checked, no subject elsewhere on a live notice."""
    if not entries:
        raise BadInput(_("A notice needs at least one entry."))
    ids = [e.subject.id for e in entries]
    if len(set(ids)) != len(ids):
        raise BadInput(_("A subject is on the notice twice."))
    lo, hi = span(notice.region_code)
    if not all(lo <= e.subject.region_code <= hi for e in entries):
        raise BadInput(_("A subject belongs to another division than the notice."))
    _refuse_listed(notice, ids)
    rows = [_entry_row(notice, n, entry) for n, entry in enumerate(entries, 1)]
    notice.entries.all().delete()
    NoticeEntry.objects.bulk_create(rows)


def _refuse_listed(notice: Notice, subject_ids: Sequence[UUID]) -> None:
    elsewhere = (
        NoticeEntry.objects.filter(subject_id__in=subject_ids, notice__state__in=_LIVE)
        .filter(state__in=[EntryState.LISTED, EntryState.CLEARED])
        .exclude(notice_id__in=[i for i in (notice.id, notice.previous_id) if i is not None])
    )
    taken = list(elsewhere.values_list("subject_code", flat=True))
    if taken:
        raise UnableTo(_("Already on another notice: %(codes)s.") % {"codes": "、".join(taken)})


def _entry_row(notice: Notice, number: int, entry: Entry) -> NoticeEntry:
    if (
        entry.review_id is not None
        and not Review.objects.filter(
            id=entry.review_id, subject_kind=entry.subject.kind, subject_id=entry.subject.id
        ).exists()
    ):
        raise NotFound(_("The review does not belong to this subject."))
    return NoticeEntry(
        notice=notice, region_code=entry.subject.region_code, number=number, subject_kind=entry.subject.kind,
        subject_id=entry.subject.id, subject_code=entry.subject.code, subject_title=entry.subject.title,
        fields=fields_checked(notice.kind, entry), shielded=entry.shielded, review_id=entry.review_id,
        excluded=sorted(entry.excluded),
    )  # fmt: skip


@transaction.atomic
def notice_edit(*, notice_id: UUID, actor: Actor, entries: Sequence[Entry], at: datetime) -> Notice:
    """Replace the entries of a draft."""
    notice = queries.notice_get(notice_id=notice_id, actor=actor, lock=True)
    require(policies.may_change_draft, actor, notice)
    notice.state = transition(NOTICE_TRANSITIONS, notice.state, "edit")
    _entries_set(notice, entries)
    record("governance.notice.edited", notice, actor=actor, at=at, notice=notice.code,
           subjects=[e.subject.code for e in entries])  # fmt: skip
    return notice


@transaction.atomic
def notice_submit(*, notice_id: UUID, actor: Actor, at: datetime) -> Notice:
    """Render board and internet version, scan both, ask for approval.

    Raises BadInput when an identity, telephone or card number stands anywhere in the text.
    """
    notice = queries.notice_get(notice_id=notice_id, actor=actor, lock=True)
    require(policies.may_change_draft, actor, notice)
    notice.state = transition(NOTICE_TRANSITIONS, notice.state, "submit")
    notice.board, notice.public = notice_preview(notice=notice)
    finds = scan(notice.board, notice.public) + names_in(notice.correction, _names(notice))
    if finds:
        raise BadInput(" ".join(finds), {"text": finds})
    notice.rendered_hash = hash_of([notice.board, notice.public])
    notice.submitted_by_id, notice.submitted_at, notice.returned_note = policies.person(actor), at, ""
    notice.save(
        update_fields=["state", "board", "public", "rendered_hash", "submitted_by", "submitted_at", "returned_note"]
    )
    record("governance.notice.submitted", notice, actor=actor, at=at, notice=notice.code, hash=notice.rendered_hash)
    notice_told(notice, at=at)
    return notice


def _names(notice: Notice) -> set[str]:
    """Everybody whom the entries mean, also those whose names are on no version (`subject_title` begins with them)."""
    rows = list(notice.entries.values_list("fields", "subject_title"))
    said = {str(fields.get(key, "")) for fields, _title in rows for key in ("name", "guardian")}
    return {name for name in said | {title.split(" ")[0] for _fields, title in rows} if name}


def notice_preview(*, notice: Notice) -> tuple[dict[str, Any], dict[str, Any]]:
    """Both documents as they come out of the present entries and of what else is on display."""
    entries = list(notice.entries.select_related("review"))
    branch = notice.branch
    return render(
        notice.kind, lines=[_line(entry) for entry in entries], rules=notice.notice_rules,
        office=Office(branch.name, branch.phone, branch.address, branch.open_hours), correction=notice.correction,
        taken=_names_on_display(notice, {e.region_code for e in entries}),
    )  # fmt: skip


def _line(entry: NoticeEntry) -> Line:
    result = queries.review_result(review_id=entry.review_id) if entry.review_id else None
    return Line(
        code=entry.subject_code, region_code=entry.region_code, fields=entry.fields, shielded=entry.shielded,
        attendance=result.attendance if result else None, count=result.count if result else None,
        retracted=entry.state == EntryState.RETRACTED,
    )  # fmt: skip


def _names_on_display(notice: Notice, regions: set[str]) -> dict[str, list[str]]:
    """Masked names that residents of these divisions can read now on other notices, by division."""
    others = (
        NoticeEntry.objects.filter(region_code__in=regions, notice__state=NoticeState.PUBLISHED)
        .exclude(notice_id__in=[i for i in (notice.id, notice.previous_id) if i is not None])
        .order_by("notice_id", "number")
    )
    names: dict[str, list[str]] = defaultdict(list)
    for entry in others:
        line = Line(entry.subject_code, entry.region_code, entry.fields, entry.shielded,
                    retracted=entry.state == EntryState.RETRACTED)  # fmt: skip
        names[entry.region_code].append(masked(line))
    return names


@transaction.atomic
def notice_return(*, notice_id: UUID, actor: Actor, reason: str, at: datetime) -> Notice:
    """The second person sends it back to the drafter, with the reason."""
    notice = queries.notice_get(notice_id=notice_id, actor=actor, lock=True)
    require(policies.may_approve_notice, actor, notice)
    send_to_drafter(notice, why=reason_needed(reason))
    record("governance.notice.returned", notice, actor=actor, at=at, notice=notice.code, reason=notice.returned_note)
    return notice


def send_to_drafter(notice: Notice, *, why: str) -> None:
    """A locked notice is a draft again and nobody has approved it."""
    notice.state = transition(NOTICE_TRANSITIONS, notice.state, "return")
    notice.returned_note = why[:300]
    notice.approved_by_id, notice.approved_at, notice.approved_hash = None, None, ""
    notice.save(update_fields=["state", "returned_note", "approved_by", "approved_at", "approved_hash"])


@transaction.atomic
def notice_approve(*, notice_id: UUID, actor: Actor, rendered_hash: str, at: datetime) -> Notice:
    """A second person approves exactly the text that was rendered (`rendered_hash` of the page they read)."""
    notice = queries.notice_get(notice_id=notice_id, actor=actor, lock=True)
    require(policies.may_approve_notice, actor, notice)
    notice.state = transition(NOTICE_TRANSITIONS, notice.state, "approve")
    if rendered_hash != notice.rendered_hash:
        raise StalePage(_("The notice has changed since you opened the page. Read it again."))
    notice.approved_by_id, notice.approved_at, notice.approved_hash = actor.user_id, at, rendered_hash
    notice.save(update_fields=["state", "approved_by", "approved_at", "approved_hash"])
    record("governance.notice.approved", notice, actor=actor, at=at, notice=notice.code, hash=rendered_hash)
    return notice


@transaction.atomic
def notice_discard(*, notice_id: UUID, actor: Actor, at: datetime) -> Notice:
    """Throw a draft away; nothing of it was public."""
    notice = queries.notice_get(notice_id=notice_id, actor=actor, lock=True)
    require(policies.may_change_draft, actor, notice)
    notice.state = transition(NOTICE_TRANSITIONS, notice.state, "discard")
    return discard(notice, actor=actor, at=at)


def discard(notice: Notice, *, actor: Actor, at: datetime) -> Notice:
    """As `notice_discard`, on a locked notice that nobody has seen."""
    notice.state, notice.ended_at = NoticeState.DISCARDED, at
    # A discarded correction must not stand in the way of the next one.
    notice.previous = None
    notice.approved_by_id, notice.approved_at, notice.approved_hash = None, None, ""
    notice.save(update_fields=["state", "ended_at", "previous", "approved_by", "approved_at", "approved_hash"])
    record("governance.notice.discarded", notice, actor=actor, at=at, notice=notice.code)
    return notice


@transaction.atomic
def notice_correct(
    *, notice_id: UUID, actor: Actor, entries: Sequence[Entry], correction: str, at: datetime
) -> Notice:  # fmt: skip
    """Draft the material correction of a published notice: when it is published the old one ends, the days start anew.

    `correction` is the sentence that tells residents what was wrong (更正说明). Until then the old text stays.
    """
    old = queries.notice_get(notice_id=notice_id, actor=actor, lock=True)
    require(policies.may_change_draft, actor, old)
    transition(NOTICE_TRANSITIONS, old.state, "correct")
    if Notice.objects.filter(previous=old).exists():
        raise UnableTo(_("A correction of this notice is already being drafted."))
    if old.entries.filter(state=EntryState.CLEARED).exists():
        raise UnableTo(_("A grant on this notice has already been approved; it can no longer be corrected."))
    notice = Notice.objects.create(
        region_code=old.region_code, branch=old.branch, kind=old.kind, title=old.title, rules=old.rules, previous=old,
        correction=reason_needed(correction)[:300], drafted_by_id=policies.person(actor), drafted_at=at,
    )  # fmt: skip
    _entries_set(notice, entries)
    record("governance.notice.correction_drafted", notice, actor=actor, at=at, notice=notice.code, corrects=old.code,
           correction=notice.correction)  # fmt: skip
    return notice
