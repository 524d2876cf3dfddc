"""Django application: audit."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """The app `audit`."""

    name = "boai.audit"
    label = "audit"
