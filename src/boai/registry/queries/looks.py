"""Who looked at a household's sensitive facts, and what waits to be asked about."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from boai.kernel.clock import SHANGHAI
from boai.kernel.crypto import blinds
from boai.kernel.errors import NotFound
from boai.people.actor import Actor
from boai.people.queries import names
from boai.people.roles import ROLES
from boai.regions.queries import full_names
from boai.registry.enums import FlagState
from boai.registry.models import DeclaredRelative, Household, LookFlag, Resident, SensitiveLook, WatchedPerson
from boai.registry.models.people import NUMBER

REGISTER = "register"
MOST = 200


@dataclass(frozen=True)
class Look:
    """One look, in words."""

    at: datetime
    who: str
    role: str
    where: str
    reason: str


@dataclass(frozen=True)
class FlagView:
    """An unusual look with the looks of that day."""

    flag: LookFlag
    who: str
    answered_by: str
    household: Household | None
    head: str
    day: list[tuple[datetime, UUID, str, str]]
    """(when, household, where, reason) of everything the same person opened that day"""


def looks_of(*, household: Household) -> list[Look]:
    """Every look at a household and at its people where they lived before, newest first. Two queries."""
    return _looks(household.id, None)


def looks_of_person(*, resident: Resident) -> list[Look]:
    """Every look at one person, in whichever household it happened, newest first. Two queries."""
    return _looks(resident.household_id, resident.id)


def _looks(household_id: UUID, resident_id: UUID | None) -> list[Look]:
    rows = list(
        SensitiveLook.objects.raw(
            "SELECT * FROM registry_looks_of(%s, %s) ORDER BY at DESC, id DESC", [household_id, resident_id]
        )
    )
    hands = names({one.user_id for one in rows})
    return [Look(one.at, hands.get(one.user_id, ""), _role(one.role), where(one.place), one.reason) for one in rows]


# Whoever lives in the household now, and one of these people, on one day in one household, now or ever.
_TOGETHER = """
WITH stay AS (
    SELECT id, household_id, least(began, ended_on) AS began, coalesce(ended_on, 'infinity') AS until
    FROM (SELECT *, coalesce(since, (created_at AT TIME ZONE 'Asia/Shanghai')::date) AS began
          FROM registry_resident) AS r
    WHERE id = ANY(%(people)s) OR household_id = %(home)s
    UNION ALL
    SELECT m.resident_id, m.household_id, lower(m.during), upper(m.during) FROM registry_membership m
    WHERE m.resident_id = ANY(%(people)s) OR m.resident_id IN (
        SELECT id FROM registry_resident WHERE household_id = %(home)s AND ended_on IS NULL))
SELECT EXISTS (
    SELECT FROM stay AS mine JOIN stay AS theirs USING (household_id)
    JOIN registry_resident r ON r.id = theirs.id AND r.household_id = %(home)s AND r.ended_on IS NULL
    WHERE mine.id = ANY(%(people)s) AND mine.began <= theirs.until AND theirs.began <= mine.until)
"""


def lived_together(*, people: Collection[UUID], household_id: UUID) -> bool:
    """Did anybody who lives in the household now ever share a household with one of these people? By day."""
    if not people:
        return False
    with connection.cursor() as cursor:
        cursor.execute(_TOGETHER, {"people": list(people), "home": household_id})
        return bool((cursor.fetchone() or (False,))[0])


def where(place: str) -> str:
    """In which part of the work somebody looked."""
    return _("Register") if place == REGISTER else _("Case %(code)s") % {"code": place}


def looks_paper(*, household: Household, branch: str, at: datetime) -> dict[str, Any]:
    """What the printed answer to "who looked at us?" holds."""
    head = Resident.objects.filter(household=household, relation="head").order_by("ended_on").last()
    place = full_names([household.region_code]).get(household.region_code, household.region_code)
    rows = [[_moment(one.at), one.who, one.role, one.where, one.reason] for one in looks_of(household=household)]
    return {
        "title": _("Who looked at your sensitive facts"),
        "under": branch,
        "facts": [
            {"label": _("Head of household"), "value": head.name if head else ""},
            {"label": _("Household code"), "value": household.code},
            {"label": _("Village or community"), "value": place},
            {"label": _("As of"), "value": _moment(at)},
        ],
        "head": [_("When"), _("By whom"), _("Post"), _("In which work"), _("Reason given")],
        "rows": rows,
        "none": _("Nobody has opened your sensitive facts."),
        "note": _("This list is complete: the system shows sensitive facts to nobody without writing it down. "
                  "If you don't agree with a look, tell this branch or the one above it."),
    }  # fmt: skip


def flags_open(*, actor: Actor) -> QuerySet[LookFlag]:
    """What waits to be asked about in the actor's division, the oldest first."""
    return _flags(actor).filter(state=FlagState.OPEN).order_by("raised_at", "id")


def flags_answered(*, actor: Actor) -> QuerySet[LookFlag]:
    """What was answered, the newest first."""
    return _flags(actor).exclude(state=FlagState.OPEN).order_by("-answered_at", "-id")[:MOST]


def flag_view(*, flag_id: UUID, actor: Actor) -> FlagView:
    """One flag and the day around it. Raises NotFound."""
    flag = _flags(actor).filter(id=flag_id).select_related("look", "answered_by").first()
    if flag is None:
        raise NotFound
    day = SensitiveLook.objects.filter(
        user_id=flag.user_id, at__date=flag.day, region_code__range=(actor.scope.lo, actor.scope.hi)
    ).order_by("at", "id")[:MOST]
    household = Household.objects.filter(id=flag.look.household_id).first()
    head = Resident.objects.filter(household_id=flag.look.household_id, relation="head").order_by("ended_on").last()
    return FlagView(
        flag, flag.user.name, flag.answered_by.name if flag.answered_by else "", household, head.name if head else "",
        [(one.at, one.household_id, where(one.place), one.reason) for one in day],
    )  # fmt: skip


def watched(*, actor: Actor) -> QuerySet[WatchedPerson]:
    """The watch list of the actor's division, by name."""
    reach = (actor.scope.lo, actor.scope.hi)
    return (
        WatchedPerson.objects.filter(region_code__range=reach, ended_at__isnull=True)
        .select_related("added_by")
        .order_by("name", "id")
    )


def relatives(*, actor: Actor) -> QuerySet[DeclaredRelative]:
    """Whom the actor declared, by name. Nobody sees another one's."""
    if actor.user_id is None:
        return DeclaredRelative.objects.none()
    mine = DeclaredRelative.objects.filter(user_id=actor.user_id, ended_at__isnull=True)
    return mine.defer("number").order_by("name", "id")


def is_declared(*, user_id: UUID, household_id: UUID) -> bool:
    """Does somebody live in the household whom the user declared? By number, or by name where none was given."""
    here = Resident.objects.filter(household_id=household_id, ended_on__isnull=True)
    declared = list(DeclaredRelative.objects.filter(user_id=user_id, ended_at__isnull=True))
    numbers = [blind for one in declared if one.number for blind in blinds(one.number, NUMBER)]
    whole_names = [one.name for one in declared if not one.number]
    return here.filter(Q(number_blind__in=numbers) | Q(name__in=whole_names)).exists()


def _flags(actor: Actor) -> QuerySet[LookFlag]:
    return LookFlag.objects.filter(region_code__range=(actor.scope.lo, actor.scope.hi)).select_related("user")


def _role(code: str) -> str:
    return str(ROLES[code].name) if code in ROLES else code


def _moment(at: datetime) -> str:
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
