"""Who may set rules."""

from __future__ import annotations

from django.utils.translation import gettext as _

from boai.kernel.policy import ALLOWED, Verdict, deny
from boai.people.actor import Actor
from boai.people.roles import Duty


def may_read(actor: Actor, region_code: str) -> Verdict:
    """Rules are no secret: every member of staff may read them."""
    return ALLOWED if actor.post_id is not None else deny(_("Sign in to read the rulebook."))


def may_set(actor: Actor, region_code: str) -> Verdict:
    """Those who keep the rules set them for their own division and below."""
    if not actor.has(Duty.RULES_WRITE):
        return deny(_("Only an administrator or the branch secretary may set rules."))
    if not actor.reaches(region_code):
        return deny(_("You may set rules for your own division and below it."))
    return ALLOWED
