"""The desk: what waits for this post, what is late, what was decided. Keyset pages, few queries, index only.

"Waiting for me" is a union of short index scans over (branch, waits_for, due_on, id), one for each duty of the post, so
that it costs the same with a thousand cases and with two hundred thousand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import product
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from boai.governance.enums import BLOCKING, NoticeState, ReviewState
from boai.governance.models import Notice, Objection, RollEntry
from boai.kernel.errors import BadInput
from boai.kernel.ids import CODE_ALPHABET, CODE_LENGTH
from boai.kernel.text.folding import squeeze
from boai.people.actor import Actor
from boai.people.roles import Duty
from boai.regions.codes import COUNTRY, path, span
from boai.regions.queries import full_names
from boai.relief.enums import BatchState, PaymentState, State, Track
from boai.relief.models import Batch, Case, Payment, Programme
from boai.relief.policies import BEFORE_APPROVAL, EARLY

PAGE = 30
MOST_COUNTED = 1000
"""Counts stop here and read "1000+": an exact number beyond it helps nobody and costs a scan."""

COLUMNS = (
    "id", "code", "beneficiary_name", "programme__name", "state", "track", "region_code", "since", "due_on",
    "requested_fen", "proposed_fen", "approved_fen", "decided_at", "version",
)  # fmt: skip

HANDS: dict[str, tuple[str, ...]] = {
    Duty.CASE_VERIFY: EARLY,
    Duty.CASE_APPROVE: BEFORE_APPROVAL,
    Duty.CASE_APPROVE_HIGH: BEFORE_APPROVAL,
}
"""Hands that a duty must not have had in a case: such cases are not shown as waiting for this person."""


@dataclass(frozen=True)
class Row:
    """A line of the desk or of the case list."""

    id: UUID
    code: str
    name: str
    programme: str
    state: str
    urgent: bool
    place: str
    since: datetime
    due_on: date | None
    late: bool
    amount_fen: int
    decided_at: datetime | None
    version: int

    @property
    def state_label(self) -> str:
        """The state in words."""
        return str(State(self.state).label)

    @property
    def tone(self) -> str:
        """The badge's colour: green for what is done, amber for what is late or urgent, red-brown for refused."""
        if self.state in (State.REFUSED, State.WITHDRAWN):
            return "stop"
        if self.state == State.ARCHIVED:
            return "ok"
        return "wait" if self.late or self.urgent else "info"


@dataclass(frozen=True)
class Page:
    """Rows, and the key after which the next page begins ("" on the last one)."""

    rows: list[Row]
    after: str


@dataclass(frozen=True)
class Counts:
    """How many wait and how many of them are late; both stop at MOST_COUNTED."""

    waiting: int
    late: int


def handling_branches(actor: Actor) -> list[UUID]:
    """The branches with programmes whose cases this post may work on: its own and those above it. One query."""
    codes = [COUNTRY, *path(actor.region_code)] if actor.region_code else []
    return list(Programme.objects.filter(region_code__in=codes).values_list("branch_id", flat=True).distinct())


def desk_waiting(*, actor: Actor, on: date, late_only: bool = False, after: str = "", size: int = PAGE) -> Page:
    """Cases that wait for a duty of this post, the most urgent first."""
    parts = [
        part.order_by("due_on", "id").values(*COLUMNS)[: size + 1] for part in _waiting(actor, on, late_only, after)
    ]
    if not parts:
        return Page([], "")
    merged = parts[0] if len(parts) == 1 else parts[0].union(*parts[1:], all=True).order_by("due_on", "id")[: size + 1]
    rows = list(merged)
    return _page(rows, size=size, on=on, below=actor.region_code, key=lambda r: f"{r['due_on']}_{r['id']}")


