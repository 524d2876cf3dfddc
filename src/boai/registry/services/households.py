"""Keeping households: enter, change, add a person, change the head, leave, categories.

Changes carry the version of the page they were made on: who saves an old page is told so, and nothing is lost.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from boai.audit.services import record
from boai.kernel.clock import local_date
from boai.kernel.crypto import blinds
from boai.kernel.errors import BadInput, NotFound, StalePage, UnableTo
from boai.kernel.policy import require
from boai.kernel.rekeying import is_settled
from boai.kernel.text.identity import PersonNumber
from boai.kernel.text.pinyin import name_syllables
from boai.people.actor import Actor
from boai.regions.codes import VILLAGE, level
from boai.regions.queries import division
from boai.registry import policies
from boai.registry.enums import BirthPrecision, Category, EndReason, EventKind, Relation, Sensitivity, sensitivity_of
from boai.registry.models import CategoryEntry, Household, Membership, Resident
from boai.registry.models.people import ACCOUNT, NUMBER, PHONE
from boai.registry.services.happening import Happening, happen, unborn
from boai.registry.services.intakes import Division
from boai.registry.services.rechecks import rechecks_close
from boai.registry.services.staging import category_parts, fingerprint


@dataclass(frozen=True)
class PersonFacts:
    """What a form knows of a person. With a number, birth and sex follow from it.

    None means "as it is": forms show numbers by their last four only, so an untouched field must change nothing.
    """

    name: str
    relation: str
    number: PersonNumber | None = None
    sex: str = ""
    born_on: date | None = None
    phone: str | None = None
    account: str | None = None
    bank: str = ""
    note: str | None = None

    @property
    def born(self) -> date | None:
        """The day of birth: by the number where there is one."""
        return (self.number.born if self.number else None) or self.born_on

    def columns(self) -> dict[str, Any]:
        """The columns of a resident that these facts set: sealed texts, blind indexes, tails, pinyin."""
        syllables = name_syllables(self.name)
        columns: dict[str, Any] = {
            "name": self.name, "pinyin": "".join(syllables), "initials": "".join(s[0] for s in syllables),
            "relation": self.relation, "bank": self.bank, "sex": self.sex, "born_on": self.born_on,
            "born_precision": BirthPrecision.DAY.value if self.born_on else "",
        }  # fmt: skip
        if self.number is not None:
            columns |= {"number_kind": self.number.kind.value, **_sealed("number", self.number.number, NUMBER)}
            if self.number.born is not None and self.number.male is not None:
                columns |= {"sex": "m" if self.number.male else "f", "born_on": self.number.born}
                columns["born_precision"] = BirthPrecision.DAY.value
        if self.phone is not None:
            columns |= _sealed("phone", self.phone, PHONE)
        if self.account is not None:
            columns |= _sealed("account", self.account, ACCOUNT)
        if self.note is not None:
            columns["note"] = self.note
        return columns


def _sealed(name: str, digits: str, purpose: str) -> dict[str, Any]:
    return {name: digits, f"{name}_blind": fingerprint(digits, purpose), f"{name}_tail": digits[-4:]}


@dataclass(frozen=True)
class HouseholdFacts:
    """What a form knows of a household. A note of None stays as it is."""

    region_code: str
    address: str = ""
    office_number: str = ""
    income_fen: int | None = None
    note: str | None = None

    def columns(self) -> dict[str, Any]:
        """The columns of a household that these facts set."""
        columns = asdict(self)
        if self.note is None:
            del columns["note"]
        return columns


@transaction.atomic
def household_create(*, facts: HouseholdFacts, head: PersonFacts, actor: Actor, at: datetime) -> Household:
    """Enter a household with its head. Raises NotAllowed, BadInput (no village), UnableTo (the head is registered)."""
    village_check(facts.region_code)
    require(policies.may_write, actor, Division(facts.region_code))
    household = Household.objects.create(**facts.columns(), created_at=at, changed_at=at)
    _resident_insert(household, head, Relation.HEAD, at)
    record("registry.household.created", household, actor=actor, at=at, code=household.code)
    return household


@transaction.atomic
def household_change(
    *, household_id: UUID, version: int, facts: HouseholdFacts, actor: Actor, at: datetime
) -> Household:  # fmt: skip
    """Change address, income, number, note, or the village (the residents move along)."""
    household = _household_for_update(household_id, actor, version)
    village_check(facts.region_code)
    require(policies.may_write, actor, Division(facts.region_code))
    changed = _apply(household, facts.columns())
    if changed:
        _touch(household, at, changed)
        record("registry.household.changed", household, actor=actor, at=at, fields=sorted(changed))
    return household


@transaction.atomic
def household_end(
    *, household_id: UUID, version: int, reason: str, on: date, actor: Actor, at: datetime
) -> Household:  # fmt: skip
    """Close a household of which only the head is left. Raises UnableTo while somebody else lives in it."""
    if reason not in dict(EndReason.to_choose()):
        raise BadInput(fields={"reason": [_("Choose a reason from the list.")]})
    household = _household_for_update(household_id, actor, version)
    living = list(household.residents.select_for_update().filter(ended_on__isnull=True))
    if any(not one.is_head for one in living):
        raise UnableTo(_("People still live in this household. Let them leave or move first."))
    ends = {"ended_on": on, "end_reason": reason}
    happen(
        Happening(EventKind.CLOSED, on, household, people=[(head, ends) for head in living],
                  places=[(household, {"ended_on": on})]),
        actor=actor, at=at,
    )  # fmt: skip
    record("registry.household.ended", household, actor=actor, at=at, on=on.isoformat())
    return household


@transaction.atomic
def resident_add(
    *, household_id: UUID, facts: PersonFacts, kind: str = EventKind.ADDED, on: date | None = None, note: str = "",
    actor: Actor, at: datetime,
) -> Resident:  # fmt: skip
    """Add a person who is not the head, from a day on. Raises UnableTo when the person is registered already."""
    if kind not in dict(EventKind.of_joining()):
        raise BadInput(fields={"kind": [_("Choose what happened from the list.")]})
    household = _household_for_update(household_id, actor)
    _refuse_head(facts)
    _birth_check(kind, facts, on, at)
    resident = _resident_insert(household, facts, facts.relation, at, since=on)
    happen(Happening(EventKind(kind), on or local_date(at), household, who=resident, made_people=[resident], note=note),
           actor=actor, at=at)  # fmt: skip
    record("registry.resident.added", resident, actor=actor, at=at, household=str(household.id))
    return resident


@transaction.atomic
def resident_change(
    *, resident_id: UUID, version: int, facts: PersonFacts, actor: Actor, at: datetime
) -> Resident:  # fmt: skip
    """Correct a person's facts. The head stays the head here: see `head_change`."""
    resident = _resident_for_update(resident_id, actor, version)
    columns = facts.columns()
    if resident.is_head:
        columns["relation"] = Relation.HEAD.value
    else:
        _refuse_head(facts)
    if facts.number is None and resident.number_blind:
        for name in ("sex", "born_on", "born_precision"):  # they follow from the number, which stays
            del columns[name]
    changed = _apply(resident, columns)
    if "born_on" in changed:
        _born_before(resident)
    if changed:
        _save_once(resident, at, changed)
        shown = sorted({name.split("_")[0] for name in changed} - {"pinyin", "initials"})
        record("registry.resident.changed", resident, actor=actor, at=at, fields=shown)
    return resident


