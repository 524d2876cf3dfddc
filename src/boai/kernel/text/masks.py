"""What may be shown of a person in public (docs: governance, publication). Deny by default: when in doubt, less."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from boai.kernel.text.names import has_surname, surname_of

STAR = "*"
_SUFFIXES = "甲乙丙丁戊己庚辛壬癸"


def mask_name(name: str) -> str:
    """A name for the open internet: the surname, then one star for every further character.

    张三 → 张*, 张小三 → 张**, 欧阳修 → 欧阳*; a transliterated or foreign name keeps its first sign only:
    买买提·艾合买提 → 买*. Nothing at all becomes a single star.
    """
    name = name.strip()
    if not name:
        return STAR
    surname = _shown_surname(name)
    return surname + STAR * (max(len(name) - len(surname), 1) if has_surname(name) else 1)


def mask_name_middle(name: str) -> str:
    """A name for a village board that may show the last character: 张小三 → 张*三, 张三 → 张*, 欧阳小修 → 欧阳*修.

    Only for a notice type that allows it; `mask_name` is the default.
    """
    masked = mask_name(name)
    given = len(masked) - len(masked.rstrip(STAR))
    if given < 2 or not has_surname(name.strip()):
        return masked
    return masked[: -given + 1] + STAR * (given - 2) + name.strip()[-1]


def mask_minor(guardian: str, *, male: bool | None) -> str:
    """A minor stands behind the guardian's surname: 张某之子, 张某之女, or 张某之子女 when the sex is not known."""
    child = "子女" if male is None else "子" if male else "女"
    return f"{_shown_surname(guardian.strip())}某之{child}"


def distinguish(shown: Sequence[str]) -> list[str]:
    """Equal masked names get a suffix (张* 甲, 张* 乙), so that an objection can't hit the wrong person."""
    total = Counter(shown)
    seen: dict[str, int] = defaultdict(int)
    out = []
    for text in shown:
        number = seen[text]
        seen[text] += 1
        out.append(text if total[text] == 1 else f"{text}({_suffix(number)})")
    return out


def _suffix(number: int) -> str:
    return _SUFFIXES[number] if number < len(_SUFFIXES) else str(number + 1)


def tail(text: str, keep: int = 4) -> str:
    """The last characters of a number behind stars, for officers' own pages and receipts: "****1234".

    The number of stars says nothing about the length. Too short a text shows nothing. Never for a public notice.
    """
    return STAR * 4 + (text[-keep:] if len(text) >= 2 * keep else "")


def _shown_surname(name: str) -> str:
    """What a mask leaves of a name: its surname where it is Chinese through and through, else its first sign alone."""
    return surname_of(name) if has_surname(name) else name[:1]
