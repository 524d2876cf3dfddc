"""Placeholder until the style guide is in place."""

from django.http import HttpRequest, HttpResponse


def styleguide(request: HttpRequest) -> HttpResponse:
    """To be replaced."""
    return HttpResponse("styleguide")
