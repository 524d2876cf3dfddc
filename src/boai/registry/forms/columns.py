"""What a person says about the columns of a register file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext as _

from boai.registry.intake.columns import Field
from boai.registry.intake.meanings import LABELS, choices
from boai.registry.queries import ColumnView


class ColumnsForm(forms.Form):
    """One list to choose from for each heading of a file."""

    def __init__(self, *args: Any, columns: Sequence[ColumnView], patch: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._columns, self._patch = columns, patch
        offered = choices()
        for place, one in enumerate(columns):
            field = forms.ChoiceField(label=one.heading, choices=offered, initial=one.meaning)
            field.widget.attrs["aria-label"] = _("What does “%(heading)s” mean?") % {"heading": one.heading}
            self.fields[f"c{place}"] = field

    def fields_in_order(self) -> list[BoundField]:
        """The bound fields in the order of the columns."""
        return [self[f"c{place}"] for place in range(len(self._columns))]

    def clean(self) -> dict[str, Any]:
        """A field can stand in one column of a sheet only, and somewhere there has to be a name."""
        data = super().clean() or {}
        taken: dict[tuple[str, str], str] = {}
        for place, one in enumerate(self._columns):
            meaning = data.get(f"c{place}", "")
            if meaning not in LABELS:
                continue
            for sheet in one.sheets:
                other = taken.setdefault((sheet, meaning), one.heading)
                if other != one.heading:
                    said = {"meaning": LABELS[Field(meaning)], "heading": other}
                    self.add_error(f"c{place}", _("“%(heading)s” is read as “%(meaning)s” already.") % said)
                    break
        chosen = set(data.values())
        if self._columns and not self._patch and not chosen & {Field.NAME.value, Field.HEAD_NAME.value}:
            self.add_error(None, _("One column has to be the name."))
        return data

    def choices_by_key(self) -> dict[str, str]:
        """The codes of the meanings by the keys of the headings."""
        return {one.key: self.cleaned_data[f"c{place}"] for place, one in enumerate(self._columns)}


class CellForm(forms.Form):
    """What a cell shall say; empty is a value too. The reader judges it, as it judges the cells of the file."""

    value = forms.CharField(max_length=500, required=False, strip=True)
