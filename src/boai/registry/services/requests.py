"""A person's request about their own data: received, decided within the time of the rulebook, carried out."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import models, transaction
from django.utils.translation import gettext as _

from boai.audit.services import record
from boai.kernel.clock import local_date
from boai.kernel.errors import BadInput, NotFound, UnableTo
from boai.kernel.policy import require
from boai.kernel.print import render_pdf
from boai.kernel.transition import transition
from boai.people.actor import Actor
from boai.registry import policies
from boai.registry.enums import REQUEST_TRANSITIONS, RequestKind, RequestState
from boai.registry.models import DataRequest, Household, Resident
from boai.registry.purposes import Purpose
from boai.registry.queries.households import resident_get
from boai.registry.queries.requests import person_copy
from boai.registry.services.consents import use_resolve, use_suspend
from boai.registry.services.erasing import person_erase
from boai.registry.services.households import HouseholdFacts, PersonFacts, household_change, resident_change
from boai.registry.services.looks import look_note
from boai.rulebook.queries import rule

SHORTEST = 4
_PERSON = ("name", "relation", "sex", "born_on", "number", "phone", "account", "bank", "note")
_HOME = ("region_code", "address", "office_number", "income_fen", "note")
_READS = (RequestKind.SEE, RequestKind.COPY)


@transaction.atomic
def request_receive(
    *, resident_id: UUID, kind: str, words: str, asked_by: str, purpose: str = "", actor: Actor, at: datetime
) -> DataRequest:
    """Write down what a person asks for; the clock runs from today. The use that an objection names stops at once,
    until it is decided. Raises NotFound, NotAllowed, BadInput, UnableTo (the law demands the use)."""
    resident = resident_get(resident_id=resident_id, actor=actor)
    require(policies.may_write, actor, resident)
    if kind not in RequestKind.values:
        raise BadInput(fields={"kind": [_("Choose what is asked for.")]})
    if kind == RequestKind.OBJECT and purpose not in Purpose.values:
        raise BadInput(fields={"purpose": [_("Choose the use that the person objects to.")]})
    if len(asked_by.strip()) < SHORTEST:
        raise BadInput(fields={"asked_by": [_("Say who came and which paper they showed.")]})
    assert actor.user_id is not None, "people receive people"
    clock = rule("register.requests", region_code=resident.region_code, on=local_date(at))
    made = DataRequest.objects.create(
        region_code=resident.region_code, resident=resident, kind=kind, words=words.strip(), asked_by=asked_by.strip(),
        received_by_id=actor.user_id, received_at=at, due_on=local_date(at) + timedelta(days=clock.value),
        rule_version=clock.version_id, purpose=purpose if kind == RequestKind.OBJECT else "",
    )  # fmt: skip
    if made.kind == RequestKind.OBJECT:
        use_suspend(request=made, actor=actor, at=at)
    record("registry.request.received", made, actor=actor, at=at, code=made.code, kind=str(RequestKind(kind).label))
    return made


@transaction.atomic
def request_decide(*, request_id: UUID, action: str, answer: str, actor: Actor, at: datetime) -> DataRequest:
    """Grant or refuse ("grant", "refuse"), or note that the person withdrew ("withdraw").

    A granted deletion is carried out at once, a granted objection ends the use at once; without being granted, the use
    goes on as before. A refusal says why (PIPL Art.50). Raises NotFound, NotAllowed, BadInput,
    UnableTo (what the law or open work still needs can't be deleted).
    """
    request = _for_update(request_id)
    require(policies.may_decide_request, actor, request)
    if action == "refuse" and len(answer.strip()) < SHORTEST:
        raise BadInput(fields={"answer": [_("A refusal says why, and where the person can complain.")]})
    before = request.state
    request.state = transition(REQUEST_TRANSITIONS, request.state, action)
    request.answer = answer.strip()
    request.decided_by_id, request.decided_at = actor.user_id, at
    if request.state == RequestState.GRANTED and request.kind == RequestKind.DELETE:
        kept = person_erase(resident_id=request.resident_id, actor=actor, at=at)
        request.kept = [one.as_json() for one in kept]
        request.state, request.finished_at = transition(REQUEST_TRANSITIONS, request.state, "finish"), at
    if request.kind == RequestKind.OBJECT and before == RequestState.RECEIVED:
        upheld = request.state == RequestState.GRANTED
        use_resolve(request=request, upheld=upheld, actor=actor, at=at)
        if upheld:
            request.state, request.finished_at = transition(REQUEST_TRANSITIONS, request.state, "finish"), at
    request.save()
    record("registry.request.decided", request, actor=actor, at=at, code=request.code,
           outcome=str(RequestState(request.state).label))  # fmt: skip
    return request


@transaction.atomic
def request_finish(*, request_id: UUID, actor: Actor, at: datetime) -> DataRequest:
    """What was granted has been done: the copy is handed over, the error corrected. Raises UnableTo for a correction
    that nobody has made."""
    request = _for_update(request_id)
    require(policies.may_write, actor, request)
    if request.kind == RequestKind.CORRECT and not request.changed:
        raise UnableTo(_("Nothing has been corrected yet. Correct it from this page, or refuse with a reason."))
    request.state, request.finished_at = transition(REQUEST_TRANSITIONS, request.state, "finish"), at
    request.save(update_fields=["state", "finished_at"])
    record("registry.request.finished", request, actor=actor, at=at, code=request.code)
    return request


@transaction.atomic
def correction_make(
    *, request_id: UUID, version: int, facts: PersonFacts, actor: Actor, at: datetime
) -> DataRequest:  # fmt: skip
    """Correct the person's facts as a granted request asks, in the way of every correction; the request keeps which of
    them have changed. Raises NotFound, NotAllowed, StalePage, UnableTo."""
    request = _correctable(request_id, actor)
    before = _columns(Resident.objects.get(id=request.resident_id), _PERSON)
    after = resident_change(resident_id=request.resident_id, version=version, facts=facts, actor=actor, at=at)
    return _corrected(request, _differing(before, _columns(after, _PERSON)), actor, at)


@transaction.atomic
def home_correction_make(
    *, request_id: UUID, version: int, facts: HouseholdFacts, actor: Actor, at: datetime
) -> DataRequest:  # fmt: skip
    """The same for address, income and number of the person's household."""
    request = _correctable(request_id, actor)
    home = Household.objects.get(residents=request.resident_id)
    before = _columns(home, _HOME)
    after = household_change(household_id=home.id, version=version, facts=facts, actor=actor, at=at)
    return _corrected(request, _differing(before, _columns(after, _HOME)), actor, at)


def _correctable(request_id: UUID, actor: Actor) -> DataRequest:
    request = _for_update(request_id)
    require(policies.may_write, actor, request)
    if request.kind != RequestKind.CORRECT or request.state != RequestState.GRANTED:
        raise UnableTo(_("Something is corrected when such a request has been granted."))
    return request


def _corrected(request: DataRequest, changed: list[str], actor: Actor, at: datetime) -> DataRequest:
    if not changed:
        raise UnableTo(_("Nothing is different from before."))
    request.changed = sorted({*request.changed, *changed})
    request.save(update_fields=["changed"])
    record("registry.request.corrected", request, actor=actor, at=at, code=request.code, fields=changed)
    return request


def _columns(row: models.Model, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _differing(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    return [name for name in before if before[name] != after[name]]


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
    known = ("format", "made_at", "made_by", "person", "household", "categories", "source", "consents", "who_looked")
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
        "consents_title": _("What you have agreed to, and what not"),
        "consents_head": [_("Use"), _("What they answered"), _("Said by"), _("Said on")],
        "consents": [
            [one["name"], one["answer"], one["said_by"], one["said_on"]] for one in held["consents"] if one["holds"]
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
