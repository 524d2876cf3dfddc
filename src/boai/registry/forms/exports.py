"""What is typed about a list. Forms parse and clean; they never save."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from boai.regions.queries import children
from boai.registry.enums import Category, Sensitivity, sensitivity_of
from boai.registry.forms.households import ProseField


class ExportForm(forms.Form):
    """Which people, and what for."""

    region = forms.ChoiceField(label=gettext_lazy("Place"), required=False)
    category = forms.ChoiceField(
        label=gettext_lazy("Category"),
        required=False,
        choices=[
            ("", gettext_lazy("All")),
            *((c.value, c.label) for c in Category if sensitivity_of(c) == Sensitivity.OPEN),
        ],
    )
    outside = forms.ChoiceField(
        label=gettext_lazy("Who gets it"), widget=forms.RadioSelect, initial="",
        choices=[("inside", gettext_lazy("Our own branch, for its work")),
                 ("outside", gettext_lazy("Somebody else: only people who have agreed to that are on it"))],
    )  # fmt: skip
    purpose = ProseField(
        label=gettext_lazy("What for, and who gets it"),
        limit=120,
        help_text=gettext_lazy("Stands in the list itself, with your name."),
    )

    def __init__(self, *args: Any, root: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        place: Any = self.fields["region"]
        place.choices = [("", _("All")), *((one.code, one.name) for one in children(root))]
