"""Households, their people and what is known of them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from boai.kernel.clock import age_on
from boai.kernel.crypto import blinds
from boai.kernel.errors import NotFound
from boai.kernel.ids import CODE_ALPHABET
from boai.kernel.text.contact import is_mobile
from boai.kernel.text.faults import Unreadable
from boai.kernel.text.folding import clean, squeeze
from boai.kernel.text.identity import read_person_number
from boai.kernel.text.pinyin import looks_like_pinyin
from boai.people.actor import Actor
from boai.regions.codes import COUNTRY, TOWNSHIP, level, span
from boai.regions.queries import full_names
from boai.registry.enums import Category, EndReason, Relation, Sensitivity, sensitivity_of
from boai.registry.models import CategoryEntry, Household, Resident
from boai.registry.models.people import HOUSEHOLD_CODE_LENGTH, NUMBER, PHONE

PAGE = 30
TAIL = 4
SHORTEST_SEARCH = 2  # characters; with fewer there is no next page
_FAR_FUTURE = date(2200, 1, 1)
_ORDER = {relation: place for place, relation in enumerate(Relation.values)}


@dataclass(frozen=True)
class CategoryView:
    """A category as pages show it."""

    id: UUID
    label: str
    detail: str
    valid_from: date
    valid_to: date | None
    source: str
    evidence: str
    sensitivity: Sensitivity
    person: str = ""

    def holds_on(self, day: date) -> bool:
        """Is it in force on a day?"""
        return self.valid_from <= day and (self.valid_to is None or self.valid_to >= day)


@dataclass(frozen=True)
class MemberView:
    """A person of a household: nothing sealed, only tails."""

    id: UUID
    name: str
    relation: str
    relation_code: str
    sex: str
    born_on: date | None
    age: int | None
    number_kind: str
    number_tail: str
    phone_tail: str
    account_tail: str
    bank: str
    ended_on: date | None
    end_reason: str
    may_return: bool
    version: int
    categories: list[CategoryView] = field(default_factory=list)
    sealed_facts: int = 0

    @property
    def is_head(self) -> bool:
        """Is this the head?"""
        return self.relation_code == Relation.HEAD and self.ended_on is None


@dataclass(frozen=True)
class HouseholdView:
    """A household's page: the row, the village, the people who belong to it and those who left."""

    household: Household
    place: str
    members: list[MemberView]
    former: list[MemberView]
    sealed: bool

    @property
    def has_open_categories(self) -> bool:
        """Is any open category recorded?"""
        return any(member.categories for member in self.members)

    @property
    def head(self) -> MemberView | None:
        """The head; None only for a household that was closed."""
        return next((member for member in self.members if member.is_head), None)


@dataclass(frozen=True)
class HouseholdRow:
    """A line of the register list."""

    id: UUID
    code: str
    office_number: str
    place: str
    head: str
    people: int
    categories: list[str]
    ended_on: date | None


@dataclass(frozen=True)
class HouseholdPage:
    """A page of the list and the keys of its neighbours ("" at the ends)."""

    rows: list[HouseholdRow]
    before: str
    after: str
    asked: bool = True  # false: nobody was looked for, so nobody is shown
    narrow: bool = False  # true: only a surname was given; there is no next page


@dataclass(frozen=True)
class SensitiveFacts:
    """What stands behind the logged click."""

    categories: list[CategoryView]
    numbers: list[tuple[str, str, str, str]]
    """(name, identity number, telephone, account)"""
    notes: list[tuple[str, str]]
    """(whose, text)"""


def households_in_reach(*, actor: Actor) -> QuerySet[Household]:
    """The households of the actor's division. Row security narrows it besides."""
    return Household.objects.filter(region_code__range=(actor.scope.lo, actor.scope.hi))


def household_get(*, household_id: UUID, actor: Actor) -> Household:
    """One household. Raises NotFound, also outside the actor's division."""
    found = households_in_reach(actor=actor).filter(id=household_id).first()
    if found is None:
        raise NotFound
    return found


def resident_get(*, resident_id: UUID, actor: Actor) -> Resident:
    """One person. Raises NotFound, also outside the actor's division."""
    reach = Resident.objects.filter(region_code__range=(actor.scope.lo, actor.scope.hi))
    found = reach.filter(id=resident_id).first()
    if found is None:
        raise NotFound
    return found


def category_get(*, entry_id: UUID, actor: Actor) -> CategoryEntry:
    """One category of a person, with the person. Raises NotFound, also outside the actor's division."""
    reach = CategoryEntry.objects.filter(region_code__range=(actor.scope.lo, actor.scope.hi))
    found = reach.select_related("resident").filter(id=entry_id).first()
    if found is None:
        raise NotFound
    return found


