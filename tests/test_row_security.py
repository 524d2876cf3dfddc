"""Every table with a person's data is behind row-level security, and raw SQL cannot get around it."""

from __future__ import annotations

import pytest
from django.db import connection

from boai.kernel.scope import NOWHERE, Scope, scoped

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
    "account_emailaddress": "allauth; unused (sign-in is by user name), empty",
    "account_emailconfirmation": "allauth; unused, empty",
    "mfa_authenticator": "sealed second factors of staff; read before anybody is known",
    "usersessions_usersession": "sessions of staff, shown to their owner",
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
