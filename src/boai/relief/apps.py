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
        from boai.kernel.rekeying import followers_register
        from boai.relief.marks import SENTENCES
        from boai.relief.rekeying import cases_follow, doors_follow

        types.register(SENTENCES)
        followers_register("cases", cases_follow)
        followers_register("doors", doors_follow)
