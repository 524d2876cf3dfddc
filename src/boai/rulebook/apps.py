"""Django application: the rulebook."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RulebookConfig(AppConfig):
    """Thresholds and periods, by division and date."""

    name = "boai.rulebook"
    label = "rulebook"
    verbose_name = _("Rulebook")

    def ready(self) -> None:
        from boai.audit import types

        types.register({"rulebook.rule.set": _("Rule %(title)s set to: %(shown)s, from %(valid_from)s")})
