"""People who may stand twice: what a file's pairs mean for its rows, and what a decision changes."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from django.urls import reverse

from boai.audit.models import AuditEntry
from boai.kernel.errors import NotAllowed, NotFound, StalePage, UnableTo
from boai.kernel.scope import EVERYWHERE, set_scope
from boai.people.actor import Actor
from boai.people.models import Branch
from boai.registry import queries, services
from boai.registry.enums import EndReason, IntakeState, PairState
from boai.registry.models import (
    CategoryEntry,
    CellFix,
    DistinctPair,
    DuplicatePair,
    Household,
    Intake,
    Merge,
    Resident,
    StagedRow,
)
from boai.registry.services.households import HouseholdFacts, PersonFacts
from boai.registry.tests.factories import checked, found, signed_in, villages
from boai.registry.tests.register_files import KEYS, Line, household, number_for, table, xlsx

pytestmark = pytest.mark.django_db
Make = Callable[..., Actor]


def lines_of(count: int = 3) -> list[Line]:
    rng = random.Random(3)
    places = villages(4)
    return [line for i in range(count) for line in household(rng, i, places[i % 4][:2], size=2, key=f"62112100{i:05d}")]


def doubled(**changes: Any) -> list[Line]:
    """A file in which the second person of the first household stands again, changed."""
    lines = lines_of()
    again = Line(dict(lines[1].cells) | changes)
    return [lines[0], lines[1], again, *lines[2:]]


@pytest.fixture
def officer(actor_for: Make) -> Actor:
    return actor_for("officer")


@pytest.fixture
def take(officer: Actor, at: datetime) -> Callable[[list[Line]], Intake]:
    return lambda lines: checked(xlsx(table(lines)), actor=officer, at=at)


def pairs_of(intake: Intake) -> list[tuple[str, bool]]:
    return [(p.state, p.torn) for p in DuplicatePair.objects.filter(intake=intake).order_by("-weight", "id")]


class TestFindings:
    def test_one_person_written_twice_without_a_number_is_left_out_once(self, take: Callable[..., Intake]) -> None:
        intake = take(doubled(number=""))
        assert (4, "name", "person.alike") in found(intake)
        assert pairs_of(intake) == [("same", False)]
        assert (intake.counts["entering_households"], intake.counts["entering_people"]) == (3, 6)

    def test_somebody_like_another_waits_for_a_word(self, take: Callable[..., Intake]) -> None:
        lines = lines_of()
        twin = Line(dict(lines[1].cells) | {"number": "", "phone": "", "name": lines[1].cells["name"][:2] + "国"})
        intake = take([lines[0], lines[1], twin, *lines[2:]])
        assert (4, "name", "person.ask") in found(intake)
        assert pairs_of(intake) == [("asked", False)]
        assert intake.counts["entering_households"] == 2, "their household waits"

    def test_one_person_in_two_households_is_asked_not_chosen(self, take: Callable[..., Intake]) -> None:
        lines = lines_of()
        moved = Line(dict(lines[0].cells) | {"household": "6211219999999", "village": lines[2].cells["village"],
                                             "township": lines[2].cells["township"]})  # fmt: skip
        intake = take([*lines, moved])
        assert (8, "name", "person.two_households") in found(intake)
        assert pairs_of(intake) == [("same", True)]
        assert intake.counts["entering_households"] == 3, "the second household waits, the first does not"

    def test_two_different_names_are_never_one_without_a_word(self, take: Callable[..., Intake]) -> None:
        assert pairs_of(take(doubled(name="另有其人"))) == [("asked", False)]

    def test_somebody_of_the_register_is_recognised(
        self, take: Callable[..., Intake], officer: Actor, at: datetime
    ) -> None:
        first = take(lines_of())
        services.intake_commit(intake_id=first.id, actor=officer, at=at, queue=False)
        services.intake_commit_run(intake_id=first.id, actor=officer, at=at)
        lines = lines_of()
        for line in lines:
            line.cells["household"] = "9" + line.cells["household"]
        lines[1].cells["number"] = ""
        again = take([lines[0], lines[1]])
        rules = found(again)
        assert (2, "number", "person.known") in rules
        assert {(3, "name", "person.known_alike"), (3, "name", "person.ask_known")} & rules
        assert again.counts["entering_households"] == 0

    def test_a_file_of_doubles_looks_broken(self, take: Callable[..., Intake], officer: Actor, at: datetime) -> None:
        lines = lines_of(12)
        intake = take([copy for line in lines for copy in (line, Line(dict(line.cells) | {"number": ""}))])
        assert intake.counts["broken"]
        with pytest.raises(NotAllowed):
            services.intake_commit(intake_id=intake.id, actor=officer, at=at, queue=False)
        intake.refresh_from_db()
        assert intake.state == IntakeState.CHECKED

    def test_one_decision_does_not_let_a_broken_file_enter(
        self, take: Callable[..., Intake], officer: Actor, at: datetime
    ) -> None:
        lines = lines_of(12)
        intake = take([copy for line in lines for copy in (line, Line(dict(line.cells) | {"number": ""}))])
        DuplicatePair.objects.filter(id=DuplicatePair.objects.filter(intake=intake)[0].id).update(torn=True)
        pair = DuplicatePair.objects.get(intake=intake, torn=True)
        services.pair_differ(pair_id=pair.id, actor=officer, at=at)
        intake = services.intake_recount(intake_id=intake.id)
        assert intake.counts["broken"]
        with pytest.raises(NotAllowed):
            services.intake_commit(intake_id=intake.id, actor=officer, at=at, queue=False)


class TestDecisions:
    def asked(self, take: Callable[..., Intake]) -> tuple[Intake, DuplicatePair]:
        lines = lines_of()
        twin = Line(dict(lines[1].cells) | {"number": "", "phone": "", "name": lines[1].cells["name"][:2] + "国"})
        intake = take([lines[0], lines[1], twin, *lines[2:]])
        return intake, DuplicatePair.objects.get(intake=intake)

    def test_two_people_both_enter_and_are_never_asked_about_again(
        self, take: Callable[..., Intake], officer: Actor, at: datetime
    ) -> None:
        intake, pair = self.asked(take)
        services.pair_differ(pair_id=pair.id, actor=officer, at=at)
        intake = services.intake_recount(intake_id=intake.id)
        assert (intake.counts["entering_households"], intake.counts["entering_people"]) == (3, 7)
        assert AuditEntry.objects.filter(type="registry.pair.decided").count() == 1
        services.intake_again(intake_id=intake.id, actor=officer, at=at, queue=False)
        intake = services.intake_check(intake_id=intake.id, actor=officer, at=at)
        assert pairs_of(intake) == [], "remembered, though every row has a new id"
        assert intake.counts["entering_people"] == 7

    @pytest.mark.parametrize("answer", ["left", "right", "different"])
    def test_a_word_holds_when_the_file_is_read_again_after_a_cell_was_corrected(
        self, take: Callable[..., Intake], officer: Actor, at: datetime, answer: str
    ) -> None:
        intake, pair = self.asked(take)
        rows = dict(StagedRow.objects.filter(intake=intake).values_list("id", "row"))
        if answer == "different":
            services.pair_differ(pair_id=pair.id, actor=officer, at=at)
        else:
            services.pair_same(pair_id=pair.id, keep=answer, actor=officer, at=at)
        pair.refresh_from_db()
        services.intake_recount(intake_id=intake.id)
        CellFix.objects.create(intake=intake, region_code=intake.region_code, sheet=0, row=rows[pair.left_id],
                               column=KEYS.index("name"), value="改过名", made_by_id=officer.user_id, made_at=at)  # fmt: skip
        services.intake_again(intake_id=intake.id, actor=officer, at=at, queue=False)
        intake = services.intake_check(intake_id=intake.id, actor=officer, at=at)
        anew = dict(StagedRow.objects.filter(intake=intake).values_list("id", "row"))
        again = DuplicatePair.objects.filter(intake=intake, decided_at__isnull=False).first()
        assert not queries.pairs_open(actor=officer, intake_id=intake.id).exists()
        if again is not None:
            assert again.state == pair.state
            goes = (anew.get(again.goes_id), rows.get(pair.goes_id)) if again.goes_id and pair.goes_id else (0, 0)
            assert goes[0] == goes[1]
            assert (again.goes_id is None) == (pair.goes_id is None)
        assert (again is not None) or answer == "different"

    @pytest.mark.parametrize("keep", ["left", "right"])
    def test_one_person_and_the_chosen_row_stays(
        self, take: Callable[..., Intake], officer: Actor, at: datetime, keep: str
    ) -> None:
        intake, pair = self.asked(take)
        goes = pair.right_id if keep == "left" else pair.left_id
        services.pair_same(pair_id=pair.id, keep=keep, actor=officer, at=at)
        intake = services.intake_recount(intake_id=intake.id)
        assert (intake.counts["entering_households"], intake.counts["entering_people"]) == (3, 6)
        services.intake_commit(intake_id=intake.id, actor=officer, at=at, queue=False)
        services.intake_commit_run(intake_id=intake.id, actor=officer, at=at)
        assert not Resident.objects.filter(id=goes).exists()
        assert Resident.objects.count() == 6

    def test_a_second_decision_is_told_so(self, take: Callable[..., Intake], officer: Actor, at: datetime) -> None:
        _intake, pair = self.asked(take)
        services.pair_differ(pair_id=pair.id, actor=officer, at=at)
        with pytest.raises(StalePage):
            services.pair_same(pair_id=pair.id, keep="left", actor=officer, at=at)
        pair.refresh_from_db()
        assert (pair.state, pair.goes_id) == (PairState.DIFFERENT, None)

    @pytest.mark.parametrize("role", ["auditor", "cashier", "reviewer"])
    def test_others_decide_nothing(self, take: Callable[..., Intake], actor_for: Make, at: datetime, role: str) -> None:
        _intake, pair = self.asked(take)
        with pytest.raises(NotAllowed):
            services.pair_differ(pair_id=pair.id, actor=actor_for(role), at=at)
        pair.refresh_from_db()
        assert pair.state == PairState.ASKED
        assert not DistinctPair.objects.exists()

    def test_the_page_asks_and_goes_on(self, take: Callable[..., Intake], officer: Actor) -> None:
        intake, pair = self.asked(take)
        client = signed_in(officer)
        page = client.get(reverse("registry:pair", args=[pair.id])).content.decode()
        for words in ("是同一个人吗", "姓名差一个字", "文件第 3 行", "文件第 4 行", 'data-key="1"', "未填"):
            assert words in page
        assert (
            reverse("registry:pair", args=[pair.id])
            in client.get(reverse("registry:intake", args=[intake.id])).content.decode()
        )
        assert "逐对判断" in client.get(reverse("registry:intake", args=[intake.id])).content.decode()
        assert client.post(reverse("registry:pair_decide", args=[pair.id]), {"answer": ""}).status_code == 400
        answer = client.post(reverse("registry:pair_decide", args=[pair.id]), {"answer": "different"})
        assert answer.headers["Location"] == reverse("registry:intake", args=[intake.id])
        assert client.post(reverse("registry:pair_decide", args=[pair.id]), {"answer": "left"}).status_code == 409

    def test_a_stranger_finds_no_page_and_changes_nothing(self, take: Callable[..., Intake], actor_for: Make) -> None:
        _intake, pair = self.asked(take)
        elsewhere = Branch.objects.create(region_code="430121000000", name="长沙县红十字会", kind="society")
        client = signed_in(actor_for("officer", elsewhere))
        assert client.get(reverse("registry:pair", args=[pair.id])).status_code == 404
        assert client.post(reverse("registry:pair_decide", args=[pair.id]), {"answer": "left"}).status_code == 404
        set_scope(EVERYWHERE)
        pair.refresh_from_db()
        assert pair.state == PairState.ASKED


class TestMerge:
    @pytest.fixture
    def two(self, officer: Actor, at: datetime) -> tuple[Resident, Resident]:
        place = villages(2)[0][2]
        number = number_for(date(1956, 3, 4), male=True)
        from boai.kernel.text.identity import read_person_number

        one = services.household_create(
            facts=HouseholdFacts(region_code=place),
            head=PersonFacts(name="张伟", relation="head", number=read_person_number(number, on=date(2026, 1, 1))),
            actor=officer, at=at,
        )  # fmt: skip
        other = services.household_create(
            facts=HouseholdFacts(region_code=villages(2)[1][2]),
            head=PersonFacts(name="章伟", relation="head", sex="m", born_on=date(1956, 3, 4), phone="13800138000"),
            actor=officer, at=at,
        )  # fmt: skip
        return one.residents.get(), other.residents.get()

    def test_facts_categories_and_history(self, two: tuple[Resident, Resident], officer: Actor, at: datetime) -> None:
        kept, gone = two
        services.category_add(
            resident_id=gone.id, kind="low_income", valid_from=date(2026, 1, 1), source="民政", actor=officer, at=at
        )
        merge = services.residents_merge(kept_id=kept.id, gone_id=gone.id, actor=officer, at=at)
        kept.refresh_from_db()
        gone.refresh_from_db()
        assert (kept.name, kept.phone, kept.phone_tail) == ("张伟", "13800138000", "8000"), "what it lacked, it has now"
        assert (gone.end_reason, gone.name) == (EndReason.MERGED, "章伟")
        assert Household.objects.get(id=gone.household_id).ended_on is not None, "the empty household is closed"
        entry = CategoryEntry.objects.get()
        assert (entry.resident_id, entry.region_code) == (kept.id, kept.region_code)
        assert AuditEntry.objects.filter(type="registry.resident.merged").count() == 1
        assert "13800138000" not in str(Merge.objects.values_list("before", flat=True).query)
        services.merge_undo(merge_id=merge.id, actor=officer, at=at)
        for one in (kept, gone):
            one.refresh_from_db()
        assert (kept.phone, kept.number_tail != "") == ("", True)
        assert (gone.end_reason, gone.ended_on, gone.phone, gone.relation) == ("", None, "13800138000", "head")
        assert Household.objects.get(id=gone.household_id).ended_on is None
        entry.refresh_from_db()
        assert (entry.resident_id, entry.region_code) == (gone.id, gone.region_code)
        with pytest.raises(UnableTo):
            services.merge_undo(merge_id=merge.id, actor=officer, at=at)

    def test_picks_take_the_other_side(self, two: tuple[Resident, Resident], officer: Actor, at: datetime) -> None:
        kept, gone = two
        services.residents_merge(
            kept_id=kept.id, gone_id=gone.id, picks={"name": "gone", "phone": "kept"}, actor=officer, at=at
        )
        kept.refresh_from_db()
        assert (kept.name, kept.pinyin, kept.phone) == ("章伟", "zhangwei", "")

    def test_the_head_of_others_cannot_go(self, two: tuple[Resident, Resident], officer: Actor, at: datetime) -> None:
        kept, gone = two
        services.resident_add(
            household_id=gone.household_id, facts=PersonFacts(name="章小", relation="child"), actor=officer, at=at
        )
        with pytest.raises(UnableTo):
            services.residents_merge(kept_id=kept.id, gone_id=gone.id, actor=officer, at=at)
        gone.refresh_from_db()
        assert gone.ended_on is None
        assert not Merge.objects.exists()

    def test_strangers_merge_nothing(self, two: tuple[Resident, Resident], actor_for: Make, at: datetime) -> None:
        kept, gone = two
        elsewhere = Branch.objects.create(region_code="430121000000", name="长沙县红十字会", kind="society")
        for actor in (actor_for("auditor"), actor_for("officer", elsewhere)):
            with pytest.raises((NotAllowed, NotFound)):
                services.residents_merge(kept_id=kept.id, gone_id=gone.id, actor=actor, at=at)
        gone.refresh_from_db()
        assert gone.ended_on is None


def test_the_command_line_writes_the_pairs(take: Callable[..., Intake]) -> None:
    intake = take(doubled(number=""))
    assert queries.pairs_plain(intake=intake) == {"same": [[3, 4]], "asked": []}


def test_the_register_is_compared_with_itself(
    take: Callable[..., Intake], officer: Actor, actor_for: Make, at: datetime
) -> None:
    place = villages(2)[0][2]
    for name in ("张伟强", "章伟强"):
        services.household_create(
            facts=HouseholdFacts(region_code=place, office_number="62112100001"),
            head=PersonFacts(name=name, relation="head", sex="m", born_on=date(1956, 3, 4), phone="13800138000"),
            actor=officer, at=at,
        )  # fmt: skip
    with pytest.raises(NotAllowed):
        services.register_compare(region_code=officer.region_code, actor=actor_for("auditor"), at=at)
    services.register_compare(region_code=officer.region_code, actor=officer, at=at)
    services.register_compare(region_code=officer.region_code, actor=officer, at=at)  # a second click asks for nothing
    assert services.register_compare_run(region_code=officer.region_code, at=at) == 1
    pair = DuplicatePair.objects.get()
    assert (pair.intake_id, pair.state) == (None, PairState.SAME)
    assert services.register_compare_run(region_code=officer.region_code, at=at) == 0, "found already"
    DuplicatePair.objects.update(weight=1.0, state=PairState.ASKED)
    services.register_compare_run(region_code=officer.region_code, at=at)
    assert DuplicatePair.objects.get().state == PairState.SAME, "while it is open, what is known now is shown"
    DuplicatePair.objects.update(state=PairState.DIFFERENT, decided_at=at, weight=1.0)
    services.register_compare_run(region_code=officer.region_code, at=at)
    pair.refresh_from_db()
    assert (pair.state, pair.weight) == (PairState.DIFFERENT, 1.0), "a word stays"
    DuplicatePair.objects.update(state=PairState.SAME, decided_at=None)
    assert list(queries.pairs_open(actor=officer)) == [pair], "in the register nothing is joined without a word"
    kept = Resident.objects.get(id=pair.left_id)
    services.pair_same(pair_id=pair.id, keep="left", picks={"name": "right"}, actor=officer, at=at)
    kept.refresh_from_db()
    assert kept.name != Resident.objects.get(id=pair.left_id).pinyin
    assert Resident.objects.filter(ended_on__isnull=True).count() == 1
    assert Merge.objects.count() == 1
