"""The register as it was on a day, and what happened to a household.

The past is put together in one statement from what stands now and what has ended (docs/adr/020-history.md). It is the
past as we know it today: who was entered late with an earlier day counts from that day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext as _

from boai.kernel.clock import age_on, end_of_day
from boai.kernel.text.folding import squeeze
from boai.people.actor import Actor
from boai.people.queries import names
from boai.regions.codes import span
from boai.regions.queries import full_names
from boai.registry.enums import Category, EndReason, EventKind, Relation, Sex
from boai.registry.models import CategoryEntry, Household, HouseholdEvent, Resident
from boai.registry.models.people import in_force
from boai.registry.queries.households import SHORTEST_SEARCH, households_matching, is_near, search_most

PAGE = 30
_ORDER = {relation.value: place for place, relation in enumerate(Relation)}

# Where every household was on the day, and who belonged to it: what stands now and began by then, and what has ended.
_ON = """
WITH place AS (
    SELECT h.id AS household_id, h.region_code, h.address FROM registry_household h
    WHERE {where_h} AND (h.placed_on <= %(day)s OR h.placed_on IS NULL AND h.created_at < %(dusk)s)
      AND (h.ended_on IS NULL OR h.ended_on > %(day)s)
    UNION ALL
    SELECT p.household_id, p.region_code, p.address FROM registry_pastplace p
    WHERE {where_p} AND p.during @> %(day)s),
chosen AS (SELECT * FROM place {part}),
member AS (
    SELECT chosen.*, r.id AS resident_id, r.name, r.sex, r.born_on, r.relation
    FROM chosen JOIN registry_resident r USING (household_id)
    WHERE (r.since <= %(day)s OR r.since IS NULL AND r.created_at < %(dusk)s)
      AND (r.ended_on IS NULL OR r.ended_on > %(day)s) AND r.end_reason NOT IN ('mistake', 'merged')
    UNION ALL
    SELECT chosen.*, r.id, r.name, r.sex, r.born_on, m.relation
    FROM chosen JOIN registry_membership m USING (household_id) JOIN registry_resident r ON r.id = m.resident_id
    WHERE m.during @> %(day)s AND r.end_reason NOT IN ('mistake', 'merged'))
"""
_PAGE = """WHERE (region_code, household_id) > (%(after)s, %(after_id)s)
    ORDER BY region_code, household_id LIMIT %(limit)s"""
_ROWS = """SELECT chosen.region_code, household_id, chosen.address, count(resident_id),
    coalesce(min(name) FILTER (WHERE relation = 'head'), '') FROM chosen LEFT JOIN member USING (household_id)
GROUP BY chosen.region_code, household_id, chosen.address ORDER BY chosen.region_code, household_id"""
_PEOPLE = "SELECT resident_id, name, sex, born_on, relation, region_code, address FROM member"
_TOTALS = "SELECT count(DISTINCT household_id), count(*) FROM member"
_WITHIN = {"where_h": "h.region_code BETWEEN %(lo)s AND %(hi)s", "where_p": "p.region_code BETWEEN %(lo)s AND %(hi)s"}
_AMONG = {
    "where_h": f"{_WITHIN['where_h']} AND h.id = ANY(%(chosen)s)",
    "where_p": f"{_WITHIN['where_p']} AND p.household_id = ANY(%(chosen)s)",
}
_FIRST = UUID(int=0)


@dataclass(frozen=True)
class MemberThen:
    """A person as they belonged to a household on a day."""

    id: UUID
    name: str
    relation: str
    sex: str
    age: int | None
    categories: list[str]


@dataclass(frozen=True)
class HouseholdThen:
    """A household on a day; without members it did not exist then."""

    place: str
    address: str
    members: list[MemberThen]


@dataclass(frozen=True)
class RowThen:
    """A line of the register of a day."""

    id: UUID
    place: str
    address: str
    head: str
    people: int


@dataclass(frozen=True)
class RegisterThen:
    """A page of the register of a day and the key of the next one ("" at the end). Counted on the first page only."""

    rows: list[RowThen]
    households: int
    people: int
    after: str
    asked: bool = True  # false: nobody was looked for, so nobody is shown
    narrow: bool = False  # true: more fit than may be shown; there is no next page


@dataclass(frozen=True)
class Happened:
    """A line of a household's history, newest first."""

    id: UUID
    kind: str
    day: date
    people: list[str]
    detail: str
    note: str
    by: str
    made_at: datetime
    undone_by: str
    undone_at: datetime | None
    other_id: UUID | None
    other_code: str
    may_undo: bool = field(default=False)


