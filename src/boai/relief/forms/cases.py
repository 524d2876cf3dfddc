"""Forms of a new case and of the steps on its way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from boai.kernel.ids import new_id
from boai.kernel.text.identity import PersonNumber
from boai.regions.forms import DivisionField
from boai.relief.enums import ApplicantKind, Cause, PaperKind, PayeeKind
from boai.relief.forms.fields import (
    AccountField,
    FilesField,
    LineField,
    NameField,
    PersonNumberField,
    PhoneField,
    ProseField,
    YuanField,
)
from boai.relief.models import BankAccount, Programme
from boai.relief.services.application import Applied


class CaseForm(forms.Form):
    """A new application, as the officer or the village cadre enters it."""

    programme = forms.ModelChoiceField(Programme.objects.none(), label=_("Programme"), empty_label=None)
    village = DivisionField(label=_("Village or community"))
    applicant_kind = forms.ChoiceField(label=_("Who applies"), choices=ApplicantKind.choices)
    beneficiary_name = NameField(label=_("Person in need"))
    id_number = PersonNumberField(label=_("ID number"), required=False)
    no_id_reason = LineField(label=_("No ID number? Why"), required=False, max_length=100)
    born_on = forms.DateField(
        label=_("Date of birth"), required=False, help_text=_("Only without an ID number."), widget=forms.DateInput
    )
    applicant_name = NameField(label=_("Applicant"), required=False, help_text=_("If it is somebody else."))
    applicant_relation = LineField(label=_("Relation"), required=False, max_length=30)
    guardian_name = NameField(label=_("Guardian"), required=False, help_text=_("Required for anybody under 18."))
    phone = PhoneField(label=_("Phone"), help_text=_("Its last four digits open the public page of the case."))
    address = LineField(label=_("Address"), required=False, max_length=120)
    cause = forms.ChoiceField(label=_("Cause"), choices=[("", _("Choose")), *Cause.choices])
    cause_on = forms.DateField(label=_("Since"), required=False, widget=forms.DateInput)
    story = ProseField(label=_("What happened"))
    requested = YuanField(label=_("Amount asked for"), required=False)
    diagnosis = LineField(label=_("Diagnosis"), required=False, max_length=120)
    hospital = LineField(label=_("Hospital"), required=False, max_length=80)
    cost_total = YuanField(label=_("Costs in all"), required=False)
    cost_insurance = YuanField(label=_("Borne by insurance"), required=False)
    cost_other = YuanField(label=_("Borne by other help"), required=False)
    payee_kind = forms.ChoiceField(label=_("Account of"), choices=PayeeKind.choices, initial=PayeeKind.BENEFICIARY)
    account = AccountField(label=_("Account number"), required=False)
    bank = LineField(label=_("Bank"), required=False, max_length=60)
    papers = forms.MultipleChoiceField(
        label=_("Papers that came with it"), choices=PaperKind.choices, required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    uploads = FilesField(label=_("Photos or scans"), required=False)
    despite = ProseField(
        label=_("Help within the waiting time: why take it in all the same?"), required=False,
        help_text=_("Only where the system has found help that was given lately."),
    )  # fmt: skip
    household_id = forms.UUIDField(required=False, widget=forms.HiddenInput)
    resident_id = forms.UUIDField(required=False, widget=forms.HiddenInput)
    key = forms.UUIDField(required=False, widget=forms.HiddenInput)
    consent_keep = forms.BooleanField(
        label=_("The person agrees that this is stored and used to handle the application, sensitive facts included.")
    )
    consent_publish = forms.BooleanField(
        label=_("The person agrees that the masked notice is published."), required=False
    )
    consent_compare = forms.BooleanField(
        label=_("The person agrees that the branch compares this with other offices' records."), required=False
    )

    def __init__(self, *args: Any, programmes: Any, root: str, on: date, **kwargs: Any) -> None:
        # The key makes a second click harmless: it becomes the id of the case.
        kwargs["initial"] = {"key": new_id(), **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        self.fields["programme"].queryset = programmes  # type: ignore[attr-defined]  # a ModelChoiceField
        self.fields["village"].root = root  # type: ignore[attr-defined]  # a DivisionField
        self.fields["id_number"].on = on  # type: ignore[attr-defined]  # a PersonNumberField

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        number: PersonNumber | None = cleaned.get("id_number")
        if number is None and "id_number" not in self.errors and not cleaned.get("no_id_reason"):
            self.add_error("id_number", str(_("Enter the ID number, or say why there is none.")))
        if number is not None and number.born is not None:
            cleaned["born_on"] = number.born
        if cleaned.get("applicant_kind") in (ApplicantKind.PROXY, ApplicantKind.VILLAGE) and not cleaned.get(
            "applicant_name"
        ):
            self.add_error("applicant_name", str(_("Name the person who applies for somebody else.")))
        return cleaned

    def applied(self) -> Applied:
        """The cleaned form as the service takes it."""
        c = self.cleaned_data
        number: PersonNumber | None = c["id_number"]
        return Applied(
            programme_id=c["programme"].id, region_code=c["village"], applicant_kind=c["applicant_kind"],
            beneficiary_name=c["beneficiary_name"], cause=c["cause"], story=c["story"],
            requested_fen=c["requested"] or 0, phone=c["phone"], applicant_name=c["applicant_name"],
            applicant_relation=c["applicant_relation"], id_number=number.number if number else "",
            no_id_reason=c["no_id_reason"], born_on=c["born_on"], guardian_name=c["guardian_name"],
            address=c["address"], cause_on=c["cause_on"], diagnosis=c["diagnosis"], hospital=c["hospital"],
            cost_total_fen=c["cost_total"] or 0, cost_insurance_fen=c["cost_insurance"] or 0,
            cost_other_fen=c["cost_other"] or 0, payee_kind=c["payee_kind"], account=c["account"], bank=c["bank"],
            household_id=c["household_id"], resident_id=c["resident_id"], consent_keep=c["consent_keep"],
            consent_sensitive=c["consent_keep"], consent_publish=c["consent_publish"],
            consent_compare=c["consent_compare"],
        )  # fmt: skip


class StepForm(forms.Form):
    """What every step has: the version of the page, and a reason or note."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    note = ProseField(label=_("Written reason"), required=False)

    note_required = False
    note_label: Any = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["note"].required = self.note_required
        if self.note_label:
            self.fields["note"].label = self.note_label

    def arguments(self) -> dict[str, Any]:
        """The cleaned form as the service takes it."""
        return dict(self.cleaned_data)


