"""The style guide: every component in every state, to look at and to run axe over."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from boai.web import samples

FACES = {"": "web/styleguide/office.html", "public": "web/styleguide/public.html", "print": "web/styleguide/print.html"}


def styleguide(request: HttpRequest) -> HttpResponse:
    """Show the components in the officer's shell, in the portal's (`?face=public`), or on paper (`?face=print`).

    `?page=503` (400, 403, 404, 409, 429, 500, signed_out) shows an error page. A form that is sent is
    answered like a real one, and nothing is kept.
    """
    error_page = request.GET.get("page", "")
    if error_page in samples.ERROR_PAGES:
        kept = [("reason", "屋顶漏雨")] if request.GET.get("kept") else []
        return render(request, f"web/errors/{error_page}.html", {"message": "", "kept": kept, "back": "/styleguide/"})
    if request.method == "POST":
        messages.success(request, _("Taken. In the style guide nothing is kept."))
        return redirect(request.get_full_path())
    blank = samples.SampleForm(prefix="blank")
    wrong = samples.SampleForm(
        {"wrong-amount": "一千", "wrong-id_number": "62112119560304", "wrong-way": "x"}, prefix="wrong"
    )
    wrong.is_valid()
    wrong.add_error(None, ValidationError(_("This village is not in your division.")))
    context = samples.everything() | {
        "form": blank,
        "wrong": wrong,
        "filter_form": samples.SampleFilter(request.GET or None),
        "face": request.GET.get("face", ""),
    }
    return render(request, FACES.get(request.GET.get("face", ""), FACES[""]), context)
