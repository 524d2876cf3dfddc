"""The pages of the application, one form each. What was typed is kept raw; these forms read it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from boai.kernel.clock import age_on
from boai.portal.forms.fields import (
    LONGEST,
    AmountField,
    BirthField,
    LineField,
    NameField,
    PersonNumberField,
    PhoneField,
    ProseField,
    say_plainly,
)
from boai.regions.forms import DivisionField
from boai.relief.enums import ApplicantKind, Cause

ADULT = 18  # full years, 民法典 Art.17


class StepForm(forms.Form):
    """A page of the application. `raw()` is what goes into the draft, right or wrong."""

    use_required_attribute = False  # browsers' own bubbles come in the phone's language and vanish; ours stay

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say_plainly(self)

    def raw(self) -> dict[str, Any]:
        """What was typed, field by field, cut to what a person types by hand."""
        return {bound.name: _cut(bound.data) for bound in self if not bound.field.disabled}


def _cut(value: Any) -> Any:
    return value[:LONGEST] if isinstance(value, str) else value if isinstance(value, bool) else ""


class WhoForm(StepForm):
    """为谁申请."""

    kind = forms.ChoiceField(
        label=_("Who needs the help?"),
        choices=[
            (ApplicantKind.SELF, _("I do")),
            (ApplicantKind.PROXY, _("Another adult who asked me to apply (family, neighbour)")),
            (ApplicantKind.GUARDIAN, _("A child under 18 whose guardian I am")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose one.")},
    )


class PersonForm(StepForm):
    """Who it is and how to reach the applicant. The fields depend on `kind`; see `__init__`."""

    applicant_name = NameField(label=_("Your name"), max_length=60)
    applicant_relation = LineField(
        label=_("What you are to this person"),
        max_length=30,
        help_text=_("Mother, uncle, neighbour…"),
    )
    beneficiary_name = NameField(label=_("Name"), max_length=60)
    id_number = PersonNumberField(label=_("Identity number"), required=False, max_length=40)
    no_id_reason = LineField(
        label=_("No identity number? Say why"),
        required=False,
        max_length=100,
        help_text=_("For example: card lost, child not registered yet. The staff will help."),
    )
    born_on = BirthField(
        label=_("Date of birth (only without an identity number)"),
        required=False,
        max_length=30,
        help_text=_("Like 1956年3月4日"),
    )
    phone = PhoneField(
        label=_("Your telephone"),
        max_length=40,
        help_text=_("We call this number. Its last four digits open the page that shows how far the case is."),
    )

    def __init__(self, *args: Any, kind: str, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind, self.on = kind, on
        for name in ("id_number", "born_on"):
            self.fields[name].on = on  # type: ignore[attr-defined]  # both fields declare it
        for field in self.fields.values():
            field.error_messages["required"] = _("Please fill this in.")
        if kind == ApplicantKind.SELF:
            del self.fields["applicant_name"], self.fields["applicant_relation"]
        elif kind == ApplicantKind.GUARDIAN:
            self._name("beneficiary_name", _("The child's name"))
            self._name("id_number", _("The child's identity number"))
            self._name("born_on", _("The child's date of birth (only without an identity number)"))
        else:
            self._name("beneficiary_name", _("Name of the person in need"))
            self._name("id_number", _("Identity number of the person in need"))

    def _name(self, field: str, label: str | Promise) -> None:
        self.fields[field].label = label  # type: ignore[assignment]  # lazy strings are fine for labels

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        number = cleaned.get("id_number")
        if number is None and "id_number" not in self.errors:
            if not cleaned.get("no_id_reason") and "no_id_reason" not in self.errors:
                self.add_error("id_number", _("Please write the identity number, or say below why there is none."))
            if not cleaned.get("born_on") and "born_on" not in self.errors:
                self.add_error("born_on", _("Without an identity number we need the date of birth."))
        born = number.born if number is not None and number.born else cleaned.get("born_on")
        cleaned["born"] = born
        if born is not None:
            self._age_fits(born)
        return cleaned

    def _age_fits(self, born: date) -> None:
        minor = age_on(born, self.on) < ADULT
        place = "id_number" if self.cleaned_data.get("id_number") else "born_on"
        if minor and self.kind == ApplicantKind.SELF:
            self.add_error(place, _("Under 18 a guardian applies. Ask your guardian to do it, or call us."))
        elif minor and self.kind == ApplicantKind.PROXY:
            self.add_error(place, _("Under 18 the guardian applies. Go back one page and choose “a child”."))
        elif not minor and self.kind == ApplicantKind.GUARDIAN:
            self.add_error(place, _("This person is 18 or older. Go back one page and choose “another adult”."))


class WhereForm(StepForm):
    """住在哪里, down to the village."""

    village = DivisionField(label=_("Village or community"))
    address = LineField(
        label=_("Group, street, house number"),
        required=False,
        max_length=100,
        help_text=_("So that the staff find the door. It is never published."),
    )

    def __init__(self, *args: Any, root: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["village"].root = root  # type: ignore[attr-defined]  # DivisionField declares it
        self.fields["village"].error_messages["required"] = _("Please choose the village or community.")

    def raw(self) -> dict[str, Any]:
        """As typed; a place that was found by its name is kept as its code."""
        found = getattr(self, "cleaned_data", {}).get("village")
        return super().raw() | ({"village": found} if found else {})

    @property
    def only_one_level_more(self) -> bool:
        """Is nothing wrong but that the township was chosen and the village not yet?"""
        faults = self.errors.as_data()
        return set(faults) == {"village"} and all(fault.code == "incomplete" for fault in faults["village"])


class NeedForm(StepForm):
    """遇到什么困难."""

    programme = forms.ChoiceField(
        label=_("Which help do you ask for?"),
        widget=forms.RadioSelect,
        help_text=_("Choose what comes closest; the staff will put it right."),
        error_messages={"required": _("Please choose one.")},
    )
    cause = forms.ChoiceField(
        label=_("What is the main cause?"),
        choices=Cause.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose one.")},
    )
    story = ProseField(
        label=_("What has happened?"),
        min_length=4,
        max_length=2000,
        help_text=_("A few sentences are enough. Never write a bank card number here."),
        error_messages={
            "required": _("Please say in a few words what has happened."),
            "min_length": _("Please say a little more."),
        },
    )
    cost_total = AmountField(
        label=_("What it has cost so far"),
        required=False,
        max_length=20,
        help_text=_("In yuan, roughly"),
    )
    cost_insurance = AmountField(label=_("Of it, paid by insurance"), required=False, max_length=20)
    requested = AmountField(
        label=_("How much you hope for"),
        required=False,
        max_length=20,
        help_text=_("You may leave this empty; the amount follows the rules."),
    )

    def __init__(self, *args: Any, programmes: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["programme"].choices = list(programmes)  # type: ignore[attr-defined]  # a ChoiceField

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        total, insurance = cleaned.get("cost_total"), cleaned.get("cost_insurance")
        if insurance and insurance > (total or 0) and "cost_total" not in self.errors:
            self.add_error("cost_insurance", _("Insurance cannot have paid more than it has cost in all."))
        return cleaned


class PhotosForm(StepForm):
    """Photos of papers; none is needed to apply."""

    kind = forms.ChoiceField(label=_("What do the photos show?"), required=False)

    def __init__(self, *args: Any, kinds: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = list(kinds)  # type: ignore[attr-defined]  # a ChoiceField


class ConsentForm(StepForm):
    """Each purpose by itself (PIPL Art.14, 23, 25, 29, 31): two are needed to apply here, two are free."""

    keep = forms.BooleanField(label=_("I agree that this is stored and used to handle my application."))
    sensitive = forms.BooleanField(
        label=_("I agree that sensitive information (illness, money, identity number) is used for it.")
    )
    publish = forms.BooleanField(
        label=_("I agree that the masked notice is published, on the village board and here."),
        required=False,
    )
    compare = forms.BooleanField(
        label=_("I agree that the branch asks the named offices to confirm what I have written."),
        required=False,
    )
    authorised = forms.BooleanField(label="")

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if kind == ApplicantKind.SELF:
            del self.fields["authorised"]
        elif kind == ApplicantKind.GUARDIAN:
            self.fields["authorised"].label = _("I am this child's guardian and consent on the child's behalf.")
        else:
            self.fields["authorised"].label = _(
                "The person in need has asked me to apply, has been told what is written here, and agrees."
            )
        for name in ("keep", "sensitive", "authorised"):
            if name in self.fields:
                self.fields[name].error_messages["required"] = _(
                    "Without this consent we cannot take the application here. You may come to the office instead."
                )