def desk_counts(*, actor: Actor, on: date) -> Counts:
    """How many wait, how many are late. One query."""
    parts = [part.values("due_on")[:MOST_COUNTED] for part in _waiting(actor, on, False, "")]
    if not parts:
        return Counts(0, 0)
    statements: list[str] = []
    params: list[Any] = []
    for part in parts:
        sql, values = part.query.sql_with_params()
        statements.append(f"({sql})")
        params.extend(values)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(*) FILTER (WHERE due_on < %s) FROM ("  # noqa: S608 - statements are Django's own
            + " UNION ALL ".join(statements)
            + ") AS waiting",
            [on, *params],
        )
        waiting, late = cursor.fetchone() or (0, 0)
    return Counts(min(waiting, MOST_COUNTED), min(late, MOST_COUNTED))


def _waiting(actor: Actor, on: date, late_only: bool, after: str) -> list[QuerySet[Case]]:
    """One query set for each branch and duty of the post; cases with hands of this person in them are left out."""
    parts = []
    for branch_id, duty in product(handling_branches(actor), sorted(actor.duties & WAITED_FOR)):
        part = Case.objects.filter(branch_id=branch_id, waits_for=duty)
        for hand in HANDS.get(duty, ()):
            part = part.filter(Q(**{hand: None}) | ~Q(**{hand: actor.user_id}))
        if late_only:
            part = part.filter(due_on__lt=on)
        if after:
            day, key = _split(after)
            part = part.filter(Q(due_on__gt=day) | Q(due_on=day, id__gt=key), due_on__gte=day)
        parts.append(part)
    return parts


WAITED_FOR = frozenset(
    {Duty.CASE_ACCEPT, Duty.CASE_VERIFY, Duty.REVIEW_HOLD, Duty.NOTICE_DRAFT, Duty.CASE_APPROVE,
     Duty.CASE_APPROVE_HIGH, Duty.PAY_PREPARE, Duty.PAY_RELEASE, Duty.FUND_BOOK, Duty.CASE_VISIT}
)  # fmt: skip


def desk_decided(*, actor: Actor, on: date, after: str = "", size: int = PAGE) -> Page:
    """What the branch decided last: approved and refused."""
    if actor.branch_id is None:
        return Page([], "")
    cases = Case.objects.filter(branch_id=actor.branch_id, decided_at__isnull=False)
    if after:
        moment, key = after.rsplit("_", 1)
        cases = cases.filter(
            Q(decided_at__lt=_moment(moment)) | Q(decided_at=_moment(moment), id__lt=_uuid(key)),
            decided_at__lte=_moment(moment),
        )
    rows = list(cases.order_by("-decided_at", "-id").values(*COLUMNS)[: size + 1])
    return _page(
        rows, size=size, on=on, below=actor.region_code, key=lambda r: f"{r['decided_at'].isoformat()}_{r['id']}"
    )


def desk_elsewhere(*, actor: Actor, at: datetime) -> list[tuple[str, int, str]]:
    """Work that stands in other tables: (what, how many, address). Counts stop at MOST_COUNTED."""
    lo, hi = actor.scope.lo, actor.scope.hi
    work: list[tuple[str, int, str]] = []
    if actor.has(Duty.REVIEW_VOTE) and actor.user_id is not None:
        mine = RollEntry.objects.filter(
            member__user_id=actor.user_id, voted=False, poll__review__state=ReviewState.BALLOT_OPEN, channel="online"
        )
        work.append((_("Ballots waiting for my vote"), _capped(mine), reverse("governance:review_list")))
    if actor.has(Duty.NOTICE_PUBLISH):
        drafts = Notice.objects.filter(
            state__in=[NoticeState.SUBMITTED, NoticeState.APPROVED], region_code__range=(lo, hi)
        ).exclude(drafted_by_id=actor.user_id)
        work.append((_("Notices to approve or publish"), _capped(drafts), reverse("governance:notice_list")))
    if actor.has(Duty.OBJECTION_HANDLE):
        objections = Objection.objects.filter(state__in=BLOCKING, region_code__range=(lo, hi))
        work.append((_("Open objections"), _capped(objections), reverse("governance:objection_list")))
    if actor.has(Duty.PAY_PREPARE) and actor.branch_id is not None:
        queued = Payment.objects.filter(branch_id=actor.branch_id, state=PaymentState.QUEUED)
        work.append((_("Payments to put into a batch"), _capped(queued), reverse("relief:batch_list")))
    if actor.has(Duty.PAY_RELEASE) and actor.branch_id is not None:
        batches = Batch.objects.filter(branch_id=actor.branch_id, state=BatchState.PREPARED)
        work.append((_("Batches to release"), _capped(batches), reverse("relief:batch_list")))
    return work


