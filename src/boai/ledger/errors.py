"""Why the ledger refuses."""

from __future__ import annotations

from boai.kernel.errors import UnableTo


class NotEnough(UnableTo):
    """An account would give more than it has, reservations included."""


class KeyReused(UnableTo):
    """A document with this key exists and says something else."""


class AccountClosed(UnableTo):
    """Nothing moves on a closed account."""


class NotReserved(UnableTo):
    """There is no such open reservation: it was posted or given up before, or the amount is beyond it."""
