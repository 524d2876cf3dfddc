"""Register files as offices send them, written by the tests themselves, with the truth beside every fault."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import xlsxwriter

from boai.kernel.text.identity import check_character

Cell = Any
# A county of the test divisions with townships and villages that exist (通渭县).
HEADINGS = [
    "户编号",
    "姓名",
    "与户主关系",
    "性别",
    "身份证号",
    "出生日期",
    "联系电话",
    "乡镇",
    "村",
    "详细住址",
    "困难类别",
    "家庭年收入(元)",
    "银行账号",
    "备注",
]
KEYS = [
    "household",
    "name",
    "relation",
    "sex",
    "number",
    "birth",
    "phone",
    "township",
    "village",
    "address",
    "categories",
    "income",
    "account",
    "note",
]
SURNAMES, GIVEN = "王李张刘陈杨赵黄周吴徐孙", "伟强芳娜敏静军洋勇艳杰涛明超秀兰霞平刚桂英"


def number_for(born: date, *, male: bool, sequence: int = 1, area: str = "621121") -> str:
    """A valid identity number of an invented person."""
    first17 = f"{area}{born:%Y%m%d}{(sequence % 500) * 2 + male:03d}"
    return first17 + check_character(first17)


@dataclass
class Line:
    """One row: its cells by key, and the faults that an importer has to find: {key: rule}."""

    cells: dict[str, Cell]
    faults: dict[str, str] = field(default_factory=dict)


def household(
    rng: random.Random, number: int, place: tuple[str, str], *, size: int = 3, key: str | None = None
) -> list[Line]:
    """A clean household of invented people in a village (township, village)."""
    out = []
    surname = rng.choice(SURNAMES)
    for i in range(size):
        male = rng.random() < 0.5
        born = date(1950, 1, 1) + timedelta(days=rng.randrange(20_000))
        relation = "户主" if i == 0 else rng.choice(["配偶", "子", "女", "父亲", "母亲", "孙子"])
        out.append(
            Line(
                {
                    "household": key or f"{place[1]}{number:05d}", "name": surname + "".join(rng.sample(GIVEN, 2)), "relation": relation,
                    "sex": "男" if male else "女", "number": number_for(born, male=male, sequence=rng.randrange(500)), "birth": born,
                    "phone": f"139{rng.randrange(10**8):08d}" if i == 0 else "", "township": place[0], "village": place[1],
                    "address": f"{place[1]}{rng.randrange(1, 9)}组", "categories": rng.choice(["", "低保", "残疾", "特困;大病"]),
                    "income": rng.randrange(2000, 60000) if i == 0 else "", "account": f"{rng.randrange(10**18):018d}" if i == 0 else "", "note": "",
                }
            )
        )  # fmt: skip
    return out


def xlsx(
    rows: Sequence[Sequence[Cell]],
    *,
    sheets: dict[str, Sequence[Sequence[Cell]]] | None = None,
    merges: Iterable[tuple[int, int, int, int]] = (),
) -> io.BytesIO:
    """A workbook with these rows (dates become Excel dates, None an empty cell)."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    book.set_properties({"created": datetime(2026, 1, 1)})
    dated = book.add_format({"num_format": "yyyy-mm-dd"})
    for name, content in (sheets or {"花名册": rows}).items():
        sheet = book.add_worksheet(name)
        for r, row in enumerate(content):
            for c, cell in enumerate(row):
                if isinstance(cell, date):
                    sheet.write_datetime(r, c, cell, dated)
                elif isinstance(cell, str) and cell.startswith("=") and len(cell) < 200:
                    sheet.write_formula(r, c, cell, None, "公式的结果")
                elif isinstance(cell, str):
                    if cell:
                        sheet.write_string(r, c, cell)
                elif cell is not None:
                    sheet.write_number(r, c, cell)
        for top, left, bottom, right in merges:
            sheet.merge_range(top, left, bottom, right, content[top][left])
    book.close()
    target.seek(0)
    return target


def table(lines: Iterable[Line], *, keys: Sequence[str] = KEYS, headings: Sequence[str] = HEADINGS) -> list[list[Cell]]:
    """Heading and rows."""
    return [list(headings), *([line.cells[key] for key in keys] for line in lines)]


