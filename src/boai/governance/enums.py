"""Codes of governance and its four transition tables: meeting, review, notice, objection.

Each table is (state, action) → state; nothing else moves a state. docs/algorithms/review.md and notice.md tell the
same story in prose.
"""

from __future__ import annotations

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from boai.kernel.transition import TransitionTable


class MeetingState(models.TextChoices):
    """Where a sitting stands."""

    CONVENED = "convened", _("Convened")
    OPEN = "open", _("In session")
    CLOSED = "closed", _("Closed, minutes to be signed")
    SIGNED = "signed", _("Minutes signed")
    ADJOURNED = "adjourned", _("Adjourned")
    CANCELLED = "cancelled", _("Cancelled")


class ReviewState(models.TextChoices):
    """Where one item (one subject under review) stands."""

    PRESENTED = "presented", _("Under discussion")
    BALLOT_OPEN = "ballot_open", _("Ballot open")
    BALLOT_CLOSED = "ballot_closed", _("Ballot closed, counting")
    DISPUTED = "disputed", _("Count does not add up")
    COUNTED = "counted", _("Counted, to be declared")
    PASSED = "passed", _("Passed")
    NOT_PASSED = "not_passed", _("Not passed")
    ADJOURNED = "adjourned", _("Adjourned")
    ESCALATED = "escalated", _("Passed on to the next body")
    VOID = "void", _("Void")


class Channel(models.TextChoices):
    """How a member votes; fixed per person before the ballot opens."""

    ONLINE = "online", _("On a phone")
    PAPER = "paper", _("On paper")


class Choice(models.TextChoices):
    """What may stand on a ballot. Blank is a ballot that was handed in empty."""

    YES = "yes", _("Agree")
    NO = "no", _("Disagree")
    ABSTAIN = "abstain", _("Abstain")
    BLANK = "blank", _("Blank ballot")


class Base(models.TextChoices):
    """Of whom a majority is needed. `present` is the statutory reading: 到会人员过半数."""

    PRESENT = "present", _("of those present")
    CAST = "cast", _("of votes for and against")
    ENTITLED = "entitled", _("of those entitled to vote")


class Threshold(models.TextChoices):
    """How large the majority must be: more than half (strict), or two thirds (at least)."""

    HALF = "half", _("more than half")
    TWO_THIRDS = "two_thirds", _("at least two thirds")


class Ground(models.TextChoices):
    """Why a member leaves an item (governance §3.7)."""

    APPLICANT = "applicant", _("is the applicant")
    HOUSEHOLD = "household", _("same household")
    RELATIVE = "relative", _("near relative")
    GUARANTOR = "guarantor", _("guarantor or co-borrower")
    CREDITOR = "creditor", _("creditor")
    EMPLOYER = "employer", _("partner or employer")
    VERIFIER = "verifier", _("did the home verification")
    DECLARED = "declared", _("declared by the member")
    CHALLENGED = "challenged", _("challenged by others")


class RecusalState(models.TextChoices):
    """A challenge waits for the chair's ruling; everything else stands at once."""

    STANDS = "stands", _("Recused")
    CHALLENGED = "challenged", _("Challenge, ruling needed")
    REJECTED = "rejected", _("Challenge rejected")


class NoticeState(models.TextChoices):
    """Where a public notice stands on paper; `queries.notice_state` adds what the clock says."""

    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Waiting for the second person")
    APPROVED = "approved", _("Approved, not yet published")
    PUBLISHED = "published", _("Published")
    WITHDRAWN = "withdrawn", _("Ended and taken down")
    RETRACTED = "retracted", _("Retracted")
    SUPERSEDED = "superseded", _("Replaced by a correction")
    DISCARDED = "discarded", _("Discarded")


class EntryState(models.TextChoices):
    """What became of one subject on a notice."""

    LISTED = "listed", _("On notice")
    CLEARED = "cleared", _("No objection stands")
    REMANDED = "remanded", _("Sent back by an objection")
    VOID = "void", _("Void")
    RETRACTED = "retracted", _("Taken off, application withdrawn")


class NoticeKind(models.TextChoices):
    """Types of notice; `rules.publication` says which fields each may show."""

    RELIEF_PROPOSED = "relief_proposed", _("Proposed relief grants")


class PublicReason(models.TextChoices):
    """The only reasons that a notice may give (governance §5: a coarse list)."""

    LIVELIHOOD = "livelihood", _("Production and development")
    HARDSHIP = "hardship", _("Hardship in daily life")
    OTHER = "other", _("Other")


class DayMode(models.TextChoices):
    """How the days of a notice are counted."""

    NATURAL = "natural", _("counted in calendar days")
    WORKING = "working", _("counted in working days")


class Shift(models.TextChoices):
    """What happens when the last day of a notice is a day off.

    `day_off` is how courts read 民法典 Art.203 (a period that ends on a 法定休假日 ends on the day after it).
    """

    NONE = "none", _("the last day stays")
    HOLIDAY = "holiday", _("a last day in a public holiday moves to the next working day")
    DAY_OFF = "day_off", _("a last day off, weekends too, moves to the next working day")


