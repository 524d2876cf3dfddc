"""Two people fact by fact: what agrees, what differs, and what can be taken from either when they become one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from boai.registry.queries.pairs import Side

PICKS: dict[str, tuple[str, ...]] = {
    "name": ("name", "pinyin", "initials"),
    "sex": ("sex",),
    "born": ("born_on", "born_precision"),
    "number": ("number", "number_kind", "number_blind", "number_tail"),
    "phone": ("phone", "phone_blind", "phone_tail"),
    "account": ("account", "account_blind", "account_tail", "bank"),
    "note": ("note",),
}
"""What can be taken from either of two people, and the columns that go together."""
ADDRESS, CATEGORIES = "address", "categories"
"""Can be chosen besides: the household's address, and whose categories hold."""
BOTH = "both"


@dataclass(frozen=True)
class Fact:
    """A line of the comparison. `choice`: can either side be taken? `all_of_both`: or everything of both?"""

    key: str
    label: str
    left: str | date
    right: str | date
    same: bool
    choice: bool = False
    all_of_both: bool = False
    hint: str = ""

    @property
    def missing(self) -> bool:
        """Does one of the two not say it?"""
        return not self.left or not self.right


def facts(left: Side, right: Side) -> list[Fact]:
    """The facts of both, line by line. What neither has is left out."""
    both = left.registered and right.registered  # a row of a file is left out whole: nothing to choose
    by_number = left.by_number or right.by_number
    follows = _("follows the identity number") if both and by_number else ""
    lines = [
        _line("name", _("Name"), left.name, right.name, choice=both),
        _line("sex", _("Sex"), left.sex, right.sex, choice=both and not by_number, hint=follows),
        _line("born", _("Born on"), left.born_on or "", right.born_on or "", choice=both and not by_number,
              hint=follows),
        _line("relation", _("Relation to the head"), left.relation, right.relation),
        _sealed("number", _("Identity number"), left, right, _tail(left.number_tail), _tail(right.number_tail)),
        _sealed("phone", _("Telephone"), left, right, _tail(left.phone_tail), _tail(right.phone_tail)),
        _sealed("account", _("Bank account"), left, right, _tail(left.account_tail), _tail(right.account_tail)),
        _line("village", pgettext("person", "Village"), left.place, right.place),
        _address(left, right, both=both),
        _line("office_number", _("Household number of the office"), left.office_number, right.office_number),
        _categories(left, right, both=both),
        _sealed("note", _("Note"), left, right, *(_("given") if s.hidden.get("note") else "" for s in (left, right))),
    ]  # fmt: skip
    return [line for line in lines if line.left or line.right]


def seen_mark(left: Side, right: Side) -> str:
    """What a page was made from: when it is no longer so, what was chosen there may mean something else."""
    return "-".join(str(number) for side in (left, right) for number in side.versions)


def _line(key: str, label: str, left: str | date, right: str | date, *, choice: bool = False, hint: str = "") -> Fact:
    differ = bool(left and right) and left != right
    return Fact(key, label, left, right, left == right, choice=choice and differ, hint=hint if differ else "")


def _sealed(key: str, label: str, left: Side, right: Side, one: str, other: str) -> Fact:
    """Two numbers may end alike and not be one: compared is what is sealed."""
    same = left.hidden.get(key) == right.hidden.get(key)
    both = left.registered and right.registered
    return Fact(key, label, one, other, same, choice=both and bool(one and other) and not same)


def _address(left: Side, right: Side, *, both: bool) -> Fact:
    near = left.village == right.village and left.household_id != right.household_id
    hint = _("of the whole household") if both and near and left.address != right.address else ""
    same = left.address == right.address
    return Fact(ADDRESS, pgettext("person", "Address"), left.address, right.address, same,
                choice=both and near and not same, hint=hint)  # fmt: skip


def _categories(left: Side, right: Side, *, both: bool) -> Fact:
    one, other = (_listed(side) for side in (left, right))
    same = (left.categories, left.sealed) == (right.categories, right.sealed)
    choice = both and bool(one or other) and (not same or left.sealed > 0)
    return Fact(CATEGORIES, _("Categories"), one, other, same, choice=choice, all_of_both=choice)


def _listed(side: Side) -> str:
    hidden = ngettext("%(count)s sensitive one", "%(count)s sensitive ones", side.sealed) % {"count": side.sealed}
    return "、".join([*side.categories, *([hidden] if side.sealed else [])])


def _tail(digits: str) -> str:
    return f"…{digits}" if digits else ""
