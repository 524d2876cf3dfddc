"""Every public page opens without sign-in, in Chinese, with the right headers and few queries."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from boai.people.models import Branch

OPEN = ["home", "help", "privacy", "apply", "follow", "notices", "objection", "verify", "checkpoints", "given"]
PERSON_LEVEL = ["apply", "follow", "notices", "objection", "verify"]


@pytest.mark.django_db
@pytest.mark.parametrize("name", OPEN)
def test_a_page_opens_for_everybody(public: Client, office: Branch, name: str) -> None:
    answer = public.get(reverse(f"portal:{name}"))
    assert answer.status_code == 200
    text = answer.content.decode()
    assert "通渭县红十字会" in text
    assert "style=" not in text
    assert "<script>" not in text
    assert "onclick" not in text
    policy = answer["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "no-store" in answer["Cache-Control"]
