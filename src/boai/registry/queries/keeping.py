"""What has had its time, what the nights destroyed, what waits for a word, and which responses there are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Exists, Min, OuterRef, QuerySet

from boai.kernel.clock import local_date, start_of_day
from boai.kernel.errors import NotFound
from boai.people.actor import Actor
from boai.regions.queries import full_names
from boai.registry.enums import REQUEST_OPEN, ExportState, IntakeKind, IntakeState
from boai.registry.help import Whose, help_of
from boai.registry.models import (
    DataRequest,
    Emergency,
    EmergencyTag,
    Household,
    Intake,
    IntakeFile,
    RegisterExport,
    Resident,
    RetentionCount,
    RetentionProposal,
    RetentionRun,
    SensitiveLook,
)
from boai.registry.purposes import IN_YEARS, RULE_KEYS, KeepRule, ProposalState
from boai.rulebook.enums import Confidence
from boai.rulebook.queries import Rule, rule, rules

MOST = 100
_IDLE = """
SELECT h.id, h.region_code FROM registry_household h
WHERE h.region_code BETWEEN %(lo)s AND %(hi)s AND h.changed_at < %(until)s
  AND coalesce(h.ended_on, '-infinity') < %(until)s
  AND NOT EXISTS (SELECT FROM registry_resident r WHERE r.household_id = h.id AND r.changed_at >= %(until)s)
  AND EXISTS (SELECT FROM registry_resident r WHERE r.household_id = h.id AND r.end_reason <> 'erased')
  AND (h.ended_on IS NOT NULL OR NOT EXISTS (
        SELECT FROM registry_resident r JOIN registry_categoryentry c ON c.resident_id = r.id
        WHERE r.household_id = h.id AND (c.valid_to IS NULL OR c.valid_to >= %(until)s)))
  AND NOT EXISTS (SELECT FROM registry_retentionproposal p WHERE p.household_id = h.id
                  AND (p.state = 'proposed' OR p.state = 'kept' AND p.decided_at >= %(until)s))
  AND h.id > %(after)s
ORDER BY h.id LIMIT %(most)s"""
_FIRST = UUID(int=0)


@dataclass(frozen=True)
class RuleLine:
    """A rule of keeping as the page tells it."""

    label: str
    title: str
    time: str
    help: str
    source: str
    confidence: str
    due: date | None
    """the day from which the next of the reader's division goes; None when nothing waits"""


@dataclass(frozen=True)
class Night:
    """What one night destroyed in the reader's division."""

    at: datetime
    lines: list[tuple[str, str, int]]
    """(sort, place, how many)"""


@dataclass(frozen=True)
class ProposalRow:
    """A household that waits for a word."""

    proposal: RetentionProposal
    head: str
    place: str
    last_changed: datetime | None
    closed: bool


def households_idle(*, lo: str, hi: str, until: date, most: int) -> list[tuple[UUID, str]]:
    """Households of a county without a category, help or change since a day, or closed before it; at most so many."""
    found: list[tuple[UUID, str]] = []
    after = _FIRST
    while len(found) < most:
        with connection.cursor() as cursor:
            cursor.execute(_IDLE, {"lo": lo, "hi": hi, "until": until, "after": after, "most": most})
            rows = cursor.fetchall()
        found += [(key, place) for key, place in rows if not _helped(key, until)]
        if len(rows) < most:
            break
        after = rows[-1][0]
    return found[:most]


def _helped(household_id: UUID, since: date) -> bool:
    numbered = Resident.objects.filter(household_id=household_id, number_blind__isnull=False)
    blinds = frozenset(bytes(one) for one in numbered.values_list("number_blind", flat=True) if one is not None)
    whose = Whose(frozenset([household_id]), blinds)
    return bool(help_of(whose, since=since))


def keep_rules(*, actor: Actor, on: date) -> list[RuleLine]:
    """The rules of keeping as they hold for the actor's division, with what is due next. One query, and one a rule."""
    found = rules(RULE_KEYS.values(), region_code=actor.region_code, on=on)
    oldest = _oldest(actor)
    return [
        RuleLine(
            str(KeepRule(name).label), str(found[key].about.title), "、".join(found[key].lines),
            str(found[key].about.help), found[key].source, str(Confidence(found[key].confidence).label),
            _due(name, oldest.get(name), found[key]),
        )
        for name, key in RULE_KEYS.items()
    ]  # fmt: skip


def _oldest(actor: Actor) -> dict[str, datetime | None]:
    """Since when the oldest of each sort waits."""
    reach = {"region_code__range": (actor.scope.lo, actor.scope.hi)}
    original = IntakeFile.objects.filter(intake_id=OuterRef("pk"), stored__erased_at__isnull=True)
    files = Intake.objects.filter(Exists(original), **reach)
    resting = (IntakeState.CHECKED, IntakeState.FAILED, IntakeState.CANCELLED)
    over = Emergency.objects.filter(**reach, ended_at__isnull=False, destroyed_at__isnull=True)
    closed = DataRequest.objects.filter(**reach, emptied_at__isnull=True).exclude(state__in=REQUEST_OPEN)
    asked: dict[str, tuple[QuerySet[Any], str]] = {
        KeepRule.INTAKES: (files.filter(state=IntakeState.COMMITTED), "committed_at"),
        KeepRule.UNUSED: (files.filter(state__in=resting), "uploaded_at"),
        KeepRule.EXPORTS: (RegisterExport.objects.filter(**reach, state=ExportState.READY), "ready_at"),
        KeepRule.LOOKS: (SensitiveLook.objects.filter(**reach), "at"),
        KeepRule.REQUESTS: (closed, "decided_at"),
        KeepRule.EMERGENCY: (over, "ended_at"),
    }
    return {name: rows.aggregate(first=Min(column))["first"] for name, (rows, column) in asked.items()}


