"""Many rows at once: the dry run says what will be, the deed does exactly that, and it can be undone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from boai.audit.models import AuditEntry
from boai.kernel.errors import BadInput, NotAllowed, StalePage, UnableTo
from boai.kernel.scope import EVERYWHERE, set_scope
from boai.people.actor import Actor
from boai.people.models import Branch
from boai.registry import queries, services
from boai.registry.models import BulkChange, CategoryEntry, Household, HouseholdEvent, PastPlace, Resident
from boai.registry.tests.factories import COUNTY, signed_in, villages
from boai.registry.tests.register_files import number_for
from boai.registry.tests.test_pages import make_household

pytestmark = pytest.mark.django_db
Make = Callable[..., Actor]
TODAY, MERGER = date(2026, 11, 24), date(2026, 7, 1)


@pytest.fixture
def officer(actor_for: Make) -> Actor:
    return actor_for("officer")


@pytest.fixture
def homes(officer: Actor, at: datetime) -> list[Household]:
    """Three households in one village, one in another, all since 2025."""
    early = at - timedelta(days=500)
    return [
        make_household(officer, early, name=f"{'张王李赵'[i]}大", sequence=i + 1, place=1 if i == 3 else 0)
        for i in range(4)
    ]


def codes() -> tuple[str, str, str]:
    found = villages(8)
    return found[0][2], found[1][2], found[5][2]


def change(officer: Actor, at: datetime, *, on: date | None = MERGER, expected: int = 3) -> BulkChange:
    source, _other, target = codes()
    return services.village_change(source=source, target=target, on=on, expected=expected, reason="撤村并村",
                                   actor=officer, at=at)  # fmt: skip


def test_a_merged_village(homes: list[Household], officer: Actor, at: datetime) -> None:
    source, other, target = codes()
    run = services.village_dry_run(source=source, target=target, on=MERGER, actor=officer, at=at)
    assert (run.count, run.people, set(run.names), run.left) == (3, 3, {"张大", "王大", "李大"}, 0)
    assert Household.objects.filter(region_code=source).count() == 3
    made = change(officer, at)
    assert Household.objects.filter(region_code=target).count() == 3
    assert Resident.objects.filter(region_code=target).count() == 3
    assert Household.objects.filter(region_code=other).count() == 1
    before = queries.register_on(day=MERGER - timedelta(days=1), region_code=source, actor=officer)
    after = queries.register_on(day=MERGER, region_code=source, actor=officer)
    assert (before.households, after.households) == (3, 0)
    assert [line.kind for line in queries.household_history(household_id=homes[0].id)] == ["整户搬迁"]
    assert AuditEntry.objects.filter(type="registry.bulk.done").count() == 1
    undone = services.bulk_undo(change_id=made.id, actor=officer, at=at)
    assert undone.left == 0
    assert Household.objects.filter(region_code=source).count() == 3
    assert not PastPlace.objects.exists()
    assert not HouseholdEvent.objects.filter(undone_at=None).exists()
    with pytest.raises(UnableTo):
        services.bulk_undo(change_id=made.id, actor=officer, at=at)


def test_a_correction_leaves_no_past(homes: list[Household], officer: Actor, at: datetime) -> None:
    source, _other, target = codes()
    change(officer, at, on=None)
    assert not PastPlace.objects.exists()
    assert queries.register_on(day=MERGER, region_code=target, actor=officer).households == 3
    assert queries.register_on(day=MERGER, region_code=source, actor=officer).households == 0


def test_what_was_changed_since_stays(homes: list[Household], officer: Actor, at: datetime) -> None:
    source, other, _target = codes()
    made = change(officer, at)
    moved = Household.objects.get(id=homes[0].id)
    services.household_move(household_id=moved.id, version=moved.version, region_code=other, address="", on=TODAY,
                            actor=officer, at=at)  # fmt: skip
    undone = services.bulk_undo(change_id=made.id, actor=officer, at=at)
    assert undone.left == 1
    assert Household.objects.get(id=moved.id).region_code == other
    assert Household.objects.filter(region_code=source).count() == 2
    assert PastPlace.objects.count() == 2  # of the one that stays


def test_the_register_changed_since_the_dry_run(homes: list[Household], officer: Actor, at: datetime) -> None:
    source, _other, _target = codes()
    for expected in (2, 4):
        with pytest.raises(StalePage):
            change(officer, at, expected=expected)
    assert Household.objects.filter(region_code=source).count() == 3
    assert not BulkChange.objects.exists()


def test_what_is_refused(homes: list[Household], officer: Actor, at: datetime) -> None:
    source, _other, target = codes()
    wrong: list[tuple[dict[str, Any], Any]] = [
        ({"target": source}, BadInput), ({"target": COUNTY}, BadInput), ({"on": TODAY + timedelta(days=1)}, BadInput),
        ({"reason": " "}, BadInput), ({"target": "430121001001"}, (NotAllowed, BadInput)), ({"expected": 0}, UnableTo),
    ]  # fmt: skip
    for values, fault in wrong:
        full: dict[str, Any] = {
            "source": source,
            "target": target,
            "on": MERGER,
            "expected": 3,
            "reason": "并村",
            **values,
        }
        with pytest.raises(fault):
            services.village_change(**full, actor=officer, at=at)
    assert Household.objects.filter(region_code=source).count() == 3


def holders_of(homes: list[Household], officer: Actor, at: datetime) -> None:
    for home in homes:
        services.category_add(resident_id=home.residents.get().id, kind="low_income", valid_from=date(2025, 1, 1),
                              source="县民政局", actor=officer, at=at)  # fmt: skip


def test_a_category_ends_for_a_place(homes: list[Household], officer: Actor, at: datetime) -> None:
    source, _other, _target = codes()
    holders_of(homes, officer, at)
    services.rechecks_collect(at=at)
    full: dict[str, Any] = {"region_code": source, "kind": "low_income", "last_day": MERGER, "numbers": []}
    assert services.category_dry_run(**full, actor=officer, at=at).count == 3
    made = services.category_change(**full, expected=3, reason="动态管理退出", actor=officer, at=at)
    assert CategoryEntry.objects.filter(valid_to=MERGER).count() == 3
    assert queries.rechecks_count(actor=officer) == 1
    services.bulk_undo(change_id=made.id, actor=officer, at=at)
    assert CategoryEntry.objects.filter(valid_to=None).count() == 4


def test_a_category_ends_for_a_list(homes: list[Household], officer: Actor, at: datetime) -> None:
    holders_of(homes[:2], officer, at)
    numbers = [number_for(date(1956, 3, 4), male=True, sequence=i) for i in (1, 3, 77)]
    full: dict[str, Any] = {"region_code": COUNTY, "kind": "low_income", "last_day": TODAY, "numbers": numbers}
    run = services.category_dry_run(**full, actor=officer, at=at)
    assert (run.count, run.names, run.left, run.unknown) == (1, ["张大"], 1, [f"****{numbers[2][-4:]}"])
    services.category_change(**full, expected=1, reason="退出名单", actor=officer, at=at)
    assert CategoryEntry.objects.get(valid_to=TODAY).resident.name == "张大"
    with pytest.raises(BadInput):
        services.category_dry_run(**{**full, "kind": "king"}, actor=officer, at=at)


def test_the_pages(homes: list[Household], officer: Actor, at: datetime) -> None:
    source, _other, target = codes()
    client = signed_in(officer)
    url = reverse("registry:bulk_village")
    form = {"source": source, "target": target, "on": "2026-07-01"}
    assert client.get(url).status_code == 200
    assert client.post(url, {**form, "target": ""}).status_code == 422
    run = client.post(url, form)
    assert run.context["will"]["count"] == 3
    assert Household.objects.filter(region_code=source).count() == 3
    assert client.post(url, {**form, "expected": 3, "reason": ""}).status_code == 422
    again = client.post(url, {**form, "expected": 2, "reason": "并村"})
    assert again.context["will"]["count"] == 3
    assert Household.objects.filter(region_code=source).count() == 3
    assert client.post(url, {**form, "expected": 3, "reason": "并村"}).status_code == 302
    assert Household.objects.filter(region_code=target).count() == 3
    listed = client.get(reverse("registry:bulk_list")).content.decode()
    assert "并村" in listed
    undo = reverse("registry:bulk_undo", args=[BulkChange.objects.get().id])
    assert client.get(undo).status_code == 200
    assert client.post(undo).status_code == 302
    assert Household.objects.filter(region_code=source).count() == 3


def test_the_page_of_a_list(homes: list[Household], officer: Actor, at: datetime) -> None:
    holders_of(homes, officer, at)
    client = signed_in(officer)
    url = reverse("registry:bulk_category")
    form = {"kind": "low_income", "region_code": COUNTY, "last_day": "2026-11-20",
            "numbers": number_for(date(1956, 3, 4), male=True) + "\n\n"}  # fmt: skip
    assert client.get(url).status_code == 200
    assert client.post(url, {**form, "numbers": "12345"}).status_code == 422
    assert client.post(url, form).context["will"]["count"] == 1
    assert client.post(url, {**form, "expected": 1, "reason": "退出名单"}).status_code == 302
    assert CategoryEntry.objects.filter(valid_to=date(2026, 11, 20)).count() == 1


def test_strangers_and_readers_correct_nothing(
    homes: list[Household], officer: Actor, actor_for: Make, at: datetime
) -> None:  # fmt: skip
    made = change(officer, at)
    source, _other, target = codes()
    branch = Branch.objects.create(region_code="430121000000", name="长沙县红十字会", kind="society")
    stranger, cadre = actor_for("officer", branch), actor_for("cadre")
    for name in ("bulk_list", "bulk_village", "bulk_category"):
        assert signed_in(cadre).get(reverse(f"registry:{name}")).status_code == 403
    undo = reverse("registry:bulk_undo", args=[made.id])
    assert signed_in(stranger).post(undo).status_code == 404
    assert signed_in(cadre).post(undo).status_code == 403
    assert list(signed_in(stranger).get(reverse("registry:bulk_list")).context["rows"]) == []
    set_scope(EVERYWHERE)
    for actor in (stranger, cadre):
        with pytest.raises(NotAllowed):
            services.bulk_undo(change_id=made.id, actor=actor, at=at)
        with pytest.raises(NotAllowed):
            services.village_change(source=target, target=source, on=None, expected=3, reason="x", actor=actor, at=at)
    assert Household.objects.filter(region_code=target).count() == 3
