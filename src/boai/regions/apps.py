"""Django application: administrative divisions."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RegionsConfig(AppConfig):
    """Divisions of China and how clerks write them."""

    name = "boai.regions"
    label = "regions"
    verbose_name = _("Divisions")

    def ready(self) -> None:
        from boai.audit import types

        types.register(
            {
                "regions.division.added": _("Division %(name)s added, from %(valid_from)s"),
                "regions.division.replaced": _("Division ended on %(valid_to)s, successor: %(successor)s"),
            }
        )
