"""Text that is kept: tidied, without hidden signs, not longer than it may be."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from boai.kernel.text.faults import Fault, Unreadable
from boai.kernel.text.folding import check_text, clean, clean_lines


class LineField(forms.CharField):
    """One tidy line."""

    def to_python(self, value: Any) -> str:
        text = str(value or "")
        _readable(text, self.max_length or 200)
        return clean(text)


class ProseField(forms.CharField):
    """Several lines."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str:
        text = str(value or "").replace("\r\n", "\n")
        _readable(text, self.max_length or 2000)
        return clean_lines(text)


def _readable(text: str, limit: int) -> None:
    try:
        check_text(text, limit=limit)
    except Unreadable as error:
        if error.fault == Fault.TOO_LONG:
            raise ValidationError(_("This is too long (at most %(n)s characters).") % {"n": limit}) from None
        raise ValidationError(_("There are hidden or damaged signs in the text. Type it anew.")) from None
