"""How clerks write the names of places, brought to comparable forms. Pure: knows no database.

Every name has up to three forms, from strict to lax:

* `tidy`  – full-width and odd spaces folded, brackets unified, Chinese numerals as digits (二十一 = 21);
* `base`  – a village without the words for its committee: 义岗村村民委员会, 义岗村委会, 义岗村 → 义岗村;
* `stem`  – without any generic word: 义岗村 → 义岗, 义岗川镇 → 义岗川, 通渭县 → 通渭.

Lax forms are for *looking up* among the places of one township or county, never for inventing a place.
"""

from __future__ import annotations

import re
from functools import lru_cache

from boai.kernel.text.folding import squeeze
from boai.regions import codes
from boai.regions.enums import Kind

_BRACKETS = str.maketrans({"〔": "(", "〕": ")", "[": "(", "]": ")", "【": "(", "】": ")", "﹙": "(", "﹚": ")"})
_SEPARATORS = re.compile(r"[\s,,、;;/\\|>》→·—\-_.。]+")
_ONE_TO_NINE = "[一二三四五六七八九]"
_NUMERAL = re.compile(r"[〇零○一二三四五六七八九十百]+")
_COUNT = re.compile(rf"(?:({_ONE_TO_NINE})百)?[零〇○]?(?:({_ONE_TO_NINE})?(十))?({_ONE_TO_NINE})?")
_DIGIT = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0}

_VILLAGERS = tuple(
    "村民委员会 村民委员 村委会 村委 牧民委员会 牧委会 渔民委员会 渔委会 民委员会 民委会".split()  # noqa: SIM905 - to be read
)
_QUARTERS = ("社区居民委员会", "社区居委会", "社区委员会")
_RESIDENTS = (*_QUARTERS, "社区居民委员", "社区居委", "居民委员会", "居民委员", "居委会", "居委")
_GACHA = ("嘎查村民委员会", "嘎查委员会", "嘎查村委会", "嘎查委会", "嘎查")

# Some clerks put the daily word behind the official one: 排头社区委员会社区.
_TWICE = re.compile(r"(?<=委员会|居委会|村委会)(?:社区|村)\Z")

# The 55 minorities as they stand before 自治县 or 乡; some drop 族 there (内蒙古自治区).
_MINORITIES = (
    "壮 回 满 维吾尔 苗 彝 土家 藏 蒙古 侗 布依 瑶 白 朝鲜 哈尼 黎 哈萨克 傣 畲 傈僳 东乡 仡佬 拉祜 佤 水 纳西 羌 土 "
    "仫佬 锡伯 柯尔克孜 景颇 达斡尔 撒拉 布朗 毛南 塔吉克 普米 阿昌 怒 鄂温克 京 基诺 德昂 保安 俄罗斯 裕固 "
    "乌孜别克 门巴 鄂伦春 独龙 赫哲 高山 珞巴 塔塔尔 各"
)
_PEOPLES = sorted(_MINORITIES.split(), key=len, reverse=True)
_PEOPLE = "(?:" + "|".join(_PEOPLES) + ")族"
_SHORT_PEOPLE = "(?:蒙古|维吾尔|哈萨克|柯尔克孜|壮|回|藏|苗|彝|侗|傣|羌|白|锡伯|塔吉克)"
_AUTONOMOUS = re.compile(rf"(.{{2,}}?)(?:(?:{_PEOPLE})+|{_SHORT_PEOPLE})(?:自治(?:区|州|县|旗)|区)\Z")
_OWN_PEOPLE = re.compile(r"(.+?)族?自治(?:区|州|县|旗)\Z")
_TOWNSHIP_OF_PEOPLE = re.compile(
    rf"(.{{2,}}?)(?:(?:{_PEOPLE})+(?:民族)?|(?:少数)?民族|{_SHORT_PEOPLE})(?:乡|镇|苏木)\Z"
)

# Development zones and the like: their last words belong to the name.
_ZONE = re.compile(r"(开发|园|管理|示范|试验|实验|名胜|产业|度假|新|景|港|物流|食品|工业)区\Z")

_ENDINGS: dict[int, tuple[str, ...]] = {
    codes.PROVINCE: ("特别行政区", "省", "市"),
    codes.CITY: ("地区", "林区", "市", "盟"),
    codes.COUNTY: ("林区", "矿区", "新区", "特区", "县", "区", "市", "旗"),
    codes.TOWNSHIP: ("街道办事处", "街道办", "办事处", "街道", "地区", "苏木", "人民政府", "镇", "乡"),
}
_VILLAGE_WORDS = ("社区", "嘎查", "村", "居")


