"""Where the table of a sheet begins, what its columns mean, and which rows are people."""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from boai.kernel.text.amounts import unit_of
from boai.kernel.text.folding import squeeze, visible
from boai.registry.enums import Category
from boai.registry.intake.columns import (
    OF_HOUSEHOLD,
    PLACES,
    SHARED,
    Field,
    Learned,
    field_of,
    flag_of,
    is_boring,
    normal,
)
from boai.registry.intake.stream import Row
from boai.registry.intake.wordlists import DITTO

DEEPEST_HEADING = 3
LONGEST_HEADING = 200
LONGEST_VILLAGE = 30
_BRACKETED = re.compile(r"\([^)]*\)")
HEAD_ROWS = 40  # a table that has not begun by then is no register
_TOTAL = re.compile(
    r"^.{0,20}(小计|合计|总计|累计|共计)([::(].*|[\d户人口名]+)?$|^[总共合]?计?[::]?共?\d+(户|人|名|口)[\d户人名口]*$"
)
_PAGE = re.compile(r"^(第\d+页|共\d+页|第\d+页,?共\d+页|以下空白)$")
_VILLAGE = re.compile(r"村|社区|居委会|居民委员会")
_NO_VILLAGE = re.compile(r"农村|全村|本村|各村|行政村|村组|村名|所有|汇总|乡村|新农")
_NAMED_BY = re.compile(
    r"^(?:填报|上报|报送|制表)?(?:单位|村|社区|村\(社区\)|村委会|村名称|单位名称)(?:\([^)]*\))?[::](.+)$"
)
_TITLE = re.compile(
    r"^(.{2,24}?(?:村民委员会|居民委员会|村委会|居委会|社区|村)).*(?:名册|台账|登记表|统计表|汇总表|明细表|信息表|名单|一览表)"
)
_FOOTER = re.compile(
    r"^(制表人?|填表人?|填报人?|审核人?|负责人|单位负责人|经办人|联系人|填报单位|制表单位|填报日期|填表日期|制表日期|打印日期|注|说明|备注|填表说明)[::]"
)
_LONG_DIGITS = re.compile(r"\d{8}")
_EXAMPLE = re.compile(r"^(例|示例|样例|填写示例|例如)([::].*)?$")


class RowKind(StrEnum):
    """What a row of the table is."""

    PERSON = "person"
    BLANK = "blank"
    HEADER = "header"
    TOTAL = "total"
    NOTE = "note"


@dataclass
class Layout:
    """The table of one sheet. Columns are counted from 0, rows as Excel shows them."""

    sheet: int
    name: str
    header_row: int
    headings: list[str]
    columns: dict[Field, int]
    flags: dict[int, Category] = field(default_factory=dict)
    income_unit: int = 1
    unread: list[str] = field(default_factory=list)
    village: str = ""  # of the whole sheet, where no column tells: the sheet's name or the title says it
    file: str = ""  # the file's name where there are several

    @property
    def label(self) -> str:
        """The sheet's name, with the file's where there are several."""
        return sheet_label(self.file, self.name)

    def heading(self, of: Field | str) -> str:
        """The heading of a field's column as the sheet shows it."""
        place = self.columns.get(Field(of))
        return self.headings[place] if place is not None else ""

    def as_json(self) -> dict[str, Any]:
        """For storing with the intake."""
        return {
            "sheet": self.sheet,
            "name": self.name,
            "header_row": self.header_row,
            "headings": self.headings,
            "columns": {k.value: v for k, v in self.columns.items()},
            "flags": {str(k): v.value for k, v in self.flags.items()},
            "unread": self.unread,
            "income_unit": self.income_unit,
            "village": self.village,
            "file": self.file,
        }

    @staticmethod
    def from_json(stored: dict[str, Any]) -> Layout:
        """What `as_json` has stored."""
        return Layout(
            sheet=stored["sheet"],
            name=stored["name"],
            header_row=stored["header_row"],
            headings=stored["headings"],
            columns={Field(name): place for name, place in stored["columns"].items()},
            flags={int(place): Category(kind) for place, kind in stored["flags"].items()},
            income_unit=stored.get("income_unit", 1),
            unread=stored["unread"],
            village=stored.get("village", ""),
            file=stored.get("file", ""),
        )


