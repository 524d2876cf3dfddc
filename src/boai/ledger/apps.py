"""Django application: the ledger."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LedgerConfig(AppConfig):
    """Accounts, documents and transfers: money, goods, points and minutes."""

    name = "boai.ledger"
    label = "ledger"

    def ready(self) -> None:
        from boai.audit import types  # needs the app registry

        types.register({
            "ledger.account.closed": _("Closed the account %(code)s"),
            "ledger.account.reopened": _("Opened the account %(code)s again"),
        })  # fmt: skip
