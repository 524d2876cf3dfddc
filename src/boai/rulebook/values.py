"""Kinds of rule values: each checks what is stored, says it in words, and makes the form fields to change it.

A value is plain JSON. `check` returns it in canonical form or raises ValueError with a sentence; `show` gives lines for
people; `fields` and `read` are the two directions of a form. Kinds nest: a Record has parts, Rows are many records.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from boai.kernel.money import format_fen, parse_yuan

Text: TypeAlias = "str | _StrPromise"
if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

Fields = dict[str, forms.Field]


class Kind(ABC):
    """What a value of a rule may be."""

    @abstractmethod
    def check(self, value: Any) -> Any:
        """The value in canonical form. Raises ValueError with a sentence."""

    @abstractmethod
    def show(self, value: Any) -> list[str]:
        """The value in words, one line or several."""

    @abstractmethod
    def fields(self, name: str, label: Text, value: Any) -> Fields:
        """Form fields for the value; their names begin with `name`."""

    @abstractmethod
    def read(self, name: str, cleaned: Mapping[str, Any]) -> Any:
        """The value from a cleaned form (still to be checked)."""

    def groups(self, made: Fields) -> list[tuple[str, list[str]]]:
        """The names of the fields made, in groups that stand side by side, each with its heading ("" for none)."""
        return [("", list(made))]

    def line(self, value: Any) -> str:
        """The value in one line."""
        return "; ".join(self.show(value))


@dataclass(frozen=True)
class Whole(Kind):
    """A whole number between two bounds. `unit` follows it; optional ones may be None (no bound)."""

    least: int
    most: int
    unit: Text = ""
    optional: bool = False

    def check(self, value: Any) -> int | None:
        if value is None and self.optional:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not self.least <= value <= self.most:
            raise ValueError(_("A whole number from %(a)d to %(b)d is needed.") % {"a": self.least, "b": self.most})
        return int(value)

    def show(self, value: Any) -> list[str]:
        return [_("not set") if value is None else f"{value} {self.unit}".strip()]

    def fields(self, name: str, label: Text, value: Any) -> Fields:
        return {
            name: forms.IntegerField(
                label=label, min_value=self.least, max_value=self.most, required=not self.optional, initial=value,
                help_text=self.unit, widget=forms.NumberInput(attrs=_open_end(self.optional)),
            )
        }  # fmt: skip

    def read(self, name: str, cleaned: Mapping[str, Any]) -> Any:
        return cleaned.get(name)


class YuanField(forms.Field):
    """An amount in yuan as people write it, cleaned to fen (None when empty)."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "maxlength": 20})

    def to_python(self, value: Any) -> int | None:
        text = str(value or "").strip()[:20]
        if not text:
            return None
        try:
            return parse_yuan(text)
        except ValueError:
            raise ValidationError(_("Write an amount in yuan, such as 2000 or 1.5万.")) from None


@dataclass(frozen=True)
class Money(Kind):
    """An amount in fen, not negative. None, where allowed, means without limit."""

    optional: bool = False
    most: int = 10**12

    def check(self, value: Any) -> int | None:
        if value is None and self.optional:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= self.most:
            raise ValueError(_("An amount that is not negative is needed."))
        return int(value)

    def show(self, value: Any) -> list[str]:
        return [_("without limit") if value is None else format_fen(value)]

    def fields(self, name: str, label: Text, value: Any) -> Fields:
        initial = "" if value is None else format_fen(value, sign=False).removesuffix(".00").replace(",", "")
        field = YuanField(label=label, required=not self.optional, initial=initial, help_text=_("yuan"))
        field.widget.attrs |= _open_end(self.optional)
        return {name: field}

    def read(self, name: str, cleaned: Mapping[str, Any]) -> Any:
        return cleaned.get(name)