def find_layout(
    sheet: int,
    name: str,
    head: Sequence[Row],
    merged: Sequence[tuple[int, int, int, int]] = (),
    learned: Learned | None = None,
    *,
    patch: bool = False,
) -> Layout | None:
    """The table of a sheet from its first rows, or None when there is none.

    The heading is the row (or the two rows, where groups of columns share a heading) whose cells name the most fields;
    it has to name the person and two things more, or the person and the identity number. What the office has said about
    a heading (`learned`) goes before our own guess. A file of corrections (`patch`) needs only what a person is known
    by, and one column more.
    """
    rows = [_spread(list(row), number, merged) for number, row in enumerate(head[:HEAD_ROWS])]
    best: tuple[int, Layout] | None = None
    for number, row in enumerate(rows):
        for headings, depth in _heading_candidates(rows, number, row):
            layout = _layout(sheet, name, number + depth, headings, learned or {})
            score = _patch_score(layout) if patch else _score(layout)
            if score and (best is None or score > best[0]):
                best = (score, layout)
    if best is None:
        return None
    layout = best[1]
    if not any(place in layout.columns for place in PLACES):
        layout.village = _village_of_sheet(name, head[: layout.header_row - 1])
    return layout


def _spread(row: Row, number: int, merged: Sequence[tuple[int, int, int, int]]) -> Row:
    """A heading merged over several columns or rows stands over each of them."""
    for top, left, _bottom, right in merged:
        if top == number and right > left and left < len(row) and right - left < 30:
            row.extend([""] * (right + 1 - len(row)))
            row[left : right + 1] = [row[left]] * (right + 1 - left)
    return row


def _heading_candidates(rows: list[Row], number: int, row: Row) -> list[tuple[list[str], int]]:
    """The row alone; and with one or two rows below it, whose cells are the more exact ones."""
    texts = [_text(cell) for cell in row]
    out = [(texts, 1)]
    for depth in range(2, DEEPEST_HEADING + 1):
        if number + depth > len(rows) or _holds_facts(rows[number + depth - 1]):
            break
        below = [_text(cell) for cell in rows[number + depth - 1]]
        width = max(len(texts), len(below))
        texts, below = texts + [""] * (width - len(texts)), below + [""] * (width - len(below))
        texts = [(lower.strip() and lower) or upper for upper, lower in zip(texts, below, strict=True)]
        out.append((texts, depth))
    return out


def _holds_facts(row: Row) -> bool:
    """Numbers, dates and long digits stand under a heading, never in one."""
    return any(not isinstance(cell, str) or _LONG_DIGITS.search(cell) for cell in row)


def _village_of_sheet(name: str, titles: Sequence[Row]) -> str:
    """The village of a sheet without a column for it: 填报单位:中林村 over the table, the sheet's name, its title."""
    above = [squeeze(cell) for row in titles for cell in row if isinstance(cell, str) and len(cell) < 60]
    said = [match[1] for text in above if (match := _NAMED_BY.match(text))]
    titled = [match[1] for text in above if (match := _TITLE.match(text))]
    for text in (*said, squeeze(name), *titled):
        bare = _BRACKETED.sub("", text)
        if _VILLAGE.search(bare) and not _NO_VILLAGE.search(bare) and len(bare) <= LONGEST_VILLAGE:
            return bare
    return ""


def _text(cell: object) -> str:
    """A heading with its line breaks; signs that no database holds are made visible."""
    if not isinstance(cell, str):
        return ""
    return "\n".join(visible(line, limit=LONGEST_HEADING) for line in cell.replace("\t", " ").splitlines())


