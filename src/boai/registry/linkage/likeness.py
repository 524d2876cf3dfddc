"""What clerks confuse: sounds of dialects, characters that look alike, the two calendars."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from borax.calendars.lunardate import LunarDate

# Sounds that speakers of many dialects do not tell apart, folded in a reading without tones: zhang = zang = zhan = zan.
SOUND_FOLDS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng", "n"))

# Characters of names that are mistaken for each other in handwriting and when typing by shape. The first of each group
# stands for all of it.
_LOOK_ALIKE = """
己已巳 未末 王玉 土士 干千 日曰 木本 由甲申田 今令 余佘 陈阵 季李秀 侯候 付傅 闫阎 肖萧 丘邱 戴代
冷泠 治冶 俊峻竣 佳住 伟玮炜 娜那 苹萍 辉晖 晴睛 清青 凤风 贵责 祥详 斌彬武 刚钢 军君 建健 栋拣
梁粱 荣茱 瑞端 福富 嘉喜 志忘 春舂 成城诚 芳芬 娟涓 淑叔 明朋 勇男 海侮 林材 秋愁 兰蓝 红虹
平苹 英瑛 玲铃 霞遐 杨扬
"""


def look_alikes() -> tuple[str, str]:
    """Two texts of equal length: a character of the first is written as the one at its place in the second.

    >>> old, new = look_alikes()
    >>> "张未".translate(str.maketrans(old, new)) == "张末".translate(str.maketrans(old, new))
    True
    """
    leader: dict[str, str] = {}

    def find(character: str) -> str:
        while leader.setdefault(character, character) != character:
            character = leader[character]
        return character

    for group in _LOOK_ALIKE.split():
        for other in group[1:]:
            leader[find(other)] = find(group[0])
    changed = [(c, find(c)) for c in leader if find(c) != c]
    return "".join(c for c, _ in changed), "".join(first for _, first in changed)


@lru_cache(maxsize=65_536)
def solar_of_lunar(written: date) -> date | None:
    """The day that is meant when `written` is a date of the lunar calendar; None where that calendar has no such day.

    Older people know their birthday by the lunar calendar, and offices write it down as if it were the other one.
    """
    try:
        solar: date = LunarDate(written.year, written.month, written.day).to_solar_date()
    except ValueError:
        return None
    return solar