def number(run: str) -> str:
    """A run of Chinese numerals as digits ('二十一' → '21', '一〇四' → '104'), or unchanged if it is no number.

    Two numerals side by side are a pair, not a number: 五一 is 1 May, 一二 the first and the second.
    """
    if "十" not in run and "百" not in run:
        digits = [str(_DIGIT[c]) for c in run]
        return "~".join(digits) if len(digits) == 2 and "0" not in digits else "".join(digits)
    match = _COUNT.fullmatch(run)
    if match is None:
        return run
    hundreds, tens, ten, units = match.groups()
    tens_value = (_DIGIT[tens] if tens else 1) if ten else 0
    return str((_DIGIT[hundreds] if hundreds else 0) * 100 + tens_value * 10 + (_DIGIT[units] if units else 0))


@lru_cache(maxsize=65536)
def tidy(text: str) -> str:
    """The name as it can be compared: folded, without spaces and separators, numerals as digits."""
    folded = _SEPARATORS.sub("", squeeze(text).translate(_BRACKETS))
    return _NUMERAL.sub(lambda match: number(match.group()), folded)


def _strip(text: str, endings: tuple[str, ...]) -> str:
    """`text` without the first of `endings` it has, unless nothing would be left."""
    for ending in endings:
        if text.endswith(ending) and len(text) > len(ending):
            return text[: -len(ending)]
    return text


@lru_cache(maxsize=65536)
def base(text: str) -> str:
    """A tidied village name without the words for its committee, but with 村 or 社区: the village itself."""
    text = _TWICE.sub("", text)
    for endings, word in ((_GACHA, "嘎查"), (_RESIDENTS, "社区"), (_VILLAGERS, "村")):
        shorter = _strip(text, endings)
        if shorter != text:
            return shorter if shorter.endswith(word) else shorter + word
    return text


@lru_cache(maxsize=65536)
def stem(text: str, level: int) -> str:
    """A tidied name without its generic words, at least one character long."""
    if level == codes.VILLAGE:
        shorter = base(text)
        for word in _VILLAGE_WORDS:
            shorter = _strip(shorter, (word,))
        return _strip(shorter, ("村",))
    if level == codes.TOWNSHIP:
        match = _TOWNSHIP_OF_PEOPLE.match(text)
        return match.group(1) if match else _strip(text, _ENDINGS[level])
    if "自治" in text or text.endswith("族区"):
        match = _AUTONOMOUS.match(text) or _OWN_PEOPLE.match(text)
        if match:
            return match.group(1)
    return _strip(text, _ENDINGS[level])


def written_kind(text: str) -> Kind | None:
    """Whether a tidied village name says villagers' or residents' committee; None when it says neither."""
    if text.endswith(("社区", *_RESIDENTS)):
        return Kind.RESIDENTS
    if text.endswith(("村", "嘎查", *_GACHA, *_VILLAGERS)):
        return Kind.VILLAGERS
    return None


def kind_of(code: str, name: str) -> Kind:
    """The kind of a division from its code's suffix (统计用区划代码编制规则) or, above the village, its name.

    001–199 residents' committees, 200–399 villagers' committees, 400–599 units like either of them (farms, parks).
    """
    if code[9:] != "000":
        suffix = code[9]
        return Kind.RESIDENTS if suffix in "01" else Kind.VILLAGERS if suffix in "23" else Kind.SIMILAR
    return Kind.GROUPING if name in ("市辖区", "县") or name.endswith("直辖县级行政区划") else Kind.AREA


def short(name: str, level: int, kind: Kind) -> str:
    """The name in daily use: 甘肃, 通渭, 义岗川, 义岗村, 平安居委会. A county of one character keeps its 县 (赵县)."""
    if kind == Kind.GROUPING or _ZONE.search(name):
        return name
    if level == codes.VILLAGE:
        # 居委会 before the villagers' endings: 民委员会 would bite into 居民委员会.
        for endings, word in ((_GACHA, "嘎查"), (_QUARTERS, "社区"), (_RESIDENTS, "居委会"), (_VILLAGERS, "村")):
            if name.endswith(endings) and (shorter := _strip(name, endings)) != name:
                return shorter if shorter.endswith(word) else shorter + word
        return name
    shorter = stem(name, level)
    return shorter if len(shorter) > 1 else name


def bare(short_name: str) -> str:
    """A short name of a village without 村 or 社区, for pinyin look-up tables."""
    return _strip(short_name, ("社区", "嘎查", "村"))
