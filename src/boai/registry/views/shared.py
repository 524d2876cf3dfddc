"""What the pages of this app share: a form on a page of its own, errors of services on their fields, keyset links."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import IntegrityError
from django.forms import BaseForm
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from boai.kernel.errors import BadInput, UnableTo
from boai.people.access import StaffRequest
from boai.registry.services.happening import refusal


@contextmanager
def errors_into(form: BaseForm) -> Iterator[None]:
    """What a service refuses is said on the form, with everything that was typed still there."""
    try:
        yield
    except BadInput as error:
        add_errors(form, error)
    except UnableTo as error:
        form.add_error(None, error.message)
    except IntegrityError as error:  # a constraint that the database asks only when everything is written
        said = refusal(error)
        if said is error:
            raise
        form.add_error(None, str(said))


def add_errors(form: BaseForm, error: BadInput) -> None:
    """Put a service's sentences on the fields they belong to."""
    for field, sentences in error.fields.items():
        for sentence in sentences:
            form.add_error(field if field in form.fields else None, sentence)
    if not error.fields:
        form.add_error(None, error.message)


def form_page(
    request: StaffRequest,
    form: BaseForm,
    *,
    title: str,
    back: str,
    submit: str = "",
    lead: str = "",
    kind: str = "primary",
    draft: str = "",
) -> HttpResponse:
    """A page with one form."""
    context = {
        "form": form,
        "page_title": title,
        "lead_sentence": lead,
        "back": back,
        "submit": submit or _("Save"),
        "kind": kind,
        "draft": draft,
    }
    return render(request, "registry/form.html", context, status=422 if form.errors else 200)


def find_page(request: StaffRequest, form: BaseForm, *, title: str, back: str, lead: str = "") -> HttpResponse:
    """A page that asks one thing first; the answer stands in the address."""
    context = {"form": form, "page_title": title, "lead_sentence": lead, "back": back}
    return render(request, "registry/find.html", context, status=422 if form.errors else 200)


def page_url(request: StaffRequest, key: str) -> str:
    """The present address at another place of the list; "" when there is none."""
    if not key:
        return ""
    values = request.GET.copy()
    values["key"] = key
    return f"?{values.urlencode()}"


def is_uuid(text: str) -> bool:
    """Whether a posted key can be a key at all."""
    try:
        UUID(text)
    except ValueError:
        return False
    return True