def household_list(
    *, actor: Actor, text: str = "", region: str = "", category: str = "", key: str = "", size: int = PAGE
) -> HouseholdPage:
    """A page of households by village. `text` is searched as it looks: an identity number or telephone through the
    blind index, four digits also as the end of a telephone number, a household code, letters as pinyin, characters as
    the beginning of a name, digits as the office's number. `key` is "after:ID" or "before:ID" of a neighbour. Four
    queries, however many rows.

    Search first: whoever reaches more than a township sees nobody before a search or a township is given, and of a
    search by a surname alone only the first page (PIPL Art.6: no more than the purpose needs)."""
    near = level(region or actor.region_code or COUNTRY) >= TOWNSHIP
    if not near and not text.strip():
        return HouseholdPage([], "", "", asked=False)
    rows = households_in_reach(actor=actor)
    if region:
        rows = rows.filter(region_code__range=span(region))
    if category in Category.values and sensitivity_of(category) == Sensitivity.OPEN:
        members = CategoryEntry.objects.filter(kind=category, valid_to__isnull=True).values("resident__household_id")
        rows = rows.filter(id__in=members)
    if text.strip():
        rows = rows.filter(_matching(text))
    way, _colon, anchor_id = key.partition(":")
    anchor = rows.filter(id=anchor_id).first() if _is_uuid(anchor_id) else None
    backwards = way == "before" and anchor is not None
    if anchor is not None:
        beyond = "lt" if backwards else "gt"
        rows = rows.filter(
            Q(**{f"region_code__{beyond}": anchor.region_code})
            | Q(region_code=anchor.region_code, **{f"id__{beyond}": anchor.id})
        )
    order = ("-region_code", "-id") if backwards else ("region_code", "id")
    found = list(rows.order_by(*order)[: size + 1])
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    if not near and len(squeeze(text)) < SHORTEST_SEARCH:
        return HouseholdPage(_rows(found, actor), "", "", narrow=more)
    before = bool(found) and (more if backwards else anchor is not None)
    after = bool(found) and (backwards or more)
    return HouseholdPage(
        _rows(found, actor),
        f"before:{found[0].id}" if before else "",
        f"after:{found[-1].id}" if after else "",
    )


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _matching(text: str) -> Q:
    """What a search text asks for."""
    words, bare = clean(text), squeeze(text).upper()
    living = Resident.objects.all()
    try:
        number = read_person_number(bare, on=_FAR_FUTURE)
    except Unreadable:
        number = None
    if number is not None:
        return _of(living.filter(number_blind__in=blinds(number.number, NUMBER)))
    if is_mobile(bare):
        return _of(living.filter(phone_blind__in=blinds(bare, PHONE)))
    if len(bare) == HOUSEHOLD_CODE_LENGTH and not set(bare) - set(CODE_ALPHABET):
        return Q(code=bare) | Q(office_number=bare)
    if bare.isascii() and any(c.isdigit() for c in bare):
        numbered = Household.objects.filter(office_number__prefix=bare)
        if len(bare) == TAIL and bare.isdigit():
            return Q(id__in=numbered.values("id").union(living.filter(phone_tail=bare).values("household_id")))
        return Q(office_number__prefix=bare)
    if looks_like_pinyin(words):
        letters = bare.lower()
        return _of(living.filter(Q(initials__prefix=letters) | Q(pinyin__prefix=letters)))
    return _of(living.filter(name__prefix=words.replace(" ", "")))


def _of(residents: QuerySet[Resident]) -> Q:
    return Q(id__in=residents.values("household_id"))


def _rows(found: Sequence[Household], actor: Actor) -> list[HouseholdRow]:
    """The lines for some households: two more queries for their people and one for the places."""
    ids = [household.id for household in found]
    people: dict[UUID, list[Resident]] = defaultdict(list)
    for resident in Resident.objects.filter(household_id__in=ids).defer("number", "phone", "account", "note"):
        people[resident.household_id].append(resident)
    kinds: dict[UUID, set[str]] = defaultdict(set)
    entries = CategoryEntry.objects.filter(resident__household_id__in=ids, valid_to__isnull=True).exclude(kind="")
    for household_id, kind in entries.values_list("resident__household_id", "kind"):
        kinds[household_id].add(kind)
    places = full_names({household.region_code for household in found}, below=actor.region_code or "000000000000")
    return [
        HouseholdRow(
            id=one.id,
            code=one.code,
            office_number=one.office_number,
            place=places.get(one.region_code, one.region_code),
            head=next((r.name for r in people[one.id] if r.is_head and r.ended_on == one.ended_on), ""),
            people=sum(r.ended_on is None for r in people[one.id]),
            categories=[str(Category(kind).label) for kind in Category.values if kind in kinds[one.id]],
            ended_on=one.ended_on,
        )
        for one in found
    ]


