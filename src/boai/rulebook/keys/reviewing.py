"""Rules of review meetings (民主评议): who must be there and what is a majority. Integers only (governance §3)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from boai.rulebook.keys.base import Group, RuleKey, assumed, likely
from boai.rulebook.values import Choice, Part, Record, Share, Whole

_DELEGATES = "《村民委员会组织法》关于村民代表会议“三分之二以上组成人员参加、到会人员过半数同意”的规定，评议组参照执行"

REVIEWING = (
    RuleKey(
        "panel.quorum", _("Quorum of a review meeting"), Group.REVIEW, Share(),
        _("The share of the panel that must sign in; members who step aside count as present here."),
        assumed([2, 3], _DELEGATES),
    ),
    RuleKey(
        "panel.base", _("Majority of whom"), Group.REVIEW,
        Choice((
            ("present", _("of those present")),
            ("cast", _("of votes for and against")),
            ("entitled", _("of those entitled to vote")),
        )),
        _("Of those present: blank and invalid ballots count against, as the law on villagers' committees reads."),
        assumed("present", _DELEGATES),
    ),
    RuleKey(
        "panel.threshold", _("How large a majority"), Group.REVIEW,
        Choice((("half", _("more than half")), ("two_thirds", _("at least two thirds")))),
        _("Exactly half is not more than half: a tie is not passed."),
        assumed("half", _DELEGATES),
    ),
    RuleKey(
        "panel.min_members", _("Fewest members of a panel"), Group.REVIEW, Whole(3, 99, _("people")),
        _("A smaller roll cannot be called together."),
        assumed(7),
    ),
    RuleKey(
        "panel.min_reviewers", _("Fewest members who decide on a case"), Group.REVIEW, Whole(3, 99, _("people")),
        _("After members have stepped aside. With fewer, the case is adjourned or goes to the next body."),
        assumed(5),
    ),
    RuleKey(
        "panel.recount", _("When paper ballots are counted again by hand"), Group.REVIEW,
        Record((
            Part("ballots", _("Margin in ballots"), Whole(0, 50, _("ballots"))),
            Part("percent", _("Margin in percent of valid ballots"), Whole(0, 50, "%")),
        )),
        _("When the result hangs on no more than the larger of the two."),
        assumed({"ballots": 2, "percent": 2}),
    ),
    RuleKey(
        "meeting.notice_days", _("Calling a meeting"), Group.REVIEW, Whole(0, 30, _("calendar days")),
        _("How long before the meeting its members are told the agenda."),
        likely(3, "村民代表会议一般提前三日通知议题（多地实施办法）"),
    ),
)  # fmt: skip
