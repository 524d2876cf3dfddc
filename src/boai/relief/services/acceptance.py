"""受理: accept, return for papers (named once, all of them), decline, supply, let lapse, withdraw, open again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from boai.files.services import Upload
from boai.kernel.clock import local_date
from boai.kernel.errors import BadInput, UnableTo
from boai.kernel.policy import require
from boai.people.actor import Actor
from boai.relief import policies
from boai.relief import rules as rulebook
from boai.relief.enums import Action, PaperKind, State, Track
from boai.relief.models import Case, Paper, Step
from boai.relief.queries.checks import case_checks, once_key
from boai.relief.services import payment
from boai.relief.services.core import case_lock, move, notice_leave, reason, rules_for, version_check
from boai.relief.services.papers import papers_take


@transaction.atomic
def case_accept(
    *, case_id: UUID, received: Collection[str], exception: str, actor: Actor, at: datetime, version: int | None = None,
    urgent_reason: str = "",
) -> Case:  # fmt: skip
    """Accept an application whose papers are there; with `urgent_reason`, on the emergency track without them.

    What the rules doubt (age, category, an earlier grant…) is no bar, but then `exception` has to say why. Raises
    UnableTo when papers are missing or the same cause has been helped with already.
    """
    case = case_lock(case_id)
    action = Action.ACCEPT_URGENT if urgent_reason else Action.ACCEPT
    version_check(case, version=version, action=action, actor=actor)
    require(policies.may(action), actor, case)
    papers_take(case, received, actor=actor, at=at)
    rules = rules_for(case, at=at)
    checks = case_checks(case, rules=rules, on=local_date(at))
    barred = [
        c.sentence
        for c in checks
        if c.blocking and not c.ok and not (urgent_reason and c.code in ("papers", "register"))
    ]
    if barred:
        raise UnableTo(" ".join(barred))
    doubts = [c for c in checks if not c.ok and not c.blocking]
    if doubts and not exception.strip():
        raise BadInput(fields={"exception": [_("Say why it is accepted all the same:"), *(c.sentence for c in doubts)]})
    case.accepted_by_id = actor.user_id
    case.once_key = None if any(c.code == "once" for c in doubts) else once_key(case, rules=rules)
    if urgent_reason:
        case.track = Track.EMERGENCY
        case.level = rulebook.level_for(rules, amount_fen=case.requested_fen)
    note = "\n".join(part for part in (urgent_reason.strip(), exception.strip()) if part)
    facts = {"doubts": [c.code for c in doubts], "track": case.track}
    try:
        with transaction.atomic():
            return move(case, action, actor=actor, at=at, rules=rules, note=note, facts=facts)
    except IntegrityError as error:
        if "relief_case_once_per_cause" in str(error):
            raise UnableTo(
                _("This person is already being helped, or has been helped, for the same cause. See the other case.")
            ) from None
        raise


@transaction.atomic
def case_return(
    *, case_id: UUID, missing: Collection[str], note: str, actor: Actor, at: datetime, version: int | None = None,
    why_not_before: str = "",
) -> Case:  # fmt: skip
    """Send an application back for papers, naming everything that is missing at once (缺件一次告知).

    A second return may only name papers that were already asked for or proved unfit, unless `why_not_before` says why
    they were not named the first time.
    """
    case = case_lock(case_id)
    version_check(case, version=version, action=Action.RETURN, actor=actor)
    require(policies.may(Action.RETURN), actor, case)
    wanted = [kind for kind in dict.fromkeys(missing) if kind in PaperKind.values]
    if not wanted:
        raise BadInput(fields={"missing": [_("Tick every paper that is missing; the applicant is told once.")]})
    papers = {p.kind: p for p in Paper.objects.filter(case=case, required=True)}
    fresh = [k for k in wanted if k not in papers or (papers[k].asked_at is None and papers[k].received_at is None)]
    if fresh and Step.objects.filter(case=case, action=Action.RETURN, round=case.round).exists():
        reason(why_not_before, field="why_not_before")
    for kind in wanted:
        paper = papers.get(kind) or Paper(case=case, region_code=case.region_code, kind=kind, required=True)
        paper.asked_at, paper.fit, paper.received_at = at, paper.received_at is None, None
        paper.save()
    text = "\n".join(part for part in (note.strip(), why_not_before.strip()) if part)
    facts = {"missing": wanted}
    return move(case, Action.RETURN, actor=actor, at=at, rules=rules_for(case, at=at), note=text, facts=facts)


@transaction.atomic
def case_supply(
    *, case_id: UUID, received: Collection[str], note: str, actor: Actor, at: datetime, version: int | None = None,
    uploads: Sequence[tuple[str, Upload]] = (),
) -> Case:  # fmt: skip
    """Papers have come: back to acceptance. Raises BadInput when nothing came."""
    case = case_lock(case_id)
    version_check(case, version=version, action=Action.SUPPLY, actor=actor)
    require(policies.may(Action.SUPPLY), actor, case)
    return supply(case, received=received, uploads=uploads, note=note, actor=actor, at=at)


def supply(
    case: Case, *, received: Collection[str], note: str, actor: Actor, at: datetime, by_rule: bool = False,
    uploads: Sequence[tuple[str, Upload]] = (),
) -> Case:  # fmt: skip
    """As `case_supply`, on a locked case; `by_rule` when the applicant has shown code and phone."""
    if not papers_take(case, received, uploads=uploads, actor=actor, at=at):
        raise BadInput(fields={"received": [_("Tick the papers that have come.")]})
    return move(
        case, Action.SUPPLY, actor=actor, at=at, rules=rules_for(case, at=at), note=note.strip(),
        facts={"received": sorted({*received, *(kind for kind, _upload in uploads)})}, by_rule=by_rule,
    )  # fmt: skip


@transaction.atomic
def case_decline(*, case_id: UUID, note: str, actor: Actor, at: datetime, version: int | None = None) -> Case:
    """不予受理: the application can't be dealt with here; the reason goes to the applicant in writing."""
    case = case_lock(case_id)
    version_check(case, version=version, action=Action.DECLINE, actor=actor)
    case.decided_at = at
    return move(case, Action.DECLINE, actor=actor, at=at, rules=rules_for(case, at=at), note=note)


