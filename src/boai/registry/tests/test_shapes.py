"""The shapes in which registers come: encodings, merged cells, headings of two rows, several sheets, no numbers."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest

from boai.people.actor import Actor
from boai.registry.enums import IntakeState
from boai.registry.models import Intake, StagedCategory, StagedHousehold, StagedPlace, StagedRow
from boai.registry.tests.factories import checked, found, shown, villages
from boai.registry.tests.register_files import HEADINGS, KEYS, Line, household, number_for, table, xlsx

pytestmark = pytest.mark.django_db
Make = Callable[..., Actor]


def lines_of(count: int = 3, *, size: int = 3, key: str = "") -> list[Line]:
    rng = random.Random(9)
    places = villages(4)
    return [
        line
        for i in range(count)
        for line in household(rng, i, places[i % 4][:2], size=size, key=key or f"62112100{i:05d}")
    ]


def people(intake: Intake) -> list[tuple[int, str, str]]:
    """(row, name, relation) of the staged people."""
    return list(StagedRow.objects.filter(intake=intake).order_by("sheet", "row").values_list("row", "name", "relation"))


def groups(intake: Intake) -> list[int]:
    """The sizes of the households, in the order of the file."""
    order = StagedHousehold.objects.filter(intake=intake).order_by("sheet", "row").values_list("id", flat=True)
    members = list(StagedRow.objects.filter(intake=intake).values_list("household_id", flat=True))
    return [members.count(one) for one in order]


@pytest.fixture
def take(actor_for: Make, at: datetime) -> Callable[..., Intake]:
    def run(content: io.BytesIO, name: str = "名册.xlsx") -> Intake:
        return checked(content, actor=actor_for("officer"), at=at, name=name)

    return run


def as_csv(rows: list[list[Any]], encoding: str, sign: str = ",") -> io.BytesIO:
    def cell(value: Any) -> str:
        text = "" if value is None else value.isoformat() if isinstance(value, date) else str(value)
        return f'"{text}"' if sign in text or "\n" in text else text

    return io.BytesIO("\r\n".join(sign.join(cell(c) for c in row) for row in rows).encode(encoding))


@pytest.mark.parametrize(
    ("encoding", "sign"),
    [("utf-8", ","), ("utf-8-sig", ","), ("gb18030", ","), ("gb18030", "\t"), ("utf-16", ","), ("utf-8", ";")],
)
def test_csv_in_every_encoding(encoding: str, sign: str, take: Callable[..., Intake]) -> None:
    lines = lines_of()
    lines[0].cells["name"] = "赵𠮷野"  # beyond the BMP
    intake = take(as_csv(table(lines), encoding, sign), "名册.csv")
    assert (intake.state, shown(intake)) == (IntakeState.CHECKED, [])
    assert people(intake)[0][1] == "赵𠮷野"
    assert groups(intake) == [3, 3, 3]


@pytest.mark.parametrize("cover", ['="{}"', '"=""{}"""', "\t{}", "'{}"])
def test_csv_with_numbers_covered_against_excel(cover: str, take: Callable[..., Intake]) -> None:
    lines = lines_of(1)
    numbers = [line.cells["number"] for line in lines]
    for i, line in enumerate(lines):
        line.cells["number"] = f"NUMBER{i}"
    text = as_csv(table(lines), "utf-8").getvalue().decode()
    for i, number in enumerate(numbers):
        text = text.replace(f"NUMBER{i}", cover.format(number))
    intake = take(io.BytesIO(text.encode()), "名册.csv")
    assert shown(intake) == []
    assert [row.number for row in StagedRow.objects.filter(intake=intake).order_by("row")] == numbers


def test_titles_notes_totals_numbers_and_repeated_headings_are_no_people(take: Callable[..., Intake]) -> None:
    rows = table(lines_of())
    content = [
        ["通渭县困难群众花名册"],
        ["填报单位:平襄镇", "", "", "填报日期:2026年11月"],
        rows[0],
        list(range(1, len(HEADINGS) + 1)),
        ["例", "李某", "户主", "男", "621121195603040011"],
        *rows[1:4],
        ["小计", 3],
        [],
        ["通渭县困难群众花名册"],
        rows[0],
        *rows[4:],
        ["合计", "", "", 9],
        ["制表人:张三", "", "", "审核人:李四"],
        ["说明:本表一式三份"],
    ]
    intake = take(xlsx(content))
    assert shown(intake) == []
    assert [row for row, _, _ in people(intake)] == [6, 7, 8, 13, 14, 15, 16, 17, 18]
    assert intake.layout[0]["header_row"] == 3


