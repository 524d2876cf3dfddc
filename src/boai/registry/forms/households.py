"""What people type about households, people, categories and files. Forms parse and clean; they never save."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from itertools import groupby
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from boai.kernel.text.amounts import read_amount
from boai.kernel.text.contact import read_account, read_phone
from boai.kernel.text.faults import Unreadable
from boai.kernel.text.folding import check_text, clean, clean_lines
from boai.kernel.text.identity import PersonNumber, read_person_number
from boai.kernel.text.names import read_name
from boai.regions import codes
from boai.regions.forms import DivisionField
from boai.regions.queries import children
from boai.registry.enums import Category, EndReason, Relation, Sensitivity, Sex, sensitivity_of
from boai.registry.intake.rules import RULES
from boai.registry.intake.wordlists import NOTHING
from boai.registry.queries import RuleCount, VillageCount
from boai.registry.services.households import HouseholdFacts, PersonFacts

_DATE = forms.DateInput(attrs={"type": "date"})


class ReadField(forms.CharField):
    """Text that one of the kernel's readers turns into a value; its faults are said as the intake says them.

    Left empty it is None (as it is); 无 and its kin are "" (nothing).
    """

    def __init__(self, *, read: Callable[[str], Any], rules: str, **kwargs: Any) -> None:
        super().__init__(strip=True, **kwargs)
        self._read, self._rules = read, rules

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        if not self.required and text in NOTHING:
            return ""
        try:
            return self._read(text)
        except Unreadable as error:
            rule = RULES.get(f"{self._rules}.{error.fault}") or RULES[f"text.{_text_fault(error)}"]
            raise ValidationError(str(rule.sentence)) from None


def _text_fault(error: Unreadable) -> str:
    return error.fault if f"text.{error.fault}" in RULES else "control"


class ProseField(forms.CharField):
    """Prose: tidied, without invisible signs, not longer than it may be."""

    def __init__(self, *, limit: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._limit = limit
        self.widget.attrs["maxlength"] = str(limit)

    def clean(self, value: Any) -> str:
        text = str(super().clean(value) or "")
        try:
            check_text(text, limit=self._limit)
        except Unreadable as error:
            raise ValidationError(str(RULES[f"text.{_text_fault(error)}"].sentence)) from None
        return clean_lines(text) if isinstance(self.widget, forms.Textarea) else clean(text)


class FindingFilterForm(forms.Form):
    """One kind of finding out of those that a file has, grouped by what they mean."""

    rule = forms.ChoiceField(label=gettext_lazy("Kind of finding"), required=False)
    village = forms.ChoiceField(label=pgettext_lazy("person", "Village"), required=False)

    def __init__(
        self, *args: Any, rules: Sequence[RuleCount], villages: Sequence[VillageCount] = (), **kwargs: Any
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        everything = _("All kinds (%(count)s)") % {"count": sum(one.count for one in rules)}
        groups = groupby(rules, key=lambda one: one.meaning)
        field = cast(forms.ChoiceField, self.fields["rule"])
        listed = [(meaning, [(one.rule, f"{one.title} · {one.count}") for one in some]) for meaning, some in groups]
        field.choices = [("", everything), *listed]
        places = [(one.code, f"{one.name} · {one.count}") for one in villages]
        cast(forms.ChoiceField, self.fields["village"]).choices = [("", _("All villages")), *places]


class FilterForm(forms.Form):
    """What the register list is narrowed by."""

    q = forms.CharField(
        label=gettext_lazy("Name, pinyin initials, identity number, telephone or code"),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    category = forms.ChoiceField(
        label=gettext_lazy("Category"),
        required=False,
        choices=[
            ("", gettext_lazy("All")),
            *((c.value, c.label) for c in Category if sensitivity_of(c) == Sensitivity.OPEN),
        ],
    )
    region = forms.ChoiceField(label=gettext_lazy("Place"), required=False)

    def __init__(self, *args: Any, root: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        place: Any = self.fields["region"]
        place.choices = [("", _("All")), *((one.code, one.name) for one in children(root))]

    def said(self, name: str) -> str:
        """What was chosen; what is not valid narrows nothing."""
        return str(self.cleaned_data.get(name, "")) if self.is_valid() else ""


class _PersonFields(forms.Form):
    name = ReadField(label=gettext_lazy("Name"), max_length=100, read=read_name, rules="name")
    number = ReadField(label=gettext_lazy("Identity number"), max_length=40, required=False, read=str, rules="number")
    sex = forms.ChoiceField(
        label=gettext_lazy("Sex"),
        choices=[("", "—"), *((s.value, s.label) for s in (Sex.MALE, Sex.FEMALE))],
        required=False,
        help_text=gettext_lazy("Follows from the identity number where there is one."),
    )
    born_on = forms.DateField(
        label=gettext_lazy("Born on"),
        widget=_DATE,
        required=False,
        help_text=gettext_lazy("Follows from the identity number where there is one."),
    )
    phone = ReadField(label=gettext_lazy("Telephone"), max_length=40, required=False, read=read_phone, rules="phone")
    account = ReadField(
        label=gettext_lazy("Bank account"), max_length=40, required=False, read=read_account, rules="account"
    )
    bank = ProseField(label=gettext_lazy("Bank"), limit=60, required=False)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_number(self) -> PersonNumber | None:
        """The number, held against today."""
        text = self.cleaned_data["number"]
        if not text:
            return None
        try:
            return read_person_number(text, on=self.today)
        except Unreadable as error:
            raise ValidationError(str(RULES[f"number.{error.fault}"].sentence)) from None

    def clean_born_on(self) -> date | None:
        """Not in the future."""
        born: date | None = self.cleaned_data["born_on"]
        if born and born > self.today:
            raise ValidationError(str(RULES["birth.future"].sentence))
        return born

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        number = data.get("number")
        if number and number.born and data.get("born_on") and data["born_on"] != number.born:
            self.add_error("born_on", str(RULES["birth.conflict"].sentence))
        if number and number.male is not None and data.get("sex") and data["sex"] != ("m" if number.male else "f"):
            self.add_error("sex", str(RULES["sex.conflict"].sentence))
        return data

    def person(self, relation: str) -> PersonFacts:
        """For the services."""
        data = self.cleaned_data
        return PersonFacts(
            name=data["name"],
            relation=relation,
            number=data["number"],
            sex=data["sex"],
            born_on=data["born_on"],
            phone=data["phone"],
            account=data["account"],
            bank=data["bank"],
        )


class ResidentForm(_PersonFields):
    """A person of a household. The head's relation is not asked."""

    relation = forms.ChoiceField(
        label=gettext_lazy("Relation to the head"),
        choices=[(r.value, r.label) for r in Relation if r != Relation.HEAD],
    )
    field_order = ("name", "relation", "number", "sex", "born_on", "phone", "account", "bank")

    def __init__(
        self, *args: Any, of_head: bool = False, tails: dict[str, str] | None = None, keeps_version: bool = False,
        **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        if of_head:
            del self.fields["relation"]
        if keeps_version:
            self.fields["version"] = forms.IntegerField(widget=forms.HiddenInput)
        for name, shown in (tails or {}).items():
            if shown:
                self.fields[name].help_text = _("Now %(tail)s. Leave empty to keep it.") % {"tail": f"****{shown}"}

    def facts(self) -> PersonFacts:
        """For the services."""
        return self.person(self.cleaned_data.get("relation", Relation.HEAD.value))


class _HouseholdFields(forms.Form):
    region_code = DivisionField(label=gettext_lazy("Village or community"))
    address = ProseField(label=gettext_lazy("Home address"), limit=200, required=False)
    office_number = ProseField(label=gettext_lazy("Household number of the office"), limit=40, required=False)
    income_fen = ReadField(
        label=gettext_lazy("Yearly income of the household"),
        max_length=30,
        required=False,
        read=read_amount,
        rules="income",
        help_text=gettext_lazy("In yuan; 1.2万 is understood."),
    )

    def __init__(self, *args: Any, root: str = codes.COUNTRY, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        place: Any = self.fields["region_code"]
        place.root = root

    def clean_income_fen(self) -> int | None:
        """Not below zero."""
        fen = self.cleaned_data["income_fen"]
        if fen in (None, ""):
            return None
        if fen < 0:
            raise ValidationError(str(RULES["income.negative"].sentence))
        return int(fen)

    def household(self) -> HouseholdFacts:
        """For the services."""
        data = self.cleaned_data
        return HouseholdFacts(
            region_code=data["region_code"],
            address=data["address"],
            office_number=data["office_number"].replace(" ", ""),
            income_fen=data["income_fen"],
        )


class HouseholdForm(_HouseholdFields):
    """A household's own facts."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class NewHouseholdForm(_HouseholdFields, _PersonFields):
    """A household together with its head."""

    field_order = (
        "region_code", "address", "name", "number", "sex", "born_on", "phone", "account", "bank", "income_fen",
        "office_number",
    )  # fmt: skip


class VersionForm(forms.Form):
    """Only the version of the page that a button was pressed on."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class LeaveForm(VersionForm):
    """Why and when somebody left."""

    reason = forms.ChoiceField(label=gettext_lazy("Reason"), choices=EndReason.to_choose())
    on = forms.DateField(label=gettext_lazy("On"), widget=_DATE)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_on(self) -> date:
        """Not in the future."""
        return _not_after(self.cleaned_data["on"], self.today)


class HeadForm(VersionForm):
    """Who becomes the head, and what the former head is to them."""

    new_head_id = forms.ChoiceField(label=gettext_lazy("New head"))
    former_becomes = forms.ChoiceField(
        label=gettext_lazy("The former head becomes"),
        choices=[(r.value, r.label) for r in Relation if r != Relation.HEAD],
    )

    def __init__(self, *args: Any, members: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice: Any = self.fields["new_head_id"]
        choice.choices = members


class EstablishedForm(forms.Form):
    """Who has established a category, and on what evidence."""

    source = ProseField(
        label=gettext_lazy("Established by"),
        limit=80,
        help_text=gettext_lazy("Who established it, for example 县民政局."),
    )
    evidence = ProseField(
        label=gettext_lazy("Evidence"),
        limit=120,
        required=False,
        help_text=gettext_lazy("For example the number of the certificate."),
    )


class CategoryForm(EstablishedForm):
    """A dated category with its source."""

    field_order = ("kind", "detail", "valid_from", "valid_to", "source", "evidence")

    kind = forms.ChoiceField(label=gettext_lazy("Category"))
    detail = ProseField(
        label=gettext_lazy("Detail"), limit=60, required=False, help_text=gettext_lazy("For example 肢体二级.")
    )
    valid_from = forms.DateField(label=gettext_lazy("Holds from"), widget=_DATE)
    valid_to = forms.DateField(label=gettext_lazy("Until"), widget=_DATE, required=False)

    def __init__(self, *args: Any, sensitive: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind: Any = self.fields["kind"]
        kind.choices = [(c.value, c.label) for c in Category if sensitive or sensitivity_of(c) == Sensitivity.OPEN]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        start, end = data.get("valid_from"), data.get("valid_to")
        if start and end and end < start:
            self.add_error("valid_to", _("The end lies before the beginning."))
        return data


class EndCategoryForm(forms.Form):
    """From when a category no longer holds."""

    on = forms.DateField(label=gettext_lazy("Last day"), widget=_DATE)


class ReasonForm(forms.Form):
    """Why somebody looks at sensitive facts."""

    reason = ProseField(
        label=gettext_lazy("Why do you need to look?"),
        limit=120,
        help_text=gettext_lazy("The look and its reason are recorded and can be told to the person."),
    )


def _not_after(day: date, today: date) -> date:
    if day > today:
        raise ValidationError(_("This day lies in the future."))
    return day
