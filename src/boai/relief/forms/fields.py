"""Fields that read what officers write (full-width digits, 1.2万, pasted text) and say in a sentence what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from boai.kernel.money import format_fen, parse_yuan
from boai.kernel.text.contact import read_account, read_phone
from boai.kernel.text.faults import Fault, Unreadable
from boai.kernel.text.folding import check_text, clean, clean_lines, squeeze
from boai.kernel.text.identity import PersonNumber, read_person_number
from boai.kernel.text.names import read_name

T = TypeVar("T")
MOST_FEN = 100_000_000_00
"""No amount of a relief case reaches this: one more zero than anybody means."""


def read(reader: Callable[[str], T], text: str, sentence: str) -> T:
    """`reader(text)`, or a ValidationError with the sentence that fits."""
    try:
        return reader(text)
    except Unreadable as error:
        hidden = {
            Fault.CONTROL: _("There are hidden signs in the text ({sign}). Type it instead of pasting it.").format(
                sign=error.detail
            ),
            Fault.DAMAGED: _("Some signs are damaged. Type them again."),
            Fault.TOO_LONG: _("This is too long ({length} characters). Shorten it.").format(length=len(text)),
        }
        raise ValidationError(hidden.get(error.fault, sentence), code=str(error.fault)) from error


class LineField(forms.CharField):
    """One tidy line."""

    def to_python(self, value: Any) -> str:
        text = str(value or "")
        read(lambda t: check_text(t, limit=self.max_length or 200), text, "")
        return clean(text)


class ProseField(forms.CharField):
    """Several lines."""

    widget = forms.Textarea

    def __init__(self, *, max_length: int = 2000, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, **kwargs)

    def to_python(self, value: Any) -> str:
        text = str(value or "").replace("\r\n", "\n")
        read(lambda t: check_text(t, limit=self.max_length or 2000), text, "")
        return clean_lines(text)


class NameField(forms.CharField):
    """A person's name."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=60, **kwargs)

    def to_python(self, value: Any) -> str:
        text = str(value or "")
        return read(read_name, text, _("Write the full name as on the identity card.")) if text.strip() else ""


class PhoneField(forms.CharField):
    """A telephone number, as digits."""

    def to_python(self, value: Any) -> str:
        text = str(value or "")
        return read(read_phone, text, _("Write one telephone number, digits only.")) if text.strip() else ""


class AccountField(forms.CharField):
    """A bank account number, as digits."""

    def to_python(self, value: Any) -> str:
        text = str(value or "")
        return read(read_account, text, _("Write the whole account number, digits only.")) if text.strip() else ""


class PersonNumberField(forms.Field):
    """An identity number; cleans to a PersonNumber or None. Set `on` to the day on which it is checked."""

    on: Any = None

    def to_python(self, value: Any) -> PersonNumber | None:
        text = str(value or "")
        if not text.strip():
            return None
        wrong = _("This identity number does not add up. Compare it with the card.")
        return read(lambda t: read_person_number(t, on=self.on), text, wrong)

    def prepare_value(self, value: Any) -> Any:
        return value.number if isinstance(value, PersonNumber) else value


class YuanField(forms.Field):
    """An amount in yuan as people write it (3000, 1.2万, 500元); cleans to fen, never rounded."""

    def __init__(self, *, least_fen: int = 0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.least_fen = least_fen

    def to_python(self, value: Any) -> int | None:
        text = squeeze(str(value or ""))
        if not text:
            return None
        try:
            fen = parse_yuan(text)
        except ValueError:
            raise ValidationError(_("Write an amount in digits, like 3000 or 1.2万."), code="amount") from None
        if not self.least_fen <= fen < MOST_FEN:
            raise ValidationError(_("This amount is not possible here."), code="range")
        return fen

    def prepare_value(self, value: Any) -> Any:
        return format_fen(value, sign=False).removesuffix(".00") if isinstance(value, int) else value


class ManyFiles(forms.ClearableFileInput):
    """A file input that takes several."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files at once; cleans to a list."""

    widget = ManyFiles

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        files = data if isinstance(data, list | tuple) else [data] if data else []
        if self.required and not files:
            raise ValidationError(_("Choose at least one file."), code="required")
        return [file for one in files if (file := super(FilesField, self).clean(one, initial))]
