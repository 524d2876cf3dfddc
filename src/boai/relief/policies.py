"""Who may do what to a case. Duties come from the post; hands that have touched the case are barred from later steps.

The same separations are CHECK constraints of `relief_case`: a policy says why, the database makes sure.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from django.utils.translation import gettext as _

from boai.kernel.policy import ALLOWED, Verdict, deny
from boai.people.actor import SYSTEM_ROLE, Actor
from boai.people.roles import Duty
from boai.regions.codes import contains
from boai.relief.enums import Action, Level
from boai.relief.models import Batch, Case, Programme

CREATOR, ACCEPTOR = "created_by_id", "accepted_by_id"
FIRST, SECOND = "verified_by_id", "verified_with_id"
APPROVER, PREPARER = "approved_by_id", "prepared_by_id"
ACCOUNT = "account_by_id"
EARLY: Final = (CREATOR, ACCEPTOR)
BEFORE_APPROVAL: Final = (*EARLY, FIRST, SECOND)


@dataclass(frozen=True)
class Gate:
    """One row: any of these duties, none of these hands; `at_branch`: only in the branch that handles the case."""

    duties: tuple[Duty, ...]
    apart_from: tuple[str, ...] = ()
    at_branch: bool = False


_APPROVERS = (Duty.CASE_APPROVE, Duty.CASE_APPROVE_HIGH)

GATES: Final[dict[str, Gate]] = {
    Action.SUBMIT: Gate((Duty.CASE_CREATE,)),
    Action.ACCEPT: Gate((Duty.CASE_ACCEPT,), (FIRST, SECOND, APPROVER)),
    Action.ACCEPT_URGENT: Gate((Duty.CASE_ACCEPT,), (FIRST, SECOND, APPROVER), at_branch=True),
    Action.RETURN: Gate((Duty.CASE_ACCEPT, Duty.CASE_VERIFY)),
    Action.DECLINE: Gate((Duty.CASE_ACCEPT,)),
    Action.SUPPLY: Gate((Duty.CASE_ACCEPT, Duty.CASE_CREATE)),
    Action.LAPSE: Gate((Duty.CASE_ACCEPT,)),
    Action.VERIFY: Gate((Duty.CASE_VERIFY,), (*EARLY, APPROVER)),
    Action.PASS: Gate((Duty.REVIEW_HOLD,)),
    Action.NOT_PASS: Gate((Duty.REVIEW_HOLD,)),
    Action.ADJOURN: Gate((Duty.REVIEW_HOLD,)),
    Action.PUBLISH: Gate((Duty.NOTICE_PUBLISH, Duty.NOTICE_DRAFT)),
    Action.REDRAFT: Gate((Duty.NOTICE_DRAFT, Duty.NOTICE_PUBLISH)),
    Action.CLEAR: Gate((Duty.NOTICE_DRAFT, Duty.NOTICE_PUBLISH)),
    Action.RECHECK: Gate((*_APPROVERS, Duty.REVIEW_HOLD, Duty.OBJECTION_HANDLE)),
    Action.REREVIEW: Gate((*_APPROVERS, Duty.OBJECTION_HANDLE, Duty.NOTICE_DRAFT)),
    Action.VOID: Gate((Duty.OBJECTION_HANDLE,)),
    Action.APPROVE: Gate(_APPROVERS, BEFORE_APPROVAL, at_branch=True),
    Action.APPROVE_URGENT: Gate(_APPROVERS, EARLY, at_branch=True),
    Action.TO_ORDINARY: Gate(_APPROVERS, EARLY, at_branch=True),
    Action.REFUSE: Gate(_APPROVERS, BEFORE_APPROVAL, at_branch=True),
    Action.RECALL: Gate(_APPROVERS, BEFORE_APPROVAL, at_branch=True),
    Action.PAY: Gate((Duty.PAY_PREPARE, Duty.PAY_RELEASE, Duty.FUND_BOOK), at_branch=True),
    Action.PAY_URGENT: Gate((Duty.PAY_PREPARE, Duty.PAY_RELEASE, Duty.FUND_BOOK), at_branch=True),
    Action.FIND_UNFIT: Gate((Duty.CASE_VERIFY,), (*EARLY, APPROVER)),
    Action.RECLAIM: Gate((Duty.FUND_BOOK,), at_branch=True),
    Action.FORGIVE: Gate(_APPROVERS, BEFORE_APPROVAL, at_branch=True),
    Action.VISIT: Gate((Duty.CASE_VISIT,)),
    Action.ARCHIVE: Gate((Duty.CASE_ACCEPT,)),
    Action.WITHDRAW: Gate((Duty.CASE_ACCEPT, Duty.CASE_CREATE)),
    Action.REOPEN: Gate((*_APPROVERS, Duty.CASE_ACCEPT)),
}

SYSTEM_MAY: Final = frozenset({Action.CLEAR, Action.PUBLISH})
"""What the clock does by itself: a notice that was approved goes up, one that has run out goes down."""

PUBLIC_MAY: Final = frozenset({Action.SUBMIT})
"""What anybody may do; supplying papers and withdrawing need the case code and the phone besides."""


def _why_barred(hand: str) -> str:
    return {
        CREATOR: _("You entered this application, so somebody else has to take this step."),
        ACCEPTOR: _("You accepted this application, so somebody else has to take this step."),
        FIRST: _("You verified this case, so somebody else has to take this step."),
        SECOND: _("You took part in the verification, so somebody else has to take this step."),
        APPROVER: _("You approved this case, so somebody else has to take this step."),
        PREPARER: _("You prepared the payment, so somebody else has to take this step."),
        ACCOUNT: _("You changed the account of this case, so somebody else has to take this step."),
    }[hand]


def _in_reach(actor: Actor, case: Case, gate: Gate) -> Verdict:
    if not actor.reaches(case.region_code):
        return deny(_("This case is outside your division."))
    if gate.at_branch and actor.branch_id != case.branch_id:
        return deny(_("Only the branch that handles the case may take this step."))
    if not contains(case.branch.region_code, actor.region_code):
        return deny(_("The case is handled by a branch below yours; you may look at it but not act in its place."))
    return ALLOWED


def _may(actor: Actor, case: Case, *, action: str) -> Verdict:
    gate = GATES[action]
    if actor.user_id is None:
        allowed = action in (SYSTEM_MAY if actor.role == SYSTEM_ROLE else PUBLIC_MAY)
        return ALLOWED if allowed else deny(_("This step is taken by staff of the branch."))
    if not any(actor.has(duty) for duty in gate.duties):
        return deny(_("Your post does not include this step."))
    reach = _in_reach(actor, case, gate)
    if not reach:
        return reach
    for hand in gate.apart_from:
        if getattr(case, hand) == actor.user_id:
            return deny(_why_barred(hand))
    return ALLOWED


def may(action: str) -> Callable[[Actor, Case], Verdict]:
    """The predicate for one action: duty, division and branch, separate hands."""
    return partial(_may, action=action)


def may_approve_at(level: str) -> Callable[[Actor, Case], Verdict]:
    """As `may(APPROVE)`, with the duty that the amount's level demands."""

    def predicate(actor: Actor, case: Case) -> Verdict:
        if level != Level.LEAD and not actor.has(Duty.CASE_APPROVE_HIGH):
            return deny(_("An amount of this size is approved by the branch secretary."))
        return ALLOWED

    return predicate


