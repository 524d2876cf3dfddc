"""Codes of relief cases, and the one table that moves them (人道救助, domain rules §3)."""

from __future__ import annotations

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from boai.kernel.transition import TransitionTable
from boai.people.roles import Duty


class ProgrammeKind(models.TextChoices):
    """What a programme helps with; every kind has its own keys in the rulebook."""

    ILLNESS = "illness", _("Relief for serious illness")
    HARDSHIP = "hardship", _("Relief for hardship")
    STUDY = "study", _("Help with school costs")
    TEMPORARY = "temporary", _("Temporary relief")
    DISASTER = "disaster", _("Relief after disaster")


class Cause(models.TextChoices):
    """Why somebody needs help. Published only as 生活困难 or the like, never the illness itself."""

    ILLNESS = "illness", _("Serious illness")
    ACCIDENT = "accident", _("Accident")
    DISASTER = "disaster", _("Disaster or fire")
    STUDY = "study", _("School costs")
    HARDSHIP = "hardship", _("Hardship in daily life")
    BEREAVEMENT = "bereavement", _("Death in the family")
    OTHER = "other", _("Other")


class Track(models.TextChoices):
    """The order of steps: everything first, or the money first (社会救助暂行办法 Art.48)."""

    ORDINARY = "ordinary", _("Ordinary")
    EMERGENCY = "emergency", _("Emergency: pay first")


class Channel(models.TextChoices):
    """How the application came."""

    DESK = "desk", _("At the office")
    PORTAL = "portal", _("Online")
    PHONE = "phone", _("By phone")
    FOUND = "found", _("Found by the village")


class ApplicantKind(models.TextChoices):
    """Who applies: the person in need, a guardian, somebody asked to, or the village on its own."""

    SELF = "self", _("The person in need")
    GUARDIAN = "guardian", _("A guardian")
    PROXY = "proxy", _("Somebody they asked")
    VILLAGE = "village", _("Village or community committee")


class PayeeKind(models.TextChoices):
    """Whose account is paid: nobody else's is possible."""

    BENEFICIARY = "beneficiary", _("The person in need")
    GUARDIAN = "guardian", _("The guardian")


class State(models.TextChoices):
    """Where a case stands; each name says what is waited for."""

    APPLIED = "applied", _("Waiting for acceptance")
    RETURNED = "returned", _("Waiting for papers")
    VERIFYING = "verifying", _("Waiting for verification")
    REVIEWING = "reviewing", _("Waiting for review")
    NOTICING = "noticing", _("Waiting for the notice")
    PUBLISHING = "publishing", _("On public notice")
    APPROVING = "approving", _("Waiting for approval")
    URGENT = "urgent", _("Waiting for urgent approval")
    PAYING = "paying", _("Waiting for payment")
    COMPLETING = "completing", _("Paid, papers to follow")
    RECLAIMING = "reclaiming", _("Money to be returned")
    VISITING = "visiting", _("Waiting for the return visit")
    CLOSING = "closing", _("Waiting to be archived")
    ARCHIVED = "archived", _("Archived")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Action(models.TextChoices):
    """What somebody does to a case."""

    SUBMIT = "submit", _("Apply")
    ACCEPT = "accept", _("Accept")
    ACCEPT_URGENT = "accept_urgent", _("Accept as an emergency")
    RETURN = "return", _("Return for papers")
    DECLINE = "decline", _("Decline to accept")
    SUPPLY = "supply", _("Supply papers")
    LAPSE = "lapse", _("Close: papers never came")
    VERIFY = "verify", _("Verify on site")
    PASS = "pass", _("Review: passed")
    NOT_PASS = "not_pass", _("Review: not passed")
    ADJOURN = "adjourn", _("Review: adjourned")
    PUBLISH = "publish", _("Publish the notice")
    REDRAFT = "redraft", _("Notice taken down: draft a new one")
    CLEAR = "clear", _("Notice ended without objection")
    RECHECK = "recheck", _("Send back to verification")
    REREVIEW = "rereview", _("Send back to review")
    VOID = "void", _("Objection upheld: not eligible")
    APPROVE = "approve", _("Approve")
    APPROVE_URGENT = "approve_urgent", _("Approve at once")
    TO_ORDINARY = "to_ordinary", _("Not urgent: ordinary steps")
    REFUSE = "refuse", _("Do not approve")
    RECALL = "recall", _("Take the approval back")
    PAY = "pay", _("Paid")
    PAY_URGENT = "pay_urgent", _("Paid ahead of the papers")
    FIND_UNFIT = "find_unfit", _("Does not meet the conditions")
    RECLAIM = "reclaim", _("Money returned")
    FORGIVE = "forgive", _("Do not reclaim")
    VISIT = "visit", _("Follow-up visit")
    ARCHIVE = "archive", _("Archive")
    WITHDRAW = "withdraw", _("Withdraw")
    REOPEN = "reopen", _("Open again")


S, A = State, Action

