"""What people type on the pages of governance. Forms parse and clean; they never save."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from boai.governance.enums import (
    Channel,
    Choice,
    Ground,
    ObjectionChannel,
    ObjectionOutcome,
    PhotoKind,
    PublicReason,
)
from boai.governance.models import MeetingMember, NoticeEntry
from boai.governance.queries.pages import Person
from boai.governance.rules.publication import Entry
from boai.governance.rules.subjects import Member
from boai.kernel.clock import SHANGHAI
from boai.kernel.ids import new_id

Choices = Sequence[tuple[str, str]]
_NOBODY = ("", "—")


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.replace("、", "\n").splitlines() if line.strip()]


def _uuid(value: str) -> UUID | None:
    return UUID(value) if value else None


def _rows(count: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": str(count)})


class OfficersForm(forms.Form):
    """Who presides, writes, counts and watches: four different people."""

    chair = forms.ChoiceField(label=_("Chair"))
    recorder = forms.ChoiceField(label=_("Recorder"))
    teller = forms.ChoiceField(label=_("Teller (paper ballots)"), required=False)
    scrutineer = forms.ChoiceField(label=_("Scrutineer (paper ballots)"), required=False)
    witnesses = forms.CharField(
        label=_("Resident witnesses, one a line (paper ballots: at least two)"), required=False, widget=_rows(2)
    )

    def __init__(self, *args: Any, staff: Sequence[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("chair", "recorder", "teller", "scrutineer"):
            field: Any = self.fields[name]
            field.choices = [_NOBODY, *((p.id, p.label) for p in staff)]

    def officers(self) -> dict[str, Any]:
        """Arguments for the services."""
        data = self.cleaned_data
        return {
            "chair_id": _uuid(data["chair"]),
            "recorder_id": _uuid(data["recorder"]),
            "teller_id": _uuid(data["teller"]),
            "scrutineer_id": _uuid(data["scrutineer"]),
            "witnesses": _lines(data["witnesses"]),
        }


class MeetingForm(OfficersForm):
    """A new meeting: when, where, who. The key makes a second click harmless."""

    key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    title = forms.CharField(label=_("Title"), max_length=80)
    place = forms.CharField(label=_("Meeting place"), max_length=80)
    day = forms.DateField(label=_("Calendar day"), widget=forms.DateInput(attrs={"type": "date"}))
    time = forms.TimeField(label=_("Time"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    members = forms.MultipleChoiceField(
        label=_("Members who vote on their phone"), widget=forms.CheckboxSelectMultiple, required=False
    )
    paper = forms.MultipleChoiceField(
        label=_("Members who vote on paper"), widget=forms.CheckboxSelectMultiple, required=False
    )
    guests = forms.CharField(
        label=_("Members without an account, one a line (they vote on paper)"), required=False, widget=_rows(3)
    )
    field_order = ["title", "place", "day", "time", "members", "paper", "guests", "chair", "recorder", "teller",
                   "scrutineer", "witnesses", "key"]  # fmt: skip

    def __init__(self, *args: Any, panel: Sequence[Person], staff: Sequence[Person], **kwargs: Any) -> None:
        kwargs["initial"] = {"key": new_id(), **kwargs.get("initial", {})}
        super().__init__(*args, staff=staff, **kwargs)
        self.names = {p.id: p.name for p in panel}
        for name in ("members", "paper"):
            field: Any = self.fields[name]
            field.choices = [(p.id, p.label) for p in panel]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if set(data.get("members", ())) & set(data.get("paper", ())):
            self.add_error("paper", _("Somebody is ticked in both lists: a member votes on one channel."))
        return data

    def starts_at(self) -> datetime:
        """Day and time in China."""
        return datetime.combine(self.cleaned_data["day"], self.cleaned_data["time"], SHANGHAI)

    def roll(self) -> list[Member]:
        """Everybody on the roll, with their channel."""
        data = self.cleaned_data
        online = [Member(self.names[i], UUID(i), Channel.ONLINE) for i in data["members"]]
        paper = [Member(self.names[i], UUID(i), Channel.PAPER) for i in data["paper"]]
        return online + paper + [Member(name[:40], None, Channel.PAPER) for name in _lines(data["guests"])]


class ReasonForm(forms.Form):
    """A reason, in writing."""

    reason = forms.CharField(label=_("Reason in the minutes"), max_length=500, widget=_rows(2))


class BallotForm(forms.Form):
    """The ballot itself."""

    choice = forms.ChoiceField(label=_("Your vote"), choices=Choice.choices, widget=forms.RadioSelect)


class CloseForm(forms.Form):
    """Closing a ballot; the seal when there is paper."""

    seal_number = forms.CharField(label=_("Number of the seal on the paper ballots"), max_length=40, required=False)


class RepeatForm(forms.Form):
    """Moving the one second ballot."""

    moved_by = forms.CharField(label=_("Moved by"), max_length=40)
    reason = forms.CharField(label=_("Why"), max_length=500, widget=_rows(2))


class RecuseForm(forms.Form):
    """A member steps aside."""

    ground = forms.ChoiceField(
        label=_("Why"), choices=[c for c in Ground.choices if c[0] not in ("verifier", "challenged")]
    )
    note = forms.CharField(label=_("Details (in the minutes)"), max_length=200, required=False)


class ChallengeForm(forms.Form):
    """Somebody says that a member should step aside."""

    member = forms.ChoiceField(label=_("Member"))
    note = forms.CharField(label=_("Why should this member step aside?"), max_length=200)

    def __init__(self, *args: Any, members: Sequence[MeetingMember], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["member"]
        field.choices = [_NOBODY, *((str(m.id), m.name) for m in members)]


class ConflictForm(ChallengeForm):
    """A conflict found after the count."""

    ground = forms.ChoiceField(label=_("What kind"), choices=[c for c in Ground.choices if c[0] != "challenged"])


class RulingForm(forms.Form):
    """The chair rules on a challenge."""

    upheld = forms.ChoiceField(
        label=_("Ruling"), choices=[("1", _("Steps aside")), ("0", _("Stays"))], widget=forms.RadioSelect
    )
    ruling = forms.CharField(label=_("Reason in the minutes"), max_length=200)


class TallyForm(forms.Form):
    """One person's reading of the paper ballots."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = {
            "issued": _("Ballots issued"), "spoiled": _("Spoiled and replaced"), "not_returned": _("Not returned"),
            "returned": _("Returned"), "yes": _("Agree"), "no": _("Disagree"), "abstain": _("Abstain"),
            "blank": _("Blank"), "invalid": _("Invalid"),
        }  # fmt: skip
        figures: dict[str, forms.Field] = {
            name: forms.IntegerField(
                label=label, min_value=0, max_value=100_000, widget=forms.NumberInput(attrs={"inputmode": "numeric"})
            )
            for name, label in labels.items()
        }
        self.fields = figures | {
            "discrepancy": forms.CharField(
                label=_("It does not add up, because"), max_length=500, required=False, widget=_rows(2),
                help_text=_("Only if the ballots themselves do not add up. A supervisor then decides."),
            )
        }  # fmt: skip


