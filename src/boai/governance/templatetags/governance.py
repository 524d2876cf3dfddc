"""Tags of governance pages."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import NoReverseMatch, reverse

register = template.Library()


@register.simple_tag
def upstairs(name: str, *args: Any, here: bool = False) -> str:
    """The address of a step that also moves what is above us: a journey's view; with `here` our own when there is none.

    Governance knows no journey; a name that nobody answers to gives "" and the page leaves the button out.
    """
    for app in ("journeys", "governance") if here else ("journeys",):
        try:
            return reverse(f"{app}:{name}", args=args)
        except NoReverseMatch:
            continue
    return ""
