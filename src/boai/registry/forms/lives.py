"""What people type about what happened to a household: who goes where, as what, since when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, cast
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from boai.regions import codes
from boai.regions.forms import DivisionField
from boai.regions.queries import children
from boai.registry.enums import EndReason, EventKind, Relation
from boai.registry.forms.households import HeadForm, ProseField, ResidentForm, VersionForm
from boai.registry.queries import MemberView

_MEMBER = [(r.value, r.label) for r in Relation if r != Relation.HEAD]


class _DatedFields(forms.Form):
    """On which day, and what one should know of it."""

    today: date

    on = forms.DateField(label=gettext_lazy("Day on which it happened"), widget=forms.DateInput(attrs={"type": "date"}))
    event_note = ProseField(
        label=gettext_lazy("What one should know of it"),
        limit=200,
        required=False,
        help_text=gettext_lazy("For example the number of the certificate. No illnesses: they are categories."),
    )

    def clean_on(self) -> date | None:
        """Not in the future."""
        day: date | None = self.cleaned_data["on"]
        if day is not None and day > self.today:
            raise ValidationError(_("This day lies in the future."))
        return day


class _Dated(_DatedFields):
    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today


class JoinForm(_DatedFields, ResidentForm):
    """A person who is new in the register comes into a household."""

    how = forms.ChoiceField(label=gettext_lazy("Kind of event"), choices=EventKind.of_joining())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["how"].required = self.fields["on"].required = False
        self.order_fields(["how", "on", "name", "relation"])

    def clean_how(self) -> str:
        """Left open: the person had been left out; with the day left open, it is not known since when."""
        return self.cleaned_data["how"] or EventKind.ADDED.value


class NewHeadForm(_Dated, HeadForm):
    """Who becomes the head, and what becomes of the former head."""

    former_leaves = forms.ChoiceField(
        label=gettext_lazy("The former head"),
        required=False,
        choices=[("", gettext_lazy("stays in the household")), *EndReason.to_choose()],
    )
    field_order = ("new_head_id", "on", "former_leaves", "former_becomes", "event_note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].required = False
        self.fields["on"].help_text = _(
            "Empty if only a mistake is mended and this person has been the head all along."
        )
        becomes = cast(forms.ChoiceField, self.fields["former_becomes"])
        becomes.required = False
        becomes.choices = [("", _("— only if the former head stays —")), *_MEMBER]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("former_leaves") and not data.get("former_becomes"):
            self.add_error("former_becomes", _("Choose what the former head is to the new one."))
        return data


class _PlaceFields(forms.Form):
    region_code = DivisionField(label=gettext_lazy("Village or community"))
    address = ProseField(label=gettext_lazy("Home address"), limit=200, required=False)

    def __init__(self, *args: Any, root: str = codes.COUNTRY, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        place: Any = self.fields["region_code"]
        place.root = root


class MoveHouseForm(_Dated, _PlaceFields, VersionForm):
    """The whole household moves."""

    field_order = ("on", "region_code", "address", "event_note")


class _Relations(forms.Form):
    """One choice for each of some people. What was chosen: `relations`."""

    def _ask(self, people: Sequence[MemberView], first: list[tuple[str, str]]) -> None:
        self._asked = [one.id for one in people]
        for one in people:
            age = "" if one.age is None else " · " + _("%(n)s years") % {"n": one.age}
            self.fields[f"goes_{one.id}"] = forms.ChoiceField(
                label=f"{one.name}（{one.relation}{age}）",
                choices=[*first, *_MEMBER],
                required=False,
            )

    def relations(self) -> dict[UUID, str]:
        """Relation by person, without those for whom nothing was chosen."""
        chosen = {key: self.cleaned_data.get(f"goes_{key}", "") for key in self._asked}
        return {key: relation for key, relation in chosen.items() if relation}


class SplitForm(_Dated, _PlaceFields, _Relations, VersionForm):
    """Who founds a household of their own, and where."""

    def __init__(self, *args: Any, people: Sequence[MemberView], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        first = [("", _("stays here")), (Relation.HEAD.value, _("goes, as head of the new household"))]
        self._ask(people, first)
        for one in people:
            field = cast(forms.ChoiceField, self.fields[f"goes_{one.id}"])
            field.choices = [*first, (_("goes, and is to the new head"), _MEMBER)]
        self.order_fields(["on", *(f"goes_{one.id}" for one in people), "region_code", "address", "event_note"])


class JoinedForm(_Dated, _Relations, VersionForm):
    """What the people of the other household are to this head."""

    def __init__(self, *args: Any, people: Sequence[MemberView], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._ask(people, [("", "—")])
        for one in people:
            self.fields[f"goes_{one.id}"].required = True
        self.order_fields(["on", *(f"goes_{one.id}" for one in people), "event_note"])


class FindHouseholdForm(forms.Form):
    """Which other household."""

    q = forms.CharField(
        label=gettext_lazy("The other household"),
        max_length=60,
        help_text=gettext_lazy("Its code, or the identity number, telephone or name of somebody in it."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class MovePersonForm(_Dated, FindHouseholdForm, VersionForm):
    """A person goes to another household of the register."""

    how = forms.ChoiceField(
        label=gettext_lazy("Kind of event"),
        choices=[(one.value, one.label) for one in (EventKind.MARRIAGE, EventKind.MOVE)],
    )
    relation = forms.ChoiceField(label=gettext_lazy("Relation to the head there"), choices=_MEMBER)
    field_order = ("how", "on", "q", "relation", "event_note")


class ReturnForm(_Dated, FindHouseholdForm, VersionForm):
    """A person comes back."""

    relation = forms.ChoiceField(label=gettext_lazy("Relation to the head there"), choices=_MEMBER)
    field_order = ("on", "q", "relation", "event_note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["q"].label = _("Into which household")


class OnForm(forms.Form):
    """As of which day."""

    on = forms.DateField(label=gettext_lazy("As it was on"), widget=forms.DateInput(attrs={"type": "date"}))


class RegisterOnForm(OnForm):
    """Whose household, or where, as of which day."""

    q = forms.CharField(
        label=gettext_lazy("Name, pinyin initials, identity number, telephone or code"),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    region = forms.ChoiceField(label=gettext_lazy("Place"), required=False)
    field_order = ("q", "on", "region")

    def __init__(self, *args: Any, root: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        place: Any = self.fields["region"]
        place.choices = [("", _("All")), *((one.code, one.name) for one in children(root))]

    def said(self, name: str) -> str:
        """What was chosen; what is not valid narrows nothing."""
        return str(self.cleaned_data.get(name, "")) if self.is_valid() else ""


class UndoForm(forms.Form):
    """Only the button."""
