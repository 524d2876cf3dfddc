"""Django application: relief."""

from django.apps import AppConfig


class ReliefConfig(AppConfig):
    """The app `relief`."""

    name = "boai.relief"
    label = "relief"