def household_on(*, household_id: UUID, day: date) -> HouseholdThen:
    """A household as it was on a day: one statement for the people, one each for categories and the place's name."""
    sql = _ON.format(where_h="h.id = %(household)s", where_p="p.household_id = %(household)s", part="") + _PEOPLE
    rows = _ask(sql, {"day": day, "dusk": end_of_day(day), "household": household_id})
    kinds = _categories_on([row[0] for row in rows], day)
    rows.sort(key=lambda row: (_ORDER.get(row[4], 99), row[3] or date.max))
    members = [
        MemberThen(key, name, str(Relation(relation).label), str(Sex(sex).label) if sex else "",
                   age_on(born, day) if born else None, kinds[key])
        for key, name, sex, born, relation, _code, _address in rows
    ]  # fmt: skip
    code, address = (rows[0][5], rows[0][6]) if rows else ("", "")
    return HouseholdThen(full_names([code]).get(code, code) if code else "", address, members)


def register_on(
    *, day: date, region_code: str, actor: Actor, text: str = "", key: str = "", size: int = PAGE
) -> RegisterThen:  # fmt: skip
    """The register of a division as it was on a day, by village. `key` is the `after` of the page before.

    Search first, as in `household_list`: beyond a township nobody is shown before somebody is looked for by `text`, and
    only the first page where more fit than `register.search_most`.
    """
    near = is_near(actor=actor, region=region_code)
    if not near and not text.strip():
        return RegisterThen([], 0, 0, "", asked=False)
    lo, hi = span(region_code)
    lo, hi = max(lo, actor.scope.lo), min(hi, actor.scope.hi)
    chosen, narrow = _looked_for(text, None if near else search_most(actor=actor, on=day))
    key = "" if narrow else key
    after, after_id = _anchor(key)
    values = {"day": day, "dusk": end_of_day(day), "lo": lo, "hi": hi, "after": after, "after_id": after_id,
              "limit": size + 1, "chosen": chosen}  # fmt: skip
    within = _WITHIN if chosen is None else _AMONG
    households, people = (0, 0) if key or narrow else _ask(_ON.format(part="", **within) + _TOTALS, values)[0]
    found = _ask(_ON.format(part=_PAGE, **within) + _ROWS, values)
    more, found = len(found) > size and not narrow, found[:size]
    places = full_names({row[0] for row in found}, below=actor.region_code or "000000000000")
    rows = [RowThen(one, places.get(code, code), address, head, n) for code, one, address, n, head in found if n]
    return RegisterThen(rows, households, people, f"{found[-1][0]}:{found[-1][1]}" if more else "",
                        narrow=narrow)  # fmt: skip


def _looked_for(text: str, most: int | None) -> tuple[list[UUID] | None, bool]:
    """The households that a search fits (None: no search), and whether they are more than may be paged through."""
    if not text.strip():
        return None, False
    fitting = Household.objects.filter(households_matching(text)).order_by("region_code", "id")
    ids = fitting.values_list("id", flat=True)
    found = list(ids if most is None else ids[: most + 1])
    return found, most is not None and (len(found) > most or len(squeeze(text)) < SHORTEST_SEARCH)


def _anchor(key: str) -> tuple[str, UUID]:
    code, _colon, text = key.partition(":")
    try:
        return code[:12], UUID(text)
    except ValueError:
        return "", _FIRST


