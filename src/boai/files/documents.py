"""Basic checks of a PDF: is it whole? What is inside is left to the viewer, which shows it in a sandbox."""

from __future__ import annotations

import re
from typing import BinaryIO

from django.utils.translation import gettext as _

from boai.files.errors import FileRefused

_TAIL = 4096
_END = re.compile(rb"startxref\s+(\d+)\s+%%EOF")


def pdf_check(file: BinaryIO, size: int) -> None:
    """The end of the file must be there and point to a table inside it. Raises FileRefused when the file was cut."""
    file.seek(max(0, size - _TAIL))
    ends = _END.findall(file.read(_TAIL))
    if not ends or int(ends[-1]) >= size:
        raise FileRefused(_("This PDF is damaged: its end is missing. Export or scan it again and send that."))
