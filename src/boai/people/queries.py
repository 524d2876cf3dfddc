"""Who holds which post, as of a day."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet

from boai.kernel.errors import NotFound
from boai.people.actor import Actor
from boai.people.models import Branch, Invitation, Post, User
from boai.people.roles import ROLES, Duty
from boai.regions.codes import COUNTRY, path


def _upwards(code: str) -> list[str]:
    """The division itself and everything above it, nearest first, the country last."""
    return [*reversed(path(code)), COUNTRY]


def posts_on(day: date) -> QuerySet[Post]:
    """Posts in force on `day`."""
    return Post.objects.filter(starts_on__lte=day).filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day))


def posts_of(*, user_id: UUID, on: date) -> list[Post]:
    """The posts a person holds on a day, nearest branch first, with their branches. One query."""
    return list(
        posts_on(on)
        .filter(user_id=user_id, user__is_active=True)
        .select_related("branch", "user")
        .order_by("starts_on", "id")
    )


def actor_of(post: Post) -> Actor:
    """The actor for a post (with its user and branch loaded)."""
    return Actor.in_post(
        user_id=post.user.id,
        name=post.user.name,
        role=post.role,
        post_id=post.id,
        branch_id=post.branch_id,
        branch_name=post.branch.name,
        region_code=post.branch.region_code,
    )


def actor_for_post(*, post_id: UUID, on: date) -> Actor:
    """The actor that a job works for: the post must still be held. Raises NotFound."""
    post = posts_on(on).select_related("branch", "user").filter(id=post_id, user__is_active=True).first()
    if post is None:
        raise NotFound
    return actor_of(post)


def branch_of_region(code: str) -> Branch:
    """The Red Cross branch nearest above a division (its own, its county's, its city's…). Raises NotFound."""
    branches = {b.region_code: b for b in Branch.objects.filter(region_code__in=_upwards(code), kind="society")}
    for candidate in _upwards(code):
        if candidate in branches:
            return branches[candidate]
    raise NotFound


def holders(duty: Duty, *, region_code: str, on: date) -> QuerySet[Post]:
    """Posts whose role carries `duty` at branches on the way from a division up to the top."""
    roles = [r.code for r in ROLES.values() if duty in r.duties]
    return (
        posts_on(on)
        .filter(role__in=roles, branch__region_code__in=_upwards(region_code), user__is_active=True)
        .select_related("user", "branch")
    )


def names(user_ids: set[UUID]) -> dict[UUID, str]:
    """Names by user id, for pages that show who did what. One query."""
    return dict(User.objects.filter(id__in=user_ids).values_list("id", "name"))


def posts_in_reach(*, actor: Actor) -> QuerySet[Post]:
    """Every post at branches in the actor's division, newest first."""
    return (
        Post.objects.filter(branch__region_code__range=(actor.scope.lo, actor.scope.hi))
        .select_related("user", "branch")
        .order_by("branch__region_code", "role", "-starts_on")
    )


def branches_in_reach(*, actor: Actor) -> QuerySet[Branch]:
    """Branches and organisations in the actor's division."""
    return Branch.objects.filter(region_code__range=(actor.scope.lo, actor.scope.hi)).order_by("region_code", "name")


def invitations_open(*, actor: Actor) -> QuerySet[Invitation]:
    """Invitations in the actor's division that nobody has accepted or withdrawn."""
    return (
        Invitation.objects.filter(
            branch__region_code__range=(actor.scope.lo, actor.scope.hi),
            accepted_at__isnull=True,
            withdrawn_at__isnull=True,
        )
        .select_related("branch")
        .order_by("-created_at")
    )
