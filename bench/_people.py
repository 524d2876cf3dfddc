"""People with posts, for benches that act as several of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import uuid4

from boai.kernel.clock import now
from boai.people.actor import Actor
from boai.people.models import Branch, Post, User


def maker(branch: Branch) -> Callable[..., Actor]:
    """Makes a user with a post at the branch, or at another place: `make("officer")`."""

    def make(role: str, place: Branch | None = None, name: str = "") -> Actor:
        at = place or branch
        user = User.objects.create(
            username=f"{role}-{uuid4().hex[:8]}", name=name or role, date_joined=now(), password="!"
        )
        post = Post.objects.create(user=user, branch=at, role=role, starts_on=date(2026, 1, 1))
        return Actor.in_post(
            user_id=user.id, name=user.name, role=role, post_id=post.id, branch_id=at.id, branch_name=at.name,
            region_code=at.region_code,
        )  # fmt: skip

    return make
