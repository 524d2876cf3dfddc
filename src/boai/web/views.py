"""The shell's own pages."""

from __future__ import annotations

from django.db import connection
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import redirect

from boai.people.access import StaffRequest, signed_in
from boai.web.context import navigation


def health(request: HttpRequest) -> JsonResponse:
    """For supervisors and proxies: does the web process answer, and does its database?"""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"ok": True})


@signed_in
def start(request: StaffRequest) -> HttpResponseBase:
    """After sign-in: the first page that the post opens, which for most is the desk."""
    entries = navigation(request.actor, request.path)
    return redirect(entries[0]["url"] if entries else "messages:inbox")
