"""Objections: taking in, handling by somebody with clean hands, deciding, one appeal (governance §5)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from boai.audit.services import record
from boai.governance import policies, queries
from boai.governance.enums import (
    ENTRY_TRANSITIONS,
    OBJECTION_TRANSITIONS,
    EntryState,
    NoticeState,
    ObjectionChannel,
    ObjectionOutcome,
    ObjectionState,
)
from boai.governance.models import Notice, NoticeEntry, Objection, ObjectionIdentity, PublicNotice
from boai.governance.rules.days import working_deadline
from boai.governance.services.notices import UNPUBLISHED
from boai.governance.services.once import made_once
from boai.governance.services.publishing import entry_drop, line_strike
from boai.governance.services.reviews import reason_needed
from boai.governance.services.telling import appeal_told, handler_told, objection_told
from boai.kernel.clock import local_date
from boai.kernel.errors import BadInput, NotAllowed, NotFound, StalePage, UnableTo
from boai.kernel.policy import require
from boai.kernel.scope import EVERYWHERE, Scope, scoped
from boai.kernel.text.faults import Unreadable
from boai.kernel.text.folding import check_text, clean, clean_lines
from boai.kernel.transition import transition
from boai.people.actor import SYSTEM_ROLE, Actor
from boai.people.queries import holders
from boai.people.roles import Duty
from boai.regions.codes import span

LONGEST_TEXT = 4000
LEAST_TEXT = 5


@transaction.atomic
def objection_file(
    *, notice_id: UUID, channel: str, text: str, actor: Actor, at: datetime, subject_id: UUID | None = None,
    code: str = "", name: str = "", contact: str = "", key: UUID | None = None,
) -> tuple[Objection, str]:  # fmt: skip
    """Take in an objection and give its receipt number. Without `name` it is anonymous (with facts in `text`).

    The public may file on the web; phone and paper are entered by an officer. `subject_id`, or `code` (the random code
    that stands on the public line), names one entry; neither means the whole notice. Works without any scope: what is
    written belongs to the notice's division. `key` makes a second click harmless. Raises UnableTo when the notice has
    ended or the subject is settled, BadInput for text that cannot be taken, StalePage for a key that has been used.
    """
    shown = PublicNotice.objects.filter(notice_id=notice_id).first()
    if shown is None:
        raise NotFound
    said = _text(text, field="text", least=LEAST_TEXT, limit=LONGEST_TEXT, lines=True)
    who = _text(name, field="name", limit=50)
    reach = _text(contact, field="contact", limit=100)
    with scoped(Scope(*span(shown.region_code), str(actor.user_id or SYSTEM_ROLE))):
        notice = Notice.objects.select_for_update(of=("self",)).select_related("branch").get(id=notice_id)
        require(policies.may_file, actor, (notice, ObjectionChannel(channel)))
        entry = _entry_open(notice, subject_id, code.strip().upper(), at)
        rules = notice.notice_rules
        objection = Objection.objects.create(
            id=made_once(Objection, key),
            region_code=notice.region_code,
            notice=notice,
            entry=entry,
            channel=channel,
            anonymous=not who,
            text=said,
            filed_at=at,
            entered_by_id=actor.user_id,
            acknowledge_by=working_deadline(at=at, days=rules.acknowledge_days),
            decide_by=working_deadline(at=at, days=rules.decide_days),
        )
        ObjectionIdentity.objects.create(objection=objection, region_code=notice.region_code, name=who, contact=reach)
        record("governance.objection.filed", objection, actor=actor, at=at, notice=notice.code, channel=str(channel),
               anonymous=objection.anonymous, subject=entry.subject_code if entry else "")  # fmt: skip
        objection_told(objection, at=at)
    return objection, objection.receipt_no


def _text(text: str, *, field: str, limit: int, least: int = 0, lines: bool = False) -> str:
    try:
        check_text(text, limit=limit)
    except Unreadable:
        raise BadInput(
            fields={field: [_("This text is too long or holds characters that must not be stored.")]}
        ) from None
    tidy = clean_lines(text) if lines else clean(text)
    if len(tidy) < least:
        raise BadInput(fields={field: [_("Say in a sentence or two what is not right.")]})
    return tidy


def _entry_open(notice: Notice, subject_id: UUID | None, code: str, at: datetime) -> NoticeEntry | None:
    """The entry objected to, still open to objection; None for the whole notice. Raises UnableTo, NotFound."""
    over = _("The time for objections has ended. If you know of a wrong, tell the branch; it looks into every report.")
    if notice.state != NoticeState.PUBLISHED or notice.ends_at is None or at >= notice.ends_at:
        raise UnableTo(over)
    entries = NoticeEntry.objects.filter(notice=notice)
    if subject_id is None and not code:
        if not entries.filter(state=EntryState.LISTED).exists():
            raise UnableTo(over)
        return None
    found = entries.filter(subject_id=subject_id) if subject_id is not None else entries.filter(subject_code=code)
    entry = found.first()
    if entry is None:
        raise NotFound(_("This number is not on the notice."))
    if entry.state != EntryState.LISTED:
        raise UnableTo(over)
    return entry


def _locked(objection_id: UUID, actor: Actor) -> Objection:
    """Objection and notice under lock, the notice first, as `notice_lock_clear` and `objection_file` take them."""
    objection = queries.objection_get(objection_id=objection_id, actor=actor)
    Notice.objects.select_for_update().get(id=objection.notice_id)
    return queries.objection_get(objection_id=objection_id, actor=actor, lock=True)


@transaction.atomic
def objection_acknowledge(*, objection_id: UUID, actor: Actor, at: datetime) -> Objection:
    """Confirm receipt to the objector (due within 2 working days by default)."""
    objection = _locked(objection_id, actor)
    require(policies.may_handle, actor, objection)
    objection.state = transition(OBJECTION_TRANSITIONS, objection.state, "acknowledge")
    objection.acknowledged_at = at
    objection.save(update_fields=["state", "acknowledged_at"])
    record("governance.objection.acknowledged", objection, actor=actor, at=at, receipt=objection.receipt_no,
           late=at > objection.acknowledge_by)  # fmt: skip
    return objection


@transaction.atomic
def objection_assign(*, objection_id: UUID, handler_id: UUID, actor: Actor, at: datetime) -> Objection:
    """Give it to a handler with clean hands: not drafter, approver, publisher, verifier, voter or relative."""
    objection = _locked(objection_id, actor)
    require(policies.may_handle, actor, objection)
    before = objection.state
    objection.state = transition(OBJECTION_TRANSITIONS, before, "assign")
    if before == ObjectionState.ASSIGNED and objection.handler_id == handler_id:
        raise StalePage(_("This is already done; nothing was done twice."))
    may = holders(Duty.OBJECTION_HANDLE, region_code=objection.region_code, on=local_date(at))
    if not may.filter(user_id=handler_id).exists():
        raise BadInput(fields={"handler": [_("This person does not handle objections for this division.")]})
    verdict = policies.had_a_hand(handler_id, queries.involved_ids(objection.notice, objection.entry))
    if not verdict:
        raise NotAllowed(verdict.why)
    objection.handler_id, objection.assigned_at = handler_id, at
    objection.save(update_fields=["state", "handler", "assigned_at"])
    record("governance.objection.assigned", objection, actor=actor, at=at, receipt=objection.receipt_no,
           handler=str(handler_id))  # fmt: skip
    handler_told(objection, at=at)
    return objection


@transaction.atomic
def objection_decide(*, objection_id: UUID, actor: Actor, outcome: str, reasons: str, at: datetime) -> Objection:
    """The handler decides, with reasons. Upheld: the entries concerned are remanded or void. Call it from a journey."""
    objection = _locked(objection_id, actor)
    require(policies.may_decide, actor, objection)
    objection.state = transition(OBJECTION_TRANSITIONS, objection.state, "decide")
    objection.outcome, objection.reasons = _outcome(outcome), reason_needed(reasons)[:1000]
    objection.decided_by_id, objection.decided_at = actor.user_id, at
    objection.save(update_fields=["state", "outcome", "reasons", "decided_by", "decided_at"])
    subjects = _uphold(objection, objection.outcome, objection.reasons, actor=actor, at=at)
    record("governance.objection.decided", objection, actor=actor, at=at, receipt=objection.receipt_no,
           outcome=objection.outcome, late=at > objection.decide_by, subjects=subjects)  # fmt: skip
    return objection


def _outcome(outcome: str) -> str:
    if outcome not in ObjectionOutcome.values:
        raise BadInput(fields={"outcome": [_("Choose one of the outcomes.")]})
    return outcome


def _uphold(objection: Objection, outcome: str, reasons: str, *, actor: Actor, at: datetime) -> list[str]:
    """Send back or void what the objection concerns, on whatever notice it stands now; the subjects' codes."""
    if outcome == ObjectionOutcome.DISMISSED:
        return []
    action = "void" if outcome == ObjectionOutcome.VOID else "remand"
    entries = queries.entries_concerned(objection)
    # Under lock, in key order; the objection's own notice is locked already.
    notices = {n.id: n for n in Notice.objects.select_for_update().filter(id__in={e.notice_id for e in entries})
               .order_by("id")}  # fmt: skip
    for entry in entries:
        if notices[entry.notice_id].state in UNPUBLISHED:
            entry_drop(notices[entry.notice_id], entry, actor=actor, at=at)
            continue
        entry.state = transition(ENTRY_TRANSITIONS, entry.state, action)
        entry.settled_at, entry.note = at, reasons[:300]
        entry.save(update_fields=["state", "settled_at", "note"])
        line_strike(entry)
    return list(dict.fromkeys(s.code for s in queries.objection_subjects(objection_id=objection.id)))


