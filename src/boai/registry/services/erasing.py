"""Deleting what is held of a person: in the register, in every file's rows and findings, in files, lists and words.

The empty row stays, so that nothing that counted the person becomes false; in the log the entries about the person lose
payload and salt, and every proof still holds. What another part of the work has to keep is asked first and told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import models, transaction
from django.utils.translation import gettext as _

from boai.audit.models import AuditEntry
from boai.audit.queries import reference
from boai.audit.services import entry_erase, record
from boai.files.services import file_erase
from boai.kernel.clock import local_date
from boai.kernel.errors import UnableTo
from boai.kernel.scope import EVERYWHERE, scoped
from boai.people.actor import Actor
from boai.registry.enums import EndReason
from boai.registry.keepers import Kept, has_spoken, keeps
from boai.registry.models import (
    CategoryEntry,
    Consent,
    DataRequest,
    Household,
    HouseholdEvent,
    LookFlag,
    Merge,
    PastPlace,
    Resident,
    SensitiveLook,
    WatchedPerson,
)
from boai.registry.services.consents import answers_hold
from boai.registry.services.copies import Traces, copies_erase, lists_erase, traces_of
from boai.registry.services.looks import look_reword

ERASED_NAME = "已删除"
LAW = "PIPL Art.47"
_BLANK: dict[str, Any] = {
    "name": ERASED_NAME, "pinyin": "", "initials": "", "sex": "", "born_on": None, "born_precision": "",
    "number_kind": "", "number": "", "number_blind": None, "number_tail": "", "phone": "", "phone_blind": None,
    "phone_tail": "", "account": "", "account_blind": None, "account_tail": "", "bank": "", "note": "",
}  # fmt: skip


@dataclass(frozen=True)
class _Whole:
    """A person with the rows of those whom merges have made one with them, and the households they were in."""

    rows: list[Resident]
    homes: list[Household]

    @property
    def ids(self) -> list[UUID]:
        return [row.id for row in self.rows]


@transaction.atomic
def person_erase(*, resident_id: UUID, actor: Actor, at: datetime, reason: str = LAW) -> list[Kept]:
    """Delete a person wherever the installation holds them; what has to be kept, for the answer. The caller has asked
    whether the actor may. Looks beyond the actor's division: files and lists of a higher office hold the person too.

    Raises UnableTo while work about the person is under way or a file that holds them is being read, and for a head
    whose household has others.
    """
    with scoped(EVERYWHERE):
        answers_hold()  # a list that begins to be written now waits, and then does not find the person
        whole = _whole(resident_id)
        kept = _ask_keepers(whole, at)
        _close(whole, actor, at)
        traces = traces_of(whole.rows)
        copies_erase(traces, actor=actor, at=at, reason=reason)
        lists_erase({row.region_code for row in whole.rows}, at=at)
        _words_erase(whole, traces, actor=actor, at=at)
        for row in whole.rows:
            _row_blank(row, at)
        _homes_blank(whole, traces, at)
        _marks_erase(whole, traces, actor=actor, at=at, reason=reason)
        for row in whole.rows:
            record("registry.resident.erased", row, actor=actor, at=at)
    return kept


def household_erase(*, household_id: UUID, actor: Actor, at: datetime, reason: str = "PIPL Art.19") -> int:
    """Delete everybody of a household within the caller's transaction, the head last; how many. Raises UnableTo."""
    people = Resident.objects.filter(household_id=household_id).exclude(end_reason=EndReason.ERASED)
    ordered = sorted(people, key=lambda one: (one.is_head and one.ended_on is None, one.id))
    for person in ordered:
        person_erase(resident_id=person.id, actor=actor, at=at, reason=reason)
    return len(ordered)


def _whole(resident_id: UUID) -> _Whole:
    ids, found = {resident_id}, set[UUID]()
    while ids != found:
        found = set(ids)
        either = models.Q(kept_id__in=found) | models.Q(gone_id__in=found)
        for kept, gone in Merge.objects.filter(either, undone_at__isnull=True).values_list("kept_id", "gone_id"):
            ids |= {kept, gone}
    near = Resident.objects.filter(id__in=ids).values("household_id")
    homes = list(Household.objects.select_for_update().filter(id__in=near).order_by("id"))
    rows = list(Resident.objects.select_for_update().filter(id__in=ids).order_by("id"))
    return _Whole(rows, homes)


def _ask_keepers(whole: _Whole, at: datetime) -> list[Kept]:
    kept = [one for row in whole.rows for one in keeps(row, on=local_date(at))]
    if any(one.under_way for one in kept):
        names = "、".join(dict.fromkeys(one.what for one in kept if one.under_way))
        raise UnableTo(
            _("Work about this person is still under way: %(what)s. Finish or withdraw it, then delete.")
            % {"what": names}
        )  # fmt: skip
    if any(_needed_elsewhere(whole.ids)):
        raise UnableTo(
            _("Another part of the work needs this person and does not say for how long. Ask your administrator.")
        )
    return kept


