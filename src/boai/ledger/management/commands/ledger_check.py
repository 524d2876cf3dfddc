"""`ledger_check`: add up every transfer again and hold the sums against the balances."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from boai.kernel.scope import EVERYWHERE, scoped
from boai.ledger.queries import fold_check


class Command(BaseCommand):
    """Prints what the books contradict; ends with an error when there is anything."""

    help = "Check the books: balances against transfers, limits against accounts, lines against documents."

    def handle(self, *args: Any, **options: Any) -> None:
        with scoped(EVERYWHERE):
            drifts = fold_check()
        if drifts:
            raise CommandError("\n".join(f"{drift.what}: {drift.where}" for drift in drifts))
        self.stdout.write("the books are in order")
