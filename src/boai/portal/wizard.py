"""The application as a row of pages: which there are, which form each has, what is still wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext_lazy as _

from boai.portal.forms.apply import ConsentForm, NeedForm, PersonForm, PhotosForm, StepForm, WhereForm, WhoForm
from boai.portal.queries import Place
from boai.portal.services.drafts import Contents
from boai.relief.enums import ApplicantKind, PaperKind
from boai.relief.queries import programmes_open
from boai.relief.rules import Rules, papers_needed

STEPS: Final[dict[str, str | Promise]] = {
    "who": _("For whom"),
    "person": _("Name and telephone"),
    "where": _("Where"),
    "need": _("What has happened"),
    "photos": _("Photos of papers"),
    "consent": _("Consent"),
    "check": _("Check and send"),
}
FORMS: Final = ("who", "person", "where", "need", "consent")
"""The steps that ask for something which must be right before sending."""


@dataclass
class Wizard:
    """One application being written, at one branch, on one day."""

    contents: Contents
    place: Place
    on: date

    def form(self, step: str, data: Any = None) -> StepForm:
        """The form of a step: bound to `data`, or showing what was written before."""
        kept = self.contents.steps.get(step)
        return self._make(step, data=data, initial=None if data is not None else kept)

    def bound(self, step: str) -> StepForm:
        """The form of a step, bound to what was written."""
        return self._make(step, data=self.contents.steps.get(step, {}), initial=None)

    def _make(self, step: str, **kwargs: Any) -> StepForm:
        if step == "who":
            return WhoForm(**kwargs)
        if step == "person":
            return PersonForm(kind=self.kind, on=self.on, **kwargs)
        if step == "where":
            return WhereForm(root=self.place.code, **kwargs)
        if step == "need":
            return NeedForm(programmes=[(key, name) for key, name, _kind, _note in self.programmes], **kwargs)
        if step == "photos":
            return PhotosForm(kinds=self.paper_kinds, **kwargs)
        return ConsentForm(kind=self.kind, **kwargs)

    @property
    def kind(self) -> str:
        """Who applies; the person in need, unless said otherwise."""
        kind = self.contents.steps.get("who", {}).get("kind", "")
        return kind if kind in (ApplicantKind.PROXY, ApplicantKind.GUARDIAN) else str(ApplicantKind.SELF)

    @property
    def phone(self) -> str:
        """The applicant's telephone as digits; "" as long as there is none."""
        form = self.bound("person")
        form.full_clean()
        return str(form.cleaned_data.get("phone", ""))

    @cached_property
    def programmes(self) -> list[tuple[str, str, str, str]]:
        """(id, name, kind, for whom) of what is open today."""
        found = programmes_open(region_code=self.place.code, on=self.on)
        return [(str(p.id), p.name, p.kind, p.note) for p in found]

    @cached_property
    def papers(self) -> list[str]:
        """The papers that the chosen programme asks for; none before one was chosen."""
        chosen = self.contents.steps.get("need", {}).get("programme", "")
        kind = next((kind for key, _name, kind, _note in self.programmes if key == chosen), "")
        if not kind:
            return []
        rules = Rules(region_code=self.place.code, on=self.on)
        minor = self.kind == ApplicantKind.GUARDIAN
        return papers_needed(rules, kind=kind, applicant_kind=self.kind, minor=minor)

    @property
    def paper_kinds(self) -> list[tuple[str, str]]:
        """What a photo may show: the papers asked for first, then anything else."""
        return [(kind, str(PaperKind(kind).label)) for kind in dict.fromkeys([*self.papers, PaperKind.OTHER])]

    def faulty(self) -> list[str]:
        """The steps that still lack something, in order."""
        return [step for step in FORMS if not self.bound(step).is_valid()]


def after(step: str) -> str:
    """The step that follows."""
    names = list(STEPS)
    return names[min(names.index(step) + 1, len(names) - 1)]


def before(step: str) -> str:
    """The step before, "" for the first."""
    names = list(STEPS)
    return names[names.index(step) - 1] if step != names[0] else ""
