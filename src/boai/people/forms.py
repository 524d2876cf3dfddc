"""What people type on the pages of this app."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from boai.kernel.text.faults import Unreadable
from boai.kernel.text.folding import check_text, clean
from boai.kernel.text.names import LONGEST_NAME
from boai.people.models import Branch
from boai.people.roles import role_choices


class NameField(forms.CharField):
    """A person's name: one tidy line without anything that hides or turns text around (U+202E and its kin)."""

    def clean(self, value: Any) -> str:
        text = str(super().clean(value) or "")
        try:
            check_text(text, limit=self.max_length or LONGEST_NAME)
        except Unreadable:
            raise forms.ValidationError(
                _("There are characters in this name that cannot be seen or are damaged. Type it again.")
            ) from None
        tidy = clean(text)
        if text and not tidy:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return tidy


class InviteForm(forms.Form):
    """Who is invited, to which post, for how long."""

    name = NameField(label=_("Full name"), max_length=40)
    email = forms.EmailField(label=_("E-mail"), required=False)
    branch = forms.ModelChoiceField(label=_("Branch"), queryset=Branch.objects.none())
    role = forms.ChoiceField(label=_("Role"), choices=role_choices)
    starts_on = forms.DateField(label=_("From"), widget=forms.DateInput(attrs={"type": "date"}))
    ends_on = forms.DateField(
        label=_("Until (may stay empty)"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, *args: Any, branches: QuerySet[Branch], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["branch"]
        field.queryset = branches

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        start, end = data.get("starts_on"), data.get("ends_on")
        if start and end and end < start:
            self.add_error("ends_on", _("The post would end before it begins."))
        return data

    def cleaned(self) -> dict[str, Any]:
        """Arguments for the service."""
        data = dict(self.cleaned_data)
        data["branch_id"] = data.pop("branch").id
        return data


class AcceptForm(forms.Form):
    """The account that the invited person makes."""

    username = forms.RegexField(
        label=_("User name"),
        regex=r"^[\w.\-]{2,64}$",
        help_text=_("2 to 64 letters, Chinese characters, digits, dots or hyphens."),
    )
    password = forms.CharField(
        label=_("Password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 10 characters, not only digits."),
    )
