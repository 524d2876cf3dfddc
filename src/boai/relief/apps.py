"""Django application: humanitarian relief, case by case."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReliefConfig(AppConfig):
    """Programmes, cases, payments."""

    name = "boai.relief"
    label = "relief"
    verbose_name = _("Relief")

    def ready(self) -> None:
        from boai.audit import types  # needs the app registry
        from boai.relief.marks import SENTENCES

        types.register(SENTENCES)
        from boai.registry import help
        from boai.relief.queries.given import SOURCE, relief_help

        help.provider_register(SOURCE, relief_help)
