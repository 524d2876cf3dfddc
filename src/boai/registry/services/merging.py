"""Two residents turn out to be one person: merge them, and take the merge apart again.

The one who goes keeps its row and its history, ended with the reason "merged"; everything that pointed at it points at
the one who stays, and what pointed at a household that is closed by it follows. What both looked like before, and every
reference that was moved, is kept (sealed), so that the merge can be undone to the letter.
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
from boai.kernel.errors import BadInput, NotFound, StalePage, UnableTo
from boai.kernel.policy import require
from boai.people.actor import Actor
from boai.registry import policies
from boai.registry.enums import BirthPrecision, EndReason, PairState
from boai.registry.models import CategoryEntry, DuplicatePair, Household, Merge, Resident
from boai.registry.queries.facts import ADDRESS, BOTH, CATEGORIES, PICKS
from boai.registry.queries.pairs import told_by
from boai.registry.services import following
from boai.registry.services.merge_events import merge_taken_apart, merge_tell

_CHANGED = ("relation", "ended_on", "end_reason", *(column for columns in PICKS.values() for column in columns))
_BINARY = ("number_blind", "phone_blind", "account_blind")
_FOLLOWS = ("sex", "born")  # the identity number


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
    picks, on = _picks(picks or {}), local_date(at)
    chosen = _chosen(kept, gone, picks, on)
    before: dict[str, Any] = {"kept": _frozen(kept), "gone": _frozen(gone)}
    before["homes"] = {"kept": str(kept.household_id), "gone": str(gone.household_id)}
    if picks.get(ADDRESS) == "gone":
        before["home"] = _address_take(kept, gone, at)
    closed = _leave(gone, at)
    brought = before["brought"] = _take(kept, gone, chosen, on)
    _save(gone, at)  # first: a living person's number stands once
    _save(kept, at)
    left, back = _categories(kept, gone, picks.get(CATEGORIES, BOTH), on)
    moved = following.people_follow(kept, gone, left=left, back=back)
    moved += following.households_follow(before["homes"], closed=closed is not None, moved=moved)
    moved += following.pairs_follow(kept, gone)
    references = sum(len(keys) for _table, _column, keys in moved)
    merge = Merge.objects.create(
        region_code=kept.region_code, kept=kept, gone=gone, before=json.dumps(before, cls=DjangoJSONEncoder),
        moved=[*moved, following.closed_by(closed)] if closed else moved, merged_by_id=actor.user_id, merged_at=at,
    )  # fmt: skip
    merge_tell(merge=merge, kept=kept, gone=gone, relation=before["gone"]["relation"], closed=closed, on=on, at=at)
    taken = sorted(set(brought) | {name for name in (ADDRESS, CATEGORIES) if picks.get(name) == "gone"})
    record("registry.resident.merged", kept, actor=actor, at=at, gone=str(gone.id), taken=taken, references=references)
    return merge


@transaction.atomic
def merge_undo(*, merge_id: UUID, actor: Actor, at: datetime) -> Merge:
    """Take a merge apart: both people as they were, every moved reference back where it was; the two wait for a word
    again if a pair had brought them together.

    What the merge had brought to the one who stayed goes again; what has been corrected there since stays as corrected.
    Raises NotFound, NotAllowed, UnableTo (undone before; a later merge builds on it; what was before has been deleted;
    the household of the one who went has been closed, or the number been given to somebody else meanwhile).
    """
    merge = Merge.objects.select_for_update().filter(id=merge_id).first()
    if merge is None:
        raise NotFound
    following.pairs_lock(merge.kept_id, merge.gone_id)
    rows = _people_lock(merge.kept_id, merge.gone_id)
    if len(rows) != 2:
        raise NotFound
    kept, gone = rows[merge.kept_id], rows[merge.gone_id]
    require(policies.may_write, actor, kept)
    require(policies.may_write, actor, gone)
    _require_undoable(merge)
    before, closed = json.loads(merge.before), following.closed_in(merge.moved)
    _require_home(gone, closed)
    Household.objects.filter(id__in=closed).update(ended_on=None, version=models.F("version") + 1, changed_at=at)
    following.follow_back(merge.moved, before["homes"], kept=kept, gone=gone)
    _address_back(before.get("home"), at)
    try:
        with transaction.atomic():
            _give_back(kept, before, local_date(at))
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
    merge_taken_apart(merge=merge, actor=actor, at=at)
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


def _require_home(gone: Resident, closed: list[UUID]) -> None:
    """The one who went comes back into a household that is still there, or was closed by the merge alone."""
    home = Household.objects.get(id=gone.household_id)
    if home.ended_on is not None and home.id not in closed:
        raise UnableTo(_("The household from which this person came has been closed meanwhile."))


def _ask_again(kept: Resident, gone: Resident) -> None:
    both, torn = (kept.id, gone.id), kept.household_id != gone.household_id
    pairs = DuplicatePair.objects.filter(left_id__in=both, right_id__in=both, state=PairState.SAME)
    pairs.update(state=PairState.ASKED, torn=torn, goes_id=None, decided_by=None, decided_at=None)


def _both_for_update(kept_id: UUID, gone_id: UUID, actor: Actor) -> tuple[Resident, Resident]:
    following.pairs_lock(kept_id, gone_id)
    rows = _people_lock(kept_id, gone_id)
    if kept_id not in rows or gone_id not in rows or kept_id == gone_id:
        raise NotFound
    for one in rows.values():
        require(policies.may_write, actor, one)
        if one.ended_on is not None:
            raise UnableTo(_("This person has left the household."))
    return rows[kept_id], rows[gone_id]


def _people_lock(*residents: UUID) -> dict[UUID, Resident]:
    """Households before their people, in the order of their keys, as everybody locks them."""
    homes = set(Resident.objects.filter(id__in=residents).values_list("household_id", flat=True))
    list(Household.objects.select_for_update().filter(id__in=homes).order_by("id"))
    rows = {r.id: r for r in Resident.objects.select_for_update().filter(id__in=residents).order_by("id")}
    if not {one.household_id for one in rows.values()} <= homes:
        raise StalePage(_("Somebody has changed this meanwhile. Reload the page, look at the change, and save again."))
    return rows


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
    return chosen - set(_FOLLOWS) if told_by(owner.number, on=on) else chosen


def _take(kept: Resident, gone: Resident, chosen: set[str], on: date) -> dict[str, dict[str, Any]]:
    """Write what was chosen; sex and birth follow the number. What changed by it: {fact: {column: value}}."""
    old = _frozen(kept)
    for name in chosen:
        for column in PICKS[name]:
            setattr(kept, column, getattr(gone, column))
    if told := told_by(kept.number, on=on):
        kept.sex, kept.born_on, kept.born_precision = *told, BirthPrecision.DAY.value
    new = _frozen(kept)
    return {n: {c: new[c] for c in columns} for n, columns in PICKS.items() if any(old[c] != new[c] for c in columns)}


def _give_back(kept: Resident, before: Mapping[str, Any], on: date) -> None:
    """What the merge brought goes again, fact by fact, unless it was corrected since. Where a corrected number tells
    sex and birth, they stay with it."""
    now = json.loads(json.dumps(_frozen(kept), cls=DjangoJSONEncoder))
    stood = {name: values for name, values in before["brought"].items() if _plainly(values) == _plainly(now, values)}
    corrected = "number" in before["brought"] and "number" not in stood
    told = told_by(kept.number, on=on) if corrected else None
    _thaw(kept, before["kept"],
          only={c for name in stood if not told or name not in _FOLLOWS for c in PICKS[name]})  # fmt: skip


def _plainly(values: Mapping[str, Any], like: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Columns but for the blind indexes, which change with the key."""
    return {name: values[name] for name in like or values if name not in _BINARY}


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


def _categories(kept: Resident, gone: Resident, lists: str, on: date) -> tuple[list[UUID], list[UUID]]:
    """Which categories of the one who goes stay there (all, or those that the other has in the same words), and which
    of the one who stays go over to the other."""
    open_now = Q(valid_to__isnull=True) | Q(valid_to__gte=on)
    of_kept, of_gone = (list(CategoryEntry.objects.filter(resident_id=one.id).order_by("id")) for one in (kept, gone))
    if lists == "kept":
        return [entry.id for entry in of_gone], []
    if lists == "gone":
        holding = CategoryEntry.objects.filter(open_now, resident_id=kept.id)
        return [], list(holding.values_list("id", flat=True))
    held = {_said(entry) for entry in of_kept if entry.valid_to is None}
    return [entry.id for entry in of_gone if entry.valid_to is None and _said(entry) in held], []


def _said(entry: CategoryEntry) -> tuple[str, str, str]:
    return entry.kind, entry.detail, entry.fact


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
