"""Django application: portal."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """The app `portal`."""

    name = "boai.portal"
    label = "portal"
