"""Django application: messages."""

from django.apps import AppConfig


class MessagesConfig(AppConfig):
    """The app `messages`."""

    name = "boai.messages"
    label = "boai_messages"
