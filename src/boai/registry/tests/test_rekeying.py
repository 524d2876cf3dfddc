"""The master key is changed while the register is in use: everything is found before, meanwhile and after."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from boai.kernel import crypto, rekeying
from boai.kernel.errors import UnableTo
from boai.kernel.models import KeyRotation
from boai.kernel.text.identity import read_person_number
from boai.messages.models import Message
from boai.people.actor import Actor
from boai.registry import queries, services
from boai.registry.enums import IntakeState, Relation
from boai.registry.models import CategoryEntry, DistinctPair, Household, PatchRow, Resident
from boai.registry.queries.pairs import _of_resident
from boai.registry.rekeying import corrections_follow
from boai.registry.services.households import HouseholdFacts, PersonFacts
from boai.registry.tests.factories import villages
from boai.registry.tests.register_files import number_for
from boai.registry.tests.test_patch import apply, entered, patch, people, register, take_back

Make = Callable[..., Actor]
OLD, NEW = b"o" * 32, b"n" * 32
DAY = date(2026, 11, 24)


@pytest.fixture
def old(own_database: str, settings: Any) -> Any:
    """An installation under the old key; returns the settings."""
    settings.BOAI_MASTER_KEY, settings.BOAI_OLD_MASTER_KEYS, settings.BOAI_CIPHER = OLD, [], "aes-256-gcm"
    rekeying._settled.clear()
    yield settings
    rekeying._settled.clear()


def _new_key(settings: Any) -> None:
    settings.BOAI_MASTER_KEY, settings.BOAI_OLD_MASTER_KEYS = NEW, [OLD]


def _number(sequence: int) -> Any:
    return read_person_number(number_for(date(1956, 3, 4), male=True, sequence=sequence), on=DAY)


def _household(actor: Actor, at: datetime, sequence: int, name: str = "张小三") -> Household:
    head = PersonFacts(
        name=name, relation="head", number=_number(sequence), phone=f"1380013{sequence:04d}", account="622848001234567"
    )
    facts = HouseholdFacts(region_code=villages(8)[0][2], note="住在坡上")
    return services.household_create(facts=facts, head=head, actor=actor, at=at)


def _found(actor: Actor, text: str) -> list[Any]:
    return [row.id for row in queries.household_list(actor=actor, on=DAY, text=text).rows]


def test_search_works_before_meanwhile_and_after(old: Any, actor_for: Make, at: datetime) -> None:
    officer = actor_for("officer")
    made = [_household(officer, at, i) for i in range(1, 6)]
    head = Resident.objects.get(household=made[0])
    services.category_add(resident_id=head.id, kind="disability", detail="二级", valid_from=DAY, source="残联",
                          evidence="", actor=officer, at=at)  # fmt: skip
    _new_key(old)
    made.append(_household(officer, at, 6))  # a new row is sealed with the new key at once
    for index, household in enumerate(made, 1):
        assert _found(officer, _number(index).number) == [household.id]
        assert _found(officer, f"1380013{index:04d}") == [household.id]
    assert sum(rekeying.stale_counts().values()) > 5
    call_command("keys", "rotate")
    assert sum(rekeying.stale_counts().values()) == 0
    old.BOAI_OLD_MASTER_KEYS = []  # the old key is gone for good
    for index, household in enumerate(made, 1):
        assert _found(officer, _number(index).number) == [household.id]
        assert _found(officer, f"1380013{index:04d}") == [household.id]
    entry = CategoryEntry.objects.get(kind="")
    assert bytes(entry.kind_blind) == crypto.blind("disability", "registry.kind")
    assert json.loads(entry.fact)["detail"] == "二级"
    assert Household.objects.get(id=made[0].id).note == "住在坡上"
    rotation = KeyRotation.objects.get()
    assert rotation.finished_at is not None
    assert rotation.places["registry_resident"]["done"] == 5


def test_nobody_enters_twice_and_nobody_is_compared_meanwhile(old: Any, actor_for: Make, at: datetime) -> None:
    officer = actor_for("officer")
    _household(officer, at, 1)
    _new_key(old)
    with pytest.raises(UnableTo, match="已有这个身份证号"):
        _household(officer, at, 1, name="张小三儿")
    with pytest.raises(UnableTo, match="密钥"):
        services.pair_differ(pair_id=1, actor=officer, at=at)
    assert Household.objects.count() == 1
    call_command("keys", "rotate")
    with pytest.raises(UnableTo, match="已有这个身份证号"):
        _household(officer, at, 1, name="张小三儿")
    assert Household.objects.count() == 1


def test_a_run_that_was_cut_short_goes_on(
    old: Any, actor_for: Make, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer = actor_for("officer")
    for i in range(1, 8):
        _household(officer, at, i)
    _new_key(old)
    monkeypatch.setattr(rekeying, "LOT", 2)
    lots = iter(range(3))

    def told(table: str, _rows: int) -> None:
        if table == "registry_resident" and next(lots, None) == 1:
            raise KeyboardInterrupt

    rotation = rekeying.rotation_begin(at=at)
    with pytest.raises(KeyboardInterrupt):
        rekeying.rotation_run(rotation=rotation, told=told)
    assert rekeying.stale_counts()["registry_resident"] == 3
    again = rekeying.rotation_begin(at=at)
    assert again.id == rotation.id
    rekeying.rotation_run(rotation=again)
    assert sum(rekeying.stale_counts().values()) == 0
    assert again.places["registry_resident"]["done"] == 7


def test_a_row_read_before_is_saved_with_the_new_fingerprint(old: Any, actor_for: Make, at: datetime) -> None:
    officer = actor_for("officer")
    head = Resident.objects.get(household=_household(officer, at, 1))
    _new_key(old)
    head.save()
    assert bytes(Resident.objects.get(id=head.id).number_blind) == crypto.blind(_number(1).number, "registry.number")


def test_rows_that_are_written_once_are_sealed_anew_and_stay_guarded(old: Any, actor_for: Make, at: datetime) -> None:
    message = Message.objects.create(
        key="k", user_id=actor_for("officer").user_id, region_code="621121000000", template="t", channel="inbox", subject="题", body="文", words="{}",
        state="sent", created_at=at, sent_at=at,
    )  # fmt: skip
    _new_key(old)
    call_command("keys", "rotate")
    old.BOAI_OLD_MASTER_KEYS = []
    assert Message.objects.get(id=message.id).body == "文"
    with connection.cursor() as cursor, pytest.raises(Exception, match="stays said"):
        cursor.execute("UPDATE boai_messages_message SET body = 'x'")


def test_a_change_of_cipher_is_a_rotation_as_well(old: Any, actor_for: Make, at: datetime) -> None:
    officer = actor_for("officer")
    made = _household(officer, at, 1)
    old.BOAI_CIPHER = "sm4-gcm"
    assert rekeying.is_settled(), "the fingerprints do not hang on the cipher"
    call_command("keys", "rotate")
    with connection.cursor() as cursor:
        cursor.execute("SELECT get_byte(number, 1) FROM registry_resident")
        assert cursor.fetchall() == [(crypto.SM4,)]
    assert _found(officer, _number(1).number) == [made.id]


def test_decisions_about_two_people_are_found_again(old: Any, actor_for: Make, at: datetime) -> None:
    officer = actor_for("officer")
    one, two = (Resident.objects.get(household=_household(officer, at, i), relation=Relation.HEAD) for i in (1, 2))
    low, high = sorted((_of_resident(one, "0" * 12).mark, _of_resident(two, "0" * 12).mark))
    DistinctPair.objects.create(region_code=one.region_code, low=low, high=high, decided_at=at)
    _new_key(old)
    call_command("keys", "rotate")
    marks = sorted(_of_resident(Resident.objects.get(id=key), "0" * 12).mark for key in (one.id, two.id))
    pair = DistinctPair.objects.get()
    assert [bytes(pair.low), bytes(pair.high)] == marks != [low, high]


def test_a_file_of_corrections_can_be_taken_back_after_the_old_key_is_gone(
    old: Any, actor_for: Make, at: datetime
) -> None:
    officer = actor_for("officer")
    lines = entered(people(2), officer, at)
    before = register()
    intake = patch(
        [["身份证号", "联系电话", "银行卡号", "备注"], [lines[0].cells["number"], "13811112222", "6228480012345678", "住校"]],
        officer, at,
    )  # fmt: skip
    done = apply(intake, officer, at)
    assert register() != before
    _new_key(old)
    call_command("keys", "rotate")
    old.BOAI_OLD_MASTER_KEYS = []  # the old key is gone for good
    kept: Any = PatchRow.objects.get(before__isnull=False).before
    assert bytes.fromhex(kept["phone_blind"][2:]) == crypto.blind(str(lines[0].cells["phone"]), "registry.phone")
    assert take_back(done, officer, at).state == IntakeState.CHECKED
    assert register() == before
    assert _found(officer, str(lines[0].cells["phone"])), "the fingerprint came back under the present key"
    assert sum(rekeying.stale_counts().values()) == 0


def test_corrections_that_are_under_the_present_key_are_left_alone(old: Any, actor_for: Make, at: datetime) -> None:
    officer = actor_for("officer")
    lines = entered(people(1), officer, at)
    lines[0].cells |= {"phone": "13811112222"}
    apply(patch([["身份证号", "联系电话"], [lines[0].cells["number"], "13811112222"]], officer, at), officer, at)
    _new_key(old)
    assert corrections_follow() == 1
    kept = PatchRow.objects.get(before__isnull=False).before
    assert corrections_follow() == 0
    assert PatchRow.objects.get(before__isnull=False).before == kept
