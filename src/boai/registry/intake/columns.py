"""Which field a heading means. Offices have many words for one thing; unknown ones are left alone, never guessed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import TypeAlias

from boai.kernel.text.folding import squeeze
from boai.registry.enums import Category
from boai.registry.intake.categories import category_of
from boai.registry.intake.wordlists import by_word


class Field(StrEnum):
    """What a column of a register can hold."""

    HOUSEHOLD = "household"
    NAME = "name"
    RELATION = "relation"
    SEX = "sex"
    NUMBER = "number"
    NUMBER_TYPE = "number_type"
    BIRTH = "birth"
    PHONE = "phone"
    CODE = "code"
    COUNTY = "county"
    TOWNSHIP = "township"
    VILLAGE = "village"
    GROUP = "group"
    ADDRESS = "address"
    CATEGORIES = "categories"
    DISABILITY = "disability"
    DISABILITY_GRADE = "disability_grade"
    HEALTH = "health"
    INCOME = "income"
    ACCOUNT = "account"
    BANK = "bank"
    NOTE = "note"
    HEAD_NAME = "head_name"
    HEAD_NUMBER = "head_number"
    IGNORED = "ignored"


Meaning: TypeAlias = Field | Category  # a category: the column says yes or no to it
Learned: TypeAlias = Mapping[str, Meaning]  # what an office has said, by `normal` of the heading

# What belongs to the household: a cell merged over its rows, or written once at its head, holds for all of them.
OF_HOUSEHOLD = frozenset(
    (
        Field.HOUSEHOLD, Field.CODE, Field.COUNTY, Field.TOWNSHIP, Field.VILLAGE, Field.GROUP, Field.ADDRESS,
        Field.INCOME, Field.HEAD_NAME, Field.HEAD_NUMBER,
    )
)  # fmt: skip
# Where 同上 is an answer: what neighbours and relatives share. Nobody shares a name, a number or a birth date.
SHARED = OF_HOUSEHOLD | {Field.CATEGORIES, Field.HEALTH, Field.PHONE, Field.BANK, Field.NOTE}
PLACES = (Field.COUNTY, Field.TOWNSHIP, Field.VILLAGE, Field.CODE)

_KNOWN = {word: Field(key) for word, key in by_word("headings").items()}

# Headings with more words around the known one. Narrow on purpose; tried in this order.
_PATTERNS: tuple[tuple[re.Pattern[str], Field], ...] = tuple(
    (re.compile(pattern), field)
    for pattern, field in (
        (r"^户主.*(身份证|证件号|身份号)", Field.HEAD_NUMBER),
        (r"^户主.{0,3}姓名", Field.HEAD_NAME),
        (r"(与|同).{0,3}(户主|申请人).{0,2}关系", Field.RELATION),
        (r"(监护人|代理人|联系人|开户人|经办人|负责人|调查人|入户|填表|配偶|父亲|母亲)", Field.IGNORED),
        (r"人均|月收入|月均|收入来源|支出", Field.IGNORED),
        (r"(身份证|身份证件|证件)(号码?|编号)$", Field.NUMBER),
        (r"出生(年月日?|日期|时间)", Field.BIRTH),
        (r"(手机|电话)(号码?)?$", Field.PHONE),
        (r"(银行|一卡通|一折通|社保卡|存折|惠农).{0,4}([账帐]号|卡号)$", Field.ACCOUNT),
        (r"家庭.{0,4}年.{0,3}收入", Field.INCOME),
        (r"(家庭|户).{0,2}(编号|编码|户号)$", Field.HOUSEHOLD),
        (r"^(详细|家庭|现|居住|户籍).{0,4}(住址|地址)$", Field.ADDRESS),
        (r"(困难|救助|保障|人群|人员).{0,4}(类别|类型)$", Field.CATEGORIES),
    )
)
_LONGEST_HEADING = 30
_BRACKETS = re.compile(r"[((\[【<《].*?[))\]】>》]")
_SIGNS = re.compile(r"[^\w]|_")
_FLAG = re.compile(r"^(?:是否|是不是)(?:为|属于|是|享受)?(.+?)$")


def normal(heading: object) -> str:
    """A heading without spaces, signs and capitals: 县 (区) → 县区."""
    return _SIGNS.sub("", squeeze(str(heading))).upper()


def field_of(heading: object) -> Field | None:
    """The field that a heading means; None when nobody can know."""
    if not isinstance(heading, str) or not heading.strip():
        return None
    folded = squeeze(heading)
    if len(folded) > _LONGEST_HEADING:
        return None
    whole, bare = normal(folded), normal(_BRACKETS.sub("", folded))
    for text in (whole, bare, bare.removeprefix("必填").removesuffix("必填")):
        if text in _KNOWN:
            return _KNOWN[text]
    for pattern, field in _PATTERNS:
        if pattern.search(bare):
            return field
    return None


def is_boring(heading: str) -> bool:
    """Is it a column that every register has and nobody needs to be told about (序号, 年龄, 民族)?"""
    return _KNOWN.get(normal(heading)) is Field.IGNORED


def flag_of(heading: object) -> Category | None:
    """The category of a yes/no column: 是否低保, or a heading that is itself a category (低保, 特困)."""
    if not isinstance(heading, str):
        return None
    bare = normal(_BRACKETS.sub("", squeeze(heading)))
    match = _FLAG.match(bare)
    found = category_of(match[1] if match else bare)
    return found[0] if found else None
