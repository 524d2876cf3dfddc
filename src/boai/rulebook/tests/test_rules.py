"""The nearest division's rule of the day wins; versions follow each other; nobody rewrites the past."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from boai.kernel.errors import BadInput, NotAllowed, NotFound
from boai.people.actor import Actor
from boai.people.models import Branch
from boai.rulebook import queries, services
from boai.rulebook.keys import KEYS
from boai.rulebook.models import RuleVersion

pytestmark = pytest.mark.django_db

COUNTRY, PROVINCE, COUNTY, VILLAGE = "000000000000", "620000000000", "621121000000", "621121105201"
TODAY = date(2026, 11, 24)
ActorFor = Callable[..., Actor]


@pytest.fixture
def admin(actor_for: ActorFor) -> Actor:
    return actor_for("admin")


def put(actor: Actor, at: datetime, **changes: Any) -> RuleVersion:
    values: dict[str, Any] = {"key": "notice.days", "region_code": COUNTY, "value": 7, "valid_from": TODAY,
                              "source": "通红发〔2026〕1号", "confidence": "S"}  # fmt: skip
    return services.rule_set(actor=actor, at=at, **values | changes)


def days(region_code: str = VILLAGE, on: date = TODAY) -> Any:
    return queries.rule("notice.days", region_code=region_code, on=on).value


def test_the_default_holds_until_somebody_decides() -> None:
    rule = queries.rule("notice.days", region_code=VILLAGE, on=TODAY)
    assert (rule.value, rule.region_code, rule.confidence) == (5, COUNTRY, "A")
    assert rule.source == KEYS["notice.days"].default.source
    assert rule.lines == ["5 天"]
    assert queries.version(rule.version_id).set_by is None


def test_the_nearest_division_wins(admin: Actor, actor_for: ActorFor, at: datetime) -> None:
    province = Branch.objects.create(name="甘肃省红十字会", region_code=PROVINCE)
    put(actor_for("admin", province), at, region_code=PROVINCE, value=8)
    assert days() == 8
    put(admin, at, value=7)
    put(admin, at, region_code="621121105000", value=9)
    assert days() == 9
    assert days("621121100201") == 7
    assert days(COUNTY) == 7
    assert days("620000000000") == 8
    assert days("430121000000") == 5
    assert days(COUNTRY) == 5


def test_versions_follow_each_other(admin: Actor, at: datetime) -> None:
    first = put(admin, at, value=7)
    later = put(admin, at, value=10, valid_from=date(2027, 3, 1))
    between = put(admin, at, value=9, valid_from=date(2027, 1, 1))
    assert [days(on=day) for day in (date(2026, 11, 23), TODAY, date(2026, 12, 31), date(2027, 1, 1), date(2027, 2, 28),
                                     date(2027, 3, 1), date(2040, 1, 1))] == [5, 7, 7, 9, 9, 10, 10]  # fmt: skip
    rows = {v.id: (v.valid_from, v.valid_to) for v in RuleVersion.objects.filter(region_code=COUNTY)}
    assert rows == {
        first.id: (TODAY, date(2027, 1, 1)),
        between.id: (date(2027, 1, 1), date(2027, 3, 1)),
        later.id: (date(2027, 3, 1), None),
    }


def test_a_slip_of_today_is_replaced_and_still_known(admin: Actor, at: datetime) -> None:
    slip = put(admin, at, value=50)
    right = put(admin, at, value=7)
    assert days() == 7
    assert queries.version(slip.id).withdrawn_at == at
    assert queries.version(slip.id).value == 50
    assert queries.rule("notice.days", region_code=VILLAGE, on=TODAY).version_id == right.id


def test_many_rules_cost_one_query(admin: Actor, at: datetime) -> None:
    for region_code in (COUNTY, "621121105000", VILLAGE):
        put(admin, at, region_code=region_code)
    for wanted in (["notice.days"], list(KEYS)):
        with CaptureQueriesContext(connection) as captured:
            found = queries.rules(wanted, region_code=VILLAGE, on=TODAY)
        assert len(captured) == 1
        assert set(found) == set(wanted)


@pytest.mark.parametrize("key", ["no.such.rule", "", "notice"])
def test_an_unknown_rule_is_not_found(key: str) -> None:
    with pytest.raises(NotFound, match="规则参数"):
        queries.rule(key, region_code=VILLAGE, on=TODAY)


def test_before_the_first_version_there_is_none() -> None:
    with pytest.raises(NotFound):
        queries.rule("notice.days", region_code=VILLAGE, on=date(2019, 12, 31))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"value": 2}, "value"),
        ({"value": "七"}, "value"),
        ({"source": " "}, "source"),
        ({"source": "文" * 301}, "source"),
        ({"source": "通红发\u202e〔2026〕1号"}, "source"),
        ({"source": "通红发\x00〔2026〕1号"}, "source"),
        ({"confidence": "X"}, "confidence"),
        ({"valid_from": date(2026, 11, 23)}, "valid_from"),
    ],
)
def test_a_faulty_rule_is_not_set(admin: Actor, at: datetime, changes: dict[str, Any], field: str) -> None:
    before = list(RuleVersion.objects.order_by("id").values())
    with pytest.raises(BadInput) as caught:
        put(admin, at, **changes)
    assert list(caught.value.fields) == [field]
    assert list(RuleVersion.objects.order_by("id").values()) == before


@pytest.mark.parametrize("role", ["officer", "verifier", "cadre", "auditor", "cashier"])
def test_only_those_who_keep_the_rules_set_them(actor_for: ActorFor, at: datetime, role: str) -> None:
    before = RuleVersion.objects.count()
    with pytest.raises(NotAllowed):
        put(actor_for(role), at)
    assert RuleVersion.objects.count() == before
    assert days() == 5


@pytest.mark.parametrize("region_code", [COUNTRY, PROVINCE, "621100000000", "430121000000"])
def test_nobody_sets_rules_above_or_beside_themselves(admin: Actor, at: datetime, region_code: str) -> None:
    with pytest.raises(NotAllowed):
        put(admin, at, region_code=region_code)
    assert days() == 5


def test_the_database_refuses_two_values_for_one_day(admin: Actor, at: datetime) -> None:
    version = put(admin, at)
    copy = {"key": version.key, "region_code": COUNTY, "value": 9, "source": "x", "confidence": "A", "set_at": at}
    for start, end in ((TODAY, None), (date(2026, 1, 1), date(2026, 11, 25)), (date(2030, 1, 1), date(2030, 1, 2))):
        with pytest.raises(IntegrityError), transaction.atomic():
            RuleVersion.objects.create(**copy, valid_from=start, valid_to=end)
    RuleVersion.objects.create(**copy, valid_from=date(2026, 1, 1), valid_to=TODAY)


@pytest.mark.parametrize(
    "change",
    ["value = '99'", "valid_from = '2020-01-01'", "source = 'x'", "confidence = 'L'", "key = 'notice.mode'",
     "region_code = '620000000000'", "set_by_id = NULL", "set_at = now()"],
)  # fmt: skip
def test_the_database_refuses_to_rewrite_a_version(admin: Actor, at: datetime, change: str) -> None:
    version = put(admin, at)
    with pytest.raises(DatabaseError, match="never rewritten"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE rulebook_ruleversion SET {change} WHERE id = %s", [version.id])
    with pytest.raises(DatabaseError, match="never rewritten"), transaction.atomic():
        version.delete()
    assert queries.version(version.id).value == 7


def test_a_withdrawn_version_stays_withdrawn(admin: Actor, at: datetime) -> None:
    slip = put(admin, at, value=50)
    put(admin, at, value=7)
    with pytest.raises(DatabaseError, match="never rewritten"), transaction.atomic():
        RuleVersion.objects.filter(id=slip.id).update(withdrawn_at=None)


def test_defaults_are_loaded_once_and_renewed_by_a_release(
    admin: Actor, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert services.defaults_load(at=at) == 0
    before = RuleVersion.objects.count()
    newer = {**KEYS, "notice.days": _with_default(6)}
    monkeypatch.setattr(services, "KEYS", newer)
    assert services.defaults_load(at=at) == 1
    assert RuleVersion.objects.count() == before + 1
    assert (days(on=date(2026, 11, 23)), days()) == (5, 6)
    assert services.defaults_load(at=at) == 0


def test_a_release_does_not_override_people(actor_for: ActorFor, at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    country = Branch.objects.create(name="总会", region_code=COUNTRY)
    put(actor_for("admin", country), at, region_code=COUNTRY, value=9)
    monkeypatch.setattr(services, "KEYS", {**KEYS, "notice.days": _with_default(6)})
    assert services.defaults_load(at=at) == 0
    assert days() == 9


def _with_default(value: int) -> Any:
    from dataclasses import replace

    key = KEYS["notice.days"]
    return replace(key, default=replace(key.default, value=value))
