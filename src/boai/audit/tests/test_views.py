"""The page of those who read the log."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import RequestFactory

from boai.audit.services import record
from boai.audit.tests.factories import ALICE, AT, CHANGSHA, Thing, told_many
from boai.audit.views import log
from boai.kernel.errors import NotAllowed, NotFound

pytestmark = pytest.mark.django_db


def shown(actor: Any, query: str = "") -> str:
    request: Any = RequestFactory().get(f"/log/{query}")
    request.actor = actor
    return log(request).content.decode()


def test_the_log_of_ones_own_division(actor_for: Callable[..., Any]) -> None:
    record("tests.thing.here", Thing(), actor=ALICE, at=AT)
    record("tests.thing.elsewhere", Thing(region_code=CHANGSHA), actor=ALICE, at=AT)
    text = shown(actor_for("auditor"))
    assert "tests.thing.here" in text
    assert "张三" in text
    assert "tests.thing.elsewhere" not in text


def test_others_do_not_read_it(actor_for: Callable[..., Any]) -> None:
    for role in ("officer", "cadre", "reviewer", "cashier"):
        with pytest.raises(NotAllowed):
            shown(actor_for(role))


def test_one_page_after_the_other_with_the_same_queries(
    actor_for: Callable[..., Any], django_assert_num_queries: Any
) -> None:  # fmt: skip
    auditor = actor_for("auditor")
    with pytest.raises(NotFound):
        shown(auditor, "?before=nonsense")
    told_many(1)
    with django_assert_num_queries(4):
        assert "?before=" not in shown(auditor)
    told_many(55)
    with django_assert_num_queries(4):
        first = shown(auditor)
    before = first.split("?before=")[1].split('"')[0]
    assert "?before=" not in shown(auditor, f"?before={before}")