@transaction.atomic
def objection_appeal(
    *, receipt_no: str, text: str, actor: Actor, at: datetime, channel: str = ObjectionChannel.WEB
) -> Objection:  # fmt: skip
    """The one appeal, to the branch above. Works without any scope: the receipt number is the key. Blocks again."""
    said = _text(text, field="text", least=LEAST_TEXT, limit=LONGEST_TEXT, lines=True)
    with scoped(EVERYWHERE):
        found = Objection.objects.filter(receipt_no=receipt_no.strip().upper().replace(" ", "")).first()
        if found is None:
            raise NotFound
        notice = Notice.objects.select_for_update().get(id=found.notice_id)
        objection = Objection.objects.select_for_update().get(id=found.id)
        require(policies.may_file, actor, (notice, ObjectionChannel(channel)))
        if objection.state == ObjectionState.CLOSED:
            raise UnableTo(_("There has already been an appeal; its decision is final."))
        objection.state = transition(OBJECTION_TRANSITIONS, objection.state, "appeal")
        objection.appeal_text, objection.appeal_channel, objection.appealed_at = said, channel, at
        objection.appeal_decide_by = working_deadline(at=at, days=notice.notice_rules.decide_days)
        objection.save(update_fields=["state", "appeal_text", "appeal_channel", "appealed_at", "appeal_decide_by"])
        record("governance.objection.appealed", objection, actor=actor, at=at, receipt=objection.receipt_no,
               channel=str(channel))  # fmt: skip
        appeal_told(objection, at=at)
    return objection