class ReasonForm(StepForm):
    """A step that is never taken without a written reason."""

    note_required = True


class NoteForm(StepForm):
    """A step that may carry a remark."""

    note_label = _("Remark")


class PapersForm(StepForm):
    """Papers that are there, ticked one by one."""

    received = forms.MultipleChoiceField(
        label=_("Papers that are there"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, papers: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["received"].choices = list(papers)  # type: ignore[attr-defined]  # a MultipleChoiceField


class AcceptForm(PapersForm):
    """Accept; the reason is needed where the rules doubt something."""

    note_label = _("Why it is accepted all the same")
    field_order = ("received", "note", "version")

    def arguments(self) -> dict[str, Any]:
        c = self.cleaned_data
        return {"version": c["version"], "received": c["received"], "exception": c["note"]}


class UrgentForm(PapersForm):
    """Accept as an emergency: money first, papers later."""

    note_required = True
    note_label = _("Why it can't wait")
    field_order = ("note", "received", "version")

    def arguments(self) -> dict[str, Any]:
        c = self.cleaned_data
        return {
            "version": c["version"], "received": c["received"], "urgent_reason": c["note"], "exception": c["note"],
        }  # fmt: skip


class ReturnForm(StepForm):
    """Name everything that is missing, once."""

    note_required = True
    note_label = _("What the applicant is told")
    field_order = ("missing", "note", "why_not_before", "version")
    missing = forms.MultipleChoiceField(
        label=_("What is missing"), choices=PaperKind.choices, widget=forms.CheckboxSelectMultiple,
        help_text=_("Tick everything at once: the applicant is told one time only."),
    )  # fmt: skip
    why_not_before = ProseField(
        label=_("Why this was not asked for the first time"), required=False, max_length=300,
        help_text=_("Only when a further paper is asked for after an earlier return."),
    )  # fmt: skip


class SupplyForm(PapersForm):
    """Papers have come."""

    note_label = _("Remark")
    field_order = ("received", "uploads", "note", "version")
    uploads = FilesField(label=_("Photos or scans"), required=False)

    def arguments(self) -> dict[str, Any]:
        c = self.cleaned_data
        kinds = c["received"] or [PaperKind.OTHER]
        return {
            "version": c["version"], "received": c["received"], "note": c["note"],
            "uploads": [(kinds[min(n, len(kinds) - 1)], upload) for n, upload in enumerate(c["uploads"])],
        }  # fmt: skip


class ApproveForm(StepForm):
    """Approve: the amount, and the reason where it is not the advised one."""

    note_label = _("Remark")
    field_order = ("amount_fen", "override_reason", "resolution", "note", "version")
    amount_fen = YuanField(label=_("Amount approved"), least_fen=1)
    override_reason = ProseField(
        label=_("Why another amount than advised"), required=False, max_length=600,
        help_text=_("Required when the amount is not the one that the score advises."),
    )  # fmt: skip
    resolution = LineField(
        label=_("Number of the council's resolution"), required=False, max_length=80,
        help_text=_("Only for amounts above the secretary's limit."),
    )  # fmt: skip


class ApproveUrgentForm(ApproveForm):
    """Approve an emergency."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["override_reason"]


class ReclaimForm(StepForm):
    """Money that came back."""

    note_label = _("Remark; why less came back")
    field_order = ("amount_fen", "bank", "note", "version")
    amount_fen = YuanField(label=_("Amount returned"), least_fen=1)
    bank = forms.ModelChoiceField(BankAccount.objects.none(), label=_("Into the bank account"), empty_label=None)

    def __init__(self, *args: Any, banks: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["bank"].queryset = banks  # type: ignore[attr-defined]  # a ModelChoiceField

    def arguments(self) -> dict[str, Any]:
        c = self.cleaned_data
        return {
            "version": c["version"], "amount_fen": c["amount_fen"], "bank_account_id": c["bank"].id, "note": c["note"],
        }  # fmt: skip


class LinkForm(forms.Form):
    """Link a case to a household of the register."""

    household_id = forms.UUIDField(widget=forms.HiddenInput)
    resident_id = forms.UUIDField(required=False, widget=forms.HiddenInput)


class AccountForm(forms.Form):
    """Put the account right."""

    payee_kind = forms.ChoiceField(label=_("Account of"), choices=PayeeKind.choices)
    account = AccountField(label=_("Account number"))
    bank = LineField(label=_("Bank"), required=False, max_length=60)
    why = ProseField(label=_("Why it changes"), max_length=300)
