"""核查: two visitors fill in a sheet, the score advises, the household is frozen as it is today."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import rfc8785
from django.db import transaction
from django.utils.translation import gettext as _

from boai.files.services import Upload, file_store
from boai.kernel.clock import local_date
from boai.kernel.errors import BadInput, UnableTo
from boai.kernel.policy import require
from boai.people.actor import Actor
from boai.relief import policies
from boai.relief import rules as rulebook
from boai.relief.enums import Action, State
from boai.relief.models import Case, Paper, Photo, Snapshot, Visit
from boai.relief.queries.register import household_facts
from boai.relief.rules import Rules
from boai.relief.score import Facts, Score, advised_amount, score
from boai.relief.services.core import case_lock, move, rules_for, version_check

PHOTO_PURPOSE = "relief-photo"


@dataclass(frozen=True)
class Sheet:
    """A visit sheet as filled in. Money in fen. `second_id` for staff, else `second_name` of the village's visitor."""

    visited_on: date
    method: str
    second_id: UUID | None
    second_name: str
    second_office: str
    members: int
    dependants: int
    income_fen: int
    cost_total_fen: int
    cost_own_fen: int
    disability_grade: int
    dwelling: str
    severity: str
    prior_help_fen: int
    findings: str
    neighbours: str
    fit: bool
    proposed_fen: int | None
    override_reason: str = ""
    latitude: str | None = None
    longitude: str | None = None


@dataclass(frozen=True)
class Advice:
    """What the score says, and the amount it leads to in the band of the household's costs."""

    score: Score
    band: rulebook.Band | None
    amount_fen: int | None


def advise(sheet: Sheet, *, kind: str, rules: Rules) -> Advice:
    """The score of a sheet and the amount it advises. No amount where the costs fall below every band."""
    facts = Facts(
        sheet.members, sheet.dependants, sheet.income_fen, sheet.cost_total_fen, sheet.cost_own_fen,
        sheet.disability_grade, sheet.dwelling, sheet.severity, sheet.prior_help_fen,
    )  # fmt: skip
    found = score(facts, rulebook.weights(rules))
    band = rulebook.band_for(rules, kind=kind, cost_own_fen=sheet.cost_own_fen)
    amount = (
        advised_amount(score=found.score, least_fen=band.least_fen, most_fen=band.most_fen)
        if band is not None
        else None
    )
    return Advice(found, band, amount)


@transaction.atomic
def case_verify(
    *, case_id: UUID, sheet: Sheet, photos: Sequence[Upload] = (), actor: Actor, at: datetime,
    version: int | None = None,
) -> Case:  # fmt: skip
    """Record the visit, freeze the household, and hand the case to the panel.

    Not fit: straight to who decides, who alone may refuse; after an emergency payment: to reclaim it. Raises UnableTo
    when the case has no household in the register or papers of an emergency are still missing.
    """
    case = case_lock(case_id)
    after_payment = case.state == State.COMPLETING
    action = Action.VERIFY if sheet.fit else Action.FIND_UNFIT
    version_check(case, version=version, action=action, actor=actor)
    require(policies.may(action), actor, case)
    if case.household_id is None:
        raise UnableTo(_("Link the case to its household in the register first: the decision rests on it."))
    missing = Paper.objects.filter(case=case, required=True, received_at=None).count() if after_payment else 0
    if missing and sheet.fit:
        raise UnableTo(_("The papers of this emergency case are not complete yet."))
    rules = rules_for(case, at=at)
    advice = advise(sheet, kind=case.programme.kind, rules=rules)
    _check(case, sheet, advice, actor=actor, on=local_date(at))
    case.verified_by_id, case.verified_with_id = actor.user_id, sheet.second_id
    if not after_payment:
        case.advised_fen = advice.amount_fen if sheet.fit else None
        case.proposed_fen = sheet.proposed_fen if sheet.fit else None
        case.panel_passed, case.notice_clear = None, False
        case.level = rulebook.level_for(rules, amount_fen=sheet.proposed_fen or case.requested_fen)
    facts = {"score": advice.score.score, "advised_fen": advice.amount_fen, "proposed_fen": sheet.proposed_fen}
    # What was found stays sealed on the sheet; history and log carry the reason alone.
    move(case, action, actor=actor, at=at, rules=rules, note=sheet.override_reason, facts=facts)
    visit = _visit_create(case, sheet, advice, rules=rules, actor=actor, at=at)
    snapshot_take(case, at=at)
    for upload in photos:
        stored = file_store(upload=upload, purpose=PHOTO_PURPOSE, region_code=case.region_code, actor=actor, at=at)
        Photo.objects.create(visit=visit, region_code=case.region_code, file_id=stored.id)
    return case


