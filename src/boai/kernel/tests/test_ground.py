"""Money, time, ids, transitions, secrets, scope: the ground everything stands on."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from django.db import connection, models
from hypothesis import given
from hypothesis import strategies as st

from boai.kernel import clock, crypto, ids, money
from boai.kernel.errors import NotAllowed, TooMany, UnableTo
from boai.kernel.policy import ALLOWED, deny, require
from boai.kernel.rate import rate_hit, rate_sweep
from boai.kernel.scope import EVERYWHERE, NOWHERE, Scope, current_scope, scoped, set_scope
from boai.kernel.transition import actions_from, transition


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("12,345.5", 1234550),
        ("¥300", 30000),
        ("1.2万", 1200000),
        ("500元", 50000),
        ("-3", -300),
        (".5", 50),
        ("0.01", 1),
        ("￥１，２００．５", 120050),  # as a Chinese keyboard writes it
    ],
)
def test_amounts_as_people_write_them(text: str, fen: int) -> None:
    assert money.parse_yuan(text) == fen


@pytest.mark.parametrize("text", ["", "abc", "1.234", "1,2,3", "1e5", "¥", "12万万", "NaN", "1.0000001万"])
def test_what_is_not_an_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the type is the contract
        money.parse_yuan(text)


@given(st.integers(min_value=-(10**15), max_value=10**15))
def test_money_survives_being_shown_and_read(fen: int) -> None:
    shown = money.format_fen(fen)
    assert money.parse_yuan(shown.replace("¥", "") if fen < 0 else shown) == fen


def test_the_day_in_china_begins_eight_hours_early() -> None:
    assert clock.local_date(datetime(2026, 11, 23, 16, 0, tzinfo=UTC)) == date(2026, 11, 24)
    assert clock.start_of_day(date(2026, 11, 24)) == datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
    assert clock.end_of_day(date(2026, 11, 24)) == clock.start_of_day(date(2026, 11, 25))


@pytest.mark.parametrize(
    ("born", "on", "age"),
    [
        (date(2000, 2, 29), date(2018, 2, 28), 17),
        (date(2000, 2, 29), date(2018, 3, 1), 18),
        (date(2007, 6, 1), date(2026, 6, 1), 19),
        (date(2007, 6, 2), date(2026, 6, 1), 18),
    ],
)
def test_full_years(born: date, on: date, age: int) -> None:
    assert clock.age_on(born, on) == age


def test_ids_grow_and_codes_are_plain() -> None:
    made = [ids.new_id() for _ in range(200)]
    assert all(isinstance(i, UUID) and i.version == 7 for i in made)
    assert len(set(made)) == 200
    codes = {ids.new_code() for _ in range(500)}
    assert len(codes) == 500
    assert all(len(c) == 8 and set(c) <= set(ids.CODE_ALPHABET) for c in codes)
    assert not set("01IOLUVAE") & set(ids.CODE_ALPHABET)


def test_transitions_are_a_table() -> None:
    table = {("new", "go"): "on", ("on", "stop"): "off"}
    assert transition(table, "new", "go") == "on"
    assert list(actions_from(table, "on")) == ["stop"]
    with pytest.raises(UnableTo):
        transition(table, "new", "stop")


def test_policies_carry_their_reason() -> None:
    require(lambda _a, _o: ALLOWED, None, None)
    with pytest.raises(NotAllowed, match="because"):
        require(lambda _a, _o: deny("because"), None, None)


@given(st.text(max_size=200))
def test_sealed_text_comes_back_and_only_for_its_purpose(text: str) -> None:
    sealed = crypto.seal(text, "phone")
    assert crypto.unseal(sealed, "phone") == text
    with pytest.raises(ValueError, match="another key"):
        crypto.unseal(sealed, "id")


def test_a_changed_byte_is_noticed() -> None:
    sealed = bytearray(crypto.seal("13800000000", "phone"))
    sealed[-1] ^= 1
    with pytest.raises(ValueError, match="another key"):
        crypto.unseal(bytes(sealed), "phone")


def test_blind_indexes_are_keyed_by_purpose() -> None:
    assert crypto.blind("1", "phone") == crypto.blind("1", "phone")
    assert crypto.blind("1", "phone") != crypto.blind("1", "id")


def test_the_sealed_field_writes_ciphertext(db: None) -> None:
    field = crypto.SealedTextField(purpose="probe")
    written = field.get_db_prep_value("秘密", connection)
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s, %s", [written, field.get_db_prep_value("", connection)])
        stored, empty = cursor.fetchone() or (b"", b"?")
    assert "秘密".encode() not in bytes(stored)
    assert field.from_db_value(stored, None, connection) == "秘密"
    assert field.from_db_value(empty, None, connection) == ""
    assert field.from_db_value(b"", None, connection) == ""
    assert isinstance(field, models.Field)
    assert field.check() is not None


def test_scope_is_set_nested_and_put_back(db: None) -> None:
    def seen() -> tuple[str, str, str]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT current_setting('boai.lo'), current_setting('boai.hi'), current_setting('boai.user')"
            )
            row: tuple[str, str, str] = cursor.fetchone()
            return row

    set_scope(EVERYWHERE)
    with scoped(Scope("1", "2", "u")):
        assert seen() == ("1", "2", "u")
        with scoped(NOWHERE):
            assert seen() == ("", "", "")
        assert seen() == ("1", "2", "u")
    assert current_scope() == EVERYWHERE
    assert seen()[0] == EVERYWHERE.lo


def test_rates_are_counted_per_window(db: None, at: datetime) -> None:
    for _ in range(3):
        rate_hit(what="probe", who="1.2.3.4", limit=3, seconds=60, at=at)
    with pytest.raises(TooMany):
        rate_hit(what="probe", who="1.2.3.4", limit=3, seconds=60, at=at)
    rate_hit(what="probe", who="5.6.7.8", limit=3, seconds=60, at=at)
    rate_hit(what="probe", who="1.2.3.4", limit=3, seconds=60, at=datetime(2026, 11, 24, 2, 1, tzinfo=UTC))
    assert rate_sweep(before=datetime(2026, 11, 24, 2, 1, tzinfo=UTC)) == 2