@transaction.atomic
def case_lapse(*, case_id: UUID, note: str, actor: Actor, at: datetime, version: int | None = None) -> Case:
    """Close a returned application whose papers never came. Raises UnableTo before the day that was set."""
    case = case_lock(case_id)
    version_check(case, version=version, action=Action.LAPSE, actor=actor)
    if case.state == State.RETURNED and case.due_on is not None and local_date(at) <= case.due_on:
        raise UnableTo(_("The applicant has until {day} to bring the papers.").format(day=case.due_on.isoformat()))
    return move(case, Action.LAPSE, actor=actor, at=at, rules=rules_for(case, at=at), note=note)


@transaction.atomic
def case_withdraw(*, case_id: UUID, note: str, actor: Actor, at: datetime, version: int | None = None) -> Case:
    """The applicant no longer wants it. After approval only as long as the payment is in no batch."""
    case = case_lock(case_id)
    version_check(case, version=version, action=Action.WITHDRAW, actor=actor)
    return withdraw(case, note=note, actor=actor, at=at)


def withdraw(case: Case, *, note: str, actor: Actor, at: datetime, by_rule: bool = False) -> Case:
    """As `case_withdraw`, on a locked case; `by_rule` when the applicant has shown code and phone."""
    notice_leave(case, note=note, actor=actor, at=at)
    if case.state == State.PAYING:
        payment.payment_stop(case, actor=actor, at=at)
    return move(
        case, Action.WITHDRAW, actor=actor, at=at, rules=rules_for(case, at=at), note=note, by_rule=by_rule
    )  # fmt: skip


@transaction.atomic
def case_reopen(*, case_id: UUID, note: str, actor: Actor, at: datetime, version: int | None = None) -> Case:
    """Open an ended case again: a refused or withdrawn one from acceptance on, an archived one for a further visit.

    A case that starts again is a new round: the hands of the last round stay in its history and are free again.
    """
    case = case_lock(case_id)
    version_check(case, version=version, action=Action.REOPEN, actor=actor)
    if case.state != State.ARCHIVED:
        case.round += 1
        case.once_key = case.panel_passed = case.decided_at = None
        case.notice_clear = False
        case.notice_id = case.review_id = case.grant_id = None
        case.accepted_by_id = case.verified_by_id = case.verified_with_id = case.approved_by_id = None
        case.prepared_by_id = case.released_by_id = None
        case.advised_fen = case.proposed_fen = case.approved_fen = None
        case.override_reason = case.level = case.resolution = ""
        case.track = Track.ORDINARY
    return move(case, Action.REOPEN, actor=actor, at=at, rules=rules_for(case, at=at), note=note)
