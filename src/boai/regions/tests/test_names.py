"""The comparable forms of names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boai.regions import codes, names
from boai.regions.enums import Kind


@pytest.mark.parametrize(
    ("written", "tidy"),
    [
        (" 义 岗 川 镇 ", "义岗川镇"),
        ("义岗川镇　", "义岗川镇"),
        ("第２社区(北)", "第2社区(北)"),
        ("第二社区〔北〕", "第2社区(北)"),
        ("二十一社区", "21社区"),
        ("一〇四团", "104团"),
        ("一百零四团", "104团"),
        ("甘肃省/定西市、通渭县", "甘肃省定西市通渭县"),
        ("通渭\n县", "通渭县"),
        ("", ""),
    ],
)
def test_tidy(written: str, tidy: str) -> None:
    assert names.tidy(written) == tidy


@pytest.mark.parametrize(
    ("run", "digits"),
    [("十", "10"), ("十五", "15"), ("二十", "20"), ("二十一", "21"), ("一百", "100"), ("一百零五", "105"), ("百", "百"),
     ("〇", "0"), ("三〇", "30"), ("五一", "5~1"), ("十百", "十百"), ("一百二十三", "123")],
)  # fmt: skip
def test_numerals(run: str, digits: str) -> None:
    assert names.number(run) == digits


@pytest.mark.parametrize(
    "written", ["义岗村", "义岗村民委员会", "义岗村村民委员会", "义岗村委会", "义岗村村委会", "义岗村委"]
)
def test_a_village_has_one_base_however_it_is_written(written: str) -> None:
    assert names.base(written) == "义岗村"
    assert names.stem(written, codes.VILLAGE) == "义岗"
    assert names.written_kind(written) == Kind.VILLAGERS


@pytest.mark.parametrize(
    "written",
    ["东街社区", "东街社区居委会", "东街社区居民委员会", "东街居委会", "东街居民委员会", "东街社区委员会社区"],
)
def test_a_neighbourhood_has_one_base_however_it_is_written(written: str) -> None:
    assert names.base(written) == "东街社区"
    assert names.stem(written, codes.VILLAGE) == "东街"


@pytest.mark.parametrize(
    ("name", "level", "stem"),
    [
        ("义岗川镇", 4, "义岗川"),
        ("义岗川乡", 4, "义岗川"),
        ("思唐街道", 4, "思唐"),
        ("思唐街道办事处", 4, "思唐"),
        ("板桥镇", 4, "板桥"),
        ("枫芸土家族苗族乡", 4, "枫芸"),
        ("兴隆土家族苗族乡", 4, "兴隆"),
        ("民族街道", 4, "民族"),
        ("通渭县", 3, "通渭"),
        ("沿河土家族自治县", 3, "沿河"),
        ("双江拉祜族佤族布朗族傣族自治县", 3, "双江"),
        ("东乡族自治县", 3, "东乡"),
        ("城区", 3, "城"),
        ("县", 3, "县"),
        ("定西市", 2, "定西"),
        ("阿克苏地区", 2, "阿克苏"),
        ("克孜勒苏柯尔克孜自治州", 2, "克孜勒苏"),
    ],
)
def test_stems_of_the_upper_levels(name: str, level: int, stem: str) -> None:
    assert names.stem(name, level) == stem


@given(st.text(alphabet="村社区居民委员会嘎查乡镇县一二十百零 (新", max_size=12), st.integers(1, 5))
def test_forms_are_stable_and_never_lose_everything(text: str, level: int) -> None:
    tidy = names.tidy(text)
    assert names.tidy(tidy) == tidy
    if tidy:
        assert names.stem(tidy, level)
        assert names.base(tidy)


@pytest.mark.parametrize(
    ("name", "daily"),
    [
        ("平安居民委员会", "平安居委会"),
        ("东城区居民委员会", "东城区居委会"),
        ("南苑社区居委会", "南苑社区"),
        ("东关村民委员会", "东关村"),
    ],
)
def test_a_residents_committee_keeps_its_kind_in_daily_use(name: str, daily: str) -> None:
    kind = Kind.VILLAGERS if daily.endswith("村") else Kind.RESIDENTS
    assert names.short(name, 5, kind) == daily
