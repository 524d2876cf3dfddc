"""Filters of the case list."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from boai.kernel.crypto import blinds
from boai.kernel.text.faults import Unreadable
from boai.kernel.text.identity import read_person_number
from boai.regions.codes import is_code
from boai.registry.models.people import NUMBER as PERSON_NUMBER
from boai.relief.enums import State
from boai.relief.forms.fields import LineField
from boai.relief.queries.desk import Filter

KEPT = ("q", "person", "state", "programme", "place", "late")


class FilterForm(forms.Form):
    """Narrow the case list. An ID number is never looked up as text: the view turns it into its fingerprint."""

    q = LineField(
        label=_("Search"), required=False, max_length=40, help_text=_("Case code, beginning of the name, or ID number")
    )
    state = forms.ChoiceField(label=_("State"), required=False, choices=[("", _("All")), *State.choices])
    programme = forms.ChoiceField(label=_("Programme"), required=False)
    late = forms.BooleanField(label=_("Late only"), required=False)
    place = forms.CharField(required=False, widget=forms.HiddenInput, max_length=12)
    person = forms.RegexField(
        r"^[0-9a-f]{64}(\.[0-9a-f]{64})*$", max_length=400, required=False, widget=forms.HiddenInput
    )

    def __init__(self, *args: Any, programmes: Any, root: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.root = root
        self.fields["programme"].choices = [  # type: ignore[attr-defined]  # a ChoiceField
            ("", _("All")),
            *((str(p.id), p.name) for p in programmes),
        ]

    def wanted(self) -> Filter:
        """The filter; what can't be read narrows nothing."""
        if not self.is_bound:
            return Filter()
        self.is_valid()
        c = self.cleaned_data
        person = c.get("person", "")
        return Filter(
            text=c.get("q", ""), state=c.get("state", ""), programme=c.get("programme") or None,
            place=c["place"] if is_code(c.get("place", "")) else "", late=bool(c.get("late")),
            person_blinds=[bytes.fromhex(one) for one in person.split(".") if one],
        )  # fmt: skip


def person_in(text: str, *, on: date) -> str:
    """The fingerprint (hex; several while keys are being changed) of an ID number that was typed into the search box;
    "" for any other text."""
    try:
        number = read_person_number(text, on=on).number
    except Unreadable:
        return ""
    return ".".join(one.hex() for one in blinds(number, PERSON_NUMBER))


class SaveForm(forms.Form):
    """A name for the present filter."""

    name = LineField(label=_("Name of the filter"), max_length=30)
    query = forms.CharField(required=False, widget=forms.HiddenInput, max_length=400)

    def clean_query(self) -> str:
        """Only the fields of the filter, without a place in the list."""
        sent = QueryDict(self.cleaned_data["query"])
        kept = QueryDict(mutable=True)
        for key in KEPT:
            if sent.get(key):
                kept[key] = sent[key]
        return kept.urlencode()
