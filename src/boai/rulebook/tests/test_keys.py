"""The table of keys: every default fits its kind, reads well, survives its own form; faults are refused."""

from __future__ import annotations

import importlib
from typing import Any

import pytest
from django import forms
from django.utils.translation import override

from boai.rulebook.keys import KEYS, RuleKey
from boai.rulebook.keys import relief as relief_keys
from boai.rulebook.keys.relief import BANDS
from boai.rulebook.values import Choice, Many, Money, Record, Rows, Share, Whole, YesNo

ALL = list(KEYS.values())


@pytest.mark.parametrize("key", ALL, ids=lambda key: key.name)
def test_a_default_is_canonical_and_has_a_source(key: RuleKey) -> None:
    assert key.check(key.default.value) == key.default.value
    assert len(key.default.source) > 5
    assert all(line.strip() for line in key.kind.show(key.default.value))


@pytest.mark.parametrize("key", ALL, ids=lambda key: key.name)
def test_a_value_survives_its_own_form(key: RuleKey) -> None:
    fields = key.kind.fields("value", key.title, key.default.value)
    form = type("F", (forms.Form,), dict(fields))
    sent = {name: _as_posted(field) for name, field in fields.items()}
    filled = form({k: v for k, v in sent.items() if v not in (None, "")})
    assert filled.is_valid(), filled.errors
    assert key.check(key.kind.read("value", filled.cleaned_data)) == key.default.value


def _as_posted(field: forms.Field) -> Any:
    return field.initial


def test_every_title_help_and_label_is_chinese() -> None:
    with override("zh-hans"):
        for key in ALL:
            labels = [f.label for f in key.kind.fields("value", key.title, key.default.value).values()]
            for text in (key.title, key.help, *labels):
                assert any("\u4e00" <= c <= "\u9fff" for c in str(text)), (key.name, str(text))


@pytest.mark.parametrize(
    ("key", "wrong"),
    [
        ("notice.days", 2),
        ("notice.days", 61),
        ("notice.days", "5"),
        ("notice.days", True),
        ("notice.days", None),
        ("notice.mode", "lunar"),
        ("panel.quorum", [2, 0]),
        ("panel.quorum", [4, 3]),
        ("panel.quorum", [0.5, 1]),
        ("panel.quorum", [True, 1]),
        ("panel.quorum", 0.66),
        ("panel.recount", {"ballots": 2}),
        ("panel.recount", {"ballots": 2, "percent": 2, "more": 1}),
        ("notice.board_photo", "yes"),
        ("relief.papers.illness", ["form", "passport"]),
        ("relief.papers.illness", "form"),
        ("relief.who.illness", {"least_age": 60, "most_age": 18, "categories": [], "causes": []}),
        ("relief.emergency", {"most_fen": -1, "papers_days": 10}),
        ("relief.approval_ladder", []),
        ("relief.approval_ladder", [{"level": "lead", "up_to_fen": 5}]),
        ("relief.approval_ladder", [{"level": "lead", "up_to_fen": None}, {"level": "council", "up_to_fen": None}]),
        ("relief.approval_ladder", [{"level": "council", "up_to_fen": 5}, {"level": "lead", "up_to_fen": None}]),
        ("relief.approval_ladder", [{"level": "lead", "up_to_fen": 5}, {"level": "lead", "up_to_fen": None}]),
        ("relief.approval_ladder", [{"level": "lead", "up_to_fen": 5}, {"level": "executive", "up_to_fen": 5},
                                    {"level": "council", "up_to_fen": None}]),
        ("relief.score", {"weights": dict.fromkeys(dict(relief_keys.FACTORS), 0), "income_line_fen": 1,
                          "prior_help_full_fen": 1}),
    ],
)  # fmt: skip
def test_a_value_that_makes_no_sense_is_refused(key: str, wrong: Any) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        KEYS[key].check(wrong)


def _band(over: int, up_to: int | None, least: int = 1, most: int = 2) -> dict[str, int | None]:
    return {"over_fen": over, "up_to_fen": up_to, "least_fen": least, "most_fen": most}


