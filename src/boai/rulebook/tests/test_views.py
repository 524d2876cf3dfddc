"""The pages of the rulebook."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from boai.kernel.clock import local_date, now
from boai.people.actor import Actor
from boai.people.models import User
from boai.rulebook.models import RuleVersion

pytestmark = pytest.mark.django_db
ActorFor = Callable[..., Actor]


def enter(actor: Actor) -> Client:
    client = Client()
    assert actor.user_id is not None
    client.force_login(
        User.objects.get(id=actor.user_id), backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    return client


def posted(**changes: str) -> dict[str, str]:
    return {
        "value": "7",
        "valid_from": str(local_date(now())),
        "source": "通红发〔2026〕1号",
        "confidence": "S",
    } | changes


def test_a_stranger_is_sent_to_sign_in(client: Client) -> None:
    assert client.get("/rules/").status_code == 302
    assert client.post("/rules/notice.days", posted()).status_code == 401
    assert not RuleVersion.objects.exclude(set_by=None).exists()


def test_the_list_shows_value_source_and_confidence_in_few_queries(actor_for: ActorFor) -> None:
    client = enter(actor_for("officer"))
    with CaptureQueriesContext(connection) as captured:
        page = client.get("/rules/").content.decode()
    assert "公示天数" in page
    assert "暂定" in page
    assert "全国" in page
    assert len([q for q in captured if "rulebook_" in q["sql"]]) == 1
    assert len([q for q in captured if "regions_" in q["sql"]]) <= 1


def test_a_rule_is_read_by_all_and_changed_by_few(actor_for: ActorFor) -> None:
    reader, keeper = enter(actor_for("officer")), enter(actor_for("admin"))
    assert "设定新规则" not in reader.get("/rules/notice.days").content.decode()
    assert "设定新规则" in keeper.get("/rules/notice.days").content.decode()
    assert reader.post("/rules/notice.days", posted()).status_code == 403
    assert not RuleVersion.objects.exclude(set_by=None).exists()
    assert keeper.get("/rules/no.such").status_code == 404


def test_an_administrator_sets_a_rule(actor_for: ActorFor) -> None:
    client = enter(actor_for("admin"))
    assert client.post("/rules/notice.days", posted()).status_code == 302
    version = RuleVersion.objects.get(key="notice.days", region_code="621121000000")
    assert (version.value, version.confidence) == (7, "S")
    page = client.get("/rules/notice.days").content.decode()
    assert "7 天" in page
    assert "通红发〔2026〕1号" in page
    assert "系统预置" in page


def test_a_rule_for_a_part_of_the_division(actor_for: ActorFor) -> None:
    client = enter(actor_for("admin"))
    assert client.post("/rules/notice.days", posted(place="621121105000")).status_code == 302
    assert RuleVersion.objects.filter(key="notice.days", region_code="621121105000", value=7).exists()
    assert client.post("/rules/notice.days", posted(place="430121000000")).status_code == 302
    assert not RuleVersion.objects.filter(region_code="430121000000").exists()


@pytest.mark.parametrize(
    "changes", [{"value": "2"}, {"value": ""}, {"source": ""}, {"valid_from": "2020-01-01"}, {"confidence": "X"}]
)
def test_a_faulty_form_is_shown_again_with_what_was_typed(actor_for: ActorFor, changes: dict[str, str]) -> None:
    client = enter(actor_for("admin"))
    answer = client.post("/rules/notice.days", posted(source="通红发〔2026〕9号") | changes)
    assert answer.status_code == 422
    if "source" not in changes:
        assert "通红发〔2026〕9号" in answer.content.decode()
    assert not RuleVersion.objects.exclude(set_by=None).exists()


def test_a_table_is_set_row_by_row(actor_for: ActorFor, at: datetime) -> None:
    client = enter(actor_for("secretary"))
    ladder = {
        "value__1__level": "lead",
        "value__1__up_to_fen": "5000",
        "value__2__level": "council",
        "value__2__up_to_fen": "",
    }
    data = {k: v for k, v in posted().items() if k != "value"} | ladder
    assert client.post("/rules/relief.approval_ladder", data).status_code == 302
    assert RuleVersion.objects.get(key="relief.approval_ladder", region_code="621121000000").value == [
        {"level": "lead", "up_to_fen": 500_000},
        {"level": "council", "up_to_fen": None},
    ]
    wrong = data | {"value__2__up_to_fen": "9000"}
    answer = client.post("/rules/relief.approval_ladder", wrong)
    assert answer.status_code == 422
    assert "不设金额上限" in answer.content.decode()


def test_every_rule_has_a_page(actor_for: ActorFor) -> None:
    from boai.rulebook.keys import KEYS

    client = enter(actor_for("admin"))
    for key in KEYS:
        assert client.get(f"/rules/{key}").status_code == 200, key
