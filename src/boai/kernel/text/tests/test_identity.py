"""Identity numbers and credit codes: known numbers, every single slip found, nothing guessed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boai.kernel.text.faults import Fault, Unreadable
from boai.kernel.text.identity import IdKind, check_character, read_person_number
from boai.kernel.text.organisation import ALPHABET, credit_check_character, read_credit_code

TODAY = date(2026, 11, 24)

provinces = st.sampled_from(["110105", "621121", "520624", "430121", "810000", "820000", "830000", "911156"])
births = st.dates(date(1900, 1, 1), TODAY)


@st.composite
def numbers(draw: st.DrawFn) -> str:
    first17 = f"{draw(provinces)}{draw(births):%Y%m%d}{draw(st.integers(0, 999)):03d}"
    return first17 + check_character(first17)


def fault(value: object) -> Fault:
    with pytest.raises(Unreadable) as caught:
        read_person_number(value, on=TODAY)
    return caught.value.fault


def test_the_example_of_the_standard() -> None:
    found = read_person_number("11010519491231002X", on=TODAY)
    assert (found.kind, found.born, found.male, found.tail) == (IdKind.RESIDENT, date(1949, 12, 31), False, "002X")


@given(numbers())
def test_a_made_number_tells_birth_and_sex(number: str) -> None:
    found = read_person_number(number, on=TODAY)
    assert found.number == number
    assert f"{found.born:%Y%m%d}" == number[6:14]
    assert found.male == (int(number[16]) % 2 == 1)


@given(numbers(), st.integers(0, 17), st.sampled_from("0123456789X"))
def test_one_wrong_character_never_passes(number: str, place: int, other: str) -> None:
    if number[place] == other:
        return
    assert fault(number[:place] + other + number[place + 1 :]) in {
        Fault.CHECK_DIGIT, Fault.DATE, Fault.REGION, Fault.CHARACTERS, Fault.FUTURE,
    }  # fmt: skip


@given(numbers(), st.integers(0, 15))
def test_two_neighbours_swapped_never_pass(number: str, place: int) -> None:
    if number[place] == number[place + 1]:
        return
    fault(number[:place] + number[place + 1] + number[place] + number[place + 2 :])


@given(numbers())
def test_the_forms_in_which_clerks_write_it(number: str) -> None:
    wide = "".join(chr(ord(c) + 0xFEE0) for c in number)
    for written in (
        number.lower(),
        wide,
        f" {number[:6]} {number[6:14]} {number[14:]} ",
        f"'{number}",
        f"{number}\u200b\ufeff",
        f"{number[:6]}-{number[6:14]}-{number[14:]}",
        number.replace("X", "\u0425"),
        number.replace("X", "\uff38"),
    ):
        assert read_person_number(written, on=TODAY).number == number


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, Fault.MISSING),
        ("  \u3000", Fault.MISSING),
        ("11010519491231002", Fault.LENGTH),
        ("11010519491231002XX", Fault.CHARACTERS),
        ("1101051949123100200", Fault.LENGTH),
        (5.20624e17, Fault.SCIENTIFIC),
        ("5.20624E+17", Fault.SCIENTIFIC),
        ("5E+17", Fault.SCIENTIFIC),
        (110105194912310021.0, Fault.SCIENTIFIC),
        (110105491231002.0, Fault.OLD_NUMBER),
        ("110105491231002", Fault.OLD_NUMBER),
        ("110105********002X", Fault.MASKED),
        ("1101051949XXXX002X", Fault.MASKED),
        ("11010519490231002X", Fault.DATE),
        ("01010519491231002X", Fault.REGION),
        ("110105194912310021", Fault.CHECK_DIGIT),
        ("11010519491231002X(本人)", Fault.CHARACTERS),
        (True, Fault.CHARACTERS),
        ("E12345678", Fault.CHARACTERS),
    ],
)
def test_refusals(value: object, expected: Fault) -> None:
    assert fault(value) == expected


def test_a_birth_in_the_future_is_refused_on_that_day_only() -> None:
    first17 = "62112120270101001"
    number = first17 + check_character(first17)
    assert fault(number) == Fault.FUTURE
    assert read_person_number(number, on=date(2027, 1, 1)).born == date(2027, 1, 1)


@given(st.one_of(st.text(max_size=20), st.floats(), st.integers()))
def test_a_reader_answers_or_refuses(value: object) -> None:
    try:
        assert len(read_person_number(value, on=TODAY).number) in (15, 18)
    except Unreadable as error:
        assert error.fault in Fault


def test_permits_and_permanent_residence_cards() -> None:
    permit = "81000019800101001"
    assert read_person_number(permit + check_character(permit), on=TODAY).kind == IdKind.PERMIT
    assert fault("810001198001010010"[:17] + check_character("81000119800101001")) == Fault.REGION
    card = "91115619910301001"
    assert read_person_number(card + check_character(card), on=TODAY).kind == IdKind.FOREIGN
    old = read_person_number("CAN310080121401", on=TODAY)
    assert (old.kind, old.born, old.male) == (IdKind.FOREIGN_OLD, None, None)
    assert fault("CAN310080131401") == Fault.DATE


@st.composite
def credit_codes(draw: st.DrawFn) -> str:
    body = draw(st.text(ALPHABET, min_size=9, max_size=9))
    first17 = (
        draw(st.sampled_from(["91", "52", "53", "12", "A1"])) + draw(st.from_regex(r"[0-9]{6}", fullmatch=True)) + body
    )
    return first17 + credit_check_character(first17)


@given(credit_codes(), st.integers(0, 17), st.sampled_from(ALPHABET))
def test_credit_codes_pass_and_one_wrong_character_does_not(code: str, place: int, other: str) -> None:
    assert read_credit_code(f" {code.lower()} ") == code
    if code[place] != other:
        with pytest.raises(Unreadable):
            read_credit_code(code[:place] + other + code[place + 1 :])


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", Fault.MISSING),
        ("9111", Fault.LENGTH),
        ("91110000I00000000X", Fault.CHARACTERS),
        ("911100001000000000", Fault.CHECK_DIGIT),
    ],
)
def test_credit_code_refusals(value: str, expected: Fault) -> None:
    with pytest.raises(Unreadable) as caught:
        read_credit_code(value)
    assert caught.value.fault == expected


def test_a_published_credit_code() -> None:
    assert read_credit_code("91350100M000100Y43") == "91350100M000100Y43"  # the example in GB 32100-2015


def test_the_day_before_birth_and_the_day_itself() -> None:
    born = TODAY + timedelta(days=1)
    first17 = f"621121{born:%Y%m%d}001"
    assert fault(first17 + check_character(first17)) == Fault.FUTURE
