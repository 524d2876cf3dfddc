"""What people type when many rows are corrected at once."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from boai.kernel.text.faults import Unreadable
from boai.kernel.text.folding import squeeze
from boai.kernel.text.identity import read_person_number
from boai.regions.forms import DivisionField
from boai.regions.queries import children
from boai.registry.enums import Category, EndReason, Sensitivity, sensitivity_of
from boai.registry.forms.households import ProseField

_DATE = forms.DateInput(attrs={"type": "date"})
_SHOWN_FAULTS = 5


class VillageForm(forms.Form):
    """From which village to which, from which day on."""

    source = forms.ChoiceField(label=gettext_lazy("All households of"))
    target = DivisionField(label=gettext_lazy("get the village or community"))
    on = forms.DateField(
        label=gettext_lazy("From this day on"),
        widget=_DATE,
        required=False,
        help_text=gettext_lazy(
            "The day of the merger; the former village stays in the history. Empty: it was only entered wrongly."
        ),
    )

    def __init__(self, *args: Any, villages: list[tuple[str, str]], root: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["source"]).choices = villages
        target: Any = self.fields["target"]
        target.root = root


class _SetForm(forms.Form):
    """Which category, where, for whom."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Category"),
        choices=[(c.value, c.label) for c in Category if sensitivity_of(c) == Sensitivity.OPEN],
    )
    region_code = forms.ChoiceField(label=gettext_lazy("Place"))
    numbers = forms.CharField(
        label=gettext_lazy("Only these identity numbers"),
        required=False,
        widget=forms.Textarea(attrs={"rows": "6", "class": "mono"}),
        help_text=gettext_lazy("One a line, as copied from a list. Empty: everybody of the place."),
    )

    def __init__(self, *args: Any, root: str, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        place = cast(forms.ChoiceField, self.fields["region_code"])
        place.choices = [(root, _("All")), *((one.code, one.name) for one in children(root))]

    def clean_numbers(self) -> list[str]:
        """Canonical numbers, each once. Lines that are none are named by their place."""
        read, wrong = [], []
        for place, line in enumerate(self.cleaned_data["numbers"].splitlines(), 1):
            text = squeeze(line).upper()
            if not text:
                continue
            try:
                read.append(read_person_number(text, on=self.today).number)
            except Unreadable:
                wrong.append(str(place))
        if wrong:
            shown = "、".join(wrong[:_SHOWN_FAULTS]) + ("…" if len(wrong) > _SHOWN_FAULTS else "")
            raise ValidationError(_("No identity number in line %(lines)s.") % {"lines": shown})
        return list(dict.fromkeys(read))


class EndForm(_SetForm):
    """Which category ends."""

    last_day = forms.DateField(label=gettext_lazy("Last day"), widget=_DATE)
    field_order = ("kind", "region_code", "last_day", "numbers")

    def __init__(self, *args: Any, sensitive: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if sensitive:
            cast(forms.ChoiceField, self.fields["kind"]).choices = [(c.value, c.label) for c in Category]


class GiveForm(_SetForm):
    """Which category is given, from when, by whom it was established."""

    valid_from = forms.DateField(label=gettext_lazy("Holds from"), widget=_DATE)
    valid_to = forms.DateField(label=gettext_lazy("Until"), widget=_DATE, required=False)
    source = ProseField(label=gettext_lazy("Established by"), limit=80)
    evidence = ProseField(label=gettext_lazy("Evidence"), limit=120, required=False)
    field_order = ("kind", "valid_from", "valid_to", "source", "evidence", "region_code", "numbers")


class CloseForm(_SetForm):
    """Which households are closed, when, and why their people leave."""

    on = forms.DateField(label=gettext_lazy("On"), widget=_DATE)
    why = forms.ChoiceField(label=gettext_lazy("Why the people leave"))
    field_order = ("region_code", "on", "why", "numbers")

    def __init__(self, *args: Any, villages: list[tuple[str, str]], root: str, **kwargs: Any) -> None:
        super().__init__(*args, root=root, **kwargs)
        del self.fields["kind"]
        cast(forms.ChoiceField, self.fields["why"]).choices = EndReason.to_choose()
        cast(forms.ChoiceField, self.fields["region_code"]).choices = [(root, _("All, by the list")), *villages]
        self.fields["numbers"].help_text = _(
            "One a line: the households in which these people live. Empty: all households of the village."
        )


class BulkReasonForm(forms.Form):
    """Why; and what the dry run said."""

    reason = ProseField(
        label=gettext_lazy("Reason"), limit=200, help_text=gettext_lazy("For example the number of the document.")
    )
    expected = forms.IntegerField(widget=forms.HiddenInput)
