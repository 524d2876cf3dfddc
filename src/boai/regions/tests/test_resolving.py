"""Places as clerks write them resolve to their codes; invented ones never do."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from boai.regions import codes, names, services
from boai.regions.enums import Found
from boai.regions.models import Division
from boai.regions.queries import NamedPlace, Resolution, resolve_many
from boai.regions.tests.factories import TONGWEI, keeper, variants

pytestmark = pytest.mark.django_db

YIGANGCHUAN = "621121105000"
WITHIN = codes.span(TONGWEI)


def one(place: NamedPlace, within: tuple[str, str] = WITHIN, on: date | None = None) -> Resolution:
    return resolve_many([place], within, on=on)[0]


@pytest.mark.parametrize("within", [("000000000000", "999999999999"), None])
def test_every_village_resolves_in_every_variant_unless_truly_ambiguous(within: tuple[str, str] | None) -> None:
    everything = {d.code: d for d in Division.objects.all()}
    stems = Counter((d.parent, names.stem(names.tidy(d.name), 5)) for d in everything.values() if d.level == 5)
    asked, wanted = [], []
    for village in everything.values():
        if village.level == 5 and stems[(village.parent, names.stem(names.tidy(village.name), 5))] == 1:
            township, county = everything[village.parent], everything[codes.ancestor(village.code, 3)]
            for place in variants(county, township, village):
                if within is not None or county.code == TONGWEI:
                    asked.append(place)
                    wanted.append(village.code)
    answers = resolve_many(asked, within or WITHIN)
    wrong = [(p, w, a) for p, w, a in zip(asked, wanted, answers, strict=True) if a.code not in (w, None)]
    assert wrong == []
    # Left open are only places that a reader could not tell apart either: candidates with the right one among them.
    for place, code, answer in zip(asked, wanted, answers, strict=True):
        if answer.code is None:
            assert answer.reason == Found.AMBIGUOUS, (place, code, answer)
            assert code in {c.code for c in answer.candidates}
    assert sum(1 for a in answers if a.code) > 0.99 * len(answers)


def test_official_names_always_resolve_even_where_stems_are_shared() -> None:
    rows = {
        NamedPlace(above.name, township.name, d.name): d.code
        for d in Division.objects.filter(level=5)
        for township in [Division.objects.get(code=d.parent)]
        for above in [Division.objects.get(code=codes.ancestor(d.code, 3))]
    }
    twice = Counter((d.parent, d.name) for d in Division.objects.filter(level=5))
    assert max(twice.values()) == 1
    answers = resolve_many(rows)
    assert [a.code for a in answers] == list(rows.values())
    assert {a.reason for a in answers} == {Found.EXACT}


@pytest.mark.parametrize(
    "village",
    [
        "义不存在村",
        "不存在村",
        "义岗不存在村",
        "X",
        "村",
        "社区",
        "村民委员会",
        "1",
        "义岗川镇不存在村",
        "🏠",
        "义" * 60,
    ],
)
def test_an_invented_village_never_resolves(village: str) -> None:
    for place in (
        NamedPlace("通渭县", "义岗川镇", village),
        NamedPlace("通渭县", "", village),
        NamedPlace(village=village),
    ):
        assert one(place).code is None
        assert resolve_many([place])[0].code is None


def test_every_official_name_spoiled_is_unknown() -> None:
    rows = []
    for village in Division.objects.filter(level=5):
        township = Division.objects.get(code=village.parent)
        rows.append(NamedPlace(Division.objects.get(code=codes.ancestor(village.code, 3)).name, township.name,
                               village.name[:1] + "不存在村"))  # fmt: skip
    assert {(a.code, a.reason) for a in resolve_many(rows)} == {(None, Found.UNKNOWN_VILLAGE)}


def test_the_reason_says_which_cell_is_wrong() -> None:
    assert one(NamedPlace("通谓县", "义岗川镇", "明星村")).reason == Found.UNKNOWN_COUNTY
    assert one(NamedPlace("通渭县", "义缸川镇", "明星村")).reason == Found.UNKNOWN_TOWNSHIP
    assert one(NamedPlace("通渭县", "义岗川镇", "明行村")).reason == Found.UNKNOWN_VILLAGE
    assert one(NamedPlace()).reason == Found.EMPTY
    assert one(NamedPlace(" ", "　", "\n")).reason == Found.EMPTY
    assert one(NamedPlace(code="无")).reason == Found.EMPTY


def test_similar_names_are_offered_but_not_taken() -> None:
    answer = one(NamedPlace("通渭县", "义缸川镇", "明星村"))
    assert answer.code is None
    assert answer.candidates[0].name == "义岗川镇"
    assert answer.candidates[0].above == "定西市通渭县"


def test_a_name_that_several_villages_have_is_ambiguous() -> None:
    shared = Counter(names.stem(names.tidy(d.name), 5) for d in Division.objects.filter(code__range=WITHIN, level=5))
    name, times = next((n, t) for n, t in shared.items() if t > 1)
    answer = one(NamedPlace("通渭县", "", name))
    assert answer.code is None
    assert answer.reason == Found.AMBIGUOUS
    assert len(answer.candidates) == times
    assert all(c.above.startswith("定西市通渭县") for c in answer.candidates)


def test_village_and_neighbourhood_of_one_stem_are_told_apart_by_their_ending(at: datetime) -> None:
    services.division_add(
        code="621121105399", name="双名村民委员会", valid_from=date(2024, 1, 1), actor=keeper(), at=at
    )
    services.division_add(
        code="621121105099", name="双名社区居委会", valid_from=date(2024, 1, 1), actor=keeper(), at=at
    )
    assert one(NamedPlace("通渭县", "义岗川镇", "双名村")).code == "621121105399"
    assert one(NamedPlace("通渭县", "义岗川镇", "双名居委会")).code == "621121105099"
    answer = one(NamedPlace("通渭县", "义岗川镇", "双名"))
    assert (answer.code, answer.reason, len(answer.candidates)) == (None, Found.AMBIGUOUS, 2)


def test_a_village_that_became_a_neighbourhood_is_still_found_by_its_old_word(at: datetime) -> None:
    services.division_add(
        code="621121105099", name="新城社区居委会", valid_from=date(2024, 1, 1), actor=keeper(), at=at
    )
    assert one(NamedPlace("通渭县", "义岗川镇", "新城村")).code == "621121105099"


def test_towns_under_their_former_word_and_groups_behind_the_village() -> None:
    village = Division.objects.filter(parent=YIGANGCHUAN, level=5).first()
    assert village is not None
    assert one(NamedPlace("通渭县", "义岗川乡", village.short_name)).code == village.code
    for group in ("三社", "第2村民小组", "１２组"):
        assert one(NamedPlace("通渭县", "义岗川镇", village.short_name + group)).code == village.code
        assert one(NamedPlace(village=f"通渭县义岗川镇{village.short_name}{group}")).code == village.code


def test_the_deepest_level_written_is_the_answer() -> None:
    assert one(NamedPlace("通渭县", "义岗川镇")).code == YIGANGCHUAN
    assert one(NamedPlace("通渭县")).code == TONGWEI
    assert one(NamedPlace("甘肃省定西市通渭县")).code == TONGWEI
    assert one(NamedPlace(village="通渭县义岗川镇")).code == YIGANGCHUAN
    assert resolve_many([NamedPlace("长沙市")])[0].code == "430100000000"
    assert resolve_many([NamedPlace("长沙县")])[0].code == "430121000000"


def test_codes_are_taken_checked_and_padded() -> None:
    assert one(NamedPlace(code="621121105")).code == YIGANGCHUAN
    assert one(NamedPlace("通渭县", "义岗川镇", code="621121105")).reason == Found.CODE
    assert one(NamedPlace(code="621121999999")).reason == Found.UNKNOWN_CODE
    assert one(NamedPlace(code="62112110520")).reason == Found.UNKNOWN_CODE
    assert one(NamedPlace(code="430121000000")).reason == Found.OUTSIDE
    village = Division.objects.filter(parent=YIGANGCHUAN).first()
    other = Division.objects.filter(parent="621121100000").first()
    assert village is not None
    assert other is not None
    answer = one(NamedPlace("通渭县", "义岗川镇", village.name, other.code))
    assert (answer.code, answer.reason) == (None, Found.CODE_CONFLICT)
    assert [c.code for c in answer.candidates] == [other.code, village.code]
    assert one(NamedPlace("通渭县", "义岗川镇", "", village.code)).code == village.code
    assert one(NamedPlace("通渭县", "义岗川镇", "不存在村", village.code)).reason == Found.CODE_CONFLICT


def test_nothing_outside_the_area_is_found() -> None:
    assert one(NamedPlace("长沙县", "星沙街道", "开元路社区")).code is None
    assert one(NamedPlace("思南县", "", "通渭县义岗川镇")).code is None
    inside_one_town = codes.span(YIGANGCHUAN)
    assert one(NamedPlace("通渭县", "义岗川镇"), inside_one_town).code == YIGANGCHUAN
    assert one(NamedPlace("通渭县", "平襄镇"), inside_one_town).reason == Found.UNKNOWN_TOWNSHIP


def test_a_former_village_leads_to_its_successor(at: datetime) -> None:
    old, new, split = Division.objects.filter(parent=YIGANGCHUAN, level=5).order_by("code")[:3]
    services.division_replace(code=old.code, successor=new.code, valid_to=date(2025, 1, 1), actor=keeper(), at=at)
    services.division_replace(code=split.code, successor=None, valid_to=date(2025, 1, 1), actor=keeper(), at=at)
    by_name = one(NamedPlace("通渭县", "义岗川镇", old.name))
    assert (by_name.code, by_name.reason) == (new.code, Found.SUCCESSOR)
    assert one(NamedPlace(code=old.code)).code == new.code
    assert one(NamedPlace(code=old.code), on=date(2024, 12, 31)).code == old.code
    assert one(NamedPlace(code=old.code), on=date(2025, 1, 1)).code == new.code
    closed = one(NamedPlace("通渭县", "义岗川镇", split.name))
    assert (closed.code, closed.reason, closed.candidates[0].code) == (None, Found.CLOSED, split.code)


def test_many_rows_cost_few_queries() -> None:
    def queries_for(places: list[NamedPlace]) -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            resolve_many(places, WITHIN)
        return len(captured)

    villages = [
        NamedPlace("通渭县", Division.objects.get(code=d.parent).name, d.name)
        for d in Division.objects.filter(code__range=WITHIN, level=5)
    ]
    assert queries_for(villages[:1]) <= 2
    # One query for each township that is named, whatever the number of rows.
    assert queries_for(villages * 3) <= 1 + 18


def test_a_strange_cell_is_only_unknown(at: datetime) -> None:
    for text in (
        "%",
        "_",
        "'; DROP TABLE regions_division; --",
        "\x00",
        "\u202e村",
        "(",
        "((((",
        "a" * 5000,
        "县" * 300,
    ):
        assert one(NamedPlace(text, text, text)).code is None
        assert one(NamedPlace("", "", text)).code is None


def test_same_rows_share_one_answer() -> None:
    place = NamedPlace("通渭县", "义岗川镇")
    answers = resolve_many([place] * 3 + [NamedPlace("通渭县")], WITHIN)
    assert [a.code for a in answers] == [YIGANGCHUAN] * 3 + [TONGWEI]
