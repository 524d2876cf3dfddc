"""What a supervisor types about looks. Forms parse and clean; they never save."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy

from boai.kernel.text.faults import Unreadable
from boai.kernel.text.identity import PersonNumber, read_person_number
from boai.kernel.text.names import read_name
from boai.registry.forms.households import ProseField, ReadField
from boai.registry.intake.rules import RULES


class AnswerForm(forms.Form):
    """What came of asking about an unusual look."""

    action = forms.ChoiceField(
        label=gettext_lazy("Was the look needed for the work?"),
        choices=[("justify", gettext_lazy("Yes, it was needed")), ("object", gettext_lazy("No, it was not needed"))],
        widget=forms.RadioSelect,
    )
    words = ProseField(
        label=gettext_lazy("What the person said and what you found"),
        limit=500,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class RelativeForm(forms.Form):
    """A relative of whoever fills it in."""

    name = ReadField(label=gettext_lazy("Name"), max_length=100, read=read_name, rules="name")
    relation = ProseField(label=gettext_lazy("What this person is to you"), limit=20)
    number = ReadField(
        label=gettext_lazy("Identity number"),
        max_length=40,
        required=False,
        read=str,
        rules="number",
        help_text=gettext_lazy("With it only this person is meant, and nobody of the same name."),
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_number(self) -> PersonNumber | None:
        """The number, held against today."""
        text = self.cleaned_data["number"]
        if not text:
            return None
        try:
            return read_person_number(text, on=self.today)
        except Unreadable as error:
            raise ValidationError(str(RULES[f"number.{error.fault}"].sentence)) from None


class WatchForm(forms.Form):
    """A name for the watch list."""

    name = ReadField(label=gettext_lazy("Name"), max_length=100, read=read_name, rules="name")
    note = ProseField(label=gettext_lazy("Why (only supervisors see it)"), limit=120, required=False)
