"""A findings workbook comes back corrected: only what was changed, shown first, never over somebody's later word."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from boai.audit.models import AuditEntry
from boai.files.services import file_open
from boai.kernel.errors import NotAllowed, NotFound, StalePage, UnableTo
from boai.kernel.scope import EVERYWHERE, set_scope
from boai.people.actor import Actor
from boai.people.models import Branch
from boai.registry import queries, services
from boai.registry.enums import IntakeState, ReturnState
from boai.registry.intake.rowmarks import RowMarks, Stranger, Tampered, canonical
from boai.registry.models import CellFix, Finding, Intake, ReturnedCell, ReturnedWorkbook, StagedRow
from boai.registry.services import Sent
from boai.registry.services.jobs import RETURNED
from boai.registry.services.resuming import SILENCE, jobs_resume
from boai.registry.tests.factories import COUNTY, checked, found, shown, signed_in
from boai.registry.tests.register_files import Line, table, xlsx
from boai.registry.tests.test_files import village

Make = Callable[..., Actor]
MARK = 16  # the column of the marks, counted from 1
COLUMNS = {
    "household": 1,
    "name": 2,
    "relation": 3,
    "number": 5,
    "birth": 6,
    "phone": 7,
    "village": 9,
    "categories": 11,
    "income": 12,
}


def spoiled() -> tuple[list[Line], dict[int, dict[str, Any]]]:
    """A village with faults, and what would be right, by row."""
    lines = village(0)
    right: dict[int, dict[str, Any]] = {}
    for place, key, wrong in ((1, "number", "1"), (4, "phone", "139"), (5, "birth", "1956-13-40"), (7, "name", "")):
        right.setdefault(place + 2, {})[key] = lines[place].cells[key] or "13900000000"
        lines[place].cells[key] = wrong
    return lines, right


def book_of(intake: Intake, actor: Actor, at: datetime) -> bytes:
    """The findings workbook as the officer downloads it."""
    stored = services.intake_workbook_make(intake_id=intake.id, actor=actor, at=at)
    assert stored is not None
    return file_open(file_id=stored.id).read()


def edited(content: bytes, change: Callable[[Any], None]) -> bytes:
    """What the village does in its spreadsheet programme."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def written(content: bytes, cells: dict[int, dict[str, Any]], sheet: int = 0) -> bytes:
    """Cells by row and key."""

    def change(book: Any) -> None:
        for row, values in cells.items():
            for key, value in values.items():
                book.worksheets[sheet].cell(row, COLUMNS[key]).value = value

    return edited(content, change)


def sent_back(intake: Intake, content: bytes, actor: Actor, at: datetime) -> ReturnedWorkbook:
    returned = services.workbook_return(
        intake_id=intake.id, upload=io.BytesIO(content), file_name="改.xlsx", actor=actor, at=at, queue=False
    )
    return services.returned_compare(returned_id=returned.id, at=at)


def applied(returned: ReturnedWorkbook, actor: Actor, at: datetime) -> Intake:
    """Take over, then what the jobs do."""
    services.returned_apply(returned_id=returned.id, actor=actor, at=at, queue=False)
    intake = Intake.objects.get(id=returned.intake_id)
    if intake.state == IntakeState.RECEIVED:
        services.intake_check(intake_id=intake.id, actor=actor, at=at)
    else:
        services.intake_recheck(intake_id=intake.id)
    intake.refresh_from_db()
    return intake


def facts(intake: Intake) -> list[tuple[Any, ...]]:
    rows = StagedRow.objects.filter(intake=intake).order_by("sheet", "row")
    fields = (
        "sheet",
        "row",
        "name",
        "pinyin",
        "relation",
        "sex",
        "born_on",
        "number",
        "number_blind",
        "phone",
        "account",
        "income_fen",
        "note",
    )
    return [tuple(bytes(v) if isinstance(v := getattr(row, f), memoryview) else v for f in fields) for row in rows]