def _layout(sheet: int, name: str, header_row: int, headings: list[str], learned: Learned) -> Layout:
    columns: dict[Field, int] = {}
    flags: dict[int, Category] = {}
    told = {place: learned[key] for place, heading in enumerate(headings) if (key := normal(heading)) in learned}
    for place, meaning in told.items():
        if isinstance(meaning, Category):
            flags[place] = meaning
        elif meaning is not Field.IGNORED:
            columns.setdefault(meaning, place)
    unread = _guess(headings, told, columns, flags)
    if Field.NAME not in columns and Field.HEAD_NAME in columns:
        _households_only(columns)
    income = columns.get(Field.INCOME)
    unit = unit_of(headings[income]) if income is not None else 1
    return Layout(sheet, name, header_row, headings, columns, flags, unit, unread)


def _guess(
    headings: list[str], told: Container[int], columns: dict[Field, int], flags: dict[int, Category]
) -> list[str]:
    """What the headings mean that nobody has told us about; those that stay unread."""
    unread: list[str] = []
    for place, heading in enumerate(headings):
        if place in told:
            continue
        found = field_of(heading)
        if found is Field.IGNORED and is_boring(heading):
            continue
        if found is not None and found is not Field.IGNORED and found not in columns:
            columns[found] = place
        elif found is None and (flag := flag_of(heading)):
            flags[place] = flag
        elif heading.strip():
            unread.append(heading.strip()[:30])
    return unread


def _households_only(columns: dict[Field, int]) -> None:
    """A list of households, one row each: the head is the person."""
    columns[Field.NAME] = columns.pop(Field.HEAD_NAME)
    if Field.NUMBER not in columns and Field.HEAD_NUMBER in columns:
        columns[Field.NUMBER] = columns.pop(Field.HEAD_NUMBER)


def _score(layout: Layout) -> int:
    named = set(layout.columns)
    if Field.NAME not in named:
        return 0
    return len(named) if len(named) >= 3 or Field.NUMBER in named else 0


def _patch_score(layout: Layout) -> int:
    named = set(layout.columns)
    key = {Field.NUMBER} if Field.NUMBER in named else {Field.HOUSEHOLD, Field.NAME}
    given = named - key - set(PLACES)
    return len(named) + len(layout.flags) if key <= named and (given or layout.flags) else 0


def sheet_label(file: str, sheet: str) -> str:
    """A sheet as pages and findings name it: with its file where there are several."""
    return f"{file} · {sheet}" if file else sheet


