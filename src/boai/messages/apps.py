"""Django application: messages."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MessagesConfig(AppConfig):
    """One outbox for the inbox, e-mail, and text messages."""

    name = "boai.messages"
    label = "boai_messages"
    verbose_name = _("Messages")

    def ready(self) -> None:
        from boai.audit import types  # needs the app registry

        types.register({"messages.message.resent": _("Sent a message again (%(template)s)")})
