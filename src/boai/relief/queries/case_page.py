"""Everything that the page of a case shows, in a fixed number of queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Q, Sum
from django.utils.translation import gettext as _

from boai.files.models import StoredFile
from boai.files.queries import stored_files
from boai.governance import queries as governance
from boai.governance.models import Review
from boai.governance.queries import NoticeStatus
from boai.kernel.clock import local_date
from boai.kernel.errors import NotFound
from boai.people.actor import Actor
from boai.people.queries import holders, names
from boai.people.roles import ROLES, Duty
from boai.regions.queries import full_names
from boai.relief.enums import ENDED, State
from boai.relief.models import Application, Case, Paper, Payment, Receipt, ReturnVisit, Snapshot, Step, Visit
from boai.relief.queries.checks import person_blinds
from boai.relief.queries.spine import SpineStep, spine
from boai.relief.rules import Rules

SUBJECT = "relief.case"
SHOWN_HOLDERS = 3


@dataclass(frozen=True)
class CasePage:
    """A case with all that belongs to it."""

    case: Case
    application: Application
    place: str
    steps: list[Step]
    spine: list[SpineStep]
    holders: str
    papers: list[Paper]
    visits: list[Visit]
    snapshot: Snapshot | None
    photos: dict[UUID, list[StoredFile]]
    files: dict[UUID, StoredFile]
    people: dict[UUID, str]
    review: Review | None
    notice: NoticeStatus | None
    payments: list[Payment]
    receipts: dict[UUID, Receipt]
    return_visits: list[ReturnVisit]
    late: bool

    @property
    def visit(self) -> Visit | None:
        """The newest visit sheet."""
        return self.visits[0] if self.visits else None


def case_get(case_id: UUID) -> Case:
    """A case with branch and programme. Raises NotFound (also outside the division)."""
    case = Case.objects.select_related("branch", "programme", "application").filter(id=case_id).first()
    if case is None:
        raise NotFound
    return case


def case_page(*, case_id: UUID, actor: Actor, at: datetime) -> CasePage:
    """The page of a case. Raises NotFound outside the actor's division."""
    case = case_get(case_id)
    on = local_date(at)
    steps = list(Step.objects.filter(case=case).order_by("version"))
    visits = list(
        Visit.objects.filter(case=case).defer("findings", "neighbours").prefetch_related("photos").order_by("-version")
    )
    papers = list(Paper.objects.filter(case=case).order_by("-required", "id"))
    photo_ids = {v.id: [p.file_id for p in v.photos.all()] for v in visits}
    files = stored_files([p.file_id for p in papers if p.file_id] + [i for ids in photo_ids.values() for i in ids])
    who = case_holders(case, on=on)
    return CasePage(
        case=case,
        application=case.application,
        place=full_names([case.region_code], below=case.branch.region_code).get(case.region_code, case.region_code),
        steps=steps,
        spine=spine(
            case, [s for s in steps if s.round == case.round], holders=who, rule=_rule_of(case, on=on), on=on
        ),
        holders=who,
        papers=papers,
        visits=visits,
        snapshot=Snapshot.objects.filter(case=case).defer("sealed").order_by("-version").first(),
        photos={v: [files[i] for i in ids if i in files] for v, ids in photo_ids.items()},
        files=files,
        people=names({i for v in visits for i in (v.first_id, v.second_id) if i} | _hands(case)),
        review=Review.objects.select_related("meeting").filter(id=case.review_id).first() if case.review_id else None,
        notice=governance.notice_state(notice_id=case.notice_id, at=at, subject_id=case.id) if case.notice_id else None,
        payments=list(Payment.objects.filter(case=case).select_related("batch").defer("account").order_by("attempt")),
        receipts={r.payment_id: r for r in Receipt.objects.filter(case=case)},
        return_visits=list(ReturnVisit.objects.filter(case=case).defer("words").order_by("-visited_on")),
        late=bool(case.due_on and case.due_on < on and case.state not in ENDED),
    )  # fmt: skip


def _hands(case: Case) -> set[UUID]:
    hands = (case.created_by_id, case.accepted_by_id, case.verified_by_id, case.approved_by_id, case.prepared_by_id,
             case.released_by_id)  # fmt: skip
    return {h for h in hands if h is not None}


_EARLY = ("created_by_id", "accepted_by_id")
_BEFORE = (*_EARLY, "verified_by_id", "verified_with_id")
BARRED: dict[str, tuple[str, ...]] = {
    Duty.CASE_VERIFY: (*_EARLY, "approved_by_id"),
    Duty.CASE_APPROVE: _BEFORE,
    Duty.CASE_APPROVE_HIGH: _BEFORE,
    Duty.PAY_PREPARE: ("approved_by_id",),
    Duty.PAY_RELEASE: (*_BEFORE, "approved_by_id", "prepared_by_id", "account_by_id"),
}
"""Whose hands on the case bar them from what is waited for; the same as the gates of the policies."""


def case_holders(case: Case, *, on: date) -> str:
    """Who has it now, by name: holders of the duty that is waited for; or the applicant; or nobody."""
    if case.state == State.RETURNED:
        return case.application.applicant_name
    if not case.waits_for:
        return ""
    barred = {getattr(case, hand) for hand in BARRED.get(case.waits_for, ())} - {None}
    posts = holders(Duty(case.waits_for), region_code=case.region_code, on=on).exclude(user_id__in=barred)
    found = [f"{p.user.name} {ROLES[p.role].name}" for p in posts[: SHOWN_HOLDERS + 1]]
    return "、".join(found[:SHOWN_HOLDERS]) + ("…" if len(found) > SHOWN_HOLDERS else "")


def _rule_of(case: Case, *, on: date) -> str:
    """What sets the time of the present state, in words."""
    if case.state in ENDED or case.state == State.PUBLISHING:
        return ""
    key = "relief.return_visit_days" if case.state == State.VISITING else "relief.step_days"
    value = Rules(region_code=case.region_code, on=on)(key)
    days = value if isinstance(value, int) else value[case.state]
    return rule_sentence(case.state, days)


def rule_sentence(state: str, days: int) -> str:
    """ "within 5 working days", "within 30 days"."""
    if state == State.VISITING:
        return _("Rule: within {days} days").format(days=days)
    return _("Rule: within {days} working days").format(days=days)


def prior_help_fen(case: Case, *, on: date) -> int:
    """What this household was paid in the last twelve months by all programmes, as our own records tell."""
    same = Q(pk__in=[])
    if case.household_id:
        same |= Q(case__household_id=case.household_id)
    if case.person_blind:
        same |= Q(case__person_blind__in=person_blinds(case))
    rows = Payment.objects.filter(same, paid_on__gte=on - timedelta(days=365)).exclude(case=case)
    return int(rows.aggregate(Sum("paid_fen"))["paid_fen__sum"] or 0)
