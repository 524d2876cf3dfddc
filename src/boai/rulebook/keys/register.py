"""When two rows of a register are one person, and when somebody is asked."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from boai.rulebook.keys.base import Group, RuleKey, assumed
from boai.rulebook.values import Part, Record, Whole


def _in_order(value: Any) -> None:
    if value["ask_weight"] > value["same_weight"]:
        raise ValueError(gettext("Asking begins below the weight from which two rows count as one person."))


REGISTER = (
    RuleKey(
        "register.duplicates", _("The same person twice"), Group.REGISTER,
        Record((
            Part("same_weight", _("One person without asking from"), Whole(5, 60, _("points"))),
            Part("ask_weight", _("A person is asked from"), Whole(0, 60, _("points"))),
            Part("broken_percent", _("A file counts as broken when more of its rows stand twice than"),
                 Whole(1, 100, _("percent"))),
        )),
        _("One more point means that one person is twice as likely. Between the two, the households wait for a word."),
        assumed({"same_weight": 15, "ask_weight": 0, "broken_percent": 30},
                "设定值：在带有常见填报差错的模拟名册上测得，15分以上没有误并"),
        _in_order,
    ),
    RuleKey(
        "register.recheck", _("Looking at categories again"), Group.REGISTER,
        Record((
            Part("months", _("Categories are confirmed again after"), Whole(0, 120, _("months"))),
            Part("days_before", _("Asked before a category runs out"), Whole(1, 366, _("calendar days"))),
        )),
        _("Categories without a last day are asked for when nobody has confirmed them for this long; 0: never. "
          "Categories with a last day are asked for before it comes."),
        assumed({"months": 12, "days_before": 30}, "设定值：低保等对象一般每年复核一次，证件到期前一个月提醒"),
    ),
)  # fmt: skip
