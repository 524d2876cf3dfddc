"""Who may change the list of divisions of this installation."""

from __future__ import annotations

from typing import Any, Protocol
from uuid import UUID

from django.utils.translation import gettext as _

from boai.kernel.policy import ALLOWED, Verdict, deny

MAINTAIN = "rules.write"
"""The duty (boai.people.roles.Duty.RULES_WRITE): divisions are kept by those who keep the rules."""


class Maintainer(Protocol):
    """What this application needs to know of an actor; people.actor.Actor is one."""

    @property
    def user_id(self) -> UUID | None: ...

    @property
    def name(self) -> str: ...

    @property
    def role(self) -> str: ...

    def has(self, duty: Any) -> bool:
        """Does the present post carry this duty?"""

    def reaches(self, region_code: str) -> bool:
        """Does the division lie within the actor's own?"""


def may_maintain(actor: Maintainer, code: str) -> Verdict:
    """Those who keep the rules may replace and add divisions inside their own."""
    if not actor.has(MAINTAIN):
        return deny(_("Only an administrator or the branch secretary may change divisions."))
    if not actor.reaches(code):
        return deny(_("This division lies outside your own."))
    return ALLOWED
