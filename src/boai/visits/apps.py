"""Django application: visits."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VisitsConfig(AppConfig):
    """Visits planned at the desk, made with a phone, signal or not."""

    name = "boai.visits"
    label = "visits"
    verbose_name = _("Visits")

    def ready(self) -> None:
        """Tell the log what our entries mean, and the register which visits a household had."""
        from boai.audit import types  # needs the app registry
        from boai.registry import calls
        from boai.registry.queries.requests import copy_part_register
        from boai.visits.marks import SENTENCES
        from boai.visits.queries.households import calls_of, visits_of_person

        types.register(SENTENCES)
        calls.provider_register("visits", calls_of)
        copy_part_register("visits", visits_of_person)
