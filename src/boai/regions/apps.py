"""Django application: administrative divisions."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RegionsConfig(AppConfig):
    """Divisions of China and how clerks write them."""

    name = "boai.regions"
    label = "regions"
    verbose_name = _("Divisions")
