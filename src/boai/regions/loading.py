"""Bring the shipped list into the table: by COPY, all or nothing, once per list."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, transaction

from boai.regions import codes, dataset
from boai.regions.dataset import Entry

Progress = Callable[[int, int], None]

TABLE = "regions_division"
_COLUMNS = "code, parent, level, name, short_name, kind, pinyin, initials, source"
_LOCK = 0x626F6169  # the bytes "boai": one load at a time
_BLOCK = 10_000


def load_all(*, source: str, progress: Progress) -> int:
    """Load the whole list as the owner of the tables; the number of rows new or changed, 0 when it is already there.

    Into an empty table the rows go directly, frozen, and the indexes are built afterwards. Over an older list the
    names are brought up to date, new divisions begin and vanished ones end on the list's day; rows of this
    installation and recorded successors stay.
    """
    alias = "owner" if "owner" in connections.settings else DEFAULT_DB_ALIAS
    edition = dataset.edition()
    with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        cursor.execute("SELECT 1 FROM regions_loadedlist WHERE source = %s", [source])
        if cursor.fetchone():
            return 0
        # Building the indexes takes about as long as writing the rows: count them as work to do.
        total = edition.count * 2
        cursor.execute("SELECT EXISTS (SELECT FROM regions_division)")
        blocks = _counted(_blocks(dataset.entries(), source), edition.count, total, progress)
        if cursor.fetchone()[0]:
            count = _merge(cursor, blocks, source, edition.as_of)
        else:
            count = _fill(cursor, blocks, lambda part: progress(edition.count + round(edition.count * part), total))
        cursor.execute(
            "INSERT INTO regions_loadedlist (source, as_of, rows) VALUES (%s, %s, %s)",
            [source, edition.as_of, edition.count],
        )
        cursor.execute("ANALYZE regions_division")
        progress(total, total)
    return count


def load_some(entries: Iterable[Entry], *, source: str) -> int:
    """Add these divisions where they are missing, with the rights of the application; the number added."""
    with transaction.atomic(), connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        _stage(cursor, _blocks(entries, source))
        cursor.execute(
            f"INSERT INTO regions_division ({_COLUMNS}) SELECT {_COLUMNS} FROM staged ON CONFLICT (code) DO NOTHING"  # noqa: S608 - constants
        )
        count = int(cursor.rowcount)
        cursor.execute("DROP TABLE staged")
    return count


def _blocks(entries: Iterable[Entry], source: str) -> Iterator[str]:
    """Rows in COPY's text form, some thousands at a time. The shipped list holds no tab, backslash or line end."""
    rows = (
        f"{e.code}\t{e.parent}\t{e.level}\t{e.name}\t{e.short_name}\t{e.kind.value}\t{e.pinyin}\t{e.initials}\t{source}\n"
        for e in entries
    )
    while block := "".join(islice(rows, _BLOCK)):
        yield block


def _counted(blocks: Iterator[str], count: int, total: int, progress: Progress) -> Iterator[str]:
    done = 0
    for block in blocks:
        yield block
        done = min(done + _BLOCK, count)
        progress(done, total)


def _fill(cursor: Any, blocks: Iterator[str], progress: Callable[[float], None]) -> int:
    """COPY into the empty table, then build its indexes."""
    cursor.execute("SET LOCAL maintenance_work_mem = '256MB'")
    cursor.execute(
        """SELECT c.relname, pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
           WHERE i.indrelid = 'regions_division'::regclass AND NOT i.indisprimary ORDER BY 1"""
    )
    indexes = cursor.fetchall()
    for name, _definition in indexes:
        cursor.execute(f'DROP INDEX "{name}"')
    # Emptied in this very transaction, the table may take its rows frozen: no vacuum has to visit them again.
    cursor.execute("TRUNCATE regions_division")
    with cursor.copy(f"COPY regions_division ({_COLUMNS}) FROM STDIN (FREEZE)") as copy:
        for block in blocks:
            copy.write(block)
    for number, (_name, definition) in enumerate(indexes, 1):
        cursor.execute(definition)
        progress(number / len(indexes))
    cursor.execute("SELECT count(*) FROM regions_division")
    return int(cursor.fetchone()[0])


def _stage(cursor: Any, blocks: Iterator[str]) -> None:
    cursor.execute(
        f"CREATE TEMPORARY TABLE staged ON COMMIT DROP AS SELECT {_COLUMNS} FROM regions_division WITH NO DATA"  # noqa: S608 - constants
    )
    with cursor.copy(f"COPY staged ({_COLUMNS}) FROM STDIN") as copy:
        for block in blocks:
            copy.write(block)
    cursor.execute("ANALYZE staged")


def _merge(cursor: Any, blocks: Iterator[str], source: str, as_of: Any) -> int:
    """Bring a newer list over an older one."""
    _stage(cursor, blocks)
    cursor.execute("SELECT EXISTS (SELECT FROM regions_loadedlist)")
    begins = as_of if cursor.fetchone()[0] else None  # over a mere subset nothing is new in the world
    cursor.execute(
        f"""INSERT INTO regions_division AS d ({_COLUMNS}, valid_from) SELECT {_COLUMNS}, %s FROM staged
            ON CONFLICT (code) DO UPDATE SET name = excluded.name, short_name = excluded.short_name,
                kind = excluded.kind, pinyin = excluded.pinyin, initials = excluded.initials, source = excluded.source
            WHERE d.source <> 'local'
              AND (d.name, d.kind, d.source) IS DISTINCT FROM (excluded.name, excluded.kind, excluded.source)""",  # noqa: S608 - constants
        [begins],
    )
    count = int(cursor.rowcount)
    if begins is not None:
        cursor.execute(
            """UPDATE regions_division d SET valid_to = %s WHERE d.source <> 'local' AND d.valid_to IS NULL
               AND NOT EXISTS (SELECT FROM staged s WHERE s.code = d.code)""",
            [as_of],
        )
        count += int(cursor.rowcount)
    return count


def county_codes(counties: Iterable[str]) -> frozenset[str]:
    """12-digit codes from codes of any length."""
    return frozenset(codes.pad(code) for code in counties)
