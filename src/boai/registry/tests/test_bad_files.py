"""Files that mean harm or are broken: a clear code, little memory, nothing half-done."""

from __future__ import annotations

import io
import random
import resource
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from boai.files.errors import FileRefused
from boai.people.actor import Actor
from boai.registry.enums import IntakeState
from boai.registry.intake.rules import FILE_SENTENCES, file_sentence
from boai.registry.intake.sniff import BadFile
from boai.registry.intake.stream import Rows, reading
from boai.registry.models import Intake, StagedRow
from boai.registry.services import intake_workbook_make
from boai.registry.tests.factories import checked, villages
from boai.registry.tests.register_files import HEADINGS, household, table, xlsx

Make = Callable[..., Actor]


def read(path: Path) -> int:
    """The number of rows that the reading process hands out."""
    with reading(path) as events:
        return sum(len(event.rows) for event in events if isinstance(event, Rows))


def code_of(tmp_path: Path, content: bytes, name: str = "file.xlsx") -> str:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(BadFile) as caught:
        read(path)
    assert str(file_sentence(caught.value.code))
    assert caught.value.code in FILE_SENTENCES
    return caught.value.code


def rebuilt(parts: dict[str, bytes]) -> bytes:
    """A small real workbook with some of its parts replaced."""
    target = io.BytesIO()
    with zipfile.ZipFile(xlsx([["a"]])) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
        for name in source.namelist():
            out.writestr(name, parts.get(name, source.read(name)))
    return target.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
OPEN = b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
CLOSE = b"</sheetData></worksheet>"


class TestReadingProcess:
    @pytest.mark.parametrize(
        ("content", "code"),
        [
            (b"", "empty"), (b" \n", "empty"), (b"%PDF-1.7", "pdf"), (b"\x89PNG\r\n\x1a\n", "picture"), (b"\xff\xd8\xff\xe0", "picture"),
            (b"Rar!\x1a", "archive"), (b"<html><table></table></html>", "web_page"), (b"\xef\xbb\xbf<!DOCTYPE html>", "web_page"),
            (b"{\\rtf1", "word"), (b"\x7fELF\x00\x00", "not_a_sheet"), (b"PK\x03\x04nonsense", "damaged"), (b"\x81\xff,\xff", "encoding"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "damaged"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "EncryptedPackage".encode("utf-16-le"), "password"),
        ],
    )  # fmt: skip
    def test_wrong_kinds(self, content: bytes, code: str, tmp_path: Path) -> None:
        assert code_of(tmp_path, content) == code

    def test_other_archives(self, tmp_path: Path) -> None:
        for name, code in (("word/document.xml", "word"), ("photo.jpg", "archive")):
            target = io.BytesIO()
            with zipfile.ZipFile(target, "w") as out:
                out.writestr(name, "x")
            assert code_of(tmp_path, target.getvalue()) == code

    def test_a_bomb_by_its_ratio(self, tmp_path: Path) -> None:
        assert code_of(tmp_path, rebuilt({SHEET: OPEN + b" " * 60_000_000 + CLOSE})) == "bomb"

    def test_a_bomb_by_its_claimed_size(self, tmp_path: Path) -> None:
        content = rebuilt({})
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            real = archive.getinfo(SHEET).file_size
        claimed = content.replace(real.to_bytes(4, "little"), (2**31).to_bytes(4, "little"))
        assert code_of(tmp_path, claimed) in ("bomb", "damaged")

    def test_a_cell_far_away_does_not_take_the_machine_with_it(self, tmp_path: Path) -> None:
        far = b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
        assert code_of(tmp_path, rebuilt({SHEET: OPEN + far + CLOSE})) == "memory"
        assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 1_400_000  # KiB; any child of these tests

    def test_billion_laughs(self, tmp_path: Path) -> None:
        entities = b"".join(b'<!ENTITY %c "%b">' % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(9))
        laughs = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">' + entities + b"]>" + OPEN[21:] + CLOSE
        assert code_of(tmp_path, rebuilt({SHEET: laughs})) == "entities"

    @pytest.mark.parametrize("cut", [100, 2000, 4000])
    def test_cut_short(self, cut: int, tmp_path: Path) -> None:
        assert code_of(tmp_path, xlsx([["a"]]).getvalue()[:cut]) == "damaged"

    def test_a_locked_part(self, tmp_path: Path) -> None:
        content = bytearray(rebuilt({}))
        for at in range(len(content) - 4):
            if content[at : at + 4] == b"PK\x01\x02":
                content[at + 8] |= 1
        assert code_of(tmp_path, bytes(content)) == "password"

    def test_sixteen_thousand_columns(self, tmp_path: Path) -> None:
        path = tmp_path / "wide.xlsx"
        path.write_bytes(xlsx([[f"列{i}" for i in range(16_384)], ["张三"]]).getvalue())
        with reading(path) as events:
            widths = [len(row) for event in events if isinstance(event, Rows) for row in event.rows]
        assert widths == [300, 1]

    @settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(data=st.data())
    def test_a_workbook_with_any_bytes_changed_reads_or_says_why(self, data: st.DataObject, tmp_path: Path) -> None:
        content = bytearray(xlsx([["姓名", "电话"], ["张三", 13800138000]]).getvalue())
        for _ in range(data.draw(st.integers(1, 6))):
            content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
        path = tmp_path / "fuzz.xlsx"
        path.write_bytes(bytes(content))
        try:
            assert read(path) >= 0
        except BadFile as error:
            assert error.code in FILE_SENTENCES

    def test_leaving_early_ends_the_process(self, tmp_path: Path) -> None:
        path = tmp_path / "long.csv"
        path.write_text("甲,乙\n" * 200_000, encoding="utf-8")
        with reading(path) as events:
            next(events)
        with reading(path) as events:
            assert sum(len(event.rows) for event in events if isinstance(event, Rows)) == 200_000


