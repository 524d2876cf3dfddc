"""Fields that read what people write (full-width digits, spaces, 1.2万) and say in one sentence what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from boai.kernel.ids import CODE_ALPHABET
from boai.kernel.text.amounts import read_amount
from boai.kernel.text.contact import read_phone
from boai.kernel.text.dates import LooseDate, read_date
from boai.kernel.text.faults import Fault, Unreadable
from boai.kernel.text.folding import check_text, clean, clean_lines
from boai.kernel.text.identity import PersonNumber, read_person_number
from boai.kernel.text.names import read_name

T = TypeVar("T")
LONGEST = 4000
"""Characters of one field that are kept while it is being written; what is longer was not typed by hand."""
_HIDDEN = gettext_lazy("There are hidden signs in the text. Please type it yourself instead of pasting it.")


def _read(reader: Callable[[str], T], text: str, sentences: dict[Fault, str]) -> T:
    try:
        return reader(text)
    except Unreadable as error:
        common = {
            Fault.CONTROL: str(_HIDDEN),
            Fault.DAMAGED: _("Some signs are damaged. Please type them again."),
            Fault.TOO_LONG: _("This is too long. Please shorten it."),
        }
        sentence = {**common, **sentences}.get(error.fault) or sentences.get(Fault.MISSING, "")
        raise ValidationError(sentence or _("Please check what you wrote."), code=str(error.fault)) from error


def say_plainly(form: forms.Form) -> None:
    """Replace Django's sentences about tampered fields, which repeat the field's content, by plain ones."""
    for field in form.fields.values():
        if isinstance(field, forms.ChoiceField):
            field.error_messages["invalid_choice"] = _("Please choose one of the list.")
        for check in field.validators:
            if isinstance(check, ProhibitNullCharactersValidator):
                check.message = _HIDDEN


class TypedField(forms.Field):
    """A text box whose value is not a text."""

    def __init__(self, *, max_length: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.widget.attrs["maxlength"] = str(max_length)


class LineField(forms.CharField):
    """One tidy line."""

    def to_python(self, value: Any) -> str:
        text = str(value or "")
        _read(lambda t: check_text(t, limit=self.max_length or LONGEST), text, {})
        return clean(text)


class ProseField(forms.CharField):
    """A story of several lines."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str:
        text = str(value or "").replace("\r\n", "\n")
        _read(lambda t: check_text(t, limit=self.max_length or LONGEST), text, {})
        return clean_lines(text)


class NameField(forms.CharField):
    """A person's name as on the identity card."""

    def to_python(self, value: Any) -> str:
        text = str(value or "")
        if not text.strip():
            return ""
        whole = _("Please write the full name as on the identity card, without * or 某.")
        sentences = {
            Fault.MASKED: whole,
            Fault.TOO_SHORT: whole,
            Fault.MISSING: whole,
            Fault.CHARACTERS: _("A name has letters only: no digits, brackets or remarks."),
        }
        return _read(read_name, text, sentences)


class PhoneField(forms.CharField):
    """A mobile or landline number, as digits."""

    def to_python(self, value: Any) -> str:
        text = str(value or "")
        if not text.strip():
            return ""
        sentences = {
            Fault.LENGTH: _("A mobile number has 11 digits; a landline needs its area code. Please count again."),
            Fault.MISSING: _("Please write a telephone number in digits."),
            Fault.CHARACTERS: _("Please write one telephone number, digits only."),
        }
        return _read(read_phone, text, sentences)


class PersonNumberField(TypedField):
    """An identity number; cleans to a PersonNumber or None. Set `on` to the day on which it is checked."""

    on: date

    def to_python(self, value: Any) -> PersonNumber | None:
        text = str(value or "")
        if not text.strip():
            return None
        mistyped = _("This identity number does not add up; probably one digit is wrong. Please compare with the card.")
        sentences = {
            Fault.LENGTH: _("An identity number has 18 characters. Please count again."),
            Fault.OLD_NUMBER: _(
                "This is an old number of 15 digits. Please write the 18 characters of the present card."
            ),
            Fault.CHARACTERS: _("An identity number has digits only; the last sign may be an X."),
            Fault.MASKED: _("Please write the whole number, without stars."),
            Fault.CHECK_DIGIT: mistyped,
            Fault.REGION: mistyped,
            Fault.DATE: mistyped,
            Fault.FUTURE: mistyped,
            Fault.MISSING: _("Please write the identity number in digits."),
        }
        return _read(lambda t: read_person_number(t, on=self.on), text, sentences)

    def prepare_value(self, value: Any) -> Any:
        return value.number if isinstance(value, PersonNumber) else value


class BirthField(TypedField):
    """A date of birth as people write it: 1956.3.4, 1956年3月4日, 19560304."""

    on: date

    def to_python(self, value: Any) -> date | None:
        text = str(value or "")
        if not text.strip():
            return None
        whole = _("Please write year, month and day, like 1956年3月4日.")
        sentences = {
            Fault.LUNAR: _("Please write the date by the solar calendar, as on the identity card."),
            Fault.FUTURE: _("This day has not come yet."),
            Fault.MISSING: whole,
        }
        found: LooseDate = _read(lambda t: read_date(t, on=self.on), text, sentences)
        if found.precision != "day":
            raise ValidationError(whole, code="incomplete")
        return found.first_day


class AmountField(TypedField):
    """An amount as people write it (3000, 1.2万, 500元), in fen."""

    MOST_FEN = 10_000_000_00

    def to_python(self, value: Any) -> int | None:
        text = str(value or "")
        if not text.strip():
            return None
        plain = _("Please write an amount in digits, like 3000 or 1.2万.")
        sentences = {
            Fault.MISSING: plain,
            Fault.PER_MONTH: _("Please write the whole amount, not the amount per month."),
            Fault.RANGE: _("Please write one amount, not from–to."),
        }
        fen = _read(read_amount, text, sentences)
        if not 0 <= fen <= self.MOST_FEN:
            raise ValidationError(plain, code="range")
        return fen


class CodeField(forms.CharField):
    """A public code as people type it: spaces, hyphens and small letters do not matter."""

    def to_python(self, value: Any) -> str:
        text = clean(str(value or "")).upper()[:64]
        code = "".join(c for c in text if c.isalnum())
        if code and (len(code) > 16 or any(c not in CODE_ALPHABET for c in code)):
            raise ValidationError(
                _(
                    "No code has a 0, 1, A, B, E, I, L, O, S, U, V or Z in it. "
                    "What looks like B is an 8, like S a 5, like Z a 2. Please look again."
                ),
                code="alphabet",
            )
        return code


class TailField(forms.CharField):
    """The last four digits of a telephone number."""

    def to_python(self, value: Any) -> str:
        text = clean(str(value or "")).replace(" ", "")
        if text and not (len(text) == 4 and text.isascii() and text.isdigit()):
            raise ValidationError(_("Please write the last four digits of the telephone number."), code="tail")
        return text
