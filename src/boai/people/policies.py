"""Who may manage people."""

from __future__ import annotations

from django.utils.translation import gettext as _

from boai.kernel.policy import ALLOWED, Verdict, deny
from boai.people.actor import Actor
from boai.people.models import Branch, Invitation, Post
from boai.people.roles import Duty


def may_manage(actor: Actor, branch: Branch) -> Verdict:
    """Administrators manage the people of branches in their own division."""
    if not actor.has(Duty.PEOPLE_WRITE):
        return deny(_("Only an administrator of the branch may manage people and posts."))
    if not actor.reaches(branch.region_code):
        return deny(_("This branch is outside your division."))
    return ALLOWED


def may_end_post(actor: Actor, post: Post) -> Verdict:
    """As `may_manage`; nobody ends their own post, so that a branch is never left without its administrator."""
    if post.user_id == actor.user_id:
        return deny(_("You cannot end a post of your own. Ask another administrator."))
    return may_manage(actor, post.branch)


def may_withdraw(actor: Actor, invitation: Invitation) -> Verdict:
    """As `may_manage`."""
    return may_manage(actor, invitation.branch)