@transaction.atomic
def resident_leave(
    *, resident_id: UUID, version: int, reason: str, on: date, actor: Actor, at: datetime
) -> Resident:  # fmt: skip
    """A person dies, moves or marries out. The head can't leave before another one is named. Raises UnableTo."""
    home = Household.objects.select_for_update().filter(residents=resident_id).first()  # before its people
    resident = _resident_for_update(resident_id, actor, version)
    if resident.is_head:
        raise UnableTo(_("Name another head first; then this person can leave the household."))
    if reason not in dict(EndReason.to_choose()):
        raise BadInput(fields={"reason": [_("Choose a reason from the list.")]})
    happen(
        Happening(EventKind.of_leaving(reason), on, home or resident.household, who=resident,
                  people=[(resident, {"ended_on": on, "end_reason": reason})]),
        actor=actor, at=at,
    )  # fmt: skip
    record("registry.resident.left", resident, actor=actor, at=at, why=str(EndReason(reason).label), on=on.isoformat())
    return resident


@transaction.atomic
def head_change(
    *, household_id: UUID, version: int, new_head_id: UUID, former_becomes: str = "", former_leaves: str = "",
    on: date | None = None, note: str = "", actor: Actor, at: datetime,
) -> Household:  # fmt: skip
    """Make another member the head from a day on; without a day it is a correction of who was the head all along.

    The former head either gets the relation `former_becomes` or leaves for the reason `former_leaves` on that day.
    """
    household = _household_for_update(household_id, actor, version)
    living = {r.id: r for r in household.residents.select_for_update().filter(ended_on__isnull=True).order_by("id")}
    new, old = living.get(new_head_id), next(r for r in living.values() if r.is_head)
    if new is None or new.is_head:
        raise UnableTo(_("Choose a member of the household who is not the head yet."))
    day = on or local_date(at)
    heads = {"relation": Relation.HEAD.value} | ({} if on else _as_long_as(old, new))
    if former_leaves:
        if former_leaves not in dict(EndReason.to_choose()):
            raise BadInput(fields={"former_leaves": [_("Choose a reason from the list.")]})
        if on is None:
            raise BadInput(fields={"on": [_("Give the day on which the former head left.")]})
        kind, fate = EventKind.of_leaving(former_leaves), {"ended_on": day, "end_reason": former_leaves}
    elif former_becomes == Relation.HEAD or former_becomes not in Relation.values:
        raise BadInput(fields={"former_becomes": [_("Choose what the former head is to the new one.")]})
    else:
        kind, fate = EventKind.HEAD, {"relation": former_becomes}
    happen(
        Happening(kind, day, household, who=old if former_leaves else new, note=note,
                  dated=on is not None,
                  people=[(old, fate), (new, heads)]),
        actor=actor, at=at,
    )  # fmt: skip
    record("registry.head.changed", household, actor=actor, at=at, former=str(old.id), new=str(new.id))
    return household


