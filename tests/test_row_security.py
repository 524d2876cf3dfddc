"""Every table with a person's data is behind row-level security, and raw SQL cannot get around it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import ProgrammingError, connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from psycopg import sql

from boai.kernel.scope import NOWHERE, Scope, current_scope, scoped, set_scope
from boai.web.middleware import WhoLooks
from tests.plugin import cluster

# A table is either behind a policy or stands here with its reason. New tables cannot be forgotten.
OPEN_TABLES = {
    "django_migrations": "schema history",
    "django_content_type": "names of models",
    "auth_permission": "names of permissions; unused, required by Django",
    "auth_group": "unused, required by Django",
    "auth_group_permissions": "unused, required by Django",
    "django_session": "random keys and signed bags; read before anybody is known",
    "kernel_cache": "cache; keys and short-lived counters",
    "kernel_rate": "keyed hashes and counters",
    "kernel_keyrotation": "names of keys and counters of rows",
    "audit_outbox": "ids of entries on their way into the log",
    "audit_inspection": "results of the log's check, public",
    "governance_ballot": "secret ballots: by design nothing in them leads to a person",
    "governance_ballotbox": "counted ballots, as above",
    "relief_case_door": "keyed hashes of case codes with a division, so that the portal can narrow its scope",
    "people_branch": "branches are public bodies",
    "people_post": "who holds which office; no personal facts beyond the user's id",
}
OPEN_PREFIXES = {
    "procrastinate_": "jobs carry ids and scopes, never names",
    "audit_leaf": "public log",
    "audit_node": "public log",
    "audit_checkpoint": "public log",
    "regions_": "public facts about divisions",
    "rulebook_": "public rules",
    "ledger_": "accounts by code, no names; see boai.ledger",
}

# Guarded tables of which somebody of another county may see more than their own division, and why.
SHOWN_TO_OTHERS = {
    "people_user": "the staff directory: whoever is signed in may look up who did what",
    "relief_programme": "what a branch offers is public",
    "relief_fund": "from which fund is public",
    "governance_publicnotice": "what was published is public",
}
BY_TOKEN = {"portal_draft"}  # seen by whoever shows the token, in no county
# Marks are made from anywhere: no step may fail because its object lies above the actor's division.
WRITTEN_BY_OTHERS = {"audit_entry", *SHOWN_TO_OTHERS}
OURS = Scope("621121000000", "621121999999", "0198c0de-0000-7000-8000-000000000001")
THEIRS = Scope("520624000000", "520624999999", "0198c0de-0000-7000-8000-000000000002")
PLACE = "621121001001"


def _tables() -> dict[str, bool]:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT c.relname, c.relrowsecurity AND EXISTS (
                   SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polqual IS NOT NULL)
               FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')"""
        )
        return dict(cursor.fetchall())


@pytest.mark.django_db
def test_every_table_is_guarded_or_has_a_reason() -> None:
    naked = [
        name
        for name, guarded in _tables().items()
        if not guarded and name not in OPEN_TABLES and not name.startswith(tuple(OPEN_PREFIXES))
    ]
    assert not naked, f"{naked}: tables without a row-security policy and without a reason"


@pytest.mark.django_db
def test_the_test_itself_sees_a_naked_table() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE probe (id int)")
    assert "probe" not in _tables()
    assert _tables()["people_user"] is True


@pytest.mark.django_db
def test_our_role_is_neither_owner_nor_above_the_policies() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT current_user, r.rolsuper OR r.rolbypassrls,
                      (SELECT count(*) FROM pg_class c JOIN pg_roles o ON o.oid = c.relowner
                       WHERE o.rolname = current_user AND c.relkind = 'r' AND c.relpersistence <> 't')
               FROM pg_roles r WHERE r.rolname = current_user"""
        )
        assert cursor.fetchone() == ("boai_app", False, 0)


@pytest.mark.django_db
def test_the_staff_directory_is_closed_to_the_open_internet(actor_for: object) -> None:
    actor_for("officer")  # type: ignore[operator]  # a fixture that makes actors
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM people_user")
        assert cursor.fetchone()[0] == 1
        with scoped(NOWHERE):
            cursor.execute("SELECT count(*) FROM people_user")
            assert cursor.fetchone()[0] == 0
        with scoped(Scope(user="somebody")):
            cursor.execute("SELECT count(*) FROM people_user")
            assert cursor.fetchone()[0] == 1


# --- the end of a request --------------------------------------------------------------------------


def _scope_now() -> tuple[Scope, Scope]:
    """What the database holds for this connection, and what the application believes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('boai.lo'), current_setting('boai.hi'), current_setting('boai.user')")
        return Scope(*(cursor.fetchone() or ())), current_scope()


def test_a_request_leaves_its_connection_closed(own_database: str) -> None:
    for path in ("/people/", "/accounts/login/", "/nowhere/at/all/", "/healthz"):
        set_scope(OURS)
        Client(raise_request_exception=False).get(path)
        assert _scope_now() == (NOWHERE, NOWHERE), path


def test_a_request_that_breaks_leaves_its_connection_closed(own_database: str) -> None:
    def breaks(request: HttpRequest) -> HttpResponse:
        set_scope(OURS)
        with connection.cursor() as cursor:
            cursor.execute("SELECT nonsense")
        return HttpResponse()

    request: Any = RequestFactory().get("/")
    request.session = {}
    with pytest.raises(ProgrammingError):
        WhoLooks(breaks)(request)
    assert _scope_now() == (NOWHERE, NOWHERE)


