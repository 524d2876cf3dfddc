"""Several files in one intake: one register, findings by file and sheet, the same files again, one bad file."""

from __future__ import annotations

import io
import json
import random
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from boai.files.models import StoredFile
from boai.files.services import file_open
from boai.files.stores import store
from boai.kernel.errors import BadInput, UnableTo
from boai.kernel.scope import EVERYWHERE, Scope, scoped
from boai.people.actor import Actor
from boai.regions.codes import span
from boai.registry import queries, services
from boai.registry.enums import IntakeState
from boai.registry.models import Finding, Household, Intake, IntakeFile, Resident, StagedRow
from boai.registry.services import FileTaken, Sent
from boai.registry.tests.factories import COUNTY, shown, signed_in, villages
from boai.registry.tests.register_files import Line, household, table, xlsx

Make = Callable[..., Actor]
Files = Sequence[tuple[str, bytes]]


def village(place: int, count: int = 3, *, seed: int = 7) -> list[Line]:
    """The households of one village."""
    rng = random.Random(seed * 100 + place)
    return [
        line for i in range(count) for line in household(rng, i, villages(4)[place][:2], key=f"62{place:04d}{i:07d}")
    ]


def book(*places: int, spoil: Callable[[list[Line]], None] | None = None, seed: int = 7) -> bytes:
    """A workbook with a sheet for each of these villages."""
    sheets: dict[str, Sequence[Sequence[Any]]] = {}
    for place in places:
        lines = village(place, seed=seed)
        if spoil:
            spoil(lines)
        sheets[f"第{place}村"] = table(lines)
    return xlsx([], sheets=sheets).getvalue()


def csv_of(lines: list[Line]) -> bytes:
    rows = [",".join("" if cell is None else str(cell) for cell in row) for row in table(lines)]
    return "\n".join(rows).encode()


def upload(files: Files, *, actor: Actor, at: datetime) -> tuple[Intake, bool]:
    return services.files_upload(
        sent=[Sent(io.BytesIO(content), name) for name, content in files], region_code=COUNTY, actor=actor, at=at,
        queue=False,
    )  # fmt: skip


def taken(files: Files, *, actor: Actor, at: datetime) -> Intake:
    intake, _new = upload(files, actor=actor, at=at)
    return services.intake_check(intake_id=intake.id, actor=actor, at=at)


