"""Inviting people, giving and ending posts."""

from __future__ import annotations

import hashlib
import secrets
from datetime import date, datetime, timedelta
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from boai.audit.services import record
from boai.kernel.clock import local_date
from boai.kernel.errors import BadInput, NotFound, UnableTo
from boai.kernel.policy import require
from boai.people import policies
from boai.people.actor import Actor
from boai.people.models import Branch, Invitation, Post, User
from boai.people.roles import ROLES

INVITATION_DAYS = 7


def _check_post(role: str, starts_on: date, ends_on: date | None) -> None:
    if role not in ROLES:
        raise BadInput(fields={"role": [_("Choose a role from the list.")]})
    if ends_on is not None and ends_on < starts_on:
        raise BadInput(fields={"ends_on": [_("The post would end before it begins.")]})


def _fingerprint(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


@transaction.atomic
def invitation_create(
    *,
    actor: Actor,
    branch_id: UUID,
    name: str,
    email: str,
    role: str,
    starts_on: date,
    ends_on: date | None,
    at: datetime,
) -> tuple[Invitation, str]:
    """Invite a person to a post. Returns the invitation and its secret token, which is kept nowhere else."""
    branch = Branch.objects.filter(id=branch_id).first()
    if branch is None:
        raise NotFound
    require(policies.may_manage, actor, branch)
    _check_post(role, starts_on, ends_on)
    token = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        token_hash=_fingerprint(token), name=name, email=email, branch=branch, role=role, starts_on=starts_on,
        ends_on=ends_on, invited_by_id=actor.user_id, created_at=at, expires_at=at + timedelta(days=INVITATION_DAYS),
    )  # fmt: skip
    record("people.invitation.created", branch, actor=actor, at=at, invitation=str(invitation.id), role=role, name=name)
    return invitation, token


def invitation_open(*, token: str, at: datetime) -> Invitation:
    """The invitation behind a link, if it still stands. Raises NotFound."""
    invitation = Invitation.objects.select_related("branch").filter(token_hash=_fingerprint(token)).first()
    if invitation is None or invitation.accepted_at or invitation.withdrawn_at or invitation.expires_at <= at:
        raise NotFound(_("This invitation is no longer valid. Ask the branch for a new one."))
    return invitation


@transaction.atomic
def invitation_accept(*, token: str, username: str, password: str, at: datetime) -> User:
    """Make the account with the person's own user name and password, and let them take up the post."""
    invitation = (
        Invitation.objects.select_for_update(of=["self"])
        .select_related("branch")
        .filter(token_hash=_fingerprint(token))
        .first()
    )
    if invitation is None or invitation.accepted_at or invitation.withdrawn_at or invitation.expires_at <= at:
        raise NotFound(_("This invitation is no longer valid. Ask the branch for a new one."))
    user = User(
        username=User.normalize_username(username), name=invitation.name, email=invitation.email, date_joined=at
    )
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise BadInput(fields={"password": error.messages}) from None
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError:
        raise BadInput(fields={"username": [_("This user name is taken. Choose another.")]}) from None
    post = Post.objects.create(
        user=user, branch=invitation.branch, role=invitation.role,
        starts_on=invitation.starts_on, ends_on=invitation.ends_on,
    )  # fmt: skip
    invitation.accepted_at, invitation.accepted_by = at, user
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    actor = Actor.in_post(
        user_id=user.id, name=user.name, role=post.role, post_id=post.id, branch_id=post.branch_id,
        branch_name=invitation.branch.name, region_code=invitation.branch.region_code,
    )  # fmt: skip
    record("people.invitation.accepted", invitation.branch, actor=actor, at=at, invitation=str(invitation.id))
    return user


@transaction.atomic
def invitation_withdraw(*, actor: Actor, invitation_id: UUID, at: datetime) -> Invitation:
    """Make an unanswered invitation worthless."""
    invitation = (
        Invitation.objects.select_for_update(of=["self"]).select_related("branch").filter(id=invitation_id).first()
    )
    if invitation is None:
        raise NotFound
    require(policies.may_withdraw, actor, invitation)
    if invitation.accepted_at:
        raise UnableTo(_("The invitation has already been accepted. End the post instead."))
    invitation.withdrawn_at = at
    invitation.save(update_fields=["withdrawn_at"])
    record("people.invitation.withdrawn", invitation.branch, actor=actor, at=at, invitation=str(invitation.id))
    return invitation


@transaction.atomic
def post_give(
    *, actor: Actor, user_id: UUID, branch_id: UUID, role: str, starts_on: date, ends_on: date | None, at: datetime
) -> Post:
    """Give a post to somebody who already has an account."""
    branch, user = Branch.objects.filter(id=branch_id).first(), User.objects.filter(id=user_id).first()
    if branch is None or user is None:
        raise NotFound
    require(policies.may_manage, actor, branch)
    _check_post(role, starts_on, ends_on)
    try:
        with transaction.atomic():
            post = Post.objects.create(user=user, branch=branch, role=role, starts_on=starts_on, ends_on=ends_on)
    except IntegrityError:
        raise UnableTo(_("This person already holds this post in that time.")) from None
    record("people.post.given", branch, actor=actor, at=at, post=str(post.id), user=str(user.id), role=role)
    return post


@transaction.atomic
def post_end(*, actor: Actor, post_id: UUID, at: datetime) -> Post:
    """End a post today: access ends with the day before, that is at once."""
    post = Post.objects.select_for_update(of=["self"]).select_related("branch").filter(id=post_id).first()
    if post is None:
        raise NotFound
    require(policies.may_end_post, actor, post)
    yesterday = local_date(at) - timedelta(days=1)
    if post.ends_on is not None and post.ends_on <= yesterday:
        raise UnableTo(_("This post has already ended."))
    if post.starts_on > yesterday:
        record("people.post.cancelled", post.branch, actor=actor, at=at, post=str(post.id), user=str(post.user_id))
        post.delete()
        return post
    post.ends_on = yesterday
    post.save(update_fields=["ends_on"])
    record("people.post.ended", post.branch, actor=actor, at=at, post=str(post.id), user=str(post.user_id))
    return post


@transaction.atomic
def first_admin_invite(*, region_code: str, branch_name: str, name: str, at: datetime) -> tuple[Invitation, str]:
    """Found a branch and invite its first administrator: for the command line of the installation only.

    Raises UnableTo while the branch has an administrator who can invite others. When the last one's term has run out or
    their account was closed, this is the way back in.
    """
    branch, _made = Branch.objects.get_or_create(
        region_code=region_code, kind="society", defaults={"name": branch_name}
    )
    today = local_date(at)
    holding = Q(ends_on__isnull=True) | Q(ends_on__gte=today)
    if Post.objects.filter(holding, branch=branch, role="admin", user__is_active=True).exists():
        raise UnableTo(_("This branch already has an administrator, who can invite others."))
    token = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        token_hash=_fingerprint(token), name=name, branch=branch, role="admin", starts_on=today,
        created_at=at, expires_at=at + timedelta(days=INVITATION_DAYS),
    )  # fmt: skip
    record(
        "people.invitation.created", branch, actor=Actor.system(), at=at, invitation=str(invitation.id), role="admin"
    )
    return invitation, token
