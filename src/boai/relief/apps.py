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
        from boai.registry.queries.requests import copy_part_register
        from boai.relief.marks import SENTENCES
        from boai.relief.queries.persons import cases_of_person, relief_keeps
        from boai.relief.rekeying import cases_follow, doors_follow

        types.register(SENTENCES)
        from boai.registry import help
        from boai.relief.queries.given import SOURCE, relief_help

        help.provider_register(SOURCE, relief_help)
        copy_part_register("relief", cases_of_person)
        from boai.registry.keepers import keeper_register

        keeper_register("relief", relief_keeps)
        followers_register("cases", cases_follow)
        followers_register("doors", doors_follow)