def _ask(sql: str, values: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def _categories_on(people: list[UUID], day: date) -> dict[UUID, list[str]]:
    held: dict[UUID, list[str]] = defaultdict(list)
    entries = CategoryEntry.objects.filter(in_force(day), resident_id__in=people).exclude(kind="")
    for entry in entries.order_by("valid_from", "id"):
        held[entry.resident_id].append(str(Category(entry.kind).label))
    return held


def household_history(*, household_id: UUID) -> list[Happened]:
    """What happened to a household, newest first. Four queries, however many events."""
    events = list(
        HouseholdEvent.objects.filter(Q(household_id=household_id) | Q(other_id=household_id)).order_by(
            "-day", "-made_at", "-id"
        )
    )
    people = dict(Resident.objects.filter(id__in=_people(events)).values_list("id", "name"))
    homes = [e.other_id if e.household_id == household_id else e.household_id for e in events]
    codes = dict(Household.objects.filter(id__in=homes).values_list("id", "code"))
    hands = names({hand for e in events for hand in (e.made_by_id, e.undone_by_id) if hand is not None})
    places = full_names({one[side]["region_code"] for e in events for one in e.changes["places"] for side in _SIDES})
    last = _newest(events)
    return [_happened(e, household_id, people, codes, hands, places, last) for e in events]


def _newest(events: Iterable[HouseholdEvent]) -> set[UUID]:
    """The events that can be taken back: those of the last moment; for anything but a move, moves do not count."""
    standing = [e for e in events if e.undone_at is None]
    moments = {
        is_move: max((e.made_at for e in standing if is_move or e.kind != EventKind.PLACE), default=None)
        for is_move in (True, False)
    }
    return {e.id for e in standing if e.made_at == moments[e.kind == EventKind.PLACE]}


_SIDES = ("before", "after")


def _people(events: Iterable[HouseholdEvent]) -> set[str]:
    return {one["id"] for e in events for one in e.changes["people"]} | {
        key for e in events for key in e.changes["made"]
    }


def _happened(
    event: HouseholdEvent, here: UUID, people: dict[UUID, str], codes: dict[UUID, str], hands: dict[UUID, str],
    places: dict[str, str], last: set[UUID],
) -> Happened:  # fmt: skip
    other = event.other_id if event.household_id == here else event.household_id
    lines = [_person(one, people) for one in event.changes["people"]]
    lines += [people.get(UUID(key), "") for key in event.changes["made"]]
    return Happened(
        id=event.id,
        kind=str(EventKind(event.kind).label),
        day=event.day,
        people=[line for line in lines if line],
        detail=_detail(event, here, places),
        note=event.note,
        by=hands.get(event.made_by_id, "") if event.made_by_id else "",
        made_at=event.made_at,
        undone_by=hands.get(event.undone_by_id, "") if event.undone_by_id else "",
        undone_at=event.undone_at,
        other_id=other,
        other_code=codes.get(other, "") if other else "",
        may_undo=event.id in last,
    )


def _person(one: dict[str, Any], people: dict[UUID, str]) -> str:
    """A person's name, with what they were and became where that differs."""
    name = people.get(UUID(one["id"]), "")
    before, after = one["before"], one["after"]
    if after["ended_on"] and not before["ended_on"]:
        return f"{name}（{EndReason(after['end_reason']).label}）"
    if before["relation"] != after["relation"]:
        return f"{name}（{Relation(before['relation']).label} → {Relation(after['relation']).label}）"
    return name


def _detail(event: HouseholdEvent, here: UUID, places: dict[str, str]) -> str:
    if event.kind == EventKind.PLACE:
        moved = event.changes["places"][0]
        return " → ".join(f"{places.get(moved[s]['region_code'], '')} {moved[s]['address']}".strip() for s in _SIDES)
    if event.kind == EventKind.SPLIT:
        return _("Founded a household of their own") if event.other_id == here else _("Came out of another household")
    if event.kind == EventKind.MERGE:
        return _("Joined another household") if event.other_id == here else _("The other household came in")
    if event.other_id == here:
        return _("Went to another household")
    return ""
