"""The template: what it offers is what the register reads, and filled in it gives no findings."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, datetime, timedelta

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from boai.people.actor import Actor
from boai.people.models import Branch, User
from boai.registry import queries
from boai.registry.enums import Category, IntakeState, Relation
from boai.registry.intake.categories import read_categories
from boai.registry.intake.columns import field_of
from boai.registry.intake.template import COLUMNS, RELATIONS, SEXES, template_write
from boai.registry.intake.wordlists import relation_of, sex_of
from boai.registry.models import StagedCategory, StagedRow
from boai.registry.tests.factories import COUNTY, checked, shown, villages
from boai.registry.tests.register_files import number_for

pytestmark = pytest.mark.django_db
Make = Callable[..., Actor]
DAY = date(2026, 11, 24)


def book_of(region: str = COUNTY) -> openpyxl.Workbook:
    target = io.BytesIO()
    template_write(target, places=queries.template_places(region_code=region, on=DAY))
    target.seek(0)
    return openpyxl.load_workbook(target)


def saved(book: openpyxl.Workbook) -> io.BytesIO:
    target = io.BytesIO()
    book.save(target)
    target.seek(0)
    return target


def test_what_it_offers_is_what_the_register_reads() -> None:
    assert {one.heading: field_of(one.heading) for one in COLUMNS} == {one.heading: one.field for one in COLUMNS}
    assert {relation_of(word) for word in RELATIONS} == {relation.value for relation in Relation}
    assert [sex_of(word) for word in SEXES] == ["m", "f"]
    offered = next(one.offers for one in COLUMNS if one.heading == "困难类别")
    assert [[kind for kind, _ in read_categories(word)[0]] for word in offered] == [[kind] for kind in Category]
    assert not any(read_categories(word)[1] for word in offered)


def test_filled_in_it_gives_no_findings(actor_for: Make, at: datetime) -> None:
    book = book_of()
    sheet = book["花名册"]
    offered = next(one.offers for one in COLUMNS if one.heading == "困难类别")
    places = villages(4)
    people: list[tuple[int, str, str | None]] = [(i, "户主", word) for i, word in enumerate(offered)]
    people[1:1] = [(0, relation, None) for relation in RELATIONS[1:]]
    for row, (home, relation, word) in enumerate(people, 2):
        township, village, _code = places[home % 4]
        born, male = date(1950, 1, 1) + timedelta(days=row * 97), row % 2 == 0
        name = "王李张刘陈杨赵黄周吴"[row % 10] + "伟强芳娜敏静军"[row // 10] + "秀兰霞平刚桂英"[row % 7]
        sheet.append(
            [f"{home:04d}", name, relation, "男" if male else "女", number_for(born, male=male, sequence=row), born,
             f"139{row:08d}", township, village, "3组", word, "肢体" if row == 3 else None, "二级" if row == 3 else None,
             12000 if relation == "户主" else None, "农商银行", f"6228480012345678{row:03d}", None]
        )  # fmt: skip
    intake = checked(saved(book), actor=actor_for("officer"), at=at)
    assert (intake.state, shown(intake)) == (IntakeState.CHECKED, [])
    assert intake.sheets_left == [], "its own sheets are not reported as left out"
    assert [one.heading for one in queries.columns_view(intake=intake) if one.asked] == []
    assert StagedRow.objects.filter(intake=intake).count() == len(offered) + len(RELATIONS) - 1
    assert intake.counts["entering_households"] == len(offered)
    assert StagedCategory.objects.filter(intake=intake).count() == len(offered) + 1


def test_as_it_comes_it_holds_nobody(actor_for: Make, at: datetime) -> None:
    intake = checked(saved(book_of()), actor=actor_for("officer"), at=at)
    assert (intake.state, intake.error) == (IntakeState.FAILED, "no_people")


@pytest.mark.parametrize(("region", "county"), [(COUNTY, False), ("621100000000", True), ("620000000000", True)])
def test_places_to_choose_from(region: str, county: bool) -> None:
    book = book_of(region)
    sheet = book["花名册"]
    headings = [cell.value for cell in sheet[1]]
    assert ("县区" in headings) == county
    township, village, _code = villages(4)[1]
    key = f"通渭县{township}" if county else township
    lists = {column[0].value: [cell.value for cell in column[1:]] for column in book["村名录"].iter_cols()}
    assert village in lists[key]
    townships = {column[0].value or "": [cell.value for cell in column[1:]] for column in book["乡镇名录"].iter_cols()}
    assert township in townships["通渭县" if county else ""]
    rules = {str(rule.sqref): rule for rule in sheet.data_validations.dataValidation}
    letter = sheet.cell(1, headings.index("村") + 1).column_letter
    assert "村名录" in rules[f"{letter}2:{letter}50001"].formula1
    assert all(len(rule.formula1 or "") <= 255 for rule in rules.values())
    number = sheet.cell(1, headings.index("身份证号") + 1).column_letter
    assert sheet.column_dimensions[number].number_format == "@"
    assert book["村名录"].sheet_state == "hidden"


def test_the_page_gives_it_to_those_who_keep_the_register(actor_for: Make) -> None:
    def answer_for(actor: Actor) -> tuple[int, bytes]:
        client = Client()
        user = User.objects.get(id=str(actor.user_id))
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        answer = client.get(reverse("registry:intake_template"))
        return answer.status_code, answer.content

    status, content = answer_for(actor_for("officer"))
    assert status == 200
    assert openpyxl.load_workbook(io.BytesIO(content)).sheetnames[0] == "花名册"
    assert answer_for(actor_for("cadre"))[0] == 403
    elsewhere = Branch.objects.create(region_code="430121000000", name="长沙县红十字会", kind="society")
    _, other = answer_for(actor_for("officer", elsewhere))
    townships = {column[0].value for column in openpyxl.load_workbook(io.BytesIO(other))["村名录"].iter_cols()}
    assert villages(4)[0][0] not in townships
