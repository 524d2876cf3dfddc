"""What a notice may show: the list, the masks, the scan."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boai.governance.enums import NoticeKind
from boai.governance.rules.publication import ALLOWED_FIELDS, Entry
from boai.governance.rules.rendering import Line, Office, fields_checked, masked, render, scan
from boai.governance.tests.factories import NATURAL, VILLAGE, entry
from boai.kernel.errors import BadInput
from boai.kernel.text.contact import luhn_ok
from boai.kernel.text.masks import STAR

KIND = NoticeKind.RELIEF_PROPOSED
OFFICE = Office("通渭县红十字会", "13900001111", "平襄镇", "8:30—17:30")
ID_NUMBER = "11010519491231002X"


def entry_of(changes: dict[str, Any]) -> Entry:
    """A good entry but for these fields."""
    return entry(**changes)


def lines(*entries: Entry) -> list[Line]:
    """Entries as the renderer takes them."""
    return [Line(e.subject.code, e.subject.region_code, fields_checked(KIND, e), e.shielded) for e in entries]


def shown(*entries: Entry, taken: dict[str, list[str]] | None = None) -> tuple[Any, Any]:
    """Board and public document."""
    return render(KIND, lines=lines(*entries), rules=NATURAL, office=OFFICE, correction="", taken=taken or {})


@given(st.dictionaries(st.text(max_size=20), st.text(max_size=20), max_size=4))
def test_a_field_outside_of_the_list_is_always_refused(extra: dict[str, str]) -> None:
    allowed = {rule.name for rule in ALLOWED_FIELDS[KIND]}
    good = entry()
    with_more = Entry(good.subject, {**good.fields, **{k: v for k, v in extra.items() if k not in allowed}})
    if set(with_more.fields) - allowed:
        with pytest.raises(BadInput) as error:
            fields_checked(KIND, with_more)
        assert set(error.value.fields) == set(with_more.fields) - allowed
    else:
        assert fields_checked(KIND, with_more)


@pytest.mark.parametrize(
    "field", ["id_number", "phone", "bank_account", "address", "category", "diagnosis", "score", "birth"]
)
def test_what_must_never_hang_on_a_wall_is_not_on_the_list(field: str) -> None:
    with pytest.raises(BadInput):
        fields_checked(KIND, entry_of({field: "x"}))


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": None},
        {"place": None},
        {"programme": None},
        {"amount_fen": None},
        {"amount_fen": 0},
        {"amount_fen": -5},
        {"amount_fen": True},
        {"amount_fen": "3000"},
        {"reason": "因癌症致贫"},
        {"name": "张" * 5000},
        {"name": "张三\u202e"},
        {"place": "某村\x00"},
        {"name": ["张三"]},
    ],
)
def test_values_out_of_form_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        fields_checked(KIND, entry_of(wrong))


def test_the_internet_sees_masks_and_the_board_sees_names() -> None:
    board, public = shown(entry("张小三"), entry("欧阳修"), entry("买买提·艾合买提"))
    assert [r["name"] for r in board["rows"]] == ["张小三", "欧阳修", "买买提·艾合买提"]
    assert [r["name"] for r in public["rows"]] == ["张**", "欧阳*", "买*"]
    assert [r["place"] for r in public["rows"]] == ["李家店乡某村"] * 3, "the group is for the board alone"
    assert board["rows"][0]["place"] == "李家店乡某村 三组"
    assert "张小三" not in str(public)


def test_a_shielded_person_is_a_code_on_the_internet_and_a_guardian_on_the_board() -> None:
    child = entry(None, shielded=True, guardian="李建国", programme=None, reason=None)
    board, public = shown(child)
    assert board["rows"][0]["name"] == "李某之子女"
    assert public["rows"][0]["name"] == public["rows"][0]["place"] == public["rows"][0]["programme"] == "—"
    assert public["rows"][0]["code"] == child.subject.code
    for document in (board, public):
        assert "李建国" not in str(document)


@pytest.mark.parametrize("field", ["name", "programme", "reason"])
def test_a_shielded_entry_refuses_whatever_would_tell(field: str) -> None:
    full: dict[str, Any] = {"name": "李小明", "programme": "大病救助", "reason": "hardship"}
    rest: dict[str, Any] = {"name": None, "programme": None, "reason": None} | {field: full[field]}
    name = rest.pop("name")
    with pytest.raises(BadInput) as error:
        fields_checked(KIND, entry(name, shielded=True, **rest))
    assert field in error.value.fields


def test_equal_masks_in_one_division_are_told_apart() -> None:
    _board, public = shown(entry("张三"), entry("张四"), entry("李五"))
    assert [r["name"] for r in public["rows"]] == ["张*(甲)", "张*(乙)", "李*"]


def test_namesakes_in_one_group_are_told_apart_on_the_board() -> None:
    board, _public = shown(entry("张三"), entry("张三"))
    assert [r["name"] for r in board["rows"]] == ["张三(甲)", "张三(乙)"]


def test_names_already_on_display_are_counted() -> None:
    _board, public = shown(entry("张三"), taken={VILLAGE: ["张*"]})
    assert public["rows"][0]["name"] == "张*(乙)"
    _board, public = shown(entry("张三"), taken={"621121001001": ["张*"]})
    assert public["rows"][0]["name"] == "张*"


@given(
    st.lists(st.sampled_from(["张三", "张四", "李*", "王小二", "王小三", "欧阳修", "欧阳锋"]), min_size=1, max_size=12)
)
def test_public_names_in_a_division_are_all_different(names: list[str]) -> None:
    people = [entry(name) for name in names]
    _board, public = shown(*people)
    told = [r["name"] for r in public["rows"]]
    assert len(set(told)) == len(told)
    for name, text in zip(names, told, strict=True):
        assert text.startswith(masked(lines(entry(name))[0]))
        assert STAR in text


@pytest.mark.parametrize(
    "text",
    [
        ID_NUMBER,
        "身份证" + ID_NUMBER,
        "1101 0519 4912 3100 2X",
        "电话13812345678",
        "１３８１２３４５６７８",
        "卡号6222021234567890128",
    ],
)
@pytest.mark.parametrize("field", ["name", "place", "group", "programme"])
def test_numbers_anywhere_in_the_text_are_found(field: str, text: str) -> None:
    if text.startswith("卡号") and not luhn_ok("6222021234567890128"):
        text = "卡号6222021234567890" + next(d for d in "0123456789" if luhn_ok("6222021234567890" + d))
    board, public = shown(entry_of({field: text}))
    assert scan(board, public), (field, text)


def test_the_branchs_own_telephone_is_not_a_find() -> None:
    board, public = shown(entry())
    assert board["office"]["phone"] == "13900001111"
    assert scan(board, public) == []


def test_a_find_is_not_repeated_in_the_sentence() -> None:
    board, public = shown(entry(place="某村 " + ID_NUMBER))
    assert ID_NUMBER not in " ".join(scan(board, public))