class PhotoKind(models.TextChoices):
    """What a photo of the notice board proves."""

    POSTED = "posted", _("Posted on the board")
    REMOVED = "removed", _("Removed from the board")


class ObjectionChannel(models.TextChoices):
    """How an objection reached the branch."""

    WEB = "web", _("Website")
    PHONE = "phone", _("Telephone")
    PAPER = "paper", _("On paper")


class ObjectionState(models.TextChoices):
    """Where an objection stands. Decided may be appealed once; closed is final."""

    FILED = "filed", _("Objection received")
    ACKNOWLEDGED = "acknowledged", _("Acknowledged")
    ASSIGNED = "assigned", _("Under investigation")
    DECIDED = "decided", _("Answered")
    APPEALED = "appealed", _("Under appeal")
    CLOSED = "closed", _("Decided on appeal")


class ObjectionOutcome(models.TextChoices):
    """What an objection leads to."""

    DISMISSED = "dismissed", _("Not upheld")
    RE_VERIFY = "re_verify", _("Upheld: verify again")
    RE_BALLOT = "re_ballot", _("Upheld: review again")
    VOID = "void", _("Upheld: proposal void")


MEETING_TRANSITIONS: Final[TransitionTable] = {
    ("convened", "agenda"): "convened",
    ("convened", "officers"): "convened",
    ("convened", "attendance"): "convened",
    ("convened", "open"): "open",
    ("convened", "adjourn"): "adjourned",
    ("convened", "cancel"): "cancelled",
    ("open", "agenda"): "open",
    ("open", "officers"): "open",
    ("open", "attendance"): "open",
    ("open", "close"): "closed",
    ("closed", "sign"): "signed",
}

REVIEW_TRANSITIONS: Final[TransitionTable] = {
    ("presented", "recuse"): "presented",
    ("presented", "open_ballot"): "ballot_open",
    ("presented", "adjourn"): "adjourned",
    ("presented", "escalate"): "escalated",
    ("ballot_open", "cast"): "ballot_open",
    ("ballot_open", "close_online"): "counted",
    ("ballot_open", "close_paper"): "ballot_closed",
    ("ballot_open", "adjourn"): "adjourned",
    ("ballot_closed", "key"): "ballot_closed",
    ("ballot_closed", "agree"): "counted",
    ("ballot_closed", "dispute"): "disputed",
    ("disputed", "settle_void"): "disputed",
    ("disputed", "recount"): "ballot_closed",
    ("disputed", "void"): "void",
    ("counted", "repeat"): "presented",
    ("counted", "pass"): "passed",
    ("counted", "fail"): "not_passed",
    ("counted", "conflict"): "counted",
    ("passed", "conflict"): "passed",
    ("not_passed", "conflict"): "not_passed",
    ("counted", "void"): "void",
    ("passed", "void"): "void",
    ("not_passed", "void"): "void",
}

NOTICE_TRANSITIONS: Final[TransitionTable] = {
    ("draft", "edit"): "draft",
    ("draft", "submit"): "submitted",
    ("draft", "discard"): "discarded",
    ("submitted", "return"): "draft",
    ("submitted", "approve"): "approved",
    ("approved", "return"): "draft",
    ("approved", "publish"): "published",
    ("published", "photo"): "published",
    ("published", "extend"): "published",
    ("published", "correct"): "published",
    ("published", "supersede"): "superseded",
    ("published", "withdraw"): "withdrawn",
    ("published", "retract"): "retracted",
    ("withdrawn", "photo"): "withdrawn",
    ("retracted", "photo"): "retracted",
    ("superseded", "photo"): "superseded",
}

ENTRY_TRANSITIONS: Final[TransitionTable] = {
    ("listed", "clear"): "cleared",
    ("listed", "remand"): "remanded",
    ("listed", "void"): "void",
    ("listed", "retract"): "retracted",
    ("cleared", "clear"): "cleared",
    ("cleared", "remand"): "remanded",
    ("cleared", "void"): "void",
    ("cleared", "retract"): "retracted",
    # Taken off the notice after an objection was upheld: the reason that ended it stays.
    ("remanded", "retract"): "remanded",
    ("void", "retract"): "void",
    ("retracted", "retract"): "retracted",
}

OBJECTION_TRANSITIONS: Final[TransitionTable] = {
    ("filed", "acknowledge"): "acknowledged",
    ("acknowledged", "assign"): "assigned",
    ("assigned", "assign"): "assigned",
    ("assigned", "decide"): "decided",
    ("decided", "appeal"): "appealed",
    ("appealed", "decide_appeal"): "closed",
}

# An objection in one of these states blocks the approval of its subject.
BLOCKING: Final = (
    ObjectionState.FILED,
    ObjectionState.ACKNOWLEDGED,
    ObjectionState.ASSIGNED,
    ObjectionState.APPEALED,
)
