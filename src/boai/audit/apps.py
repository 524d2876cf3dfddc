"""Django application: the tamper-evident log."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AuditConfig(AppConfig):
    """Entries, the Merkle tree, signed heads and proofs."""

    name = "boai.audit"
    label = "audit"

    def ready(self) -> None:
        from boai.audit import types  # needs the app registry

        types.register({"audit.entry.erased": _("Erased what an entry said (%(reason)s)")})
