"""Django application: regions."""

from django.apps import AppConfig


class RegionsConfig(AppConfig):
    """The app `regions`."""

    name = "boai.regions"
    label = "regions"