TRANSITIONS: Final[TransitionTable] = {
    ("", A.SUBMIT): S.APPLIED,
    # 受理: what is missing is said once, all of it
    (S.APPLIED, A.ACCEPT): S.VERIFYING,
    (S.APPLIED, A.ACCEPT_URGENT): S.URGENT,
    (S.APPLIED, A.RETURN): S.RETURNED,
    (S.APPLIED, A.DECLINE): S.REFUSED,
    (S.APPLIED, A.WITHDRAW): S.WITHDRAWN,
    (S.RETURNED, A.SUPPLY): S.APPLIED,
    (S.RETURNED, A.LAPSE): S.WITHDRAWN,
    (S.RETURNED, A.WITHDRAW): S.WITHDRAWN,
    # 核查
    (S.VERIFYING, A.VERIFY): S.REVIEWING,
    (S.VERIFYING, A.FIND_UNFIT): S.APPROVING,
    (S.VERIFYING, A.RETURN): S.RETURNED,
    (S.VERIFYING, A.VOID): S.APPROVING,
    (S.VERIFYING, A.WITHDRAW): S.WITHDRAWN,
    # 评议: a refusal is never the panel's; it goes to who must give the reason in writing
    (S.REVIEWING, A.PASS): S.NOTICING,
    (S.REVIEWING, A.NOT_PASS): S.APPROVING,
    (S.REVIEWING, A.ADJOURN): S.REVIEWING,
    (S.REVIEWING, A.RECHECK): S.VERIFYING,
    (S.REVIEWING, A.VOID): S.APPROVING,
    (S.REVIEWING, A.WITHDRAW): S.WITHDRAWN,
    # 公示
    (S.NOTICING, A.PUBLISH): S.PUBLISHING,
    (S.NOTICING, A.RECHECK): S.VERIFYING,
    (S.NOTICING, A.REREVIEW): S.REVIEWING,
    (S.NOTICING, A.VOID): S.APPROVING,
    (S.NOTICING, A.WITHDRAW): S.WITHDRAWN,
    (S.PUBLISHING, A.PUBLISH): S.PUBLISHING,  # a correction: the days start anew
    (S.PUBLISHING, A.REDRAFT): S.NOTICING,
    (S.PUBLISHING, A.CLEAR): S.APPROVING,
    (S.PUBLISHING, A.RECHECK): S.VERIFYING,
    (S.PUBLISHING, A.REREVIEW): S.REVIEWING,
    (S.PUBLISHING, A.VOID): S.APPROVING,
    (S.PUBLISHING, A.WITHDRAW): S.WITHDRAWN,
    # 审核/批复
    (S.APPROVING, A.APPROVE): S.PAYING,
    (S.APPROVING, A.REFUSE): S.REFUSED,
    (S.APPROVING, A.RECHECK): S.VERIFYING,
    (S.APPROVING, A.REREVIEW): S.REVIEWING,
    (S.APPROVING, A.VOID): S.APPROVING,
    (S.APPROVING, A.PUBLISH): S.PUBLISHING,
    (S.APPROVING, A.REDRAFT): S.NOTICING,
    (S.APPROVING, A.WITHDRAW): S.WITHDRAWN,
    # 紧急: pay first, complete the papers within days
    (S.URGENT, A.APPROVE_URGENT): S.PAYING,
    (S.URGENT, A.TO_ORDINARY): S.VERIFYING,
    (S.URGENT, A.REFUSE): S.REFUSED,
    (S.URGENT, A.WITHDRAW): S.WITHDRAWN,
    # 发放
    (S.PAYING, A.PAY): S.VISITING,
    (S.PAYING, A.PAY_URGENT): S.COMPLETING,
    (S.PAYING, A.RECALL): S.APPROVING,
    (S.PAYING, A.WITHDRAW): S.WITHDRAWN,
    (S.COMPLETING, A.VERIFY): S.VISITING,
    (S.COMPLETING, A.FIND_UNFIT): S.RECLAIMING,
    (S.RECLAIMING, A.RECLAIM): S.CLOSING,
    (S.RECLAIMING, A.FORGIVE): S.CLOSING,
    # an appeal upheld after the money has gone
    (S.VISITING, A.VOID): S.RECLAIMING,
    (S.CLOSING, A.VOID): S.RECLAIMING,
    (S.ARCHIVED, A.VOID): S.RECLAIMING,
    # 回访, 归档
    (S.VISITING, A.VISIT): S.CLOSING,
    (S.CLOSING, A.ARCHIVE): S.ARCHIVED,
    # 重新办理
    (S.REFUSED, A.REOPEN): S.APPLIED,
    (S.WITHDRAWN, A.REOPEN): S.APPLIED,
    (S.ARCHIVED, A.REOPEN): S.VISITING,
}

ENDED: Final = frozenset({S.ARCHIVED, S.REFUSED, S.WITHDRAWN})
"""States in which nobody waits for anything."""

LIVE: Final = tuple(s for s in State if s not in {S.REFUSED, S.WITHDRAWN})
"""States that count against "once per cause": everything but refused and withdrawn."""