def _as_long_as(old: Resident, new: Resident) -> dict[str, Any]:
    """A correction: the right one has been the head since the day on which the wrong one is said to have become it.

    Before that day somebody else was the head, and the right one a member as before: that past is kept.
    """
    if old.since is None:
        return {}
    if new.since is not None and new.since > old.since:
        words = {"name": new.name, "day": new.since.isoformat(), "head": old.name, "since": old.since.isoformat()}
        text = _("%(name)s stands here only since %(day)s, but %(head)s is the head since %(since)s. "
                 "Give the day on which the head changed.")  # fmt: skip
        raise BadInput(fields={"on": [text % words]})
    return {"since": old.since}


@transaction.atomic
def category_add(
    *,
    resident_id: UUID,
    kind: str,
    detail: str = "",
    valid_from: date,
    valid_to: date | None = None,
    source: str,
    evidence: str = "",
    actor: Actor,
    at: datetime,
) -> CategoryEntry:
    """Add a dated category with its source. Sensitive kinds are sealed and need the duty to read them."""
    resident = _resident_for_update(resident_id, actor)
    if kind not in Category.values:
        raise BadInput(fields={"kind": [_("Choose a category from the list.")]})
    if valid_to is not None and valid_to < valid_from:
        raise BadInput(fields={"valid_to": [_("The end lies before the beginning.")]})
    if sensitivity_of(kind) != Sensitivity.OPEN:
        require(policies.may_read_sensitive, actor, resident)
    open_kind, kind_blind, fact, open_detail = category_parts(kind, detail)
    entry = CategoryEntry.objects.create(
        resident=resident, region_code=resident.region_code, kind=open_kind, kind_blind=kind_blind, fact=fact,
        detail=open_detail, valid_from=valid_from, valid_to=valid_to, source=source, evidence=evidence, created_at=at,
    )  # fmt: skip
    record("registry.category.added", resident, actor=actor, at=at, entry=str(entry.id), kind=open_kind or "sealed")
    return entry


@transaction.atomic
def category_end(*, entry_id: UUID, on: date, actor: Actor, at: datetime) -> CategoryEntry:
    """A category no longer holds after `on`. Sensitive ones need the duty to read them."""
    entry = CategoryEntry.objects.select_for_update().filter(id=entry_id).first()
    if entry is None:
        raise NotFound
    require(policies.may_write, actor, entry)
    if entry.sealed:
        require(policies.may_read_sensitive, actor, entry)
    if entry.valid_to is not None and entry.valid_to <= on:
        raise UnableTo(_("This category has already ended."))
    if on < entry.valid_from:
        raise BadInput(fields={"on": [_("The end lies before the beginning.")]})
    entry.valid_to, entry.checked_on = on, local_date(at)
    entry.save(update_fields=["valid_to", "checked_on"])
    rechecks_close(entry=entry, actor=actor, at=at)
    record("registry.category.ended", entry, actor=actor, at=at, on=on.isoformat())
    return entry


# --- the steps that the services share ---


def _household_for_update(household_id: UUID, actor: Actor, version: int | None = None) -> Household:
    household = Household.objects.select_for_update().filter(id=household_id).first()
    if household is None:
        raise NotFound
    require(policies.may_write, actor, household)
    _check_version(household, version)
    if household.ended_on is not None:
        raise UnableTo(_("This household has been closed."))
    return household


