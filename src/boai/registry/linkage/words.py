"""What the comparison says, in words that an office uses: "姓名同音 +12.5"."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

WORDS: dict[tuple[str, str], Promise] = {
    ("number", "same"): gettext_lazy("Same identity number"),
    ("number", "other"): gettext_lazy("Different identity numbers"),
    ("name", "same"): gettext_lazy("Same name"),
    ("name", "order"): gettext_lazy("Same characters of the name in another order"),
    ("name", "sound"): gettext_lazy("Names sound alike"),
    ("name", "shape"): gettext_lazy("Names look alike"),
    ("name", "surname"): gettext_lazy("Same given name, another surname"),
    ("name", "one"): gettext_lazy("Names differ in one character"),
    ("name", "other"): gettext_lazy("Different names"),
    ("born", "same"): gettext_lazy("Same birth date"),
    ("born", "swapped"): gettext_lazy("Month and day of birth exchanged"),
    ("born", "lunar"): gettext_lazy("Birth dates agree as lunar and solar calendar"),
    ("born", "day"): gettext_lazy("Same month of birth, another day"),
    ("born", "year"): gettext_lazy("Same birthday, another year"),
    ("born", "month"): gettext_lazy("Same year and day of birth, another month"),
    ("born", "sameyear"): gettext_lazy("Same year of birth"),
    ("born", "other"): gettext_lazy("Different birth dates"),
    ("sex", "same"): gettext_lazy("Same sex"),
    ("sex", "other"): gettext_lazy("Different sex"),
    ("phone", "elsewhere"): gettext_lazy("Same telephone in different households"),
    ("phone", "home"): gettext_lazy("Same telephone in one household"),
    ("phone", "other"): gettext_lazy("Different telephones"),
    ("account", "same"): gettext_lazy("Same bank account"),
    ("account", "other"): gettext_lazy("Different bank accounts"),
    ("place", "household"): gettext_lazy("Same household"),
    ("place", "village"): gettext_lazy("Same village"),
    ("place", "township"): gettext_lazy("Same township, another village"),
    ("place", "county"): gettext_lazy("Same county, another township"),
    ("place", "other"): gettext_lazy("Different counties"),
    ("relation", "same"): gettext_lazy("Same relation to the head"),
    ("relation", "other"): gettext_lazy("Different relations to the head"),
}
AGREEING_NAMES = frozenset(("same", "order", "sound", "shape"))
"""Levels of the name at which two names can be two writings of one."""

_WIDEST = 22.0  # bits that fill a bar


@dataclass(frozen=True)
class Line:
    """One comparison in words: its weight with a sign, whether it speaks for one person, the bar's width in percent,
    and what it comes to together with the lines before it."""

    text: str
    weight: str
    speaks_for: bool
    width: int
    total: str


def lines(parts: Iterable[Sequence[Any]], *, weight: float) -> list[Line]:
    """How rare duplicates are, then a pair's comparisons, those that speak for one person first, the heaviest first.
    The last total is the pair's `weight`."""
    ordered = sorted(parts, key=lambda part: -float(part[2]))
    prior = weight - sum(float(part[2]) for part in ordered)
    total, found = prior, [_line(_("How rare duplicates are"), prior, prior)]
    for comparison, level, bits in ordered:
        total += bits
        found.append(_line(str(WORDS[comparison, level]), bits, total))
    return found


def _line(text: str, bits: float, total: float) -> Line:
    return Line(text, f"{bits:+.1f}", bits >= 0, min(100, max(2, round(abs(bits) / _WIDEST * 100))), f"{total:+.1f}")


def names_agree(parts: Iterable[Sequence[Any]]) -> bool:
    """Can the two be one without a person's word?

    Nobody is made one with somebody of another name, whatever else agrees: twins share birth date, household and often
    a character of the name. A missing name needs the same identity number.
    """
    said = {part[0]: part[1] for part in parts}
    if "name" not in said:
        return said.get("number") == "same"
    return said["name"] in AGREEING_NAMES and said.get("sex") != "other"


def verdict(weight: float) -> str:
    """How likely it is that two rows are one person, in a sentence."""
    if weight >= 10:
        return _("Almost certainly one person")
    if weight >= 4:
        return _("Very probably one person")
    if weight >= 0:
        return _("Rather one person than two")
    return _("Rather two people than one")
