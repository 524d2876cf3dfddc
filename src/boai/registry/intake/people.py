"""From a row to a person, and from rows to households. What can't be read becomes a finding, never a guess."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import Any, NamedTuple

from boai.kernel.text.amounts import read_amount
from boai.kernel.text.contact import read_account, read_phones
from boai.kernel.text.dates import LooseDate, read_date
from boai.kernel.text.faults import Fault, Unreadable
from boai.kernel.text.folding import check_text, clean, fold, squeeze, visible
from boai.kernel.text.identity import PersonNumber, read_person_number
from boai.kernel.text.names import read_name
from boai.registry.enums import Category
from boai.registry.intake.categories import disability, read_categories
from boai.registry.intake.columns import PLACES, Field
from boai.registry.intake.layout import Layout
from boai.registry.intake.stream import Row, Value
from boai.registry.intake.wordlists import (
    DITTO,
    GONE,
    NO,
    NONE_OF_THEM,
    NOTHING,
    YES,
    relation_of,
    says_nothing,
    sex_of,
)

LONGEST_ADDRESS = 200
LONGEST_NOTE = 2_000
LONGEST_PLACE = 60
LONGEST_HOUSEHOLD = 40
_SHOWN = 100
_LIKE_DIGITS = str.maketrans("OoQ〇○lIi|", "000001111")
_BROKEN_FORMULAS = frozenset(("#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"))


class Found(NamedTuple):
    """One fault: the field whose cell it is in, the rule, the value as it stands there, and facts for the sentence.

    `params` are kept in the clear: numbers of rows and counts, nothing of a person.
    """

    field: Field
    rule: str
    value: str = ""
    params: dict[str, Any] | None = None


class Place(NamedTuple):
    """Where, as the row writes it."""

    county: str = ""
    township: str = ""
    village: str = ""
    code: str = ""


NOWHERE = Place()


@dataclass(slots=True)
class Person:
    """What could be read from one row."""

    row: int
    household: str = ""
    head_name: str = ""
    name: str = ""
    relation: str = ""
    sex: str = ""
    born: LooseDate | None = None
    number: PersonNumber | None = None
    phone: str = ""
    account: str = ""
    bank: str = ""
    place: Place = NOWHERE
    address: str = ""
    income_fen: int | None = None
    categories: list[tuple[Category, str]] = field(default_factory=list)
    note: str = ""
    faults: list[Found] = field(default_factory=list)


class PersonReader:
    """Reads the rows of one sheet; `on` is the day that dates are checked against."""

    def __init__(self, layout: Layout, *, on: date) -> None:
        self._layout = layout
        self._on = on
        readers: dict[Field, Callable[[Person, Value], None]] = {
            Field.HOUSEHOLD: self._household,
            Field.HEAD_NAME: self._head_name,
            Field.NAME: self._name,
            Field.RELATION: self._relation,
            Field.NUMBER: self._number,
            Field.SEX: self._sex,
            Field.BIRTH: self._birth,
            Field.PHONE: self._phone,
            Field.ACCOUNT: self._account,
            Field.BANK: self._bank,
            Field.INCOME: self._income,
            Field.CATEGORIES: self._categories,
            Field.HEALTH: self._health,
        }
        # The number first: birth and sex are held against it.
        self._steps = [(layout.columns[f], read) for f, read in readers.items() if f in layout.columns]
        self._steps.sort(key=lambda step: step[0] != layout.columns.get(Field.NUMBER))
        self._at: dict[str, int] = {of.value: place for of, place in layout.columns.items()}
        self._tells_disability = Field.DISABILITY in layout.columns or Field.DISABILITY_GRADE in layout.columns
        self._read_number = partial(read_person_number, on=on)

    def read(self, number: int, row: Row) -> Person:
        """The person of a row."""
        person = Person(number)
        width = len(row)
        for place, read in self._steps:
            read(person, row[place] if place < width else "")
        county, township, village, code = (self._place(person, f, row) for f in PLACES)
        person.place = Place(county, township, village or self._layout.village, code)
        person.address = self._address(person, row)
        person.note = self._text(person, Field.NOTE, self._cell(Field.NOTE, row), LONGEST_NOTE)
        if person.note and squeeze(person.note).strip("。.()") in GONE:
            person.faults.append(Found(Field.NOTE, "person.gone", shown(person.note)))
        if self._tells_disability:
            self._disability(person, row)
        for place, category in self._layout.flags.items():
            self._flag(person, category, row[place] if place < width else "")
        return person

    def _cell(self, of: Field, row: Row) -> Value:
        place = self._at.get(of.value)
        return row[place] if place is not None and place < len(row) else ""

    # --- who ---

    def _name(self, person: Person, value: Value) -> None:
        if isinstance(value, str) and not (len(value) > 2 and value.isalnum()) and squeeze(value) in DITTO:
            person.faults.append(Found(Field.NAME, "name.ditto", shown(value)))
            return
        try:
            person.name = read_name(value)
        except Unreadable as error:
            person.faults.append(Found(Field.NAME, f"name.{error.fault}", shown(value)))

    def _number(self, person: Person, value: Value) -> None:
        if says_nothing(value):
            person.faults.append(Found(Field.NUMBER, "number.missing"))
            return
        try:
            person.number = read_person_number(value, on=self._on)
        except Unreadable as error:
            rule = "scientific" if _lost_digits(value, error.fault) else self._letters(value, error, self._read_number)
            person.faults.append(Found(Field.NUMBER, f"number.{rule}", shown(value)))
            return
        if person.number.born:
            born = person.number.born
            person.born = LooseDate(born.year, born.month, born.day)
        if person.number.male is not None:
            person.sex = "m" if person.number.male else "f"

    def _letters(self, value: Value, error: Unreadable, read: Callable[[object], object]) -> str:
        """The fault's code, or "letters" where O and l stand for 0 and 1. What was meant is still not taken over."""
        if error.fault not in (Fault.CHARACTERS, Fault.MASKED) or not isinstance(value, str):
            return error.fault
        digits = fold(value).translate(_LIKE_DIGITS)
        if digits == fold(value):
            return error.fault
        try:
            read(digits)
        except Unreadable:
            return error.fault
        return "letters"

    def _birth(self, person: Person, value: Value) -> None:
        if says_nothing(value):
            return
        known = person.number.born if person.number else None
        try:
            born = read_date(value, on=self._on)
        except Unreadable as error:
            if known is None or not _short_form_of(value, known):
                person.faults.append(Found(Field.BIRTH, f"birth.{error.fault}", shown(value)))
            return
        if known is None:
            person.born = born
        elif not born.agrees_with(known):
            person.faults.append(Found(Field.BIRTH, "birth.conflict", shown(value)))

    def _sex(self, person: Person, value: Value) -> None:
        text = squeeze(str(value)).upper()
        if text in NOTHING:
            return
        sex = sex_of(text)
        if not sex:
            person.faults.append(Found(Field.SEX, "sex.unknown", shown(value)))
        elif person.number is not None and person.number.male is not None:
            if sex != person.sex:
                person.faults.append(Found(Field.SEX, "sex.conflict", shown(value)))
        else:
            person.sex = sex

    # --- in which household ---

    def _household(self, person: Person, value: Value) -> None:
        if isinstance(value, float) and value == int(value) and abs(value) < 10**15:
            person.household = str(int(value))
        elif isinstance(value, float):
            person.faults.append(Found(Field.HOUSEHOLD, "household.scientific", shown(value)))
        else:
            person.household = self._text(person, Field.HOUSEHOLD, value, LONGEST_HOUSEHOLD).replace(" ", "")

    def _head_name(self, person: Person, value: Value) -> None:
        person.head_name = squeeze(str(value))[:LONGEST_HOUSEHOLD]

    def _relation(self, person: Person, value: Value) -> None:
        text = squeeze(str(value))
        if text.upper() in NOTHING:
            return
        person.relation = relation_of(text)
        if not person.relation:
            person.faults.append(Found(Field.RELATION, "relation.unknown", shown(value)))

    # --- how to reach and pay them ---

    def _phone(self, person: Person, value: Value) -> None:
        if says_nothing(value):
            return
        try:
            phones = read_phones(value)
        except Unreadable as error:
            rule = self._letters(value, error, read_phones)
            person.faults.append(Found(Field.PHONE, f"phone.{rule}", shown(value)))
            return
        person.phone = phones.first
        if phones.others:
            person.faults.append(Found(Field.PHONE, "phone.several", shown(value)))

    def _account(self, person: Person, value: Value) -> None:
        if says_nothing(value):
            return
        try:
            person.account = read_account(value)
        except Unreadable as error:
            rule = self._letters(value, error, read_account)
            person.faults.append(Found(Field.ACCOUNT, f"account.{rule}", shown(value)))

    def _bank(self, person: Person, value: Value) -> None:
        person.bank = self._text(person, Field.BANK, value, 60)

    def _income(self, person: Person, value: Value) -> None:
        if says_nothing(value):
            return
        try:
            fen = read_amount(
                value if isinstance(value, str | int | float) else str(value), unit=self._layout.income_unit
            )
        except Unreadable as error:
            person.faults.append(Found(Field.INCOME, f"income.{error.fault}", shown(value)))
            return
        if fen < 0:
            person.faults.append(Found(Field.INCOME, "income.negative", shown(value)))
        else:
            person.income_fen = fen

    # --- why they may need help ---

    def _categories(self, person: Person, value: Value) -> None:
        text = self._text(person, Field.CATEGORIES, value, LONGEST_ADDRESS)
        if not text:
            return
        known, unknown = read_categories(text)
        _add(person, known)
        if unknown:
            person.faults.append(Found(Field.CATEGORIES, "category.unknown", "、".join(unknown)[:_SHOWN]))

    def _health(self, person: Person, value: Value) -> None:
        """What is no known category is a remark about health: it goes to the sealed note, not to the findings."""
        text = self._text(person, Field.HEALTH, value, LONGEST_ADDRESS)
        known, unknown = read_categories(text) if text else ((), ())
        _add(person, known)
        if unknown:
            _add(person, [(Category.ILLNESS, "、".join(unknown)[:60])])

    def _disability(self, person: Person, row: Row) -> None:
        kind = squeeze(str(self._cell(Field.DISABILITY, row)))
        grade = squeeze(str(self._cell(Field.DISABILITY_GRADE, row))).removesuffix(".0").removesuffix("级")
        if kind.upper() in NO or kind.upper() in NOTHING or kind in NONE_OF_THEM:
            kind = ""
        if grade not in set("一二三四1234ⅠⅡⅢⅣ"):
            grade = ""
        if not kind and not grade:
            return
        known, _unknown = read_categories(kind)
        if known and grade and not known[0][1].endswith("级"):
            known = (disability(known[0][1] or ("精神" if known[0][0] == Category.MENTAL else ""), grade),)
        elif not known:
            known = (disability("" if kind.upper() in YES else visible(kind, limit=19), grade),)
        _add(person, known)

    def _flag(self, person: Person, category: Category, value: Value) -> None:
        text = squeeze(str(value)).upper()
        if text in YES:
            _add(person, [(category, "")])
        elif text and text not in NO and text not in NONE_OF_THEM:
            _add(person, [(category, visible(squeeze(str(value)), limit=59))])

    # --- where ---

    def _place(self, person: Person, of: Field, row: Row) -> str:
        value = self._cell(of, row)
        if value == "":
            return ""
        if isinstance(value, float) and value == int(value):
            return str(int(value))
        if isinstance(value, str) and len(value) <= LONGEST_PLACE and value.isalnum():
            return value
        return self._text(person, of, value, LONGEST_PLACE)

    def _address(self, person: Person, row: Row) -> str:
        address = self._text(person, Field.ADDRESS, self._cell(Field.ADDRESS, row), LONGEST_ADDRESS)
        group = self._cell(Field.GROUP, row)
        if group == "":
            return address
        text = self._text(person, Field.GROUP, group, LONGEST_PLACE)
        text = text.removesuffix(".0") + ("组" if text.removesuffix(".0").isdigit() else "")
        return address if text in address else f"{text}{address}"[:LONGEST_ADDRESS]

    def _text(self, person: Person, of: Field, value: Value, limit: int) -> str:
        """Prose: cleaned; refused when it is too long or holds characters that must not be stored."""
        if value == "":
            return ""
        text = value if isinstance(value, str) else _plain(value)
        if text.startswith("#") and text.strip().upper() in _BROKEN_FORMULAS:
            person.faults.append(Found(of, "text.formula", shown(value)))
            return ""
        try:
            check_text(text, limit=limit)
        except Unreadable as error:
            person.faults.append(Found(of, f"text.{error.fault}", shown(value)))
            return ""
        text = clean(text)
        return "" if text.upper() in NOTHING else text


def shown(value: Value) -> str:
    """A cell's value as the findings show it: made visible, shortened."""
    return visible(_plain(value) if not isinstance(value, str) else value, limit=_SHOWN)


def _plain(value: Value) -> str:
    if isinstance(value, float):
        return str(int(value)) if value == int(value) and abs(value) < 10**15 else f"{value:.10G}"
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)


def _lost_digits(value: Value, fault: Fault) -> bool:
    """Text whose last three digits Excel has already turned into zeros: the check digit fails, and this is why."""
    return fault == Fault.CHECK_DIGIT and isinstance(value, str) and fold(value).endswith("000")


def _short_form_of(value: Value, known: date) -> bool:
    """A two-digit year that says the same as the identity number: 56.3.4."""
    if not isinstance(value, str):
        return False
    try:
        return read_date(f"{known.year // 100}{squeeze(value)}", on=date.max).agrees_with(known)
    except Unreadable:
        return False


def _add(person: Person, found: Sequence[tuple[Category, str]]) -> None:
    if not person.categories:
        person.categories.extend(found)
        return
    have = {category for category, _ in person.categories}
    person.categories.extend(pair for pair in found if pair[0] not in have)
