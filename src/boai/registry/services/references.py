"""Everything that points at a resident, in every application, and letting it point at another one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.apps import apps
from django.db import connection, models

from boai.registry.models import CategoryEntry, Membership, Merge, Resident

STAYS = (Merge, Membership)
"""Where each of two merged people belonged in the past stays with each; so does the merge itself."""


@dataclass(frozen=True)
class Reference:
    """A column of some table that points at residents."""

    table: str
    column: str
    key: str
    carries_place: bool


def references() -> Iterator[Reference]:
    """Every foreign key to a resident in the whole installation, so that no application has to be named here."""
    for model in apps.get_models():
        for field in model._meta.local_fields:
            if not isinstance(field, models.ForeignKey) or field.related_model is not Resident or model in STAYS:
                continue
            key = model._meta.pk.column
            yield Reference(model._meta.db_table, field.column, key, carries_place=model is CategoryEntry)


def reference_of(table: str, column: str) -> Reference:
    """The reference of a column."""
    return next(one for one in references() if (one.table, one.column) == (table, column))


def move(reference: Reference, *, old: Resident, new: Resident, only: list[UUID] | None = None) -> list[str]:
    """Let the rows that point at one person (or, of them, `only` these) point at another; the keys of the rows."""
    place = ", region_code = %(place)s" if reference.carries_place else ""
    which = f'AND "{reference.key}"::text = ANY(%(only)s)' if only is not None else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE "{reference.table}" SET "{reference.column}" = %(new)s{place}
                WHERE "{reference.column}" = %(old)s {which} RETURNING "{reference.key}"::text""",  # noqa: S608 - names of Django's own
            {"new": new.id, "old": old.id, "place": new.region_code, "only": [str(key) for key in only or ()]},
        )
        return [key for (key,) in cursor.fetchall()]