@transaction.atomic
def appeal_decide(*, objection_id: UUID, actor: Actor, outcome: str, reasons: str, at: datetime) -> Objection:
    """An officer of the branch above decides the appeal; final. Call it from a journey."""
    objection = _locked(objection_id, actor)
    require(policies.may_decide_appeal, actor, objection)
    verdict = policies.had_a_hand(actor.user_id, queries.involved_ids(objection.notice, objection.entry))
    if not verdict or actor.user_id == objection.handler_id:
        raise NotAllowed(verdict.why or _("You decided the objection, so somebody else has to decide the appeal."))
    objection.state = transition(OBJECTION_TRANSITIONS, objection.state, "decide_appeal")
    objection.appeal_outcome, objection.appeal_reasons = _outcome(outcome), reason_needed(reasons)[:1000]
    objection.appeal_handler_id, objection.appeal_decided_at = actor.user_id, at
    objection.save(update_fields=["state", "appeal_outcome", "appeal_reasons", "appeal_handler", "appeal_decided_at"])
    subjects = _uphold(objection, objection.appeal_outcome, objection.appeal_reasons, actor=actor, at=at)
    record("governance.objection.appeal_decided", objection, actor=actor, at=at, receipt=objection.receipt_no,
           outcome=objection.appeal_outcome, subjects=subjects)  # fmt: skip
    return objection


@transaction.atomic
def objector_reveal(*, objection_id: UUID, actor: Actor, at: datetime) -> tuple[str, str]:
    """Name and contact of the objector, for handler and supervisor; each look is recorded."""
    objection = queries.objection_get(objection_id=objection_id, actor=actor)
    require(policies.may_know_objector, actor, objection)
    identity = ObjectionIdentity.objects.get(objection=objection)
    record("governance.objection.identity_read", objection, actor=actor, at=at, receipt=objection.receipt_no)
    return identity.name, identity.contact
