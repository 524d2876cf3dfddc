"""From checked to committed and back: all or nothing, nobody twice, nothing half."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.management import call_command

from boai.audit.models import AuditEntry
from boai.files.services import file_open
from boai.kernel.errors import NotAllowed, UnableTo
from boai.people.actor import Actor
from boai.people.models import Branch
from boai.registry import queries, services
from boai.registry.enums import IntakeState
from boai.registry.models import CategoryEntry, Household, Intake, Resident
from boai.registry.services.households import HouseholdFacts, PersonFacts
from boai.registry.tests.factories import COUNTY, checked, found, villages
from boai.registry.tests.register_files import Line, household, table, xlsx

pytestmark = pytest.mark.django_db
Make = Callable[..., Actor]


def lines_of(count: int = 4, *, seed: int = 5) -> list[Line]:
    rng = random.Random(seed)
    return [
        line for i in range(count) for line in household(rng, i, villages(4)[i % 4][:2], key=f"6211{seed:02d}{i:07d}")
    ]


def commit(intake: Intake, actor: Actor, at: datetime) -> Intake:
    services.intake_commit(intake_id=intake.id, actor=actor, at=at, queue=False)
    return services.intake_commit_run(intake_id=intake.id, actor=Actor.system(), at=at)


def undo(intake: Intake, actor: Actor, at: datetime) -> Intake:
    services.intake_undo(intake_id=intake.id, actor=actor, at=at, queue=False)
    return services.intake_undo_run(intake_id=intake.id, actor=Actor.system(), at=at)


def census() -> tuple[int, int, int]:
    return Household.objects.count(), Resident.objects.count(), CategoryEntry.objects.count()


class TestCommit:
    def test_what_the_file_says_is_in_the_register(self, actor_for: Make, at: datetime) -> None:
        lines = lines_of()
        lines[0].cells |= {"categories": "低保;肢体二级", "note": "住校", "income": "1.2万"}
        officer = actor_for("officer")
        intake = commit(checked(xlsx(table(lines)), actor=officer, at=at), officer, at)
        assert intake.state == IntakeState.COMMITTED
        assert intake.counts["entered"] == {"households": 4, "people": 12, "categories": CategoryEntry.objects.count()}
        head = Resident.objects.get(name=lines[0].cells["name"])
        home = head.household
        cells = lines[0].cells
        assert (home.office_number, home.address, home.income_fen) == (cells["household"], cells["address"], 1_200_000)
        assert (head.number, head.phone, head.account, head.note) == (
            cells["number"],
            cells["phone"],
            cells["account"],
            "住校",
        )
        assert (head.relation, head.born_on, head.is_head) == ("head", cells["birth"], True)
        assert home.region_code == next(code for _, village, code in villages(4) if village == cells["village"])
        assert list(head.categories.exclude(kind="").values_list("kind", "source")) == [("low_income", "名册.xlsx")]
        assert json.loads(head.categories.get(kind="").fact)["detail"] == "肢体二级"
        types = set(AuditEntry.objects.values_list("type", flat=True))
        assert types >= {
            "registry.intake.uploaded",
            "registry.intake.checked",
            "registry.intake.entering",
            "registry.intake.committed",
        }

    def test_households_with_errors_stay_out_and_enter_when_mended(self, actor_for: Make, at: datetime) -> None:
        lines, officer = lines_of(), actor_for("officer")
        good = lines[4].cells["number"]
        lines[4].cells["number"] = good[:17]
        lines[7].cells["phone"] = "139"
        first = commit(checked(xlsx(table(lines)), actor=officer, at=at), officer, at)
        assert census()[:2] == (3, 9)
        assert first.counts["entered"]["households"] == 3
        lines[4].cells["number"] = good
        second = checked(xlsx(table(lines)), actor=officer, at=at)
        assert {rule for _, _, rule in found(second)} == {"household.known", "phone.length"}
        assert (second.counts["entering_households"], second.counts["entering_people"]) == (1, 3)
        commit(second, officer, at)
        assert census()[:2] == (4, 12)

    def test_without_household_numbers_people_are_known_by_their_own(self, actor_for: Make, at: datetime) -> None:
        officer, lines = actor_for("officer"), lines_of(2)
        commit(checked(xlsx(table(lines)), actor=officer, at=at), officer, at)
        for line in lines:
            line.cells["household"] = ""
        newcomer = Line(dict(lines_of(1, seed=8)[1].cells) | {"household": "", "relation": "子"})
        again = checked(xlsx(table([*lines[:3], newcomer, *lines[3:]])), actor=officer, at=at)
        rules = [rule for _, _, rule in found(again)]
        assert rules.count("person.known") == 6
        assert rules.count("relation.head_left_out") == 1
        assert again.counts["entering_households"] == 0
        assert not queries_may_commit(officer, again)
        with pytest.raises(NotAllowed):
            services.intake_commit(intake_id=again.id, actor=officer, at=at, queue=False)

    def test_twice_the_same_decision_enters_once(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        intake = checked(xlsx(table(lines_of())), actor=officer, at=at)
        commit(intake, officer, at)
        before = census()
        services.intake_commit_run(intake_id=intake.id, actor=officer, at=at)
        with pytest.raises(UnableTo):
            services.intake_commit(intake_id=intake.id, actor=officer, at=at, queue=False)
        assert census() == before

    def test_somebody_registered_meanwhile_is_left_out(self, actor_for: Make, at: datetime) -> None:
        officer, lines = actor_for("officer"), lines_of(2)
        intake = checked(xlsx(table(lines)), actor=officer, at=at)
        other = checked(
            xlsx(
                table(
                    [Line(dict(line.cells) | {"household": f"X{i // 3}99999999"}) for i, line in enumerate(lines[:3])]
                )
            ),
            actor=officer,
            at=at,
        )
        services.intake_commit(intake_id=intake.id, actor=officer, at=at, queue=False)
        commit(other, officer, at)
        done = services.intake_commit_run(intake_id=intake.id, actor=officer, at=at)
        assert done.state == IntakeState.COMMITTED
        assert done.counts["entered"]["households"] == 1
        assert census()[:2] == (2, 6)

    def test_a_stranger_decides_nothing(self, actor_for: Make, at: datetime) -> None:
        intake = checked(xlsx(table(lines_of())), actor=actor_for("officer"), at=at)
        other = Branch.objects.create(region_code="430121000000", name="长沙县红十字会", kind="society")
        for stranger in (actor_for("officer", other), actor_for("cadre"), actor_for("cashier")):
            for service in (services.intake_commit, services.intake_cancel, services.intake_again):
                with pytest.raises(NotAllowed):
                    service(intake_id=intake.id, actor=stranger, at=at)
        intake.refresh_from_db()
        assert intake.state == IntakeState.CHECKED
        assert census() == (0, 0, 0)


def queries_may_commit(actor: Actor, intake: Intake) -> bool:
    from boai.registry.policies import may_commit

    return bool(may_commit(actor, intake))


class TestUndo:
    def test_everything_goes_and_can_come_again(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        intake = commit(checked(xlsx(table(lines_of())), actor=officer, at=at), officer, at)
        back = undo(intake, officer, at)
        assert (back.state, census(), back.committed_at) == (IntakeState.CHECKED, (0, 0, 0), None)
        assert back.counts["entering_households"] == 4
        commit(back, officer, at)
        assert census()[:2] == (4, 12)

    def test_not_after_somebody_was_changed(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        intake = commit(checked(xlsx(table(lines_of())), actor=officer, at=at), officer, at)
        home = Household.objects.first()
        assert home is not None
        facts = HouseholdFacts(region_code=home.region_code, address="新址")
        services.household_change(household_id=home.id, version=1, facts=facts, actor=officer, at=at)
        before = census()
        with pytest.raises(UnableTo):
            services.intake_undo(intake_id=intake.id, actor=officer, at=at, queue=False)
        assert census() == before

    def test_not_while_something_refers_to_it(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        intake = commit(checked(xlsx(table(lines_of())), actor=officer, at=at), officer, at)
        home = Household.objects.first()
        assert home is not None
        services.resident_add(
            household_id=home.id, facts=PersonFacts(name="新来的", relation="son"), actor=officer, at=at
        )
        before = census()
        done = undo(intake, officer, at)
        assert (done.state, done.error, census()) == (IntakeState.COMMITTED, "in_use", before)


class TestSameFile:
    def test_the_same_bytes_are_the_same_intake(self, actor_for: Make, at: datetime) -> None:
        officer, content = actor_for("officer"), xlsx(table(lines_of())).getvalue()

        def upload(name: str) -> tuple[Intake, bool]:
            return services.intake_upload(
                upload=io.BytesIO(content), file_name=name, region_code=COUNTY, actor=officer, at=at, queue=False
            )

        first, new = upload("一.xlsx")
        again, new_again = upload("二.xlsx")
        assert (first.id, new, new_again) == (again.id, True, False)
        services.intake_check(intake_id=first.id, actor=officer, at=at)
        services.intake_cancel(intake_id=first.id, actor=officer, at=at)
        assert (upload("三.xlsx")[0].id, upload("三.xlsx")[0].state) == (first.id, IntakeState.RECEIVED)
        assert Intake.objects.count() == 1


class TestWorkbook:
    def test_the_file_comes_back_red_and_explained(self, actor_for: Make, at: datetime) -> None:
        lines = lines_of(2)
        lines[1].cells["phone"] = "139"
        lines[4].cells["name"] = ""
        lines[4].cells["note"] = "=1+1"
        officer = actor_for("officer")
        intake = checked(xlsx([["花名册"], *table(lines)]), actor=officer, at=at)
        stored = services.intake_workbook_make(intake_id=intake.id, actor=officer, at=at)
        assert stored is not None
        assert services.intake_workbook_make(intake_id=intake.id, actor=officer, at=at) is None
        sheet = openpyxl.load_workbook(io.BytesIO(file_open(file_id=stored.id).read())).worksheets[0]
        assert [sheet.cell(1, 1).value, sheet.cell(2, 15).value] == ["花名册", "错误"]
        assert sheet.cell(4, 7).fill.fgColor.rgb == "FFF8C9C4"
        assert sheet.cell(4, 15).value == "【联系电话】手机号应为 11 位，固定电话请带区号。这个号码先不录入。"
        assert sheet.cell(7, 2).fill.fgColor.rgb == "FFF8C9C4"
        assert str(sheet.cell(7, 15).value).startswith("【姓名】")
        assert sheet.cell(3, 15).value is None
        assert sheet.cell(3, 6).value.date() == lines[0].cells["birth"]
        assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
        mended = checked(io.BytesIO(file_open(file_id=stored.id).read()), actor=officer, at=at, name="改.xlsx")
        assert {rule for _, _, rule in found(mended)} == {"phone.length", "name.missing"}


def test_the_command_does_what_the_page_does(tmp_path: Path, actor_for: Make) -> None:
    lines = lines_of()
    lines[1].cells["phone"] = "139"
    book, findings, places = tmp_path / "名册.xlsx", tmp_path / "f.json", tmp_path / "p.json"
    book.write_bytes(xlsx(table(lines)).getvalue())
    said = io.StringIO()
    call_command("intake", str(book), branch="621121", findings=findings, places=places, commit=True, stdout=said)
    assert json.loads(said.getvalue())["state"] == "committed"
    (one,) = json.loads(findings.read_text())
    assert (one["row"], one["column"], one["value"], one["rule"]) == (3, "联系电话", "139", "phone.length")
    assert one["message"].startswith("手机号应为 11 位")
    assert [place["village_code"] for place in json.loads(places.read_text())][:1] == [villages(4)[0][2]]
    assert census()[:2] == (4, 12)
    call_command("intake", str(book), branch="621121000000", commit=True, stdout=io.StringIO())
    assert census()[:2] == (4, 12)


def test_snapshots_and_relatives(actor_for: Make, at: datetime) -> None:
    officer = actor_for("officer")
    lines = lines_of(1)
    for line, categories in zip(lines, ("低保", "大病", ""), strict=True):
        line.cells["categories"] = categories
    commit(checked(xlsx(table(lines)), actor=officer, at=at), officer, at)
    home = Household.objects.get()
    snapshot: dict[str, Any] = queries.household_snapshot(household_id=home.id, on=date(2026, 11, 24))
    assert json.loads(json.dumps(snapshot)) == snapshot
    assert snapshot["people"][0]["relation"] == "head"
    assert sum(one["sealed_facts"] for one in snapshot["people"]) == 1
    assert "illness" not in json.dumps(snapshot)
    head = queries.resident_by_number(number=lines[0].cells["number"])
    assert head is not None
    assert len(queries.relatives_of(resident_id=head.id)) == 3
