"""Django application: users, branches and posts."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    """People and the posts they hold."""

    name = "boai.people"
    label = "people"

    def ready(self) -> None:
        from boai.audit import types  # needs the app registry
        from boai.kernel.rekeying import followers_register
        from boai.people.rekeying import factors_reseal

        followers_register("second factors", factors_reseal)
        types.register(
            {
                "kernel.keys.rotation_begun": _("Began to seal everything under a new key"),
                "kernel.keys.rotated": _("Everything is sealed under the new key (%(rows)s rows)"),
            }
        )