class RowSorter:
    """Tells people from headings, totals, notes and blank rows, and carries merged cells down."""

    def __init__(self, layout: Layout, merged: Sequence[tuple[int, int, int, int]]) -> None:
        self.layout = layout
        self._headings = [squeeze(text) for text in layout.headings]
        self._named = [place for place, text in enumerate(self._headings) if text]
        of_household = {place for f, place in layout.columns.items() if f in OF_HOUSEHOLD}
        self._tall = sorted(m for m in merged if m[2] > m[0] and m[1] in of_household and m[0] >= layout.header_row)
        self._next = 0
        self._held: dict[int, tuple[Any, int]] = {}
        self._shared = [place for f, place in layout.columns.items() if f in SHARED]
        self._above: Row = []

    def mark(self) -> dict[str, Any]:
        """What rows further down still need from those above: as JSON, but for dates in the cells."""
        return {"next": self._next, "held": [[place, *held] for place, held in self._held.items()],
                "above": self._above}  # fmt: skip

    def resume(self, mark: dict[str, Any]) -> None:
        """Go on below the row at which the mark was made."""
        self._next, self._above = mark["next"], mark["above"]
        self._held = {place: (value, last) for place, value, last in mark["held"]}

    def sort(self, number: int, row: Row) -> RowKind:
        """What the row is; its merged household cells and its 同上 are filled in."""
        if self._tall:
            self._fill(number, row)
        kind = self._kind(row)
        if kind is RowKind.PERSON:
            self._repeat(row)
        return kind

    def _kind(self, row: Row) -> RowKind:
        first = next((cell for cell in row if not _is_blank(cell)), None)
        if first is None:
            return RowKind.BLANK
        if self._plainly_a_person(row, first):
            return RowKind.PERSON
        filled = [(place, cell) for place, cell in enumerate(row) if not _is_blank(cell)]
        return self._special(filled, row) or RowKind.PERSON

    def _repeat(self, row: Row) -> None:
        """同上 and its signs say what the cell above says, where people can share it."""
        width = len(row)
        for place in self._shared:
            if place < width and isinstance(cell := row[place], str) and cell.strip() in DITTO:
                row[place] = _at(self._above, place) or cell
        self._above = row

    def _plainly_a_person(self, row: Row, first: Any) -> bool:
        """Nearly every row: it has a long identity number and does not begin with 例."""
        number = _at(row, self.layout.columns.get(Field.NUMBER))
        if not isinstance(number, str) or len(number) < 15:
            return False
        return not (isinstance(first, str) and first[:1] in "例示样填")

    def _special(self, filled: list[tuple[int, Any]], row: Row) -> RowKind | None:
        texts = [squeeze(cell) for _, cell in filled if isinstance(cell, str) and len(cell) < 60]
        if not self._has_number(row) and isinstance(filled[0][1], str):
            first = squeeze(filled[0][1])
            if _TOTAL.match(first):
                return RowKind.TOTAL
            if _PAGE.match(first):
                return RowKind.NOTE
        if not self._names_somebody(row):
            if any(_TOTAL.match(text) for text in texts):
                return RowKind.TOTAL
            if any(_FOOTER.match(text) for text in texts) or len(filled) == 1:
                return RowKind.NOTE
        if texts and _EXAMPLE.match(texts[0]):
            return RowKind.NOTE
        if self._repeats_heading(filled) or _counts_columns(filled):
            return RowKind.HEADER
        return None

    def _names_somebody(self, row: Row) -> bool:
        """Has the row an identity number, or a name that is no total, and something beside it?"""
        columns = self.layout.columns
        if self._has_number(row):
            return True
        name = _at(row, columns.get(Field.NAME))
        if _is_blank(name) or not isinstance(name, str):
            return False
        text = squeeze(name)
        return not (_TOTAL.match(text) or _FOOTER.match(text)) and _someone_like(row, columns)

    def _has_number(self, row: Row) -> bool:
        number = _at(row, self.layout.columns.get(Field.NUMBER))
        return not _is_blank(number) and len(squeeze(str(number))) >= 15

    def _repeats_heading(self, filled: list[tuple[int, Any]]) -> bool:
        same = sum(
            isinstance(cell, str) and place < len(self._headings) and squeeze(cell) == self._headings[place]
            for place, cell in filled
        )
        return same >= 2 and same * 10 >= len(self._named) * 6

    def _fill(self, number: int, row: Row) -> None:
        """Rows under a tall merged cell of the household get its value."""
        while self._next < len(self._tall) and self._tall[self._next][0] + 1 <= number:
            top, left, bottom, _right = self._tall[self._next]
            self._next += 1
            if top + 1 == number:
                self._held[left] = (_at(row, left), bottom + 1)
        for place, (value, last) in list(self._held.items()):
            if number > last:
                del self._held[place]
            elif _is_blank(_at(row, place)) and any(not _is_blank(cell) for cell in row):
                row.extend([""] * (place + 1 - len(row)))
                row[place] = value


def _someone_like(row: Row, columns: dict[Field, int]) -> bool:
    wanted = (Field.NUMBER, Field.RELATION, Field.SEX, Field.BIRTH, Field.VILLAGE, Field.HOUSEHOLD, Field.PHONE)
    return any(not _is_blank(_at(row, columns.get(f))) for f in wanted)


def _counts_columns(filled: list[tuple[int, Any]]) -> bool:
    """The row 1, 2, 3, … under the heading of statistical tables."""
    if len(filled) < 4:
        return False
    try:
        numbers = [int(str(cell).removesuffix(".0")) for _, cell in filled]
    except ValueError:
        return False
    return numbers == list(range(numbers[0], numbers[0] + len(numbers))) and numbers[0] in (0, 1)


def _at(row: Row, place: int | None) -> Any:
    return row[place] if place is not None and place < len(row) else ""


def _is_blank(cell: Any) -> bool:
    return cell == "" or (isinstance(cell, str) and not cell.strip())
