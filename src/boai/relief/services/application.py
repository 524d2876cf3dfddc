"""申请: an application comes in, from the desk or through the open door."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from boai.files.services import Upload
from boai.governance.services.once import taken
from boai.kernel.clock import age_on, local_date
from boai.kernel.crypto import blind, blinds
from boai.kernel.errors import BadInput
from boai.kernel.ids import new_id
from boai.kernel.policy import require
from boai.people.actor import Actor
from boai.regions.codes import contains
from boai.registry.models import Resident
from boai.registry.models.people import NUMBER as PERSON_NUMBER
from boai.registry.queries.households import resident_by_number
from boai.relief import policies, queries
from boai.relief.enums import Action, ApplicantKind, Channel, PayeeKind
from boai.relief.errors import AlreadyDone
from boai.relief.models import Application, Case, Door, Paper, Programme
from boai.relief.queries.given import help_lately, help_sentence, whose_case
from boai.relief.rules import Rules, papers_needed
from boai.relief.services.core import move
from boai.relief.services.papers import papers_take

ADULT = 18


@dataclass(frozen=True)
class Applied:
    """What was said when applying, already parsed and in canonical form. Money in fen."""

    programme_id: UUID
    region_code: str
    applicant_kind: str
    beneficiary_name: str
    cause: str
    story: str
    requested_fen: int
    phone: str
    applicant_name: str = ""
    applicant_relation: str = ""
    id_number: str = ""
    born_on: date | None = None
    guardian_name: str = ""
    address: str = ""
    cause_on: date | None = None
    diagnosis: str = ""
    hospital: str = ""
    cost_total_fen: int = 0
    cost_insurance_fen: int = 0
    cost_other_fen: int = 0
    payee_kind: str = PayeeKind.BENEFICIARY
    account: str = ""
    bank: str = ""
    household_id: UUID | None = None
    resident_id: UUID | None = None
    no_id_reason: str = ""
    consent_keep: bool = False
    consent_sensitive: bool = False
    consent_publish: bool = False
    consent_compare: bool = False


@transaction.atomic
def case_submit(
    *, data: Applied, channel: str, actor: Actor, at: datetime, papers: Collection[str] = (),
    uploads: Sequence[tuple[str, Upload]] = (), key: UUID | None = None, despite: str | None = None,
) -> Case:  # fmt: skip
    """Take in an application. `papers` are the kinds that came on paper, `uploads` photos or scans with their kind.

    From the open door call it as `Actor.public()` under the scope of the village.

    What the household received within the waiting time between two grants is written into the case's history. A member
    of staff is told at once: then `despite` has to say why the application is taken in all the same. None: nobody could
    be asked (the open door, where it must not be told what somebody else received).

    `key` makes a second click harmless: it becomes the id of the case. Raises BadInput (no consent, a minor without a
    guardian, a place outside the programme), NotAllowed, and AlreadyDone when the key has been used.
    """
    programme = _open_programme(data, on=local_date(at))
    minor = data.born_on is not None and age_on(data.born_on, local_date(at)) < ADULT
    _check(data, programme, minor=minor)
    rules = Rules(region_code=data.region_code, on=local_date(at))
    known = _known(data)
    case = Case(
        id=key or new_id(), region_code=data.region_code, branch=programme.branch, programme=programme,
        household_id=known.household_id if known else data.household_id,
        resident_id=known.id if known else data.resident_id, beneficiary_name=data.beneficiary_name, cause=data.cause,
        cause_on=data.cause_on, person_blind=person_blind(data.id_number), requested_fen=data.requested_fen,
        created_at=at, created_by_id=actor.user_id, since=at,
    )  # fmt: skip
    wanted = papers_needed(rules, kind=programme.kind, applicant_kind=data.applicant_kind, minor=minor)
    require(policies.may(Action.SUBMIT), actor, case)
    _once(case)
    facts = {
        "channel": channel,
        "programme": programme.name,
        **_lately(case, data, rules=rules, at=at, despite=despite),
    }
    move(case, Action.SUBMIT, actor=actor, at=at, rules=rules, note=(despite or "").strip(), facts=facts)
    _application_create(case, data, channel=channel, minor=minor, at=at)
    Paper.objects.bulk_create(
        Paper(case=case, region_code=case.region_code, kind=kind, required=True) for kind in wanted
    )
    papers_take(case, papers, uploads=uploads, actor=actor, at=at)
    Door.objects.create(blind=queries.code_blind(case.code), region_code=case.region_code)
    return case


def _lately(case: Case, data: Applied, *, rules: Rules, at: datetime, despite: str | None) -> dict[str, Any]:
    """Help within the waiting time, for the history. Raises BadInput when somebody could have said why, and did not."""
    marks = blinds(data.id_number, PERSON_NUMBER) if data.id_number else []
    asked = whose_case(household_id=case.household_id, resident_id=case.resident_id, person_blinds=marks)
    found = help_lately(asked=asked, rules=rules, on=local_date(at))
    if found and despite is not None and not despite.strip():
        said = [_("This household has received help lately. Say why the application is taken in all the same:")]
        raise BadInput(fields={"despite": [*said, *(help_sentence(one) for one in found)]})
    return {"help_lately": [one.reference or one.programme for one in found]} if found else {}


def _once(case: Case) -> None:
    if taken(Case, case.id):
        raise AlreadyDone(_("This is already done; nothing was done twice."))


def person_blind(id_number: str) -> bytes | None:
    """The keyed fingerprint by which a person is found again; None without a number."""
    return blind(id_number, PERSON_NUMBER) if id_number else None


def _known(data: Applied) -> Resident | None:
    """The person in the register, by the ID number, unless a household was chosen."""
    if data.household_id is not None or not data.id_number:
        return None
    return resident_by_number(number=data.id_number)


def _open_programme(data: Applied, *, on: date) -> Programme:
    programme = queries.programmes_open(region_code=data.region_code, on=on).filter(id=data.programme_id).first()
    if programme is None:
        raise BadInput(fields={"programme": [_("This programme is not open for this place today. Choose another.")]})
    return programme


def _check(data: Applied, programme: Programme, *, minor: bool) -> None:
    faults: dict[str, list[str]] = {}
    if not contains(programme.branch.region_code, data.region_code):
        faults["region_code"] = [_("This place is outside the division of the branch that runs the programme.")]
    if minor and not data.guardian_name:
        faults["guardian_name"] = [_("The person in need is under 18: name the guardian.")]
    if data.applicant_kind == ApplicantKind.GUARDIAN and not data.guardian_name:
        faults["guardian_name"] = [_("Name the guardian.")]
    if data.payee_kind == PayeeKind.GUARDIAN and not data.guardian_name:
        faults["payee_kind"] = [_("The account can only be the guardian's when there is a guardian.")]
    if data.cost_insurance_fen + data.cost_other_fen > data.cost_total_fen:
        faults["cost_total_fen"] = [_("Insurance and other help together are more than the costs in all.")]
    if not (data.consent_keep and data.consent_sensitive):
        faults["consent_keep"] = [_("Without this consent the application cannot be kept or handled.")]
    if faults:
        raise BadInput(fields=faults)


def _application_create(case: Case, data: Applied, *, channel: str, minor: bool, at: datetime) -> Application:
    own = data.applicant_kind == ApplicantKind.SELF
    return Application.objects.create(
        case=case, region_code=case.region_code, channel=channel, applicant_kind=data.applicant_kind,
        applicant_name=data.beneficiary_name if own else data.applicant_name or data.guardian_name,
        applicant_relation=data.applicant_relation, phone=data.phone, id_number=data.id_number,
        id_last4=data.id_number[-4:], born_on=data.born_on, minor=minor, guardian_name=data.guardian_name,
        address=data.address, story=data.story, diagnosis=data.diagnosis, hospital=data.hospital,
        cost_total_fen=data.cost_total_fen, cost_insurance_fen=data.cost_insurance_fen,
        cost_other_fen=data.cost_other_fen, payee_kind=data.payee_kind,
        payee_name=data.guardian_name if data.payee_kind == PayeeKind.GUARDIAN else data.beneficiary_name,
        account=data.account, account_last4=data.account[-4:], bank=data.bank,
        no_id_reason=data.no_id_reason, consent_keep_at=at if data.consent_keep else None,
        consent_sensitive_at=at if data.consent_sensitive else None,
        consent_publish_at=at if data.consent_publish else None,
        consent_compare_at=at if data.consent_compare else None,
    )  # fmt: skip


def channel_of(actor: Actor, *, applicant_kind: str) -> str:
    """How an application came, from who enters it."""
    if actor.user_id is None:
        return Channel.PORTAL
    return Channel.FOUND if applicant_kind == ApplicantKind.VILLAGE else Channel.DESK
