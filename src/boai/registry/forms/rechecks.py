"""What people answer about categories that are looked at again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from boai.registry.enums import RecheckAnswer
from boai.registry.forms.households import EstablishedForm, FilterForm


class RecheckFilterForm(FilterForm):
    """What the list is narrowed by: place and category."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["q"]


class ConfirmForm(EstablishedForm):
    """It still holds: by whom, on what evidence, until when."""

    field_order: Iterable[str] = ("until", "source", "evidence")

    until = forms.DateField(
        label=gettext_lazy("Holds until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=gettext_lazy("Empty: without a last day; it will be asked for again by the rule."),
    )


class AnswerForm(ConfirmForm):
    """One answer."""

    answer = forms.ChoiceField(label=gettext_lazy("Answer"), choices=RecheckAnswer.choices, widget=forms.RadioSelect)
    field_order = ("answer", "until", "source", "evidence")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["until"].label = gettext_lazy("Last day")
        self.fields["until"].help_text = gettext_lazy(
            "If it still holds: empty, or a day in the future. If not: the last day on which it held."
        )
