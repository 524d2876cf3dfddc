"""The log for those who read it: what was done, whether the log keeps up, whether it is whole.

The room stands below `people`, so the door (signed in, with a post, with the second factor) is hung in front of this
view where it is mounted, in web/urls.py.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from boai.audit import policies, queries
from boai.kernel.errors import NotFound
from boai.kernel.policy import require

PAGE = 50


def log(request: HttpRequest) -> HttpResponse:
    """The newest entries within the actor's division, and the state of the log."""
    actor: Any = request.actor  # type: ignore[attr-defined]  # set by the door
    require(policies.may_read, actor, None)
    marks = queries.entries_page(actor=actor, before=_uuid(request.GET.get("before")), size=PAGE + 1)
    return render(
        request,
        "audit/log.html",
        {
            "health": queries.health(),
            "marks": marks[:PAGE],
            "next_url": f"?before={marks[PAGE - 1].entry_id}" if len(marks) > PAGE else "",
            "columns": [_("When"), _("Who"), _("What was done"), {"label": _("Number in the log"), "align": "num"}],
        },
    )


def _uuid(text: str | None) -> UUID | None:
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None
