"""What a connection may see ends with the request or the job, however that ends, and on whatever connection."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, ProgrammingError, connection, connections, transaction
from django.db.utils import DatabaseError

from boai.kernel.scope import EVERYWHERE, NOWHERE, Scope, current_scope, scoped, set_scope

TONGWEI = Scope("621121000000", "621121999999", "somebody")
TAKEN = "INSERT INTO django_content_type (app_label, model) SELECT app_label, model FROM django_content_type LIMIT 1"


def _seen() -> Scope:
    """What the database itself holds for the scope of this connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('boai.lo', true), current_setting('boai.hi', true),"
                       " current_setting('boai.user', true)")  # fmt: skip
        return Scope(*(value or "" for value in cursor.fetchone() or ()))


def _run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def _both() -> tuple[Scope, Scope]:
    return _seen(), current_scope()


def test_a_plain_failure_puts_the_scope_back(own_database: str) -> None:
    for opened in (scoped(TONGWEI), transaction.atomic()):
        with pytest.raises(KeyError), opened, scoped(TONGWEI):
            raise KeyError
        assert _both() == (EVERYWHERE, EVERYWHERE)


def test_a_failure_of_the_database_is_heard_as_itself(own_database: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic(), scoped(TONGWEI):
        _run(TAKEN)
    assert _both() == (EVERYWHERE, EVERYWHERE)
    with pytest.raises(ProgrammingError), transaction.atomic(), scoped(TONGWEI), scoped(NOWHERE):
        _run("SELECT nonsense")
    assert _both() == (EVERYWHERE, EVERYWHERE)


def test_a_failure_inside_a_savepoint_leaves_the_outer_scope(own_database: str) -> None:
    with transaction.atomic(), scoped(TONGWEI):
        with pytest.raises(IntegrityError), transaction.atomic(), scoped(NOWHERE):
            _run(TAKEN)
        assert _both() == (TONGWEI, TONGWEI)
    assert _both() == (EVERYWHERE, EVERYWHERE)


def test_a_scope_opened_in_a_transaction_outlives_its_commit_no_longer_than_its_block(own_database: str) -> None:
    with scoped(TONGWEI):
        with transaction.atomic():
            pass
        assert _both() == (TONGWEI, TONGWEI)
    assert _both() == (EVERYWHERE, EVERYWHERE)


def test_a_connection_that_breaks_comes_back_closed(own_database: str) -> None:
    with pytest.raises(OperationalError), scoped(EVERYWHERE):
        _run("SELECT pg_terminate_backend(pg_backend_pid())")
    assert _seen() == NOWHERE


@pytest.fixture
def pooled(own_database: str) -> Iterator[None]:
    """One server connection that every request and job hands on to the next one."""
    options, age = connection.settings_dict["OPTIONS"], connection.settings_dict["CONN_MAX_AGE"]
    connections.close_all()
    connection.settings_dict["OPTIONS"] = options | {"pool": {"min_size": 1, "max_size": 1}}
    connection.settings_dict["CONN_MAX_AGE"] = 0
    try:
        yield
    finally:
        connections.close_all()
        connection.close_pool()  # type: ignore[attr-defined]  # of PostgreSQL's wrapper
        connection.settings_dict["OPTIONS"], connection.settings_dict["CONN_MAX_AGE"] = options, age


@pytest.mark.parametrize("fails", [False, True])
def test_a_pooled_connection_is_handed_on_without_scope(pooled: None, fails: bool) -> None:
    def job() -> int:
        with scoped(TONGWEI):
            _run("SELECT 1" if not fails else "SELECT nonsense")
        return 0

    set_scope(NOWHERE)
    first = _backend()
    with pytest.raises(DatabaseError) if fails else transaction.atomic():
        job()
    connection.close()
    assert _backend() == first, "not the same server connection: the test shows nothing"
    assert _seen() == NOWHERE


def _backend() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int((cursor.fetchone() or (0,))[0])


def test_threads_do_not_share_a_scope(own_database: str, race: Callable[..., list[Any]]) -> None:
    both_set = threading.Barrier(2)

    def look(scope: Scope) -> Callable[[], tuple[Scope, Scope]]:
        def run() -> tuple[Scope, Scope]:
            with scoped(scope):
                both_set.wait(10)
                return _both()

        return run

    other = Scope("520624000000", "520624999999", "another")
    assert race([look(TONGWEI), look(other)]) == [(TONGWEI, TONGWEI), (other, other)]
