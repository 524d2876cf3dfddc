"""Findings by village, and cells corrected beside their findings: the same reader, the same rules."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from boai.audit.models import AuditEntry
from boai.kernel.errors import NotAllowed, NotFound, UnableTo
from boai.kernel.scope import EVERYWHERE, set_scope
from boai.people.actor import Actor
from boai.people.models import Branch
from boai.registry import queries, services
from boai.registry.enums import IntakeState
from boai.registry.models import CellFix, Finding, Intake, Resident, StagedCategory, StagedRow
from boai.registry.services.fixing import Fixed
from boai.registry.tests.factories import checked, found, shown, signed_in, villages
from boai.registry.tests.register_files import Line, household, table, xlsx

pytestmark = pytest.mark.django_db
Make = Callable[..., Actor]


def people(count: int = 4, *, seed: int = 3) -> list[Line]:
    rng = random.Random(seed)
    return [
        line for i in range(count) for line in household(rng, i, villages(4)[i % 4][:2], key=f"6211{seed:02d}{i:07d}")
    ]


def fix(intake: Intake, row: int, field: str, value: str, actor: Actor, at: datetime) -> Fixed:
    """Correct the cell of a finding, then what the job does."""
    finding = Finding.objects.get(intake=intake, row=row, field=field)
    done = services.finding_fix(
        intake_id=intake.id, finding_id=finding.id, value=value, actor=actor, at=at, queue=False
    )
    if done.again:
        services.intake_check(intake_id=intake.id, actor=actor, at=at)
    else:
        services.intake_recheck(intake_id=intake.id)
    intake.refresh_from_db()
    return done


class TestCorrecting:
    @pytest.mark.parametrize(
        ("key", "wrong"),
        [
            ("number", "cut"), ("birth", "1956-13-40"), ("sex", "甲"), ("name", ""), ("relation", "朋友的表哥"), ("phone", "139"),
            ("account", "存折"), ("income", "没多少"), ("village", "不存在村"), ("township", "不存在镇"), ("note", "坏\u202e"),
            ("address", "坏\u202e"),
        ],
    )  # fmt: skip
    def test_the_right_value_leaves_the_file_as_if_it_had_stood_there(
        self, key: str, wrong: str, actor_for: Make, at: datetime
    ) -> None:
        officer, lines = actor_for("officer"), people()
        lines[3].cells |= {"note": "住校"}
        place = 4 if key in ("relation", "sex", "birth") else 3
        right = lines[place].cells[key]
        clean = checked(xlsx(table(lines)), actor=officer, at=at)
        lines[place].cells[key] = right[:17] if wrong == "cut" else wrong
        intake = checked(xlsx(table(lines)), actor=officer, at=at, name="二.xlsx")
        assert len(shown(intake)) == 1
        text = right.isoformat() if hasattr(right, "isoformat") else str(right)
        assert fix(intake, place + 2, key, text, officer, at) == Fixed()
        assert shown(intake) == []
        assert (intake.state, intake.counts) == (IntakeState.CHECKED, clean.counts)
        assert _facts(intake) == _facts(clean)
        services.intake_again(intake_id=intake.id, actor=officer, at=at, queue=False)
        services.intake_check(intake_id=intake.id, actor=officer, at=at)
        assert shown(intake) == [], "laid over the file whenever it is read again"
        assert _facts(intake) == _facts(clean)

    def test_a_wrong_correction_is_named_again(self, actor_for: Make, at: datetime) -> None:
        officer, lines = actor_for("officer"), people()
        lines[1].cells["number"] = lines[1].cells["number"][:17]
        lines[2].cells["village"] = "不存在村"
        intake = checked(xlsx(table(lines)), actor=officer, at=at)
        wrong = lines[4].cells["number"][:17] + ("1" if lines[4].cells["number"][17] != "1" else "2")
        assert fix(intake, 3, "number", wrong, officer, at).rules == ("number.check_digit",)
        fix(intake, 3, "number", lines[4].cells["number"], officer, at)
        assert "person.number_shared" in {rule for _, _, rule in found(intake)}, "the whole file is checked again"

    def test_other_words_of_a_cell_are_kept(self, actor_for: Make, at: datetime) -> None:
        officer, lines = actor_for("officer"), people()
        lines[0].cells["categories"] = "低保;贫困大户"
        intake = checked(xlsx(table(lines)), actor=officer, at=at)
        fix(intake, 2, "categories", "退役军人", officer, at)
        row = StagedRow.objects.get(intake=intake, row=2)

        def kinds() -> set[str]:
            of_row = StagedRow.objects.get(intake=intake, row=2).id
            return set(StagedCategory.objects.filter(resident_id=of_row).values_list("kind", flat=True))

        assert kinds() == {"low_income", "veteran"}
        services.intake_again(intake_id=intake.id, actor=officer, at=at, queue=False)
        services.intake_check(intake_id=intake.id, actor=officer, at=at)
        assert (kinds(), shown(intake)) == ({"low_income", "veteran"}, [])
        assert not StagedRow.objects.filter(id=row.id).exists()

    def test_who_belongs_together_is_read_anew(self, actor_for: Make, at: datetime) -> None:
        officer, lines = actor_for("officer"), people(1)
        lines[0].cells["household"] = 6.2112100000001e17
        for line in lines[1:]:
            line.cells["household"] = "621103000000099"
        intake = checked(xlsx(table(lines)), actor=officer, at=at)
        assert fix(intake, 2, "household", "621103000000099", officer, at).again
        assert (shown(intake), intake.counts["households"], intake.counts["entering_people"]) == ([], 1, 3)

    def test_what_was_corrected_enters(self, actor_for: Make, at: datetime) -> None:
        officer, lines = actor_for("officer"), people(1)
        right, lines[1].cells["number"] = lines[1].cells["number"], "1"
        intake = checked(xlsx(table(lines)), actor=officer, at=at)
        assert intake.counts["entering_households"] == 0
        fix(intake, 3, "number", right, officer, at)
        stored = services.intake_workbook_make(intake_id=intake.id, actor=officer, at=at)
        assert stored is None, "nothing is left to send back"
        services.intake_commit(intake_id=intake.id, actor=officer, at=at, queue=False)
        services.intake_commit_run(intake_id=intake.id, actor=officer, at=at)
        assert Resident.objects.filter(number_tail=right[-4:]).exists()
        assert AuditEntry.objects.filter(type="registry.finding.fixed", actor_id=officer.user_id).count() == 1


class TestRefusals:
    def test_repeats_strangers_and_what_is_gone(self, actor_for: Make, at: datetime) -> None:
        officer, lines = actor_for("officer"), people(1)
        lines[1].cells["phone"] = "139"
        double = Line(dict(lines[1].cells))
        intake = checked(xlsx(table([*lines, double])), actor=officer, at=at)
        twice = Finding.objects.get(intake=intake, rule="person.twice")
        phone = Finding.objects.filter(intake=intake, rule="phone.length").first()
        assert phone is not None
        other = Branch.objects.create(region_code="430121000000", name="长沙县红十字会", kind="society")
        fixed: dict[str, Any] = {"intake_id": intake.id, "value": "13900000000", "at": at}
        with pytest.raises(UnableTo):
            services.finding_fix(finding_id=twice.id, actor=officer, **fixed)
        for stranger in (actor_for("officer", other), actor_for("cadre")):
            with pytest.raises(NotAllowed):
                services.finding_fix(finding_id=phone.id, actor=stranger, **fixed)
        with pytest.raises(NotFound):
            services.finding_fix(finding_id=phone.id + 1000, actor=officer, **fixed)
        assert not CellFix.objects.exists()
        services.finding_fix(finding_id=phone.id, actor=officer, **fixed)
        with pytest.raises(NotFound):
            services.finding_fix(finding_id=phone.id, actor=officer, **fixed)
        services.intake_commit(intake_id=intake.id, actor=officer, at=at, queue=False)
        with pytest.raises(UnableTo):
            services.finding_fix(finding_id=twice.id, actor=officer, **fixed)

    def test_cancelling_forgets_them(self, actor_for: Make, at: datetime) -> None:
        officer, lines = actor_for("officer"), people(1)
        lines[1].cells["phone"] = "139"
        intake = checked(xlsx(table(lines)), actor=officer, at=at)
        fix(intake, 3, "phone", "13900000000", officer, at)
        services.intake_cancel(intake_id=intake.id, actor=officer, at=at)
        assert not CellFix.objects.exists()


class TestPage:
    def test_by_village_and_corrected_in_place(self, actor_for: Make, at: datetime) -> None:
        officer, lines = actor_for("officer"), people(8)
        for line in lines:
            line.cells["phone"] = "139"
        lines[0].cells["village"] = "不存在村"
        intake = checked(xlsx(table(lines)), actor=officer, at=at)
        client, url = signed_in(officer), reverse("registry:findings", args=[intake.id])
        everything = client.get(url)
        listed = {one.code: one.count for one in queries.villages_found(intake=intake)}
        assert sum(listed.values()) == len(everything.context["page"].rows) == 25
        assert listed["none"] >= 2
        code = villages(4)[1][2]
        narrowed = client.get(url, {"village": code, "rule": "phone.length"})
        assert [row.row for row in narrowed.context["page"].rows] == [5, 6, 7, 17, 18, 19]
        assert len(client.get(url, {"village": "none"}).context["page"].rows) == listed["none"]
        assert len(client.get(url, {"village": "nonsense"}).context["page"].rows) == 25
        first = narrowed.context["page"].rows[0]
        address = reverse("registry:finding_fix", args=[intake.id, first.id])
        assert address in narrowed.content.decode()
        here = f"{url}?village={code}"
        answer = client.post(address, {"value": "13900000000", "next": here})
        assert (answer.status_code, answer.headers["Location"]) == (302, here)
        assert not Finding.objects.filter(id=first.id).exists()
        intake.refresh_from_db()
        assert intake.counts["rules"]["phone.length"] == 23
        assert client.post(address, {"value": "13900000000", "next": "https://elsewhere.example/"}).status_code == 404
        second = narrowed.context["page"].rows[1]
        elsewhere = client.post(
            reverse("registry:finding_fix", args=[intake.id, second.id]), {"value": "12", "next": "//elsewhere.example"}
        )
        assert elsewhere.headers["Location"] == url
        assert StagedRow.objects.get(intake=intake, row=6).phone == ""

    def test_one_finding_and_fifty_cost_the_same(self, actor_for: Make, at: datetime) -> None:
        officer, costs = actor_for("officer"), []
        for spoiled in (1, 48):
            lines = people(20, seed=spoiled)
            for line in lines[:spoiled]:
                line.cells["phone"] = "139"
            intake = checked(xlsx(table(lines)), actor=officer, at=at, name=f"{spoiled}.xlsx")
            client, url = signed_in(officer), reverse("registry:findings", args=[intake.id])
            client.get(url)
            with CaptureQueriesContext(connection) as asked:
                assert len(client.get(url, {"village": villages(4)[0][2]}).context["page"].rows) >= 1
            costs.append(len(asked))
        assert costs[0] == costs[1]

    def test_the_stranger(self, actor_for: Make, at: datetime) -> None:
        officer, lines = actor_for("officer"), people(1)
        lines[1].cells["phone"] = "139"
        intake = checked(xlsx(table(lines)), actor=officer, at=at)
        finding = Finding.objects.get(intake=intake)
        other = Branch.objects.create(region_code="430121000000", name="长沙县红十字会", kind="society")
        address = reverse("registry:finding_fix", args=[intake.id, finding.id])
        assert signed_in(actor_for("officer", other)).post(address, {"value": "1"}).status_code == 404
        set_scope(EVERYWHERE)
        assert (Finding.objects.count(), CellFix.objects.count()) == (1, 0)


def _facts(intake: Intake) -> list[tuple[object, ...]]:
    """Everything that was staged, opened."""
    fields = ("row", "name", "pinyin", "relation", "sex", "born_on", "number", "phone", "account", "address", "note")
    codes = dict(intake.places.values_list("number", "code"))
    rows = StagedRow.objects.filter(intake=intake).order_by("row")
    return [(*(getattr(row, f) for f in fields), row.income_fen, codes[row.place]) for row in rows]
