"""Codes of the ledger. It counts; what is counted and why is known to the apps above."""

from __future__ import annotations

from uuid import UUID

from django.db import models
from django.utils.translation import pgettext_lazy

CNY = UUID("c4e10000-0000-7000-8000-000000000001")
"""The unit of money: yuan, counted in fen."""


class Kind(models.TextChoices):
    """What a unit measures; an account holds one kind only."""

    MONEY = "M", pgettext_lazy("ledger", "money")
    GOODS = "G", pgettext_lazy("ledger", "goods")
    POINTS = "P", pgettext_lazy("ledger", "points")
    MINUTES = "T", pgettext_lazy("ledger", "minutes")


class Rule(models.IntegerChoices):
    """What the database never lets happen to an account."""

    FREE = 0, pgettext_lazy("ledger", "no limit")
    CREDIT = (
        1,
        pgettext_lazy("ledger", "debits within credits"),
    )  # a fund, something owed: never spent beyond what came in
    DEBIT = (
        2,
        pgettext_lazy("ledger", "credits within debits"),
    )  # a bank account, a shelf, a receivable: never taken beyond what is there


class Phase(models.IntegerChoices):
    """A transfer moves at once, or is reserved first and then posted (in whole or in part) or given up."""

    POSTED = 0, pgettext_lazy("ledger", "posted")
    PENDING = 1, pgettext_lazy("ledger", "reserved")
    POST = 2, pgettext_lazy("ledger", "reservation posted")
    VOID = 3, pgettext_lazy("ledger", "reservation given up")
