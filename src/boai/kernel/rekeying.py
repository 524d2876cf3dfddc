"""Changing the master key while everything runs: seal anew whatever an older key, or another cipher, has sealed.

What is to be done is found from the models: every `SealedTextField` of every table, and beside it every `BlindField`.
Rows go by a thousand, each lot in a transaction of its own, so that a run can be cut short anywhere and go on: what
still begins with another header is still to be done. What no model tells (a key inside of JSON, fingerprints that hang
on others, files) the apps do themselves: they register a `Follower`, which runs after the tables.

It works as the owner of the tables: rows that are written once are sealed anew too, with their content unchanged, and
the web process must not be able to do that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import OperationalError, connection, connections, transaction
from django.utils.translation import gettext as _

from boai.kernel.crypto import BlindField, SealedTextField, header, seal, unseal
from boai.kernel.errors import UnableTo
from boai.kernel.models import KeyRotation

LOT = 1000
OWNER = "owner"
_PATIENCE = "4s"
_TRIES = 30
_REFUSES_UPDATE = """
SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal AND tgenabled <> 'D'
   AND tgtype & 2 > 0 AND tgtype & 16 > 0 ORDER BY tgname"""  # BEFORE, UPDATE

Follower = Callable[[], int]
"""Works through `OWNER` as we do; can be run twice without harm; the number of things that it changed."""

_followers: dict[str, Follower] = {}
_settled: set[bytes] = set()


@dataclass(frozen=True)
class Place:
    """A table with sealed columns: (column, purpose) of each, and its blind indexes by the column they stand for."""

    table: str
    key: str
    key_type: str
    sealed: tuple[tuple[str, str], ...]
    blind: tuple[tuple[str, str, BlindField], ...]
    """(column of the index, column that it is taken from, field)"""

    @property
    def stale(self) -> str:
        """The condition under which a row is to be sealed anew; takes the header as %(head)s."""
        return " OR ".join(
            f'(octet_length("{column}") > 0 AND substring("{column}" FROM 1 FOR 6) <> %(head)s)'
            for column, _purpose in self.sealed
        )


def followers_register(name: str, follower: Follower) -> None:
    """An app's own part of changing the key, known by a name. Call it from AppConfig.ready."""
    _followers[name] = follower


def places() -> list[Place]:
    """Every table that has a sealed column, as the models tell it."""
    found = []
    for model in apps.get_models():
        fields = model._meta.local_concrete_fields
        sealed = tuple((f.column, f.purpose) for f in fields if isinstance(f, SealedTextField))
        if not sealed:
            continue
        columns = {f.name: f.column for f in fields}
        blind = tuple((f.column, columns[f.of], f) for f in fields if isinstance(f, BlindField) and f.of)
        key = model._meta.pk
        key_type = key.db_type(connection) or "text"
        found.append(Place(model._meta.db_table, key.column, key_type, sealed, blind))
    return sorted(found, key=lambda place: place.table)


def is_settled() -> bool:
    """Is everything under the present key? While it is not, two rows of one person may have different fingerprints."""
    if not settings.BOAI_OLD_MASTER_KEYS:
        return True
    head = header()
    if head in _settled:
        return True
    done = KeyRotation.objects.filter(header__endswith=head[2:].hex(), finished_at__isnull=False).exists()
    if done:
        _settled.add(head)
    return done


def require_settled() -> None:
    """Raise UnableTo while fingerprints are being computed anew: what compares many people has to wait so long."""
    if not is_settled():
        raise UnableTo(
            _("The keys of this installation are being changed. People can be compared again when it is done.")
        )


def stale_counts() -> dict[str, int]:
    """How many rows of each table are still to be sealed anew."""
    counts = {}
    with connections[OWNER].cursor() as cursor:
        for place in places():
            cursor.execute(
                f'SELECT count(*) FROM "{place.table}" WHERE {place.stale}',  # noqa: S608 - names of Django's own
                {"head": header()},
            )
            (counts[place.table],) = cursor.fetchone() or (0,)
    return counts


def rotation_begin(*, at: datetime) -> KeyRotation:
    """The run that is under way for the present key, or a new one."""
    under_way = KeyRotation.objects.filter(header=header().hex(), finished_at__isnull=True).first()
    return under_way or KeyRotation.objects.create(header=header().hex(), started_at=at)


