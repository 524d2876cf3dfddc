"""How a Django form field meets the component `field`: its kind, its attributes, what describes it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.safestring import SafeString

GROUPS = {"radios", "cards", "checks"}
NEVER_KEPT = {"password", "file", "photo", "id_number"}
BY_KIND: dict[str, dict[str, str]] = {
    "money": {"inputmode": "decimal", "autocomplete": "off"},
    "phone": {"inputmode": "tel", "autocomplete": "tel"},
    "id_number": {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"},
    "code": {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"},
    "photo": {"accept": "image/*", "capture": "environment"},
}
CLASS_BY_KIND = {"code": "input code-input", "id_number": "input mono", "checkbox": ""}


def kind_of(widget: forms.Widget) -> str:
    """Which face a widget has when the page does not say."""
    by_widget: list[tuple[type[forms.Widget], str]] = [
        (forms.CheckboxSelectMultiple, "checks"),
        (forms.RadioSelect, "radios"),
        (forms.CheckboxInput, "checkbox"),
        (forms.Textarea, "textarea"),
        (forms.Select, "select"),
        (forms.FileInput, "file"),
        (forms.PasswordInput, "password"),
        (forms.DateInput, "date"),
    ]
    return next((kind for cls, kind in by_widget if isinstance(widget, cls)), "text")


def field_values(
    bound: BoundField,
    *,
    label: str = "",
    help: str | bool = "",
    kind: str = "",
    prefix: str = "",
    suffix: str = "",
    short: bool = False,
    optional: bool | None = None,
    hide_label: bool = False,
    no_draft: bool = False,
    **attributes: Any,
) -> dict[str, Any]:
    """The inputs of the component `field`; `attributes` are rows, placeholder, autocomplete, inputmode."""
    widget = bound.field.widget
    kind = kind or kind_of(widget)
    help_text = "" if help is False else help or bound.help_text
    _use_browser_dates(widget)
    described = " ".join(
        part
        for part in (
            str(widget.attrs.get("aria-describedby", "")),
            f"{bound.auto_id}_help" if help_text else "",
            f"{bound.auto_id}_error" if bound.errors else "",
        )
        if part
    )
    attrs: dict[str, str | bool] = {n: v for n, v in BY_KIND.get(kind, {}).items() if n not in widget.attrs}
    if kind == "textarea" and widget.attrs.get("rows") == "10":  # Django's default is half a screen
        attrs["rows"] = "4"
    attrs |= {name: str(value) for name, value in attributes.items()}
    attrs["class"] = CLASS_BY_KIND.get(kind, "input")
    if described and kind not in GROUPS:
        attrs["aria-describedby"] = described
    if bound.errors and kind not in GROUPS:
        attrs["aria-invalid"] = "true"
    if no_draft or kind in NEVER_KEPT:
        attrs["data-no-draft"] = ""
    return {
        "bound": bound,
        "kind": kind,
        "grouped": kind in GROUPS,
        "label": label or bound.label,
        "help": help_text,
        "described": described,
        "prefix": prefix or ("¥" if kind == "money" else ""),
        "suffix": suffix,
        "short": short,
        "optional": not bound.field.required and kind != "checkbox" if optional is None else optional,
        "hide_label": hide_label,
        "control": SafeString("") if kind in GROUPS else bound.as_widget(attrs=attrs),
    }


def _use_browser_dates(widget: forms.Widget) -> None:
    """Dates travel as ISO, which is what the browser's own picker speaks in every language."""
    if isinstance(widget, forms.DateTimeInput):
        widget.input_type, widget.format = "datetime-local", "%Y-%m-%dT%H:%M"
    elif isinstance(widget, forms.DateInput):
        widget.input_type, widget.format = "date", "%Y-%m-%d"
