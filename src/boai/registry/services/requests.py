"""A person's request about their own data: received, decided within the time of the rulebook, carried out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import models, transaction
from django.utils.translation import gettext as _

from boai.audit.models import AuditEntry
from boai.audit.queries import reference
from boai.audit.services import entry_erase, record
from boai.kernel.clock import local_date
from boai.kernel.errors import BadInput, NotFound, UnableTo
from boai.kernel.policy import require
from boai.kernel.print import render_pdf
from boai.kernel.transition import transition
from boai.people.actor import Actor
from boai.registry import policies
from boai.registry.enums import REQUEST_TRANSITIONS, EndReason, RequestKind, RequestState
from boai.registry.models import (
    CategoryEntry,
    DataRequest,
    DuplicatePair,
    Household,
    Merge,
    Resident,
    StagedCategory,
    StagedRow,
)
from boai.registry.queries.households import resident_get
from boai.registry.queries.requests import person_copy
from boai.registry.services.looks import look_note
from boai.rulebook.queries import rule

ERASED_NAME = "已删除"
SHORTEST = 4
_READS = (RequestKind.SEE, RequestKind.COPY)


@transaction.atomic
def request_receive(
    *, resident_id: UUID, kind: str, words: str, asked_by: str, actor: Actor, at: datetime
) -> DataRequest:
    """Write down what a person asks for; the clock runs from today. Raises NotFound, NotAllowed, BadInput."""
    resident = resident_get(resident_id=resident_id, actor=actor)
    require(policies.may_write, actor, resident)
    if kind not in RequestKind.values:
        raise BadInput(fields={"kind": [_("Choose what is asked for.")]})
    if len(asked_by.strip()) < SHORTEST:
        raise BadInput(fields={"asked_by": [_("Say who came and which paper they showed.")]})
    assert actor.user_id is not None, "people receive people"
    clock = rule("register.requests", region_code=resident.region_code, on=local_date(at))
    made = DataRequest.objects.create(
        region_code=resident.region_code, resident=resident, kind=kind, words=words.strip(), asked_by=asked_by.strip(),
        received_by_id=actor.user_id, received_at=at, due_on=local_date(at) + timedelta(days=clock.value),
        rule_version=clock.version_id,
    )  # fmt: skip
    record("registry.request.received", made, actor=actor, at=at, code=made.code, kind=str(RequestKind(kind).label))
    return made


@transaction.atomic
def request_decide(*, request_id: UUID, action: str, answer: str, actor: Actor, at: datetime) -> DataRequest:
    """Grant or refuse ("grant", "refuse"), or note that the person withdrew ("withdraw").

    A granted deletion is carried out at once. A refusal says why (PIPL Art.50). Raises NotFound, NotAllowed, BadInput,
    UnableTo (what the law or open work still needs can't be deleted).
    """
    request = _for_update(request_id)
    require(policies.may_decide_request, actor, request)
    if action == "refuse" and len(answer.strip()) < SHORTEST:
        raise BadInput(fields={"answer": [_("A refusal says why, and where the person can complain.")]})
    request.state = transition(REQUEST_TRANSITIONS, request.state, action)
    request.answer = answer.strip()
    request.decided_by_id, request.decided_at = actor.user_id, at
    if request.state == RequestState.GRANTED and request.kind == RequestKind.DELETE:
        person_erase(resident_id=request.resident_id, actor=actor, at=at)
        request.state, request.finished_at = transition(REQUEST_TRANSITIONS, request.state, "finish"), at
    request.save()
    record("registry.request.decided", request, actor=actor, at=at, code=request.code,
           outcome=str(RequestState(request.state).label))  # fmt: skip
    return request


@transaction.atomic
def request_finish(*, request_id: UUID, actor: Actor, at: datetime) -> DataRequest:
    """What was granted has been done: the copy is handed over, the error corrected, the use ended."""
    request = _for_update(request_id)
    require(policies.may_write, actor, request)
    request.state, request.finished_at = transition(REQUEST_TRANSITIONS, request.state, "finish"), at
    request.save(update_fields=["state", "finished_at"])
    record("registry.request.finished", request, actor=actor, at=at, code=request.code)
    return request


@transaction.atomic
def copy_make(*, request_id: UUID, form: str, actor: Actor, at: datetime) -> bytes:
    """The person's copy as "json" or "pdf". Counts as a look at sensitive facts.

    Raises NotFound, NotAllowed, UnableTo (nothing was granted)."""
    request = _for_update(request_id)
    require(policies.may_read_sensitive, actor, request)
    if request.kind not in _READS or request.state not in (RequestState.GRANTED, RequestState.DONE):
        raise UnableTo(_("A copy is made when such a request has been granted."))
    resident = Resident.objects.select_related("household", "intake").get(id=request.resident_id)
    reason = _("Copy for the person, request %(code)s") % {"code": request.code}
    look_note(household=resident.household, reason=reason, actor=actor, at=at)
    held = person_copy(resident=resident, branch=actor.branch_name, at=at)
    record("registry.request.copied", request, actor=actor, at=at, code=request.code, form=form)
    if form == "json":
        return json.dumps(held, ensure_ascii=False, indent=1).encode()
    return render_pdf("registry/copy", _paper(held, request.code), at=at)


@transaction.atomic
def person_erase(*, resident_id: UUID, actor: Actor, at: datetime) -> None:
    """Delete what is held of a person. The empty row stays, so that nothing that counted it becomes false; in the log
    the entries about the person lose payload and salt, and every proof still holds.

    Raises UnableTo while another part of the work needs the person (PIPL Art.47 para.2), or as head of others.
    """
    resident = Resident.objects.select_for_update().select_related("household").get(id=resident_id)
    if any(_needed_by(resident_id)):
        raise UnableTo(
            _("Relief files of this person have to be kept for the time of the rulebook. Refuse with that reason; "
              "what is not needed for them can be corrected.")
        )  # fmt: skip
    household = Household.objects.select_for_update().get(id=resident.household_id)
    others = household.residents.filter(ended_on__isnull=True).exclude(id=resident_id)
    if resident.is_head and resident.ended_on is None:
        if others.exists():
            raise UnableTo(_("Name another head first; then this person can be deleted."))
        household.ended_on = household.ended_on or local_date(at)
        household.address, household.note, household.income_fen, household.office_number = "", "", None, ""
        household.version, household.changed_at = household.version + 1, at
        household.save()
    CategoryEntry.objects.filter(resident_id=resident_id).delete()
    StagedCategory.objects.filter(resident_id=resident_id).delete()
    StagedRow.objects.filter(id=resident_id).delete()
    DuplicatePair.objects.filter(models.Q(left_id=resident_id) | models.Q(right_id=resident_id)).delete()
    Merge.objects.filter(models.Q(kept_id=resident_id) | models.Q(gone_id=resident_id)).update(before="")
    _blank(resident, at)
    for entry in AuditEntry.objects.filter(obj=reference(resident), erased_at__isnull=True).order_by("id"):
        entry_erase(entry_id=entry.id, actor=actor, at=at, reason="PIPL Art.47")
    record("registry.resident.erased", resident, actor=actor, at=at)


def _blank(resident: Resident, at: datetime) -> None:
    empty: dict[str, Any] = {
        "name": ERASED_NAME, "pinyin": "", "initials": "", "sex": "", "born_on": None, "born_precision": "",
        "number_kind": "", "number": "", "number_blind": None, "number_tail": "", "phone": "", "phone_blind": None,
        "phone_tail": "", "account": "", "account_blind": None, "account_tail": "", "bank": "", "note": "",
        "ended_on": resident.ended_on or local_date(at), "end_reason": EndReason.ERASED,
    }  # fmt: skip
    for name, value in empty.items():
        setattr(resident, name, value)
    resident.version, resident.changed_at = resident.version + 1, at
    resident.save()


def _needed_by(resident_id: UUID) -> Iterator[bool]:
    """Does any other app point at the person? Found from the models: an app of tomorrow is asked as well."""
    for model in apps.get_models():
        if model._meta.app_label == Resident._meta.app_label:
            continue
        for field in model._meta.local_fields:
            if isinstance(field, models.ForeignKey) and field.related_model is Resident:
                yield model._default_manager.filter(**{field.attname: resident_id}).exists()


def _for_update(request_id: UUID) -> DataRequest:
    found = DataRequest.objects.select_for_update().filter(id=request_id).first()
    if found is None:
        raise NotFound
    return found


def _paper(held: dict[str, Any], code: str) -> dict[str, Any]:
    """The copy as a paper: the same facts in the words of the office."""
    person, home = held["person"], held["household"]
    facts = [
        (_("Name"), person["name"]), (_("Identity number"), person["identity_number"]),
        (_("Born on"), person["born_on"]), (_("Telephone"), person["telephone"]), (_("Bank"), person["bank"]),
        (_("Account"), person["bank_account"]), (_("Note"), person["note"]),
        (_("Village or community"), home["place"]), (_("Home address"), home["address"]),
        (_("Household code"), home["code"]), (_("From which file"), held["source"]["file"]),
    ]  # fmt: skip
    known = ("format", "made_at", "made_by", "person", "household", "categories", "source", "who_looked")
    more = [[json.dumps(row, ensure_ascii=False)] for name, rows in held.items() if name not in known for row in rows]
    return {
        "title": _("What is held about you"),
        "under": held["made_by"],
        "facts": [{"label": label, "value": str(value or "—")} for label, value in facts]
        + [{"label": _("Number of the request"), "value": code}],
        "categories_title": _("Categories"),
        "categories_head": [_("Category"), _("Detail"), _("Holds from"), _("Holds until"), _("Established by")],
        "categories": [
            [one["name"], one["detail"] or "—", one["from"] or "—", one["to"] or "—", one["established_by"]]
            for one in held["categories"]
        ],
        "looks_title": _("Who looked"),
        "looks_head": [_("When"), _("By whom"), _("Post"), _("In which work"), _("Reason given")],
        "looks": [
            [one["at"][:16].replace("T", " "), one["who"], one["post"], one["in"], one["reason"]]
            for one in held["who_looked"]
        ],
        "more_title": _("In other work"),
        "more": more,
        "none": "—",
        "note": _("You may have errors corrected, object to a use, and ask for deletion where no law keeps the data."),
    }
