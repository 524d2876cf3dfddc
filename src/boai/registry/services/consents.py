"""What a person says about the uses of their data: asked, agreed, refused, withdrawn. Works at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from boai.audit.services import record
from boai.files.enums import PAPERS
from boai.files.services import Upload, file_store
from boai.kernel.clock import local_date
from boai.kernel.errors import BadInput, NotFound, StalePage, UnableTo
from boai.kernel.policy import require
from boai.people.actor import Actor
from boai.registry import policies
from boai.registry.models import Consent, DataRequest, Resident
from boai.registry.purposes import ASKABLE, VERSIONS, Answer, Giver, Purpose, Way
from boai.registry.queries.consents import basis_of

SHORTEST = 2
_LOCK = 0x636F6E73  # "cons"


@dataclass(frozen=True)
class Said:
    """What was said: by whom, how, when. `name` is the guardian's or proxy's, with the relation; `version` is the date
    of the text that was shown."""

    version: date
    giver: str
    way: str
    said_on: date
    name: str = ""
    witness: str = ""


@transaction.atomic
def consent_record(
    *, resident_id: UUID, purpose: str, answer: str, said: Said, photo: Upload | None = None, actor: Actor, at: datetime
) -> Consent:  # fmt: skip
    """Write down that a person agreed or did not ("given", "refused"). The answer before it has ended.

    Raises NotFound, NotAllowed (also: somebody under 14 without a guardian), BadInput, StalePage (the text has changed
    since the page was shown), UnableTo (nobody is asked: the law decides).
    """
    resident = _for_update(resident_id)
    require(policies.may_write, actor, resident)
    if answer not in (Answer.GIVEN, Answer.REFUSED):
        raise BadInput(fields={"answer": [_("Choose whether the person agrees.")]})
    _check(resident, purpose, said, answer=answer, has_photo=photo is not None, at=at)
    if answer == Answer.GIVEN:
        require(policies.may_consent, actor, policies.Speaker(resident, said.giver, said.said_on))
    stored = None
    if photo is not None:
        stored = file_store(
            upload=photo, purpose="registry.consent", region_code=resident.region_code, actor=actor, at=at,
            allow=PAPERS, field="photo",
        )  # fmt: skip
    made = _answer(resident, purpose, answer, said, photo_id=stored.id if stored else None, actor=actor, at=at)
    record("registry.consent.recorded", resident, actor=actor, at=at, purpose=purpose, answer=str(answer),
           text=said.version.isoformat())  # fmt: skip
    return made


@transaction.atomic
def consent_withdraw(*, resident_id: UUID, purpose: str, said: Said, actor: Actor, at: datetime) -> Consent:
    """A person takes consent back (PIPL Art.15): from the next moment nobody who asks gets a yes. What was done before
    stays lawful. Needs no reason and no paper. Raises NotFound, NotAllowed, BadInput, UnableTo (the law decides, or a
    no holds already).
    """
    resident = _for_update(resident_id)
    require(policies.may_write, actor, resident)
    _check(resident, purpose, said, answer=Answer.WITHDRAWN, has_photo=False, at=at)
    before = _now(resident, purpose)
    if before is not None and before.answer in (Answer.REFUSED, Answer.WITHDRAWN):
        raise UnableTo(_("This person has said no to this already."))
    made = _answer(resident, purpose, Answer.WITHDRAWN, said, photo_id=None, actor=actor, at=at)
    record("registry.consent.withdrawn", resident, actor=actor, at=at, purpose=purpose)
    return made


def use_suspend(*, request: DataRequest, actor: Actor, at: datetime) -> Consent:
    """Within the receipt of an objection: the use stops until it is decided. Raises UnableTo where the law decides."""
    resident = _for_update(request.resident_id)
    _basis_asks(resident, request.purpose, at)
    said = Said(VERSIONS.get(Purpose(request.purpose), local_date(at)), Giver.PERSON, Way.SCREEN, local_date(at))
    return _answer(resident, request.purpose, Answer.SUSPENDED, said, request=request, actor=actor, at=at)


def use_resolve(*, request: DataRequest, upheld: bool, actor: Actor, at: datetime) -> Consent | None:
    """Within the decision of an objection: the use ends, or goes on as before. None when the person has said something
    newer meanwhile; that holds."""
    resident = _for_update(request.resident_id)
    current = _now(resident, request.purpose)
    if current is None or current.answer != Answer.SUSPENDED or current.request_id != request.id:
        return None
    said = Said(current.text_version, current.giver, current.way, current.said_on)
    if upheld:
        return _answer(resident, request.purpose, Answer.WITHDRAWN, said, request=request, actor=actor, at=at)
    before = Consent.objects.filter(
        resident=resident, purpose=request.purpose, id__lt=current.id
    ).exclude(answer=Answer.SUSPENDED).order_by("-id").first()  # fmt: skip
    if before is None:
        return _answer(resident, request.purpose, Answer.LIFTED, said, request=request, actor=actor, at=at)
    said = Said(before.text_version, before.giver, before.way, before.said_on, before.giver_name, before.witness)
    return _answer(
        resident, request.purpose, before.answer, said, photo_id=before.photo_id, request=request, actor=actor, at=at
    )  # fmt: skip


def answers_hold() -> None:
    """Until the end of the transaction no list begins to be written: what it would not see yet is on its way."""
    _lock(shared=True)


def answers_settle() -> None:
    """Wait, inside a transaction, until nobody is in the middle of writing down an answer. What is visible after that
    is everything up to the newest id; later answers get higher ones."""
    _lock(shared=False)


def _answer(
    resident: Resident, purpose: str, answer: str, said: Said, *, photo_id: UUID | None = None,
    request: DataRequest | None = None, actor: Actor, at: datetime,
) -> Consent:  # fmt: skip
    Consent.objects.filter(resident=resident, purpose=purpose, ended_at__isnull=True).update(ended_at=at)
    return Consent.objects.create(
        resident=resident, region_code=resident.region_code, purpose=purpose, answer=answer, text_version=said.version,
        giver=said.giver, giver_name=said.name, way=said.way, witness=said.witness, photo_id=photo_id,
        said_on=said.said_on, request=request, recorded_by_id=actor.user_id, recorded_at=at,
    )  # fmt: skip


def _check(
    resident: Resident, purpose: str, said: Said, *, answer: str, has_photo: bool, at: datetime
) -> None:  # fmt: skip
    if purpose not in VERSIONS:
        raise BadInput(fields={"purpose": [_("Choose a use from the list.")]})
    _basis_asks(resident, purpose, at)
    if answer == Answer.GIVEN and said.version != VERSIONS[Purpose(purpose)]:
        raise StalePage(_("The text of this question has changed since the page was shown. Read the new one out."))
    faults: dict[str, list[str]] = {}
    if said.giver not in Giver.values:
        faults["giver"] = [_("Say who speaks.")]
    if said.way not in Way.values:
        faults["way"] = [_("Say how it was said.")]
    if said.giver != Giver.PERSON and len(said.name.strip()) < SHORTEST:
        faults["name"] = [_("Name the guardian or the person with the authority, and the relation.")]
    if said.way == Way.PHONE and len(said.witness.strip()) < SHORTEST:
        faults["witness"] = [_("Name the colleague who listened.")]
    needs_photo = answer == Answer.GIVEN and (said.way == Way.PAPER or said.giver == Giver.PROXY)
    if needs_photo and not has_photo:
        faults["photo"] = [_("Add a photo of the signed paper or of the written authority.")]
    if said.said_on > local_date(at):
        faults["said_on"] = [_("This day lies in the future.")]
    if faults:
        raise BadInput(fields=faults)


def _basis_asks(resident: Resident, purpose: str, at: datetime) -> None:
    basis = basis_of(purpose, region_code=resident.region_code, on=local_date(at))
    if basis["basis"] not in ASKABLE:
        raise UnableTo(_("For this use nobody is asked: the law demands it. The page of uses says which law."))


def _now(resident: Resident, purpose: str) -> Consent | None:
    return Consent.objects.filter(resident=resident, purpose=purpose, ended_at__isnull=True).first()


def _for_update(resident_id: UUID) -> Resident:
    """The person under lock; before that the lock of answers, under which ids are drawn (see `answers_settle`). A
    deletion takes both in the same order."""
    answers_hold()
    found = Resident.objects.select_for_update().filter(id=resident_id).first()
    if found is None:
        raise NotFound
    if found.ended_on is not None and found.end_reason == "erased":
        raise UnableTo(_("What was held of this person has been deleted."))
    return found


def _lock(*, shared: bool) -> None:
    verb = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {verb}(%s)", [_LOCK])
