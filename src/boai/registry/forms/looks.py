"""What a supervisor types about looks. Forms parse and clean; they never save."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy

from boai.kernel.text.names import read_name
from boai.registry.forms.households import ProseField, ReadField


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


class WatchForm(forms.Form):
    """A name for the watch list."""

    name = ReadField(label=gettext_lazy("Name"), max_length=100, read=read_name, rules="name")
    note = ProseField(label=gettext_lazy("Why (only supervisors see it)"), limit=120, required=False)
