"""Two people side by side: what is the same, what differs, and what the comparison made of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from boai.kernel.errors import NotFound
from boai.kernel.text.faults import Unreadable
from boai.kernel.text.identity import read_person_number
from boai.people.actor import Actor
from boai.regions.queries import full_names
from boai.registry.enums import PairState, Relation, Sex
from boai.registry.linkage.marks import person_mark
from boai.registry.models import (
    CategoryEntry,
    DuplicatePair,
    HouseholdEvent,
    Intake,
    Merge,
    Resident,
    StagedHousehold,
    StagedPlace,
    StagedRow,
)

PAGE = 30


@dataclass(frozen=True)
class Side:
    """One of two people: of the register, or a row of a file. Numbers by their last four; `hidden` holds what sealed
    facts are compared by and is never shown."""

    id: UUID
    registered: bool
    intake_id: UUID | None
    household_id: UUID
    row: int
    name: str
    sex: str
    born_on: date | None
    relation: str
    number_tail: str
    phone_tail: str
    account_tail: str
    place: str
    address: str
    office_number: str
    mark: bytes
    village: str = ""
    hidden: Mapping[str, bytes | str | None] = field(default_factory=dict)
    by_number: bool = False  # sex and birth follow the identity number
    categories: tuple[str, ...] = ()
    sealed: int = 0  # sensitive categories that hold, not named here
    versions: tuple[int, int] = (0, 0)  # of the person and the household


@dataclass(frozen=True)
class PairRow:
    """A line of the list of open pairs."""

    id: int
    weight: float
    names: tuple[str, str]
    torn: bool
    file_name: str


def pairs_open(*, actor: Actor, intake_id: UUID | None = None) -> QuerySet[DuplicatePair]:
    """Pairs of the actor's division that wait for a word, the likeliest first. Who has left, or whose row is no longer
    staged, is nobody to ask about; should they come back, the pair does."""
    rows = DuplicatePair.objects.filter(region_code__range=(actor.scope.lo, actor.scope.hi), decided_at__isnull=True)
    rows = rows.filter(Q(state=PairState.ASKED) | Q(torn=True) | Q(intake_id__isnull=True))
    rows = rows.filter(_there("left_id"), _there("right_id"))
    if intake_id is not None:
        rows = rows.filter(intake_id=intake_id)
    return rows.order_by("-weight", "id")


def _there(side: str) -> Q:
    living = Resident.objects.filter(id=OuterRef(side), ended_on__isnull=True)
    return Q(Exists(living)) | Q(Exists(StagedRow.objects.filter(id=OuterRef(side))))


def pairs_beside(*, pair: DuplicatePair, actor: Actor) -> QuerySet[DuplicatePair]:
    """The open pairs of the same file, or of the register."""
    if pair.intake_id is None:
        return pairs_open(actor=actor).filter(intake_id__isnull=True)
    return pairs_open(actor=actor, intake_id=pair.intake_id)


def pair_get(*, pair_id: int, actor: Actor) -> DuplicatePair:
    """One pair. Raises NotFound, also outside the actor's division."""
    found = (
        DuplicatePair.objects.filter(id=pair_id, region_code__range=(actor.scope.lo, actor.scope.hi))
        .select_related("intake", "model")
        .first()
    )
    if found is None:
        raise NotFound
    return found


def pair_after(*, pair: DuplicatePair, actor: Actor) -> DuplicatePair | None:
    """The next open pair of the same file (or of the register), the likeliest first."""
    rest = pairs_beside(pair=pair, actor=actor).exclude(id=pair.id)
    return rest.filter(Q(weight__lt=pair.weight) | Q(weight=pair.weight, id__gt=pair.id)).first() or rest.first()


def pairs_plain(*, intake: Intake) -> dict[str, list[list[int]]]:
    """Pairs of rows of a file for the command line: {"same": [[12, 40], …], "asked": […]}."""
    rows = dict(StagedRow.objects.filter(intake_id=intake.id).values_list("id", "row"))
    said: dict[str, list[list[int]]] = {"same": [], "asked": []}
    pairs = DuplicatePair.objects.filter(intake_id=intake.id, state__in=said).order_by("-weight", "id")
    for state, left, right in pairs.values_list("state", "left_id", "right_id"):
        if left in rows and right in rows:
            said[state].append(sorted((rows[left], rows[right])))
    return said


def pair_rows(pairs: Iterable[DuplicatePair]) -> list[PairRow]:
    """Lines for some pairs; two queries for their people."""
    listed = list(pairs)
    ids = {key for pair in listed for key in (pair.left_id, pair.right_id)}
    names = dict(StagedRow.objects.filter(id__in=ids).values_list("id", "name"))
    names |= dict(Resident.objects.filter(id__in=ids).values_list("id", "name"))
    return [
        PairRow(
            pair.id, pair.weight, (names.get(pair.left_id, ""), names.get(pair.right_id, "")), pair.torn,
            pair.intake.file_name if pair.intake else "",
        )
        for pair in listed
    ]  # fmt: skip


def sides(*, pair: DuplicatePair) -> tuple[Side, Side] | None:
    """Both people of a pair; None when one of them is gone."""
    left, right = (_side(key, pair.region_code) for key in (pair.left_id, pair.right_id))
    return (left, right) if left is not None and right is not None else None