def _resident_for_update(resident_id: UUID, actor: Actor, version: int | None = None) -> Resident:
    resident = Resident.objects.select_for_update().filter(id=resident_id).first()
    if resident is None:
        raise NotFound
    require(policies.may_write, actor, resident)
    _check_version(resident, version)
    if resident.ended_on is not None:
        raise UnableTo(_("This person has left the household."))
    return resident


def _check_version(row: Household | Resident, version: int | None) -> None:
    if version is not None and row.version != version:
        raise StalePage(_("Somebody has changed this meanwhile. Reload the page, look at the change, and save again."))


def village_check(code: str) -> None:
    """Raises BadInput unless `code` is a village or residents' committee in force."""
    try:
        is_village = level(code) == VILLAGE and division(code).valid_to is None
    except (NotFound, ValueError):
        is_village = False
    if not is_village:
        raise BadInput(fields={"region_code": [_("Choose a village or a residents' committee.")]})


def _born_before(resident: Resident) -> None:
    """A corrected birth lies before everything that is recorded with a day of the person."""
    past = Membership.objects.filter(resident=resident).order_by("during").values_list("during", flat=True).first()
    first = min((d for d in (resident.since, past.lower if past else None) if d is not None), default=None)
    exact = resident.born_precision == BirthPrecision.DAY
    if first is not None and exact and resident.born_on is not None and first < resident.born_on:
        text = _("%(name)s is recorded in a household since %(day)s, before this birth date.")
        raise BadInput(fields={"born_on": [text % {"name": resident.name, "day": first.isoformat()}]})


def _birth_check(kind: str, facts: PersonFacts, on: date | None, at: datetime) -> None:
    """Nobody belongs to a household before they are born; a birth happens on the day on which somebody is born."""
    born, day = facts.born, on or local_date(at)
    if born is None:
        return
    if kind == EventKind.BIRTH and day != born:
        text = _("A birth on %(day)s, but born on %(born)s: one of the two is wrong.")
        raise BadInput(fields={"on": [text % {"day": day.isoformat(), "born": born.isoformat()}]})
    if day < born:
        raise BadInput(fields={"on": [unborn(facts.name, born)]})


def _refuse_head(facts: PersonFacts) -> None:
    if facts.relation == Relation.HEAD:
        raise BadInput(fields={"relation": [_("The household has a head already. Use “Change the head” instead.")]})


def _resident_insert(
    household: Household, facts: PersonFacts, relation: str, at: datetime, *, since: date | None = None
) -> Resident:
    resident = Resident(
        household=household, region_code=household.region_code, since=since, created_at=at, changed_at=at,
        **{**facts.columns(), "relation": relation},
    )  # fmt: skip
    _refuse_twice(resident)
    try:
        with transaction.atomic():
            resident.save(force_insert=True)
    except IntegrityError as error:
        raise _already_registered(error) from None
    return resident


def _refuse_twice(resident: Resident) -> None:
    """While keys are being changed the index alone does not see that two fingerprints are of one number."""
    if not resident.number or is_settled():
        return
    county = resident.region_code[:6]
    others = Resident.objects.filter(
        number_blind__in=blinds(resident.number, NUMBER), ended_on__isnull=True, region_code__prefix=county
    )
    if others.exclude(id=resident.id).exists():
        raise UnableTo(_("A person with this identity number is already registered in this county."))


def _save_once(resident: Resident, at: datetime, changed: set[str]) -> None:
    _refuse_twice(resident)
    try:
        with transaction.atomic():
            _touch(resident, at, changed)
    except IntegrityError as error:
        raise _already_registered(error) from None


def _already_registered(error: IntegrityError) -> Exception:
    if "registry_person_once" in str(error):
        return UnableTo(_("A person with this identity number is already registered in this county."))
    return error


def _apply(row: Household | Resident, values: Mapping[str, Any]) -> set[str]:
    """Set what differs; the names of the fields that did."""
    changed = {name for name, value in values.items() if _differs(getattr(row, name), value)}
    for name in changed:
        setattr(row, name, values[name])
    return changed


def _differs(old: Any, new: Any) -> bool:
    return bytes(old) != bytes(new) if isinstance(old, memoryview) and new is not None else old != new


def _touch(row: Household | Resident, at: datetime, changed: set[str]) -> None:
    row.version += 1
    row.changed_at = at
    row.save(update_fields=["version", "changed_at", *changed])
