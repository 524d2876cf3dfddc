"""What else offices do: 同上, letters for digits, a sheet for every village, page footers, the dead on the list.

docs/algorithms/intake.md tells about each of them; a habit that is handled stands there and is tested here.
"""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from xml.sax.saxutils import escape

import pytest
import xlsxwriter
from procrastinate.contrib.django.models import ProcrastinateJob

from boai.people.actor import Actor
from boai.registry import services
from boai.registry.enums import IntakeState
from boai.registry.models import Intake, StagedPlace, StagedRow
from boai.registry.services.jobs import CHECK, COMMIT, UNDO, WORKBOOK
from boai.registry.services.resuming import SILENCE, jobs_resume
from boai.registry.tests.factories import checked, found, shown, villages
from boai.registry.tests.register_files import HEADINGS, KEYS, Line, household, table, xlsx

pytestmark = pytest.mark.django_db
Make = Callable[..., Actor]
Take = Callable[..., Intake]


def lines_of(count: int = 3, *, size: int = 3) -> list[Line]:
    rng, places = random.Random(5), villages(4)
    return [
        line for i in range(count) for line in household(rng, i, places[i % 4][:2], size=size, key=f"62112100{i:05d}")
    ]


@pytest.fixture
def take(actor_for: Make, at: datetime) -> Take:
    def run(content: io.BytesIO, name: str = "名册.xlsx") -> Intake:
        return checked(content, actor=actor_for("officer"), at=at, name=name)

    return run


def places_of(intake: Intake) -> list[str]:
    """The village code of every row, in order."""
    codes = dict(StagedPlace.objects.filter(intake=intake).values_list("number", "code"))
    rows = StagedRow.objects.filter(intake=intake).order_by("sheet", "row")
    return [codes[number] for number in rows.values_list("place", flat=True)]


def ods(rows: list[list[Any]]) -> io.BytesIO:
    """A small spreadsheet of LibreOffice: dates, numbers and text with their types."""

    def cell(value: Any) -> str:
        if value in ("", None):
            return "<table:table-cell/>"
        if isinstance(value, date):
            return f'<table:table-cell office:value-type="date" office:date-value="{value.isoformat()}"/>'
        if isinstance(value, int | float):
            return f'<table:table-cell office:value-type="float" office:value="{value}"/>'
        text = escape(str(value))
        return f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>'

    body = "".join(f"<table:table-row>{''.join(cell(c) for c in row)}</table:table-row>" for row in rows)
    names = " ".join(
        f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{short}:1.0"' for short in ("office", "table", "text")
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {names}><office:body><office:spreadsheet>'
        f'<table:table table:name="花名册">{body}</table:table></office:spreadsheet></office:body>'
        "</office:document-content>"
    )
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    target.seek(0)
    return target


def test_ods_says_the_same_as_xlsx(take: Take) -> None:
    lines = lines_of()
    lines[1].cells |= {"phone": "139", "birth": "1956.3.4"}
    lines[4].cells["number"] = 5.20624e17
    rows = table(lines)
    one, two = take(xlsx(rows)), take(ods(rows), "名册.ods")
    assert found(one) == found(two)
    assert {rule for _, _, rule in found(two)} >= {"phone.length", "number.scientific"}
    staged = [
        list(StagedRow.objects.filter(intake=i).order_by("row").values_list("name", "born_on")) for i in (one, two)
    ]
    assert staged[0] == staged[1]


@pytest.mark.parametrize("sign", ["同上", "〃", " 同上 ", "″"])
def test_as_above_holds_for_what_people_share(sign: str, take: Take) -> None:
    lines = lines_of(1)
    lines[0].cells |= {"categories": "低保", "phone": "13900000001"}
    for line in lines[1:]:
        line.cells |= dict.fromkeys(("household", "township", "village", "address", "categories", "phone"), sign)
    intake = take(xlsx(table(lines)))
    assert shown(intake) == []
    assert len(set(places_of(intake))) == 1
    tails = StagedRow.objects.filter(intake=intake).values_list("phone_tail", flat=True)
    assert list(tails) == ["0001"] * 3
    assert intake.counts["households"] == 1


def test_as_above_is_no_name_and_no_number(take: Take) -> None:
    lines = lines_of(1)
    lines[1].cells["name"] = "同上"
    lines[2].cells["number"] = "同上"
    assert found(take(xlsx(table(lines)))) == {(3, "name", "name.ditto"), (4, "number", "number.characters")}


def test_as_above_with_nothing_above_is_said(take: Take) -> None:
    lines = lines_of(1, size=1)
    lines[0].cells["village"] = "同上"
    assert {rule for _, _, rule in found(take(xlsx(table(lines))))} == {"place.unknown_village"}


