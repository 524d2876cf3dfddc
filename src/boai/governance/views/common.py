"""What the views share: run one service for one form, and say on the form what could not be taken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django import forms
from django.http import HttpResponse

from boai.kernel.errors import BadInput, NotFound


def carried_out(form: forms.Form, call: Callable[[dict[str, Any]], Any]) -> bool:
    """Call the service with the cleaned data; True when it went through. What it refuses as input lands on the form."""
    if not form.is_valid():
        return False
    try:
        call(form.cleaned_data)
    except BadInput as error:
        for name, sentences in error.fields.items():
            for sentence in sentences:
                form.add_error(name if name in form.fields else None, sentence)
        if not form.errors:
            form.add_error(None, error.message)
        return False
    return True


def key(text: str | None) -> UUID | None:
    """The key of a page from the address; None for the first page. Raises NotFound for nonsense."""
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None


def pdf(content: bytes, name: str) -> HttpResponse:
    """A paper to look at or save; never kept by anybody on the way."""
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f"inline; filename=\"paper.pdf\"; filename*=UTF-8''{quote(name)}.pdf"
    response["Cache-Control"] = "private, no-store"
    return response
