"""Writing down who looked, asking about what is unusual, telling the person.

A look is written in the transaction that shows the facts; what is unusual about it is found by a job, which sees the
whole county: the watch list and the register may lie above the village of whoever looked.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from boai.audit.services import record
from boai.kernel.clock import SHANGHAI, local_date, start_of_day
from boai.kernel.crypto import blinds, seal
from boai.kernel.errors import BadInput, NotFound, UnableTo
from boai.kernel.policy import require
from boai.kernel.print import render_pdf
from boai.kernel.transition import transition
from boai.kernel.workdays import is_working_day
from boai.messages.recipients import Recipient
from boai.messages.services import message_send
from boai.people.actor import Actor
from boai.people.models import User
from boai.people.queries import holders
from boai.people.roles import Duty
from boai.regions.codes import COUNTY, ancestor, path, span
from boai.registry import letters, policies
from boai.registry.enums import FLAG_TRANSITIONS, FlagKind, FlagState
from boai.registry.models import Household, LookFlag, Resident, SensitiveLook, WatchedPerson
from boai.registry.models.looks import LOOK
from boai.registry.models.people import PHONE
from boai.registry.queries.households import household_get
from boai.registry.queries.looks import is_declared, lived_together, looks_paper
from boai.registry.services.intakes import Division
from boai.rulebook.queries import rule

CHECK_LOOK = "registry.look_check"
REGISTER = "register"
SHORTEST_ANSWER = 4


def look_note(*, household: Household, reason: str, actor: Actor, at: datetime, place: str = REGISTER) -> None:
    """Write down, within the caller's transaction, that an actor opened sealed facts; its check is queued."""
    if actor.user_id is None:
        return
    look = SensitiveLook.objects.create(
        region_code=household.region_code, household=household, user_id=actor.user_id, role=actor.role, place=place,
        reason=reason, at=at,
    )  # fmt: skip
    app.configure_task(CHECK_LOOK).defer(look_id=str(look.id))


