"""Everything that points at a resident or a household, in every application, and letting it point at another one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import connection, models

from boai.registry.models import (
    CategoryEntry,
    Consent,
    DuplicatePair,
    EmergencyTag,
    Household,
    HouseholdEvent,
    Membership,
    Merge,
    PastPlace,
    Resident,
    RetentionProposal,
    SensitiveLook,
)

STAYS = (Merge, Membership, Consent)
"""Where each of two merged people belonged in the past stays with each, and what each has said about their data; so
does the merge itself."""
HOUSEHOLD_STAYS = (Resident, Membership, PastPlace, HouseholdEvent, SensitiveLook, EmergencyTag, RetentionProposal)
"""Who lived in a household, where it was, what happened to it and who looked at it stays its own history when it is
closed; a look is written once, and no process may change it. What is to be destroyed of one household says nothing of
another."""


@dataclass(frozen=True)
class Reference:
    """A column of some table that points at residents, or at households."""

    table: str
    column: str
    key: str
    carries_place: bool = False


def references() -> Iterator[Reference]:
    """Every foreign key to a resident in the whole installation, so that no application has to be named here."""
    for model, field in _keys_to(Resident):
        if model not in STAYS:
            yield _reference(model, field, carries_place=model is CategoryEntry)


def household_references() -> Iterator[Reference]:
    """Every foreign key to a household, but those that are the household's own history, and those that were written
    for good: what no process may change stays where it was, and whoever reads it follows the household."""
    found = [_reference(model, field) for model, field in _keys_to(Household) if model not in HOUSEHOLD_STAYS]
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT t, c FROM unnest(%s::text[], %s::text[]) AS x (t, c)
               WHERE has_column_privilege(quote_ident(t), c, 'UPDATE')""",
            [[one.table for one in found], [one.column for one in found]],
        )
        free = set(cursor.fetchall())
    yield from (one for one in found if (one.table, one.column) in free)


def pair_references() -> Iterator[Reference]:
    """Where pairs name a person: no foreign keys, since a row of a file may stand there as well."""
    table, key = DuplicatePair._meta.db_table, DuplicatePair._meta.pk.column
    for column in ("left_id", "right_id"):
        yield Reference(table, column, key)


def reference_of(table: str, column: str) -> Reference:
    """The reference of a column."""
    every = (*references(), *household_references(), *pair_references())
    return next(one for one in every if (one.table, one.column) == (table, column))


def _keys_to(target: type[models.Model]) -> Iterator[tuple[type[models.Model], models.ForeignKey[Any, Any]]]:
    for model in apps.get_models():
        for field in model._meta.local_fields:
            if isinstance(field, models.ForeignKey) and field.related_model is target:
                yield model, field


def _reference(
    model: type[models.Model], field: models.ForeignKey[Any, Any], *, carries_place: bool = False
) -> Reference:
    return Reference(model._meta.db_table, field.column, model._meta.pk.column, carries_place)


def move(
    reference: Reference, *, old: UUID, new: UUID, place: str = "", only: Iterable[object] | None = None
) -> list[str]:
    """Let the rows that point at one (or, of them, `only` these) point at another; the keys of the rows. `place` is
    the village of the new one, for rows that carry it."""
    also = ", region_code = %(place)s" if reference.carries_place else ""
    which = f'AND "{reference.key}"::text = ANY(%(only)s)' if only is not None else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE "{reference.table}" SET "{reference.column}" = %(new)s{also}
                WHERE "{reference.column}" = %(old)s {which} RETURNING "{reference.key}"::text""",  # noqa: S608 - names of Django's own
            {"new": new, "old": old, "place": place, "only": [str(key) for key in only or ()]},
        )
        return [key for (key,) in cursor.fetchall()]
