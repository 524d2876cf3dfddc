"""Django application: ledger."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """The app `ledger`."""

    name = "boai.ledger"
    label = "ledger"
