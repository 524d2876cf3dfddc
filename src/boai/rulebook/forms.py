"""Setting a new value of a rule."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from boai.regions.codes import VILLAGE, level
from boai.regions.forms import DivisionField
from boai.rulebook.enums import Confidence
from boai.rulebook.keys import RuleKey

VALUE = "value"


class RuleForm(forms.Form):
    """The fields of the value by its kind, then from when, where, on what ground."""

    valid_from = forms.DateField(label=_("Valid from"), widget=forms.DateInput(attrs={"type": "date"}))
    source = forms.CharField(
        label=_("Source"), max_length=300,
        help_text=_("The document with its number and date, or the address where it can be read."),
    )  # fmt: skip
    confidence = forms.ChoiceField(label=_("How sure is this?"), choices=Confidence.choices, widget=forms.RadioSelect)
    place = DivisionField(
        label=_("Only for a part of your division"), least=1, deepest=VILLAGE, required=False,
        help_text=_("Leave it empty to set the rule for all of it."),
    )  # fmt: skip

    def __init__(self, *args: Any, key: RuleKey, current: Any, region_code: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._key, self._region_code = key, region_code
        own = dict(self.fields)
        self.fields = key.kind.fields(VALUE, key.title, current) | own
        if level(region_code) == VILLAGE:
            del self.fields["place"]
        else:
            place = self.fields["place"]
            assert isinstance(place, DivisionField)
            place.root = region_code

    def value_groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields of the value itself, in groups with their headings."""
        own = {name: field for name, field in self.fields.items() if name.startswith(VALUE)}
        return [(heading, [self[name] for name in names]) for heading, names in self._key.kind.groups(own)]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors:
            try:
                data[VALUE] = self._key.check(self._key.kind.read(VALUE, data))
            except ValueError as error:
                self.add_error(None, str(error))
        return data

    def cleaned(self) -> dict[str, Any]:
        """Arguments for the service."""
        data = self.cleaned_data
        return {
            "value": data[VALUE],
            "region_code": data.get("place") or self._region_code,
            "valid_from": data["valid_from"],
            "source": data["source"],
            "confidence": data["confidence"],
        }