def rotation_run(*, rotation: KeyRotation, told: Callable[[str, int], None] = lambda _table, _rows: None) -> None:
    """Seal everything anew, table by table, then let the apps do their part. Can be run again at any point.

    A process that has not yet been started anew may still write with the older key: rounds are made until one finds
    nothing. Says (table, rows done so far) through `told`.
    """
    for place in places():
        _table(place, rotation, told)
    while any(stale_counts().values()):
        rotation.places = {}
        for place in places():
            _table(place, rotation, told)
    for name, follower in _followers.items():
        told(name, follower())


def rotation_finish(*, rotation: KeyRotation, at: datetime) -> None:
    """Everything is under the present key: older ones may be taken out of the ring."""
    rotation.finished_at = at
    rotation.save(update_fields=["finished_at", "places"])


def _table(place: Place, rotation: KeyRotation, told: Callable[[str, int], None]) -> None:
    state = rotation.places.setdefault(place.table, {"after": None, "done": 0})
    while True:
        done, after = _patiently(place, state["after"])
        if after is None:
            break
        state["after"], state["done"] = after, state["done"] + done
        rotation.save(update_fields=["places"])
        told(place.table, state["done"])


def _patiently(place: Place, after: str | None) -> tuple[int, str | None]:
    """A lot; somebody who works on the same rows is waited for."""
    for _attempt in range(_TRIES):
        try:
            with transaction.atomic(using=OWNER), connections[OWNER].cursor() as cursor:
                cursor.execute(f"SET LOCAL lock_timeout = '{_PATIENCE}'")
                return _lot(cursor, place, after)
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", "") != "55P03":  # lock_not_available
                raise
    raise UnableTo(_("The table %(table)s is in use; run the command again later.") % {"table": place.table})


def _lot(cursor: Any, place: Place, after: str | None) -> tuple[int, str | None]:
    """Seal a thousand rows anew: (rows, key of the last one); (0, None) when there are no more."""
    sources = [column for column, _purpose in place.sealed]
    indexes = [column for column, _source, _field in place.blind]
    beyond = f'AND "{place.key}" > %(after)s::{place.key_type}' if after is not None else ""
    names = ", ".join(f'"{c}"' for c in (place.key, *sources, *indexes))
    cursor.execute(
        f'SELECT {names} FROM "{place.table}" WHERE ({place.stale}) {beyond} '  # noqa: S608 - names of Django's own
        f'ORDER BY "{place.key}" LIMIT {LOT} FOR NO KEY UPDATE',
        {"head": header(), "after": after},
    )
    rows = cursor.fetchall()
    if not rows:
        return 0, None
    with _guards_down(cursor, place.table):
        cursor.execute(_update(place, sources, indexes), _columns(place, rows, sources, indexes))
    return len(rows), str(rows[-1][0])


def _update(place: Place, sources: list[str], indexes: list[str]) -> str:
    """One statement for the whole lot. An index that is empty stays empty."""
    written = [*sources, *indexes]
    sets = ", ".join(f'"{c}" = v."{c}"' for c in written)
    arrays = ", ".join(["%(key)s::text[]", *(f"%({c})s::bytea[]" for c in written)])
    names = ", ".join(["key", *(f'"{c}"' for c in written)])
    return (
        f'UPDATE "{place.table}" AS t SET {sets} FROM unnest({arrays}) AS v({names}) '  # noqa: S608 - as above
        f'WHERE t."{place.key}" = v.key::{place.key_type}'
    )


def _columns(place: Place, rows: list[Any], sources: list[str], indexes: list[str]) -> dict[str, list[Any]]:
    values: dict[str, list[Any]] = {"key": [str(row[0]) for row in rows], **{c: [] for c in (*sources, *indexes)}}
    for row in rows:
        plain: dict[str, str] = {}
        for (column, purpose), sealed in zip(place.sealed, row[1:], strict=False):
            plain[column] = unseal(sealed, purpose) if sealed is not None and len(sealed) else ""
            values[column].append(seal(plain[column], purpose) if plain[column] else sealed)
        for (column, source, field), before in zip(place.blind, row[1 + len(sources) :], strict=True):
            said = plain[source]
            values[column].append(field.fingerprint(said) if before is not None and said else before)
    return values


@contextmanager
def _guards_down(cursor: Any, table: str) -> Iterator[None]:
    """Triggers that keep rows as they were written look away while the same content is sealed under another key."""
    cursor.execute(_REFUSES_UPDATE, [f'"{table}"'])
    guards = [name for (name,) in cursor.fetchall()]
    for name in guards:
        cursor.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER "{name}"')
    yield
    for name in guards:
        cursor.execute(f'ALTER TABLE "{table}" ENABLE TRIGGER "{name}"')
