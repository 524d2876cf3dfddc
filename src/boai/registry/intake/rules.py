"""Every rule of the intake: what a finding means for its row, and the sentence that says what to do.

Sentences may name the facts in a finding's `params` (numbers of rows and counts, never anything of a person).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from boai.registry.enums import Severity

E, W, A, R = Severity.ERROR, Severity.WARNING, Severity.ASK, Severity.REPEAT


@dataclass(frozen=True)
class Rule:
    """A rule: its severity, its name for the list, its sentence."""

    severity: Severity
    title: str | Promise
    sentence: str | Promise


_NAMES = {
    "name.missing": Rule(E, _("Name missing"), _("There is no name. Write the person's full name.")),
    "name.characters": Rule(
        E, _("Name with other signs"), _("The name holds digits, brackets or remarks. Keep only the name.")
    ),
    "name.ditto": Rule(E, _('Name as "same as above"'), _("Nobody shares a whole name. Write the name in full.")),
    "name.masked": Rule(E, _("Name masked"), _("The name is masked. The register needs the full name.")),
    "name.too_short": Rule(E, _("Name too short"), _("The name has one character only. Write it in full.")),
    "name.too_long": Rule(E, _("Name too long"), _("The name is longer than 50 characters. Keep only the name.")),
    "name.control": Rule(
        E, _("Invisible signs in the name"), _("The name holds invisible control characters. Type it anew.")
    ),
    "name.damaged": Rule(
        E,
        _("Damaged characters in the name"),
        _("A character of the name is damaged or of a private font. Type it anew."),
    ),
}
_NUMBERS = {
    "number.missing": Rule(
        W, _("Identity number missing"), _("There is no identity number. Add it, or the person enters without one.")
    ),
    "number.length": Rule(
        E,
        _("Identity number of the wrong length"),
        _("An identity number has 18 characters. Compare it with the card."),
    ),
    "number.characters": Rule(
        E,
        _("Other signs in the identity number"),
        _("The identity number holds signs that do not belong there. Keep only the number."),
    ),
    "number.letters": Rule(
        E,
        _("Letters in the identity number"),
        _("A letter stands for a digit (O for 0, l for 1). Type the number anew after the card."),
    ),
    "number.region": Rule(
        E,
        _("Identity number with an impossible beginning"),
        _("The first digits are no division of China. Compare it with the card."),
    ),
    "number.date": Rule(
        E,
        _("Identity number with an impossible date"),
        _("The birth date inside the number does not exist. Compare it with the card."),
    ),
    "number.future": Rule(
        E,
        _("Identity number born in the future"),
        _("The birth date inside the number lies in the future. Compare it with the card."),
    ),
    "number.check_digit": Rule(
        E,
        _("Check digit does not fit"),
        _("The check digit does not fit: at least one digit is wrong. Compare it with the card."),
    ),
    "number.scientific": Rule(
        E,
        _("Identity number lost in Excel"),
        _(
            "Excel has rounded the number and its last digits are lost. Set the column to text and type the "
            "number anew."
        ),
    ),
    "number.masked": Rule(
        E, _("Identity number masked"), _("The number is masked with stars. The register needs the full number.")
    ),
    "number.old_number": Rule(
        E,
        _("Old number of 15 digits"),
        _("This is a number of 15 digits, out of use since 2013. Write the 18 digits of the card."),
    ),
    "birth.not_a_date": Rule(W, _("Birth date is no date"), _("This is no date. Write it as 1956-03-04.")),
    "birth.two_digit_year": Rule(
        W, _("Birth year of two digits"), _("The century is missing. Write the year with four digits, as 1956-03-04.")
    ),
    "birth.lunar": Rule(
        W, _("Lunar birth date"), _("This is a date of the lunar calendar. Write the date of the identity card.")
    ),
    "birth.future": Rule(
        W, _("Birth date in the future"), _("This date lies in the future. Write the date of the identity card.")
    ),
    "birth.conflict": Rule(
        E,
        _("Birth date contradicts the identity number"),
        _("The identity number says another birth date. Find out which of the two cells is wrong."),
    ),
    "sex.unknown": Rule(W, _("Sex not readable"), _("Write 男 or 女.")),
    "sex.conflict": Rule(
        E,
        _("Sex contradicts the identity number"),
        _("The identity number says another sex. Find out which of the two cells is wrong."),
    ),
}
_HOUSEHOLDS = {
    "relation.missing": Rule(
        E, _("Relation to the head missing"), _("The relation to the head of the household is missing.")
    ),
    "relation.unknown": Rule(
        E,
        _("Relation not known"),
        _("This relation to the head is not known. Choose a usual word, as 配偶, 子, 女, 孙子 or 其他."),
    ),
    "relation.second_head": Rule(
        E, _("More than one head"), _("The household has more than one head (rows %(rows)s). Keep one.")
    ),
    "relation.no_head": Rule(E, _("No head"), _("The household has no head. Mark one member as 户主.")),
    "relation.head_left_out": Rule(
        E,
        _("Head is left out"),
        _(
            "The head of this household is already elsewhere, so the others have no head. Decide where the "
            "household belongs."
        ),
    ),
    "household.scientific": Rule(
        E,
        _("Household number lost in Excel"),
        _("Excel has rounded the household number. Set the column to text and type it anew."),
    ),
    "household.two_places": Rule(
        E,
        _("One household in two villages"),
        _(
            "The members of this household stand in different villages (first in row %(row)s). Write one "
            "village, or give the households different numbers."
        ),
    ),
    "household.known": Rule(
        R,
        _("Household already in the register"),
        _("A household with this number is already in the register, so it is left out."),
    ),
    "person.twice": Rule(
        R,
        _("Person twice in the file"),
        _("The same identity number already stands in row %(row)s of sheet %(sheet)s. This row is left out."),
    ),
    "person.number_shared": Rule(
        E,
        _("One identity number, two names"),
        _(
            "The same identity number stands in row %(row)s of sheet %(sheet)s with another name. Find out "
            "whose number it is."
        ),
    ),
    "person.gone": Rule(
        E,
        _("Died or moved away"),
        _("The note says that this person has died or moved away. Take the row out, or correct the note."),
    ),
    "person.alike": Rule(
        R,
        _("Same person in another row"),
        _("This is the person of row %(row)s of sheet %(sheet)s. This row is left out."),
    ),
    "person.ask": Rule(
        A,
        _("Perhaps the same person"),
        _("This may be the person of row %(row)s of sheet %(sheet)s. Look at both and decide."),
    ),
    "person.two_households": Rule(
        A,
        _("One person in two households"),
        _("The same person also stands in row %(row)s of sheet %(sheet)s. Decide to which household they belong."),
    ),
    "person.known_alike": Rule(
        R,
        _("Person already in the register, written differently"),
        _("The register already has this person, with small differences. This row is left out."),
    ),
    "person.ask_known": Rule(
        A,
        _("Perhaps in the register already"),
        _("Somebody very much like this is in the register. Look at both and decide."),
    ),
    "person.known": Rule(
        R,
        _("Person already in the register"),
        _("A person with this identity number is already in the register. This row is left out."),
    ),
}
_PLACES = {
    "place.missing": Rule(E, _("Village missing"), _("The village is missing. Write township and village.")),
    "place.unknown_county": Rule(E, _("County not found"), _("There is no such county in your division.")),
    "place.unknown_township": Rule(E, _("Township not found"), _("There is no such township in this county.")),
    "place.unknown_village": Rule(E, _("Village not found"), _("There is no such village in this township.")),
    "place.unknown_code": Rule(E, _("Division code not found"), _("No division has this code. Check it.")),
    "place.ambiguous": Rule(
        E, _("Village not clear"), _("Several villages can be meant. Write the full name or the 12-digit code.")
    ),
    "place.conflict": Rule(
        E, _("Code and name contradict each other"), _("The division code and the name mean different places.")
    ),
    "place.outside": Rule(
        E,
        _("Outside your division"),
        _("This place lies outside the division that you work for. Those people must be sent to their own branch."),
    ),
    "place.closed": Rule(
        E,
        _("Village dissolved"),
        _("This village no longer exists and has no single successor. Write the village of today."),
    ),
    "place.not_village": Rule(
        E, _("No village named"), _("Only the township or county is named. Write the village as well.")
    ),
}
_REST = {
    "phone.length": Rule(
        W,
        _("Telephone of the wrong length"),
        _("A mobile number has 11 digits, a landline its area code. The number is left out."),
    ),
    "phone.characters": Rule(W, _("Other signs in the telephone"), _("This is no telephone number. It is left out.")),
    "phone.letters": Rule(
        W, _("Letters in the telephone"), _("A letter stands for a digit (O for 0, l for 1). The number is left out.")
    ),
    "phone.scientific": Rule(
        W, _("Telephone lost in Excel"), _("Excel has rounded the number. It is left out; set the column to text.")
    ),
    "phone.masked": Rule(W, _("Telephone masked"), _("The number is masked with stars. It is left out.")),
    "phone.several": Rule(W, _("Several telephones"), _("Only the first number is taken.")),
    "account.length": Rule(W, _("Account of the wrong length"), _("An account has 8 to 32 digits. It is left out.")),
    "account.characters": Rule(
        W, _("Other signs in the account"), _("The account holds signs that are no digits. It is left out.")
    ),
    "account.letters": Rule(
        W, _("Letters in the account"), _("A letter stands for a digit (O for 0, l for 1). The account is left out.")
    ),
    "account.scientific": Rule(
        W, _("Account lost in Excel"), _("Excel has rounded the account. It is left out; set the column to text.")
    ),
    "account.masked": Rule(W, _("Account masked"), _("The account is masked with stars. It is left out.")),
    "income.not_an_amount": Rule(
        W, _("Income not readable"), _("This is no amount. Write a number of yuan, as 12000 or 1.2万.")
    ),
    "income.negative": Rule(W, _("Income below zero"), _("An income cannot be negative. It is left out.")),
    "income.per_month": Rule(W, _("Income per month"), _("This is an amount per month. Write the yearly income.")),
    "income.range": Rule(W, _("Income as a range"), _("This is a range. Write one amount.")),
    "income.too_long": Rule(W, _("Income impossibly large"), _("This amount cannot be right. It is left out.")),
    "category.unknown": Rule(
        W,
        _("Category not known"),
        _("This category is not known and is left out; the others are kept. Use the usual words."),
    ),
    "text.formula": Rule(
        W, _("Broken formula"), _("The formula of this cell gives an error, so the cell is left out. Type the value.")
    ),
    "text.control": Rule(
        W, _("Invisible signs"), _("The cell holds invisible control characters and is left out. Type it anew.")
    ),
    "text.damaged": Rule(
        W, _("Damaged characters"), _("The cell holds damaged characters and is left out. Type it anew.")
    ),
    "text.too_long": Rule(
        W, _("Text too long"), _("The text is longer than the register can hold and is left out. Shorten it.")
    ),
}
_PATCHES = {
    "patch.no_key": Rule(
        E,
        _("Nobody named"),
        _("The row has no identity number, and no household number with a name either: nobody can know who is meant."),
    ),
    "patch.unknown": Rule(
        E, _("Not in the register"), _("Nobody in the register of your division is known by this. Compare it.")
    ),
    "patch.several": Rule(
        E, _("Several people meant"), _("Several people are known by this. Add the identity number or the village.")
    ),
    "patch.twice": Rule(
        E, _("Person corrected twice"), _("Row %(row)s of sheet %(sheet)s means the same person. Keep one of the rows.")
    ),
    "patch.other_number": Rule(
        E,
        _("Another identity number in the register"),
        _("The register has another identity number for this person. Correct it on the person's own page."),
    ),
    "patch.another_name": Rule(
        E,
        _("Number of somebody else"),
        _("In the register this identity number belongs to somebody with a wholly different name. Compare both."),
    ),
    "patch.registered": Rule(
        E,
        _("Number of somebody else in the county"),
        _(
            "Somebody else in this county, or an earlier row of this file, has this identity number. "
            "Compare both people."
        ),
    ),
    "patch.less_exact": Rule(
        W,
        _("Birth known more exactly"),
        _("The register knows the birth more exactly, and it does not agree. It stays as it is. Compare it."),
    ),
    "patch.head": Rule(
        W,
        _("Change of the head"),
        _("Who is the head is changed on the page of the household, not by a file. The relation stays as it is."),
    ),
    "patch.by_number": Rule(
        W,
        _("Fixed by the identity number"),
        _("Sex and birth date follow from the identity number in the register. They stay as they are."),
    ),
    "patch.two_values": Rule(
        W,
        _("Two values for one household"),
        _("Another row gives this household another value, and that one is taken. Write one value."),
    ),
}
RULES: dict[str, Rule] = _PATCHES | _NAMES | _NUMBERS | _HOUSEHOLDS | _PLACES | _REST

# Questions about who is who, not about cells: they are kept apart from the faults.
ABOUT_PAIRS = frozenset(
    ("person.alike", "person.ask", "person.two_households", "person.known_alike", "person.ask_known")
)
ABOUT_REPEATS = ABOUT_PAIRS | {"person.twice", "person.number_shared", "person.known", "household.known"}

FILE_SENTENCES: dict[str, str | Promise] = {
    "empty": _("The file is empty."),
    "pdf": _("This is a PDF. Please upload the spreadsheet itself (XLSX, XLS, ODS or CSV)."),
    "picture": _("This is a picture. Please upload the spreadsheet itself (XLSX, XLS, ODS or CSV)."),
    "word": _("This is a text document. Please upload a spreadsheet (XLSX, XLS, ODS or CSV)."),
    "archive": _("This is a packed archive, not a spreadsheet. Unpack it and upload the spreadsheets one by one."),
    "web_page": _("This is a web page with the name of a spreadsheet. Open it in Excel or WPS and save it as XLSX."),
    "not_a_sheet": _("This is no spreadsheet. Please upload XLSX, XLS, ODS or CSV."),
    "password": _("The file is protected by a password. Remove the password in Excel or WPS and upload it again."),
    "bomb": _(
        "The file unpacks to an impossible size and was not opened. Save the table in a new file and upload that."
    ),
    "entities": _("The file contains definitions that no register needs and that can do harm. It was not opened."),
    "memory": _(
        "The table is too large to be read at once, often because of a stray cell far below or to the right. "
        "Copy the table into a new file, or split it."
    ),
    "time": _("Reading the file took too long and was stopped. Split it into several files."),
    "too_long": _("The table has more rows than a spreadsheet can hold. Split it into several files."),
    "encoding": _("The characters of this text file cannot be read. Save it as XLSX, or as CSV in UTF-8."),
    "damaged": _("The file is damaged or incomplete. Open it in Excel or WPS, save it anew and upload that."),
    "changed": _(
        "The stored file is no longer the one that was uploaded: it was damaged or changed on the disk. Ask the "
        "administrator to restore it from a backup."
    ),
    "no_marks": _(
        "This is no findings workbook: the column of row marks (行标记) is missing. Use the workbook that was "
        "downloaded here, and leave that column as it is."
    ),
    "other_import": _(
        "This findings workbook belongs to another import. Open that import and upload the workbook there."
    ),
    "no_table": _(
        "No table of people was found: no row of headings with a name and an identity number, for example. "
        "Use the headings of the usual roster (姓名, 身份证号, 与户主关系, 村 …)."
    ),
    "no_people": _("The table has headings but no people."),
    "no_place": _("The table has no column for the village. Add 乡镇 and 村, or the 12-digit division code."),
}


def severity_of(rule: str) -> Severity:
    """What a rule means for its row."""
    return RULES[rule].severity


def title_of(rule: str) -> str:
    """The rule's name, in the language of the page."""
    return str(RULES[rule].title)


def sentence_of(rule: str, params: Mapping[str, Any]) -> str:
    """The finding's sentence, in the language of the page."""
    text = str(RULES[rule].sentence)
    return text % {"row": "?", "rows": "?", "sheet": "?", **params} if "%(" in text else text


def file_sentence(code: str, file: str = "") -> str:
    """Why a file could not be read, and what to do; `file` names it where there are several."""
    text = str(FILE_SENTENCES.get(code, FILE_SENTENCES["damaged"]))
    return gettext("“%(file)s”: %(sentence)s") % {"file": file, "sentence": text} if file else text


def candidates_sentence(names: str) -> str:
    """Which places may have been meant."""
    return gettext("Perhaps: %(names)s.") % {"names": names} if names else ""
