"""Forms of payment batches, bank answers, funds and programmes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from boai.kernel.ids import new_id
from boai.relief.enums import ProgrammeKind
from boai.relief.forms.fields import LineField, ProseField, YuanField
from boai.relief.models import BankAccount, Fund


class BatchForm(forms.Form):
    """From which bank account a batch is paid."""

    bank_account = forms.ModelChoiceField(
        BankAccount.objects.none(), label=_("From the bank account"), empty_label=None
    )
    note = LineField(label=_("Remark"), required=False, max_length=200)

    def __init__(self, *args: Any, banks: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["bank_account"].queryset = banks  # type: ignore[attr-defined]  # a ModelChoiceField


class StatementForm(forms.Form):
    """The file in which the bank answers."""

    file = forms.FileField(
        label=_("File from the bank"),
        help_text=_("Excel or CSV, as the bank sends it. The same file twice is taken once."),
    )


class BankForm(forms.Form):
    """A bank account of the branch."""

    name = LineField(
        label=_("What it is called"), max_length=60, help_text=_("For example: Agricultural Bank, basic account")
    )
    last4 = forms.RegexField(r"^[0-9]{4}$", label=_("Last four digits"), max_length=4)


class FundForm(forms.Form):
    """A fund of the branch."""

    name = LineField(label=_("What it is called"), max_length=60)
    restriction = LineField(label=_("Bound to"), required=False, max_length=200)


class _OnceForm(forms.Form):
    """A booking: the key in the form makes a second click harmless."""

    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"key": new_id(), **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)


class ReceiveForm(_OnceForm):
    """Money that has come in."""

    amount = YuanField(label=_("Amount"), least_fen=1)
    bank_account = forms.ModelChoiceField(
        BankAccount.objects.none(), label=_("Into the bank account"), empty_label=None
    )
    occurred_on = forms.DateField(label=_("Booked on"), widget=forms.DateInput)
    source = LineField(label=_("From whom"), max_length=120)

    def __init__(self, *args: Any, banks: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["bank_account"].queryset = banks  # type: ignore[attr-defined]  # a ModelChoiceField


class ProgrammeForm(forms.Form):
    """A programme of the branch; its thresholds stand in the rulebook."""

    name = LineField(label=_("What it is called"), max_length=60)
    kind = forms.ChoiceField(label=_("Kind"), choices=ProgrammeKind.choices)
    public_name = LineField(
        label=_("Name on public notices"), required=False, max_length=60,
        help_text=_("Where the name would tell of an illness, write a neutral one."),
    )  # fmt: skip
    note = ProseField(label=_("Whom it helps"), required=False, max_length=600)
    fund = forms.ModelChoiceField(Fund.objects.none(), label=_("Paid from the fund"), required=False)
    starts_on = forms.DateField(label=_("Starts on"), widget=forms.DateInput)
    ends_on = forms.DateField(label=_("Ends on"), required=False, widget=forms.DateInput)

    def __init__(self, *args: Any, funds: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["fund"].queryset = funds  # type: ignore[attr-defined]  # a ModelChoiceField


class AllotForm(_OnceForm):
    """From the fund into the programme's budget."""

    amount = YuanField(label=_("Amount"), least_fen=1)
