"""Django application: governance."""

from django.apps import AppConfig


class GovernanceConfig(AppConfig):
    """The app `governance`."""

    name = "boai.governance"
    label = "governance"