def may_see(actor: Actor, case: Case) -> Verdict:
    """Staff whose division holds the case and whose post reads cases."""
    if actor.has(Duty.CASE_READ) and actor.reaches(case.region_code):
        return ALLOWED
    return deny(_("Your post does not include reading cases."))


def may_link(actor: Actor, case: Case) -> Verdict:
    """Tying a case to its household: who accepts, enters or verifies it."""
    if not any(actor.has(d) for d in (Duty.CASE_ACCEPT, Duty.CASE_CREATE, Duty.CASE_VERIFY)):
        return deny(_("Your post does not include this step."))
    return _in_reach(actor, case, Gate(()))


def may_see_sensitive(actor: Actor, case: Case) -> Verdict:
    """Health, circumstances, numbers: who accepts, verifies or decides; every look is logged."""
    if not may_see(actor, case):
        return may_see(actor, case)
    wanted = (Duty.SENSITIVE_READ, Duty.CASE_APPROVE, Duty.AUDIT_READ)
    if any(actor.has(d) for d in wanted):
        return ALLOWED
    return deny(_("Sensitive facts are shown to those who accept, verify or decide."))


def may_see_account(actor: Actor, case: Case) -> Verdict:
    """The account number: who accepts the application and who pays."""
    if any(actor.has(d) for d in (Duty.CASE_ACCEPT, Duty.PAY_PREPARE, Duty.PAY_RELEASE)) and actor.reaches(
        case.region_code
    ):
        return ALLOWED
    return deny(_("Account numbers are shown to those who accept applications or pay."))