def test_letters_for_digits_are_named_but_not_taken(take: Take) -> None:
    lines = lines_of(2, size=1)
    number = str(lines[0].cells["number"])
    lines[0].cells |= {"number": number.replace("1", "l"), "phone": "139O0000001"}
    lines[1].cells["account"] = "62284800OOO1234567"
    intake = take(xlsx(table(lines)))
    assert found(intake) == {
        (2, "number", "number.letters"),
        (2, "phone", "phone.letters"),
        (3, "account", "account.letters"),
    }
    assert StagedRow.objects.get(intake=intake, row=2).number_blind is None


def test_whoever_the_note_calls_dead_stays_out(take: Take) -> None:
    lines = lines_of(3, size=1)
    for line, note in zip(lines, ("已故", "(迁出)", "其父已故,由村里照应"), strict=True):
        line.cells["note"] = note
    intake = take(xlsx(table(lines)))
    assert found(intake) == {(2, "note", "person.gone"), (3, "note", "person.gone")}
    assert intake.counts["entering_households"] == 1


def test_broken_formulas_are_no_text(take: Take) -> None:
    lines = lines_of(1, size=1)
    lines[0].cells |= {"address": "#REF!", "note": "#VALUE!"}
    intake = take(xlsx(table(lines)))
    assert found(intake) == {(2, "address", "text.formula"), (2, "note", "text.formula")}


def test_totals_and_page_numbers_in_other_words(take: Take) -> None:
    rows = table(lines_of(1))
    width = len(HEADINGS)
    others: list[list[Any]] = [
        ["中林村小计", "", "", "", "", "", "", "", "", "", "", 12000],
        ["", "平襄镇合计", "", "", "", "", 25],
        ["小 计", "3户", "9人"],
        ["共3户", "", "9人"],
        ["第 1 页", "", "", "", "", "", "共 5 页"],
        ["(以下空白)", "", "", "", "", "", ""],
    ]
    rows += [row + [""] * (width - len(row)) for row in others]
    intake = take(xlsx(rows))
    assert shown(intake) == []
    assert intake.counts["people"] == 3


def test_ages_and_odd_dates_are_said_and_never_guessed(take: Take) -> None:
    lines = lines_of(4, size=1)
    born = lines[3].cells["birth"]
    for line, text in zip(lines, ("68岁", "4/3/1956", "1956 3 4", f"{born:%Y%m%d}"), strict=True):
        line.cells["birth"] = text
    found_rules = found(take(xlsx(table(lines))))
    assert found_rules == {(row, "birth", "birth.not_a_date") for row in (2, 3, 4)}


class TestPlaceOfTheSheet:
    """Every village its own sheet, and no column for it."""

    keys = [k for k in KEYS if k not in ("township", "village")]
    headings = [h for h in HEADINGS if h not in ("乡镇", "村")]

    def bare(self, lines: list[Line]) -> list[list[Any]]:
        return table(lines, keys=self.keys, headings=self.headings)

    def test_the_name_of_the_sheet(self, take: Take) -> None:
        one, two = villages(4)[0], villages(4)[1]
        lines = lines_of(2)
        intake = take(xlsx([], sheets={one[1]: self.bare(lines[:3]), two[1]: self.bare(lines[3:])}))
        assert shown(intake) == []
        assert places_of(intake) == [one[2]] * 3 + [two[2]] * 3

    @pytest.mark.parametrize("title", ["填报单位:{}{}(盖章)", "{}{}困难群众花名册"])
    def test_the_title_over_the_table(self, title: str, take: Take) -> None:
        township, village, code = villages(4)[2]
        intake = take(xlsx([[title.format(township, village)], *self.bare(lines_of(1))]))
        assert shown(intake) == []
        assert places_of(intake) == [code] * 3

    def test_a_village_that_does_not_exist(self, take: Take) -> None:
        intake = take(xlsx([], sheets={"不存在村": self.bare(lines_of(1, size=1))}))
        assert found(intake) == {(2, "village", "place.unknown_village")}

    def test_a_title_that_names_no_village(self, take: Take) -> None:
        intake = take(xlsx([["通渭县农村低保花名册"], *self.bare(lines_of(1))]))
        assert (intake.state, intake.error) == (IntakeState.FAILED, "no_place")


def test_headings_with_line_breaks_and_tabs(take: Take) -> None:
    broken = {"身份证号": "身份\n证号", "与户主关系": "与户主\r\n关系", "联系电话": "联系\t电话"}
    intake = take(xlsx(table(lines_of(1), headings=[broken.get(h, h) for h in HEADINGS])))
    assert shown(intake) == []
    assert intake.layout[0]["unread"] == []


