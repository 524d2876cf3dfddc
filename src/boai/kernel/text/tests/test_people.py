"""Names, pinyin, masks and the scanner that guards what is published."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boai.kernel.text.contact import luhn_ok
from boai.kernel.text.faults import Fault, Unreadable
from boai.kernel.text.identity import check_character
from boai.kernel.text.masks import distinguish, mask_minor, mask_name, mask_name_middle, tail
from boai.kernel.text.names import given_name_of, name_key, read_name, surname_of
from boai.kernel.text.pinyin import looks_like_pinyin, name_initials, name_pinyin
from boai.kernel.text.scan import SecretKind, find_secrets

HAN = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5, exclude_characters="某")
names = st.text(HAN, min_size=2, max_size=6)
ID = "62112119560304123"
IDENTITY = ID + check_character(ID)


class TestNames:
    @pytest.mark.parametrize(
        ("written", "name"),
        [
            ("张  三 ", "张三"), ("\u3000张\u3000三", "张三"), ("买买提•艾合买提", "买买提·艾合买提"), ("买买提.艾合买提", "买买提·艾合买提"),
            ("John  Smith", "John Smith"), ("\U00020bb7野", "\U00020bb7野"), ("\u2fbc明", "高明"), ("O'Neil-Brown", "O'Neil-Brown"),
        ],
    )  # fmt: skip
    def test_canonical(self, written: str, name: str) -> None:
        assert read_name(written) == name

    @pytest.mark.parametrize(
        ("written", "expected"),
        [
            ("", Fault.MISSING), (None, Fault.MISSING), ("无", Fault.MISSING), ("张*三", Fault.MASKED), ("李某某", Fault.MASKED), ("李XX", Fault.MASKED),
            ("张", Fault.TOO_SHORT), ("张三(户主)", Fault.CHARACTERS), ("张三1", Fault.CHARACTERS), ("=HYPERLINK(1)", Fault.CHARACTERS),
            ("名" * 5000, Fault.TOO_LONG), ("名" * 60, Fault.TOO_LONG), ("张\u202e三", Fault.CONTROL), ("张\x00三", Fault.CONTROL), ("张\ue844", Fault.DAMAGED),
            ("张三Li", Fault.CHARACTERS), (12.0, Fault.CHARACTERS),
        ],
    )  # fmt: skip
    def test_refusals(self, written: object, expected: Fault) -> None:
        with pytest.raises(Unreadable) as caught:
            read_name(written)
        assert caught.value.fault == expected

    @given(names)
    def test_spaces_never_matter(self, name: str) -> None:
        if name in ("无名", "不详", "未知"):
            return
        assert read_name("  ".join(name)) == read_name(name) == name
        assert surname_of(name) + given_name_of(name) == name

    def test_parts_and_keys(self) -> None:
        assert [surname_of(n) for n in ("欧阳修", "欧阳", "张三", "买买提·艾合买提", "John Smith")] == [
            "欧阳",
            "欧",
            "张",
            "买买提",
            "John",
        ]
        assert name_key(" Éva  Kiss ") == "evakiss"
        assert name_key("买买提•艾合买提") == name_key("买买提·艾合买提")


class TestPinyin:
    @pytest.mark.parametrize(
        ("name", "whole", "first"),
        [
            ("单志强", "shanzhiqiang", "szq"),
            ("尉迟恭", "yuchigong", "ycg"),
            ("曾国", "zengguo", "zg"),
            ("吕芳", "lvfang", "lf"),
            ("John Li", "johnli", "johnli"),
        ],
    )
    def test_readings(self, name: str, whole: str, first: str) -> None:
        assert (name_pinyin(name), name_initials(name)) == (whole, first)

    def test_search_words(self) -> None:
        assert looks_like_pinyin("z x s")
        assert not looks_like_pinyin("张xs")
        assert not looks_like_pinyin("")


class TestMasks:
    @pytest.mark.parametrize(
        ("name", "masked", "middle"),
        [
            ("张三", "张*", "张*"), ("张小三", "张**", "张*三"), ("欧阳修", "欧阳*", "欧阳*"), ("欧阳小修", "欧阳**", "欧阳*修"), ("买买提·艾合买提", "买*", "买*"),
            ("John Smith", "J*", "J*"), ("李", "李*", "李*"), ("", "*", "*"), ("张大小三", "张***", "张**三"),
            ("张三丰 Li", "张*", "张*"), ("㐀𠀀\U000323b0", "㐀**", "㐀*\U000323b0"), ("张三(户主)", "张*", "张*"),
        ],
    )  # fmt: skip
    def test_names(self, name: str, masked: str, middle: str) -> None:
        assert mask_name(name) == masked
        assert mask_name_middle(name) == middle

    @given(st.text(max_size=30))
    def test_a_mask_never_shows_more_than_the_surname(self, name: str) -> None:
        masked = mask_name(name)
        assert "*" in masked
        assert len(masked.replace("*", "")) <= max(2, 0)
        assert masked.replace("*", "") in name or masked.startswith("*") or "*" in name

    def test_minors_equal_names_and_tails(self) -> None:
        assert [mask_minor("张三", male=m) for m in (True, False, None)] == ["张某之子", "张某之女", "张某之子女"]
        assert mask_minor("买买提·艾合买提", male=True) == "买某之子"
        assert mask_minor("张三丰 Li", male=True) == "张某之子"
        assert distinguish(["张*", "李*", "张*"]) == ["张*(甲)", "李*", "张*(乙)"]
        assert len(set(distinguish(["张*"] * 30))) == 30
        assert tail(IDENTITY) == "****" + IDENTITY[-4:]
        assert tail("1234") == "****"


def kinds(text: str) -> list[SecretKind]:
    return [secret.kind for secret in find_secrets(text)]


def _card(body: str) -> str:
    return next(body + d for d in "0123456789" if luhn_ok(body + d))


class TestScanner:
    @given(st.text(st.characters(exclude_categories=["Nd", "No", "Nl", "Cs"], exclude_characters="xX"), max_size=20))
    def test_each_kind_is_found_within_any_words(self, words: str) -> None:
        words = words + "。"
        assert kinds(f"{words}{IDENTITY}{words}")[0] == SecretKind.IDENTITY
        assert SecretKind.MOBILE in kinds(f"{words}13800138000{words}")
        assert SecretKind.CARD in kinds(f"{words}{_card('622848001234567890')}{words}")

    @pytest.mark.parametrize("cross", "xX×✕Ххχ")
    def test_a_cross_behind_a_card_does_not_hide_it(self, cross: str) -> None:
        card = _card("622848001234567890")
        assert kinds(f"卡号{card}{cross}") == [SecretKind.CARD]
        assert kinds(f"{card}{cross}13800138000") == [SecretKind.CARD, SecretKind.MOBILE]
        assert kinds(f"卡{_card('62284800123456789')}{cross}") == [SecretKind.CARD]

    @given(st.lists(st.sampled_from([" ", "-", "", ".", "\u3000", "\u200b"]), min_size=17, max_size=17))
    def test_separators_do_not_hide_an_identity_number(self, gaps: list[str]) -> None:
        text = "".join(a + b for a, b in zip(IDENTITY, [*gaps, ""], strict=True))
        assert SecretKind.IDENTITY in kinds(f"身份证{text}号")

    def test_disguises(self) -> None:
        wide = "".join(chr(ord(c) + 0xFEE0) for c in IDENTITY)
        assert kinds(wide) == [SecretKind.IDENTITY]
        assert kinds("电话一三八零零一三八零零零") == [SecretKind.MOBILE]
        assert kinds("电话幺三八〇〇幺三八〇〇〇") == [SecretKind.MOBILE]
        assert kinds("①③⑧00①③⑧000") == [SecretKind.MOBILE]
        assert kinds("138-0013-8000") == [SecretKind.MOBILE]
        assert kinds("+86 13800138000") == [SecretKind.MOBILE]
        assert kinds(f"{IDENTITY},13800138000") == [SecretKind.IDENTITY, SecretKind.MOBILE]
        assert kinds("CAN310080121401") == [SecretKind.IDENTITY]

    @pytest.mark.parametrize(
        "text",
        [
            "2026年11月24日至2026年12月1日", "救助金额20000.00元,编号K7QF2M9X", "工单 202611240001", "110105194912310021", "户号62112110100100012",
            "票据号0000000000000000", "12345678901", "联系电话0932-5551234", "第 1 2 3 4 条", "12800138000",
        ],
    )  # fmt: skip
    def test_what_is_no_secret(self, text: str) -> None:
        assert find_secrets(text) == []

    def test_the_place_is_told(self) -> None:
        text = f"张三({IDENTITY[:6]} {IDENTITY[6:]})"
        (found,) = find_secrets(text)
        assert text[found.start : found.end] == f"{IDENTITY[:6]} {IDENTITY[6:]}"
        assert found.digits == IDENTITY
        assert date(1956, 3, 4).strftime("%Y%m%d") in found.digits

    def test_long_text_is_quick(self) -> None:
        assert find_secrets("1 " * 50_000) == []

    def test_unreadable_carries_its_fault(self) -> None:
        assert str(Unreadable(Fault.LENGTH, "17")) == "length: 17"