@dataclass(frozen=True)
class YesNo(Kind):
    """Yes or no."""

    def check(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise ValueError(_("Yes or no is needed."))
        return value

    def show(self, value: Any) -> list[str]:
        return [_("yes") if value else _("no")]

    def fields(self, name: str, label: Text, value: Any) -> Fields:
        choices = [("yes", _("yes")), ("no", _("no"))]
        initial = "" if value is None else "yes" if value else "no"
        return {name: forms.ChoiceField(label=label, choices=choices, initial=initial, widget=forms.RadioSelect)}

    def read(self, name: str, cleaned: Mapping[str, Any]) -> Any:
        return cleaned.get(name) == "yes" if cleaned.get(name) else None


@dataclass(frozen=True)
class Choice(Kind):
    """One of some codes."""

    options: tuple[tuple[str, Text], ...]

    def check(self, value: Any) -> str:
        if value not in dict(self.options):
            raise ValueError(_("Choose one of the options."))
        return str(value)

    def show(self, value: Any) -> list[str]:
        return [str(dict(self.options).get(value, value))]

    def fields(self, name: str, label: Text, value: Any) -> Fields:
        return {name: forms.ChoiceField(label=label, choices=list(self.options), initial=value)}

    def read(self, name: str, cleaned: Mapping[str, Any]) -> Any:
        return cleaned.get(name)


@dataclass(frozen=True)
class Many(Kind):
    """Some of some codes, in the order of the options. None chosen has a meaning of its own, said by `none`."""

    options: tuple[tuple[str, Text], ...]
    none: Text = ""

    def check(self, value: Any) -> list[str]:
        if not isinstance(value, list | tuple) or any(v not in dict(self.options) for v in value):
            raise ValueError(_("Choose from the options."))
        return [code for code, _label in self.options if code in value]

    def show(self, value: Any) -> list[str]:
        labels = dict(self.options)
        return ["、".join(str(labels[v]) for v in value) or str(self.none or _("none"))]

    def fields(self, name: str, label: Text, value: Any) -> Fields:
        return {
            name: forms.MultipleChoiceField(
                label=label, choices=list(self.options), initial=value, required=False,
                widget=forms.CheckboxSelectMultiple,
            )
        }  # fmt: skip

    def read(self, name: str, cleaned: Mapping[str, Any]) -> Any:
        return list(cleaned.get(name) or [])


@dataclass(frozen=True)
class Share(Kind):
    """A part of a whole as two integers, [2, 3] for two thirds: compared by cross-multiplying, never as a float."""

    most: int = 100

    def check(self, value: Any) -> list[int]:
        ok = isinstance(value, list | tuple) and len(value) == 2 and all(type(v) is int for v in value)
        if not ok or not 0 < value[0] <= value[1] <= self.most:
            raise ValueError(_("Write a share such as 2 of 3."))
        return list(value)

    def show(self, value: Any) -> list[str]:
        return [_("%(part)d of %(whole)d") % {"part": value[0], "whole": value[1]}]

    def fields(self, name: str, label: Text, value: Any) -> Fields:
        part, whole = value or (None, None)
        labels = {"part": _("%(what)s: part") % {"what": label}, "whole": _("%(what)s: of") % {"what": label}}
        return {
            f"{name}__{end}": forms.IntegerField(label=labels[end], min_value=1, max_value=self.most, initial=initial)
            for end, initial in (("part", part), ("whole", whole))
        }

    def read(self, name: str, cleaned: Mapping[str, Any]) -> Any:
        return [cleaned.get(f"{name}__part"), cleaned.get(f"{name}__whole")]


@dataclass(frozen=True)
class Part:
    """A named part of a record."""

    name: str
    label: Text
    kind: Kind


@dataclass(frozen=True)
class Record(Kind):
    """Several named values that belong together. `phrase` says them in one line: "%(name)s" stands for a part."""

    parts: tuple[Part, ...]
    phrase: Text = ""

    def check(self, value: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping) or set(value) - {p.name for p in self.parts}:
            raise ValueError(_("The parts of this rule do not fit."))
        checked = {}
        for part in self.parts:
            try:
                checked[part.name] = part.kind.check(value.get(part.name))
            except ValueError as error:
                raise ValueError(f"{part.label}: {error}") from None
        return checked

    def show(self, value: Any) -> list[str]:
        if self.phrase:
            return [str(self.phrase) % {part.name: part.kind.line(value.get(part.name)) for part in self.parts}]
        return [
            _("%(what)s: %(value)s") % {"what": part.label, "value": part.kind.line(value.get(part.name))}
            for part in self.parts
        ]

    def fields(self, name: str, label: Text, value: Any) -> Fields:
        made: Fields = {}
        for part in self.parts:
            made |= part.kind.fields(f"{name}__{part.name}", part.label, (value or {}).get(part.name))
        return made

    def read(self, name: str, cleaned: Mapping[str, Any]) -> Any:
        return {part.name: part.kind.read(f"{name}__{part.name}", cleaned) for part in self.parts}


@dataclass(frozen=True)
class Rows(Kind):
    """A short table: several records of one kind. In a form the last rows are empty, to be filled or left."""

    record: Record
    most: int = 12
    spare: int = 3

    def check(self, value: Any) -> list[dict[str, Any]]:
        if not isinstance(value, list) or not 1 <= len(value) <= self.most:
            raise ValueError(_("At least one row is needed, and at most %(n)d.") % {"n": self.most})
        checked = []
        for number, row in enumerate(value, 1):
            try:
                checked.append(self.record.check(row))
            except ValueError as error:
                raise ValueError(_("Row %(n)d: %(why)s") % {"n": number, "why": error}) from None
        return checked

    def show(self, value: Any) -> list[str]:
        return [", ".join(self.record.show(row)) for row in value]

    def fields(self, name: str, label: Text, value: Any) -> Fields:
        made: Fields = {}
        rows: Sequence[Any] = [*(value or []), *[None] * self.spare][: self.most]
        for number, row in enumerate(rows, 1):
            for key, field in self.record.fields(f"{name}__{number}", label, row).items():
                field.required = False
                if isinstance(field, forms.ChoiceField):
                    field.choices = [("", "—"), *dict(field.choices).items()]  # type: ignore[arg-type]  # pairs of our own making
                made[key] = field
        return made

    def groups(self, made: Fields) -> list[tuple[str, list[str]]]:
        rows: dict[str, list[str]] = {}
        for name in made:
            rows.setdefault(name.split("__")[1], []).append(name)
        return [(_("Row %(n)s") % {"n": number}, names) for number, names in rows.items()]

    def read(self, name: str, cleaned: Mapping[str, Any]) -> Any:
        rows = [self.record.read(f"{name}__{number}", cleaned) for number in range(1, self.most + 1)]
        return [row for row in rows if not _is_blank(row)]


def _open_end(optional: bool) -> dict[str, str]:
    """What an empty box means."""
    return {"placeholder": _("empty: no limit")} if optional else {}


def _is_blank(row: Mapping[str, Any]) -> bool:
    """A row in which nothing was written."""
    return all(value is None or value == "" for value in row.values())
