"""Who is in the room."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from boai.audit.services import record
from boai.governance import policies, queries
from boai.governance.enums import MEETING_TRANSITIONS
from boai.governance.models import MeetingMember
from boai.kernel.errors import NotFound, StalePage
from boai.kernel.policy import require
from boai.kernel.transition import transition
from boai.people.actor import Actor


def _member(meeting_id: UUID, member_id: UUID, actor: Actor) -> MeetingMember:
    meeting = queries.meeting_get(meeting_id=meeting_id, actor=actor, lock=True)
    member = MeetingMember.objects.filter(id=member_id, meeting=meeting).first()
    if member is None:
        raise NotFound
    member.meeting = meeting
    require(policies.may_sign_in, actor, member)
    transition(MEETING_TRANSITIONS, meeting.state, "attendance")
    return member


@transaction.atomic
def member_sign_in(*, meeting_id: UUID, member_id: UUID, actor: Actor, at: datetime) -> MeetingMember:
    """Sign a member in: the member on their own phone, or whoever organises at the door. Again after having left."""
    member = _member(meeting_id, member_id, actor)
    if member.is_present:
        raise StalePage(_("%(name)s has already signed in.") % {"name": member.name})
    member.signed_in_at, member.signed_out_at = at, None
    member.save(update_fields=["signed_in_at", "signed_out_at"])
    record("governance.meeting.signed_in", member.meeting, actor=actor, at=at, member=str(member.id), name=member.name)
    return member


@transaction.atomic
def member_sign_out(*, meeting_id: UUID, member_id: UUID, actor: Actor, at: datetime) -> MeetingMember:
    """A member leaves. Ballots already open keep their roll; later items count without the member."""
    member = _member(meeting_id, member_id, actor)
    if not member.is_present:
        raise StalePage(_("%(name)s is not signed in.") % {"name": member.name})
    member.signed_out_at = at
    member.save(update_fields=["signed_out_at"])
    record("governance.meeting.signed_out", member.meeting, actor=actor, at=at, member=str(member.id), name=member.name)
    return member
