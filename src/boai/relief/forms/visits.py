"""The visit sheet of a verification and the form of a return visit."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from boai.people.models import User
from boai.relief.enums import Dwelling, Effect, Severity, VisitMethod
from boai.relief.forms.fields import FilesField, LineField, NameField, ProseField, YuanField
from boai.relief.services.aftercare import Answer
from boai.relief.services.verification import Sheet

GRADES = [
    (0, _("No disability")),
    (1, _("Grade 1 (most severe)")),
    (2, _("Grade 2")),
    (3, _("Grade 3")),
    (4, _("Grade 4")),
]


class SheetForm(forms.Form):
    """What two visitors found at the household, and what they propose."""

    visited_on = forms.DateField(label=_("Visited on"), widget=forms.DateInput)
    method = forms.ChoiceField(label=_("How"), choices=VisitMethod.choices)
    second = forms.ModelChoiceField(
        User.objects.none(), label=_("Second visitor (staff)"), required=False, empty_label=_("Not from our staff")
    )
    second_name = NameField(label=_("Second visitor (from the village)"), required=False)
    second_office = LineField(label=_("Office or post"), required=False, max_length=60)
    members = forms.IntegerField(label=_("Members of the household"), min_value=1, max_value=60)
    dependants = forms.IntegerField(label=_("In need of care or at school"), min_value=0, max_value=60)
    income = YuanField(label=_("Income per head and month"))
    cost_total = YuanField(label=_("Costs in all"))
    cost_own = YuanField(label=_("Of which the household bears"))
    prior_help = YuanField(label=_("Help received in the last twelve months"))
    disability_grade = forms.TypedChoiceField(label=_("Highest disability grade"), choices=GRADES, coerce=int)
    dwelling = forms.ChoiceField(label=_("House"), choices=[("", _("Choose")), *Dwelling.choices])
    severity = forms.ChoiceField(label=_("How hard the event hit them"), choices=[("", _("Choose")), *Severity.choices])
    findings = ProseField(label=_("What we found"))
    neighbours = ProseField(label=_("What neighbours and the village said"), required=False)
    photos = FilesField(label=_("Photos"), required=False)
    latitude = forms.DecimalField(
        required=False, min_value=-90, max_value=90, decimal_places=5, widget=forms.HiddenInput
    )
    longitude = forms.DecimalField(
        required=False, min_value=-180, max_value=180, decimal_places=5, widget=forms.HiddenInput
    )
    fit = forms.TypedChoiceField(
        label=_("Does the household meet the conditions?"), coerce=lambda v: v == "1", widget=forms.RadioSelect,
        choices=[("1", _("Yes")), ("0", _("No"))],
    )  # fmt: skip
    proposed = YuanField(label=_("Amount we propose"), required=False)
    override_reason = ProseField(
        label=_("Reason: another amount, or a condition that is not met"), required=False, max_length=600,
        help_text=_("It stands in the history of the case: no illness, no words of neighbours."),
    )  # fmt: skip
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, colleagues: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["second"].queryset = colleagues  # type: ignore[attr-defined]  # a ModelChoiceField

    def sheet(self) -> Sheet:
        """The cleaned form as the service takes it."""
        c = self.cleaned_data
        return Sheet(
            visited_on=c["visited_on"], method=c["method"], second_id=c["second"].id if c["second"] else None,
            second_name=c["second_name"], second_office=c["second_office"], members=c["members"],
            dependants=c["dependants"], income_fen=c["income"], cost_total_fen=c["cost_total"],
            cost_own_fen=c["cost_own"], disability_grade=c["disability_grade"], dwelling=c["dwelling"],
            severity=c["severity"], prior_help_fen=c["prior_help"], findings=c["findings"],
            neighbours=c["neighbours"], fit=c["fit"], proposed_fen=c["proposed"],
            override_reason=c["override_reason"], latitude=_text(c["latitude"]), longitude=_text(c["longitude"]),
        )  # fmt: skip


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


class AnswerForm(forms.Form):
    """The return visit."""

    visited_on = forms.DateField(label=_("Visited on"), widget=forms.DateInput)
    method = forms.ChoiceField(label=_("How"), choices=VisitMethod.choices)
    received = YuanField(label=_("Amount the household says it received"))
    satisfaction = forms.TypedChoiceField(
        label=_("How content are they?"), coerce=int, widget=forms.RadioSelect,
        choices=[(5, _("Very content")), (4, _("Contented")), (3, _("So-so")), (2, _("Not content")),
                 (1, _("Not content at all"))],
    )  # fmt: skip
    effect = forms.ChoiceField(label=_("What has changed?"), choices=Effect.choices, widget=forms.RadioSelect)
    words = ProseField(label=_("In their words"), required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, today: date | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if today is not None:
            self.fields["visited_on"].initial = today

    def answer(self) -> Answer:
        """The cleaned form as the service takes it."""
        c = self.cleaned_data
        return Answer(
            visited_on=c["visited_on"], method=c["method"], received_fen=c["received"],
            satisfaction=c["satisfaction"], effect=c["effect"], words=c["words"],
        )  # fmt: skip
