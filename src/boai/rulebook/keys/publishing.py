"""Rules of public notices (公示) and objections (governance §5)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from boai.rulebook.keys.base import Group, RuleKey, assumed, likely
from boai.rulebook.values import Choice, Whole, YesNo

PUBLISHING = (
    RuleKey(
        "notice.days", _("Days of a public notice"), Group.NOTICE, Whole(3, 60, _("days")),
        _("Counted from the day after publication. Never fewer than 3."),
        assumed(5, "县级红十字会做法3至7天；《浙江省社会救助条例》对社会救助公示要求不少于7天"),
    ),
    RuleKey(
        "notice.mode", _("How notice days are counted"), Group.NOTICE,
        Choice((("natural", _("in calendar days")), ("working", _("in working days")))),
        _("Working days leave out weekends and public holidays, and count the swapped working weekends."),
        assumed("working"),
    ),
    RuleKey(
        "notice.shift", _("When the last day is a day off"), Group.NOTICE,
        Choice((
            ("none", _("the last day stays")),
            ("holiday", _("in a public holiday it moves to the next working day")),
            ("day_off", _("on any day off, weekends too, it moves to the next working day")),
        )),
        _("So that nobody loses the right to object over a holiday."),
        likely(
            "holiday",
            "《民法典》第二百零三条：期间的最后一日是法定休假日的，以法定休假日结束的次日为期间的最后一日",
        ),
    ),
    RuleKey(
        "notice.withdraw_after_days", _("Taking a notice down"), Group.NOTICE, Whole(1, 365, _("calendar days")),
        _("After the notice has ended; then the page only says that it has ended, with the proof from the log."),
        assumed(30, "公示期满后应及时撤下个人信息（多地检察建议），期限未统一"),
    ),
    RuleKey(
        "notice.board_photo", _("Photo of the notice board needed"), Group.NOTICE, YesNo(),
        _("Whether approval waits for a photo of the notice on the village's board."),
        assumed(True),
    ),
    RuleKey(
        "objection.acknowledge_days", _("Acknowledging an objection"), Group.NOTICE, Whole(1, 30, _("working days")),
        _("By when the person who objects hears that it has arrived."),
        assumed(2),
    ),
    RuleKey(
        "objection.decide_days", _("Deciding an objection"), Group.NOTICE, Whole(1, 60, _("working days")),
        _("By when it is decided; approval is blocked while it is open."),
        assumed(10, "异议应当核实处理（《自然灾害救助条例》第二十条），时限各地5至10个工作日"),
    ),
)  # fmt: skip