# --- raw SQL ---------------------------------------------------------------------------------------


@pytest.fixture
def bare(own_database: str) -> Iterator[psycopg.Connection[Any]]:
    """The superuser on a database of the test's own, in a transaction that is rolled back."""
    with cluster().admin(own_database) as admin:
        admin.autocommit = False
        yield admin
        admin.rollback()


def _guarded(admin: psycopg.Connection[Any]) -> list[str]:
    return [
        name
        for (name,) in admin.execute(
            """SELECT relname FROM pg_class c WHERE relrowsecurity AND relkind IN ('r', 'p')
               AND relnamespace = 'public'::regnamespace ORDER BY relname"""
        )
    ]


def _one_row(admin: psycopg.Connection[Any], table: str) -> list[tuple[str, str]]:
    """Put one row of nonsense from our county into a table, past all its constraints; the columns with their values."""
    name = sql.Identifier(table)
    admin.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER ALL").format(name))
    for (constraint,) in admin.execute(
        "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'c'", [table]
    ).fetchall():
        admin.execute(sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(name, sql.Identifier(constraint)))
    columns = admin.execute(
        """SELECT attname, typname FROM pg_attribute JOIN pg_type t ON t.oid = atttypid
           WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' AND attidentity = ''
             AND (attnotnull OR attname LIKE '%%region%%')""",
        [table],
    ).fetchall()
    row = [(column, _nonsense(column, type_)) for column, type_ in columns]
    _insert(admin, table, row)
    return row


def _nonsense(column: str, type_: str) -> str:
    if "region" in column:
        return PLACE
    known = {"uuid": "0198c0de-0000-7000-8000-0000000000ff", "bool": "f", "jsonb": "{}", "date": "2026-11-24",
             "timestamptz": "2026-11-24 10:00+08", "bytea": "x", "inet": "127.0.0.1", "daterange": "empty"}  # fmt: skip
    return known.get(type_, "1" if type_.startswith(("int", "numeric", "float")) else "{}" if type_[0] == "_" else "x")


def _insert(admin: psycopg.Connection[Any], table: str, row: list[tuple[str, str]]) -> None:
    admin.execute(
        sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
            sql.Identifier(table),
            sql.SQL(", ").join(sql.Identifier(column) for column, _value in row),
            sql.SQL(", ").join(sql.Placeholder() for _ in row),
        ),
        [value for _column, value in row],
    )


def _as_application(admin: psycopg.Connection[Any], scope: Scope) -> None:
    admin.execute("SET LOCAL ROLE boai_app")
    for name, value in (("lo", scope.lo), ("hi", scope.hi), ("user", scope.user)):
        admin.execute("SELECT set_config(%s, %s, true)", [f"boai.{name}", value])


def _attempt(admin: psycopg.Connection[Any], scope: Scope, statement: sql.Composed) -> int | str:
    """What raw SQL under a scope gets: the number of rows, or the refusal."""
    try:
        with admin.transaction(force_rollback=True):
            _as_application(admin, scope)
            return admin.execute(statement).rowcount
    except psycopg.errors.InsufficientPrivilege as refusal:
        return str(refusal).splitlines()[0]


def test_raw_sql_of_another_county_sees_and_changes_nothing(bare: psycopg.Connection[Any]) -> None:
    """Every guarded table, those of tomorrow too: one row of our county, looked for with plain SQL from another."""
    tables = _guarded(bare)
    assert len(tables) > 30, "the list itself is broken"
    leaks = []
    for table in tables:
        row = _one_row(bare, table)
        name = sql.Identifier(table)
        look = sql.SQL("SELECT FROM {}").format(name)
        forget = sql.SQL("DELETE FROM {}").format(name)
        if table not in BY_TOKEN and any(column == "region_code" for column, _value in row):
            seen = _attempt(bare, OURS, look)
            assert seen == 1, f"{table}: its own county gets {seen}: the test shows nothing"
        if table in SHOWN_TO_OTHERS:
            continue
        for scope in (THEIRS, NOWHERE, Scope(user=THEIRS.user)):
            if _attempt(bare, scope, look) != 0:
                leaks.append(f"{table} is seen by {scope}")
            if (gone := _attempt(bare, scope, forget)) != 0 and not str(gone).startswith("permission denied"):
                leaks.append(f"{table} is deleted by {scope}")
    assert not leaks, leaks
    bare.execute("CREATE POLICY forgotten ON relief_case TO boai_app USING (true)")
    assert _attempt(bare, THEIRS, sql.SQL("SELECT FROM {}").format(sql.Identifier("relief_case"))) == 1, "seen by this"


def test_raw_sql_puts_nothing_into_another_county(bare: psycopg.Connection[Any]) -> None:
    taken = []
    for table in _guarded(bare):
        row = _one_row(bare, table)
        bare.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
        if table in WRITTEN_BY_OTHERS:
            continue
        try:
            with bare.transaction(force_rollback=True):
                _as_application(bare, THEIRS)
                _insert(bare, table, row)
                taken.append(table)
        except psycopg.errors.InsufficientPrivilege:
            pass
    assert not taken, taken
