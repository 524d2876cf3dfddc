"""Two people of the register become one, fact by fact, and two again to the letter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.urls import reverse

from boai.audit.models import AuditEntry
from boai.kernel.errors import BadInput, NotAllowed, UnableTo
from boai.kernel.scope import EVERYWHERE, set_scope
from boai.kernel.text.identity import read_person_number
from boai.people.actor import Actor
from boai.people.models import Branch
from boai.registry import queries, services
from boai.registry.enums import EndReason, PairState
from boai.registry.models import CategoryEntry, DuplicatePair, Household, HouseholdEvent, Merge, Resident
from boai.registry.queries.facts import PICKS, facts, seen_mark
from boai.registry.services.households import HouseholdFacts, PersonFacts
from boai.registry.services.references import household_references, references
from boai.registry.tests.factories import signed_in, villages
from boai.registry.tests.register_files import number_for

pytestmark = pytest.mark.django_db
Make = Callable[..., Actor]
DAY = date(2026, 1, 1)
KEPT_NUMBER, GONE_NUMBER = (
    read_person_number(number_for(date(1956, 3, day), male=day == 4, sequence=day), on=DAY) for day in (4, 5)
)
ONE = PersonFacts(name="张伟强", relation="head", sex="m", born_on=date(1956, 3, 4), phone="13800138000",
                  account="6228480402564890018", bank="农行", note="住坡上")  # fmt: skip
OTHER = replace(ONE, name="章伟强", sex="f", born_on=date(1956, 4, 3), phone="13900138000",
                account="6228480402564890026", bank="信用社", note="住坡下")  # fmt: skip


def snapshot() -> dict[str, list[dict[str, Any]]]:
    """Every row of the register, and of whatever points at its people and households, but the merge itself and its
    lines in the histories; versions count on."""
    pointing = {one.table for one in (*references(), *household_references())}
    models = [
        m for m in apps.get_models()
        if (m._meta.app_label == "registry" or m._meta.db_table in pointing) and m is not Merge
    ]  # fmt: skip
    plain = {m._meta.db_table: list(m._default_manager.order_by("pk").values()) for m in models}
    events = HouseholdEvent._meta.db_table
    plain[events] = [row for row in plain[events] if "merge" not in row["changes"]]
    for rows in plain.values():
        for row in rows:
            for name in ("version", "changed_at"):
                row.pop(name, None)
            row.update({name: bytes(value) for name, value in row.items() if isinstance(value, memoryview)})
    return plain


@pytest.fixture
def officer(actor_for: Make) -> Actor:
    return actor_for("officer")


@pytest.fixture
def enter(officer: Actor, at: datetime) -> Callable[..., Resident]:
    """Enter somebody as the head of a household of their own."""

    def enter(facts_of: PersonFacts, *, village: int = 0, address: str = "") -> Resident:
        home = services.household_create(
            facts=HouseholdFacts(region_code=villages(2)[village][2], address=address), head=facts_of, actor=officer,
            at=at,
        )  # fmt: skip
        return home.residents.get()

    return enter


@pytest.fixture
def two(enter: Callable[..., Resident]) -> tuple[Resident, Resident]:
    return enter(ONE, address="一组1号"), enter(OTHER, address="二组2号")


@pytest.fixture
def pair(two: tuple[Resident, Resident]) -> DuplicatePair:
    left, right = two
    return DuplicatePair.objects.create(region_code="621121000000", left_id=left.id, right_id=right.id, weight=9.0,
                                        parts=[["born", "other", -3.0]], state=PairState.ASKED, torn=True)  # fmt: skip


def _value(of: Resident, pick: str) -> list[Any]:
    values = [getattr(of, column) for column in PICKS[pick]]
    return [bytes(value) if isinstance(value, memoryview) else value for value in values]


class TestPicks:
    @pytest.mark.parametrize("pick", sorted(set(PICKS) - {"number"}))
    @pytest.mark.parametrize("side", ["kept", "gone"])
    def test_each_fact_from_either_side_and_back(
        self, two: tuple[Resident, Resident], officer: Actor, at: datetime, pick: str, side: str
    ) -> None:
        kept, gone = two
        for one in two:
            one.refresh_from_db()
        before, wanted = snapshot(), _value(gone if side == "gone" else kept, pick)
        others = {name: _value(kept, name) for name in PICKS if name != pick}
        history = _value(gone, pick)
        merge = services.residents_merge(kept_id=kept.id, gone_id=gone.id, picks={pick: side}, actor=officer, at=at)
        kept.refresh_from_db()
        gone.refresh_from_db()
        assert _value(kept, pick) == wanted
        assert {name: _value(kept, name) for name in others} == others, "nothing else changes"
        assert (_value(gone, pick), gone.end_reason) == (history, EndReason.MERGED), "both histories are kept"
        services.merge_undo(merge_id=merge.id, actor=officer, at=at)
        assert snapshot() == before

    @pytest.mark.parametrize(("side", "male", "day"), [("kept", "m", 4), ("gone", "f", 5)])
    def test_sex_and_birth_follow_the_number(
        self, enter: Callable[..., Resident], officer: Actor, at: datetime, side: str, male: str, day: int
    ) -> None:
        kept, gone = enter(replace(ONE, number=KEPT_NUMBER)), enter(replace(OTHER, number=GONE_NUMBER))
        before = snapshot()
        contrary = {"number": side, "sex": "gone" if side == "kept" else "kept", "born": "gone"}
        merge = services.residents_merge(kept_id=kept.id, gone_id=gone.id, picks=contrary, actor=officer, at=at)
        kept.refresh_from_db()
        number = KEPT_NUMBER if side == "kept" else GONE_NUMBER
        assert (kept.number, kept.sex, kept.born_on) == (number.number, male, date(1956, 3, day))
        services.merge_undo(merge_id=merge.id, actor=officer, at=at)
        assert snapshot() == before

    @pytest.mark.parametrize(
        ("whose", "kinds"),
        [("both", ["elderly", "low_income", "veteran"]), ("kept", ["elderly", "low_income"]), ("gone", ["veteran"])],
    )
    def test_categories_of_one_side_or_of_both(
        self, two: tuple[Resident, Resident], officer: Actor, at: datetime, whose: str, kinds: list[str]
    ) -> None:
        kept, gone = two
        for one, kind in ((kept, "low_income"), (kept, "elderly"), (gone, "veteran")):
            services.category_add(resident_id=one.id, kind=kind, valid_from=DAY, source="民政", actor=officer, at=at)
        before = snapshot()
        merge = services.residents_merge(
            kept_id=kept.id, gone_id=gone.id, picks={"categories": whose}, actor=officer, at=at
        )
        assert sorted(kept.categories.values_list("kind", flat=True)) == kinds
        assert CategoryEntry.objects.count() == 3, "what was not chosen stays with the one who went"
        services.merge_undo(merge_id=merge.id, actor=officer, at=at)
        assert snapshot() == before

    def test_the_address_of_the_other_household(
        self, two: tuple[Resident, Resident], officer: Actor, at: datetime
    ) -> None:
        kept, gone = two
        before = snapshot()
        merge = services.residents_merge(
            kept_id=kept.id, gone_id=gone.id, picks={"address": "gone"}, actor=officer, at=at
        )
        assert Household.objects.get(id=kept.household_id).address == "二组2号"
        services.merge_undo(merge_id=merge.id, actor=officer, at=at)
        assert snapshot() == before

    def test_an_address_corrected_since_stays(
        self, two: tuple[Resident, Resident], officer: Actor, at: datetime
    ) -> None:
        kept, gone = two
        merge = services.residents_merge(
            kept_id=kept.id, gone_id=gone.id, picks={"address": "gone"}, actor=officer, at=at
        )
        Household.objects.filter(id=kept.household_id).update(address="三组3号")
        services.merge_undo(merge_id=merge.id, actor=officer, at=at)
        assert Household.objects.get(id=kept.household_id).address == "三组3号"

    @pytest.mark.parametrize(
        "picks", [{"address": "gone"}, {"number_blind": "gone"}, {"phone": "both"}, {"phone": "x"}, {"categories": ""}]
    )
    def test_what_cannot_be_chosen_changes_nothing(
        self, enter: Callable[..., Resident], officer: Actor, at: datetime, picks: dict[str, str]
    ) -> None:
        kept, gone = enter(ONE), enter(OTHER, village=1, address="别村")
        before = snapshot()
        with pytest.raises((BadInput, UnableTo)):
            services.residents_merge(kept_id=kept.id, gone_id=gone.id, picks=picks, actor=officer, at=at)
        assert snapshot() == before
        assert not Merge.objects.exists()


class TestUndo:
    def test_the_later_merge_is_taken_apart_first(
        self, two: tuple[Resident, Resident], enter: Callable[..., Resident], officer: Actor, at: datetime
    ) -> None:
        (kept, gone), third = two, enter(replace(ONE, name="张伟"))
        before, later = snapshot(), at + timedelta(hours=1)
        first = services.residents_merge(kept_id=kept.id, gone_id=gone.id, actor=officer, at=at)
        second = services.residents_merge(kept_id=third.id, gone_id=kept.id, actor=officer, at=later)
        between = snapshot()
        with pytest.raises(UnableTo, match="先拆开后面"):
            services.merge_undo(merge_id=first.id, actor=officer, at=later)
        assert snapshot() == between
        services.merge_undo(merge_id=second.id, actor=officer, at=later)
        services.merge_undo(merge_id=first.id, actor=officer, at=later)
        assert snapshot() == before

    def test_what_was_deleted_on_request_does_not_come_back(
        self, two: tuple[Resident, Resident], officer: Actor, at: datetime
    ) -> None:
        kept, gone = two
        merge = services.residents_merge(kept_id=kept.id, gone_id=gone.id, actor=officer, at=at)
        services.person_erase(resident_id=gone.id, actor=officer, at=at)
        before = snapshot()
        with pytest.raises(UnableTo, match="无法恢复"):
            services.merge_undo(merge_id=merge.id, actor=officer, at=at)
        assert snapshot() == before

    def test_what_was_corrected_since_stays_corrected(
        self, two: tuple[Resident, Resident], officer: Actor, at: datetime
    ) -> None:
        kept, gone = two
        merge = services.residents_merge(
            kept_id=kept.id, gone_id=gone.id, picks={"phone": "gone", "note": "gone"}, actor=officer, at=at
        )
        kept.refresh_from_db()
        services.resident_change(resident_id=kept.id, version=kept.version, actor=officer, at=at,
                                 facts=replace(ONE, phone="13700137000", note=None, account=None))  # fmt: skip
        services.merge_undo(merge_id=merge.id, actor=officer, at=at)
        kept.refresh_from_db()
        assert (kept.phone, kept.note, kept.account) == ("13700137000", ONE.note, ONE.account)

    def test_what_the_merge_did_not_bring_is_not_put_back(
        self, two: tuple[Resident, Resident], officer: Actor, at: datetime
    ) -> None:
        kept, gone = two
        merge = services.residents_merge(kept_id=kept.id, gone_id=gone.id, actor=officer, at=at)
        kept.refresh_from_db()
        services.resident_change(resident_id=kept.id, version=kept.version, actor=officer, at=at,
                                 facts=replace(ONE, name="张维强"))  # fmt: skip
        services.merge_undo(merge_id=merge.id, actor=officer, at=at)
        assert Resident.objects.get(id=kept.id).name == "张维强"

    def test_nobody_goes_back_into_a_household_that_was_closed(
        self, two: tuple[Resident, Resident], enter: Callable[..., Resident], officer: Actor, at: datetime
    ) -> None:
        head, home = enter(replace(ONE, name="赵一")), two[0]
        gone = services.resident_add(household_id=head.household_id, facts=replace(OTHER, relation="child"),
                                     actor=officer, at=at)  # fmt: skip
        merge = services.residents_merge(kept_id=home.id, gone_id=gone.id, actor=officer, at=at)
        now = Household.objects.get(id=head.household_id)
        services.household_end(household_id=now.id, version=now.version, reason="moved",
                               on=at.date(), actor=officer, at=at)  # fmt: skip
        before = snapshot()
        with pytest.raises(UnableTo, match="已经销户"):
            services.merge_undo(merge_id=merge.id, actor=officer, at=at)
        assert snapshot() == before


class TestHouseholds:
    def test_both_histories_tell_of_it_and_of_its_undoing(
        self, two: tuple[Resident, Resident], officer: Actor, at: datetime
    ) -> None:
        kept, gone = two
        merge = services.residents_merge(kept_id=kept.id, gone_id=gone.id, actor=officer, at=at)
        told = {one: queries.household_history(household_id=one.household_id) for one in two}
        assert [line.kind for line in told[kept]] == ["两人合并为一人"]
        assert sorted(line.kind for line in told[gone]) == sorted(["两人合并为一人", "销户"])
        assert all("章伟强" in "".join(line.people) for line in told[kept])
        client = signed_in(officer)
        for event in HouseholdEvent.objects.filter(changes__merge=str(merge.id)):
            asked = client.get(reverse("registry:event_undo", args=[event.household_id, event.id]))
            assert asked.headers["Location"] == reverse("registry:merge", args=[merge.id])
            set_scope(EVERYWHERE)
            with pytest.raises(UnableTo):
                services.event_undo(household_id=event.household_id, event_id=event.id, actor=officer, at=at)
        services.merge_undo(merge_id=merge.id, actor=officer, at=at)
        for one in two:
            assert all(line.undone_at for line in queries.household_history(household_id=one.household_id))


class TestSameWords:
    def test_one_category_of_both_is_one_and_two_again(
        self, two: tuple[Resident, Resident], officer: Actor, at: datetime
    ) -> None:
        kept, gone = two
        for one, kind, detail in ((kept, "disability", "二级"), (gone, "disability", "二级"), (kept, "elderly", ""),
                                  (gone, "elderly", ""), (gone, "veteran", "")):  # fmt: skip
            services.category_add(resident_id=one.id, kind=kind, detail=detail, valid_from=DAY, source="民政",
                                  actor=officer, at=at)  # fmt: skip
        before = snapshot()
        merge = services.residents_merge(kept_id=kept.id, gone_id=gone.id, actor=officer, at=at)
        assert kept.categories.count() == 3
        services.merge_undo(merge_id=merge.id, actor=officer, at=at)
        assert snapshot() == before

    def test_sex_and_birth_of_the_one_who_stays_are_those_of_the_number(
        self, enter: Callable[..., Resident], officer: Actor, at: datetime
    ) -> None:
        kept, gone = enter(replace(ONE, number=KEPT_NUMBER)), enter(OTHER)
        Resident.objects.filter(id=kept.id).update(sex="", born_on=None, born_precision="")
        before = snapshot()
        merge = services.residents_merge(kept_id=kept.id, gone_id=gone.id, actor=officer, at=at)
        kept.refresh_from_db()
        assert (kept.sex, kept.born_on) == ("m", date(1956, 3, 4))
        services.merge_undo(merge_id=merge.id, actor=officer, at=at)
        assert snapshot() == before


class TestPairsFollow:
    def test_whoever_may_be_the_one_who_went_may_be_the_one_who_stays(
        self, two: tuple[Resident, Resident], pair: DuplicatePair, enter: Callable[..., Resident], officer: Actor,
        at: datetime,
    ) -> None:  # fmt: skip
        (kept, gone), third, fourth = two, enter(replace(ONE, name="张强")), enter(replace(ONE, name="张违强"))
        rows = {"region_code": "621121000000", "weight": 8.0, "state": PairState.ASKED}
        beside = DuplicatePair.objects.create(left_id=gone.id, right_id=third.id, **rows)
        DuplicatePair.objects.create(left_id=fourth.id, right_id=kept.id, **rows)
        doubled = DuplicatePair.objects.create(left_id=gone.id, right_id=fourth.id, **rows)
        before = snapshot()
        merge = services.residents_merge(kept_id=kept.id, gone_id=gone.id, actor=officer, at=at)
        beside.refresh_from_db()
        assert (beside.left_id, beside.right_id) == (kept.id, third.id)
        shown = set(queries.pairs_open(actor=officer).values_list("id", flat=True))
        assert beside.id in shown
        assert {doubled.id, pair.id} & shown == set(), "nobody is asked about somebody who is gone"
        services.merge_undo(merge_id=merge.id, actor=officer, at=at)
        assert snapshot() == before

    def test_who_is_not_the_one_who_went_is_not_the_one_who_stays(
        self, two: tuple[Resident, Resident], enter: Callable[..., Resident], officer: Actor, at: datetime
    ) -> None:
        (kept, gone), third, fourth = two, enter(replace(ONE, name="张强")), enter(replace(ONE, name="张违强"))
        rows = {"region_code": "621121000000", "weight": 8.0, "state": PairState.ASKED}
        known = [DuplicatePair.objects.create(left_id=gone.id, right_id=one.id, **rows) for one in (third, fourth)]
        for one in known:
            services.pair_differ(pair_id=one.id, actor=officer, at=at)
        DuplicatePair.objects.create(left_id=fourth.id, right_id=kept.id, **rows)
        before = snapshot()
        merge = services.residents_merge(kept_id=kept.id, gone_id=gone.id, actor=officer, at=at)
        assert not queries.pairs_open(actor=officer).exists()
        number = replace(ONE, number=KEPT_NUMBER)  # other facts than those that were compared
        services.resident_change(resident_id=kept.id, version=Resident.objects.get(id=kept.id).version, facts=number,
                                 actor=officer, at=at)  # fmt: skip
        services.register_compare_run(region_code="621121000000", at=at)
        waiting = {key for one in queries.pairs_open(actor=officer) for key in (one.left_id, one.right_id)}
        assert waiting <= {third.id, fourth.id}, "only those two were never decided about"
        Resident.objects.filter(id=kept.id).update(number="", number_kind="", number_tail="", number_blind=None)
        services.merge_undo(merge_id=merge.id, actor=officer, at=at)
        DuplicatePair.objects.filter(left_id__in=[third.id, fourth.id], right_id__in=[third.id, fourth.id]).delete()
        assert snapshot()["registry_duplicatepair"] == before["registry_duplicatepair"]

    def test_pairs_of_who_left_are_asked_no_more(
        self, two: tuple[Resident, Resident], pair: DuplicatePair, officer: Actor, at: datetime
    ) -> None:
        home = Household.objects.get(id=two[1].household_id)
        services.household_end(household_id=home.id, version=home.version, reason="moved", on=at.date(),
                               actor=officer, at=at)  # fmt: skip
        assert not queries.pairs_open(actor=officer).exists()
        page = signed_in(officer).get(reverse("registry:pair", args=[pair.id])).content.decode()
        assert reverse("registry:pair_list") in page.partition("<main")[2]


class TestPage:
    def test_one_key_press_still_decides(self, pair: DuplicatePair, officer: Actor) -> None:
        client = signed_in(officer)
        page = client.get(reverse("registry:pair", args=[pair.id])).content.decode()
        for key in "1230":
            assert f'data-key="{key}"' in page
        assert "13800138000" not in page
        assert client.post(_decide(pair), {"answer": "left"}).status_code == 302
        assert Resident.objects.get(id=pair.left_id).name == "张伟强"
        assert Resident.objects.get(id=pair.right_id).end_reason == EndReason.MERGED

    def test_facts_are_picked_on_the_page_and_taken_apart_there(
        self, pair: DuplicatePair, officer: Actor, at: datetime
    ) -> None:
        services.category_add(resident_id=pair.right_id, kind="disability", detail="二级", valid_from=DAY,
                              source="残联", actor=officer, at=at)  # fmt: skip
        client, before = signed_in(officer), snapshot()
        page = client.get(reverse("registry:pair", args=[pair.id])).content.decode()
        for key in ("name", "sex", "born", "phone", "account", "note", "address", "categories"):
            assert f'name="pick_{key}" value="right"' in page
        assert ("1 项敏感信息" in page, "残疾" in page, "住坡" in page) == (True, False, False)
        picks = {"pick_phone": "right", "pick_name": "left", "pick_address": "right", "pick_categories": "both"}
        answer = client.post(_decide(pair), {"answer": "left", "seen": _seen(pair), **picks})
        assert answer.status_code == 302
        left = Resident.objects.get(id=pair.left_id)
        assert (left.name, left.phone, left.household.address) == ("张伟强", "13900138000", "二组2号")
        assert left.categories.count() == 1
        merge = Merge.objects.get()
        listed = client.get(reverse("registry:pair_list")).content.decode()
        assert reverse("registry:merge", args=[merge.id]) in listed
        assert "拆开" in client.get(reverse("registry:merge", args=[merge.id])).content.decode()
        assert client.post(reverse("registry:merge", args=[merge.id])).status_code == 302
        assert snapshot() == before, "the two wait for a word again"
        assert client.post(reverse("registry:merge", args=[merge.id])).status_code == 409

    def test_a_stale_page_is_refused_and_keeps_what_was_chosen(
        self, pair: DuplicatePair, officer: Actor, at: datetime
    ) -> None:
        seen, client = _seen(pair), signed_in(officer)
        right = Resident.objects.get(id=pair.right_id)
        services.resident_change(resident_id=right.id, version=right.version, facts=replace(OTHER, name="章强"),
                                 actor=officer, at=at)  # fmt: skip
        chosen = {"answer": "left", "seen": seen, "pick_phone": "right", "pick_note": "left"}
        answer = client.post(_decide(pair), chosen)
        page = answer.content.decode()
        assert answer.status_code == 409
        assert "刚刚被改过" in page
        assert "章强" in page
        assert page.count(" checked") == 2
        assert not Merge.objects.exists()
        assert client.post(_decide(pair), chosen | {"seen": _seen(pair)}).status_code == 302

    def test_a_pair_decided_meanwhile_says_what_was_chosen(
        self, pair: DuplicatePair, officer: Actor, at: datetime
    ) -> None:
        seen, client = _seen(pair), signed_in(officer)
        services.pair_differ(pair_id=pair.id, actor=officer, at=at)
        answer = client.post(_decide(pair), {"answer": "left", "seen": seen, "pick_phone": "right"})
        assert answer.status_code == 409
        assert "联系电话：右边" in answer.content.decode() or "电话：右边" in answer.content.decode()
        assert not Merge.objects.exists()

    @pytest.mark.parametrize("garbage", [{"pick_phone": "middle"}, {"pick_phone": "both"}, {"seen": "x" * 81}])
    def test_garbage_is_refused(self, pair: DuplicatePair, officer: Actor, garbage: dict[str, str]) -> None:
        before = Resident.objects.filter(ended_on__isnull=True).count()
        assert signed_in(officer).post(_decide(pair), {"answer": "left", **garbage}).status_code == 400
        assert Resident.objects.filter(ended_on__isnull=True).count() == before

    def test_every_merge_is_listed_whether_it_holds_or_not(
        self, two: tuple[Resident, Resident], enter: Callable[..., Resident], officer: Actor, actor_for: Make,
        at: datetime,
    ) -> None:  # fmt: skip
        (kept, gone), third, client = two, enter(replace(ONE, name="张强")), signed_in(officer)
        first = services.residents_merge(kept_id=kept.id, gone_id=gone.id, actor=officer, at=at)
        services.merge_undo(merge_id=first.id, actor=officer, at=at)
        home = Household.objects.get(id=kept.household_id)
        assert f"?household={home.id}" in client.get(reverse("registry:household", args=[home.id])).content.decode()
        page = client.get(reverse("registry:merges") + f"?household={home.id}").content.decode()
        assert reverse("registry:merge", args=[first.id]) in page
        assert "已拆开" in page
        other = client.get(reverse("registry:merges") + f"?household={third.household_id}").content.decode()
        assert reverse("registry:merge", args=[first.id]) not in other
        assert client.get(reverse("registry:merges") + "?household=x&before=x").status_code == 200
        assert client.get(reverse("registry:merges") + f"?before={first.id}").content.decode().count("已拆开") == 0
        assert signed_in(actor_for("auditor")).get(reverse("registry:merges")).status_code == 403
        elsewhere = Branch.objects.create(region_code="430121000000", name="长沙县红十字会", kind="society")
        stranger = signed_in(actor_for("officer", elsewhere)).get(reverse("registry:merges")).content.decode()
        assert str(first.id) not in stranger

    def test_strangers_take_nothing_apart(
        self, two: tuple[Resident, Resident], officer: Actor, actor_for: Make, at: datetime
    ) -> None:
        kept, gone = two
        merge = services.residents_merge(kept_id=kept.id, gone_id=gone.id, actor=officer, at=at)
        elsewhere = Branch.objects.create(region_code="430121000000", name="长沙县红十字会", kind="society")
        address = reverse("registry:merge", args=[merge.id])
        for actor, status in ((actor_for("officer", elsewhere), 404), (actor_for("auditor"), 403)):
            client = signed_in(actor)
            assert client.get(address).status_code == client.post(address).status_code == status
        set_scope(EVERYWHERE)
        with pytest.raises(NotAllowed):
            services.merge_undo(merge_id=merge.id, actor=actor_for("auditor"), at=at)
        merge.refresh_from_db()
        assert merge.undone_at is None
        assert not AuditEntry.objects.filter(type="registry.resident.unmerged").exists()


def test_two_numbers_that_end_alike_do_not_agree(enter: Callable[..., Resident]) -> None:
    left, right = enter(ONE), enter(replace(ONE, phone="13911118000"))
    shown = {fact.key: fact for fact in facts(*_sides(left, right))}
    assert (shown["phone"].left, shown["phone"].right) == ("…8000", "…8000")
    assert (shown["phone"].same, shown["phone"].choice) == (False, True)
    assert shown["account"].same


def _sides(left: Resident, right: Resident) -> Any:
    return queries.sides(pair=DuplicatePair(region_code="621121000000", left_id=left.id, right_id=right.id))


def _seen(pair: DuplicatePair) -> str:
    set_scope(EVERYWHERE)
    both = queries.sides(pair=pair)
    assert both is not None
    return seen_mark(*both)


def _decide(pair: DuplicatePair) -> str:
    return reverse("registry:pair_decide", args=[pair.id])
