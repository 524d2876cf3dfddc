"""Names of people in China: cleaned, checked, split into surname and given name."""

from __future__ import annotations

import re
import unicodedata

from boai.kernel.text.faults import Fault, Unreadable
from boai.kernel.text.folding import check_text, fold

LONGEST_NAME = 50
DOT = "·"

_COMPOUND = """
欧阳 司马 诸葛 上官 夏侯 尉迟 皇甫 公孙 慕容 令狐 宇文 长孙 司徒 司空 端木 独孤 南宫 东方 西门 轩辕 申屠 淳于 单于
呼延 钟离 闾丘 太史 赫连 澹台 濮阳 公冶 宗政 百里 东郭 拓跋 公羊 第五 梁丘 左丘 万俟 闻人 仲孙 鲜于 公西 漆雕 乐正
壤驷 巫马 颛孙 宰父 谷梁 段干 东门 亓官 司寇 子车 夹谷 完颜 纳兰 叶赫 爱新 范姜 张简
"""
# Two-character surnames that are in use.
COMPOUND_SURNAMES = frozenset(_COMPOUND.split())

# What people type for the dot inside a name: 买买提·艾合买提.
_DOTS = re.compile(r"[•‧・∙⋅●。.\uff0e\uff65·_]")
# CJK Unified Ideographs with Extensions A to J (Unicode 17).
_HAN = r"\u3400-\u9fff\U00020000-\U0003347f〇々"
_HAN_NAME = re.compile(f"[{_HAN}·]+")
_HAN_ONLY = re.compile(f"[{_HAN}]+")
_OTHER_NAME = re.compile(r"[^\W\d_](?:[^\W\d_]|[\u0300-\u036f]|[ '’.,\-·])*")
_MASKED = re.compile(r"[*×?]|某|[Xx]{2,}$")
_PRIVATE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010fffd]")
# "Nothing" in a cell for a name.
_NOTHING = frozenset(("无", "/", "-", "—", "——", "、", "无名", "不详", "未知"))
_PLAIN = re.compile(r"[\u4e00-\u9fff]{2,4}")


def read_name(value: object) -> str:
    """A person's name in canonical form: no spaces inside Chinese names, one kind of dot.

    "张  三 " → "张三"; "买买提•艾合买提" → "买买提·艾合买提". Raises Unreadable: MISSING, CHARACTERS (digits, brackets,
    remarks), MASKED (张*三, 李某), TOO_SHORT, TOO_LONG, CONTROL, DAMAGED.
    """
    if value is None or isinstance(value, bool):
        raise Unreadable(Fault.MISSING)
    text = str(value)
    if _PLAIN.fullmatch(text) and "某" not in text and text not in _NOTHING:
        return text
    check_text(text, limit=LONGEST_NAME * 2)
    text = fold(text)
    if not text or text in _NOTHING:
        raise Unreadable(Fault.MISSING)
    if _MASKED.search(text):
        raise Unreadable(Fault.MASKED)
    if len(text) > LONGEST_NAME:
        raise Unreadable(Fault.TOO_LONG, str(len(text)))
    if _PRIVATE.search(text):
        raise Unreadable(Fault.DAMAGED)
    return _canonical(text)


def _canonical(text: str) -> str:
    han = _DOTS.sub(DOT, text.replace(" ", "")).strip(DOT)
    if _HAN_NAME.fullmatch(han):
        if len(han) < 2:
            raise Unreadable(Fault.TOO_SHORT)
        return han
    if any("\u3400" <= c <= "\u9fff" for c in text) or not _OTHER_NAME.fullmatch(text):
        raise Unreadable(Fault.CHARACTERS)
    return re.sub(r" +", " ", text)


def name_key(name: str) -> str:
    """A name for equality search: folded, without spaces and dots, in lower case, accents dropped."""
    bare = _DOTS.sub("", fold(name)).replace(" ", "").casefold()
    if bare.isascii() or _HAN_NAME.fullmatch(bare):
        return bare
    return "".join(c for c in unicodedata.normalize("NFD", bare) if not unicodedata.combining(c))


def has_surname(name: str) -> bool:
    """True for a Chinese name, which begins with a surname: Chinese characters alone, no dot, letters or spaces."""
    return bool(_HAN_ONLY.fullmatch(name))


def surname_of(name: str) -> str:
    """The surname: two characters for a compound surname with a given name after it, else the first character.

    For names with a dot the first part, for names in letters the first word: they have no surname in our sense.
    """
    if DOT in name:
        return name.split(DOT, 1)[0]
    if not _HAN_NAME.fullmatch(name):
        return name.split(" ", 1)[0]
    return name[:2] if len(name) > 2 and name[:2] in COMPOUND_SURNAMES else name[:1]


def given_name_of(name: str) -> str:
    """What stands after the surname."""
    return name[len(surname_of(name)) :].strip(DOT + " ")
