"""Giving a category to many, and ending a sealed one: dry run, deed, back; what is refused changes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from django.urls import reverse

from boai.audit.models import AuditEntry
from boai.kernel.errors import BadInput, NotAllowed, StalePage, UnableTo
from boai.kernel.scope import EVERYWHERE, set_scope
from boai.people.actor import Actor
from boai.registry import services
from boai.registry.models import BulkCategory, BulkChange, CategoryEntry, Household
from boai.registry.services.bulk_give import Given
from boai.registry.tests.factories import COUNTY, signed_in
from boai.registry.tests.register_files import number_for
from boai.registry.tests.test_bulk import TODAY
from boai.registry.tests.test_pages import make_household

pytestmark = pytest.mark.django_db
Make = Callable[..., Actor]
SINCE = date(2026, 9, 1)
GIVEN = Given("low_income", SINCE, None, "县民政局", "通民发〔2026〕12号")


@pytest.fixture
def officer(actor_for: Make) -> Actor:
    return actor_for("officer")


@pytest.fixture
def homes(officer: Actor, at: datetime) -> list[Household]:
    """Three households in one village; the first head has the category already, the second had it once."""
    homes = [make_household(officer, at, name=f"{'张王李'[i]}大", sequence=i + 1) for i in range(3)]
    for home, last in zip(homes, (None, date(2026, 8, 31)), strict=False):
        services.category_add(resident_id=home.residents.get().id, kind="low_income", valid_from=date(2025, 1, 1),
                              valid_to=last, source="乡镇", actor=officer, at=at)  # fmt: skip
    return homes


def give(officer: Actor, at: datetime, expected: int = 2, **more: Any) -> BulkChange:
    values = {"given": GIVEN, "region_code": COUNTY, "numbers": [], "reason": "新纳入名单", **more}
    return services.give_change(**values, expected=expected, actor=officer, at=at)


class TestGiving:
    def test_who_lacks_it_gets_it_and_loses_it_again(
        self, homes: list[Household], officer: Actor, at: datetime
    ) -> None:
        run = services.give_dry_run(given=GIVEN, region_code=COUNTY, numbers=[], actor=officer, at=at)
        assert (run.count, set(run.names), run.left) == (2, {"王大", "李大"}, 1)
        assert CategoryEntry.objects.count() == 2
        made = give(officer, at)
        fresh = CategoryEntry.objects.filter(valid_from=SINCE)
        assert {(one.source, one.evidence, one.valid_to) for one in fresh} == {("县民政局", "通民发〔2026〕12号", None)}
        assert fresh.count() == 2
        services.rechecks_collect(at=at)
        assert services.bulk_undo(change_id=made.id, actor=officer, at=at).left == 0
        assert (fresh.all().count(), CategoryEntry.objects.count(), BulkCategory.objects.count()) == (0, 2, 0)

    def test_only_the_people_of_a_list(self, homes: list[Household], officer: Actor, at: datetime) -> None:
        numbers = [number_for(date(1956, 3, 4), male=True, sequence=i) for i in (1, 3, 77)]
        run = services.give_dry_run(given=GIVEN, region_code=COUNTY, numbers=numbers, actor=officer, at=at)
        assert (run.count, run.names, run.left, run.unknown) == (1, ["李大"], 1, [f"****{numbers[2][-4:]}"])
        give(officer, at, 1, numbers=numbers)
        assert CategoryEntry.objects.get(valid_from=SINCE).resident.name == "李大"

    def test_what_was_ended_since_stays(self, homes: list[Household], officer: Actor, at: datetime) -> None:
        made = give(officer, at)
        entry = CategoryEntry.objects.filter(valid_from=SINCE).first()
        assert entry is not None
        services.category_end(entry_id=entry.id, on=TODAY, actor=officer, at=at)
        assert services.bulk_undo(change_id=made.id, actor=officer, at=at).left == 1
        assert CategoryEntry.objects.filter(valid_from=SINCE).get().id == entry.id

    def test_what_is_refused_changes_nothing(
        self, homes: list[Household], officer: Actor, actor_for: Make, at: datetime
    ) -> None:
        wrong: list[tuple[dict[str, Any], type[Exception]]] = [
            ({"expected": 3}, StalePage), ({"expected": 0}, UnableTo), ({"reason": " "}, BadInput),
            ({"given": replace(GIVEN, kind="illness")}, BadInput), ({"given": replace(GIVEN, source=" ")}, BadInput),
            ({"given": replace(GIVEN, valid_to=date(2026, 8, 1))}, BadInput),
            ({"region_code": "430121000000"}, NotAllowed),
        ]  # fmt: skip
        for values, fault in wrong:
            with pytest.raises(fault):
                give(officer, at, **values)
        with pytest.raises(NotAllowed):
            give(actor_for("cadre"), at)
        assert (CategoryEntry.objects.count(), BulkChange.objects.count()) == (2, 0)

    def test_the_page(self, homes: list[Household], officer: Actor, actor_for: Make) -> None:
        client, url = signed_in(officer), reverse("registry:bulk_give")
        form = {"kind": "low_income", "region_code": COUNTY, "valid_from": "2026-09-01", "source": "县民政局"}
        assert signed_in(actor_for("cadre")).get(url).status_code == 403
        assert client.get(url).status_code == 200
        for bad in ({"source": ""}, {"kind": "illness"}, {"valid_to": "2026-08-01"}, {"numbers": "12345"}):
            assert client.post(url, {**form, **bad}).status_code == 422
        run = client.post(url, form)
        assert (run.context["will"]["count"], run.context["wont"][0]["count"]) == (2, 1)
        assert client.post(url, {**form, "expected": 2, "reason": "新纳入"}).status_code == 302
        assert "低保" in client.get(reverse("registry:bulk_list")).content.decode()
        assert CategoryEntry.objects.filter(valid_from=SINCE).count() == 2


class TestEndingASealedOne:
    FULL: dict[str, Any] = {"region_code": COUNTY, "kind": "illness", "last_day": TODAY, "numbers": []}

    @pytest.fixture
    def ill(self, homes: list[Household], officer: Actor, at: datetime) -> None:
        for home, kind in zip(homes, ("illness", "illness", "mental"), strict=True):
            services.category_add(resident_id=home.residents.get().id, kind=kind, valid_from=date(2025, 1, 1),
                                  source="医院", actor=officer, at=at)  # fmt: skip

    def test_it_is_found_by_its_blind_index_and_nobody_is_named(self, ill: None, officer: Actor, at: datetime) -> None:
        run = services.category_dry_run(**self.FULL, actor=officer, at=at)
        assert (run.count, run.names) == (2, [])
        made = services.category_change(**self.FULL, expected=2, reason="治愈名单", actor=officer, at=at)
        ended = CategoryEntry.objects.filter(kind="", valid_to=TODAY)
        assert {json.loads(one.fact)["kind"] for one in ended} == {"illness"}
        assert ended.count() == 2
        assert "illness" not in json.dumps(made.wanted)
        assert "illness" not in str(AuditEntry.objects.get(type="registry.bulk.done").payload)
        page = signed_in(officer).get(reverse("registry:bulk_list")).content.decode()
        assert "重大疾病" not in page
        set_scope(EVERYWHERE)
        services.bulk_undo(change_id=made.id, actor=officer, at=at)
        assert not CategoryEntry.objects.filter(kind="", valid_to=TODAY).exists()

    def test_not_without_the_duty(self, ill: None, officer: Actor, actor_for: Make, at: datetime) -> None:
        made = services.category_change(**self.FULL, expected=2, reason="治愈名单", actor=officer, at=at)
        other = replace(officer, duties=frozenset(d for d in officer.duties if "sensitive" not in str(d.value)))
        for call in (
            lambda: services.category_dry_run(**self.FULL, actor=other, at=at),
            lambda: services.category_change(**self.FULL, expected=2, reason="x", actor=other, at=at),
            lambda: services.bulk_undo(change_id=made.id, actor=other, at=at),
        ):
            with pytest.raises(NotAllowed):
                call()
        assert CategoryEntry.objects.filter(kind="", valid_to=TODAY).count() == 2
