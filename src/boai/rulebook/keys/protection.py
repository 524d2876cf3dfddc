"""How the register protects people from curiosity, and how fast they get an answer about their own data."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from boai.rulebook.keys.base import Group, RuleKey, assumed
from boai.rulebook.values import Part, Record, Whole


def _hours(value: Any) -> None:
    if value["from_hour"] >= value["to_hour"]:
        raise ValueError(gettext("Office hours end after they begin."))


PROTECTION = (
    RuleKey(
        "register.looks", _("Looking at sensitive facts"), Group.REGISTER,
        Record((
            Part("per_day", _("Somebody is asked from so many looks on a day"), Whole(1, 1000, _("looks"))),
            Part("from_hour", _("Office hours begin at"), Whole(0, 23, _("o'clock"))),
            Part("to_hour", _("Office hours end at"), Whole(1, 24, _("o'clock"))),
        )),
        _("More looks than usual, and looks at night or on a weekend, are put before the supervisor."),
        assumed({"per_day": 40, "from_hour": 7, "to_hour": 20}),
        _hours,
    ),
    RuleKey(
        "register.search_most", _("Searching beyond a township"), Group.REGISTER, Whole(1, 10_000, _("households")),
        _("Of a search that fits more households only the first page is shown: it has to be narrowed."),
        assumed(90, "设定值：三页；《个人信息保护法》第六条要求限于实现处理目的的最小范围"),
    ),
    RuleKey(
        "register.requests", _("Answering people about their own data"), Group.REGISTER,
        Whole(1, 60, _("calendar days")),
        _("So long after a request to see, copy, correct, delete or object an answer is given."),
        assumed(15, "《个人信息保护法》第五十条只要求“便捷”受理，未定天数；参照国家标准三十天内答复的要求从严设定"),
    ),
    RuleKey(
        "register.export_people", _("Lists taken out of the register"), Group.REGISTER, Whole(0, 100_000, _("people")),
        _("A list of more people needs a second person."),
        assumed(200),
    ),
)  # fmt: skip
