"""The columns of a register file: guessed, shown, corrected by a person, remembered for the division."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from boai.audit.models import AuditEntry
from boai.kernel.errors import BadInput, NotAllowed, UnableTo
from boai.kernel.scope import EVERYWHERE, set_scope
from boai.people.actor import Actor
from boai.people.models import Branch
from boai.registry import queries, services
from boai.registry.enums import IntakeState
from boai.registry.models import ColumnChoice, ColumnSample, Intake, StagedCategory, StagedRow
from boai.registry.tests.factories import COUNTY, checked, shown, signed_in, villages
from boai.registry.tests.register_files import HEADINGS, Line, household, table, xlsx

pytestmark = pytest.mark.django_db
Make = Callable[..., Actor]
OTHER = {"姓名": "乡亲称呼", "身份证号": "证号十八位", "联系电话": "找他打这个", "困难类别": "帮扶口径"}


def lines_of(count: int = 2, *, seed: int = 4) -> list[Line]:
    rng = random.Random(seed)
    return [
        line for i in range(count) for line in household(rng, i, villages(2)[i % 2][:2], key=f"62{seed:03d}{i:07d}")
    ]


def headings(words: dict[str, str]) -> list[str]:
    return [words.get(heading, heading) for heading in HEADINGS]


def choices_of(intake: Intake, **changed: str) -> dict[str, str]:
    return {one.key: one.meaning for one in queries.columns_view(intake=intake)} | changed


def decide(intake: Intake, actor: Actor, at: datetime, **changed: str) -> bool:
    """Say what headings mean, and let the file be read again where that is needed."""
    choices = choices_of(intake, **changed)
    again = services.columns_decide(intake_id=intake.id, choices=choices, actor=actor, at=at, queue=False)
    if again:
        services.intake_check(intake_id=intake.id, actor=actor, at=at)
    intake.refresh_from_db()
    return again


MEANT = {"乡亲称呼": "name", "证号十八位": "number", "找他打这个": "phone", "帮扶口径": "categories"}


class TestRemembering:
    def test_a_file_that_could_not_be_read_is_read_and_the_next_one_without_asking(
        self, actor_for: Make, at: datetime
    ) -> None:
        officer = actor_for("officer")
        intake = checked(xlsx(table(lines_of(), headings=headings(OTHER))), actor=officer, at=at)
        assert (intake.state, intake.error) == (IntakeState.FAILED, "no_table")
        views = {one.heading: one for one in queries.columns_view(intake=intake)}
        assert {name for name, one in views.items() if one.asked and one.heading in MEANT} == set(MEANT)
        assert (views["与户主关系"].meaning, views["乡亲称呼"].meaning) == ("relation", "ignored")
        assert decide(intake, officer, at, **MEANT)
        assert (intake.state, shown(intake), intake.counts["people"]) == (IntakeState.CHECKED, [], 6)
        assert dict(ColumnChoice.objects.values_list("heading", "meaning")) == MEANT
        assert AuditEntry.objects.filter(type="registry.columns.decided", actor_id=officer.user_id).count() == 1
        following = checked(xlsx(table(lines_of(seed=5), headings=headings(OTHER))), actor=officer, at=at)
        assert (following.state, shown(following)) == (IntakeState.CHECKED, [])
        assert following.layout[0]["unread"] == []
        assert all(not one.asked for one in queries.columns_view(intake=following))
        assert {one.heading for one in queries.columns_view(intake=following) if one.remembered} == set(MEANT)

    def test_what_somebody_says_goes_before_our_guess(self, actor_for: Make, at: datetime) -> None:
        officer, lines = actor_for("officer"), lines_of(1)
        rows = [[*row, extra] for row, extra in zip(table(lines), ["备用电话号码", *["13800138000"] * 3], strict=True)]
        intake = checked(xlsx(rows), actor=officer, at=at)
        assert StagedRow.objects.get(intake=intake, row=2).phone == lines[0].cells["phone"]
        assert decide(intake, officer, at, 联系电话="ignored", 备用电话号码="phone", 备注="flag:veteran")
        assert StagedRow.objects.get(intake=intake, row=2).phone == "13800138000"
        assert intake.layout[0]["unread"] == []

    def test_a_column_can_be_yes_or_no_to_a_category(self, actor_for: Make, at: datetime) -> None:
        officer, lines = actor_for("officer"), lines_of(1)
        for line in lines:
            line.cells |= {"categories": "", "note": "是"}
        intake = checked(xlsx(table(lines, headings=headings({"备注": "当过兵没"}))), actor=officer, at=at)
        assert [one.heading for one in queries.columns_view(intake=intake) if one.asked] == ["当过兵没"]
        assert decide(intake, officer, at, 当过兵没="flag:veteran")
        assert list(StagedCategory.objects.filter(intake=intake).values_list("kind", flat=True)) == ["veteran"] * 3

    def test_a_heading_that_need_not_be_read_is_remembered_without_reading_again(
        self, actor_for: Make, at: datetime
    ) -> None:
        officer = actor_for("officer")
        rows = [[*row, "满意度" if not i else "好"] for i, row in enumerate(table(lines_of(1)))]
        intake = checked(xlsx(rows), actor=officer, at=at)
        assert intake.layout[0]["unread"] == ["满意度"]
        assert not decide(intake, officer, at)
        assert (intake.state, intake.layout[0]["unread"]) == (IntakeState.CHECKED, [])
        assert ColumnChoice.objects.get().meaning == "ignored"
        assert not any(one.asked for one in queries.columns_view(intake=intake))
        back = checked(xlsx([*rows, [""]]), actor=officer, at=at, name="二.xlsx")
        assert back.layout[0]["unread"] == []

    def test_our_own_guess_is_not_remembered_but_forgets_an_older_choice(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        intake = checked(xlsx(table(lines_of(1))), actor=officer, at=at)
        assert decide(intake, officer, at, 备注="ignored")
        assert ColumnChoice.objects.count() == 1
        assert decide(intake, officer, at, 备注="note")
        assert not ColumnChoice.objects.exists()

    def test_it_holds_for_the_division_alone(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        intake = checked(xlsx(table(lines_of(), headings=headings(OTHER))), actor=officer, at=at)
        decide(intake, officer, at, **MEANT)
        elsewhere = checked(
            xlsx(table(lines_of(), headings=headings(OTHER))), actor=Actor.system(), at=at, region="430121000000"
        )
        assert (elsewhere.state, elsewhere.error) == (IntakeState.FAILED, "no_table")


class TestRefusals:
    def test_a_stranger_and_a_committed_file_change_nothing(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        intake = checked(xlsx(table(lines_of())), actor=officer, at=at)
        other = Branch.objects.create(region_code="430121000000", name="长沙县红十字会", kind="society")
        choices = choices_of(intake, 备注="ignored")
        for stranger in (actor_for("officer", other), actor_for("cadre"), actor_for("cashier")):
            with pytest.raises(NotAllowed):
                services.columns_decide(intake_id=intake.id, choices=choices, actor=stranger, at=at)
        with pytest.raises(BadInput):
            services.columns_decide(intake_id=intake.id, choices=choices | {"备注": "x"}, actor=officer, at=at)
        services.intake_commit(intake_id=intake.id, actor=officer, at=at, queue=False)
        services.intake_commit_run(intake_id=intake.id, actor=officer, at=at)
        with pytest.raises(UnableTo):
            services.columns_decide(intake_id=intake.id, choices=choices, actor=officer, at=at)
        intake.refresh_from_db()
        assert intake.state == IntakeState.COMMITTED
        assert not ColumnChoice.objects.exists()

    def test_cancelling_leaves_no_values(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        intake = checked(xlsx(table(lines_of())), actor=officer, at=at)
        assert lines_of()[0].cells["name"] in ColumnSample.objects.get().sheets
        services.intake_cancel(intake_id=intake.id, actor=officer, at=at)
        assert not ColumnSample.objects.exists()


class TestPage:
    def test_shown_corrected_and_read_again(self, actor_for: Make, at: datetime) -> None:
        officer = actor_for("officer")
        client, lines = signed_in(officer), lines_of()
        content = xlsx(table(lines, headings=headings(OTHER))).getvalue()
        client.post(reverse("registry:intake_list"), {"file": SimpleUploadedFile("名册.xlsx", content)})
        intake = Intake.objects.get()
        url = reverse("registry:intake_columns", args=[intake.id])
        assert client.get(url).status_code == 200, "before anything was read"
        services.intake_check(intake_id=intake.id, actor=Actor.system(), at=at)
        assert url in client.get(reverse("registry:intake", args=[intake.id])).content.decode()
        page = client.get(url)
        text = page.content.decode()
        assert lines[0].cells["name"] in text
        assert lines[0].cells["number"] not in text, "long numbers show their ends only"
        data = {name: page.context["form"][name].value() for name in page.context["form"].fields}
        refused = client.post(url, data)
        assert refused.status_code == 422, "no column is the name"
        places = {heading: f"c{place}" for place, heading in enumerate(headings(OTHER))}
        twice = client.post(url, data | {places["乡亲称呼"]: "name", places["备注"]: "name"})
        assert (twice.status_code, places["备注"] in twice.context["form"].errors) == (422, True)
        assert not ColumnChoice.objects.exists()
        good = data | {places[heading]: code for heading, code in MEANT.items()}
        ProcrastinateJob.objects.all().delete()
        assert client.post(url, good).status_code == 302
        assert ProcrastinateJob.objects.get().task_name == "registry.intake_check"
        services.intake_check(intake_id=intake.id, actor=Actor.system(), at=at)
        intake.refresh_from_db()
        assert (intake.state, intake.counts["people"]) == (IntakeState.CHECKED, 6)

    def test_the_stranger(self, actor_for: Make, at: datetime) -> None:
        intake = checked(xlsx(table(lines_of())), actor=actor_for("officer"), at=at)
        other = Branch.objects.create(region_code="430121000000", name="长沙县红十字会", kind="society")
        url = reverse("registry:intake_columns", args=[intake.id])
        stranger = signed_in(actor_for("officer", other))
        assert stranger.get(url).status_code == stranger.post(url, {"c0": "ignored"}).status_code == 404
        assert signed_in(actor_for("cadre")).get(url).status_code in (403, 404)
        set_scope(EVERYWHERE)
        assert not ColumnChoice.objects.exists()
        assert Intake.objects.get().region_code == COUNTY