def may_change_account(actor: Actor, case: Case) -> Verdict:
    """Another account: who accepts applications or prepares payments in the branch that pays; never who decided on the
    money. Whoever does it does not release the payment.
    """
    if not (actor.has(Duty.CASE_ACCEPT) or actor.has(Duty.PAY_PREPARE)):
        return deny(_("Accounts are changed by those who accept applications or prepare payments."))
    reach = _in_reach(actor, case, Gate((), at_branch=True))
    if not reach:
        return reach
    if case.approved_by_id is not None and case.approved_by_id == actor.user_id:
        return deny(_why_barred(APPROVER))
    return ALLOWED


def may_edit_programme(actor: Actor, programme: Programme) -> Verdict:
    """Programmes are set up by who keeps the branch's rules or books its funds."""
    if not (actor.has(Duty.RULES_WRITE) or actor.has(Duty.FUND_BOOK)):
        return deny(_("Your post does not include setting up programmes."))
    if actor.branch_id != programme.branch_id:
        return deny(_("A programme is set up by its own branch."))
    return ALLOWED


def may_book(actor: Actor, branch_id: object) -> Verdict:
    """Funds and budgets of a branch are booked by its accountant."""
    if not actor.has(Duty.FUND_BOOK) or actor.branch_id != branch_id:
        return deny(_("Funds are booked by the accountant of the branch."))
    return ALLOWED


def may_see_funds(actor: Actor, branch_id: object) -> Verdict:
    """The branch's money is seen by who books, pays, decides or audits."""
    wanted = (Duty.FUND_BOOK, Duty.PAY_RELEASE, Duty.CASE_APPROVE, Duty.AUDIT_READ)
    if actor.branch_id == branch_id and any(actor.has(d) for d in wanted):
        return ALLOWED
    return deny(_("Funds are seen by who books, pays, decides or audits."))


def may_see_payments(actor: Actor, branch_id: object) -> Verdict:
    """Payments of a branch are seen by its accountant, its cashier and those who read the log."""
    if actor.branch_id == branch_id and (actor.has(Duty.PAY_PREPARE) or actor.has(Duty.PAY_RELEASE)):
        return ALLOWED
    if actor.has(Duty.AUDIT_READ):
        return ALLOWED
    return deny(_("Payments are seen by the accountant and the cashier of the branch."))


def may_prepare(actor: Actor, branch_id: object) -> Verdict:
    """A payment batch is prepared by the accountant of the branch that pays."""
    if not actor.has(Duty.PAY_PREPARE):
        return deny(_("Payment batches are prepared by the accountant."))
    if actor.branch_id != branch_id:
        return deny(_("A batch is prepared in the branch that pays."))
    return ALLOWED


def may_release(actor: Actor, batch: Batch) -> Verdict:
    """Released by the cashier of the branch, never by who prepared it. Each case's hands are checked one by one."""
    if not actor.has(Duty.PAY_RELEASE):
        return deny(_("Payment batches are released by the cashier."))
    if actor.branch_id != batch.branch_id:
        return deny(_("A batch is released in the branch that pays."))
    if actor.user_id == batch.prepared_by_id:
        return deny(_why_barred(PREPARER))
    return ALLOWED


def may_release_case(actor: Actor, case: Case) -> Verdict:
    """The cashier had no hand in the case before."""
    for hand in (*BEFORE_APPROVAL, APPROVER, PREPARER, ACCOUNT):
        if getattr(case, hand) == actor.user_id:
            return deny(_why_barred(hand))
    return ALLOWED


def may_take_file(actor: Actor, batch: Batch) -> Verdict:
    """The bank file with its account numbers is for the accountant and the cashier of the branch."""
    if (actor.has(Duty.PAY_PREPARE) or actor.has(Duty.PAY_RELEASE)) and actor.branch_id == batch.branch_id:
        return ALLOWED
    return deny(_("The bank file is for the accountant and the cashier of the branch."))


def may_cancel(actor: Actor, batch: Batch) -> Verdict:
    """An unreleased batch is taken apart by the accountant or the cashier of the branch."""
    if not (actor.has(Duty.PAY_PREPARE) or actor.has(Duty.PAY_RELEASE)) or actor.branch_id != batch.branch_id:
        return deny(_("Batches are cancelled by the accountant or the cashier of the branch."))
    return ALLOWED
