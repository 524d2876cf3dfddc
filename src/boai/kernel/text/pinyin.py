"""Pinyin of names, for searching: without tones, surnames read as surnames (单 shan, 仇 qiu)."""

from __future__ import annotations

from functools import lru_cache

from pypinyin import Style, lazy_pinyin

from boai.kernel.text.folding import fold
from boai.kernel.text.names import surname_of

# Characters that are read differently when they are a surname.
SURNAME_READINGS = {
    "单": "shan", "解": "xie", "仇": "qiu", "区": "ou", "查": "zha", "曾": "zeng", "任": "ren", "华": "hua",
    "盖": "ge", "朴": "piao", "尉迟": "yu chi", "长孙": "zhang sun", "万俟": "mo qi", "单于": "chan yu", "乐": "yue",
    "乐正": "yue zheng", "冼": "xian", "洗": "xian", "折": "she", "黑": "he", "秘": "bi", "繁": "po", "员": "yun",
    "贠": "yun", "召": "shao", "缪": "miao", "晁": "chao", "逄": "pang", "郇": "xun", "褚": "chu", "翟": "zhai",
    "覃": "qin", "阚": "kan", "隗": "wei", "卜": "bu", "种": "chong", "幺": "yao", "能": "nai", "句": "gou",
    "宓": "mi", "訾": "zi", "哈": "ha", "澹台": "tan tai", "鲜于": "xian yu", "令狐": "ling hu", "夏侯": "xia hou",
}  # fmt: skip


@lru_cache(maxsize=32_768)
def _syllable(character: str) -> str:
    return str(lazy_pinyin(character, style=Style.NORMAL, v_to_u=False, errors=lambda rest: rest.lower())[0])


def name_syllables(name: str) -> list[str]:
    """The syllables of a name: 单志强 → ["shan", "zhi", "qiang"]. Letters stay as they are, in lower case."""
    surname = surname_of(name)
    if surname in SURNAME_READINGS:
        head, rest = SURNAME_READINGS[surname].split(" "), name[len(surname) :]
    else:
        head, rest = [], name
    return head + [_syllable(c) for c in rest if c.isalnum()]


def name_pinyin(name: str) -> str:
    """The whole reading without spaces, for prefix search: "shanzhiqiang"."""
    return "".join(name_syllables(name))


def name_initials(name: str) -> str:
    """The first letters, as people type them: "szq"."""
    return "".join(syllable[0] for syllable in name_syllables(name) if syllable)


def looks_like_pinyin(text: str) -> bool:
    """Is a search text letters only, so that it means pinyin?"""
    folded = fold(text).replace(" ", "")
    return bool(folded) and folded.isascii() and folded.isalpha()
