"""Folding, dates, amounts, telephone numbers, accounts."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boai.kernel.text.amounts import read_amount, unit_of
from boai.kernel.text.contact import luhn_ok, read_account, read_phone, read_phones
from boai.kernel.text.dates import LooseDate, read_date
from boai.kernel.text.faults import Fault, Unreadable
from boai.kernel.text.folding import check_text, clean, clean_lines, fold, squeeze, visible

TODAY = date(2026, 11, 24)


def fault_of(read: object, *args: object, **kwargs: object) -> Fault:
    with pytest.raises(Unreadable) as caught:
        read(*args, **kwargs)  # type: ignore[operator]  # the readers share no type
    return caught.value.fault


class TestFolding:
    def test_full_width_radicals_and_invisible_signs(self) -> None:
        assert fold("\uff16\uff12\uff11\u3000\uff21\u200b") == "621 A"
        assert fold("\u2fbc") == "高"
        assert squeeze(" 6211 21\u00a01956\n") == "6211211956"
        assert clean("平襄镇\uff0c\uff13组  12号\u3000") == "平襄镇\uff0c3组 12号"
        assert clean_lines("  一 \r\n 二\r\n\r\n") == "一\n二"

    @given(st.text())
    def test_folding_twice_changes_nothing(self, text: str) -> None:
        assert fold(fold(text)) == fold(text)
        assert clean(clean(text)) == clean(text)

    @given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from("张三12号、。 \uff0c\u3000\u2fbcA-"))))
    def test_the_short_ways_lead_to_the_same_text(self, text: str) -> None:
        assert squeeze(text) == fold(text).replace(" ", "")
        assert clean(text) == clean(f" {text}")

    @pytest.mark.parametrize("bad", ["a\u202eb", "a\x00b", "a\x1bb", "\u2066x", "\u200fx"])
    def test_control_and_direction_characters_are_refused(self, bad: str) -> None:
        assert fault_of(check_text, bad, limit=100) == Fault.CONTROL
        assert "[U+" in visible(bad)

    def test_length_and_damage(self) -> None:
        assert fault_of(check_text, "长" * 5000, limit=200) == Fault.TOO_LONG
        assert fault_of(check_text, "张\ufffd", limit=200) == Fault.DAMAGED
        assert fault_of(check_text, "张\ud800", limit=200) == Fault.DAMAGED
        check_text("两行\n文字\t与 \U00020bb7 罕见字", limit=200)
        assert visible("长" * 5000) == "长" * 60 + "…"


class TestDates:
    @given(st.dates(date(1850, 1, 1), TODAY))
    def test_every_way_of_writing_a_day(self, day: date) -> None:
        y, m, d = day.year, day.month, day.day
        wide = str.maketrans("0123456789", "\uff10\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19")
        for written in (
            f"{y}.{m}.{d}", f"{y}年{m}月{d}日", f"{day:%Y%m%d}", day.isoformat(), f"{y}/{m}/{d}", f"{y} 年 {m} 月 {d} 号",
            f"{y}.{m:02d}.{d:02d}".translate(wide), f"{day.isoformat()} 00:00:00", f"{day.isoformat()}T00:00:00Z", f"{y}、{m}、{d}",
            int(f"{day:%Y%m%d}"), float(f"{day:%Y%m%d}"), day, datetime(y, m, d, 8, 30),
        ):  # fmt: skip
            assert read_date(written, on=TODAY) == LooseDate(y, m, d), written

    @given(st.dates(date(1906, 1, 1), TODAY))
    def test_excel_day_numbers(self, day: date) -> None:
        serial = (day - date(1899, 12, 30)).days
        for written in (serial, float(serial), serial + 0.25, str(serial)):
            assert read_date(written, on=TODAY) == LooseDate(day.year, day.month, day.day)

    @pytest.mark.parametrize(
        ("written", "expected"),
        [
            ("1956年3月", LooseDate(1956, 3)), ("1956.03", LooseDate(1956, 3)), ("1956", LooseDate(1956)), (1956, LooseDate(1956)),
            (1956.3, LooseDate(1956, 3)), (1956.11, LooseDate(1956, 11)), (1956.1, LooseDate(1956)), (1956.03, LooseDate(1956, 3)),
            ("195603", LooseDate(1956, 3)), ("一九五六年三月四日", LooseDate(1956, 3, 4)), ("一九五六年十二月廿三日", LooseDate(1956, 12, 23)),
            ("二〇〇〇年十月三十一日", LooseDate(2000, 10, 31)),
        ],
    )  # fmt: skip
    def test_half_dates_stay_half(self, written: object, expected: LooseDate) -> None:
        assert read_date(written, on=TODAY) == expected

    @pytest.mark.parametrize(
        ("written", "expected"),
        [
            ("", Fault.MISSING), (None, Fault.MISSING), ("1956-13-40", Fault.NOT_A_DATE), ("1956-02-30", Fault.NOT_A_DATE),
            ("3/4/1956", Fault.NOT_A_DATE), ("不详", Fault.NOT_A_DATE), ("56.3.4", Fault.TWO_DIGIT_YEAR), ("560304", Fault.TWO_DIGIT_YEAR),
            ("201112", Fault.TWO_DIGIT_YEAR), ("1956年腊月初八", Fault.LUNAR), ("农历1956.3.4", Fault.LUNAR), ("2027-01-01", Fault.FUTURE),
            (0.5, Fault.NOT_A_DATE), (-3, Fault.NOT_A_DATE), (True, Fault.NOT_A_DATE), (1e300, Fault.NOT_A_DATE), ("1956.3.4.5", Fault.NOT_A_DATE),
        ],
    )  # fmt: skip
    def test_refusals(self, written: object, expected: Fault) -> None:
        assert fault_of(read_date, written, on=TODAY) == expected

    @given(st.one_of(st.text(max_size=20), st.floats(), st.integers()))
    def test_a_reader_answers_or_refuses(self, value: object) -> None:
        try:
            found = read_date(value, on=TODAY)
        except Unreadable:
            return
        assert found.first_day <= TODAY
        assert found.agrees_with(found.first_day)

    def test_agreement(self) -> None:
        assert LooseDate(1956, 3).agrees_with(date(1956, 3, 9))
        assert not LooseDate(1956, 3).agrees_with(date(1956, 4, 9))
        assert not LooseDate(1956, 3, 8).agrees_with(date(1956, 3, 9))
        assert [LooseDate(1956).precision, LooseDate(1956, 3).precision] == ["year", "month"]


class TestAmounts:
    @pytest.mark.parametrize(
        ("written", "fen"),
        [
            ("1.2万", 1_200_000), ("12,000元", 1_200_000), ("\uffe512,345.5", 1_234_550), ("¥300", 30_000), ("约3000", 300_000), (7578.0, 757_800),
            (7578.333333, 757_833), ("-500", -50_000), ("\uff13\uff10\uff10\uff10", 300_000), ("3千", 300_000), ("0", 0), ("3000元/年", 300_000),
            ("3000元整", 300_000), (".5", 50), ("1 200", 120_000),
        ],
    )  # fmt: skip
    def test_read(self, written: object, fen: int) -> None:
        assert read_amount(written) == fen

    def test_the_unit_of_the_header(self) -> None:
        assert unit_of("年收入\uff08万元\uff09") == 10_000
        assert unit_of("家庭年收入(元)") == 1
        assert read_amount(1.2, unit=10_000) == 1_200_000
        assert read_amount("1.2万", unit=10_000) == 1_200_000

    @pytest.mark.parametrize(
        ("written", "expected"),
        [
            ("", Fault.MISSING),
            ("500元/月", Fault.PER_MONTH),
            ("3000-5000", Fault.RANGE),
            ("若干", Fault.NOT_AN_AMOUNT),
            (float("nan"), Fault.NOT_AN_AMOUNT),
            (1e300, Fault.TOO_LONG),
        ],
    )
    def test_refusals(self, written: object, expected: Fault) -> None:
        assert fault_of(read_amount, written) == expected

    @given(st.one_of(st.text(max_size=20), st.floats(), st.integers()))
    def test_a_reader_answers_or_refuses(self, value: object) -> None:
        for read in (read_amount, read_phone, read_phones, read_account):
            try:
                read(value)
            except Unreadable as error:
                assert error.fault in Fault

    @given(st.integers(-(10**11), 10**11))
    def test_round_trip(self, fen: int) -> None:
        assert read_amount(f"{fen // 100}.{fen % 100:02d}" if fen >= 0 else f"-{-fen // 100}.{-fen % 100:02d}") == fen


class TestContact:
    @pytest.mark.parametrize(
        ("written", "digits"),
        [
            ("138-0013-8000", "13800138000"), ("+86 138 0013 8000", "13800138000"), ("013800138000", "13800138000"), (13800138000.0, "13800138000"),
            ("8613800138000", "13800138000"), ("0932-5551234", "09325551234"), ("(0932)5551234", "09325551234"), ("010-12345678转801", "01012345678"),
            ("5551234", "5551234"), ("\uff11\uff13\uff18\uff10\uff10\uff11\uff13\uff18\uff10\uff10\uff10", "13800138000"), ("400-8888-123", "4008888123"),
        ],
    )  # fmt: skip
    def test_phones(self, written: object, digits: str) -> None:
        assert read_phone(written) == digits

    def test_several_phones(self) -> None:
        found = read_phones("13800138000、0932-5551234 / 13900139000")
        assert (found.first, found.others) == ("13800138000", ("09325551234", "13900139000"))

    @pytest.mark.parametrize(
        ("written", "expected"),
        [
            ("1380013800", Fault.LENGTH),
            ("138001380001", Fault.LENGTH),
            ("1.38E+10", Fault.SCIENTIFIC),
            ("138****8000", Fault.MASKED),
            ("无电话", Fault.CHARACTERS),
            ("", Fault.MISSING),
        ],
    )
    def test_phone_refusals(self, written: object, expected: Fault) -> None:
        assert fault_of(read_phone, written) == expected

    @given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.integers(3, 10))
    def test_a_mobile_cut_short_is_never_another_number(self, mobile: str, keep: int) -> None:
        if keep > 5:
            assert fault_of(read_phone, mobile[:keep]) == Fault.LENGTH

    @given(st.from_regex(r"[1-9][0-9]{14,17}", fullmatch=True))
    def test_luhn(self, body: str) -> None:
        fitting = [d for d in "0123456789" if luhn_ok(body + d)]
        assert len(fitting) == 1

    def test_luhn_known(self) -> None:
        assert luhn_ok("79927398713")
        assert not luhn_ok("79927398710")
        assert not luhn_ok("")

    @pytest.mark.parametrize(
        ("written", "expected"),
        [
            ("6228 4800 1234 567", None),
            (6.228480012e18, Fault.SCIENTIFIC),
            ("6228*******1234", Fault.MASKED),
            ("农行622848", Fault.CHARACTERS),
            ("1234567", Fault.LENGTH),
            ("", Fault.MISSING),
        ],
    )
    def test_accounts(self, written: object, expected: Fault | None) -> None:
        if expected is None:
            assert read_account(written) == "622848001234567"
        else:
            assert fault_of(read_account, written) == expected