@pytest.mark.parametrize(
    "rows",
    [
        [_band(5, None)],
        [_band(0, 5)],
        [_band(0, 5), _band(6, None)],
        [_band(0, 5), _band(4, None)],
        [_band(0, None, 3, 2)],
        [_band(0, None), _band(0, None)],
    ],
    ids=["not from 0", "closed above", "gap", "overlap", "least above most", "twice"],
)
def test_bands_must_cover_every_amount_once(rows: list[dict[str, int | None]]) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        KEYS["relief.bands.illness"].check(rows)
    assert KEYS["relief.bands.illness"].check([_band(5, None), _band(0, 5)])


def test_kinds_say_their_values_in_words() -> None:
    with override("zh-hans"):
        assert Money().show(1234500) == ["¥12,345.00"]
        assert Money(optional=True).show(None) == ["不限"]
        assert YesNo().show(True) == ["是"]
        assert Share().show([2, 3]) == ["3 分之 2"]
        assert Whole(0, 9, "天").show(5) == ["5 天"]
        assert Many((("a", "甲"), ("b", "乙"))).show(["a", "b"]) == ["甲、乙"]
        assert Many((("a", "甲"),), none="不限").show([]) == ["不限"]
        assert KEYS["relief.approval_ladder"].kind.show(KEYS["relief.approval_ladder"].default.value) == [
            "常务副会长：最高 ¥2,000.00",
            "会长（主要负责人）：最高 ¥30,000.00",
            "会长（经理事会研究）：最高 不限",
        ]


def test_no_choice_reads_like_a_unit() -> None:
    with override("zh-hans"):
        assert KEYS["notice.mode"].kind.show("working") == ["按工作日"]
        assert KEYS["relief.bands.hardship"].kind.show([_band(0, None, 50_000, 200_000)]) == [
            "自付费用 ¥0.00 至 不限：救助 ¥500.00 至 ¥2,000.00"
        ]


def test_amounts_are_typed_in_yuan_and_kept_in_fen() -> None:
    rows = {"value__1__over_fen": "0", "value__1__up_to_fen": "1.5万", "value__1__least_fen": "500",
            "value__1__most_fen": "1,000.50", "value__2__over_fen": "15000", "value__2__least_fen": "1",
            "value__2__most_fen": "2元"}  # fmt: skip
    form = type("F", (forms.Form,), BANDS.fields("value", "x", None))(rows)
    assert form.is_valid(), form.errors
    assert BANDS.read("value", form.cleaned_data) == [
        _band(0, 1_500_000, 50_000, 100_050),
        _band(1_500_000, None, 100, 200),
    ]
    wrong = type("F", (forms.Form,), BANDS.fields("value", "x", None))(rows | {"value__1__over_fen": "很多"})
    assert not wrong.is_valid()


def test_a_table_grows_by_its_spare_rows_but_not_without_end() -> None:
    rows = Rows(Record(()), most=4, spare=3)
    assert rows.fields("v", "x", []) == {}
    ladder = KEYS["relief.approval_ladder"].kind
    assert len(ladder.fields("v", "x", [{"level": "lead", "up_to_fen": None}] * 6)) == 12


@pytest.mark.parametrize(
    ("options", "where"),
    [
        (relief_keys.PROGRAMMES, "boai.relief.enums.ProgrammeKind"),
        (relief_keys.CAUSES, "boai.relief.enums.Cause"),
        (relief_keys.LEVELS, "boai.relief.enums.Level"),
        (relief_keys.PAPERS, "boai.relief.enums.PaperKind"),
        (relief_keys.STATES, "boai.relief.enums.State"),
        (relief_keys.CATEGORIES, "boai.registry.enums.Category"),
        (relief_keys.FACTORS, "boai.relief.score.FACTORS"),
    ],
)  # fmt: skip
def test_the_codes_are_those_of_the_apps_that_ask(options: Any, where: str) -> None:
    """The rulebook lies below those apps and may not import them; a test may look up to see that nobody drifted."""
    module, _, name = where.rpartition(".")
    theirs = getattr(importlib.import_module(module), name)
    known = set(getattr(theirs, "values", theirs))
    assert {code for code, _label in options} <= known
    assert isinstance(KEYS["notice.mode"].kind, Choice)
