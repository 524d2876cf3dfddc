"""Search as one types, and the next select of the cascade. Places are public; nothing here knows who asks."""

from __future__ import annotations

import re

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET

from boai.kernel.errors import BadInput
from boai.regions import codes, queries
from boai.regions.forms import chain, picker_context

_FIELD_NAME = re.compile(r"[A-Za-z][\w\-]{0,59}\Z", re.ASCII)
_AN_HOUR = 3600


@require_GET
@cache_control(public=True, max_age=_AN_HOUR)
def search(request: HttpRequest) -> HttpResponseBase:
    """?q=…&root=…&deepest=…: JSON, or for a picker (&field=…) its list of hits."""
    root, deepest = _area(request)
    levels = tuple(range(codes.PROVINCE, deepest + 1))
    field = request.GET.get("field", "")
    typed = request.GET.get(f"{field}-text" if field else "q", "")
    hits = queries.search(typed, within=codes.span(root), levels=levels)
    if not field:
        rows = [{"code": h.code, "name": h.name, "level": h.level, "where": h.where} for h in hits]
        return JsonResponse({"results": rows}, json_dumps_params={"ensure_ascii": False})
    context = {
        "hits": hits, "asked": typed.strip(), "picker_name": _field(field), "picker_root": root,
        "picker_deepest": deepest,
    }  # fmt: skip
    return _partial(request, "regions/hits.html", context)


@require_GET
@cache_control(public=True, max_age=_AN_HOUR)
def picker(request: HttpRequest) -> HttpResponseBase:
    """The whole picker anew after a choice: ?field=village&root=…&deepest=5&village=CODE. When a choice is taken back
    (village=), `parent` is what is left of it."""
    root, deepest = _area(request)
    field = _field(request.GET.get("field", ""))
    chosen = chain(root, request.GET.getlist(field)) or chain(root, request.GET.getlist("parent"))
    context = picker_context(field, "" if chosen == root else chosen, root=root, deepest=deepest)
    return _partial(request, "regions/picker.html", context | {"picker_live": True})


def _partial(request: HttpRequest, template: str, context: dict[str, object]) -> HttpResponse:
    answer = render(request, template, context)
    answer["X-Robots-Tag"] = "noindex"
    return answer


def _field(name: str) -> str:
    if not _FIELD_NAME.match(name):
        raise BadInput(_("This address is not complete."))
    return name


def _area(request: HttpRequest) -> tuple[str, int]:
    root, deepest = request.GET.get("root", codes.COUNTRY), request.GET.get("deepest", str(codes.VILLAGE))
    if not codes.is_code(root) or deepest not in {"1", "2", "3", "4", "5"}:
        raise BadInput(_("This address is not complete."))
    return root, int(deepest)
