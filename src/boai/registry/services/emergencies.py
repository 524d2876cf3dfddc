"""Emergency responses: what is collected for one alone is destroyed when it has ended (PIPL Art.13, 19)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from boai.audit.services import record
from boai.kernel.clock import local_date, start_of_day
from boai.kernel.errors import BadInput, NotFound, UnableTo
from boai.kernel.policy import require
from boai.people.actor import Actor
from boai.regions.codes import contains
from boai.registry import policies
from boai.registry.enums import BUSY, EndReason
from boai.registry.models import Emergency, EmergencyTag, Household, Intake, Resident
from boai.registry.queries.households import household_get
from boai.registry.queries.intakes import originals_destroyed
from boai.registry.queries.keeping import emergency_households
from boai.registry.services.copies import intake_destroy, rows_destroy
from boai.registry.services.erasing import household_erase
from boai.registry.services.intakes import Division

SHORTEST = 2
REASON = "Emergency response ended"


@transaction.atomic
def emergency_open(*, region_code: str, name: str, started_on: date, actor: Actor, at: datetime) -> Emergency:
    """Open a response. Raises NotAllowed, BadInput (no name, a day in the future)."""
    require(policies.may_run_emergency, actor, Division(region_code))
    faults: dict[str, list[str]] = {}
    if len(name.strip()) < SHORTEST:
        faults["name"] = [_("Give the response a name, such as the day and the disaster.")]
    if started_on > local_date(at):
        faults["started_on"] = [_("This day lies in the future.")]
    if faults:
        raise BadInput(fields=faults)
    assert actor.user_id is not None, "people open responses"
    made = Emergency.objects.create(
        region_code=region_code, name=name.strip(), started_on=started_on, opened_by_id=actor.user_id, opened_at=at
    )
    record("registry.emergency.opened", made, actor=actor, at=at, name=made.name)
    return made


@transaction.atomic
def emergency_end(*, emergency_id: UUID, actor: Actor, at: datetime) -> Emergency:
    """End a response: after the rulebook's days the job destroys what was collected for it. Raises NotFound,
    NotAllowed, UnableTo (ended already)."""
    found = _for_update(emergency_id)
    require(policies.may_run_emergency, actor, found)
    if found.ended_at is not None:
        raise UnableTo(_("This response has ended already."))
    found.ended_by_id, found.ended_at = actor.user_id, at
    found.save(update_fields=["ended_by", "ended_at"])
    record("registry.emergency.ended", found, actor=actor, at=at, name=found.name)
    return found


@transaction.atomic
def household_tag(*, emergency_id: UUID, household_id: UUID, actor: Actor, at: datetime) -> EmergencyTag:
    """Say that a household was entered for a response alone. Raises NotFound, NotAllowed, UnableTo (it stood in the
    register before; it has been said already; the response has ended)."""
    found = _open(emergency_id, actor)
    household = household_get(household_id=household_id, actor=actor)
    require(policies.may_write, actor, household)
    if household.created_at < start_of_day(found.started_on):
        raise UnableTo(_("This household stood in the register before the response began; it is not deleted with it."))
    if not contains(found.region_code, household.region_code):
        raise UnableTo(_("This lies outside the division of the response."))
    return _tag(found, household.region_code, actor, at, household=household)


@transaction.atomic
def intake_tag(*, emergency_id: UUID, intake_id: UUID, actor: Actor, at: datetime) -> EmergencyTag:
    """Say that a file was uploaded for a response alone: its households go with it. Raises as `household_tag`."""
    found = _open(emergency_id, actor)
    intake = Intake.objects.select_for_update().filter(id=intake_id).first()
    if intake is None:
        raise NotFound
    require(policies.may_write, actor, intake)
    if intake.uploaded_at < start_of_day(found.started_on):
        raise UnableTo(_("This file was uploaded before the response began; its people are not deleted with it."))
    if not contains(found.region_code, intake.region_code):
        raise UnableTo(_("This lies outside the division of the response."))
    return _tag(found, intake.region_code, actor, at, intake=intake)


def emergencies_destroy(*, lo: str, hi: str, until: date, most: int, at: datetime) -> int:
    """Destroy some of what was collected for responses that ended up to a day; how many people and files. One batch,
    within the caller's transaction; 0 when there is nothing left tonight.

    Households of which a case still needs something stay, are counted, and are tried again the next night.
    """
    today = local_date(at)
    over = Emergency.objects.filter(region_code__range=(lo, hi), ended_at__lt=start_of_day(until + timedelta(days=1)))
    tonight = over.filter(destroyed_at__isnull=True).exclude(passed_on=today)
    done = 0
    while not done and (found := tonight.select_for_update().order_by("ended_at", "id").first()):
        homes = emergency_households(emergency_id=found.id).order_by("id")
        if found.reached is not None:
            homes = homes.filter(id__gt=found.reached)
        batch = list(homes.values_list("id", flat=True)[:most])
        done = _homes_destroy(found, batch, at) if batch else _pass_end(found, at)
    return done


def _homes_destroy(found: Emergency, batch: list[UUID], at: datetime) -> int:
    gone = 0
    for household_id in batch:
        try:
            with transaction.atomic():
                gone += household_erase(household_id=household_id, actor=Actor.system(), at=at, reason=REASON)
        except UnableTo:  # a case is under way: counted at the end of the pass
            continue
    found.reached, found.gone = batch[-1], found.gone + gone
    found.save(update_fields=["reached", "gone"])
    return gone


def _pass_end(found: Emergency, at: datetime) -> int:
    """Everybody has been looked at once: the files go, and the response is closed when nobody is left."""
    done = 0
    files = Intake.objects.filter(id__in=found.tags.filter(intake__isnull=False).values("intake_id"))
    for intake in files.select_for_update(of=("self",)).exclude(state__in=BUSY):
        rows_destroy(intake=intake)
        if not originals_destroyed(intake=intake):
            intake_destroy(intake=intake, actor=Actor.system(), at=at, reason=REASON)
            done += 1
    left = Resident.objects.filter(household__in=emergency_households(emergency_id=found.id))
    found.kept = left.exclude(end_reason=EndReason.ERASED).count()
    found.reached, found.passed_on = None, local_date(at)
    found.destroyed_at = None if found.kept else at
    found.save(update_fields=["kept", "reached", "passed_on", "destroyed_at"])
    record("registry.emergency.destroyed", found, actor=Actor.system(), at=at, name=found.name, people=found.gone,
           kept=found.kept)  # fmt: skip
    return done


def _open(emergency_id: UUID, actor: Actor) -> Emergency:
    found = _for_update(emergency_id)
    require(policies.may_run_emergency, actor, found)
    if found.ended_at is not None:
        raise UnableTo(_("This response has ended already."))
    return found


def _tag(
    found: Emergency, region_code: str, actor: Actor, at: datetime, *, household: Household | None = None,
    intake: Intake | None = None,
) -> EmergencyTag:  # fmt: skip
    assert actor.user_id is not None, "people say what was for a response"
    try:
        with transaction.atomic():
            tag = EmergencyTag.objects.create(
                emergency=found, region_code=region_code, household=household, intake=intake,
                tagged_by_id=actor.user_id, tagged_at=at,
            )  # fmt: skip
    except IntegrityError:
        raise UnableTo(_("This belongs to a response already.")) from None
    record("registry.emergency.tagged", tag, actor=actor, at=at, name=found.name)
    return tag


def _for_update(emergency_id: UUID) -> Emergency:
    found = Emergency.objects.select_for_update().filter(id=emergency_id).first()
    if found is None:
        raise NotFound
    return found