@dataclass(frozen=True)
class Spoiling:
    """A fault that offices make: what it does to a row, and the rule at the key where it must be found (or none)."""

    name: str
    spoil: Callable[[Line, random.Random], None]
    key: str = ""
    rule: str = ""


def _set(key: str, make: Callable[[Any, random.Random], Any]) -> Callable[[Line, random.Random], None]:
    def spoil(line: Line, rng: random.Random) -> None:
        line.cells[key] = make(line.cells[key], rng)

    return spoil


def _wide(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def _swap(text: str, rng: random.Random) -> str:
    places = [i for i in range(15) if text[i] != text[i + 1]]
    i = rng.choice(places)
    return text[:i] + text[i + 1] + text[i] + text[i + 2 :]


HARMLESS = [
    Spoiling("number in lower case", _set("number", lambda v, r: v.lower())),
    Spoiling("number in full width", _set("number", lambda v, r: _wide(v))),
    Spoiling("number in groups", _set("number", lambda v, r: f" {v[:6]} {v[6:14]} {v[14:]}\n")),
    Spoiling("number behind an apostrophe", _set("number", lambda v, r: f"'{v}")),
    Spoiling("number with a zero-width space", _set("number", lambda v, r: f"{v[:9]}\u200b{v[9:]}\ufeff")),
    Spoiling("birth with dots", _set("birth", lambda v, r: f"{v.year}.{v.month}.{v.day}")),
    Spoiling("birth in Chinese", _set("birth", lambda v, r: f"{v.year}年{v.month}月{v.day}日")),
    Spoiling("birth as digits", _set("birth", lambda v, r: f"{v:%Y%m%d}")),
    Spoiling("birth as a number", _set("birth", lambda v, r: int(f"{v:%Y%m%d}"))),
    Spoiling("birth as Excel's day number", _set("birth", lambda v, r: (v - date(1899, 12, 30)).days)),
    Spoiling("birth with month only", _set("birth", lambda v, r: f"{v.year}年{v.month}月")),
    Spoiling("birth with a clock", _set("birth", lambda v, r: f"{v.isoformat()} 00:00:00")),
    Spoiling("two-digit year that agrees with the number", _set("birth", lambda v, r: f"{v:%y}.{v.month}.{v.day}")),
    Spoiling("name with spaces", _set("name", lambda v, r: f" {v[0]} \u3000{v[1:]} ")),
    Spoiling("phone with dashes", _set("phone", lambda v, r: f"{v[:3]}-{v[3:7]}-{v[7:]}" if v else v)),
    Spoiling("phone with country code", _set("phone", lambda v, r: f"+86 {v}" if v else v)),
    Spoiling("phone as a number", _set("phone", lambda v, r: float(v) if v else v)),
    Spoiling("landline", _set("phone", lambda v, r: "0932-5551234")),
    Spoiling("nothing written as a stroke", _set("phone", lambda v, r: "/")),
    Spoiling("income in words", _set("income", lambda v, r: f"{v / 10000:.2f}万" if v else v)),
    Spoiling("income with commas", _set("income", lambda v, r: f"{v:,}元" if v else v)),
    Spoiling("categories in other words", _set("categories", lambda v, r: "农村低保户、肢体残疾二级")),
    Spoiling("no category in words", _set("categories", lambda v, r: "一般农户")),
    Spoiling("sex as a code", _set("sex", lambda v, r: "1" if v == "男" else "2")),
    Spoiling("relation in other words", _set("relation", lambda v, r: {"子": "长子", "女": "次女", "配偶": "妻子"}.get(v, v))),
    Spoiling("village in short", _set("village", lambda v, r: v.removesuffix("村民委员会").removesuffix("村") if "社区" not in v else v)),
    Spoiling("account in groups", _set("account", lambda v, r: f"{v[:4]} {v[4:8]} {v[8:]}" if v else v)),
]  # fmt: skip
FAULTS = [
    Spoiling("number cut", _set("number", lambda v, r: v[:17]), "number", "number.length"),
    Spoiling("number with a digit too many", _set("number", lambda v, r: "1" + v[:17] + "0"), "number", "number.length"),
    Spoiling("number with a wrong last digit", _set("number", lambda v, r: v[:17] + r.choice([c for c in "0123456789X" if c != v[17]])), "number", "number.check_digit"),
    Spoiling("two digits swapped", _set("number", _swap), "number", ""),
    Spoiling("number rounded by Excel", _set("number", lambda v, r: float(f"{int(v[:17] + '0'):.5e}")), "number", "number.scientific"),
    Spoiling("rounded number as text", _set("number", lambda v, r: f"{int(v[:17] + '0'):.5E}"), "number", "number.scientific"),
    Spoiling("number masked", _set("number", lambda v, r: f"{v[:6]}********{v[14:]}"), "number", "number.masked"),
    Spoiling("number of fifteen digits", _set("number", lambda v, r: v[:6] + v[8:17]), "number", "number.old_number"),
    Spoiling("number with a remark", _set("number", lambda v, r: f"{v}(本人)"), "number", "number.characters"),
    Spoiling("number of nowhere", _set("number", lambda v, r: "99" + v[2:] if False else "00" + v[2:]), "number", "number.region"),
    Spoiling("number missing", _set("number", lambda v, r: r.choice(["", "无", "/"])), "number", "number.missing"),
    Spoiling("birth is no date", _set("birth", lambda v, r: f"{v.year}-13-40"), "birth", "birth.not_a_date"),
    Spoiling("birth is a word", _set("birth", lambda v, r: "不记得"), "birth", "birth.not_a_date"),
    Spoiling("birth in the lunar calendar", _set("birth", lambda v, r: f"{v.year}年腊月初八"), "birth", "birth.lunar"),
    Spoiling("birth of another day", _set("birth", lambda v, r: v + timedelta(days=r.choice([-400, -1, 1, 31]))), "birth", "birth.conflict"),
    Spoiling("birth of another month", _set("birth", lambda v, r: f"{v.year}.{v.month % 12 + 1}"), "birth", "birth.conflict"),
    Spoiling("sex of another person", _set("sex", lambda v, r: "女" if v == "男" else "男"), "sex", "sex.conflict"),
    Spoiling("sex unreadable", _set("sex", lambda v, r: "甲"), "sex", "sex.unknown"),
    Spoiling("name missing", _set("name", lambda v, r: ""), "name", "name.missing"),
    Spoiling("name masked", _set("name", lambda v, r: f"{v[0]}*{v[2:]}"), "name", "name.masked"),
    Spoiling("name with a remark", _set("name", lambda v, r: f"{v}(已故)"), "name", "name.characters"),
    Spoiling("name of 5,000 characters", _set("name", lambda v, r: "长" * 5000), "name", "name.too_long"),
    Spoiling("name that turns round", _set("name", lambda v, r: f"{v[0]}\u202e{v[1:]}"), "name", "name.control"),
    Spoiling("name as a formula", _set("name", lambda v, r: f"'=HYPERLINK(\"http://x\",\"{v}\")"), "name", "name.characters"),
    Spoiling("relation missing", _set("relation", lambda v, r: ""), "relation", "relation.missing"),
    Spoiling("relation unknown", _set("relation", lambda v, r: "朋友的表哥"), "relation", "relation.unknown"),
    Spoiling("phone cut", _set("phone", lambda v, r: "1390000000"), "phone", "phone.length"),
    Spoiling("phone in words", _set("phone", lambda v, r: "问村主任"), "phone", "phone.characters"),
    Spoiling("two phones", _set("phone", lambda v, r: "13900000001、13900000002"), "phone", "phone.several"),
    Spoiling("village unknown", _set("village", lambda v, r: v[0] + "不存在村"), "village", "place.unknown_village"),
    Spoiling("township unknown", _set("township", lambda v, r: "不存在镇"), "township", "place.unknown_township"),
    Spoiling("income below zero", _set("income", lambda v, r: -500), "income", "income.negative"),
    Spoiling("income per month", _set("income", lambda v, r: "800元/月"), "income", "income.per_month"),
    Spoiling("income in words", _set("income", lambda v, r: "没多少"), "income", "income.not_an_amount"),
    Spoiling("category unknown", _set("categories", lambda v, r: "低保;贫困大户"), "categories", "category.unknown"),
    Spoiling("account rounded", _set("account", lambda v, r: 6.22848e17), "account", "account.scientific"),
    Spoiling("account in words", _set("account", lambda v, r: "信用社存折"), "account", "account.characters"),
    Spoiling("address that turns round", _set("address", lambda v, r: f"{v}\u202e"), "address", "text.control"),
]  # fmt: skip
