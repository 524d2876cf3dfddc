"""Django application: journeys."""

from django.apps import AppConfig


class JourneysConfig(AppConfig):
    """The app `journeys`."""

    name = "boai.journeys"
    label = "journeys"
