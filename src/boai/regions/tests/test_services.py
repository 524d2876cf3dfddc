"""Divisions are added and replaced by those who may, leave a mark, and lead on to their successors."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from django.db import IntegrityError, transaction
from pytest_django import DjangoAssertNumQueries

from boai.kernel.errors import BadInput, NotAllowed, NotFound, UnableTo
from boai.regions import codes, dataset, queries, services
from boai.regions.models import Division
from boai.regions.tests.factories import TONGWEI, Keeper, keeper

pytestmark = pytest.mark.django_db

TOWN = "621121105000"
OLD, NEW, NEWER = "621121105201", "621121105202", "621121105203"
DAY = date(2025, 1, 1)


def test_a_village_merged_twice_leads_to_the_last(at: datetime) -> None:
    services.division_replace(code=OLD, successor=NEW, valid_to=DAY, actor=keeper(), at=at)
    services.division_replace(code=NEW, successor=NEWER, valid_to=date(2026, 1, 1), actor=keeper(), at=at)
    assert queries.current(OLD, date(2024, 12, 31)) == OLD
    assert queries.current(OLD, DAY) == NEW
    assert queries.current(OLD, date(2025, 12, 31)) == NEW
    assert queries.current(OLD, date(2026, 1, 1)) == NEWER
    assert queries.current_many([OLD, NEW, NEWER, "999999999999"], date(2026, 6, 1)) == dict.fromkeys(
        (OLD, NEW, NEWER), NEWER
    )


def test_a_village_split_leads_nowhere(at: datetime) -> None:
    services.division_replace(code=OLD, successor=None, valid_to=DAY, actor=keeper(), at=at)
    assert queries.current(OLD, date(2024, 12, 31)) == OLD
    assert queries.current(OLD, DAY) is None
    with pytest.raises(NotFound):
        queries.current("999999999999", DAY)
    assert OLD not in {d.code for d in queries.children(TOWN)}
    assert OLD in {d.code for d in queries.children(TOWN, date(2024, 12, 31))}


def test_what_cannot_be_replaced(at: datetime) -> None:
    def replace(code: str, successor: str | None = None, valid_to: date = DAY) -> None:
        services.division_replace(code=code, successor=successor, valid_to=valid_to, actor=keeper(), at=at)

    with pytest.raises(NotFound):
        replace("621121999999")
    with pytest.raises(NotFound):
        replace(OLD, "621121999999")
    with pytest.raises(UnableTo, match="自己"):
        replace(OLD, OLD)
    with pytest.raises(UnableTo, match="同级"):
        replace(OLD, TOWN)
    with pytest.raises(UnableTo, match="下级"):
        replace(TOWN, "621121100000")
    assert not Division.objects.exclude(valid_to=None).exists()
    replace(NEW)
    with pytest.raises(UnableTo, match="停用"):
        replace(OLD, NEW)
    with pytest.raises(UnableTo, match="停用"):
        replace(NEW)
    young = services.division_add(
        code="621121105301", name="新立村民委员会", valid_from=date(2026, 1, 1), actor=keeper(), at=at
    )
    with pytest.raises(BadInput):
        replace(young.code, None, date(2026, 1, 1))
    with pytest.raises(UnableTo, match="尚未"):
        replace(OLD, young.code)
    assert set(Division.objects.exclude(valid_to=None).values_list("code", flat=True)) == {NEW}


def test_a_new_village_is_found_like_any_other(at: datetime) -> None:
    made = services.division_add(code="621121105301", name=" 新立村民委员会 ", valid_from=DAY, actor=keeper(), at=at)
    assert (made.parent, made.level, made.short_name, made.initials) == (TOWN, 5, "新立村", "xlc")
    assert [h.code for h in queries.search("xinli", within=codes.span(TOWN))] == [made.code]
    assert queries.full_name(made.code, below=TONGWEI) == "义岗川镇新立村"


@pytest.mark.parametrize(
    ("code", "name", "error"),
    [
        ("62112110530", "新立村", BadInput),
        ("000000000000", "中国", BadInput),
        ("621121105301", "新", BadInput),
        ("621121105301", "新" * 61, BadInput),
        (OLD, "新立村", UnableTo),
        ("621121999301", "新立村", NotFound),
    ],
)
def test_what_cannot_be_added(code: str, name: str, error: type[Exception], at: datetime) -> None:
    before = Division.objects.count()
    with pytest.raises(error):
        services.division_add(code=code, name=name, valid_from=DAY, actor=keeper(), at=at)
    assert Division.objects.count() == before


@pytest.mark.parametrize("actor", [keeper(TONGWEI, "case.accept"), keeper("430121000000"), keeper("621121100000")])
def test_strangers_change_nothing(actor: Keeper, at: datetime) -> None:
    before = list(Division.objects.order_by("code").values())
    with pytest.raises(NotAllowed):
        services.division_replace(code=OLD, successor=NEW, valid_to=DAY, actor=actor, at=at)
    with pytest.raises(NotAllowed):
        services.division_add(code="621121105301", name="新立村", valid_from=DAY, actor=actor, at=at)
    assert list(Division.objects.order_by("code").values()) == before


@pytest.mark.parametrize(
    "wrong",
    [
        {"code": "62112110530x"},
        {"code": "000000000000"},
        {"level": 6},
        {"parent": "621121105302"},
        {"valid_from": DAY, "valid_to": DAY},
        {"successor": OLD},
        {"successor": "621121105301", "valid_to": DAY},
    ],
)
def test_the_database_refuses_what_must_not_be(wrong: dict[str, object]) -> None:
    good: dict[str, object] = {"code": "621121105301", "parent": TOWN, "level": 5, "name": "甲村", "short_name": "甲村",
                               "kind": "villagers", "source": "local"}  # fmt: skip
    Division.objects.create(**good | {"code": "621121105399"})
    with pytest.raises(IntegrityError), transaction.atomic():
        Division.objects.create(**good | wrong)


def test_loading_a_subset_twice_adds_nothing() -> None:
    assert services.divisions_load_subset(counties=["621121", "430121000000"]) == 0
    before = Division.objects.count()
    added = services.divisions_load_subset(counties=["441900"])
    assert added == Division.objects.count() - before > 600
    assert {d.level for d in queries.children("441900000000")} == {codes.TOWNSHIP}
    assert queries.division("441900000000").name == "东莞市"
    assert not services.divisions_are_loaded()


def test_full_names_leave_out_groupings_and_what_everybody_knows() -> None:
    services.divisions_load_subset(counties=["110101"])
    assert queries.full_name("110101001001") == "北京市东城区东华门街道多福巷社区"
    assert queries.full_name(OLD) == "甘肃省定西市通渭县义岗川镇明星村"
    assert queries.full_name(OLD, below=TOWN) == "明星村"
    assert queries.full_name(TONGWEI, below=TONGWEI) == "通渭县"
    assert queries.names_of([OLD, NEW, "x"]) == {OLD: "明星村民委员会", NEW: "东南村民委员会"}
    with pytest.raises(NotFound):
        queries.full_name("999999999999")


def test_the_picker_walks_down_in_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1):
        steps = queries.steps(TONGWEI, OLD)
    assert [s.label for s in steps] == ["乡级", "村级"]
    assert [s.chosen for s in steps] == [TOWN, OLD]
    assert [s.chosen for s in queries.steps(TONGWEI, "")] == [""]
    assert [s.chosen for s in queries.steps(TONGWEI, "430121000000")] == [""]
    assert [s.label for s in queries.steps(codes.COUNTRY, TONGWEI)] == ["省级", "地级", "县级", "乡级"]
    assert [s.label for s in queries.steps(codes.COUNTRY, TONGWEI, deepest=3)] == ["省级", "地级", "县级"]
    assert dataset.edition().count > 0
