"""Places by code and by name, files too wide, files of formulas, two officers at once, people of another county."""

from __future__ import annotations

import io
import random
import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import pytest
import xlsxwriter
from django.db import connection
from django.test import Client
from django.urls import reverse

from boai.kernel.scope import EVERYWHERE, Scope, scoped
from boai.people.actor import Actor
from boai.people.models import User
from boai.regions.codes import span
from boai.registry import queries, services
from boai.registry.enums import IntakeState
from boai.registry.models import Household, Intake, Resident, StagedPlace
from boai.registry.tests.factories import COUNTY, checked, found, shown, villages
from boai.registry.tests.register_files import HEADINGS, Line, household, table, xlsx

Make = Callable[..., Actor]
AT_ONCE = 2


def people(count: int = 2, *, seed: int = 9, county: str = COUNTY) -> list[Line]:
    rng, places = random.Random(seed), villages(4, county=county)
    return [line for i in range(count) for line in household(rng, i, places[i % 4][:2], key=f"62{seed:04d}{i:07d}")]


def placed(lines: Sequence[Line], columns: Sequence[str], cells: Callable[[Line], list[Any]]) -> io.BytesIO:
    """A file whose places stand in these columns."""
    keep = [i for i, heading in enumerate(HEADINGS) if heading not in ("乡镇", "村")]
    rows = [[row[i] for i in keep] for row in table(lines)]
    return xlsx([[*rows[0], *columns], *([*row, *cells(line)] for row, line in zip(rows[1:], lines, strict=True))])


@pytest.mark.django_db
class TestPlaces:
    @pytest.mark.parametrize("way", ["code", "names", "both", "code as a number"])
    def test_the_official_code_names_or_both(self, way: str, actor_for: Make, at: datetime) -> None:
        lines, codes = people(4), {village: code for _, village, code in villages(4)}

        def code(line: Line) -> Any:
            return codes[line.cells["village"]]

        def names(line: Line) -> list[Any]:
            return [line.cells["township"], line.cells["village"]]

        content = {
            "code": lambda: placed(lines, ["区划代码"], lambda line: [code(line)]),
            "code as a number": lambda: placed(lines, ["区划代码"], lambda line: [int(code(line))]),
            "names": lambda: placed(lines, ["乡镇", "村"], names),
            "both": lambda: placed(lines, ["区划代码", "乡镇", "村"], lambda line: [code(line), *names(line)]),
        }[way]()
        intake = checked(content, actor=actor_for("officer"), at=at)
        assert shown(intake) == []
        assert set(StagedPlace.objects.filter(intake=intake).values_list("code", flat=True)) == set(codes.values())

    def test_a_code_that_says_something_else_than_the_name(self, actor_for: Make, at: datetime) -> None:
        lines = people(1)
        other = villages(4)[2][2]
        content = placed(lines, ["区划代码", "乡镇", "村"], lambda n: [other, n.cells["township"], n.cells["village"]])
        intake = checked(content, actor=actor_for("officer"), at=at)
        assert {rule for _, _, rule in found(intake)} == {"place.conflict"}
        assert intake.counts["entering_households"] == 0

    @pytest.mark.parametrize("way", ["code", "names"])
    def test_people_of_another_county_are_refused_with_a_sentence(
        self, way: str, actor_for: Make, at: datetime
    ) -> None:
        county, officer = "430121000000", actor_for("officer")
        lines, codes = people(2, county=county), {v: code for _, v, code in villages(4, county=county)}
        content = (
            placed(lines, ["区划代码"], lambda line: [codes[line.cells["village"]]])
            if way == "code"
            else placed(lines, ["县", "乡镇", "村"], lambda n: ["长沙县", n.cells["township"], n.cells["village"]])
        )
        intake = checked(content, actor=officer, at=at)
        rules = {rule for _, _, rule in found(intake)}
        assert rules == {"place.outside" if way == "code" else "place.unknown_county"}
        assert (intake.state, intake.counts["entering_households"]) == (IntakeState.CHECKED, 0)
        client = Client()
        user = User.objects.get(id=str(officer.user_id))
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        text = client.get(reverse("registry:intake", args=[intake.id])).content.decode()
        assert "不在本辖区" in text
        assert client.post(reverse("registry:intake_commit", args=[intake.id])).status_code == 403
        assert not Household.objects.exists()


@pytest.mark.django_db
class TestShapes:
    def test_sixteen_thousand_columns(self, actor_for: Make, at: datetime) -> None:
        rows = table(people(2))
        wide = [[*row, *([""] * (16_384 - len(row) - 1)), "远" if i else "很远的列"] for i, row in enumerate(rows)]
        intake = checked(xlsx(wide), actor=actor_for("officer"), at=at)
        assert (intake.state, shown(intake), intake.counts["people"]) == (IntakeState.CHECKED, [], 6)
        assert intake.layout[0]["unread"] == ["KO–XFD"], "what is not read is said"
        headed = [[*rows[0], *(f"第{i}项" for i in range(16_384 - len(rows[0])))], *rows[1:]]
        full = checked(xlsx(headed), actor=actor_for("officer"), at=at)
        assert (full.state, full.counts["people"]) == (IntakeState.CHECKED, 6)
        assert len(queries.columns_view(intake=full)) == 300

    @pytest.mark.parametrize("computed", [True, False])
    def test_a_sheet_of_only_formulas(self, computed: bool, actor_for: Make, at: datetime) -> None:
        """What a formula gave when the file was saved counts; without any results there is nothing to read."""
        target = io.BytesIO()
        with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
            sheet = book.add_worksheet("名册")
            for r, row in enumerate(table(people(2))):
                for c, cell in enumerate(row):
                    value = cell.isoformat() if hasattr(cell, "isoformat") else str(cell)
                    sheet.write_formula(r, c, f'="{value}"', None, value if computed else "")
        target.seek(0)
        intake = checked(target, actor=actor_for("officer"), at=at)
        if computed:
            assert (intake.state, shown(intake), intake.counts["people"]) == (IntakeState.CHECKED, [], 6)
        else:
            assert (intake.state, intake.error) == (IntakeState.FAILED, "no_table")
        assert not Resident.objects.exists()


def test_two_officers_with_the_same_village_at_once(own_database: None, at: datetime) -> None:
    """Two files with the same people are checked and entered in the same moment: each person enters once."""
    lines = people(6)
    twin = [Line(dict(line.cells) | {"note": "另一份"}) for line in lines]
    actor, together, made = Actor.system(), threading.Barrier(AT_ONCE), []

    def officer(number: int, content: io.BytesIO) -> None:
        with scoped(Scope(*span(COUNTY), user="system")):
            try:
                together.wait(timeout=30)
                intake = checked(content, actor=actor, at=at, name=f"{number}.xlsx")
                together.wait(timeout=60)
                services.intake_commit(intake_id=intake.id, actor=actor, at=at, queue=False)
                together.wait(timeout=30)
                made.append(services.intake_commit_run(intake_id=intake.id, actor=actor, at=at).state)
            finally:
                connection.close()

    threads = [
        threading.Thread(target=officer, args=(number, xlsx(table(rows)))) for number, rows in enumerate((lines, twin))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    with scoped(EVERYWHERE):
        assert len(made) == AT_ONCE
        assert (Household.objects.count(), Resident.objects.count()) == (6, 18)
        assert Resident.objects.values("number_blind").distinct().count() == 18
        states = sorted(Intake.objects.values_list("state", flat=True))
        assert IntakeState.COMMITTED in states
        late = Intake.objects.order_by("committed_at").exclude(counts__entering_households__gt=0).count()
        assert late >= 1, "the other file says that everybody is there already"
