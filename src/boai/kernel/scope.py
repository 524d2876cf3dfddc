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

from django.db import connection

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
    """Run a block under `scope`, then put the former scope back."""
    before = _current.get()
    set_scope(scope)
    try:
        yield
    finally:
        _current.set(before)
        # In an aborted transaction no statement runs; the rollback itself restores the settings made inside it.
        if not (connection.in_atomic_block and connection.needs_rollback):
            set_scope(before)
