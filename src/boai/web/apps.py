"""Django application: web."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """The app `web`."""

    name = "boai.web"
    label = "web"
