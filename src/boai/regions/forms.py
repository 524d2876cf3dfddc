"""A form field for a place: a cascade of selects with a search box, usable without JavaScript.

In a form: `village = DivisionField(label=_("Village"))`; narrow it to a branch by `form.fields["village"].root = code`.
The template shows it with `{{ form.village }}` inside the form. Without JavaScript each submit opens the next level;
the typed name of a place ("通渭县义岗川镇义岗村") works, too.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from boai.regions import codes, queries
from boai.regions.enums import Found
from boai.regions.queries import NamedPlace

_LONGEST_TEXT = 80


class Unfinished(str):
    """A place that somebody is still choosing: they asked for the next level, not for the form to be taken."""

    __slots__ = ()


class DivisionPicker(forms.Widget):
    """The cascade. Every select carries the field's own name, so that a plain code posts as well."""

    template_name = "regions/picker.html"
    use_fieldset = True

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.root = codes.COUNTRY
        self.deepest = codes.VILLAGE

    def value_from_datadict(self, data: Any, files: Any, name: str) -> str:
        """The deepest code of an unbroken chain of selects; while it is not deep enough, the typed name instead."""
        sent = data.getlist(name) if hasattr(data, "getlist") else [data.get(name) or ""]
        chosen = chain(self.root, sent)
        typed = str(data.get(f"{name}-text") or "").strip()[:_LONGEST_TEXT]
        deep_enough = codes.is_code(chosen) and codes.level(chosen) >= self.deepest
        value = chosen if deep_enough or not typed else typed
        return Unfinished(value) if f"{name}-next" in data else value

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in data and f"{name}-text" not in data

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        described = (attrs or {}).get("aria-describedby", "")
        shown = picker_context(name, str(value or ""), root=self.root, deepest=self.deepest)
        return context | shown | {"picker_described": described}


class DivisionField(forms.Field):
    """Cleans to the code of a division in force, inside `root`, between the levels `least` and `deepest`."""

    widget = DivisionPicker

    def __init__(self, *, root: str = codes.COUNTRY, least: int = codes.VILLAGE, deepest: int = codes.VILLAGE,
                 **kwargs: Any) -> None:  # fmt: skip
        super().__init__(**kwargs)
        self.least = least
        self.root = root
        self.widget.deepest = deepest

    @property
    def root(self) -> str:
        """The division whose subtree can be chosen."""
        return str(self.widget.root)

    @root.setter
    def root(self, code: str) -> None:
        self.widget.root = code

    def to_python(self, value: Any) -> str:
        if isinstance(value, Unfinished):
            raise ValidationError(_("Choose the next level, then go on."), code="unfinished")
        text = str(value or "")
        if not text:
            return ""
        if not codes.is_code(text):
            text = self._resolve(text)
        if not codes.contains(self.root, text) or not queries.exists(text):
            raise ValidationError(_("Choose a place from the list."), code="invalid")
        if codes.level(text) < self.least:
            raise ValidationError(_("Choose the next level as well."), code="incomplete")
        return text

    def _resolve(self, text: str) -> str:
        found = queries.resolve_many([NamedPlace(village=text)], within=codes.span(self.root))[0]
        if found.code is not None:
            return found.code
        if found.reason == Found.AMBIGUOUS:
            raise ValidationError(_("Several places are called that. Choose the right one."), code="ambiguous")
        raise ValidationError(_("There is no place called “%(text)s” here.") % {"text": text[:40]}, code="unknown")


def chain(root: str, sent: list[str]) -> str:
    """The deepest of the codes sent that lies below all before it; what is left over from another choice is ignored."""
    chosen = ""
    for code in sent:
        if not codes.is_code(code):
            continue
        if not codes.contains(chosen or root, code):
            break
        chosen = code
    return chosen


def picker_context(name: str, value: str, *, root: str, deepest: int) -> dict[str, Any]:
    """What regions/picker.html shows: the selects down to the value, or the candidates for a typed name."""
    chosen = value if codes.is_code(value) else ""
    candidates: list[tuple[str, str]] = []
    if value and not chosen:
        found = queries.resolve_many([NamedPlace(village=value[:_LONGEST_TEXT])], within=codes.span(root))[0]
        chosen = found.code or ""
        candidates = [(place.code, place.above + place.name) for place in found.candidates]
    return {
        "picker_name": name,
        "picker_root": root,
        "picker_deepest": deepest,
        "picker_chosen": chosen,
        "picker_text": "" if chosen else value,
        "picker_steps": queries.steps(root, chosen, deepest=deepest),
        "picker_candidates": candidates,
        "picker_done": queries.full_names([chosen]).get(chosen, "") if codes.level(chosen or root) >= deepest else "",
    }