def test_a_heading_of_two_rows_with_merged_groups(take: Callable[..., Intake]) -> None:
    rows = table(lines_of())
    upper = [*HEADINGS[:7], "家庭住址", "", "", *HEADINGS[10:]]
    lower = ["" for _ in HEADINGS]
    lower[7:10] = ["乡镇", "村", "门牌号"]
    content = [["花名册"], upper, lower, *rows[1:]]
    merges = [(0, 0, 0, 13), (1, 7, 1, 9), *((1, c, 2, c) for c in (0, 1, 2, 3, 4, 5, 6, 10, 11, 12, 13))]
    intake = take(xlsx(content, merges=merges))
    assert shown(intake) == []
    assert intake.layout[0]["columns"]["village"] == 8
    assert len(people(intake)) == 9


def test_household_cells_merged_over_its_rows(take: Callable[..., Intake]) -> None:
    rows = table(lines_of())
    places = [HEADINGS.index(h) for h in ("户编号", "乡镇", "村", "详细住址", "家庭年收入(元)")]
    merges = []
    for top in (1, 4, 7):
        for c in places:
            merges.append((top, c, top + 2, c))
            for r in (top + 1, top + 2):
                rows[r][c] = ""
    intake = take(xlsx(rows, merges=merges))
    assert shown(intake) == []
    assert groups(intake) == [3, 3, 3]


def test_members_below_a_head_need_not_repeat_number_and_place(take: Callable[..., Intake]) -> None:
    lines = lines_of()
    for line in lines:
        if line.cells["relation"] != "户主":
            for key in ("household", "township", "village"):
                line.cells[key] = ""
    intake = take(xlsx(table(lines)))
    assert shown(intake) == []
    assert groups(intake) == [3, 3, 3]


def test_without_household_numbers_a_head_begins_a_household(take: Callable[..., Intake]) -> None:
    keys, headings = KEYS[1:], HEADINGS[1:]
    intake = take(xlsx(table(lines_of(), keys=keys, headings=headings)))
    assert shown(intake) == []
    assert groups(intake) == [3, 3, 3]


def test_the_name_of_the_head_in_a_column_of_its_own(take: Callable[..., Intake]) -> None:
    lines = lines_of()
    for start in (0, 3, 6):
        for line in lines[start : start + 3]:
            line.cells["head"] = lines[start].cells["name"]
    keys = ["head", *[k for k in KEYS if k != "household"]]
    headings = ["户主姓名", *[h for h in HEADINGS if h != "户编号"]]
    intake = take(xlsx(table(lines, keys=keys, headings=headings)))
    assert shown(intake) == []
    assert groups(intake) == [3, 3, 3]


def test_a_list_of_households_names_only_heads(take: Callable[..., Intake]) -> None:
    lines = lines_of(5, size=1)
    keys = ["name", "number", "village", "township", "phone"]
    intake = take(xlsx(table(lines, keys=keys, headings=["户主姓名", "户主身份证号", "村", "乡镇", "联系电话"])))
    assert shown(intake) == []
    assert [relation for _, _, relation in people(intake)] == ["head"] * 5


def test_short_household_numbers_begin_anew_in_every_village_and_sheet(take: Callable[..., Intake]) -> None:
    rng = random.Random(3)
    one, two = villages(4)[0][:2], villages(4)[1][:2]
    first = [*household(rng, 1, one, key="1", size=2), *household(rng, 2, two, key="1", size=2)]
    second = household(rng, 3, one, key="1", size=2)
    intake = take(xlsx([], sheets={"甲村": table(first), "说明": [["本表由村里填写"]], "乙村": table(second)}))
    assert shown(intake) == []
    assert groups(intake) == [2, 2, 2]
    assert [layout["name"] for layout in intake.layout] == ["甲村", "乙村"]


def test_findings_name_their_sheet(take: Callable[..., Intake]) -> None:
    lines = lines_of(1)
    lines[1].cells["phone"] = "139"
    intake = take(xlsx([], sheets={"说明": [["先看这里"]], "名册": table(lines)}))
    assert shown(intake) == [{"sheet": 1, "row": 3, "field": "phone", "rule": "phone.length"}]


