"""Two residents turn out to be one person: merge them, and take the merge apart again.

The one who goes keeps its row and its history, ended with the reason "merged"; everything that pointed at it points at
the one who stays. What both looked like before, and every reference that was moved, is kept (sealed), so that the merge
can be undone to the letter.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from boai.audit.services import record
from boai.kernel.clock import local_date
from boai.kernel.errors import BadInput, NotFound, UnableTo
from boai.kernel.policy import require
from boai.people.actor import Actor
from boai.registry import policies
from boai.registry.enums import EndReason, PairState
from boai.registry.models import CategoryEntry, DuplicatePair, Household, Merge, Resident
from boai.registry.queries.facts import ADDRESS, BOTH, CATEGORIES, PICKS
from boai.registry.queries.pairs import tells_birth
from boai.registry.services.references import move, reference_of, references

_CHANGED = ("relation", "ended_on", "end_reason", *(column for columns in PICKS.values() for column in columns))
_BINARY = ("number_blind", "phone_blind", "account_blind")
_LISTS = (CategoryEntry._meta.db_table, "resident_id")
_CLOSED, _SWAPPED = "closed", "swapped"  # in `Merge.moved`, besides the names of tables


@transaction.atomic
def residents_merge(
    *, kept_id: UUID, gone_id: UUID, picks: Mapping[str, str] | None = None, actor: Actor, at: datetime
) -> Merge:
    """Make two residents one. `picks` names the facts (keys of PICKS, "address", "categories") and whose they are:
    {"phone": "gone"}. Facts that the one who stays does not have are taken over in any case; sex and birth follow the
    identity number. Of categories, "both" is taken unless said otherwise: those of one side only leaves the others with
    the one who goes. The address can be taken between households of one village.

    Raises NotFound, NotAllowed, BadInput (a pick that does not exist) and UnableTo (one of them has left; the one who
    goes is the head of a household with others; an address of another village).
    """
    kept, gone = _both_for_update(kept_id, gone_id, actor)
    picks = _picks(picks or {})
    chosen = _chosen(kept, gone, picks, local_date(at))
    before: dict[str, Any] = {"kept": _frozen(kept), "gone": _frozen(gone)}
    if picks.get(ADDRESS) == "gone":
        before["home"] = _address_take(kept, gone, at)
    closed = _leave(gone, at)
    for name in chosen:
        for column in PICKS[name]:
            setattr(kept, column, getattr(gone, column))
    _save(gone, at)  # first: a living person's number stands once
    _save(kept, at)
    moved = _move_all(kept, gone, picks.get(CATEGORIES, BOTH), local_date(at))
    merge = Merge.objects.create(
        region_code=kept.region_code, kept=kept, gone=gone, before=json.dumps(before, cls=DjangoJSONEncoder),
        moved=[*moved, [_CLOSED, str(closed.id), []]] if closed else moved, merged_by_id=actor.user_id, merged_at=at,
    )  # fmt: skip
    taken = sorted(chosen | {name for name in (ADDRESS, CATEGORIES) if picks.get(name) == "gone"})
    record("registry.resident.merged", kept, actor=actor, at=at, gone=str(gone.id), taken=taken,
           references=sum(len(keys) for _table, _column, keys in moved))  # fmt: skip
    return merge


@transaction.atomic
def merge_undo(*, merge_id: UUID, actor: Actor, at: datetime) -> Merge:
    """Take a merge apart: both people as they were, every moved reference back where it was; the two wait for a word
    again if a pair had brought them together.

    Facts that were corrected since the merge stay with the one who stayed unless the merge itself had brought them.
    Raises NotFound, NotAllowed, UnableTo (undone before; a later merge builds on it; what was before has been deleted;
    the number has been given to somebody else meanwhile).
    """
    merge = Merge.objects.select_for_update().filter(id=merge_id).first()
    if merge is None:
        raise NotFound
    _homes_lock(merge.kept_id, merge.gone_id)
    rows = {r.id: r for r in Resident.objects.select_for_update().filter(id__in=[merge.kept_id, merge.gone_id])}
    if len(rows) != 2:
        raise NotFound
    kept, gone = rows[merge.kept_id], rows[merge.gone_id]
    require(policies.may_write, actor, kept)
    require(policies.may_write, actor, gone)
    _require_undoable(merge)
    before = json.loads(merge.before)
    for table, column, keys in merge.moved:
        if table == _CLOSED:
            Household.objects.filter(id=column).update(ended_on=None, version=models.F("version") + 1, changed_at=at)
        elif table == _SWAPPED:
            move(reference_of(*_LISTS), old=gone, new=kept, only=keys)
        else:
            move(reference_of(table, column), old=kept, new=gone, only=keys)
    _address_back(before.get("home"), at)
    try:
        with transaction.atomic():
            _thaw(kept, before["kept"], only=_brought(before))
            _save(kept, at)
            _thaw(gone, before["gone"])
            _save(gone, at)
    except IntegrityError:
        raise UnableTo(
            _("The identity number has been given to somebody else meanwhile. Correct that first.")
        ) from None
    merge.undone_by_id, merge.undone_at = actor.user_id, at
    merge.save(update_fields=["undone_by", "undone_at"])
    _ask_again(kept, gone)
    record("registry.resident.unmerged", kept, actor=actor, at=at, back=str(gone.id))
    return merge


def _require_undoable(merge: Merge) -> None:
    if merge.undone_at is not None:
        raise UnableTo(_("This merge has already been taken apart."))
    if not merge.before:
        raise UnableTo(_("What stood here before has been deleted at the person's request; it can't be brought back."))
    both = (merge.kept_id, merge.gone_id)
    later = Merge.objects.filter(Q(kept_id__in=both) | Q(gone_id__in=both), undone_at__isnull=True).exclude(id=merge.id)
    if later.filter(Q(merged_at__gt=merge.merged_at) | Q(merged_at=merge.merged_at, id__gt=merge.id)).exists():
        raise UnableTo(_("One of the two was merged once more since. Take the later merge apart first."))


def _ask_again(kept: Resident, gone: Resident) -> None:
    both, torn = (kept.id, gone.id), kept.household_id != gone.household_id
    pairs = DuplicatePair.objects.filter(left_id__in=both, right_id__in=both, state=PairState.SAME)
    pairs.update(state=PairState.ASKED, torn=torn, goes_id=None, decided_by=None, decided_at=None)


def _both_for_update(kept_id: UUID, gone_id: UUID, actor: Actor) -> tuple[Resident, Resident]:
    _homes_lock(kept_id, gone_id)
    rows = {r.id: r for r in Resident.objects.select_for_update().filter(id__in=[kept_id, gone_id]).order_by("id")}
    if kept_id not in rows or gone_id not in rows or kept_id == gone_id:
        raise NotFound
    for one in rows.values():
        require(policies.may_write, actor, one)
        if one.ended_on is not None:
            raise UnableTo(_("This person has left the household."))
    return rows[kept_id], rows[gone_id]


def _homes_lock(*residents: UUID) -> None:
    """Households before their people, in the order of their keys, as everybody locks them."""
    homes = Resident.objects.filter(id__in=residents).values("household_id")
    list(Household.objects.select_for_update().filter(id__in=homes).order_by("id"))


def _picks(picks: Mapping[str, str]) -> dict[str, str]:
    sides = {"kept", "gone"}
    for name, side in picks.items():
        if name not in {*PICKS, ADDRESS, CATEGORIES} or side not in (sides | {BOTH} if name == CATEGORIES else sides):
            raise BadInput(_("That fact can't be chosen."))
    return dict(picks)


def _chosen(kept: Resident, gone: Resident, picks: Mapping[str, str], on: date) -> set[str]:
    """The facts of the person to take from the one who goes."""
    missing = {name for name, columns in PICKS.items() if not getattr(kept, columns[0]) and getattr(gone, columns[0])}
    chosen = {name for name in PICKS if picks.get(name) == "gone"} | {n for n in missing if picks.get(n) != "kept"}
    owner = gone if "number" in chosen else kept
    if tells_birth(owner.number, on=on):
        chosen -= {"sex", "born"}
        chosen |= {"sex", "born"} if owner is gone else set()
    return chosen


def _address_take(kept: Resident, gone: Resident, at: datetime) -> dict[str, str]:
    """The household of the one who stays gets the other's address: what was before, and what it has now."""
    home, other = (Household.objects.get(id=one.household_id) for one in (kept, gone))
    if home.region_code != other.region_code:
        raise UnableTo(_("The two households are in different villages: correct the address on the household's page."))
    kept_before = {"id": str(home.id), "address": home.address, "brought": other.address}
    Household.objects.filter(id=home.id).update(
        address=other.address, version=models.F("version") + 1, changed_at=at
    )  # fmt: skip
    return kept_before