def merges_lately(*, actor: Actor) -> QuerySet[Merge]:
    """Merges in the actor's division that hold, the newest first."""
    rows = Merge.objects.filter(region_code__range=(actor.scope.lo, actor.scope.hi), undone_at__isnull=True)
    return rows.select_related("kept", "gone", "merged_by").order_by("-merged_at", "-id")


def merges_page(*, actor: Actor, household_id: UUID | None = None, before: UUID | None = None) -> list[Merge]:
    """A page of all merges in the actor's division, taken apart or not, the newest first, and one more where there are
    older ones; those that concern a household where it is named. `before`: the last one of the page above."""
    rows = Merge.objects.filter(region_code__range=(actor.scope.lo, actor.scope.hi))
    if household_id is not None:
        rows = rows.filter(Q(kept__household_id=household_id) | Q(gone__household_id=household_id))
    if before is not None:
        rows = rows.filter(id__lt=before)  # ids grow with time
    return list(rows.select_related("kept", "gone", "merged_by", "undone_by").order_by("-id")[: PAGE + 1])


def merge_of_event(*, event_id: UUID) -> str | None:
    """The merge that an event of a household tells of: it is taken back by taking the merge apart."""
    return HouseholdEvent.objects.filter(id=event_id).values_list("changes__merge", flat=True).first()


def merge_get(*, merge_id: UUID, actor: Actor) -> Merge:
    """One merge. Raises NotFound, also outside the actor's division."""
    rows = Merge.objects.filter(region_code__range=(actor.scope.lo, actor.scope.hi), id=merge_id)
    found = rows.select_related("kept__household", "gone__household", "merged_by").first()
    if found is None:
        raise NotFound
    return found


def _side(key: UUID, below: str) -> Side | None:
    resident = Resident.objects.select_related("household").filter(id=key, ended_on__isnull=True).first()
    if resident is not None:
        return _of_resident(resident, below)
    row = StagedRow.objects.filter(id=key).first()
    return _of_row(row, below) if row is not None else None


def _of_resident(one: Resident, below: str) -> Side:
    home = one.household
    holding = CategoryEntry.objects.filter(resident_id=one.id, valid_to__isnull=True).order_by("kind", "id")
    kinds = [str(entry.get_kind_display()) if entry.kind else "" for entry in holding]
    return Side(
        id=one.id, registered=True, intake_id=None, household_id=home.id, row=0, name=one.name,
        sex=str(Sex(one.sex).label), born_on=one.born_on, relation=str(Relation(one.relation).label),
        number_tail=one.number_tail, phone_tail=one.phone_tail, account_tail=one.account_tail,
        place=full_names([one.region_code], below=below).get(one.region_code, one.region_code), address=home.address,
        office_number=home.office_number,
        mark=_mark(one, home.office_number), village=one.region_code, hidden=_hidden(one),
        by_number=tells_birth(one.number, on=date.max), categories=tuple(c for c in kinds if c),
        sealed=sum(1 for c in kinds if not c), versions=(one.version, home.version),
    )  # fmt: skip


def _of_row(one: StagedRow, below: str) -> Side:
    home = StagedHousehold.objects.get(id=one.household_id)
    place = StagedPlace.objects.filter(intake_id=one.intake_id, number=one.place).first()
    code = place.code if place else ""
    written = "".join((place.county, place.township, place.village)) if place else ""
    return Side(
        id=one.id, registered=False, intake_id=one.intake_id, household_id=one.household_id, row=one.row,
        name=one.name, sex=str(Sex(one.sex).label), born_on=one.born_on,
        relation=str(Relation(one.relation).label) if one.relation else "",
        number_tail=one.number_tail, phone_tail=one.phone_tail, account_tail=one.account_tail,
        place=full_names([code], below=below).get(code, written) if code else written, address=one.address,
        office_number=home.office_number, mark=_mark(one, home.office_number), village=code,
        hidden=_hidden(one), by_number=tells_birth(one.number, on=date.max),
    )  # fmt: skip


def _hidden(one: Resident | StagedRow) -> dict[str, bytes | str | None]:
    blind = {name: getattr(one, f"{name}_blind") for name in ("number", "phone", "account")}
    return {name: bytes(mark) if mark is not None else None for name, mark in blind.items()} | {"note": one.note}


def tells_birth(number: str, *, on: date) -> bool:
    """Do sex and birth follow from this identity number?"""
    return told_by(number, on=on) is not None


def told_by(number: str, *, on: date) -> tuple[str, date] | None:
    """Sex and birth by an identity number; None where it tells neither."""
    try:
        read = read_person_number(number, on=on) if number else None
    except Unreadable:
        return None
    return ("m" if read.male else "f", read.born) if read and read.born is not None and read.male is not None else None


def _mark(one: Resident | StagedRow, office_number: str) -> bytes:
    exact = one.born_on is not None and one.born_precision == "day"
    return person_mark(
        name=one.name, born=one.born_on.isoformat() if exact and one.born_on else "", sex=one.sex,
        number=bytes(one.number_blind) if one.number_blind is not None else None,
        household=office_number,
    )  # fmt: skip
