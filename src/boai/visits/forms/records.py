"""What a visitor recorded: from the phone as JSON, from the desk as a form. The same fields, the same checks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from boai.visits.enums import Entry, House, Missed, Need, Outcome
from boai.visits.forms.fields import LineField, ProseField
from boai.visits.services import Record

MOST_NOTES = 2000


class RecordForm(forms.Form):
    """A record of a visit."""

    client_id = forms.UUIDField(widget=forms.HiddenInput)
    based_on = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    made_at = forms.DateTimeField(widget=forms.HiddenInput)
    outcome = forms.ChoiceField(label=_("Did you meet somebody?"), choices=Outcome.choices, widget=forms.RadioSelect)
    missed = forms.ChoiceField(
        label=_("Why nobody was met"), choices=[("", _("Choose")), *Missed.choices], required=False
    )
    there = forms.MultipleChoiceField(label=_("Who was there"), widget=forms.CheckboxSelectMultiple)
    house = forms.ChoiceField(
        label=_("Condition of the house"), choices=[("", _("Choose")), *House.choices], required=False
    )
    needs = forms.MultipleChoiceField(
        label=_("What is needed"), choices=Need.choices, widget=forms.CheckboxSelectMultiple, required=False
    )
    needs_words = LineField(label=_("What exactly"), max_length=200, required=False)
    entry = forms.ChoiceField(
        label=_("Is the register right?"), choices=[("", _("Choose")), *Entry.choices], required=False
    )
    entry_words = LineField(label=_("What has changed"), max_length=200, required=False)
    notes = ProseField(label=_("Notes"), max_length=MOST_NOTES, required=False)
    related = forms.BooleanField(label=_("I have found that I am related to this household"), required=False)

    def __init__(self, *args: Any, first: str = "", second: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [("first", first or _("First visitor"))]
        if second:
            names.append(("second", second))
        cast(forms.MultipleChoiceField, self.fields["there"]).choices = names

    def record(self) -> Record:
        """The cleaned form as the service takes it."""
        c = self.cleaned_data
        met = c["outcome"] == Outcome.MET
        return Record(
            client_id=c["client_id"], based_on=c["based_on"], made_at=c["made_at"], outcome=c["outcome"],
            missed="" if met else c["missed"], first_there="first" in c["there"], second_there="second" in c["there"],
            notes=c["notes"], house=c["house"] if met else "", needs=tuple(c["needs"]) if met else (),
            needs_words=c["needs_words"] if met else "", entry=c["entry"] if met else "",
            entry_words=c["entry_words"] if met else "", related=c["related"],
        )  # fmt: skip


class PhotoForm(forms.Form):
    """A photo of a record that was sent before."""

    client_id = forms.UUIDField()
    record_id = forms.UUIDField()
    photo = forms.FileField()

    def ids(self) -> tuple[UUID, UUID]:
        """The record's client id and the photo's own."""
        return self.cleaned_data["record_id"], self.cleaned_data["client_id"]


def said_form(said: object) -> RecordForm:
    """The form for what a phone sent, whatever that is; anything but an object becomes an empty one."""
    data = {str(k): v for k, v in said.items()} if isinstance(said, Mapping) else {}
    for name in ("there", "needs"):
        if not isinstance(data.get(name, []), list):
            data[name] = []
    return RecordForm(data, second="second")
