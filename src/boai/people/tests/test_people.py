"""Posts give rights for a time, invitations make accounts, strangers get nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from boai.kernel.errors import BadInput, NotAllowed, NotFound, UnableTo
from boai.people import queries, services
from boai.people.actor import Actor
from boai.people.forms import InviteForm
from boai.people.models import Branch, Invitation, Post, User
from boai.people.roles import ROLES, Duty

ActorFor = Callable[..., Actor]
PASSWORD = "correct-horse-battery"
DAY = timedelta(days=1)


@pytest.fixture
def other_county(db: None) -> Branch:
    return Branch.objects.create(name="思南县红十字会", region_code="520624000000")


def _invite(actor: Actor, branch: Branch, at: datetime) -> tuple[Invitation, str]:
    return services.invitation_create(
        actor=actor, branch_id=branch.id, name="新来的人", email="", role="verifier",
        starts_on=date(2026, 11, 24), ends_on=None, at=at,
    )  # fmt: skip


def test_an_actor_reaches_their_own_subtree_only(actor_for: ActorFor) -> None:
    officer = actor_for("officer")
    assert officer.reaches("621121001001")
    assert not officer.reaches("620100000000")
    assert not officer.reaches("621100000000")
    assert officer.has(Duty.CASE_ACCEPT)
    assert not officer.has(Duty.CASE_APPROVE)


def test_rights_end_with_the_term(actor_for: ActorFor, county: Branch) -> None:
    officer = actor_for("officer")
    assert officer.user_id is not None
    Post.objects.filter(user_id=officer.user_id).update(ends_on=date(2026, 6, 30))
    assert len(queries.posts_of(user_id=officer.user_id, on=date(2026, 6, 30))) == 1
    assert queries.posts_of(user_id=officer.user_id, on=date(2026, 7, 1)) == []


def test_one_post_at_a_time_for_the_same_role(actor_for: ActorFor, county: Branch) -> None:
    officer = actor_for("officer")
    assert officer.user_id is not None
    with pytest.raises(IntegrityError), transaction.atomic():
        Post.objects.create(user_id=officer.user_id, branch=county, role="officer", starts_on=date(2026, 5, 1))


def test_an_invitation_makes_an_account_once(actor_for: ActorFor, county: Branch, at: datetime) -> None:
    admin = actor_for("admin")
    invitation, token = _invite(admin, county, at)
    assert token.encode() not in bytes(Invitation.objects.get(id=invitation.id).token_hash)
    user = services.invitation_accept(token=token, username="新来的", password=PASSWORD, at=at)
    assert user.check_password(PASSWORD)
    assert user.password.startswith("argon2")
    assert queries.posts_of(user_id=user.id, on=date(2026, 11, 24))[0].role == "verifier"
    with pytest.raises(NotFound):
        services.invitation_accept(token=token, username="again", password=PASSWORD, at=at)
    assert User.objects.filter(username="again").count() == 0


def test_an_invitation_runs_out(actor_for: ActorFor, county: Branch, at: datetime) -> None:
    _, token = _invite(actor_for("admin"), county, at)
    late = at + timedelta(days=services.INVITATION_DAYS)
    with pytest.raises(NotFound):
        services.invitation_accept(token=token, username="late", password=PASSWORD, at=late)
    assert not User.objects.filter(username="late").exists()


def test_weak_passwords_and_taken_names_are_refused(actor_for: ActorFor, county: Branch, at: datetime) -> None:
    _, token = _invite(actor_for("admin"), county, at)
    with pytest.raises(BadInput) as weak:
        services.invitation_accept(token=token, username="weak", password="12345678901", at=at)
    assert "password" in weak.value.fields
    User.objects.create(username="Taken", name="有人", date_joined=at)
    with pytest.raises(BadInput) as taken:
        services.invitation_accept(token=token, username="taken", password=PASSWORD, at=at)
    assert "username" in taken.value.fields
    assert Invitation.objects.filter(accepted_at__isnull=True).count() == 1


def test_strangers_do_not_manage_people(
    actor_for: ActorFor, county: Branch, other_county: Branch, at: datetime
) -> None:
    for actor in (actor_for("officer"), actor_for("secretary"), actor_for("admin", other_county), Actor.public()):
        with pytest.raises(NotAllowed):
            _invite(actor, county, at)
    assert Invitation.objects.count() == 0


def test_ending_a_post(actor_for: ActorFor, at: datetime) -> None:
    admin, officer = actor_for("admin"), actor_for("officer")
    assert officer.post_id is not None
    assert admin.post_id is not None
    services.post_end(actor=admin, post_id=officer.post_id, at=at)
    assert Post.objects.get(id=officer.post_id).ends_on == date(2026, 11, 23)
    with pytest.raises(UnableTo):
        services.post_end(actor=admin, post_id=officer.post_id, at=at)
    with pytest.raises(NotAllowed):
        services.post_end(actor=admin, post_id=admin.post_id, at=at)
    assert Post.objects.get(id=admin.post_id).ends_on is None


def test_the_nearest_branch_above_a_village(county: Branch, db: None) -> None:
    Branch.objects.create(name="定西市红十字会", region_code="621100000000")
    assert queries.branch_of_region("621121100200") == county
    assert queries.branch_of_region("621122100200").region_code == "621100000000"
    with pytest.raises(NotFound):
        queries.branch_of_region("110101001001")


def test_no_role_holds_both_ends_of_a_case() -> None:
    apart = [
        {Duty.CASE_ACCEPT, Duty.CASE_VERIFY},
        {Duty.CASE_VERIFY, Duty.CASE_APPROVE},
        {Duty.CASE_ACCEPT, Duty.CASE_APPROVE},
        {Duty.CASE_APPROVE, Duty.PAY_RELEASE},
        {Duty.PAY_PREPARE, Duty.PAY_RELEASE},
        {Duty.NOTICE_DRAFT, Duty.NOTICE_PUBLISH},
    ]
    for role in ROLES.values():
        for pair in apart:
            assert not pair <= role.duties, (role.code, pair)


def test_the_first_administrator_is_invited_once(county: Branch, at: datetime) -> None:
    _, token = services.first_admin_invite(
        region_code=county.region_code, branch_name="不会改名", name="第一位", at=at
    )  # fmt: skip
    user = services.invitation_accept(token=token, username="first-admin", password=PASSWORD, at=at)
    assert queries.posts_of(user_id=user.id, on=date(2026, 11, 24))[0].branch == county
    with pytest.raises(UnableTo):
        services.first_admin_invite(region_code=county.region_code, branch_name="", name="第二位", at=at)
    assert Invitation.objects.count() == 1
    Post.objects.filter(user=user).update(ends_on=date(2026, 11, 25))
    with pytest.raises(UnableTo):  # the last day belongs to the term
        services.first_admin_invite(region_code=county.region_code, branch_name="", name="第二位", at=at + DAY)
    services.first_admin_invite(region_code=county.region_code, branch_name="", name="第二位", at=at + 2 * DAY)
    assert Invitation.objects.count() == 2


def test_a_post_that_cannot_be_is_refused(actor_for: ActorFor, county: Branch, at: datetime) -> None:
    admin, officer = actor_for("admin"), actor_for("officer")
    assert officer.user_id is not None
    day = date(2026, 11, 24)
    for role, ends_on, field in (("emperor", None, "role"), ("officer", date(2026, 11, 1), "ends_on")):
        with pytest.raises(BadInput) as invited:
            services.invitation_create(
                actor=admin,
                branch_id=county.id,
                name="某人",
                email="",
                role=role,
                starts_on=day,
                ends_on=ends_on,
                at=at,
            )
        with pytest.raises(BadInput) as given:
            services.post_give(
                actor=admin, user_id=officer.user_id, branch_id=county.id, role=role, starts_on=day, ends_on=ends_on,
                at=at,
            )  # fmt: skip
        assert field in invited.value.fields
        assert field in given.value.fields
    assert (Invitation.objects.count(), Post.objects.count()) == (0, 2)


@pytest.mark.parametrize("name", ["张\u202e三", "张\x00三", "三" * 5000, "张\ufffd三", "\u200b"])
def test_a_name_that_hides_something_is_refused(name: str, county: Branch) -> None:
    data = {"name": name, "role": "officer", "branch": str(county.id), "starts_on": "2026-11-24"}
    form = InviteForm(data, branches=Branch.objects.all())
    assert not form.is_valid()
    assert list(form.errors) == ["name"]


def test_a_user_name_is_kept_in_one_form(actor_for: ActorFor, county: Branch, at: datetime) -> None:
    for taken in (False, True):
        _, token = _invite(actor_for("admin"), county, at)
        if not taken:
            user = services.invitation_accept(token=token, username="ｗａｎｇ", password=PASSWORD, at=at)
            assert user.username == "wang"
        else:
            with pytest.raises(BadInput):
                services.invitation_accept(token=token, username="wang", password=PASSWORD, at=at)
