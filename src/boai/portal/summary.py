"""What was written, as a list of facts to read over before sending."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext as _

from boai.kernel.errors import NotFound
from boai.kernel.money import format_fen
from boai.kernel.text.identity import PersonNumber
from boai.portal.forms.apply import StepForm
from boai.portal.forms.fields import AmountField
from boai.regions.forms import DivisionField
from boai.regions.queries import full_name


def facts(form: StepForm) -> list[dict[str, Any]]:
    """The filled fields of a bound form: {label, value, wide}. What is wrong shows as it was typed."""
    form.full_clean()
    found = []
    for bound in form:
        if bound.data in ("", None):
            continue
        value = form.cleaned_data.get(bound.name, bound.data)
        wide = isinstance(bound.field.widget, forms.Textarea | forms.CheckboxInput)
        found.append({"label": bound.label, "value": _shown(bound, value), "wide": wide})
    return found


def _shown(bound: BoundField, value: Any) -> str:
    field = bound.field
    if isinstance(field, DivisionField):
        try:
            return full_name(str(value))
        except NotFound:
            return str(bound.data)
    if isinstance(field, forms.ChoiceField):
        return str(dict(field.choices).get(value, ""))  # type: ignore[arg-type]  # our choices are flat
    if isinstance(field, forms.BooleanField):
        return _("Agreed") if value else _("Not agreed")
    if isinstance(field, AmountField) and isinstance(value, int):
        return format_fen(value)
    if isinstance(value, PersonNumber):
        return " ".join((value.number[:6], value.number[6:14], value.number[14:]))
    return value.isoformat() if isinstance(value, date) else str(value)