def _address_back(home: Mapping[str, str] | None, at: datetime) -> None:
    """The address as it was, unless somebody has corrected it since."""
    if home is not None:
        Household.objects.filter(id=home["id"], address=home["brought"]).update(
            address=home["address"], version=models.F("version") + 1, changed_at=at
        )


def _move_all(kept: Resident, gone: Resident, lists: str, on: date) -> list[list[Any]]:
    """Every reference goes over to the one who stays; of categories those that were chosen: [[table, column, keys]]."""
    moved: list[list[Any]] = []
    left: list[UUID] = []
    if lists == "gone":
        holding = CategoryEntry.objects.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=on), resident_id=kept.id)
        left = list(holding.values_list("id", flat=True))
    for reference in references():
        listed = (reference.table, reference.column) == _LISTS
        if listed and lists == "kept":
            continue
        if keys := move(reference, old=gone, new=kept):
            moved.append([reference.table, reference.column, keys])
        if listed and lists == "gone" and left:
            moved.append([_SWAPPED, "", move(reference, old=kept, new=gone, only=left)])
    return moved


def _leave(gone: Resident, at: datetime) -> Household | None:
    """The one who goes leaves the household; a household that is empty then is closed. The closed household."""
    closed = None
    if gone.is_head:
        others = Resident.objects.filter(household_id=gone.household_id, ended_on__isnull=True).exclude(id=gone.id)
        if others.exists():
            raise UnableTo(_("This person is the head of a household with others. Name another head there first."))
        closed = Household.objects.get(id=gone.household_id)
        closed.ended_on = local_date(at)
        closed.version, closed.changed_at = closed.version + 1, at
        closed.save(update_fields=["ended_on", "version", "changed_at"])
    gone.ended_on, gone.end_reason = local_date(at), EndReason.MERGED
    return closed


def _save(row: Resident, at: datetime) -> None:
    row.version, row.changed_at = row.version + 1, at
    row.save(update_fields=["version", "changed_at", *_CHANGED])


def _frozen(row: Resident) -> dict[str, Any]:
    values: dict[str, Any] = {name: getattr(row, name) for name in _CHANGED}
    return {n: bytes(v).hex() if n in _BINARY and v is not None else v for n, v in values.items()}


def _thaw(row: Resident, values: Mapping[str, Any], only: set[str] | None = None) -> None:
    for name, value in values.items():
        if only is not None and name not in only:
            continue
        field = Resident._meta.get_field(name)
        if name in _BINARY:
            value = bytes.fromhex(value) if value is not None else None
        setattr(row, name, field.to_python(value) if isinstance(field, models.DateField) else value)


def _brought(before: Mapping[str, Mapping[str, Any]]) -> set[str]:
    """Columns in which the two differed: only these can the merge have brought to the one who stayed."""
    picked = {column for columns in PICKS.values() for column in columns}
    return {name for name in picked if before["kept"][name] != before["gone"][name]}
