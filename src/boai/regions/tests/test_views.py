"""The endpoints, and the picker inside a form, with and without JavaScript."""

from __future__ import annotations

from collections import Counter

import pytest
from django import forms
from django.http import QueryDict
from django.test import Client

from boai.regions import codes
from boai.regions.forms import DivisionField, chain
from boai.regions.models import Division
from boai.regions.tests.factories import TONGWEI

pytestmark = pytest.mark.django_db
TOWN, VILLAGE = "621121105000", "621121105201"


class PlaceForm(forms.Form):
    place = DivisionField(label="住址", root=TONGWEI)


def filled(query: str) -> PlaceForm:
    return PlaceForm(QueryDict(query))


def test_search_answers_with_json(client: Client) -> None:
    answer = client.get("/regions/search", {"q": "义岗", "root": TONGWEI})
    assert answer.json() == {"results": [{"code": TOWN, "name": "义岗川镇", "level": 4, "where": "甘肃省定西市通渭县"}]}
    assert "public" in answer["Cache-Control"]
    assert client.get("/regions/search").json() == {"results": []}


def test_search_answers_a_picker_with_buttons(client: Client) -> None:
    page = client.get("/regions/search", {"field": "place", "place-text": "义岗", "root": TONGWEI}).content.decode()
    assert f"place={TOWN}" in page
    assert "甘肃省定西市通渭县" in page
    empty = client.get("/regions/search", {"field": "place", "place-text": "不存在之地"}).content.decode()
    assert "没有找到" in empty


def test_the_picker_opens_the_next_level(client: Client) -> None:
    page = client.get("/regions/picker", {"field": "place", "root": TONGWEI, "place": TOWN}).content.decode()
    assert page.count("<select") == 2
    assert f'value="{TOWN}" selected' in page
    assert "明星村民委员会" in page
    assert "已选" not in page
    done = client.get("/regions/picker", {"field": "place", "root": TONGWEI, "place": [TOWN, VILLAGE]}).content.decode()
    assert "甘肃省定西市通渭县义岗川镇明星村" in done


def test_a_choice_taken_back_leaves_what_is_above_it(client: Client) -> None:
    query = {"field": "place", "root": TONGWEI, "place": "", "parent": TOWN}
    page = client.get("/regions/picker", query).content.decode()
    assert page.count("<select") == 2
    assert f'value="{TOWN}" selected' in page
    top = client.get("/regions/picker", query | {"parent": TONGWEI}).content.decode()
    assert top.count("<select") == 1
    assert "selected" not in top


@pytest.mark.parametrize(
    "query",
    [{"field": "<script>"}, {"field": ""}, {"field": "place", "root": "x"}, {"field": "place", "deepest": "9"}],
)
def test_a_crooked_address_is_refused(client: Client, query: dict[str, str]) -> None:
    answer = client.get("/regions/picker", query)
    assert answer.status_code == 400
    assert "<script>" not in answer.content.decode()


def test_only_reading(client: Client) -> None:
    assert client.post("/regions/search").status_code == 405


def test_a_form_takes_the_cascade_a_plain_code_or_a_typed_name() -> None:
    for query in (
        f"place={TOWN}&place={VILLAGE}",
        f"place={VILLAGE}",
        "place-text=义岗川镇明星村",
        "place-text=" + VILLAGE,
    ):
        form = filled(query)
        assert form.is_valid(), (query, form.errors)
        assert form.cleaned_data["place"] == VILLAGE


def test_without_javascript_each_submit_opens_the_next_level() -> None:
    form = filled(f"place={TOWN}")
    assert form.errors == {"place": ["请继续选择下一级。"]}
    assert str(form["place"]).count("<select") == 2
    assert "明星村民委员会" in str(form["place"])


@pytest.mark.parametrize("query", ["place-next=1", f"place={TOWN}&place-next=1", f"place={VILLAGE}&place-next=1"])
def test_asking_for_the_next_level_never_sends_the_form(query: str) -> None:
    form = filled(query)
    form.fields["place"].required = False
    form.fields["place"].least = 1  # type: ignore[attr-defined]  # it is a DivisionField
    assert form.has_error("place", "unfinished")


def test_a_leftover_of_another_choice_is_ignored() -> None:
    other = "621121100000"
    assert chain(TONGWEI, [other, VILLAGE]) == other
    assert chain(TONGWEI, ["", VILLAGE]) == VILLAGE
    assert chain(TONGWEI, ["430121000000"]) == ""
    assert filled(f"place={other}&place={VILLAGE}").errors == {"place": ["请继续选择下一级。"]}


def test_several_places_of_one_name_are_offered() -> None:
    villages = Division.objects.filter(code__range=codes.span(TONGWEI), level=codes.VILLAGE)
    shared = Counter(v.short_name for v in villages)
    name = next(n for n, times in shared.items() if times > 1)
    form = filled(f"place-text={name}")
    assert "多个同名" in str(form.errors)
    page = str(form["place"])
    assert page.count('type="radio"') == shared[name]
    assert f'value="{name}"' in page


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("", ""),
        ("place=430121001001", ""),
        ("place=621121999999", "请从列表中选择"),
        ("place-text=不存在村", "没有“不存在村”"),
        ("place-text=%3Cb%3E", "&lt;b&gt;"),
        ("place-text=" + "村" * 500, "没有"),
    ],
)
def test_what_is_no_place_is_refused_and_kept(query: str, sentence: str) -> None:
    form = filled(query)
    assert not form.is_valid()
    assert sentence in str(form.errors)
    assert sentence or form.has_error("place", "required")
    assert "<b>" not in str(form["place"])


def test_the_picker_never_names_more_than_its_root() -> None:
    page = str(PlaceForm()["place"])
    assert "平襄镇" in page
    assert "长沙" not in page
    assert "<script" not in page
    assert "style=" not in page
