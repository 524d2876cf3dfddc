"""Following a case, verifying, objecting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from boai.portal.forms.fields import CodeField, LineField, ProseField, TailField, say_plainly
from boai.regions.forms import DivisionField


class OpenForm(forms.Form):
    """A form that leaves saying what is missing to the page, not to the browser's bubbles."""

    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say_plainly(self)


class FollowForm(OpenForm):
    """Case code and the tail of the telephone."""

    code = CodeField(
        label=_("Case code"),
        help_text=_("Eight signs, on the paper or photo you got when applying"),
        error_messages={"required": _("Please write the case code.")},
    )
    tail = TailField(
        label=_("Last four digits of your telephone"),
        error_messages={"required": _("Please write the last four digits.")},
    )


class WithdrawForm(OpenForm):
    """The applicant no longer wants it, and shows that it is theirs."""

    proof = LineField(
        label=_("ID number of the person in need"),
        max_length=30,
        help_text=_("Without an ID number: the whole telephone number that was given."),
        error_messages={"required": _("Please write the number.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    note = LineField(
        label=_("Why? (a few words)"), max_length=200, min_length=2, error_messages={"required": _("Please say why.")}
    )


class ObjectionForm(OpenForm):
    """An objection, signed or not. Without a name there have to be facts that can be checked."""

    subject = forms.ChoiceField(label=_("Against whom?"), required=False)
    text = ProseField(
        label=_("What is wrong?"),
        min_length=10,
        max_length=2000,
        help_text=_("Facts help most: what, when, where, who else knows."),
        error_messages={
            "required": _("Please write down what is wrong."),
            "min_length": _("Please write a little more, so that we can check it."),
        },
    )
    name = LineField(
        label=_("Your name"),
        required=False,
        max_length=40,
        help_text=_("You may leave it out. With a name we can ask back."),
    )
    contact = LineField(label=_("Telephone or other way to reach you"), required=False, max_length=60)

    def __init__(self, *args: Any, subjects: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        everybody = [("", _("The notice as a whole"))]
        self.fields["subject"].choices = [*everybody, *subjects]  # type: ignore[attr-defined]  # a ChoiceField

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("contact") and not cleaned.get("name"):
            raise ValidationError({"name": _("Please add your name, or leave out the telephone as well.")})
        return cleaned


class ReceiptNumberForm(OpenForm):
    """The number given when an objection was filed."""

    number = CodeField(
        label=_("Receipt number of the objection"), error_messages={"required": _("Please write the receipt number.")}
    )


class AppealForm(OpenForm):
    """The one appeal to the branch above."""

    text = ProseField(
        label=_("Why do you disagree with the answer?"),
        min_length=10,
        max_length=2000,
        error_messages={
            "required": _("Please write down why."),
            "min_length": _("Please write a little more, so that we can check it."),
        },
    )


class VerifyForm(OpenForm):
    """A code, or the text of a signed state of the log."""

    text = forms.CharField(
        label=_("Code or text"),
        max_length=4000,
        strip=True,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_(
            "The code on the receipt or notice; or the signed state of the log, as text or as number and letters."
        ),
        error_messages={
            "required": _("Please write or paste a code."),
            "max_length": _("This is too long. Please shorten it."),
        },
    )


class VillageForm(OpenForm):
    """Which village's notices?"""

    village = DivisionField(label=_("Township or village"), required=False, least=4)

    def __init__(self, *args: Any, root: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["village"].root = root  # type: ignore[attr-defined]  # DivisionField declares it
