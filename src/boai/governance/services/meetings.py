"""Calling a panel together, opening, closing, minutes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from boai.audit.services import record
from boai.files.services import Upload, file_store
from boai.governance import policies, queries
from boai.governance.enums import MEETING_TRANSITIONS, Channel
from boai.governance.models import Meeting, MeetingMember
from boai.governance.models.meetings import LIVE
from boai.governance.rules.majority import ReviewRules
from boai.governance.rules.subjects import Member
from boai.governance.services.hashing import hash_of_lines
from boai.governance.services.once import made_once
from boai.governance.services.telling import meeting_told
from boai.kernel.errors import BadInput, NotFound, UnableTo
from boai.kernel.policy import require
from boai.kernel.transition import transition
from boai.people.actor import Actor
from boai.people.models import Branch
from boai.regions.codes import span


@transaction.atomic
def meeting_convene(
    *, actor: Actor, branch_id: UUID, region_code: str, title: str, place: str, starts_at: datetime,
    members: Sequence[Member], rules: ReviewRules, chair_id: UUID, recorder_id: UUID, teller_id: UUID | None = None,
    scrutineer_id: UUID | None = None, witnesses: Sequence[str] = (), at: datetime, key: UUID | None = None,
) -> Meeting:  # fmt: skip
    """Call a panel together. The rule values are frozen here; with paper members teller and scrutineer are needed.

    `region_code` is the division the panel works for; only people whose post reaches it can open the ballot on their
    phone. The officers are four different people. `key` makes a second click harmless. Raises NotAllowed (REVIEW_HOLD),
    BadInput, StalePage (the key has been used).
    """
    require(policies.may_convene, actor, region_code)
    branch = Branch.objects.filter(id=branch_id).first()
    if branch is None:
        raise NotFound
    _check_officers(chair_id, recorder_id, teller_id, scrutineer_id)
    _check_members(members, rules)
    meeting = Meeting.objects.create(
        id=made_once(Meeting, key), region_code=region_code, branch=branch, title=title.strip(), place=place.strip(),
        starts_at=starts_at, rules=rules.as_json(), chair_id=chair_id, recorder_id=recorder_id, teller_id=teller_id,
        scrutineer_id=scrutineer_id, witnesses=_tidy(witnesses), convened_by_id=actor.user_id, convened_at=at,
    )  # fmt: skip
    MeetingMember.objects.bulk_create(
        MeetingMember(meeting=meeting, region_code=region_code, user_id=m.user_id, name=m.name, channel=m.channel)
        for m in members
    )
    record("governance.meeting.convened", meeting, actor=actor, at=at, title=meeting.title, members=len(members),
           rules=list(rules.versions))  # fmt: skip
    meeting_told(meeting, at=at)
    return meeting


def _check_officers(*officers: UUID | None) -> None:
    appointed = [o for o in officers if o is not None]
    if len(appointed) != len(set(appointed)):
        raise BadInput(_("Chair, teller, scrutineer and recorder are four different people."),
                       {"chair": [_("Chair, teller, scrutineer and recorder are four different people.")]})  # fmt: skip


def _check_members(members: Sequence[Member], rules: ReviewRules) -> None:
    users = [m.user_id for m in members if m.user_id is not None]
    sentences = []
    if len(users) != len(set(users)):
        sentences.append(_("Somebody is on the roll twice."))
    if any(m.channel == Channel.ONLINE and m.user_id is None for m in members):
        sentences.append(_("Members without an account vote on paper."))
    if any(not m.name.strip() for m in members):
        sentences.append(_("Every member needs a name."))
    if len(members) < rules.min_members:
        sentences.append(
            _("The roll has %(n)s members; at least %(min)s are needed.")
            % {"n": len(members), "min": rules.min_members}
        )
    if sentences:
        raise BadInput(" ".join(sentences), {"members": sentences})


def _tidy(names: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(n.strip()[:40] for n in names if n.strip()))


@transaction.atomic
def meeting_officers_set(
    *, meeting_id: UUID, actor: Actor, chair_id: UUID, recorder_id: UUID, teller_id: UUID | None,
    scrutineer_id: UUID | None, witnesses: Sequence[str], at: datetime,
) -> Meeting:  # fmt: skip
    """Appoint others: before the opening, or between two items when one of them has to step aside."""
    meeting = queries.meeting_get(meeting_id=meeting_id, actor=actor, lock=True)
    require(policies.may_organise, actor, meeting)
    meeting.state = transition(MEETING_TRANSITIONS, meeting.state, "officers")
    if meeting.reviews.filter(state__in=("ballot_open", "ballot_closed", "disputed")).exists():
        raise UnableTo(_("A ballot is under way; change the officers after it has been counted."))
    _check_officers(chair_id, recorder_id, teller_id, scrutineer_id)
    meeting.chair_id, meeting.recorder_id = chair_id, recorder_id
    meeting.teller_id, meeting.scrutineer_id, meeting.witnesses = teller_id, scrutineer_id, _tidy(witnesses)
    meeting.save(update_fields=["chair", "recorder", "teller", "scrutineer", "witnesses"])
    officers = {"chair": chair_id, "recorder": recorder_id, "teller": teller_id, "scrutineer": scrutineer_id}
    record("governance.meeting.officers_set", meeting, actor=actor, at=at,
           **{k: str(v) if v else "" for k, v in officers.items()})  # fmt: skip
    return meeting


@transaction.atomic
def meeting_open(*, meeting_id: UUID, actor: Actor, at: datetime) -> Meeting:
    """Open the sitting and freeze its roll. Raises UnableTo with what is missing (quorum, officers)."""
    meeting = queries.meeting_get(meeting_id=meeting_id, actor=actor, lock=True)
    require(policies.may_preside, actor, meeting)
    meeting.state = transition(MEETING_TRANSITIONS, meeting.state, "open")
    members = list(meeting.members.all())
    missing = queries.meeting_missing(meeting, members)
    if missing:
        raise UnableTo(" ".join(missing))
    meeting.opened_at = at
    meeting.roll_hash = hash_of_lines(f"{m.id} {m.user_id or '-'} {m.channel}" for m in members)
    meeting.save(update_fields=["state", "opened_at", "roll_hash"])
    record("governance.meeting.opened", meeting, actor=actor, at=at, roll=len(members), roll_hash=meeting.roll_hash,
           signed_in=sum(m.is_present for m in members))  # fmt: skip
    return meeting


@transaction.atomic
def meeting_adjourn(*, meeting_id: UUID, actor: Actor, reason: str, at: datetime) -> Meeting:
    """No quorum came together: end the meeting before it opened. Its items are adjourned by `review_declare` first."""
    meeting = queries.meeting_get(meeting_id=meeting_id, actor=actor, lock=True)
    require(policies.may_organise, actor, meeting)
    return _end(meeting, "adjourn", "governance.meeting.adjourned", actor=actor, reason=reason, at=at)


@transaction.atomic
def meeting_cancel(*, meeting_id: UUID, actor: Actor, reason: str, at: datetime) -> Meeting:
    """Call off a meeting before it opened. Its items are adjourned by `review_declare` first."""
    meeting = queries.meeting_get(meeting_id=meeting_id, actor=actor, lock=True)
    require(policies.may_organise, actor, meeting)
    return _end(meeting, "cancel", "governance.meeting.cancelled", actor=actor, reason=reason, at=at)


def _end(meeting: Meeting, action: str, mark: str, *, actor: Actor, reason: str, at: datetime) -> Meeting:
    meeting.state = transition(MEETING_TRANSITIONS, meeting.state, action)
    if not reason.strip():
        raise BadInput(fields={"reason": [_("Give the reason.")]})
    _refuse_live_items(meeting)
    meeting.note, meeting.closed_at = reason.strip()[:500], at
    meeting.save(update_fields=["state", "note", "closed_at"])
    record(mark, meeting, actor=actor, at=at, reason=meeting.note)
    return meeting


def _refuse_live_items(meeting: Meeting) -> None:
    waiting = list(meeting.reviews.filter(state__in=LIVE).values_list("subject_code", flat=True))
    if waiting:
        raise UnableTo(_("These items are not declared yet: %(codes)s.") % {"codes": "、".join(waiting)})


@transaction.atomic
def meeting_close(*, meeting_id: UUID, actor: Actor, at: datetime) -> Meeting:
    """Close the sitting once every item is declared; the minutes can be printed."""
    meeting = queries.meeting_get(meeting_id=meeting_id, actor=actor, lock=True)
    require(policies.may_preside, actor, meeting)
    meeting.state = transition(MEETING_TRANSITIONS, meeting.state, "close")
    _refuse_live_items(meeting)
    meeting.closed_at = at
    meeting.save(update_fields=["state", "closed_at"])
    outcomes = {r.subject_code: r.state for r in meeting.reviews.all()}
    record("governance.meeting.closed", meeting, actor=actor, at=at, items=len(outcomes), outcomes=outcomes)
    return meeting


@transaction.atomic
def meeting_sign(
    *, meeting_id: UUID, actor: Actor, upload: Upload, pages: int, signers: Sequence[str], at: datetime
) -> Meeting:
    """Keep the scan of the signed minutes: its hash, page count and signers go to the log (governance §3.6)."""
    meeting = queries.meeting_get(meeting_id=meeting_id, actor=actor, lock=True)
    require(policies.may_organise, actor, meeting)
    meeting.state = transition(MEETING_TRANSITIONS, meeting.state, "sign")
    names = _tidy(signers)
    if pages < 1 or not names:
        raise BadInput(fields={"signers": [_("Give the number of pages and the names of those who signed.")]})
    scan = file_store(upload=upload, purpose="governance.minutes", region_code=meeting.region_code, actor=actor, at=at)
    meeting.minutes_file, meeting.signed_at = scan, at
    meeting.save(update_fields=["state", "minutes_file", "signed_at"])
    record("governance.meeting.signed", meeting, actor=actor, at=at, sha256=scan.sha256, pages=pages, signers=names)
    return meeting


def place_within(meeting: Meeting, region_code: str) -> bool:
    """Does a subject of this division belong to the panel?"""
    lo, hi = span(meeting.region_code)
    return lo <= region_code <= hi
