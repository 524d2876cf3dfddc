"""Row-level security from the application's side: what this request or job may see.

PostgreSQL policies compare each row's region code with two settings of the connection, `boai.lo` and `boai.hi`;
nothing is visible until somebody has set them. `boai.user` says that a member of staff is signed in (their
directory is hidden from the open internet). The settings guard against a view that forgets to ask, not against
arbitrary SQL: see docs/security.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from django.db import DatabaseError, connection
from psycopg.pq import TransactionStatus

SIGNING_IN = "signing-in"


@dataclass(frozen=True)
class Scope:
    """An inclusive range of 12-digit region codes, and who looks ("" = nobody signed in)."""

    lo: str = ""
    hi: str = ""
    user: str = ""


NOWHERE = Scope()
EVERYWHERE = Scope("000000000000", "999999999999", "system")

_current: ContextVar[Scope] = ContextVar("boai_scope", default=NOWHERE)


def current_scope() -> Scope:
    """The scope last set in this context."""
    return _current.get()


def set_scope(scope: Scope) -> None:
    """Set the connection's scope until it is set again. Survives commits; a rollback keeps it too (set outside)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('boai.lo', %s, false), set_config('boai.hi', %s, false),"
            " set_config('boai.user', %s, false)",
            [scope.lo, scope.hi, scope.user],
        )
    _current.set(scope)


@contextmanager
def scoped(scope: Scope) -> Iterator[None]:
    """Run a block under `scope`, then put the former scope back; the block's own failure is the one that is heard."""
    before = _current.get()
    set_scope(scope)
    try:
        yield
    except BaseException:
        _put_back(before)
        raise
    _current.set(before)
    set_scope(before)


def _put_back(before: Scope) -> None:
    """After a failure. A connection that cannot be narrowed again is closed: the next one sees nothing."""
    _current.set(before)
    if _is_aborted():
        return  # no statement runs; the rollback itself restores the settings made inside the transaction
    try:
        set_scope(before)
    except DatabaseError:
        connection.close()


def _is_aborted() -> bool:
    """Has the transaction that we are in failed? Django knows only of failures that it has seen itself."""
    if not connection.in_atomic_block or connection.connection is None:
        return False
    status = connection.connection.info.transaction_status
    return connection.needs_rollback or status == TransactionStatus.INERROR
