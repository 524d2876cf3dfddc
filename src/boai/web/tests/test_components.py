"""Components: what they accept, what they keep apart, and that they are listed."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.template import Context, RequestContext, Template, TemplateSyntaxError
from django.test import RequestFactory

from boai.web.components import inputs_of
from boai.web.templatetags.web import device, filesize_zh, groups

WEB = Path(__file__).resolve().parents[1]
COMPONENTS = sorted((WEB / "templates" / "web" / "components").glob("*.html"))


def render(source: str, **context: Any) -> str:
    """A template with our tags, rendered in a request's context."""
    request = RequestFactory().get("/somewhere/", {"sort": "at", "page": "2"})
    return Template("{% load i18n web %}" + source).render(RequestContext(request, context))


@pytest.mark.parametrize("path", COMPONENTS, ids=lambda p: p.stem)
def test_component_states_its_inputs_and_is_listed(path: Path) -> None:
    inputs = inputs_of(path.read_text(encoding="utf-8"))
    assert inputs.required <= inputs.names
    listed = (WEB / "COMPONENTS.md").read_text(encoding="utf-8")
    entry = re.search(rf"^- \*\*(?:wrap |part or wrap )?`{path.stem}`.*?(?=^- |^#|\Z)", listed, re.S | re.M)
    assert entry, f"{path.stem} is missing in COMPONENTS.md"
    said = set(re.findall(r"\w+", entry.group(0))) | {"body"}
    assert path.stem == "field" or inputs.names <= said, sorted(inputs.names - said)


@pytest.mark.parametrize("path", COMPONENTS, ids=lambda p: p.stem)
def test_component_is_shown_in_the_style_guide(path: Path) -> None:
    templates = [*(WEB / "templates" / "web").rglob("*.html")]
    guide = "".join(p.read_text(encoding="utf-8") for p in templates if p != path)
    wanted = r"\{% field " if path.stem == "field" else rf'\{{% (part|wrap) "{path.stem}"'
    assert re.search(wanted, guide)


def test_unknown_and_missing_inputs_are_errors() -> None:
    with pytest.raises(TemplateSyntaxError, match="no input colour"):
        render('{% part "badge" text="x" colour="red" %}')
    with pytest.raises(TemplateSyntaxError, match="needs text"):
        render('{% part "badge" tone="ok" %}')
    with pytest.raises(TemplateSyntaxError, match="no component 'bagde'"):
        render('{% part "bagde" text="x" %}')


def test_a_component_sees_nothing_of_the_page() -> None:
    html = render('{% part "alert" kind="info" text="hello" %}', title="TITLE OF THE PAGE", items=["ROW"])
    assert "hello" in html
    assert "TITLE" not in html
    assert "ROW" not in html


def test_values_are_escaped() -> None:
    html = render(
        '{% part "badge" text=text %}{% wrap "card" title=text %}{{ text }}{% endwrap %}', text="<script>1</script>"
    )
    assert "<script>" not in html
    assert html.count("&lt;script&gt;") == 3


def test_a_posting_component_carries_the_token() -> None:
    html = render(
        '{% part "post_button" action="/x/" label="Go" hidden=hidden %}', hidden=[("id", "7")], csrf_token="T" * 64
    )
    assert 'name="csrfmiddlewaretoken"' in html
    assert '<input type="hidden" name="id" value="7">' in html


class Sample(forms.Form):
    amount = forms.CharField(help_text="in yuan")
    on = forms.DateField()
    secret = forms.CharField(widget=forms.PasswordInput)
    way = forms.ChoiceField(choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect)
    note = forms.CharField(required=False, widget=forms.Textarea)


def test_help_and_error_are_tied_to_the_field() -> None:
    html = render("{% field form.amount kind='money' %}", form=Sample({"amount": ""}))
    assert 'aria-describedby="id_amount_help id_amount_error"' in html
    assert 'aria-invalid="true"' in html
    assert 'id="id_amount_help"' in html
    assert 'id="id_amount_error"' in html
    assert 'for="id_amount"' in html
    assert 'inputmode="decimal"' in html


def test_a_date_travels_as_iso() -> None:
    html = render("{% field form.on %}", form=Sample(initial={"on": date(2026, 11, 24)}))
    assert 'type="date"' in html
    assert 'value="2026-11-24"' in html


def test_secrets_are_never_kept_in_the_browser() -> None:
    form = Sample()
    assert "data-no-draft" in render("{% field form.secret %}", form=form)
    assert "data-no-draft" in render("{% field form.amount kind='id_number' %}", form=form)
    assert "data-no-draft" not in render("{% field form.amount %}", form=form)


def test_radios_are_a_named_group_that_the_summary_can_reach() -> None:
    html = render(
        "{% wrap 'form' form=form submit='Go' %}{% field form.way kind='cards' %}{% endwrap %}", form=Sample({})
    )
    assert '<a href="#id_way">' in html
    assert '<fieldset class="field" id="id_way"' in html
    assert "<legend>" in html


def test_a_wrong_password_is_not_a_place_to_mend() -> None:
    form = Sample({"amount": "1", "on": "2026-11-24", "secret": "x", "way": "a"})
    form.add_error(None, "Wrong password.")
    html = render('{% part "error_summary" form=form %}', form=form)
    assert "<p>Wrong password.</p>" in html
    assert "<h2>" not in html
    form.add_error("amount", "Too much.")
    assert "有 1 处需要修改" in render('{% part "error_summary" form=form %}', form=form)


def test_confirm_offers_nothing_where_nothing_would_happen() -> None:
    source = '{% wrap "confirm" action="/x/" submit="Do it" will=will wont=wont cancel_url="/" %}{% endwrap %}'
    html = render(source, will={"count": 0, "text": ""}, wont=[{"count": 2, "reason": "open objection"}])
    assert "Do it" not in html
    assert "open objection" in html
    html = render(source, will={"count": 3, "text": "ok"}, wont=[])
    assert "Do it" in html


def test_progress_stops_asking_when_it_has_ended() -> None:
    source = '{% part "progress" label="L" poll_url="/p/" finished=finished failed=failed %}'
    assert 'hx-get="/p/"' in render(source, finished=False, failed="")
    assert "hx-get" not in render(source, finished=True, failed="")
    assert "hx-get" not in render(source, finished=False, failed="broken")


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("7KQ2MX9P", "7KQ2 MX9P"),
        ("", ""),
        (None, ""),
        ("https://example.org/a", "https://example.org/a"),
        ("ABC", "ABC"),
    ],
)
def test_groups(code: str | None, shown: str) -> None:
    assert groups(code) == shown


@pytest.mark.parametrize(
    ("size", "shown"), [(None, ""), (0, "0 B"), (1023, "1023 B"), (1024, "1 KB"), (1_258_291, "1.2 MB")]
)
def test_filesize(size: int | None, shown: str) -> None:
    assert filesize_zh(size) == shown


def test_device() -> None:
    windows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140 Safari/537.36"
    assert device(windows) == "Chrome · Windows"
    assert device("curl/8").strip()


def test_query_keeps_the_rest() -> None:
    assert render('{% query page=None sort="-at" %}') == "sort=-at"


def test_a_page_says_its_title_twice_but_stays_escaped() -> None:
    page = Template('{% extends "web/base_message.html" %}{% block title %}A &amp; {{ name }}{% endblock %}')
    html = page.render(Context({"name": "<b>"}))
    assert "<h1>A &amp; &lt;b&gt;</h1>" in html
    assert "<title>A &amp; &lt;b&gt;" in html
