"""Who can be sent on a visit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from boai.people.actor import Actor
from boai.people.queries import posts_on
from boai.people.roles import ROLES, Duty
from boai.regions import codes


@dataclass(frozen=True)
class Visitor:
    """Somebody of the staff who makes visits on a day, and the divisions of their posts."""

    user_id: UUID
    name: str
    role: str
    branch: str
    regions: tuple[str, ...]

    def reaches(self, region_code: str) -> bool:
        """Does one of the posts reach this place?"""
        return any(codes.contains(region, region_code) for region in self.regions)


def visitors_on(day: date, *, actor: Actor) -> dict[UUID, Visitor]:
    """Everybody at branches of the actor's division who makes visits on a day, by user id. One query."""
    roles = [role.code for role in ROLES.values() if Duty.VISIT_MAKE in role.duties]
    posts = (
        posts_on(day)
        .filter(role__in=roles, user__is_active=True, branch__region_code__range=(actor.scope.lo, actor.scope.hi))
        .select_related("user", "branch")
        .order_by("branch__region_code", "user__name", "id")
    )
    found: dict[UUID, Visitor] = {}
    for post in posts:
        known = found.get(post.user_id)
        regions = (*(known.regions if known else ()), post.branch.region_code)
        first = known or Visitor(post.user_id, post.user.name, str(ROLES[post.role].name), post.branch.name, ())
        found[post.user_id] = Visitor(first.user_id, first.name, first.role, first.branch, regions)
    return found
