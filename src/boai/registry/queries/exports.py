"""Lists taken out of the register: which there are, and the rows of one, streamed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet

from boai.kernel.errors import NotFound
from boai.people.actor import Actor
from boai.regions.codes import span
from boai.regions.queries import full_names
from boai.registry.enums import Category, NumberKind, Relation, Sex
from boai.registry.models import RegisterExport, Resident
from boai.registry.models.people import IN_FORCE
from boai.registry.purposes import Purpose
from boai.registry.queries.consents import may_sql, may_values

MOST = 100
LOT = 5_000

_FROM = f"""
FROM registry_household h JOIN registry_resident r ON r.household_id = h.id AND r.ended_on IS NULL
WHERE h.region_code BETWEEN %(lo)s AND %(hi)s AND h.ended_on IS NULL
  AND (%(kind)s = '' OR EXISTS (SELECT FROM registry_categoryentry k
                                WHERE k.resident_id = r.id AND k.kind = %(kind)s AND {IN_FORCE.format(c="k")}))"""
_MAY = may_sql("r.id")
_WHO = f"SELECT {_MAY} AS may {_FROM}"
_ROWS = f"""
SELECT h.region_code, h.code, h.office_number, r.name, r.relation, r.sex, r.born_on, r.number_kind, r.number_tail,
       r.phone_tail, (SELECT string_agg(DISTINCT c.kind, ',' ORDER BY c.kind) FROM registry_categoryentry c
                      WHERE c.resident_id = r.id AND c.kind <> '' AND {IN_FORCE.format(c="c")})
{_FROM} AND {_MAY}
ORDER BY h.region_code, h.id, r.relation <> 'head', r.born_on"""  # noqa: S608 - nothing of a person's typing is in it


def exports_in_reach(*, actor: Actor) -> QuerySet[RegisterExport]:
    """Lists of the actor's division, the newest first."""
    reach = (actor.scope.lo, actor.scope.hi)
    found = RegisterExport.objects.filter(region_code__range=reach).select_related("asked_by", "decided_by")
    return found.order_by("-asked_at", "-id")


def exports_page(*, actor: Actor) -> list[RegisterExport]:
    """What the page shows."""
    return list(exports_in_reach(actor=actor)[:MOST])


def export_get(*, export_id: UUID, actor: Actor) -> RegisterExport:
    """One list. Raises NotFound, also outside the actor's division."""
    found = exports_in_reach(actor=actor).filter(id=export_id).first()
    if found is None:
        raise NotFound
    return found


def people_count(*, region_code: str, category: str, outside: bool, on: date) -> tuple[int, int]:
    """How many people a list would hold, and how many it would leave out for want of their consent."""
    values = _values(region_code=region_code, category=category, outside=outside, on=on)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT may, count(*) FROM ({_WHO}) AS who GROUP BY may", values)  # noqa: S608 - our own words
        found = dict(cursor.fetchall())
    return found.get(True, 0), found.get(False, 0)


def _values(*, region_code: str, category: str, outside: bool, on: date) -> dict[str, Any]:
    lo, hi = span(region_code)
    purpose = Purpose.SHARE if outside else Purpose.RELIEF
    return {
        "lo": lo,
        "hi": hi,
        "kind": category,
        "today": on,
        **may_values(purpose=purpose, region_code=region_code, on=on),
    }


def export_rows(*, export: RegisterExport, on: date) -> Iterator[list[Any]]:
    """The lines of those whose data may be used for the list on a day, village by village, in constant memory: a cursor
    of the database, a few thousand rows at a time."""
    lo, hi = span(export.region_code)
    values = _values(region_code=export.region_code, category=export.category, outside=export.outside, on=on)
    places = full_names(
        Resident.objects.filter(region_code__range=(lo, hi)).values_list("region_code", flat=True).distinct()
    )
    relations, sexes = dict(Relation.choices), dict(Sex.choices)
    kinds, numbers = dict(Category.choices), dict(NumberKind.choices)
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(_ROWS, values)
        while rows := cursor.fetchmany(LOT):
            for place, code, office, name, relation, sex, born, number, tail, phone, held in rows:
                yield [
                    places.get(place, place), code, office, name, str(relations.get(relation, "")),
                    str(sexes.get(sex, "")), born, str(numbers.get(number, "")), f"****{tail}" if tail else "",
                    f"****{phone}" if phone else "",
                    "、".join(str(kinds.get(kind, kind)) for kind in (held or "").split(",") if kind), export.code,
                ]  # fmt: skip
