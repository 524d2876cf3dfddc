"""The empty register as a workbook: the register's own columns, lists to choose from, and a sheet that explains.

Headings and words are data: the ones that `columns` and the word lists read, whatever the language of the pages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any

import xlsxwriter
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from boai.registry.enums import Category
from boai.registry.intake.columns import Field
from boai.registry.intake.wordlists import words

PEOPLE, EXPLAINED, LISTS, TOWNSHIPS, VILLAGES = "花名册", "填表说明", "选项", "乡镇名录", "村名录"
OWN_SHEETS = frozenset((EXPLAINED, LISTS, TOWNSHIPS, VILLAGES))
RELATIONS = (
    "户主", "配偶", "子", "女", "儿媳", "女婿", "父亲", "母亲", "岳父", "岳母", "公公", "婆婆", "孙子", "孙女", "祖父",
    "祖母", "兄弟", "姐妹", "其他亲属", "其他",
)  # fmt: skip
SEXES = ("男", "女")
DISABILITIES = ("视力", "听力", "言语", "肢体", "智力", "精神", "多重")
GRADES = ("一级", "二级", "三级", "四级")
LAST_ROW = 50_000  # the lists to choose from reach so far down
_MOST_COLUMNS = 16_000


@dataclass(frozen=True)
class Column:
    """A column of the template: its heading, what to write, an example."""

    field: Field
    heading: str
    hint: str | Promise
    example: str
    width: int = 12
    needed: bool = False
    text: bool = False  # kept as text, so that Excel rounds no number
    offers: Sequence[str] = ()
    strict: bool = True  # nothing but the list


def _categories() -> list[str]:
    return [words("categories")[category.value][0] for category in Category]


COLUMNS: tuple[Column, ...] = (
    Column(Field.HOUSEHOLD, "户编号", _("The same for all members of a household; any number your office uses."),
           "0001", 16, text=True),
    Column(Field.NAME, "姓名", _("The full name, without remarks."), "张三", 10, needed=True),
    Column(Field.RELATION, "与户主关系", _("Choose from the list. Every household has exactly one 户主."), "户主",
           needed=True, offers=RELATIONS),
    Column(Field.SEX, "性别", _("Choose from the list; may be left empty where there is an identity number."), "男", 6,
           offers=SEXES),
    Column(Field.NUMBER, "身份证号", _("18 characters, as on the card. The column is set to text already."),
           "18 位", 22, text=True),
    Column(Field.BIRTH, "出生日期", _("As 1956-03-04; may be left empty where there is an identity number."),
           "1956-03-04", 12),
    Column(Field.PHONE, "联系电话", _("A mobile number, or a landline with its area code."), "0932-5550123", 15,
           text=True),
    Column(Field.COUNTY, "县区", _("Choose from the list."), "", 12, needed=True),
    Column(Field.TOWNSHIP, "乡镇", _("Choose from the list."), "", 14, needed=True),
    Column(Field.VILLAGE, "村", _("Choose the township first; then its villages are in the list."), "", 20,
           needed=True),
    Column(Field.ADDRESS, "详细住址", _("Group and house number are enough."), "3组12号", 18),
    Column(Field.CATEGORIES, "困难类别", _("Choose from the list; several are typed with 、 between them."),
           "低保、留守老人", 18, offers=_categories(), strict=False),
    Column(Field.DISABILITY, "残疾类别", _("Only for people with a disability certificate."), "肢体", 10,
           offers=DISABILITIES),
    Column(Field.DISABILITY_GRADE, "残疾等级", _("Only for people with a disability certificate."), "二级", 10,
           offers=GRADES),
    Column(Field.INCOME, "家庭年收入(元)", _("Of the whole household in a year, once in the row of the 户主."), "12000",
           14),
    Column(Field.BANK, "开户行", _("The bank of the account."), "农商银行", 14),
    Column(Field.ACCOUNT, "银行账号", _("For payments to the person."), "8 至 32 位数字", 24, text=True),
    Column(Field.NOTE, "备注", _("Anything else."), "", 20),
)  # fmt: skip


@dataclass(frozen=True)
class Places:
    """What the lists of places offer. With counties, townships stand under a county and villages under both."""

    counties: Sequence[str]
    townships: Mapping[str, Sequence[str]]  # by county; by "" where there is only one
    villages: Mapping[str, Sequence[str]]  # by county and township, one after the other


def columns_of(places: Places) -> list[Column]:
    """The columns of a division's template: the county is asked for only where there are several."""
    return [one for one in COLUMNS if one.field is not Field.COUNTY or places.counties]


def template_write(target: IO[bytes], *, places: Places) -> None:
    """Write the template."""
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        _people(book, columns_of(places), places)
        _explained(book, columns_of(places))
        _lists(book, columns_of(places))
        _keyed(book, TOWNSHIPS, places.townships)
        _keyed(book, VILLAGES, places.villages)


