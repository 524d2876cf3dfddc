"""Django application: rulebook."""

from django.apps import AppConfig


class RulebookConfig(AppConfig):
    """The app `rulebook`."""

    name = "boai.rulebook"
    label = "rulebook"
