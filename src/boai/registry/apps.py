"""Django application: registry."""

from django.apps import AppConfig


class RegistryConfig(AppConfig):
    """The app `registry`."""

    name = "boai.registry"
    label = "registry"
