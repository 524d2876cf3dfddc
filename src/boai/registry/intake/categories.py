"""The words by which offices call the categories of people in need."""

from __future__ import annotations

import re
from functools import lru_cache

from boai.kernel.text.folding import fold, squeeze
from boai.registry.enums import Category
from boai.registry.intake.wordlists import NONE_OF_THEM, by_word

_TAIL = re.compile(r"(户|人员|家庭|对象|人口|群体|群众|者|人)$")
_KNOWN = {word: Category(key) for word, key in by_word("categories").items()}
_SEPARATORS = re.compile(r"[;、,/|+&\n\r]+|\s+|以及")
_DISABILITY = re.compile(
    r"(?:残疾)?(视力|听力|言语|语言|肢体|智力|精神|多重)?(?:残疾?人?)?([一二三四1-4ⅠⅡⅢⅣ])级"
    r"(视力|听力|言语|语言|肢体|智力|精神|多重)?(?:残疾?人?)?"
)
_DISABILITY_TYPE = re.compile(r"(视力|听力|言语|语言|肢体|智力|精神|多重)(?:残疾?人?)?")
# Their words often say more than the category: the disease, the class of allowance, the kind of watching.
_TELLING = (Category.ILLNESS, Category.LOW_INCOME, Category.RELAPSE_WATCH, Category.EXTREME_POVERTY)
_GRADES = str.maketrans("1234ⅠⅡⅢⅣ", "一二三四一二三四")


def category_of(word: str) -> tuple[Category, str] | None:
    """The category of one word, with a detail where the word tells one (肢体二级 → disability, 肢体二级)."""
    text = squeeze(word).replace("(", "").replace(")", "").upper()
    found = _KNOWN.get(text) or _KNOWN.get(_TAIL.sub("", text)) or _KNOWN.get(_TAIL.sub("", _TAIL.sub("", text)))
    if found:
        return found, ("" if text in ("残疾", "残疾人", "大病", "低保", "低保户") else _detail(found, text))
    if match := _DISABILITY.fullmatch(text):
        return disability(match[1] or match[3] or "", match[2])
    if (match := _DISABILITY_TYPE.fullmatch(text)) and text != "精神":
        return disability(match[1], "")
    return None


def _detail(found: Category, text: str) -> str:
    """Keep the word itself where it says more than the category: the disease, the class of allowance."""
    return text if found in _TELLING and len(text) > 2 else ""


def disability(kind: str, grade: str) -> tuple[Category, str]:
    """A disability by its type and grade; a mental one is kept with the mental disorders."""
    kind = "言语" if kind == "语言" else kind
    detail = kind + (f"{grade.translate(_GRADES)}级" if grade else "")
    return (Category.MENTAL if kind == "精神" else Category.DISABILITY), detail


@lru_cache(maxsize=4_096)
def read_categories(text: str) -> tuple[tuple[tuple[Category, str], ...], tuple[str, ...]]:
    """The categories of a cell, each once, and the words that mean none: (known, unknown)."""
    known: dict[Category, str] = {}
    unknown: list[str] = []
    if whole := category_of(text):
        return (whole,), ()
    for word in _SEPARATORS.split(fold(text)):
        word = word.strip("。.:()·")
        if not word or word.upper() in NONE_OF_THEM:
            continue
        found = category_of(word)
        if found is None:
            unknown.append(word)
        elif not known.get(found[0]):
            known[found[0]] = found[1]
    return tuple(known.items()), tuple(unknown)
