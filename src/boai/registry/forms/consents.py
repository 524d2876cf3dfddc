"""What is typed when somebody says yes or no to a use of their data. Forms parse and clean; they never save."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from boai.registry.forms.households import ProseField
from boai.registry.purposes import Giver, Way
from boai.registry.services.consents import Said

_DATE = forms.DateInput(attrs={"type": "date"})


class _SaidFields(forms.Form):
    """Who said it, and how."""

    giver = forms.ChoiceField(label=gettext_lazy("Who speaks"), choices=Giver.choices, widget=forms.RadioSelect)
    name = ProseField(
        label=gettext_lazy("Name and relation of who speaks for the person"), limit=60, required=False,
        help_text=gettext_lazy("Of a guardian or somebody with a written authority only."),
    )  # fmt: skip
    way = forms.ChoiceField(label=gettext_lazy("How it was said"), choices=Way.choices, widget=forms.RadioSelect)
    witness = ProseField(
        label=gettext_lazy("Colleague who listened"), limit=60, required=False,
        help_text=gettext_lazy("On the telephone only."),
    )  # fmt: skip
    said_on = forms.DateField(label=gettext_lazy("Said on"), widget=_DATE)
    version = forms.DateField(widget=forms.HiddenInput)

    def said(self) -> Said:
        """For the services."""
        got = self.cleaned_data
        return Said(got["version"], got["giver"], got["way"], got["said_on"], got["name"], got["witness"])


class ConsentForm(_SaidFields):
    """An answer to the question that stands above the form."""

    answer = forms.ChoiceField(
        label=gettext_lazy("What the person says"), widget=forms.RadioSelect,
        choices=[("given", gettext_lazy("Agrees")), ("refused", gettext_lazy("Does not agree"))],
    )  # fmt: skip
    photo = forms.FileField(
        label=gettext_lazy("Photo of the signed paper"), required=False,
        help_text=gettext_lazy("Needed for a signature on paper and for a written authority. Kept sealed."),
    )  # fmt: skip
    field_order = ("answer", "giver", "name", "way", "witness", "photo", "said_on", "version")


class WithdrawForm(_SaidFields):
    """Consent is taken back; no reason is asked."""


class EmergencyForm(forms.Form):
    """A response is opened."""

    name = ProseField(
        label=gettext_lazy("Name of the response"),
        limit=60,
        help_text=gettext_lazy("Such as: 7·20 rainstorm, Tongwei."),
    )
    started_on = forms.DateField(label=gettext_lazy("Began on"), widget=_DATE)


class TagForm(forms.Form):
    """What was collected for a response alone: one of some files, or responses for a household."""

    thing = forms.ChoiceField(label="")

    def __init__(self, *args: Any, label: str, things: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["thing"]
        field.label, field.choices = label, things


class ProposalForm(forms.Form):
    """Whether a household goes or stays."""

    action = forms.ChoiceField(
        label=gettext_lazy("What shall become of it"), widget=forms.RadioSelect,
        choices=[("confirm", gettext_lazy("Delete the household with everybody in it")),
                 ("keep", gettext_lazy("Keep it, with a reason"))],
    )  # fmt: skip
    reason = ProseField(label=gettext_lazy("Reason"), limit=200, required=False)


def first_values(*, version: date | None, today: date) -> dict[str, Any]:
    """What a form about an answer begins with."""
    return {"version": version or today, "said_on": today, "giver": Giver.PERSON, "way": Way.SCREEN}
