"""What a bulk step asks for besides the cases."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from boai.governance.models import Meeting


class AgendaForm(forms.Form):
    """Onto which meeting's agenda."""

    meeting = forms.ModelChoiceField(Meeting.objects.none(), label=_("Meeting"), empty_label=None)

    def __init__(self, *args: Any, meetings: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["meeting"].queryset = meetings  # type: ignore[attr-defined]  # a ModelChoiceField


class NoteForm(forms.Form):
    """A remark that goes into every file."""

    note = forms.CharField(label=_("Remark"), required=False, max_length=500, widget=forms.Textarea)
