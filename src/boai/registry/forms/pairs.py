"""What a person answers about two people: one or two, and fact by fact which of the two says it rightly."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy, pgettext_lazy

from boai.registry.queries.facts import ADDRESS, BOTH, CATEGORIES

ANSWERS = ("left", "right", "different", "later")
_LABELS = {
    "name": gettext_lazy("Name"), "sex": gettext_lazy("Sex"), "born": gettext_lazy("Born on"),
    "number": gettext_lazy("Identity number"), "phone": gettext_lazy("Telephone"),
    "account": gettext_lazy("Bank account"), ADDRESS: pgettext_lazy("person", "Address"),
    CATEGORIES: gettext_lazy("Categories"), "note": gettext_lazy("Note"),
}  # fmt: skip
_SIDES = {"left": gettext_lazy("left side"), "right": gettext_lazy("right side"), BOTH: gettext_lazy("both sides")}
_PICK = "pick_"


class AnswerForm(forms.Form):
    """The answer, what the page was made from, and a side for each fact that somebody chose (`pick_phone`)."""

    answer = forms.ChoiceField(choices=[(one, one) for one in ANSWERS])
    seen = forms.CharField(required=False, max_length=80)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for key in _LABELS:
            sides = [side for side in _SIDES if side != BOTH or key == CATEGORIES]
            self.fields[_PICK + key] = forms.ChoiceField(choices=[(s, s) for s in sides], required=False)

    def picks(self) -> dict[str, str]:
        """The side of each fact that was chosen; nothing that was not offered."""
        if not self.is_bound:
            return {}
        self.is_valid()
        chosen = {key: self.cleaned_data.get(_PICK + key, "") for key in _LABELS}
        return {key: side for key, side in chosen.items() if side}

    def said(self) -> list[str]:
        """What was chosen, in words: for a page where it can't be shown in its place any more."""
        return [
            gettext("%(fact)s: %(side)s") % {"fact": _LABELS[key], "side": _SIDES[side]}
            for key, side in self.picks().items()
            if side != BOTH
        ]