def test_a_heading_of_three_rows(take: Take) -> None:
    rows = table(lines_of(1))
    upper, middle, lower = list(HEADINGS), [""] * len(HEADINGS), [""] * len(HEADINGS)
    upper[7:10] = ["家庭情况", "", ""]
    middle[7:10] = ["所在地", "", "详细住址"]
    lower[7:9] = ["乡镇", "村"]
    intake = take(xlsx([upper, middle, lower, *rows[1:]], merges=[(0, 7, 0, 9), (1, 7, 1, 8)]))
    assert shown(intake) == []
    assert (intake.layout[0]["header_row"], intake.counts["people"]) == (3, 3)


def test_sheets_and_columns_that_were_not_read_are_named(take: Take) -> None:
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    for name in ("名册", "旧名册", "说明", "空表"):
        sheet = book.add_worksheet(name)
        content: list[list[Any]] = [["先看这里"]] if name == "说明" else []
        if "名册" in name:
            content = [[*HEADINGS, "配偶姓名"], *(row for row in table(lines_of(1, size=1))[1:])]
        for r, row in enumerate(content):
            for c, cell in enumerate(row):
                sheet.write(r, c, cell.isoformat() if isinstance(cell, date) else cell)
        if name == "旧名册":
            sheet.hide()
    book.close()
    target.seek(0)
    intake = take(target)
    assert intake.sheets_left == ["旧名册", "说明"]
    assert intake.layout[0]["unread"] == ["配偶姓名"]
    assert intake.counts["people"] == 1


class TestLostJobs:
    """A worker that is killed takes its job along; the minute's round queues it again, once."""

    def queued(self) -> list[str]:
        return list(ProcrastinateJob.objects.order_by("id").values_list("task_name", flat=True))

    @pytest.mark.parametrize(
        ("state", "job"),
        [
            (IntakeState.RECEIVED, CHECK),
            (IntakeState.READING, CHECK),
            (IntakeState.COMMITTING, COMMIT),
            (IntakeState.UNDOING, UNDO),
        ],
    )
    def test_a_silent_step_is_queued_again(self, state: IntakeState, job: str, take: Take, at: datetime) -> None:
        intake = take(xlsx(table(lines_of(1))))
        Intake.objects.filter(id=intake.id).update(state=state, beat_at=at)
        assert jobs_resume(at=at + timedelta(seconds=SILENCE - 1)) == 0
        assert jobs_resume(at=at + timedelta(seconds=SILENCE + 1)) == 1
        assert jobs_resume(at=at + timedelta(seconds=SILENCE + 2)) == 0
        assert self.queued() == [job]

    def test_a_workbook_that_is_owed_is_queued_again(self, take: Take, actor_for: Make, at: datetime) -> None:
        lines = lines_of(1)
        lines[0].cells["phone"] = "139"
        fine, faulty = take(xlsx(table(lines_of(2)))), take(xlsx(table(lines)))
        Intake.objects.update(beat_at=at)
        later = at + timedelta(seconds=SILENCE + 1)
        assert jobs_resume(at=later) == 1
        assert self.queued() == [WORKBOOK]
        assert services.intake_workbook_make(intake_id=faulty.id, actor=actor_for("officer"), at=later)
        assert jobs_resume(at=later + timedelta(seconds=SILENCE + 1)) == 0
        assert not fine.counts["rules"]
        Intake.objects.update(workbook=None, beat_at=at)
        assert jobs_resume(at=at + timedelta(hours=2)) == 0, "not for ever: a file that can't be written stays without"


def test_sheets_of_one_long_name_come_back_side_by_side(take: Take, actor_for: Make, at: datetime) -> None:
    """LibreOffice allows names that Excel does not: longer than 31 characters, unlike only in their last ones."""
    lines = lines_of(1)
    lines[0].cells["phone"] = "139"
    content = ods(table(lines)).getvalue()
    long = "通渭县平襄镇二〇二六年困难群众救助对象家庭成员信息登记花名册"
    assert len(long) < 31
    names = [f"{long}甲乙丙", f"{long}甲乙丁"]
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        text = archive.read("content.xml").decode()
    table_of = text[text.index("<table:table ") : text.index("</office:spreadsheet>")]
    both = "".join(table_of.replace("花名册", name, 1) for name in names)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", text.replace(table_of, both))
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    intake = take(io.BytesIO(target.getvalue()), "名册.ods")
    assert [layout["name"] for layout in intake.layout] == names
    assert services.intake_workbook_make(intake_id=intake.id, actor=actor_for("officer"), at=at) is not None