GRANTED: Final = (S.PAYING, S.COMPLETING, S.RECLAIMING, S.VISITING, S.CLOSING, S.ARCHIVED)
"""States in which money has been granted."""

WAITS_FOR: Final[dict[str, str]] = {
    S.APPLIED: Duty.CASE_ACCEPT,
    S.VERIFYING: Duty.CASE_VERIFY,
    S.REVIEWING: Duty.REVIEW_HOLD,
    S.NOTICING: Duty.NOTICE_DRAFT,
    S.APPROVING: Duty.CASE_APPROVE,
    S.URGENT: Duty.CASE_APPROVE,
    S.PAYING: Duty.PAY_PREPARE,
    S.COMPLETING: Duty.CASE_VERIFY,
    S.RECLAIMING: Duty.FUND_BOOK,
    S.VISITING: Duty.CASE_VISIT,
    S.CLOSING: Duty.CASE_ACCEPT,
}
"""Which duty has to act; nothing where the applicant, the public or nobody has to. Large amounts wait for
`case.approve.high`, payments in a batch for `pay.release`: services set these two."""

REASON_NEEDED: Final = frozenset(
    {A.ACCEPT_URGENT, A.RETURN, A.DECLINE, A.REDRAFT, A.LAPSE, A.RECHECK, A.REREVIEW, A.VOID, A.TO_ORDINARY, A.REFUSE,
     A.RECALL, A.FIND_UNFIT, A.FORGIVE, A.WITHDRAW, A.REOPEN, A.NOT_PASS, A.ADJOURN}
)  # fmt: skip
"""Actions that are never taken without a written reason (不予批准须书面说明理由)."""


class PaperKind(models.TextChoices):
    """A paper that a programme may ask for."""

    FORM = "form", _("Signed application")
    ID_CARD = "id_card", _("Identity card")
    HOUSEHOLD_BOOK = "household_book", _("Household register")
    GUARDIAN = "guardian", _("Proof of guardianship")
    PROXY = "proxy", _("Letter of authority")
    DIAGNOSIS = "diagnosis", _("Medical certificate")
    BILLS = "bills", _("Bills")
    INSURANCE = "insurance", _("Insurance settlement")
    INCOME = "income", _("Proof of income")
    SCHOOL = "school", _("Proof of enrolment")
    ACCIDENT = "accident", _("Proof of the accident")
    DISASTER = "disaster", _("Proof of the disaster")
    DISABILITY = "disability", _("Disability certificate")
    ACCOUNT = "account", _("Bank card or passbook")
    OTHER = "other", _("Other paper")


class Level(models.TextChoices):
    """Who approves, by amount (the ladder is in the rulebook)."""

    LEAD = "lead", _("Deputy secretary")
    EXECUTIVE = "executive", _("Branch secretary")
    COUNCIL = "council", _("Branch secretary, after the council's resolution")


class Dwelling(models.TextChoices):
    """What the visitors found of the house."""

    SAFE = "safe", _("Safe")
    POOR = "poor", _("Poor or crowded")
    UNSAFE = "unsafe", _("Unsafe")
    LOST = "lost", _("Lost or unusable")


class Severity(models.TextChoices):
    """How hard the event hit the household."""

    SLIGHT = "slight", _("Slight")
    MARKED = "marked", _("Considerable")
    SEVERE = "severe", _("Severe")
    EXTREME = "extreme", _("Extreme")


class VisitMethod(models.TextChoices):
    """How something was found out (入户调查, 邻里访问, 信函索证, 信息比对)."""

    HOME = "home", _("Home visit")
    NEIGHBOURS = "neighbours", _("Asking neighbours")
    LETTER = "letter", _("Letter")
    RECORDS = "records", _("Comparing records")
    PHONE = "phone", _("Phone call")


class Effect(models.TextChoices):
    """What the help changed, as found at the return visit."""

    SOLVED = "solved", _("The difficulty is over")
    EASED = "eased", _("The difficulty has eased")
    SAME = "same", _("Little has changed")
    WORSE = "worse", _("It has become harder")


class PaymentState(models.TextChoices):
    """A payment order: one attempt to bring money to one account."""

    QUEUED = "queued", _("Waiting for a batch")
    BATCHED = "batched", _("In a batch")
    SENT = "sent", _("With the bank")
    PAID = "paid", _("Paid")
    PARTIAL = "partial", _("Paid in part")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


class BatchState(models.TextChoices):
    """A payment batch."""

    PREPARED = "prepared", _("Waiting for the cashier")
    RELEASED = "released", _("With the bank")
    SETTLED = "settled", _("Reconciled")
    CANCELLED = "cancelled", _("Cancelled")


class LineVerdict(models.TextChoices):
    """What became of one line of the bank's answer."""

    PAID = "paid", _("Paid")
    PARTIAL = "partial", _("Paid in part")
    FAILED = "failed", _("Failed")
    OVER = "over", _("More than ordered")
    UNKNOWN = "unknown", _("No such order")
    REPEATED = "repeated", _("Already recorded")
    CONFLICT = "conflict", _("Contradicts what is recorded")