def household_page(*, household_id: UUID, actor: Actor, on: date) -> HouseholdView:
    """Everything open about a household, as of a day. Raises NotFound. Four queries."""
    household = household_get(household_id=household_id, actor=actor)
    residents = list(household.residents.all())
    entries: dict[UUID, list[CategoryEntry]] = defaultdict(list)
    for entry in CategoryEntry.objects.filter(resident__household_id=household.id).order_by("valid_from", "id"):
        entries[entry.resident_id].append(entry)
    members = [_member(one, entries[one.id], on) for one in residents]
    members.sort(key=lambda member: (_ORDER.get(member.relation_code, 99), member.born_on or _FAR_FUTURE))
    living = [member for member in members if member.ended_on is None]
    former = [member for member in members if member.ended_on is not None]
    sealed = any(member.sealed_facts for member in members) or bool(household.note) or any(r.note for r in residents)
    place = full_names([household.region_code]).get(household.region_code, household.region_code)
    return HouseholdView(household, place, living, former, sealed)


def _member(resident: Resident, entries: Iterable[CategoryEntry], on: date) -> MemberView:
    listed = list(entries)
    return MemberView(
        id=resident.id,
        name=resident.name,
        relation=resident.get_relation_display(),
        relation_code=resident.relation,
        sex=resident.get_sex_display(),
        born_on=resident.born_on,
        age=age_on(resident.born_on, on) if resident.born_on else None,
        number_kind=resident.get_number_kind_display(),
        number_tail=resident.number_tail,
        phone_tail=resident.phone_tail,
        account_tail=resident.account_tail,
        bank=resident.bank,
        ended_on=resident.ended_on,
        end_reason=resident.get_end_reason_display(),
        may_return=resident.end_reason in (EndReason.MOVED, EndReason.MARRIED),
        version=resident.version,
        categories=[_category(entry, entry.kind, entry.detail) for entry in listed if not entry.sealed],
        sealed_facts=sum(entry.sealed for entry in listed),
    )


def _category(entry: CategoryEntry, kind: str, detail: str, person: str = "") -> CategoryView:
    return CategoryView(
        id=entry.id,
        label=str(Category(kind).label),
        detail=detail,
        valid_from=entry.valid_from,
        valid_to=entry.valid_to,
        source=entry.source,
        evidence=entry.evidence,
        sensitivity=sensitivity_of(kind),
        person=person,
    )


def sensitive_facts(*, household_id: UUID) -> SensitiveFacts:
    """Unsealed facts of a household. Never call it without leaving a mark: see `services.sensitive_open`."""
    residents = list(Resident.objects.filter(household_id=household_id).order_by("relation", "born_on"))
    names = {one.id: one.name for one in residents}
    facts = []
    for entry in CategoryEntry.objects.filter(resident__household_id=household_id, kind="").order_by("valid_from"):
        fact = json.loads(entry.fact)
        facts.append(_category(entry, fact["kind"], fact["detail"], names[entry.resident_id]))
    household = Household.objects.get(id=household_id)
    notes = [("", household.note)] if household.note else []
    return SensitiveFacts(
        categories=facts,
        numbers=[(one.name, one.number, one.phone, one.account) for one in residents if one.ended_on is None],
        notes=notes + [(one.name, one.note) for one in residents if one.note],
    )


def household_snapshot(*, household_id: UUID, on: date) -> dict[str, Any]:
    """What a decision is based on, as plain JSON: people, open categories, address, income; nothing sealed.

    `sealed_facts` counts the sensitive ones, which the snapshot does not hold. Raises NotFound.
    """
    household = Household.objects.filter(id=household_id).first()
    if household is None:
        raise NotFound
    entries: dict[UUID, list[CategoryEntry]] = defaultdict(list)
    for entry in CategoryEntry.objects.filter(resident__household_id=household_id).order_by("valid_from", "id"):
        entries[entry.resident_id].append(entry)
    living = household.residents.filter(ended_on__isnull=True)
    people = [(_member(one, entries[one.id], on), entries[one.id]) for one in living]
    people.sort(key=lambda pair: (_ORDER.get(pair[0].relation_code, 99), pair[0].born_on or _FAR_FUTURE))
    return {
        "household": str(household.id),
        "code": household.code,
        "version": household.version,
        "region_code": household.region_code,
        "place": full_names([household.region_code]).get(household.region_code, ""),
        "address": household.address,
        "income_fen": household.income_fen,
        "on": on.isoformat(),
        "people": [
            {
                "id": str(member.id),
                "name": member.name,
                "relation": member.relation_code,
                "sex": member.sex,
                "born_on": member.born_on.isoformat() if member.born_on else None,
                "number_tail": member.number_tail,
                "categories": [e.kind for e in held if e.kind and (e.valid_to is None or e.valid_to >= on)],
                "sealed_facts": member.sealed_facts,
            }
            for member, held in people
        ],
    }


def relatives_of(*, resident_id: UUID) -> set[UUID]:
    """The residents of the same household, the person among them: for recusal."""
    household = Resident.objects.filter(id=resident_id).values("household_id")
    return set(Resident.objects.filter(household_id__in=household, ended_on__isnull=True).values_list("id", flat=True))


def resident_by_number(*, number: str) -> Resident | None:
    """The living resident with this canonical identity number, within the scope."""
    return Resident.objects.filter(number_blind__in=blinds(number, NUMBER), ended_on__isnull=True).first()
