"""Every address of Boai: officer pages by app, the public portal at the root."""

from __future__ import annotations

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from boai.audit.views import log
from boai.people.access import signed_in
from boai.web import failures, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", views.health, name="health"),
    path("start/", views.start, name="start"),
    path("accounts/", include("allauth.urls")),
    path("people/", include("boai.people.urls")),
    path("regions/", include("boai.regions.urls")),
    path("rules/", include("boai.rulebook.urls")),
    path("inbox/", include("boai.messages.urls")),
    path("register/", include("boai.registry.urls")),
    path("meetings/", include("boai.governance.urls")),
    path("visits/", include("boai.visits.urls")),
    path("log/", signed_in(log), name="log"),  # audit lies below people, so its door is hung here
    path("", include("boai.relief.urls")),
    path("", include("boai.journeys.urls")),
    path("", include("boai.portal.urls")),
]
if settings.DEBUG or settings.DEMO or settings.TESTING:
    from boai.web.views_styleguide import styleguide

    urlpatterns.insert(0, path("styleguide/", styleguide, name="styleguide"))

handler400 = failures.bad_request
handler403 = failures.permission_denied
handler404 = failures.page_not_found
handler500 = failures.server_error