def test_yes_and_no_columns_disability_and_health(take: Callable[..., Intake]) -> None:
    lines = lines_of(1, size=2)
    extra = {"low": ["是", "否"], "kind": ["肢体", "无"], "grade": ["二级", ""], "health": ["尿毒症", "健康"]}
    for i, line in enumerate(lines):
        line.cells |= {name: values[i] for name, values in extra.items()}
        line.cells["categories"] = ""
    headings = [*HEADINGS, "是否低保户", "残疾类别", "残疾等级", "健康状况", "满意度"]
    intake = take(xlsx(table([*lines], keys=[*KEYS, "low", "kind", "grade", "health", "note"], headings=headings)))
    assert shown(intake) == []
    kinds = StagedCategory.objects.filter(intake=intake)
    assert list(kinds.exclude(kind="").values_list("kind", flat=True)) == ["low_income"]
    facts = sorted(entry.fact for entry in kinds.filter(kind=""))
    assert facts == ['{"kind": "disability", "detail": "肢体二级"}', '{"kind": "illness", "detail": "尿毒症"}']
    assert intake.layout[0]["unread"] == ["满意度"]


def test_the_official_code_alone_is_enough(take: Callable[..., Intake]) -> None:
    lines = lines_of(4, size=1)
    for line, (_, _, code) in zip(lines, villages(4), strict=True):
        line.cells["code"] = code
    keys = [k for k in KEYS if k not in ("township", "village")] + ["code"]
    headings = [h for h in HEADINGS if h not in ("乡镇", "村")] + ["行政区划代码"]
    intake = take(xlsx(table(lines, keys=keys, headings=headings)))
    assert shown(intake) == []
    codes = StagedPlace.objects.filter(intake=intake).order_by("number").values_list("code", flat=True)
    assert list(codes) == [code for _, _, code in villages(4)]


def test_income_in_ten_thousands_by_its_heading(take: Callable[..., Intake]) -> None:
    lines = lines_of(1, size=1)
    lines[0].cells["income"] = 1.25
    headings = [h if "收入" not in h else "家庭年收入(万元)" for h in HEADINGS]
    take(xlsx(table(lines, headings=headings)))
    assert StagedRow.objects.get().income_fen == 1_250_000


def test_places_that_do_not_resolve_are_said_at_their_own_column(take: Callable[..., Intake]) -> None:
    lines = lines_of(6, size=1)
    lines[0].cells["village"] = ""
    lines[1].cells |= {"township": "", "village": ""}
    lines[2].cells["township"] = "不存在镇"
    lines[3].cells["village"] = "不存在村"
    lines[4].cells |= {"township": "星沙街道", "village": "灰埠社区居委会"}
    intake = take(xlsx(table(lines)))
    assert found(intake) >= {
        (2, "village", "place.not_village"),
        (3, "village", "place.missing"),
        (4, "township", "place.unknown_township"),
        (5, "village", "place.unknown_village"),
    }
    assert {rule.split(".")[0] for row, _, rule in found(intake) if row == 6} == {"place"}
    assert not [rule for row, _, rule in found(intake) if row == 7]


def test_one_household_in_two_villages_and_households_without_heads(take: Callable[..., Intake]) -> None:
    lines = lines_of(3)
    lines[1].cells |= dict(zip(("township", "village"), villages(4)[3][:2], strict=True))
    lines[3].cells["relation"] = "子"
    lines[7].cells["relation"] = "户主"
    intake = take(xlsx(table(lines)))
    assert found(intake) == {
        (3, "village", "household.two_places"),
        (5, "relation", "relation.no_head"),
        (8, "relation", "relation.second_head"),
        (9, "relation", "relation.second_head"),
    }
    assert intake.counts["entering_households"] == 0


def test_the_same_person_twice(take: Callable[..., Intake]) -> None:
    lines = lines_of(3)
    again = Line(dict(lines[1].cells))
    other_name = Line(dict(lines[4].cells) | {"name": "另有其人"})
    intake = take(xlsx(table([*lines[:3], again, *lines[3:6], other_name, *lines[6:]])))
    assert found(intake) == {
        (5, "number", "person.twice"),
        (7, "number", "person.number_shared"),
        (9, "number", "person.number_shared"),
        (9, "name", "person.ask"),
    }
    assert (intake.counts["entering_households"], intake.counts["entering_people"]) == (2, 6)


def test_numbers_of_other_kinds(take: Callable[..., Intake]) -> None:
    lines = lines_of(1, size=3)
    lines[0].cells["number"] = number_for(lines[0].cells["birth"], male=lines[0].cells["sex"] == "男", area="810000")
    lines[1].cells["number"] = number_for(lines[1].cells["birth"], male=lines[1].cells["sex"] == "男", area="911156")
    lines[2].cells["number"] = "CAN310080121401"
    intake = take(xlsx(table(lines)))
    assert shown(intake) == []
    kinds = StagedRow.objects.filter(intake=intake).order_by("row").values_list("number_kind", flat=True)
    assert list(kinds) == ["permit", "foreign", "foreign_old"]
