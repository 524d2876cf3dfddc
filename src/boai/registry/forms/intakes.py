"""Register files as somebody sends them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext, gettext_lazy

from boai.registry.enums import IntakeKind

_TYPES = ".xlsx,.xls,.et,.ods,.csv,.txt,.xlsb"


class FilesInput(forms.FileInput):
    """A file input that takes several."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files at once; cleans to a list."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        """Each one as a single file is cleaned."""
        listed = data if isinstance(data, list | tuple) else [data] if data else []
        if not listed:
            super().clean(None, initial)
        return [self._one(one, initial, several=len(listed) > 1) for one in listed]

    def _one(self, data: UploadedFile, initial: Any, *, several: bool) -> UploadedFile:
        try:
            file: UploadedFile = super().clean(data, initial)
        except ValidationError as error:
            if not several:
                raise
            said = {"file": data.name, "sentence": "".join(error.messages)}
            raise ValidationError(gettext("“%(file)s”: %(sentence)s") % said, code=error.code) from error
        return file


class ReturnForm(forms.Form):
    """A findings workbook that came back."""

    workbook = forms.FileField(
        label=gettext_lazy("Corrected findings workbook"),
        help_text=gettext_lazy(
            "The workbook downloaded here, as the village has corrected it. What was changed is shown before anything "
            "is taken over."
        ),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.et,.ods"}),
    )

    def upload(self) -> UploadedFile:
        """The file that was sent."""
        file: UploadedFile = self.cleaned_data["workbook"]
        return file


class IntakeForm(forms.Form):
    """Register files."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What is in the file?"),
        choices=IntakeKind.choices,
        initial=IntakeKind.REGISTER,
        required=False,
        widget=forms.RadioSelect,
        help_text=gettext_lazy(
            "Corrections: identity number (or household number and name) and only the columns to be changed. Empty "
            "cells change nothing."
        ),
    )
    file = FilesField(
        label=gettext_lazy("Register files"),
        help_text=gettext_lazy(
            "XLSX, XLS, ODS or CSV, as the villages sent them; several at once become one import. Nothing enters the "
            "register yet."
        ),
        widget=FilesInput(attrs={"accept": _TYPES}),
    )

    def clean_kind(self) -> str:
        """New people, unless somebody says otherwise."""
        return self.cleaned_data["kind"] or IntakeKind.REGISTER

    def uploads(self) -> list[UploadedFile]:
        """The files that were sent."""
        files: list[UploadedFile] = self.cleaned_data["file"]
        return files