def _needed_elsewhere(ids: Iterable[UUID]) -> Iterator[bool]:
    """Does an app point at the person that has not said what it keeps? Found from the models."""
    for model in apps.get_models():
        if model._meta.app_label == Resident._meta.app_label or has_spoken(model._meta.app_label):
            continue
        for field in model._meta.local_fields:
            if isinstance(field, models.ForeignKey) and field.related_model is Resident:
                yield model._default_manager.filter(**{f"{field.attname}__in": list(ids)}).exists()


def _close(whole: _Whole, actor: Actor, at: datetime) -> None:
    """Whoever heads a household alone takes it along; a head of others has to be followed first."""
    for row in whole.rows:
        if not row.is_head or row.ended_on is not None:
            continue
        others = Resident.objects.filter(household_id=row.household_id, ended_on__isnull=True).exclude(id__in=whole.ids)
        if others.exists():
            raise UnableTo(_("Name another head first; then this person can be deleted."))
        home = next(home for home in whole.homes if home.id == row.household_id)
        home.ended_on = home.ended_on or local_date(at)


def _row_blank(row: Resident, at: datetime) -> None:
    for name, value in _BLANK.items():
        setattr(row, name, value)
    row.ended_on, row.end_reason = row.ended_on or local_date(at), EndReason.ERASED
    row.version, row.changed_at = row.version + 1, at
    row.save()


def _homes_blank(whole: _Whole, traces: Traces, at: datetime) -> None:
    """A household of which only deleted people are left keeps its place and its code; of others the person's name is
    taken out of the note."""
    for home in whole.homes:
        empty = not Resident.objects.filter(household_id=home.id).exclude(end_reason=EndReason.ERASED).exists()
        if empty:
            home.address, home.note, home.income_fen, home.office_number = "", "", None, ""
        home.note = traces.taken_out(home.note)
        home.version, home.changed_at = home.version + 1, at
        home.save()
        if empty:
            PastPlace.objects.filter(household_id=home.id).update(
                address=""
            )  # also the one that saving has just closed


def _words_erase(whole: _Whole, traces: Traces, *, actor: Actor, at: datetime) -> None:
    """Categories, answers, requests, and every sentence that names the person."""
    CategoryEntry.objects.filter(resident_id__in=whole.ids).delete()
    photos = Consent.objects.filter(resident_id__in=whole.ids, photo__erased_at__isnull=True, photo__isnull=False)
    for file_id in photos.values_list("photo_id", flat=True).distinct():
        file_erase(file_id=file_id, actor=actor, at=at, reason=LAW)
    Consent.objects.filter(resident_id__in=whole.ids, ended_at__isnull=True).update(ended_at=at)
    Consent.objects.filter(resident_id__in=whole.ids, emptied_at__isnull=True).update(
        giver_name="", witness="", emptied_at=at
    )  # fmt: skip
    # That deletion was asked for, by whom, and the answer is the proof of this act: it goes with `keep.requests`.
    words = DataRequest.objects.filter(resident_id__in=whole.ids, emptied_at__isnull=True).exclude(kind="delete")
    words.update(words="", asked_by="", answer="", emptied_at=at)
    Merge.objects.filter(models.Q(kept_id__in=whole.ids) | models.Q(gone_id__in=whole.ids)).update(before="")
    homes = [home.id for home in whole.homes]
    for event in HouseholdEvent.objects.filter(models.Q(household_id__in=homes) | models.Q(other_id__in=homes)):
        _sentence(event, "note", traces)
    for look in SensitiveLook.objects.filter(household_id__in=homes):
        left = traces.taken_out(look.reason)
        if left != look.reason:
            look_reword(look_id=look.id, reason=left)
    for flag in LookFlag.objects.filter(look__household_id__in=homes):
        _sentence(flag, "words", traces)
    for watched in WatchedPerson.objects.filter(name__in=traces.names):
        if not Resident.objects.filter(name=watched.name).exclude(id__in=whole.ids).exists():
            watched.delete()  # nobody else of that name is left whom it could mean


def _sentence(row: models.Model, field: str, traces: Traces) -> None:
    said = getattr(row, field)
    left = traces.taken_out(said)
    if left != said:
        setattr(row, field, left)
        row.save(update_fields=[field])


def _marks_erase(whole: _Whole, traces: Traces, *, actor: Actor, at: datetime, reason: str) -> None:
    """Entries about the person, and those about their households that name them, lose payload and salt."""
    about = [reference(row) for row in whole.rows]
    near = [*(reference(home) for home in whole.homes), *traces.intake_references]
    for entry in AuditEntry.objects.filter(obj__in=[*about, *near], erased_at__isnull=True).order_by("id"):
        if entry.obj in about or traces.names_in(bytes(entry.payload or b"").decode()):
            entry_erase(entry_id=entry.id, actor=actor, at=at, reason=reason)