class SettleForm(ReasonForm):
    """A supervisor decides about a count."""

    recount = forms.ChoiceField(
        label=_("What is to be done"),
        choices=[("1", _("Count again")), ("0", _("The ballot is void"))],
        widget=forms.RadioSelect,
    )
    field_order = ["recount", "reason"]


class SignForm(forms.Form):
    """The scan of the signed minutes."""

    scan = forms.FileField(label=_("Scan or photo of the signed minutes"))
    pages = forms.IntegerField(label=_("Pages"), min_value=1, max_value=500)
    signers = forms.CharField(label=_("Signed by, one name a line"), widget=_rows(4))

    def signer_names(self) -> list[str]:
        """The names."""
        return _lines(self.cleaned_data["signers"])


class EntryForm(forms.Form):
    """What may be changed on a line of a draft; name, programme and amount come from the case."""

    place = forms.CharField(label=_("Village or street"), max_length=60)
    group = forms.CharField(label=_("Group or building (board only)"), max_length=40, required=False)
    reason = forms.ChoiceField(label=_("Reason in public"), choices=[_NOBODY, *PublicReason.choices], required=False)
    guardian = forms.CharField(label=_("Guardian (board: surname only)"), max_length=50, required=False)

    def __init__(self, data: Any = None, *, entry: NoticeEntry) -> None:
        super().__init__(data, initial={n: entry.fields.get(n, "") for n in ("place", "group", "reason", "guardian")})
        self.entry = entry
        for name in ("reason",) if entry.shielded else ("guardian",):
            del self.fields[name]

    def changed_entry(self) -> Entry:
        """The line with what was typed."""
        return entry_of(self.entry, self.cleaned_data)


def entry_of(row: NoticeEntry, changes: dict[str, Any] | None = None) -> Entry:
    """A stored line as it was handed in, with changes."""
    fields = {k: v for k, v in (row.fields | (changes or {})).items() if v != ""}
    return Entry(row.subject, fields, row.shielded, row.review_id, frozenset(row.excluded))


class CorrectForm(forms.Form):
    """What residents are told was wrong."""

    correction = forms.CharField(label=_("What is corrected (published)"), max_length=300, widget=_rows(2))


class ExtendForm(ReasonForm):
    """Site or board was down."""

    extra = forms.IntegerField(label=_("Days longer"), min_value=1, max_value=60, initial=1)
    field_order = ["extra", "reason"]


class PhotoForm(forms.Form):
    """A photo of the board."""

    photo = forms.FileField(label=_("Photo of the board"))
    kind = forms.ChoiceField(label=_("What it shows"), choices=PhotoKind.choices)
    place = forms.CharField(label=_("Where the board hangs"), max_length=80)
    on = forms.DateField(label=_("Calendar day"), widget=forms.DateInput(attrs={"type": "date"}))


class ObjectionForm(forms.Form):
    """An objection that came by telephone or on paper. The key makes a second click harmless."""

    key = forms.UUIDField(widget=forms.HiddenInput, required=False)

    channel = forms.ChoiceField(
        label=_("How it came"), choices=[c for c in ObjectionChannel.choices if c[0] != "web"], widget=forms.RadioSelect
    )
    code = forms.ChoiceField(label=_("Against"), required=False)
    text = forms.CharField(label=_("What was said"), max_length=4000, widget=_rows(6))
    name = forms.CharField(label=_("Name (sealed; empty: anonymous)"), max_length=50, required=False)
    contact = forms.CharField(label=_("Telephone or address for the answer (sealed)"), max_length=100, required=False)

    def __init__(self, *args: Any, codes: Choices, **kwargs: Any) -> None:
        kwargs["initial"] = {"key": new_id(), **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        field: Any = self.fields["code"]
        field.choices = [("", _("The notice as a whole")), *codes]


class AssignForm(forms.Form):
    """Who looks into it."""

    handler = forms.ChoiceField(label=_("Handler"))

    def __init__(self, *args: Any, handlers: Sequence[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["handler"]
        field.choices = [_NOBODY, *((p.id, p.label) for p in handlers)]


class DecideForm(forms.Form):
    """The outcome of an objection or appeal."""

    outcome = forms.ChoiceField(label=_("What comes of it"), choices=ObjectionOutcome.choices, widget=forms.RadioSelect)
    reasons = forms.CharField(label=_("Reasons (the objector reads them)"), max_length=1000, widget=_rows(4))
