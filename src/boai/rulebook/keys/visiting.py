"""What visitors may carry on a phone, and for how long."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from boai.rulebook.keys.base import Group, RuleKey, assumed
from boai.rulebook.values import Part, Record, Whole


def _in_order(value: Any) -> None:
    if value["unsent_days"] < value["keep_days"]:
        raise ValueError(gettext("What was not sent is kept at least as long as what was taken along."))


VISITING = (
    RuleKey(
        "visits.phone", _("Visits on a phone"), Group.VISITS,
        Record((
            Part("keep_days", _("Names and addresses are wiped from the phone after"),
                 Whole(1, 31, _("calendar days"))),
            Part("unsent_days", _("Records that were never sent are wiped after"), Whole(1, 90, _("calendar days"))),
            Part("pin_length", _("A PIN has at least"), Whole(6, 20, _("characters"))),
            Part("pin_tries", _("Everything is wiped after so many wrong PINs in a row"), Whole(3, 10, _("tries"))),
            Part("photos", _("Photos of one visit, at most"), Whole(0, 12, _("photos"))),
        )),
        _("Holds for what a visitor takes along to places without a signal. The phone itself keeps these limits."),
        assumed({"keep_days": 7, "unsent_days": 30, "pin_length": 6, "pin_tries": 5, "photos": 6},
                "设定值：够跑完一周走访和补传；手机遗失时，留在手机上的信息尽量少、尽量短"),
        _in_order,
    ),
)  # fmt: skip
