"""The page of those who read the log."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

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


def counted(actor: Any, query: str = "") -> tuple[str, int]:
    """The page and how many queries it took (the shell's own included)."""
    with CaptureQueriesContext(connection) as queries:
        return shown(actor, query), len(queries)


def test_one_page_after_the_other_with_the_same_queries(actor_for: Callable[..., Any]) -> None:
    auditor = actor_for("auditor")
    with pytest.raises(NotFound):
        shown(auditor, "?before=nonsense")
    told_many(1)
    alone, few = counted(auditor)
    assert "?before=" not in alone
    told_many(55)
    first, many = counted(auditor)
    assert few == many
    before = first.split("?before=")[1].split('"')[0]
    last, rest = counted(auditor, f"?before={before}")
    assert "?before=" not in last
    assert rest == many