@pytest.mark.django_db
class TestThereAndBack:
    def test_what_the_village_corrected_is_as_if_it_had_stood_there(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        lines, right = spoiled()
        intake = checked(xlsx(table(lines)), actor=officer, at=at)
        assert len(shown(intake)) == 4
        returned = sent_back(intake, written(book_of(intake, officer, at), right), officer, at)
        assert (returned.state, returned.plain) == (ReturnState.READY, True)
        assert {k: returned.counts[k] for k in ("rows", "changed", "cells", "conflicts")} == {
            "rows": 9,
            "changed": 4,
            "cells": 4,
            "conflicts": 0,
        }
        page = queries.returned_page(intake=intake, returned=returned)
        assert [(one.row, one.column, one.before) for one in page.rows][:2] == [
            (3, "身份证号", "1"),
            (6, "联系电话", "139"),
        ]
        assert (CellFix.objects.count(), len(shown(intake))) == (0, 4), "shown first, nothing is taken over yet"
        ids = set(StagedRow.objects.values_list("id", flat=True))
        done = applied(returned, officer, at)
        assert (done.state, shown(done), done.counts["entering_people"]) == (IntakeState.CHECKED, [], 9)
        assert set(StagedRow.objects.values_list("id", flat=True)) == ids, "only the changed rows were read"
        assert AuditEntry.objects.filter(type="registry.workbook.applied", actor_id=officer.user_id).count() == 1
        quick = facts(done)
        services.intake_again(intake_id=intake.id, actor=officer, at=at, queue=False)
        services.intake_check(intake_id=intake.id, actor=officer, at=at)
        assert facts(intake) == quick, "reading the whole file with the corrections over it says the same"

    def test_cells_on_which_others_depend_have_the_files_read_again(self, actor_for: Make, at: datetime) -> None:
        officer, lines = actor_for("officer"), village(0)
        lines[0].cells |= {"categories": "低保;残疾;贫困大户", "household": "620000000000001"}
        lines[4].cells["village"] = "不存在村"
        intake = checked(xlsx(table(lines)), actor=officer, at=at)
        content = written(
            book_of(intake, officer, at),
            {
                2: {"categories": "残疾", "household": lines[1].cells["household"]},
                6: {"village": lines[3].cells["village"]},
            },
        )
        returned = sent_back(intake, content, officer, at)
        assert not returned.plain
        done = applied(returned, officer, at)
        assert (shown(done), done.counts["households"], done.counts["entering_people"]) == ([], 3, 9)
        (fix,) = CellFix.objects.filter(row=2, column=COLUMNS["categories"] - 1)
        assert (fix.value, fix.whole) == ("残疾", True)

    def test_twice_is_nothing_the_second_time(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        lines, right = spoiled()
        intake = checked(xlsx(table(lines)), actor=officer, at=at)
        content = written(book_of(intake, officer, at), right)
        applied(sent_back(intake, content, officer, at), officer, at + timedelta(hours=1))
        fixes = list(CellFix.objects.order_by("id").values_list("id", "made_at"))
        again = sent_back(intake, content, officer, at + timedelta(hours=2))
        assert (again.state, again.counts["cells"], again.counts["conflicts"]) == (ReturnState.READY, 0, 0)
        with pytest.raises(UnableTo):
            services.returned_apply(returned_id=again.id, actor=officer, at=at, queue=False)
        assert list(CellFix.objects.order_by("id").values_list("id", "made_at")) == fixes

    def test_sorted_filtered_and_deleted_rows_change_nothing(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        lines, right = spoiled()
        intake = checked(xlsx(table(lines)), actor=officer, at=at)

        def change(book: Any) -> None:
            sheet = book.worksheets[0]
            rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
            kept = [rows[i] for i in (7, 4, 0)]
            sheet.delete_rows(2, 100)
            for row in kept:
                sheet.append(row)
            sheet.cell(2, COLUMNS["name"]).value = right[9]["name"]

        returned = sent_back(intake, edited(book_of(intake, officer, at), change), officer, at)
        (cell,) = ReturnedCell.objects.all()
        assert (cell.row, cell.column, returned.counts["rows"]) == (9, 1, 3)
        done = applied(returned, officer, at)
        assert {rule for _row, _field, rule in found(done)} == {"number.length", "phone.length", "birth.not_a_date"}
        assert done.counts["people"] == 9

    def test_a_wrong_correction_is_named(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        lines, _right = spoiled()
        intake = checked(xlsx(table(lines)), actor=officer, at=at)
        content = written(book_of(intake, officer, at), {3: {"number": "62112119560304"}, 6: {"phone": "不知道"}})
        done = applied(sent_back(intake, content, officer, at), officer, at)
        assert {(3, "number", "number.length"), (6, "phone", "phone.characters")} < found(done)
        assert Finding.objects.get(intake=done, row=6).value == "不知道"

    def test_several_files(self, actor_for: Make, at: datetime) -> None:
        officer, first, second = actor_for("officer"), village(0), village(1)
        wanted = second[1].cells["number"]
        first[0].cells["phone"], second[1].cells["number"] = "139", "1"
        sent = [Sent(xlsx(table(lines)), f"{name}.xlsx") for name, lines in (("甲", first), ("乙", second))]
        intake, _new = services.files_upload(sent=sent, region_code=COUNTY, actor=officer, at=at, queue=False)
        intake = services.intake_check(intake_id=intake.id, actor=officer, at=at)
        content = written(book_of(intake, officer, at), {3: {"number": wanted}}, sheet=1)
        content = written(content, {2: {"phone": "13900000001"}})
        returned = sent_back(intake, content, officer, at)
        rows = queries.returned_page(intake=intake, returned=returned).rows
        assert [(one.sheet, one.row, one.after) for one in rows] == [
            ("甲.xlsx · 花名册", 2, "13900000001"),
            ("乙.xlsx · 花名册", 3, wanted),
        ]
        assert shown(applied(returned, officer, at)) == []


@pytest.mark.django_db
class TestConflicts:
    def test_a_later_word_is_never_overwritten(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        lines, right = spoiled()
        intake = checked(xlsx(table(lines)), actor=officer, at=at)
        content = written(book_of(intake, officer, at), right)
        finding = Finding.objects.get(intake=intake, row=6)
        services.finding_fix(
            intake_id=intake.id,
            finding_id=finding.id,
            value="13811111111",
            actor=officer,
            at=at + timedelta(hours=1),
            queue=False,
        )
        services.intake_recheck(intake_id=intake.id)
        returned = sent_back(intake, content, officer, at + timedelta(hours=2))
        assert (returned.counts["cells"], returned.counts["conflicts"]) == (3, 1)
        first = queries.returned_page(intake=intake, returned=returned).rows[0]
        assert (first.conflict, first.row, first.before, first.after) == (True, 6, "13811111111", right[6]["phone"])
        done = applied(returned, officer, at + timedelta(hours=3))
        assert shown(done) == []
        assert StagedRow.objects.get(intake=done, row=6).phone == "13811111111"

    def test_corrected_between_the_look_and_the_word(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        lines, right = spoiled()
        intake = checked(xlsx(table(lines)), actor=officer, at=at)
        returned = sent_back(intake, written(book_of(intake, officer, at), right), officer, at)
        finding = Finding.objects.get(intake=intake, row=6)
        services.finding_fix(
            intake_id=intake.id, finding_id=finding.id, value="13811111111", actor=officer, at=at, queue=False
        )
        with pytest.raises(StalePage):
            services.returned_apply(returned_id=returned.id, actor=officer, at=at, queue=False)
        returned.refresh_from_db()
        assert (returned.state, CellFix.objects.count()) == (ReturnState.READY, 1)
        client = signed_in(officer)
        client.post(reverse("registry:returned_apply", args=[intake.id, returned.id]))
        returned.refresh_from_db()
        assert (returned.state, ReturnedCell.objects.count()) == (ReturnState.RECEIVED, 0)
        assert services.returned_compare(returned_id=returned.id, at=at).counts["conflicts"] == 1

    def test_words_of_a_whole_cell_can_still_be_corrected_one_by_one(self, actor_for: Make, at: datetime) -> None:
        officer, lines = actor_for("officer"), village(0)
        lines[0].cells["categories"] = "贫困大户"
        intake = checked(xlsx(table(lines)), actor=officer, at=at)
        content = written(book_of(intake, officer, at), {2: {"categories": "低保;富裕户"}})
        done = applied(sent_back(intake, content, officer, at), officer, at)
        finding = Finding.objects.get(intake=done)
        assert finding.value == "富裕户"
        services.finding_fix(
            intake_id=done.id, finding_id=finding.id, value="退役军人", actor=officer, at=at, queue=False
        )
        services.intake_again(intake_id=done.id, actor=officer, at=at, queue=False)
        services.intake_check(intake_id=done.id, actor=officer, at=at)
        assert (shown(done), CellFix.objects.get().value) == ([], "低保、退役军人")


@pytest.mark.django_db
class TestRefusals:
    def both(self, actor_for: Make, at: datetime) -> tuple[Actor, Intake, bytes]:
        officer = actor_for("officer")
        intake = checked(xlsx(table(spoiled()[0])), actor=officer, at=at)
        return officer, intake, book_of(intake, officer, at)

    @pytest.mark.parametrize(
        ("what", "change"),
        [
            ("tampered", lambda sheet: _set(sheet, 3, MARK, str(sheet.cell(3, MARK).value)[:-1] + "!")),
            ("tampered", lambda sheet: _set(sheet, 3, MARK, str(sheet.cell(3, MARK).value).replace(".0.3.", ".0.4."))),
            ("tampered", lambda sheet: _set(sheet, 3, MARK, "随便写的")),
            ("twice", lambda sheet: _set(sheet, 4, MARK, sheet.cell(3, MARK).value)),
            ("added", lambda sheet: _set(sheet, 3, MARK, None)),
            ("columns", lambda sheet: sheet.insert_cols(2)),
            ("columns", lambda sheet: sheet.delete_cols(4)),
            ("columns", lambda sheet: _swap(sheet, 2, 3)),
        ],
    )  # fmt: skip
    def test_what_nobody_can_know_is_said_and_not_taken(
        self, what: str, change: Callable[[Any], None], actor_for: Make, at: datetime
    ) -> None:
        officer, intake, content = self.both(actor_for, at)

        def spoil(book: Any) -> None:
            book.worksheets[0].cell(3, COLUMNS["number"]).value = "621121195603040019"
            change(book.worksheets[0])

        returned = sent_back(intake, edited(content, spoil), officer, at)
        assert (returned.state, returned.counts["cells"], returned.counts.get(what)) == (ReturnState.READY, 0, 1)
        (problem,) = queries.returned_problems(returned=returned)
        assert (problem.count, len(problem.names)) == (1, 1)
        assert "花名册" in problem.names[0]
        page = signed_in(officer).get(reverse("registry:returned", args=[intake.id, returned.id])).content.decode()
        assert problem.reason in page
        assert not CellFix.objects.exists()

    def test_other_files_and_other_imports(self, actor_for: Make, at: datetime) -> None:
        officer, intake, content = self.both(actor_for, at)
        lines = village(1)
        lines[0].cells["phone"] = "139"
        other = checked(xlsx(table(lines)), actor=officer, at=at, name="二.xlsx")
        assert sent_back(other, content, officer, at).error == "other_import"
        assert sent_back(intake, xlsx(table(lines)).getvalue(), officer, at).error == "no_marks"
        assert sent_back(intake, b"a,b\n1,2\n", officer, at).error == "no_marks"
        foreign = book_of(other, officer, at)

        def mix(book: Any) -> None:
            theirs = openpyxl.load_workbook(io.BytesIO(foreign)).worksheets[0]
            for column in range(1, MARK + 1):
                book.worksheets[0].cell(5, column).value = theirs.cell(5, column).value

        mixed = sent_back(intake, edited(content, mix), officer, at)
        assert (mixed.counts["stranger"], mixed.counts["cells"]) == (1, 0)
        assert not CellFix.objects.exists()

    def test_states_and_strangers(self, actor_for: Make, at: datetime) -> None:
        officer, intake, content = self.both(actor_for, at)
        returned = sent_back(intake, written(content, {6: {"phone": "13900000001"}}), officer, at)
        later = sent_back(intake, written(content, {6: {"phone": "13900000002"}}), officer, at)
        returned.refresh_from_db()
        assert returned.state == ReturnState.DISCARDED, "the new one takes its place"
        assert ReturnedCell.objects.count() == 1
        other = Branch.objects.create(region_code="430121000000", name="长沙县红十字会", kind="society")
        stranger = actor_for("officer", other)
        for actor in (stranger, actor_for("cadre")):
            with pytest.raises(NotAllowed):
                services.returned_apply(returned_id=later.id, actor=actor, at=at, queue=False)
            with pytest.raises(NotAllowed):
                services.returned_discard(returned_id=later.id, actor=actor, at=at)
            with pytest.raises(NotAllowed):
                sent_back(intake, content, actor, at)
        client = signed_in(stranger)
        for name in ("returned", "returned_progress", "returned_apply", "returned_discard"):
            answer = client.post if "ly" in name or "card" in name else client.get
            assert answer(reverse(f"registry:{name}", args=[intake.id, later.id])).status_code == 404
        set_scope(EVERYWHERE)
        with pytest.raises(NotFound):
            services.returned_apply(returned_id=intake.id, actor=officer, at=at)
        assert (CellFix.objects.count(), ReturnedCell.objects.count()) == (0, 1)
        services.intake_commit(intake_id=intake.id, actor=officer, at=at, queue=False)
        with pytest.raises(UnableTo):
            services.returned_apply(returned_id=later.id, actor=officer, at=at, queue=False)
        with pytest.raises(UnableTo):
            sent_back(intake, content, officer, at)
        assert not CellFix.objects.exists()

    def test_cancelling_the_import_leaves_nothing(self, actor_for: Make, at: datetime) -> None:
        officer, intake, content = self.both(actor_for, at)
        sent_back(intake, written(content, {6: {"phone": "13900000001"}}), officer, at)
        services.intake_cancel(intake_id=intake.id, actor=officer, at=at)
        assert (ReturnedWorkbook.objects.count(), ReturnedCell.objects.count()) == (0, 0)

    def test_a_lost_comparison_is_queued_again(self, actor_for: Make, at: datetime) -> None:
        officer, intake, content = self.both(actor_for, at)
        services.workbook_return(
            intake_id=intake.id, upload=io.BytesIO(content), file_name="改.xlsx", actor=officer, at=at, queue=False
        )
        assert jobs_resume(at=at + timedelta(seconds=SILENCE - 1)) == 0
        assert jobs_resume(at=at + timedelta(seconds=SILENCE + 1)) == 1
        assert list(ProcrastinateJob.objects.values_list("task_name", flat=True)) == [RETURNED]


@pytest.mark.django_db
def test_the_pages(actor_for: Make, at: datetime) -> None:
    officer = actor_for("officer")
    lines, right = spoiled()
    intake = checked(xlsx(table(lines)), actor=officer, at=at)
    content = written(book_of(intake, officer, at), right)
    client = signed_in(officer)
    door = reverse("registry:workbook_return", args=[intake.id])
    assert door in client.get(reverse("registry:findings", args=[intake.id])).content.decode()
    assert client.get(door).status_code == 200
    assert client.post(door, {"workbook": SimpleUploadedFile("x.pdf", b"%PDF-1.7 x")}).status_code == 422
    answer = client.post(door, {"workbook": SimpleUploadedFile("改.xlsx", content)})
    returned = ReturnedWorkbook.objects.get()
    address = reverse("registry:returned", args=[intake.id, returned.id])
    assert answer.headers["Location"] == address
    assert "正在与发出的标注表比对" in client.get(address).content.decode()
    assert client.get(reverse("registry:returned_progress", args=[intake.id, returned.id])).status_code == 200
    services.returned_compare(returned_id=returned.id, at=at)
    assert client.get(reverse("registry:returned_progress", args=[intake.id, returned.id])).status_code == 204
    page = client.get(address).content.decode()
    assert right[3]["number"] in page
    assert reverse("registry:returned_apply", args=[intake.id, returned.id]) in page
    assert client.post(reverse("registry:returned_apply", args=[intake.id, returned.id])).status_code == 302
    assert CellFix.objects.count() == 4
    after = client.get(address).content.decode()
    assert "已采用" in after
    assert client.post(reverse("registry:returned_discard", args=[intake.id, returned.id])).status_code == 409


def test_pages_of_many_cells(db: None, actor_for: Make, at: datetime) -> None:
    officer, lines = actor_for("officer"), village(0, 25)
    for line in lines:
        line.cells["phone"] = "139"
    intake = checked(xlsx(table(lines)), actor=officer, at=at)
    content = written(book_of(intake, officer, at), {row: {"phone": f"139{row:08d}"} for row in range(2, 77)})
    returned = sent_back(intake, content, officer, at)
    ReturnedCell.objects.filter(row__in=[10, 20]).update(conflict=True)
    seen: list[int] = []
    key = ""
    while True:
        page = queries.returned_page(intake=intake, returned=returned, key=key, size=20)
        seen += [one.row for one in page.rows]
        key = page.after
        if not key:
            break
    assert seen[:3] == [10, 20, 2]
    assert sorted(seen) == list(range(2, 77))


class TestMarks:
    KEYS = (b"k" * 32, b"o" * 32)

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            (12.0, "12"), (12, 12.0), ("12.50", 12.5), (5.20624e17, "5.20624e+17"), (date(1956, 3, 4), "1956-03-04"),
            (datetime(1956, 3, 4), "1956-03-04"), ("甲\r\n乙", "甲\n乙"), ("甲_x000D_乙", "甲\n乙"), (" 甲 ", "甲"), ("", None),
            (True, "TRUE"), ("a\x00b", "ab"),
        ],
    )  # fmt: skip
    def test_how_it_was_saved_makes_no_difference(self, one: Any, other: Any) -> None:
        assert canonical(one) == canonical(other)

    @pytest.mark.parametrize(
        ("one", "other"),
        [("0932", "932"), ("007", 7), ("甲", "乙"), ("1e5x", "100000"), ("621121195603040019", "621121195603040018")],
    )
    def test_what_differs_differs(self, one: Any, other: Any) -> None:
        assert canonical(one) != canonical(other)

    def test_only_ours_is_read(self) -> None:
        from uuid import UUID

        cells: Sequence[Any] = ["甲", 12.0, ""]
        ours, theirs = UUID(int=1), UUID(int=2)
        text = RowMarks(ours, self.KEYS).write(3, 77, list(cells), 4)
        marks = RowMarks(ours, self.KEYS[::-1])
        mark = marks.read(text)
        assert (mark.sheet, mark.row, marks.changed(mark, ["甲", "12"])) == (3, 77, []), "also under an older key"
        assert marks.changed(mark, ["甲", "13", "", "多"]) == [1, 3]
        with pytest.raises(Stranger):
            RowMarks(theirs, self.KEYS).read(text)
        for bad in ("", None, 3.0, text[:-1], text.replace(".77.", ".78."), text + "A", "x" * 5000):
            with pytest.raises(Tampered):
                marks.read(bad)


def _set(sheet: Any, row: int, column: int, value: Any) -> None:
    sheet.cell(row, column).value = value


def _swap(sheet: Any, one: int, other: int) -> None:
    for row in range(1, sheet.max_row + 1):
        a, b = sheet.cell(row, one), sheet.cell(row, other)
        a.value, b.value = b.value, a.value
