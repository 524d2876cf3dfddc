"""Planning, changing, calling off, settling."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, cast
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from boai.kernel.errors import BadInput
from boai.regions.forms import DivisionField
from boai.visits.enums import Purpose
from boai.visits.forms.fields import LineField, ProseField
from boai.visits.models import Visit
from boai.visits.queries import Visitor
from boai.visits.services import Plan

ALONE = "alone"
_DATE = forms.DateInput(attrs={"type": "date"})


class PlanForm(forms.Form):
    """A visit: what for, when, who."""

    purpose = forms.ChoiceField(label=_("Purpose"), choices=Purpose.choices, initial=Purpose.REGULAR)
    day = forms.DateField(label=_("Day of visit"), widget=_DATE)
    first = forms.ChoiceField(label=_("First visitor"))
    second = forms.ChoiceField(label=_("Second visitor"))
    alone_reason = LineField(
        label=_("Why one person goes alone"), max_length=120, required=False,
        help_text=_("Only when there is no second visitor."),
    )  # fmt: skip
    ask = ProseField(
        label=_("What to ask"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It goes onto the visitors' phones: no illness, no justice record, no numbers."),
    )  # fmt: skip
    with_phone = forms.BooleanField(label=_("The telephone number is needed on the way"), required=False)

    def __init__(self, *args: Any, visitors: Sequence[Visitor], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = [(str(v.user_id), f"{v.name}（{v.role}）") for v in visitors]
        cast(forms.ChoiceField, self.fields["first"]).choices = [("", _("Choose")), *people]
        cast(forms.ChoiceField, self.fields["second"]).choices = [
            ("", _("Choose")),
            *people,
            (ALONE, _("Nobody: one person goes alone")),
        ]

    def plan(self) -> Plan:
        """The cleaned form as the service takes it."""
        c = self.cleaned_data
        return Plan(
            purpose=c["purpose"], day=c["day"], first_id=UUID(c["first"]),
            second_id=None if c["second"] == ALONE else UUID(c["second"]), alone_reason=c["alone_reason"], ask=c["ask"],
            with_phone=c["with_phone"],
        )  # fmt: skip


class ChangeForm(PlanForm):
    """The plan of a visit that stands already."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class VillageForm(forms.Form):
    """The village whose households are visited."""

    village = DivisionField(label=_("Village or community"))

    def __init__(self, *args: Any, root: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["village"].root = root  # type: ignore[attr-defined]  # a DivisionField


class CancelForm(forms.Form):
    """Why a visit is called off."""

    reason = LineField(label=_("Reason"), max_length=200)
    version = forms.IntegerField(widget=forms.HiddenInput)


class SettleForm(forms.Form):
    """Which report counts."""

    kept = forms.ChoiceField(label=_("Which report counts?"), widget=forms.RadioSelect)
    reason = LineField(label=_("Reason"), max_length=200)
    version = forms.IntegerField(widget=forms.HiddenInput)
    seen = forms.CharField(widget=forms.HiddenInput, max_length=4000)

    def __init__(self, *args: Any, choices: Sequence[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["kept"]).choices = choices

    def kept_ids(self) -> list[UUID]:
        """The reports that count."""
        return uuids(self.cleaned_data["kept"])

    def seen_ids(self) -> list[UUID]:
        """The reports that stood on the page."""
        return uuids(self.cleaned_data["seen"])


class DayForm(forms.Form):
    """A day."""

    day = forms.DateField(widget=_DATE, label=_("Day of visit"))


def uuids(text: str) -> list[UUID]:
    """Keys with commas between them. Raises BadInput."""
    try:
        return [UUID(one) for one in text.split(",") if one.strip()]
    except ValueError:
        raise BadInput from None


def initial_of(visit: Visit, *, day: date | None = None) -> dict[str, Any]:
    """What the form shows of a visit."""
    return {
        "purpose": visit.purpose,
        "day": day or visit.day,
        "first": str(visit.first_id),
        "second": str(visit.second_id or ALONE),
        "alone_reason": visit.alone_reason,
        "ask": visit.ask,
        "with_phone": visit.with_phone,
        "version": visit.version,
    }
