"""A file of corrections: who is meant, what would change, the change in one step, and the way back."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse

from boai.audit.models import AuditEntry
from boai.kernel.errors import NotAllowed, UnableTo
from boai.kernel.scope import EVERYWHERE, set_scope
from boai.kernel.text.identity import read_person_number
from boai.people.actor import Actor
from boai.people.models import Branch
from boai.registry import queries, services
from boai.registry.enums import IntakeKind, IntakeState
from boai.registry.models import CategoryEntry, Household, Intake, PatchRow, Resident
from boai.registry.services.households import HouseholdFacts, PersonFacts
from boai.registry.tests.factories import COUNTY, checked, found, signed_in, villages
from boai.registry.tests.register_files import Line, household, number_for, table, xlsx

pytestmark = pytest.mark.django_db
Make = Callable[..., Actor]


def people(count: int = 3, *, seed: int = 6) -> list[Line]:
    rng = random.Random(seed)
    lines = [
        line for i in range(count) for line in household(rng, i, villages(4)[i % 4][:2], key=f"6211{seed:02d}{i:07d}")
    ]
    for line in lines:
        line.cells |= {"categories": "", "note": ""}
    return lines


def entered(lines: Sequence[Line], actor: Actor, at: datetime) -> list[Line]:
    intake = checked(xlsx(table(lines)), actor=actor, at=at)
    services.intake_commit(intake_id=intake.id, actor=actor, at=at, queue=False)
    services.intake_commit_run(intake_id=intake.id, actor=actor, at=at)
    assert Resident.objects.count() == len(lines)
    return list(lines)


def patch(rows: Sequence[Sequence[Any]], actor: Actor, at: datetime) -> Intake:
    """Upload and check a file of corrections."""
    intake, _new = services.intake_upload(
        upload=xlsx(rows), file_name="更正.xlsx", region_code=COUNTY, actor=actor, at=at, queue=False,
        kind=IntakeKind.PATCH,
    )  # fmt: skip
    return services.intake_check(intake_id=intake.id, actor=actor, at=at)


def apply(intake: Intake, actor: Actor, at: datetime) -> Intake:
    services.intake_commit(intake_id=intake.id, actor=actor, at=at, queue=False)
    return services.intake_commit_run(intake_id=intake.id, actor=Actor.system(), at=at)


def take_back(intake: Intake, actor: Actor, at: datetime) -> Intake:
    services.intake_undo(intake_id=intake.id, actor=actor, at=at, queue=False)
    return services.intake_undo_run(intake_id=intake.id, actor=Actor.system(), at=at)


def register() -> list[tuple[Any, ...]]:
    """Everything that people and households say, opened."""
    facts = ("name", "pinyin", "relation", "sex", "born_on", "number", "phone", "account", "bank", "note")
    rows = Resident.objects.select_related("household").order_by("id")
    return [(*(getattr(r, f) for f in facts), r.household.address, r.household.income_fen) for r in rows]


class TestChange:
    def test_only_the_columns_given_change_and_come_back(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        lines = entered(people(), officer, at)
        before, first, second = register(), lines[0].cells, lines[4].cells
        intake = patch(
            [
                ["身份证号", "联系电话", "详细住址", "家庭年收入(元)", "困难类别", "备注"],
                [first["number"], "13811112222", "9组99号", "", "低保;大病", "住校"],
                [second["number"], "", "", 4321, "", ""],
                [lines[8].cells["number"], "", "", "", "", ""],
            ],
            officer,
            at,
        )
        assert (intake.state, found(intake)) == (IntakeState.CHECKED, set())
        assert {k: intake.counts[k] for k in ("people", "changing", "same", "refused", "households")} == {
            "people": 3, "changing": 2, "same": 1, "refused": 0, "households": 2,
        }  # fmt: skip
        assert intake.counts["fields"] == {"address": 1, "categories": 1, "income": 1, "note": 1, "phone": 1}
        assert register() == before, "checking is a dry run"
        done = apply(intake, officer, at)
        assert (done.state, done.counts["entered"]["people"]) == (IntakeState.COMMITTED, 2)
        one, other = Resident.objects.get(name=first["name"]), Resident.objects.get(name=second["name"])
        assert (one.phone, one.household.address, one.note) == ("13811112222", "9组99号", "住校")
        assert (one.account, one.born_on, one.version) == (first["account"], first["birth"], 2)
        assert set(one.categories.values_list("kind", flat=True)) == {"low_income", ""}
        assert (other.household.income_fen, other.version, other.household.version) == (432_100, 1, 2)
        assert Resident.objects.filter(version=1).count() == len(lines) - 1
        entry = AuditEntry.objects.get(type="registry.patch.applied")
        assert entry.actor_id == Actor.system().user_id
        back = take_back(done, officer, at)
        assert (back.state, register() == before, CategoryEntry.objects.count()) == (IntakeState.CHECKED, True, 0)
        assert back.counts["changing"] == 2
        assert apply(back, officer, at).state == IntakeState.COMMITTED

    def test_everything_that_can_change_changes_and_comes_back(self, actor_for: Make, at: datetime) -> None:
        officer, lines = actor_for("officer"), people(2)
        lines[1].cells |= {"number": "", "birth": "", "sex": "", "relation": "子"}
        entered(lines, officer, at)
        before, member = register(), lines[1].cells
        number = number_for(date(1990, 5, 6), male=True, sequence=7)
        intake = patch(
            [
                ["户编号", "姓名", "身份证号", "与户主关系", "开户行", "银行账号"],
                [member["household"], member["name"], number, "女婿", "农商银行", "6228480012345678"],
            ],
            officer,
            at,
        )
        assert (found(intake), intake.counts["changing"]) == (set(), 1)
        assert set(intake.counts["fields"]) == {"number", "sex", "birth", "relation", "bank", "account"}
        apply(intake, officer, at)
        person = Resident.objects.get(name=member["name"])
        assert (person.number, person.sex, person.born_on) == (number, "m", date(1990, 5, 6))
        assert (person.relation, person.bank, person.account) == ("child_in_law", "农商银行", "6228480012345678")
        assert queries.resident_by_number(number=number) == person
        intake.refresh_from_db()
        take_back(intake, officer, at)
        assert register() == before
        assert queries.resident_by_number(number=number) is None

    def test_the_name_may_be_mended_but_not_be_somebody_elses(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        lines = entered(people(), officer, at)
        mended = lines[0].cells["name"][:2] + "鑫"
        rows = [["身份证号", "姓名", "联系电话"], [lines[0].cells["number"], mended, ""],
                [lines[3].cells["number"], "诸葛亮", "13811112222"]]  # fmt: skip
        intake = patch(rows, officer, at)
        assert found(intake) == {(3, "number", "patch.another_name")}
        apply(intake, officer, at)
        assert Resident.objects.filter(name=mended, pinyin__endswith="xin").count() == 1
        assert not Resident.objects.filter(name="诸葛亮").exists()


class TestWhatCannotBeApplied:
    def test_each_row_says_why_and_the_others_go(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        lines = entered(people(), officer, at)
        before = register()
        a, b, c = lines[0].cells, lines[3].cells, lines[6].cells
        stranger = number_for(date(1971, 1, 1), male=True, sequence=9)
        rows = [
            ["身份证号", "户编号", "姓名", "性别", "与户主关系", "联系电话", "详细住址", "村"],
            [a["number"], "", "", "", "", "13811112222", "1号", ""],
            [a["number"], "", "", "", "", "13811113333", "", ""],
            [stranger, "", "", "", "", "13811114444", "", ""],
            ["", "", a["name"], "", "", "13811115555", "", ""],
            [b["number"][:17], "", "", "", "", "13811116666", "", ""],
            [stranger, b["household"], b["name"], "", "", "13811117777", "", ""],
            [c["number"], "", "", "", "子", "13811118888", "", ""],
            ["", lines[7].cells["household"], lines[7].cells["name"], "女" if lines[7].cells["sex"] == "男" else "男", "",
             "", "2号", ""],
            [lines[8].cells["number"], "", "", "", "", "139", "3号", "不存在村"],
        ]  # fmt: skip
        intake = patch(rows, officer, at)
        assert found(intake) == {
            (3, "number", "patch.twice"), (4, "number", "patch.unknown"), (5, "name", "patch.no_key"),
            (6, "number", "number.length"), (7, "number", "patch.other_number"), (8, "relation", "patch.head"),
            (9, "sex", "patch.by_number"), (10, "phone", "phone.length"), (10, "village", "place.unknown_village"),
            (10, "address", "patch.two_values"),
        }  # fmt: skip
        assert (intake.counts["changing"], intake.counts["refused"]) == (3, 6)
        assert register() == before
        apply(intake, officer, at)
        phones = {r.phone for r in Resident.objects.all()} & {f"1381111{i}{i}{i}{i}" for i in range(2, 9)}
        assert phones == {"13811112222", "13811118888"}
        assert Household.objects.filter(address="2号").count() == 1
        assert not Household.objects.filter(address="3号").exists()

    def test_short_household_numbers_need_the_village(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        lines = people(2)
        for line, name in zip(lines, ("王大明", "王二明", "王三明") * 2, strict=True):
            line.cells |= {"household": "12", "name": name}
        entered(lines, officer, at)
        heading = ["户编号", "姓名", "村", "联系电话"]
        open_ = patch([heading, ["12", "王大明", "", "13811112222"]], officer, at)
        assert {rule for _, _, rule in found(open_)} == {"patch.several"}
        clear = patch([heading, ["12", "王大明", lines[3].cells["village"], "13811112222"]], officer, at)
        assert (found(clear), clear.counts["changing"]) == (set(), 1)
        apply(clear, officer, at)
        assert Resident.objects.get(name="王大明", household__region_code=villages(4)[1][2]).phone == "13811112222"

    def test_people_of_another_county_are_not_found(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        lines = entered(people(1), officer, at)
        other = Branch.objects.create(region_code="430121000000", name="长沙县红十字会", kind="society")
        stranger = actor_for("officer", other)
        content = xlsx([["身份证号", "联系电话"], [lines[0].cells["number"], "13811112222"]])
        intake, _new = services.intake_upload(
            upload=content, file_name="更正.xlsx", region_code=other.region_code, actor=stranger, at=at, queue=False,
            kind=IntakeKind.PATCH,
        )  # fmt: skip
        intake = services.intake_check(intake_id=intake.id, actor=stranger, at=at)
        assert {rule for _, _, rule in found(intake)} == {"patch.unknown"}
        with pytest.raises(NotAllowed):
            services.intake_commit(intake_id=intake.id, actor=stranger, at=at, queue=False)
        assert Resident.objects.filter(version__gt=1).count() == 0

    def test_a_register_without_anything_to_change_is_no_patch(self, actor_for: Make, at: datetime) -> None:
        intake = patch([["身份证号"], ["621121195603041231"]], actor_for("officer"), at)
        assert (intake.state, intake.error) == (IntakeState.FAILED, "no_table")


class TestWayBack:
    def prepared(self, actor: Actor, at: datetime) -> tuple[Intake, Resident]:
        lines = entered(people(1), actor, at)
        intake = patch([["身份证号", "联系电话"], [lines[0].cells["number"], "13811112222"]], actor, at)
        return apply(intake, actor, at), Resident.objects.get(name=lines[0].cells["name"])

    def test_not_after_somebody_was_changed_again(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        intake, person = self.prepared(officer, at)
        facts = PersonFacts(name=person.name, relation="head", phone="13811119999")
        services.resident_change(resident_id=person.id, version=person.version, facts=facts, actor=officer, at=at)
        with pytest.raises(UnableTo):
            services.intake_undo(intake_id=intake.id, actor=officer, at=at, queue=False)
        person.refresh_from_db()
        assert person.phone == "13811119999"

    def test_what_a_person_changed_meanwhile_is_looked_at_again(self, actor_for: Make, at: datetime) -> None:
        """Between the dry run and the change somebody wrote the same value: nothing is changed for nothing."""
        officer = actor_for("officer")
        lines = entered(people(1), officer, at)
        intake = patch([["身份证号", "详细住址"], [lines[0].cells["number"], "新址"]], officer, at)
        services.intake_commit(intake_id=intake.id, actor=officer, at=at, queue=False)
        home = Household.objects.get()
        facts = HouseholdFacts(region_code=home.region_code, address="新址", income_fen=home.income_fen)
        services.household_change(household_id=home.id, version=1, facts=facts, actor=officer, at=at)
        done = services.intake_commit_run(intake_id=intake.id, actor=officer, at=at)
        assert (done.state, done.counts["entered"]["people"]) == (IntakeState.COMMITTED, 0)
        home.refresh_from_db()
        assert home.version == 2

    def test_strangers_change_nothing(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        lines = entered(people(1), officer, at)
        before = register()
        intake = patch([["身份证号", "联系电话"], [lines[0].cells["number"], "13811112222"]], officer, at)
        other = Branch.objects.create(region_code="430121000000", name="长沙县红十字会", kind="society")
        for stranger in (actor_for("officer", other), actor_for("cadre"), actor_for("cashier")):
            for service in (services.intake_commit, services.intake_undo, services.intake_cancel):
                with pytest.raises((NotAllowed, UnableTo)):
                    service(intake_id=intake.id, actor=stranger, at=at)
        assert register() == before
        services.intake_cancel(intake_id=intake.id, actor=officer, at=at)
        assert not PatchRow.objects.exists()


class TestPages:
    def test_from_the_upload_to_the_way_back(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        lines = entered(people(2), officer, at)
        client = signed_in(officer)
        content = xlsx(
            [
                ["身份证号", "联系电话", "困难类别", "家庭年收入(元)"],
                *([line.cells["number"], f"1381111{i:04d}", "低保、大病", 100 + i] for i, line in enumerate(lines)),
                ["11010119900307123X", "13800138000", "", ""],
            ]
        ).getvalue()
        answer = client.post(
            reverse("registry:intake_list"), {"file": SimpleUploadedFile("更正.xlsx", content), "kind": "patch"}
        )
        intake = Intake.objects.get(kind=IntakeKind.PATCH)
        assert answer.headers["Location"] == reverse("registry:intake", args=[intake.id])
        services.intake_check(intake_id=intake.id, actor=Actor.system(), at=at)
        text = client.get(answer.headers["Location"]).content.decode()
        changes = reverse("registry:patch_rows", args=[intake.id])
        assert changes in text
        page = client.get(changes)
        assert len(page.context["page"].rows) == 6
        shown = page.content.decode()
        assert "13811110001" not in shown
        assert "****0001" in shown
        assert "大病" not in shown, "a sensitive fact is not shown in passing"
        confirm = client.get(reverse("registry:intake_commit", args=[intake.id])).content.decode()
        assert "6" in confirm
        client.post(reverse("registry:intake_commit", args=[intake.id]))
        services.intake_commit_run(intake_id=intake.id, actor=Actor.system(), at=at)
        assert Resident.objects.exclude(phone_tail="").count() == 6
        after = client.get(changes)
        changed = {change.label: change.after for change in after.context["page"].rows[0].changes}
        assert changed["电话"] == "****0000"
        assert f"****{lines[0].cells['phone'][-4:]}" in after.content.decode(), "what stood there is kept"
        client.post(reverse("registry:intake_undo", args=[intake.id]))
        services.intake_undo_run(intake_id=intake.id, actor=Actor.system(), at=at)
        assert Resident.objects.exclude(phone_tail="").count() == 2

    def test_one_person_and_sixty_cost_the_same_and_pages_follow(
        self, actor_for: Make, at: datetime, django_assert_max_num_queries: Callable[..., Any]
    ) -> None:
        officer = actor_for("officer")
        lines = entered(people(20), officer, at)
        rows = [[line.cells["number"], f"138{i:08d}"] for i, line in enumerate(lines)]
        intake = patch([["身份证号", "联系电话"], *rows], officer, at)
        with django_assert_max_num_queries(5):
            first = queries.patch_page(intake=intake, size=50)
        with django_assert_max_num_queries(5):
            rest = queries.patch_page(intake=intake, key=first.after, size=50)
        assert (len(first.rows), len(rest.rows), rest.after) == (50, 10, "")
        assert {one.row for one in first.rows} & {one.row for one in rest.rows} == set()

    def test_the_stranger(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        entered(people(1), officer, at)
        register_file = Intake.objects.get()
        assert signed_in(officer).get(reverse("registry:patch_rows", args=[register_file.id])).status_code == 404
        intake = patch([["身份证号", "联系电话"], ["11010119900307123X", "13811112222"]], officer, at)
        other = Branch.objects.create(region_code="430121000000", name="长沙县红十字会", kind="society")
        stranger = signed_in(actor_for("officer", other))
        assert stranger.get(reverse("registry:patch_rows", args=[intake.id])).status_code == 404
        set_scope(EVERYWHERE)


def test_the_command(tmp_path: Path, actor_for: Make, at: datetime) -> None:
    lines = entered(people(1), actor_for("officer"), at)
    book = tmp_path / "更正.xlsx"
    book.write_bytes(xlsx([["身份证号", "联系电话"], [lines[1].cells["number"], "13811112222"]]).getvalue())
    said = io.StringIO()
    call_command("intake", str(book), branch="621121", patch=True, commit=True, stdout=said)
    assert json.loads(said.getvalue())["entered"]["people"] == 1
    assert Resident.objects.get(name=lines[1].cells["name"]).phone == "13811112222"


class TestNumbersElsewhere:
    """A township's file can't give somebody a number that another person of the county has."""

    @pytest.fixture
    def officer(self, actor_for: Make) -> Actor:
        return actor_for("officer")

    @pytest.fixture
    def here(self, officer: Actor, at: datetime) -> Household:
        """Two people without numbers in a township, and one with a number in another."""
        places = villages(8)
        here, there = places[0][2], next(code for _t, _v, code in places if code[:9] != places[0][2][:9])
        number = read_person_number(number_for(date(1956, 3, 4), male=True, sequence=1), on=date(2026, 11, 24))
        services.household_create(facts=HouseholdFacts(region_code=there), actor=officer, at=at,
                                  head=PersonFacts(name="李大", relation="head", number=number))  # fmt: skip
        home = services.household_create(facts=HouseholdFacts(region_code=here, office_number="100"), actor=officer,
                                         at=at, head=PersonFacts(name="张大", relation="head"))  # fmt: skip
        services.resident_add(
            household_id=home.id, facts=PersonFacts(name="张小", relation="son"), actor=officer, at=at
        )
        return home

    def file(self, here: Household, rows: list[list[Any]], officer: Actor, at: datetime) -> Intake:
        intake, _new = services.intake_upload(
            upload=xlsx([["户编号", "姓名", "身份证号"], *rows]), file_name="更正.xlsx", actor=officer, at=at, queue=False,
            region_code=here.region_code[:9] + "000", kind=IntakeKind.PATCH,
        )  # fmt: skip
        return services.intake_check(intake_id=intake.id, actor=officer, at=at)

    def test_it_is_said_and_the_other_rows_go(self, here: Household, officer: Actor, at: datetime) -> None:
        taken, free = (number_for(date(1956, 3, 4), male=True, sequence=i) for i in (1, 2))
        intake = self.file(here, [["100", "张大", taken], ["100", "张小", free]], officer, at)
        assert found(intake) == {(2, "number", "patch.registered")}
        done = apply(intake, officer, at)
        assert (done.state, done.error) == (IntakeState.COMMITTED, "")
        assert set(Resident.objects.filter(household=here).values_list("name", "number_tail")) == {
            ("张大", ""), ("张小", free[-4:]),
        }  # fmt: skip

    def test_one_number_for_two_people(self, here: Household, officer: Actor, at: datetime) -> None:
        number = number_for(date(1956, 3, 4), male=True, sequence=2)
        intake = self.file(here, [["100", "张大", number], ["100", "张小", number]], officer, at)
        assert found(intake) == {(3, "number", "patch.registered")}
        assert apply(intake, officer, at).state == IntakeState.COMMITTED


@pytest.mark.parametrize(
    ("cell", "now", "precision", "rules"),
    [
        ("1956年", date(1956, 3, 4), "day", set()),
        ("1956年3月", date(1956, 3, 4), "day", set()),
        ("1957年", date(1956, 3, 4), "day", {"patch.less_exact"}),
        ("1956年4月", date(1956, 3, 4), "day", {"patch.less_exact"}),
        ("1957-05-06", date(1957, 5, 6), "day", set()),
    ],
)
def test_what_is_more_exact_stays(
    cell: str, now: date, precision: str, rules: set[str], actor_for: Make, at: datetime
) -> None:
    officer = actor_for("officer")
    services.household_create(
        facts=HouseholdFacts(region_code=villages(4)[0][2], office_number="100"), actor=officer, at=at,
        head=PersonFacts(name="张大", relation="head", born_on=date(1956, 3, 4)),
    )  # fmt: skip
    intake = patch([["户编号", "姓名", "出生日期", "联系电话"], ["100", "张大", cell, "13811112222"]], officer, at)
    assert {rule for _row, _field, rule in found(intake)} == rules
    apply(intake, officer, at)
    one = Resident.objects.get()
    assert (one.born_on, one.born_precision, one.phone) == (now, precision, "13811112222")


def test_what_is_more_exact_in_the_file_is_taken(actor_for: Make, at: datetime) -> None:
    officer = actor_for("officer")
    services.household_create(
        facts=HouseholdFacts(region_code=villages(4)[0][2], office_number="100"), actor=officer, at=at,
        head=PersonFacts(name="张大", relation="head", born_on=date(1956, 1, 1)),
    )  # fmt: skip
    Resident.objects.update(born_precision="year")
    apply(patch([["户编号", "姓名", "出生日期"], ["100", "张大", "1956-03-04"]], officer, at), officer, at)
    assert Resident.objects.values_list("born_on", "born_precision").get() == (date(1956, 3, 4), "day")


def test_a_year_that_agrees_with_the_number_is_no_finding(actor_for: Make, at: datetime) -> None:
    officer = actor_for("officer")
    number = number_for(date(1956, 3, 4), male=True, sequence=1)
    services.household_create(
        facts=HouseholdFacts(region_code=villages(4)[0][2], office_number="100"), actor=officer, at=at,
        head=PersonFacts(name="张大", relation="head", number=read_person_number(number, on=date(2026, 11, 24))),
    )  # fmt: skip
    for cell, rules in (("1956年", set()), ("1957年", {"patch.by_number"})):
        intake = patch([["户编号", "姓名", "出生日期"], ["100", "张大", cell]], officer, at)
        assert {rule for _row, _field, rule in found(intake)} == rules
