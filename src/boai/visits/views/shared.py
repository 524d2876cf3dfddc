"""What the pages of this app share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from boai.kernel.errors import BadInput, UnableTo
from boai.people.access import StaffRequest


@contextmanager
def errors_into(form: BaseForm) -> Iterator[None]:
    """What a service refuses is said on the form, with everything that was typed still there."""
    try:
        yield
    except BadInput as error:
        for field, sentences in error.fields.items():
            for sentence in sentences:
                form.add_error(field if field in form.fields else None, sentence)
        if not error.fields:
            form.add_error(None, error.message or _("This cannot be taken as it is."))
    except UnableTo as error:
        form.add_error(None, error.message)


def form_page(
    request: StaffRequest, form: BaseForm, *, title: str, back: str, submit: str, lead: str = "", kind: str = "primary",
    draft: str = "", multipart: bool = False,
) -> HttpResponse:  # fmt: skip
    """A page with one form."""
    context = {
        "form": form,
        "page_title": title,
        "lead_sentence": lead,
        "back": back,
        "submit": submit,
        "kind": kind,
        "draft": draft,
        "multipart": multipart,
        "crumbs": crumbs({"label": title, "url": ""}),
    }
    return render(request, "visits/form.html", context, status=422 if form.errors else 200)


def crumbs(*more: dict[str, Any]) -> list[dict[str, Any]]:
    """The way here, from the list of visits."""
    return [{"label": _("Visits"), "url": reverse("visits:list")}, *more]


def day_asked(request: HttpRequest, default: date) -> date:
    """The day in the address; today when there is none or it cannot be read."""
    try:
        return date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return default