@pytest.mark.django_db
class TestOneRegister:
    def test_sheets_are_numbered_across_the_files(self, actor_for: Make, at: datetime) -> None:
        def spoil(lines: list[Line]) -> None:
            lines[1].cells["phone"] = "139"

        files = [("甲镇.xlsx", book(0, 1)), ("乙镇.xlsx", book(2, spoil=spoil)), ("丙.csv", csv_of(village(3)))]
        intake = taken(files, actor=actor_for("officer"), at=at)
        assert (intake.state, intake.counts["people"], intake.counts["entering_households"]) == ("checked", 36, 12)
        assert [layout["sheet"] for layout in intake.layout] == [0, 1, 2, 3]
        assert list(intake.files.order_by("position").values_list("first_sheet", flat=True)) == [0, 2, 3]
        assert set(StagedRow.objects.filter(intake=intake).values_list("sheet", flat=True)) == {0, 1, 2, 3}
        (one,) = queries.findings_page(intake=intake).rows
        assert (one.sheet, one.row) == ("乙镇.xlsx · 第2村", 3)
        assert intake.file_name == "甲镇.xlsx 等 3 个文件"

    def test_the_same_person_in_two_files_is_named_by_file(self, actor_for: Make, at: datetime) -> None:
        one, other = village(0), village(1)
        other[1].cells |= {key: one[1].cells[key] for key in ("name", "number", "birth", "sex")}
        files = [
            ("甲.xlsx", book(2)),
            ("乙.xlsx", xlsx(table(one)).getvalue()),
            ("丙.xlsx", xlsx(table(other)).getvalue()),
        ]
        intake = taken(files, actor=actor_for("officer"), at=at)
        found = Finding.objects.get(intake=intake)
        assert (found.sheet, found.row) == (2, 3)
        (view,) = queries.findings_page(intake=intake).rows
        assert "第 1 个工作表第 3 行" in view.sentence or "第 1 张表第 3 行" in view.sentence
        assert view.sentence.endswith("（在文件“乙.xlsx”中）")

    def test_they_enter_together_and_the_workbook_names_both(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")

        def spoil(lines: list[Line]) -> None:
            lines[4].cells["number"] = "1"

        files = [("名册.xlsx", book(0)), ("名册.xlsx", book(1, spoil=spoil))]
        intake = taken(files, actor=officer, at=at)
        assert [one.name for one in queries.intake_files(intake=intake)] == ["名册.xlsx", "名册(2).xlsx"]
        stored = services.intake_workbook_make(intake_id=intake.id, actor=officer, at=at)
        assert stored is not None
        made = openpyxl.load_workbook(io.BytesIO(file_open(file_id=stored.id).read()))
        assert made.sheetnames == ["名册·第0村", "名册(2)·第1村"]
        assert [cell for cell in made.worksheets[0]["O"] if cell.row > 1 and cell.value] == []
        assert str(made.worksheets[1]["O6"].value).startswith("【身份证号】")
        services.intake_commit(intake_id=intake.id, actor=officer, at=at, queue=False)
        services.intake_commit_run(intake_id=intake.id, actor=officer, at=at)
        assert (Household.objects.count(), Resident.objects.count()) == (5, 15)


@pytest.mark.django_db
class TestTheSameAgain:
    def test_the_same_files_in_any_order(self, actor_for: Make, at: datetime) -> None:
        officer, files = actor_for("officer"), [("甲.xlsx", book(0)), ("乙.xlsx", book(1))]
        first, new = upload(files, actor=officer, at=at)
        again, new_again = upload([*reversed(files), files[0]], actor=officer, at=at)
        assert (again.id, new, new_again) == (first.id, True, False)
        assert IntakeFile.objects.count() == 2

    def test_a_file_of_another_intake_is_refused_with_its_name(self, actor_for: Make, at: datetime) -> None:
        officer, one, other = actor_for("officer"), ("甲.xlsx", book(0)), ("乙.xlsx", book(1))
        first, _new = upload([one, other], actor=officer, at=at)
        for files in ([one], [("丙.xlsx", book(2)), one]):
            with pytest.raises(FileTaken) as caught:
                upload(files, actor=officer, at=at)
            assert caught.value.intake_id == first.id
            assert "“甲.xlsx”" in caught.value.message
            assert "2026-11-24" in caught.value.message
        assert (Intake.objects.count(), IntakeFile.objects.count(), StoredFile.objects.count()) == (1, 2, 2)

    def test_a_cancelled_intake_lets_its_files_go(self, actor_for: Make, at: datetime) -> None:
        officer, one, other = actor_for("officer"), ("甲.xlsx", book(0)), ("乙.xlsx", book(1))
        first, _new = upload([one, other], actor=officer, at=at)
        services.intake_cancel(intake_id=first.id, actor=officer, at=at)
        alone, new = upload([one], actor=officer, at=at)
        assert new
        assert alone.id != first.id
        with pytest.raises(UnableTo):
            services.intake_again(intake_id=first.id, actor=officer, at=at, queue=False)
        first.refresh_from_db()
        assert first.state == IntakeState.CANCELLED
        services.intake_cancel(intake_id=alone.id, actor=officer, at=at)
        back, new = upload([other, one], actor=officer, at=at)
        assert (back.id, new, back.state) == (first.id, False, IntakeState.RECEIVED)


def test_two_officers_with_one_file_in_common(own_database: None, at: datetime) -> None:
    """Both in the same moment: one has it, the other is told; nothing is kept of the second."""
    common, together, said = book(0), threading.Barrier(2), []

    def officer(number: int, own: bytes) -> None:
        with scoped(Scope(*span(COUNTY), user="system")):
            try:
                together.wait(timeout=30)
                upload([("同.xlsx", common), (f"{number}.xlsx", own)], actor=Actor.system(), at=at)
                said.append("taken")
            except FileTaken as error:
                said.append(error.message)
            finally:
                connection.close()

    threads = [threading.Thread(target=officer, args=(n, book(n))) for n in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(said)[0] == "taken"
    assert len(said) == 2
    assert "同.xlsx" in sorted(said)[1]
    with scoped(EVERYWHERE):
        assert (Intake.objects.count(), IntakeFile.objects.count()) == (1, 2)


@pytest.mark.django_db
class TestOneBadFile:
    def test_a_file_that_is_none_is_named_and_nothing_is_kept(self, actor_for: Make, at: datetime) -> None:
        with pytest.raises(BadInput) as caught:
            upload([("好.xlsx", book(0)), ("图.xlsx", b"\x89PNG\r\n\x1a\n....")], actor=actor_for("officer"), at=at)
        assert "“图.xlsx”" in caught.value.message
        assert (Intake.objects.count(), StoredFile.objects.count()) == (0, 0)

    @pytest.mark.parametrize(
        ("content", "code"),
        [
            (lambda: xlsx([["说明"], ["没有表"]]).getvalue(), "no_table"),
            (lambda: xlsx(table([])).getvalue(), "no_people"),
            (lambda: xlsx([[1, 2, 3]]).getvalue(), "no_table"),
        ],
    )
    def test_a_file_that_cannot_be_read_is_named_and_nothing_is_staged(
        self, content: Callable[[], bytes], code: str, actor_for: Make, at: datetime
    ) -> None:
        officer = actor_for("officer")
        bad = ("坏.xlsx", content())
        intake = taken([("好.xlsx", book(0)), bad], actor=officer, at=at)
        assert (intake.state, intake.error, intake.error_file) == (IntakeState.FAILED, code, "坏.xlsx")
        assert not StagedRow.objects.exists()
        page = signed_in(officer).get(reverse("registry:intake", args=[intake.id])).content.decode()
        assert "“坏.xlsx”" in page
        mended = taken([("好.xlsx", book(0)), ("坏.xlsx", book(1))], actor=officer, at=at)
        assert (mended.state, mended.counts["people"]) == (IntakeState.CHECKED, 18), "the good file is free again"

    def test_a_file_that_changes_while_it_is_uploaded(self, actor_for: Make, at: datetime) -> None:
        class Growing(io.BytesIO):
            passes = 0

            def seek(self, *where: int) -> int:
                self.passes += 1
                if self.passes == 3:  # hashed, and not yet stored
                    super().seek(0, io.SEEK_END)
                    self.write(b"\n1,2,3")
                return super().seek(*where)

        growing = Growing(csv_of(village(0)))
        with pytest.raises(BadInput, match="被改动"):
            services.intake_upload(
                upload=growing, file_name="表.csv", region_code=COUNTY, actor=actor_for("officer"), at=at, queue=False
            )
        assert (Intake.objects.count(), StoredFile.objects.count()) == (0, 0)

    def test_a_stored_file_that_is_no_longer_the_same_is_not_read(self, actor_for: Make, at: datetime) -> None:
        """The store is sealed; what is unsealed goes into a file without a name and is held against its SHA-256."""
        officer = actor_for("officer")
        one, _new = upload([("甲.xlsx", book(0))], actor=officer, at=at)
        other, _new = upload([("乙.xlsx", book(1))], actor=officer, at=at)
        kept, strange = one.files.get(), other.files.get()
        IntakeFile.objects.filter(id=kept.id).update(stored=strange.stored)
        done = services.intake_check(intake_id=one.id, actor=officer, at=at)
        assert (done.state, done.error) == (IntakeState.FAILED, "changed")
        whole = b"".join(store().get(strange.stored.object_name))
        store().delete(strange.stored.object_name)
        store().put(strange.stored.object_name, iter([whole[:-1] + bytes([whole[-1] ^ 1])]))
        done = services.intake_check(intake_id=other.id, actor=officer, at=at)
        assert (done.state, done.error) == (IntakeState.FAILED, "changed")
        assert not StagedRow.objects.exists()


@pytest.mark.django_db
class TestPagesAndCommand:
    def test_several_files_at_once_on_the_page(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        client = signed_in(officer)

        def send(*files: tuple[str, bytes]) -> Any:
            listed = [SimpleUploadedFile(name, content) for name, content in files]
            return client.post(reverse("registry:intake_list"), {"file": listed, "kind": "register"})

        answer = send(("甲.xlsx", book(0)), ("乙.xlsx", book(1)))
        intake = Intake.objects.get()
        assert answer.headers["Location"] == reverse("registry:intake", args=[intake.id])
        services.intake_check(intake_id=intake.id, actor=officer, at=at)
        page = client.get(answer.headers["Location"]).content.decode()
        for one in queries.intake_files(intake=intake):
            address = reverse("registry:intake_file", args=[intake.id, one.position])
            assert address in page
            assert "Content-Disposition" not in client.get(address).headers
            assert client.post(address, {"reason": "核对原件"}).headers["Content-Disposition"].startswith("attachment")
        assert client.get(reverse("registry:intake_file", args=[intake.id, 9])).status_code == 404
        columns = client.get(reverse("registry:intake_columns", args=[intake.id])).content.decode()
        assert "甲.xlsx · 第0村" in columns
        led = client.post(
            reverse("registry:intake_list"), {"file": [SimpleUploadedFile("甲.xlsx", book(0))]}, follow=True
        )
        assert led.redirect_chain[-1][0] == reverse("registry:intake", args=[intake.id])
        assert "“甲.xlsx”" in led.content.decode()
        empty = send(("甲.xlsx", book(2)), ("空.xlsx", b""))
        assert empty.status_code == 422
        assert "“空.xlsx”" in empty.content.decode()
        many = send(*((f"{n}.csv", f"a,b,{n}".encode()) for n in range(101)))
        assert many.status_code == 422
        assert "100" in many.content.decode()
        assert Intake.objects.count() == 1

    def test_progress_names_the_file(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        intake, _new = upload([("甲.xlsx", book(0)), ("乙.xlsx", book(1))], actor=officer, at=at)
        Intake.objects.update(state=IntakeState.READING, files_read=2, rows_read=4000, rows_checked=3900)
        text = signed_in(officer).get(reverse("registry:intake_progress", args=[intake.id])).content.decode()
        assert "第 2 个文件（共 2 个）" in text
        assert "4000" in text

    def test_the_command_takes_several(self, tmp_path: Path, actor_for: Make) -> None:
        paths = [tmp_path / "甲.xlsx", tmp_path / "乙.xlsx"]
        for place, path in enumerate(paths):
            path.write_bytes(book(place))
        said = io.StringIO()
        call_command("intake", *map(str, paths), branch="621121", commit=True, stdout=said)
        assert json.loads(said.getvalue())["people"] == 18
        assert Household.objects.count() == 6
        with pytest.raises(CommandError, match=r"甲\.xlsx"):
            call_command("intake", str(paths[0]), branch="621121", stdout=io.StringIO())
        with pytest.raises(CommandError, match="没有"):
            call_command("intake", str(paths[0]), str(tmp_path / "没有.xlsx"), branch="621121", stdout=io.StringIO())


@pytest.mark.django_db
class TestScale:
    def test_the_findings_of_one_file_and_of_eight_cost_the_same(self, actor_for: Make, at: datetime) -> None:
        officer, costs = actor_for("officer"), []

        def spoil(lines: list[Line]) -> None:
            for line in lines:
                line.cells["phone"] = "139"

        for count in (1, 8):
            files = [(f"{n}.xlsx", book(n % 4, spoil=spoil, seed=count * 10 + n)) for n in range(count)]
            intake = taken(files, actor=officer, at=at)
            client, url = signed_in(officer), reverse("registry:findings", args=[intake.id])
            client.get(url)
            with CaptureQueriesContext(connection) as asked:
                assert client.get(url, {"rule": "phone.length"}).status_code == 200
            costs.append(len(asked))
        assert costs[0] == costs[1]

    def test_a_page_of_a_hundred_thousand_findings(self, actor_for: Make, at: datetime) -> None:
        """Written by one statement: the page reads fifty of them, wherever in the list."""
        officer = actor_for("officer")
        intake = taken([("甲.xlsx", book(0)), ("乙.xlsx", book(1))], actor=officer, at=at)
        with connection.cursor() as cursor:
            cursor.execute(
                """INSERT INTO registry_finding (intake_id, region_code, sheet, "row", "column", field, rule, severity,
                                                 value, params)
                   SELECT %s, %s, n %% 2, 2 + n / 2, 6, 'phone', 'phone.length', 'warning', ''::bytea, '{}'
                   FROM generate_series(1, 100000) n""",
                [intake.id, intake.region_code],
            )
            cursor.execute("ANALYZE registry_finding")
        Intake.objects.update(counts=intake.counts | {"rules": {"phone.length": 100_000}})
        client, url = signed_in(officer), reverse("registry:findings", args=[intake.id])
        client.get(url)
        middle = Finding.objects.filter(intake=intake, sheet=1, row=20_000).get()
        start = time.perf_counter()
        for key in ("", f"after:{middle.id}", f"before:{middle.id}"):
            page = client.get(url, {"rule": "phone.length", "key": key}).context["page"]
            assert len(page.rows) == 50
        assert time.perf_counter() - start < 6, "two seconds a page on a busy machine"


@pytest.mark.django_db
def test_a_file_of_corrections_speaks_of_rows_and_comes_back_too(actor_for: Make, at: datetime) -> None:
    officer, lines = actor_for("officer"), village(0)
    entered = taken([("册.xlsx", book(0))], actor=officer, at=at)
    services.intake_commit(intake_id=entered.id, actor=officer, at=at, queue=False)
    services.intake_commit_run(intake_id=entered.id, actor=officer, at=at)
    rows = [["身份证号", "联系电话"], [lines[0].cells["number"], "139"], ["1", "13900000001"]]
    intake, _new = services.intake_upload(
        upload=xlsx(rows), file_name="改.xlsx", region_code=COUNTY, actor=officer, at=at, queue=False, kind="patch"
    )
    intake = services.intake_check(intake_id=intake.id, actor=officer, at=at)
    assert intake.state == IntakeState.CHECKED
    meanings = {one.meaning for one in queries.rules_found(intake=intake)}
    assert meanings == {"必须改正，本行暂不更改台账", "这一格不采用，本行其余照常更改"}
    client = signed_in(officer)
    for name in ("intake", "findings"):
        page = client.get(reverse(f"registry:{name}", args=[intake.id])).content.decode()
        assert "本户" not in page
        assert "该户" not in page

    stored = services.intake_workbook_make(intake_id=intake.id, actor=officer, at=at)
    assert stored is not None
    made = openpyxl.load_workbook(io.BytesIO(file_open(file_id=stored.id).read()))
    made.worksheets[0]["B2"].value, made.worksheets[0]["A3"].value = "13911111111", lines[1].cells["number"]
    back = io.BytesIO()
    made.save(back)
    returned = services.workbook_return(
        intake_id=intake.id, upload=back, file_name="回.xlsx", actor=officer, at=at, queue=False
    )
    services.returned_compare(returned_id=returned.id, at=at)
    services.returned_apply(returned_id=returned.id, actor=officer, at=at, queue=False)
    done = services.intake_recheck(intake_id=intake.id)
    assert (shown(done), done.counts["changing"], done.counts["refused"]) == ([], 2, 0)
    services.intake_commit(intake_id=intake.id, actor=officer, at=at, queue=False)
    services.intake_commit_run(intake_id=intake.id, actor=officer, at=at)
    phones = {
        one.phone for one in Resident.objects.filter(number_tail__in=[row.cells["number"][-4:] for row in lines[:2]])
    }
    assert phones == {"13911111111", "13900000001"}
