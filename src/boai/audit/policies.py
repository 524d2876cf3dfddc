"""Who may read the log's entries. Heads and proofs are for everybody."""

from __future__ import annotations

from typing import Protocol

from django.utils.translation import gettext as _

from boai.kernel.policy import ALLOWED, Verdict, deny

AUDIT_READ = "audit.read"


class Reader(Protocol):
    """What the policy needs to know of an actor: the duties of the present post."""

    @property
    def duties(self) -> frozenset[str]: ...


def may_read(actor: Reader, _log: None) -> Verdict:
    """Auditors, supervisors and administrators, within their division."""
    return ALLOWED if AUDIT_READ in actor.duties else deny(_("Your post does not include reading the log."))