def _people(book: Any, columns: Sequence[Column], places: Places) -> None:
    sheet = book.add_worksheet(PEOPLE)
    looks = {"bold": True, "bottom": 1, "text_wrap": True, "valign": "vcenter"}
    needed, optional = (book.add_format(looks | {"bg_color": colour}) for colour in ("#E8C9C0", "#EFE9E1"))
    plain, text, dated = (book.add_format({"num_format": form}) for form in ("General", "@", "yyyy-mm-dd"))
    sheet.freeze_panes(1, 2)
    sheet.set_row(0, 30)
    letters: dict[Field, str] = {}
    for place, one in enumerate(columns):
        letters[one.field] = xlsxwriter.utility.xl_col_to_name(place)
        look = text if one.text else dated if one.field is Field.BIRTH else plain
        sheet.set_column(place, place, one.width, look)
        sheet.write_string(0, place, one.heading, needed if one.needed else optional)
    for place, one in enumerate(columns):
        rule = _rule(one, letters, places)
        if rule:
            sheet.data_validation(1, place, LAST_ROW, place, rule)


def _rule(one: Column, letters: Mapping[Field, str], places: Places) -> dict[str, Any] | None:
    """What Excel and WPS offer and refuse in a column; places may be written otherwise after a warning."""
    hint = {"input_title": one.heading, "input_message": str(one.hint)[:255]}
    if one.offers:
        letter = xlsxwriter.utility.xl_col_to_name(_lists_place(one))
        source = f"='{LISTS}'!${letter}$2:${letter}${len(one.offers) + 1}"
        return hint | {"validate": "list", "source": source, "show_error": one.strict}
    if one.field is Field.COUNTY:
        return hint | {
            "validate": "list",
            "source": _first_row(TOWNSHIPS, len(places.counties)),
            "error_type": "warning",
        }
    if one.field is Field.TOWNSHIP and places.townships:
        key = f"${letters[Field.COUNTY]}2" if places.counties else '""'
        source = _under(TOWNSHIPS, key) if places.counties else _column_a(TOWNSHIPS, len(places.townships[""]))
        return hint | {"validate": "list", "source": source, "error_type": "warning"}
    if one.field is Field.VILLAGE and places.villages:
        county = f"${letters[Field.COUNTY]}2&" if places.counties else ""
        source = _under(VILLAGES, f"{county}${letters[Field.TOWNSHIP]}2")
        return hint | {"validate": "list", "source": source, "error_type": "warning"}
    return hint | {"validate": "any"}


def _first_row(sheet: str, width: int) -> str:
    return f"='{sheet}'!$A$1:${xlsxwriter.utility.xl_col_to_name(width - 1)}$1"


def _column_a(sheet: str, height: int) -> str:
    return f"='{sheet}'!$A$2:$A${height + 1}"


def _under(sheet: str, key: str) -> str:
    """The list under a heading of a sheet of lists, as long as it is there."""
    place = f"MATCH({key},'{sheet}'!$1:$1,0)-1"
    return f"=OFFSET('{sheet}'!$A$2,0,{place},COUNTA(OFFSET('{sheet}'!$A$2,0,{place},999,1)),1)"


def _explained(book: Any, columns: Sequence[Column]) -> None:
    sheet = book.add_worksheet(EXPLAINED)
    bold, wrapped = book.add_format({"bold": True, "bottom": 1}), book.add_format({"text_wrap": True, "valign": "top"})
    for place, width in enumerate((16, 10, 64, 18)):
        sheet.set_column(place, place, width, wrapped)
    sheet.write_row(0, 0, [gettext("Column"), gettext("Needed"), gettext("What to write"), gettext("Example")], bold)
    for row, one in enumerate(columns, 1):
        needed = gettext("required") if one.needed else gettext("if known")
        sheet.write_row(row, 0, [f"“{one.heading}”", needed, str(one.hint), one.example])
    advice = (
        gettext("One row for every person; the members of a household one below the other."),
        gettext("Do not change the headings; columns that you do not need can stay empty."),
        gettext("Nothing enters the register by uploading: the file is checked first and every fault is shown."),
    )
    for row, sentence in enumerate(advice, len(columns) + 2):
        sheet.write_string(row, 0, sentence)


def _lists(book: Any, columns: Sequence[Column]) -> None:
    sheet = book.add_worksheet(LISTS)
    sheet.hide()
    for one in columns:
        if one.offers:
            sheet.write_column(0, _lists_place(one), [one.heading, *one.offers])


def _lists_place(one: Column) -> int:
    return [each.field for each in COLUMNS if each.offers].index(one.field)


def _keyed(book: Any, name: str, lists: Mapping[str, Sequence[str]]) -> None:
    sheet = book.add_worksheet(name)
    sheet.hide()
    for place, (key, listed) in enumerate(lists.items()):
        if place < _MOST_COLUMNS:
            sheet.write_column(0, place, [key, *listed])
