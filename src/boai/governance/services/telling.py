"""Telling people in their inbox what waits for them. Same key, same message: a retry writes nothing twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from boai.governance import letters, queries
from boai.governance.models import Meeting, Notice, Objection
from boai.kernel.clock import SHANGHAI, local_date
from boai.messages.recipients import Recipient
from boai.messages.services import message_send
from boai.people.queries import holders
from boai.people.roles import Duty
from boai.regions.codes import span


def _tell(
    users: Iterable[UUID], template: str, words: Mapping[str, str], *, key: str, region_code: str, at: datetime
) -> None:
    for user_id in sorted(set(users)):
        message_send(
            to=Recipient(user_id=user_id), template=template, context=words, key=f"{template}:{key}:{user_id}",
            region_code=region_code, at=at,
        )  # fmt: skip


def meeting_told(meeting: Meeting, *, at: datetime) -> None:
    """Members with an account and the officers learn when and where."""
    members = meeting.members.filter(user__isnull=False).values_list("user_id", flat=True)
    users = meeting.officer_ids | {u for u in members if u is not None}
    when = meeting.starts_at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
    words = {"title": meeting.title, "when": when, "place": meeting.place, "id": str(meeting.id)}
    _tell(users, letters.CONVENED, words, key=str(meeting.id), region_code=meeting.region_code, at=at)


def notice_told(notice: Notice, *, at: datetime) -> None:
    """Those who may approve learn that a rendered notice waits; the drafter is not among them."""
    found = holders(Duty.NOTICE_PUBLISH, region_code=notice.region_code, on=local_date(at))
    users = {p.user_id for p in found if _at_or_below(notice.branch.region_code, p.branch.region_code)}
    words = {"code": notice.code, "id": str(notice.id)}
    key = f"{notice.id}:{notice.rendered_hash[:16]}"
    _tell(users - {notice.drafted_by_id}, letters.WAITING, words, key=key, region_code=notice.region_code, at=at)


def objection_told(objection: Objection, *, at: datetime) -> None:
    """Those of the branch who handle objections and have clean hands learn that one has come in."""
    found = holders(Duty.OBJECTION_HANDLE, region_code=objection.region_code, on=local_date(at))
    users = {p.user_id for p in found if _at_or_below(objection.notice.branch.region_code, p.branch.region_code)}
    users -= queries.involved_ids(objection.notice, objection.entry)
    words = {"receipt": objection.receipt_no, "code": objection.notice.code, "id": str(objection.id),
             "day": local_date(objection.acknowledge_by).isoformat()}  # fmt: skip
    _tell(users, letters.FILED, words, key=str(objection.id), region_code=objection.region_code, at=at)


def handler_told(objection: Objection, *, at: datetime) -> None:
    """The handler learns of the task and its deadline."""
    assert objection.handler_id is not None, "an assigned objection has a handler"
    words = _task(objection, objection.decide_by)
    _tell(
        [objection.handler_id], letters.ASSIGNED, words, key=str(objection.id), region_code=objection.region_code, at=at
    )


def appeal_told(objection: Objection, *, at: datetime) -> None:
    """Those who handle objections at the branches above learn of the appeal."""
    assert objection.appeal_decide_by is not None, "an appeal has a deadline"
    found = holders(Duty.OBJECTION_HANDLE, region_code=objection.region_code, on=local_date(at))
    here = objection.notice.branch.region_code
    users = {p.user_id for p in found if not _at_or_below(here, p.branch.region_code)}
    words = _task(objection, objection.appeal_decide_by)
    _tell(users, letters.APPEALED, words, key=str(objection.id), region_code=objection.region_code, at=at)


def _task(objection: Objection, deadline: datetime) -> dict[str, str]:
    return {"receipt": objection.receipt_no, "day": local_date(deadline).isoformat(), "id": str(objection.id)}


def _at_or_below(branch_region: str, region_code: str) -> bool:
    lo, hi = span(branch_region)
    return lo <= region_code <= hi