def _capped(rows: QuerySet[Any]) -> int:
    return rows.values("pk")[:MOST_COUNTED].count()


@dataclass(frozen=True)
class Filter:
    """What the case list is narrowed to; empty fields narrow nothing."""

    text: str = ""
    state: str = ""
    programme: UUID | None = None
    place: str = ""
    late: bool = False
    person_blinds: list[bytes] = field(default_factory=list)


def case_list(*, actor: Actor, wanted: Filter, on: date, after: str = "", size: int = PAGE) -> Page:
    """Cases within the actor's reach, newest first."""
    cases = case_filter(actor=actor, wanted=wanted, on=on)
    if after:
        cases = cases.filter(id__lt=_uuid(after))
    rows = list(cases.order_by("-id").values(*COLUMNS)[: size + 1])
    return _page(rows, size=size, on=on, below=actor.region_code, key=lambda r: str(r["id"]))


def case_filter(*, actor: Actor, wanted: Filter, on: date) -> QuerySet[Case]:
    """The cases that a filter finds. Narrowed by branch where the branch itself handles them, else by division."""
    cases = Case.objects.filter(region_code__range=(actor.scope.lo, actor.scope.hi))
    if actor.branch_id and Case.objects.filter(branch_id=actor.branch_id).exists():
        cases = Case.objects.filter(branch_id=actor.branch_id)
    if wanted.state:
        cases = cases.filter(state=wanted.state)
    if wanted.programme:
        cases = cases.filter(programme_id=wanted.programme)
    if wanted.place:
        cases = cases.filter(region_code__range=span(wanted.place))
    if wanted.late:
        cases = cases.filter(due_on__lt=on).exclude(waits_for="")
    if wanted.person_blinds:
        return cases.filter(person_blind__in=wanted.person_blinds)
    if wanted.text:
        code = squeeze(wanted.text).upper()
        by_code = len(code) == CODE_LENGTH and not set(code) - set(CODE_ALPHABET)
        cases = cases.filter(code=code) if by_code else cases.filter(beneficiary_name__prefix=wanted.text)
    return cases


def case_rows(cases: QuerySet[Case], *, on: date, below: str) -> list[Row]:
    """Rows of chosen cases, in the order of the query set."""
    return _page(list(cases.values(*COLUMNS)), size=10**6, on=on, below=below, key=lambda r: "").rows


def _page(rows: Sequence[dict[str, Any]], *, size: int, on: date, key: Any, below: str) -> Page:
    shown = rows[:size]
    places = full_names({r["region_code"] for r in shown}, below=below or COUNTRY)
    made = [
        Row(
            id=r["id"], code=r["code"], name=r["beneficiary_name"], programme=r["programme__name"], state=r["state"],
            urgent=r["track"] == Track.EMERGENCY, place=places.get(r["region_code"], r["region_code"]),
            since=r["since"], due_on=r["due_on"], late=bool(r["due_on"] and r["due_on"] < on),
            amount_fen=r["approved_fen"] or r["proposed_fen"] or r["requested_fen"], decided_at=r["decided_at"],
            version=r["version"],
        )
        for r in shown
    ]  # fmt: skip
    return Page(made, key(shown[-1]) if len(rows) > size else "")


def _split(after: str) -> tuple[date, UUID]:
    day, _sign, key = after.partition("_")
    try:
        return date.fromisoformat(day), UUID(key)
    except ValueError:
        raise BadInput from None


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise BadInput from None


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise BadInput from None