@pytest.mark.django_db
class TestIntake:
    def failed(self, actor_for: Make, at: datetime, content: io.BytesIO, name: str = "名册.xlsx") -> str:
        intake = checked(content, actor=actor_for("officer"), at=at, name=name)
        assert intake.state == IntakeState.FAILED
        assert not StagedRow.objects.exists()
        assert not intake.findings.exists()
        return intake.error

    def test_no_table_no_people_no_place(self, actor_for: Make, at: datetime) -> None:
        assert self.failed(actor_for, at, xlsx([["会议通知"], ["请各村于周五前报送"]])) == "no_table"
        assert self.failed(actor_for, at, xlsx([HEADINGS])) == "no_people"
        assert self.failed(actor_for, at, xlsx([["姓名", "身份证号"], ["张三", "1"]])) == "no_place"

    def test_formulas_count_by_their_results_and_never_run(self, actor_for: Make, at: datetime) -> None:
        lines = household(random.Random(1), 1, villages(2)[0][:2], size=1)
        lines[0].cells["note"] = '=HYPERLINK("http://evil.example","点我")'
        intake = checked(xlsx(table(lines)), actor=actor_for("officer"), at=at)
        assert StagedRow.objects.get(intake=intake).note == "公式的结果"

    def test_refused_at_the_door(self, actor_for: Make, at: datetime) -> None:
        for content in (b"", b"%PDF-1.7 nothing", b"PK\x03\x04nonsense"):
            with pytest.raises(FileRefused):
                checked(io.BytesIO(content), actor=actor_for("officer"), at=at)
        assert not Intake.objects.exists()

    def test_the_command_says_it_in_one_sentence(self, tmp_path: Path) -> None:
        path = tmp_path / "leer.xlsx"
        path.write_bytes(xlsx([["会议通知"]]).getvalue())
        with pytest.raises(CommandError, match="没有找到人员表格"):
            call_command("intake", str(path), branch="621121")
        with pytest.raises(CommandError, match="打不开"):
            call_command("intake", str(tmp_path / "none.xlsx"), branch="621121")
        with pytest.raises(CommandError, match="没有这个区划"):
            call_command("intake", str(path), branch="999999")
        with pytest.raises(CommandError, match="不是区划代码"):
            call_command("intake", str(path), branch="通渭")


@pytest.mark.django_db
class TestSignsThatNoDatabaseHolds:
    """NUL (`_x0000_` in XLSX) and its kin: in cells a finding, in headings and names of sheets made visible."""

    def book(self, *, nul: str) -> io.BytesIO:
        lines = household(random.Random(2), 1, villages(2)[0][:2], size=1)
        rows = table(lines)
        rows[0] += ["低保", f"满意度{nul}"]
        rows[1] += [f"二类{nul}", "好"]
        rows[1][HEADINGS.index("姓名")] = f"王{nul}小明"
        rows[1][HEADINGS.index("备注")] = f"见附件{nul}"
        rows[1][HEADINGS.index("与户主关系")] = f"户{nul}主"
        rows[1][HEADINGS.index("村")] = f"中{nul}林村"
        rows[1][HEADINGS.index("户编号")] = f"12{nul}3"
        return xlsx([], sheets={"名册": rows, "说明": [[f"请看{nul}"]]})

    @pytest.mark.parametrize("sign", ["_x0000_", "_x0008_", "\u202e", "\ufffd"])
    def test_in_every_kind_of_cell(self, sign: str, actor_for: Make, at: datetime) -> None:
        content = io.BytesIO(_with(self.book(nul="NULL@"), "NULL@", sign))
        officer = actor_for("officer")
        intake = checked(content, actor=officer, at=at)
        assert intake.state == IntakeState.CHECKED
        rules = dict(intake.findings.values_list("field", "rule"))
        assert rules["name"].startswith("name.")
        assert rules["note"].startswith("text.")
        assert intake_workbook_make(intake_id=intake.id, actor=officer, at=at) is not None

    def test_a_sheet_name_that_no_database_holds(self, actor_for: Make, at: datetime) -> None:
        content = _with(self.book(nul=""), 'name="说明"', 'name="说_x0000_明"')
        intake = checked(io.BytesIO(content), actor=actor_for("officer"), at=at)
        assert intake.state == IntakeState.CHECKED


def _with(book: io.BytesIO, old: str, new: str) -> bytes:
    """The workbook with a text replaced in all its parts."""
    target = io.BytesIO()
    with zipfile.ZipFile(book) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
        for name in source.namelist():
            out.writestr(name, source.read(name).replace(old.encode(), new.encode()))
    return target.getvalue()