def _due(name: str, first: datetime | None, known: Rule) -> date | None:
    if first is None:
        return None
    day = local_date(first)
    if name not in IN_YEARS:
        return day + timedelta(days=known.value)
    leap = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year + known.value, day=28 if leap else day.day)


def nights(*, actor: Actor) -> list[Night]:
    """What was destroyed in the actor's division, the newest night first."""
    rows = list(
        RetentionCount.objects.filter(region_code__range=(actor.scope.lo, actor.scope.hi)).order_by("-at", "rule")[
            :MOST
        ]
    )
    places = full_names({row.region_code for row in rows})
    made: dict[UUID, Night] = {}
    for row in rows:
        night = made.setdefault(row.run_id, Night(row.at, []))
        night.lines.append((str(row.get_rule_display()), places.get(row.region_code, row.region_code), row.count))
    return list(made.values())


def retention_unfinished() -> bool:
    """Was the last night cut short?"""
    return RetentionRun.objects.filter(finished_at__isnull=True).exists()


def proposals_open(*, actor: Actor) -> list[ProposalRow]:
    """Households that wait for a word, the oldest first."""
    rows = list(
        RetentionProposal.objects.filter(
            region_code__range=(actor.scope.lo, actor.scope.hi), state=ProposalState.PROPOSED
        ).order_by("proposed_at", "id")[:MOST]
    )
    homes = Household.objects.in_bulk([row.household_id for row in rows])
    heads = dict(
        Resident.objects.filter(household_id__in=homes, relation="head").order_by("ended_on").values_list(
            "household_id", "name"
        )
    )  # fmt: skip
    places = full_names({row.region_code for row in rows})
    return [
        ProposalRow(
            row, heads.get(row.household_id, ""), places.get(row.region_code, row.region_code),
            homes[row.household_id].changed_at, homes[row.household_id].ended_on is not None,
        )
        for row in rows
        if row.household_id in homes
    ]  # fmt: skip


def proposal_get(*, proposal_id: UUID, actor: Actor) -> RetentionProposal:
    """One household that was put before a person. Raises NotFound, also outside the actor's division."""
    reach = RetentionProposal.objects.filter(region_code__range=(actor.scope.lo, actor.scope.hi))
    found = reach.filter(id=proposal_id).first()
    if found is None:
        raise NotFound
    return found


def emergencies_in_reach(*, actor: Actor) -> QuerySet[Emergency]:
    """The responses of the actor's division, the newest first."""
    found = Emergency.objects.filter(region_code__range=(actor.scope.lo, actor.scope.hi))
    return found.select_related("opened_by", "ended_by").order_by("-opened_at")


def emergency_get(*, emergency_id: UUID, actor: Actor) -> Emergency:
    """One response. Raises NotFound, also outside the actor's division."""
    found = emergencies_in_reach(actor=actor).filter(id=emergency_id).first()
    if found is None:
        raise NotFound
    return found


def emergencies_open(*, actor: Actor) -> QuerySet[Emergency]:
    """Those that go on."""
    return emergencies_in_reach(actor=actor).filter(ended_at__isnull=True)


def intakes_to_tag(*, emergency: Emergency, actor: Actor) -> list[Intake]:
    """Register files since the response began that belong to none yet, the newest first."""
    rows = Intake.objects.filter(region_code__range=(actor.scope.lo, actor.scope.hi), kind=IntakeKind.REGISTER)
    rows = rows.filter(uploaded_at__gte=start_of_day(emergency.started_on))
    return list(rows.exclude(id__in=EmergencyTag.objects.exclude(intake=None).values("intake_id"))
                .order_by("-uploaded_at")[:MOST])  # fmt: skip


def emergency_days(*, emergency: Emergency, on: date) -> int:
    """So many days after its end everything is destroyed."""
    return int(rule("keep.emergency", region_code=emergency.region_code, on=on).value)


def emergency_things(*, emergency: Emergency) -> dict[str, Any]:
    """How many files and households were brought for a response, and how many people."""
    tags = EmergencyTag.objects.filter(emergency=emergency)
    return {
        "files": tags.filter(intake__isnull=False).count(),
        "households": emergency_households(emergency_id=emergency.id).count(),
        "people": Resident.objects.filter(household__in=emergency_households(emergency_id=emergency.id))
        .exclude(end_reason="erased").count(),
    }  # fmt: skip


def emergency_households(*, emergency_id: UUID) -> QuerySet[Household]:
    """The households that came for a response: tagged themselves, or out of a tagged file."""
    tags = EmergencyTag.objects.filter(emergency_id=emergency_id)
    own = tags.filter(household__isnull=False).values("household_id")
    return Household.objects.filter(id__in=own) | Household.objects.filter(
        intake_id__in=tags.filter(intake__isnull=False).values("intake_id")
    )  # fmt: skip
