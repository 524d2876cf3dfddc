"""What can be wrong with a file, as sentences for the person who sent it or who wants to see it."""

from __future__ import annotations

from django.utils.translation import gettext as _

from boai.kernel.errors import BadInput, BoaiError, UnableTo


class FileRefused(BadInput):
    """The file can't be taken. `str(error)` is the sentence; `error.fields` ties it to the form's field."""

    def __init__(self, sentence: str, *, field: str = "file") -> None:
        super().__init__(sentence, {field: [sentence]})


class FileDamaged(UnableTo):
    """The stored bytes are not those that were stored: damaged or tampered with."""

    def __init__(self) -> None:
        super().__init__(
            _("The stored file is damaged and was not opened. Ask the administrator to restore it from a backup.")
        )


class FileMissing(UnableTo):
    """The row is there, the stored bytes are not."""

    def __init__(self) -> None:
        super().__init__(
            _("The contents of this file are not in the store. Ask the administrator to restore them from a backup.")
        )


class StoreUnusable(BoaiError):
    """The file store can't be reached or is not set up; the sentence says what the administrator has to do."""

    status = 503