def look_reword(*, look_id: UUID, reason: str) -> None:
    """Take the name of somebody who is deleted out of a look's reason; nothing else of a look can be changed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT registry_look_reword(%s, %s)", [look_id, seal(reason, LOOK) if reason else b""])


def looks_forget(*, look_ids: list[UUID], before: datetime) -> int:
    """Delete looks whose time is over, with the questions that were asked about them; how many."""
    LookFlag.objects.filter(look_id__in=look_ids).delete()
    with connection.cursor() as cursor:
        cursor.execute("SELECT registry_looks_forget(%s, %s)", [look_ids, before])
        (gone,) = cursor.fetchone() or (0,)
    return int(gone)


@transaction.atomic
def look_check(*, look_id: UUID, at: datetime) -> list[LookFlag]:
    """Raise a flag for everything that is unusual about a look; the supervisors learn of each. Harmless twice."""
    look = SensitiveLook.objects.select_related("user").get(id=look_id)
    rules = rule("register.looks", region_code=look.region_code, on=local_date(look.at)).value
    day = local_date(look.at)
    that_day = SensitiveLook.objects.filter(user_id=look.user_id, at__gte=start_of_day(day), at__lte=look.at).count()
    found = []
    if that_day > rules["per_day"]:
        found.append((FlagKind.VOLUME, ""))
    local = look.at.astimezone(SHANGHAI)
    if not is_working_day(day) or not rules["from_hour"] <= local.hour < rules["to_hour"]:
        found.append((FlagKind.HOURS, ""))
    if _is_own(look):
        found.append((FlagKind.OWN, str(look.household_id)))
    if _is_watched(look):
        found.append((FlagKind.WATCHED, str(look.household_id)))
    return [flag for kind, about in found if (flag := _raise(look, kind, about, that_day, at)) is not None]


@transaction.atomic
def flag_answer(*, flag_id: UUID, action: str, words: str, actor: Actor, at: datetime) -> LookFlag:
    """Write down what came of asking. Raises NotFound, NotAllowed (one's own look), BadInput, UnableTo."""
    flag = LookFlag.objects.select_for_update().filter(id=flag_id).first()
    if flag is None:
        raise NotFound
    require(policies.may_answer_flag, actor, flag)
    if len(words.strip()) < SHORTEST_ANSWER:
        raise BadInput(fields={"words": [_("Write down what the person said and what you found.")]})
    flag.state = transition(FLAG_TRANSITIONS, flag.state, action)
    flag.words, flag.answered_by_id, flag.answered_at = words.strip(), actor.user_id, at
    flag.save(update_fields=["state", "words", "answered_by", "answered_at"])
    record("registry.look.answered", flag, actor=actor, at=at, outcome=str(FlagState(flag.state).label))
    return flag


@transaction.atomic
def watched_add(*, name: str, note: str, actor: Actor, at: datetime) -> WatchedPerson:
    """Put a name on the watch list of the actor's division. Raises NotAllowed, UnableTo (stands there already)."""
    require(policies.may_watch, actor, Division(actor.region_code))
    assert actor.user_id is not None, "only people have that duty"
    try:
        with transaction.atomic():
            person = WatchedPerson.objects.create(
                region_code=actor.region_code, name=name, note=note, added_by_id=actor.user_id, added_at=at
            )
    except IntegrityError:
        raise UnableTo(_("This name is on the list already.")) from None
    record("registry.watched.added", person, actor=actor, at=at)
    return person


@transaction.atomic
def watched_end(*, person_id: UUID, actor: Actor, at: datetime) -> None:
    """Take a name off the watch list. Raises NotFound, NotAllowed; nothing happens the second time."""
    person = WatchedPerson.objects.select_for_update().filter(id=person_id).first()
    if person is None:
        raise NotFound
    require(policies.may_watch, actor, person)
    if person.ended_at is None:
        person.ended_at = at
        person.save(update_fields=["ended_at"])
        record("registry.watched.ended", person, actor=actor, at=at)


@transaction.atomic
def looks_tell(*, household_id: UUID, actor: Actor, at: datetime) -> bytes:
    """The paper that tells a household who looked (PDF); leaves a mark. Raises NotFound, NotAllowed."""
    household = household_get(household_id=household_id, actor=actor)
    require(policies.may_tell_looks, actor, household)
    paper = looks_paper(household=household, branch=actor.branch_name, at=at)
    record("registry.looks.told", household, actor=actor, at=at, looks=len(paper["rows"]))
    return render_pdf("registry/looks", paper, at=at)


def _is_own(look: SensitiveLook) -> bool:
    """Is it the household of whoever looked, or of somebody who ever lived with them, or whom they declared?

    Who looked is known by their work phone, or by a name that only one person of the county has; in the household that
    was looked at a member of the same name is enough.
    """
    user: User = look.user
    here = Resident.objects.filter(household_id=look.household_id, ended_on__isnull=True)
    phone = Q(phone_blind__in=blinds(user.phone, PHONE)) if user.phone else Q(pk__in=[])
    if here.filter(phone | Q(name=user.name)).exists() or is_declared(user_id=user.id, household_id=look.household_id):
        return True
    county = Resident.objects.filter(region_code__range=span(ancestor(look.region_code, COUNTY)))
    namesakes = list(county.filter(name=user.name, ended_on__isnull=True).values_list("id", flat=True)[:2])
    mine = {*county.filter(phone).values_list("id", flat=True), *(namesakes if len(namesakes) == 1 else [])}
    return lived_together(people=mine, household_id=look.household_id)


def _is_watched(look: SensitiveLook) -> bool:
    here = Resident.objects.filter(household_id=look.household_id, ended_on__isnull=True).values("name")
    watching = WatchedPerson.objects.filter(ended_at__isnull=True, region_code__in=path(look.region_code))
    return watching.filter(name__in=here).exists()


def _raise(look: SensitiveLook, kind: FlagKind, about: str, looks: int, at: datetime) -> LookFlag | None:
    """A new flag, told to the supervisors; None when the day has it already."""
    flag, new = LookFlag.objects.get_or_create(
        user_id=look.user_id, kind=kind, day=local_date(look.at), about=about,
        defaults={"region_code": look.region_code, "look": look, "looks": looks, "raised_at": at},
    )  # fmt: skip
    if not new:
        return None
    record("registry.look.flagged", flag, actor=Actor.system(), at=at, kind=str(kind.label))
    words = {"who": look.user.name, "day": flag.day.isoformat(), "what": str(kind.label), "id": str(flag.id)}
    for user_id in _supervisors(look, at):
        message_send(
            to=Recipient(user_id=user_id), template=letters.FLAGGED, context=words,
            key=f"{letters.FLAGGED}:{flag.id}:{user_id}", region_code=look.region_code, at=at,
        )  # fmt: skip
    return flag


def _supervisors(look: SensitiveLook, at: datetime) -> set[UUID]:
    """Who asks: supervisors on the way up; where there are none, whoever may read the log. Never the one who looked."""
    posts = holders(Duty.AUDIT_READ, region_code=look.region_code, on=local_date(at)).exclude(user_id=look.user_id)
    found = {post.user_id: post.role for post in posts}
    supervisors = {user_id for user_id, role in found.items() if role == "supervisor"}
    return supervisors or set(found)
