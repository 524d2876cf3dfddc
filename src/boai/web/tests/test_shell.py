"""The shell finds its way: every entry of the navigation opens for whoever is shown it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.test import Client
from django.urls import reverse

from boai.kernel.scope import EVERYWHERE, set_scope
from boai.people.models import Branch, Post, User
from boai.people.roles import ROLES


@pytest.mark.parametrize("role", sorted(ROLES))
def test_every_entry_opens(role: str, client: Client, county: Branch) -> None:
    user = User.objects.create(username=role, name=role, password="!", date_joined=datetime(2026, 1, 1, tzinfo=UTC))
    Post.objects.create(user=user, branch=county, role=role, starts_on=date(2026, 1, 1))
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    set_scope(EVERYWHERE)
    first = client.get(reverse("start"), follow=True)
    assert first.status_code == 200
    urls = [entry["url"] for entry in first.context["nav"]]
    assert urls, "everybody has somewhere to go"
    for url in urls:
        page = client.get(url)
        assert page.status_code == 200, (role, url)
        active = [entry for entry in page.context["nav"] if entry["active"]]
        assert len(active) == 1, (role, url)
