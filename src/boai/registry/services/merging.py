"""Two residents turn out to be one person: merge them, and take the merge apart again.

The one who goes keeps its row and its history, ended with the reason "merged"; everything that pointed at it points at
the one who stays. What both looked like before, and every reference that was moved, is kept (sealed), so that the merge
can be undone to the letter.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, connection, models, transaction
from django.utils.translation import gettext as _

from boai.audit.services import record
from boai.kernel.clock import local_date
from boai.kernel.errors import BadInput, NotFound, UnableTo
from boai.kernel.policy import require
from boai.people.actor import Actor
from boai.registry import policies
from boai.registry.enums import EndReason
from boai.registry.models import CategoryEntry, Consent, Household, Membership, Merge, Resident

# What can be taken from either of the two, and the columns that go together.
PICKS: dict[str, tuple[str, ...]] = {
    "name": ("name", "pinyin", "initials"),
    "sex": ("sex",),
    "born": ("born_on", "born_precision"),
    "number": ("number", "number_kind", "number_blind", "number_tail"),
    "phone": ("phone", "phone_blind", "phone_tail"),
    "account": ("account", "account_blind", "account_tail", "bank"),
    "note": ("note",),
}
_CHANGED = ("relation", "ended_on", "end_reason", *(column for columns in PICKS.values() for column in columns))
_BINARY = ("number_blind", "phone_blind", "account_blind")


@dataclass(frozen=True)
class _Reference:
    """A column of some table that points at residents."""

    table: str
    column: str
    key: str
    carries_place: bool


@transaction.atomic
def residents_merge(
    *, kept_id: UUID, gone_id: UUID, picks: Mapping[str, str] | None = None, actor: Actor, at: datetime
) -> Merge:
    """Make two residents one. `picks` names the facts (keys of PICKS) to take from the one who goes: {"phone": "gone"}.

    Facts that the one who stays does not have are taken over in any case. Raises NotFound, NotAllowed, BadInput (a pick
    that does not exist) and UnableTo (one of them has left; the one who goes is the head of a household with others).
    """
    kept, gone = _both_for_update(kept_id, gone_id, actor)
    chosen = _chosen(kept, gone, picks or {})
    before = json.dumps({"kept": _frozen(kept), "gone": _frozen(gone)}, cls=DjangoJSONEncoder)
    closed = _leave(gone, at)
    for name in chosen:
        for column in PICKS[name]:
            setattr(kept, column, getattr(gone, column))
    _save(gone, at)  # first: a living person's number stands once
    _save(kept, at)
    moved = [one for reference in _references() if (one := _move(reference, gone, kept)) is not None]
    merge = Merge.objects.create(
        region_code=kept.region_code, kept=kept, gone=gone, before=before,
        moved=[*moved, ["closed", str(closed.id), []]] if closed else moved, merged_by_id=actor.user_id, merged_at=at,
    )  # fmt: skip
    record("registry.resident.merged", kept, actor=actor, at=at, gone=str(gone.id), taken=sorted(chosen),
           references=sum(len(keys) for _table, _column, keys in moved))  # fmt: skip
    return merge


@transaction.atomic
def merge_undo(*, merge_id: UUID, actor: Actor, at: datetime) -> Merge:
    """Take a merge apart: both people as they were, every moved reference back where it was.

    Facts that were corrected since the merge stay with the one who stayed unless the merge itself had brought them.
    Raises NotFound, NotAllowed, UnableTo (undone before; the number has been given to somebody else meanwhile).
    """
    merge = Merge.objects.select_for_update().filter(id=merge_id).first()
    if merge is None:
        raise NotFound
    rows = {r.id: r for r in Resident.objects.select_for_update().filter(id__in=[merge.kept_id, merge.gone_id])}
    if len(rows) != 2:
        raise NotFound
    kept, gone = rows[merge.kept_id], rows[merge.gone_id]
    require(policies.may_write, actor, kept)
    require(policies.may_write, actor, gone)
    if merge.undone_at is not None:
        raise UnableTo(_("This merge has already been taken apart."))
    before = json.loads(merge.before)
    for table, column, keys in merge.moved:
        if table == "closed":
            Household.objects.filter(id=column).update(ended_on=None)
        else:
            _move_back(table, column, keys, kept, gone)
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
    record("registry.resident.unmerged", kept, actor=actor, at=at, back=str(gone.id))
    return merge


def _both_for_update(kept_id: UUID, gone_id: UUID, actor: Actor) -> tuple[Resident, Resident]:
    rows = {r.id: r for r in Resident.objects.select_for_update().filter(id__in=[kept_id, gone_id]).order_by("id")}
    if kept_id not in rows or gone_id not in rows or kept_id == gone_id:
        raise NotFound
    for one in rows.values():
        require(policies.may_write, actor, one)
        if one.ended_on is not None:
            raise UnableTo(_("This person has left the household."))
    return rows[kept_id], rows[gone_id]


def _chosen(kept: Resident, gone: Resident, picks: Mapping[str, str]) -> set[str]:
    """The facts to take from the one who goes."""
    if set(picks) - set(PICKS) or set(picks.values()) - {"kept", "gone"}:
        raise BadInput(_("That fact can't be chosen."))
    missing = {name for name, columns in PICKS.items() if not getattr(kept, columns[0]) and getattr(gone, columns[0])}
    return {name for name, side in picks.items() if side == "gone"} | {n for n in missing if picks.get(n) != "kept"}


def _leave(gone: Resident, at: datetime) -> Household | None:
    """The one who goes leaves the household; a household that is empty then is closed. The closed household."""
    closed = None
    if gone.is_head:
        others = Resident.objects.filter(household_id=gone.household_id, ended_on__isnull=True).exclude(id=gone.id)
        if others.exists():
            raise UnableTo(_("This person is the head of a household with others. Name another head there first."))
        closed = Household.objects.select_for_update().get(id=gone.household_id)
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


def _references() -> Iterator[_Reference]:
    """Every foreign key to a resident in the whole installation, so that no application has to be named here."""
    for model in apps.get_models():
        for field in model._meta.local_fields:
            if not isinstance(field, models.ForeignKey) or field.related_model is not Resident:
                continue
            # Where each of the two belonged in the past, and what each has said, stays with each: see queries.consents.
            if model in (Merge, Membership, Consent):
                continue
            key = model._meta.pk.column
            yield _Reference(model._meta.db_table, field.column, key, carries_place=model is CategoryEntry)


def _move(reference: _Reference, gone: Resident, kept: Resident) -> list[Any] | None:
    """Let the rows that point at the one who goes point at the one who stays: [table, column, keys]."""
    place = ", region_code = %(place)s" if reference.carries_place else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE "{reference.table}" SET "{reference.column}" = %(kept)s{place}
                WHERE "{reference.column}" = %(gone)s RETURNING "{reference.key}"::text""",  # noqa: S608 - names of Django's own
            {"kept": kept.id, "gone": gone.id, "place": kept.region_code},
        )
        keys = [key for (key,) in cursor.fetchall()]
    return [reference.table, reference.column, keys] if keys else None


def _move_back(table: str, column: str, keys: list[str], kept: Resident, gone: Resident) -> None:
    reference = next(one for one in _references() if (one.table, one.column) == (table, column))
    place = ", region_code = %(place)s" if reference.carries_place else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE "{table}" SET "{column}" = %(gone)s{place}
                WHERE "{reference.key}"::text = ANY(%(keys)s) AND "{column}" = %(kept)s""",  # noqa: S608 - names of Django's own
            {"kept": kept.id, "gone": gone.id, "place": gone.region_code, "keys": keys},
        )
