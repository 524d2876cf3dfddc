"""What is typed about a person's request. Forms parse and clean; they never save."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from boai.registry.enums import RequestKind
from boai.registry.forms.households import ProseField
from boai.registry.purposes import Purpose


class RequestForm(forms.Form):
    """A person of the household asks for something about their own data."""

    resident_id = forms.ChoiceField(label=gettext_lazy("Whose data"))
    kind = forms.ChoiceField(
        label=gettext_lazy("What is asked for"), choices=RequestKind.choices, widget=forms.RadioSelect
    )
    purpose = forms.ChoiceField(
        label=gettext_lazy("Which use the person objects to"), required=False,
        choices=[("", "—"), *((one.value, one.label) for one in Purpose)],
        help_text=gettext_lazy("For an objection only. The use stops at once, until it is decided."),
    )  # fmt: skip
    asked_by = ProseField(
        label=gettext_lazy("Who asks, and which paper they showed"),
        limit=120,
        help_text=gettext_lazy("For example: in person, with identity card; a guardian, with the household register."),
    )
    words = ProseField(
        label=gettext_lazy("In the person's words"),
        limit=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, members: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["resident_id"].choices = members  # type: ignore[attr-defined]  # a ChoiceField


class DecisionForm(forms.Form):
    """The decision about a request."""

    action = forms.ChoiceField(
        label=gettext_lazy("Decision about the request"),
        choices=[
            ("grant", gettext_lazy("Grant the request")),
            ("refuse", gettext_lazy("Refuse, with reasons")),
            ("withdraw", gettext_lazy("The person withdraws the request")),
        ],
        widget=forms.RadioSelect,
    )
    answer = ProseField(
        label=gettext_lazy("Answer to the person"), limit=1000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
