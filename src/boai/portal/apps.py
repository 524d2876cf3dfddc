"""Django application: portal."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    """The app `portal`."""

    name = "boai.portal"
    label = "portal"

    def ready(self) -> None:
        """Say what the portal's log entries mean and what it writes to applicants."""
        from boai.audit import types
        from boai.messages import templates
        from boai.messages.enums import Channel

        types.register({"portal.application.consented": _("The applicant answered the consents (texts of %(texts)s)")})
        templates.register(
            templates.Template(
                code="portal.case_received",
                name=_("Case code for the applicant"),
                subject=_("Application received"),
                body=_(
                    "{branch} has received your application. Case code: {code}. To follow it: {address} with the code "
                    "and the last four digits of this number. Applying is free; nobody may ask you for money."
                ),
                channels=frozenset({Channel.GATEWAY}),
            )
        )