def _check(case: Case, sheet: Sheet, advice: Advice, *, actor: Actor, on: date) -> None:
    faults: dict[str, list[str]] = {}
    if sheet.second_id is None and not sheet.second_name.strip():
        faults["second_name"] = [_("Two people visit together: name the second visitor.")]
    if sheet.second_id == actor.user_id:
        faults["second_id"] = [_("The second visitor must be somebody else.")]
    if sheet.second_id in {case.created_by_id, case.accepted_by_id} - {None}:
        faults["second_id"] = [
            _("Who entered or accepted the application can't verify it. Name another second visitor.")
        ]
    if sheet.visited_on > on:
        faults["visited_on"] = [_("The visit can't lie in the future.")]
    if sheet.dependants > sheet.members:
        faults["dependants"] = [_("There can't be more of them than members of the household.")]
    if sheet.cost_own_fen > sheet.cost_total_fen:
        faults["cost_own_fen"] = [_("The household can't bear more than the costs in all.")]
    if sheet.fit and not sheet.proposed_fen:
        faults["proposed_fen"] = [_("Propose an amount.")]
    if sheet.fit and sheet.proposed_fen and advice.band and sheet.proposed_fen > advice.band.most_fen:
        faults["proposed_fen"] = [_("This is more than the programme gives for these costs.")]
    if sheet.fit and sheet.proposed_fen != advice.amount_fen and not sheet.override_reason.strip():
        faults["override_reason"] = [_("You propose another amount than the score advises. Say why.")]
    if not sheet.fit and not sheet.override_reason.strip():
        faults["override_reason"] = [_("Say which condition is not met; leave illness to the sheet.")]
    if not sheet.findings.strip():
        faults["findings"] = [_("Write down what you found.")]
    if faults:
        raise BadInput(fields=faults)


def _visit_create(case: Case, sheet: Sheet, advice: Advice, *, rules: Rules, actor: Actor, at: datetime) -> Visit:
    assert actor.user_id is not None, "policies let only staff verify"
    return Visit.objects.create(
        case=case, region_code=case.region_code, version=case.version, visited_on=sheet.visited_on,
        method=sheet.method, first_id=actor.user_id, second_id=sheet.second_id, second_name=sheet.second_name,
        second_office=sheet.second_office, members=sheet.members, dependants=sheet.dependants,
        income_fen=sheet.income_fen, cost_total_fen=sheet.cost_total_fen, cost_own_fen=sheet.cost_own_fen,
        disability_grade=sheet.disability_grade, dwelling=sheet.dwelling, severity=sheet.severity,
        prior_help_fen=sheet.prior_help_fen, findings=sheet.findings, neighbours=sheet.neighbours,
        latitude=sheet.latitude, longitude=sheet.longitude, fit=sheet.fit,
        proposed_fen=sheet.proposed_fen if sheet.fit else None, score=advice.score.score,
        score_lines=advice.score.as_json(), score_rule=rules.versions["relief.score"],
        advised_fen=advice.amount_fen if sheet.fit else None, override_reason=sheet.override_reason, at=at,
    )  # fmt: skip


def snapshot_take(case: Case, *, at: datetime) -> Snapshot:
    """Freeze the household as the register shows it now."""
    assert case.household_id is not None, "verified cases have a household"
    facts, personal = household_facts(case.household_id, on=local_date(at))
    return Snapshot.objects.create(
        case=case, region_code=case.region_code, version=case.version, taken_at=at, facts=facts,
        sealed=rfc8785.dumps(personal).decode(), digest=snapshot_digest(facts, personal),
    )  # fmt: skip


def snapshot_digest(facts: Mapping[str, Any], personal: Mapping[str, Any]) -> bytes:
    """SHA-256 of {"facts": …, "personal": …} in canonical JSON (RFC 8785)."""
    return hashlib.sha256(rfc8785.dumps({"facts": dict(facts), "personal": dict(personal)})).digest()
